// The embed tester: who opens which app, the request for it, and the app itself.
import type { Link } from "@inlay/embed";
import { useQuery } from "@tanstack/react-query";
import { FlaskConical, Play } from "lucide-react";
import { useState } from "react";
import { api, need, wordsOf } from "../api/client";
import { pretty } from "../api/json";
import { useCan } from "../me";
import { askForLink, subjectOf } from "../tester/ask";
import { inLanguage, LANGUAGES, type Language } from "../tester/code";
import { Decision } from "../tester/decision";
import { emptyForm, lookOf, missing, parseMetadata, requestOf, type Contract, type Form } from "../tester/form";
import { Preview } from "../tester/preview";
import { useFilters } from "../ui/address";
import { Button, CodeBlock, Empty, Panel } from "../ui/basics";
import { Segments, Select, TextField, type Choice } from "../ui/fields";
import { PageHead } from "../ui/page";
import { AppPicker, GroupsPicker, UserPicker } from "../ui/pickers";
import { toast } from "../ui/toast";
import "../styles/events.css";
import "../styles/people.css";
import "../styles/tester.css";

const CONTRACTS: { id: Contract; name: string }[] = [
    { id: "retool", name: "Embed URL" },
    { id: "tooljet", name: "Personal access token" },
];

const ABOUT: Record<Contract, string> = {
    retool:
        "Retool's contract: the portal says who the user is, as which groups they act, and what the app shall know. " +
        "The link opens once.",
    tooljet:
        "ToolJet's contract: for an internal user, by email address. The user has to be in a group that may use the app. " +
        "The link opens until it expires.",
};

const LISTED_MAX = 200;

function useEnvironments(): Choice[] {
    const { data } = useQuery({
        queryKey: ["environments", "all"],
        queryFn: () => need(api.GET("/api/v1/environments", { params: { query: { limit: LISTED_MAX } } })),
    });
    return (data?.items ?? [{ name: "production" }]).map(({ name }) => ({ id: name, name }));
}

/** What of an app can be shown: the current release, another one, or a branch. */
function useContents(id: string): Choice[] {
    const params = { params: { path: { id }, query: { limit: LISTED_MAX } } };
    const releases = useQuery({
        queryKey: ["releases", id, "all"],
        queryFn: () => need(api.GET("/api/v1/apps/{id}/releases", params)),
        enabled: id !== "",
    });
    const branches = useQuery({
        queryKey: ["branches", id, "all"],
        queryFn: () => need(api.GET("/api/v1/apps/{id}/branches", params)),
        enabled: id !== "",
    });
    return [
        { id: "", name: "The current release" },
        ...(releases.data?.items ?? []).map(({ version, current }) => ({
            id: `release:${version}`,
            name: version,
            ...(current ? { note: "current" } : {}),
        })),
        ...(branches.data?.items ?? []).map(({ name }) => ({ id: `branch:${name}`, name, note: "branch" })),
    ];
}

interface FieldsProps {
    form: Form;
    set: (changes: Partial<Form>) => void;
}

function RetoolFields({ form, set }: FieldsProps) {
    const [known, setKnown] = useState("");
    const environments = useEnvironments();
    const contents = useContents(form.appId);
    const takeOver = (id: string) => {
        setKnown(id);
        if (id !== "") {
            need(api.GET("/api/v1/users/{id}", { params: { path: { id } } }))
                .then((user) =>
                    set({
                        externalIdentifier: user.externalIdentifier ?? "",
                        email: user.email ?? "",
                        firstName: user.firstName ?? "",
                        lastName: user.lastName ?? "",
                        metadata: Object.keys(user.metadata).length > 0 ? pretty(user.metadata) : "",
                    }),
                )
                .catch((error: unknown) => toast(wordsOf(error), "bad"));
        }
    };
    return (
        <>
            <GroupsPicker
                label="Groups"
                value={form.groups}
                onChange={(groups) => set({ groups })}
                hint="As which the user acts. One of them has to be allowed to use the app."
            />
            <TextField
                label="External identifier"
                code
                value={form.externalIdentifier}
                onChange={(externalIdentifier) => set({ externalIdentifier })}
                maxLength={256}
                hint="Your portal's own name for the user."
            />
            <UserPicker
                label="Or somebody who was here before"
                kind="external"
                value={known}
                onChange={takeOver}
                placeholder="Fills in what is known"
            />
            <TextField
                label="Metadata"
                optional
                code
                rows={4}
                value={form.metadata}
                onChange={(metadata) => set({ metadata })}
                wrong={parseMetadata(form).wrong}
                placeholder={'{"storeId": 51}'}
            />
            <details className="more">
                <summary>Name, environment, release, look and times</summary>
                <div className="stack">
                    <div className="pairs">
                        <TextField
                            label="First name"
                            optional
                            value={form.firstName}
                            onChange={(firstName) => set({ firstName })}
                            maxLength={128}
                        />
                        <TextField
                            label="Last name"
                            optional
                            value={form.lastName}
                            onChange={(lastName) => set({ lastName })}
                            maxLength={128}
                        />
                    </div>
                    <TextField
                        label="Email"
                        optional
                        type="email"
                        value={form.email}
                        onChange={(email) => set({ email })}
                        maxLength={254}
                    />
                    <div className="pairs">
                        <Select
                            label="Environment"
                            choices={environments}
                            value={form.environment}
                            onChange={(environment) => set({ environment })}
                        />
                        <Select
                            label="Release or branch"
                            choices={contents}
                            value={contents.some(({ id }) => id === form.content) ? form.content : ""}
                            onChange={(content) => set({ content })}
                        />
                    </div>
                    <LookFields form={form} set={set} />
                    <TextField
                        label="Minutes that the session lasts"
                        optional
                        inputMode="numeric"
                        value={form.minutes}
                        onChange={(minutes) => set({ minutes })}
                        placeholder="1440"
                        hint="10 to 43200."
                    />
                </div>
            </details>
        </>
    );
}

const THEMES: Choice[] = [
    { id: "", name: "Not set" },
    { id: "light", name: "Light" },
    { id: "dark", name: "Dark" },
    { id: "system", name: "System" },
];

/** For both contracts. */
function LookFields({ form, set }: FieldsProps) {
    return (
        <div className="pairs">
            <Select label="Theme" choices={THEMES} value={form.theme} onChange={(theme) => set({ theme })} />
            <TextField
                label="Locale"
                optional
                code
                value={form.locale}
                onChange={(locale) => set({ locale })}
                maxLength={35}
                placeholder="pt-BR"
            />
        </div>
    );
}

function ToolJetFields({ form, set }: FieldsProps) {
    return (
        <>
            <UserPicker
                label="User"
                kind="internal"
                value={form.userId}
                onChange={(userId) => set({ userId })}
                placeholder="Name or email"
            />
            <div className="pairs">
                <TextField
                    label="Minutes that the session lasts"
                    optional
                    inputMode="numeric"
                    value={form.minutes}
                    onChange={(minutes) => set({ minutes })}
                    placeholder="60"
                />
                <TextField
                    label="Seconds that the token lives"
                    optional
                    inputMode="numeric"
                    value={form.linkSeconds}
                    onChange={(linkSeconds) => set({ linkSeconds })}
                    placeholder="3600"
                />
            </div>
            <LookFields form={form} set={set} />
        </>
    );
}

export default function Tester() {
    const can = useCan();
    const [address] = useFilters(["appId"]);
    const [form, setForm] = useState<Form>({ ...emptyForm, appId: address.appId });
    const [language, setLanguage] = useState<Language>("curl");
    const [asked, setAsked] = useState<{ getUrl: () => Promise<Link> } | null>(null);
    const set = (changes: Partial<Form>) => setForm((before) => ({ ...before, ...changes }));
    const user = useQuery({
        queryKey: ["user", form.userId],
        queryFn: () => need(api.GET("/api/v1/users/{id}", { params: { path: { id: form.userId } } })),
        enabled: form.userId !== "",
    });
    const email = form.userId === "" ? "" : (user.data?.email ?? "");
    const request = requestOf(form, location.origin, email);
    const lacking = missing(form, email);
    const mayOpen = can("embed");
    const subject = subjectOf(form);
    const look = lookOf(form);

    return (
        <>
            <PageHead
                title="Embed tester"
                lead="See what a user sees, and what a portal's server has to ask for. Tries are not counted as usage."
            />
            <div className="stack-l">
                <div className="tester">
                    <Panel
                        title="The link"
                        lead={ABOUT[form.contract]}
                        actions={
                            <Segments
                                label="Contract"
                                choices={CONTRACTS}
                                value={form.contract}
                                onChange={(contract) => set({ contract })}
                            />
                        }
                        foot={
                            <>
                                <p className="hint">{mayOpen ? lacking : "Your role may not open apps."}</p>
                                <Button
                                    kind="primary"
                                    icon={Play}
                                    isDisabled={lacking !== null || !mayOpen}
                                    onPress={() =>
                                        setAsked({ getUrl: () => askForLink(subject, look, form.path.trim()) })
                                    }
                                >
                                    {asked === null ? "Open the app" : "Open with these"}
                                </Button>
                            </>
                        }
                    >
                        <div className="stack">
                            <AppPicker
                                label="App"
                                value={form.appId}
                                onChange={(appId) => set({ appId, content: "" })}
                                placeholder="Name or slug"
                            />
                            <TextField
                                label="Page of the app"
                                optional
                                code
                                value={form.path}
                                onChange={(path) => set({ path })}
                                maxLength={2048}
                                placeholder="/orders/5?tab=items"
                                hint="Where the link leads, instead of the app's start path."
                            />
                            {form.contract === "retool" ? (
                                <RetoolFields form={form} set={set} />
                            ) : (
                                <ToolJetFields form={form} set={set} />
                            )}
                            {lacking === null && mayOpen && <Decision subject={subject} />}
                        </div>
                    </Panel>
                    <Panel
                        title="The request"
                        lead="For your portal's server. The token stays there: it needs the scope App: Embed."
                        actions={
                            <Segments
                                label="Language"
                                choices={[...LANGUAGES]}
                                value={language}
                                onChange={setLanguage}
                            />
                        }
                    >
                        <CodeBlock label="the request" text={inLanguage(language, request)} />
                    </Panel>
                </div>
                {asked === null ? (
                    <div className="panel-empty">
                        <Empty icon={FlaskConical} title="The app appears here">
                            In a frame as in a portal's page, with the messages that it exchanges with the page.
                        </Empty>
                    </div>
                ) : (
                    <Preview getUrl={asked.getUrl} name="The app" />
                )}
            </div>
        </>
    );
}
