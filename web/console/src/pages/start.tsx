// The first steps: from an empty instance to an app in a portal's page. Each is ticked off when it is done, wherever.
import { useQuery } from "@tanstack/react-query";
import { Check, FlaskConical } from "lucide-react";
import type { ReactNode } from "react";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { STEPS, useStarted, type Step } from "../started";
import { ButtonLink, CodeBlock, Failure, Skeleton } from "../ui/basics";
import { PageHead } from "../ui/page";
import "../styles/start.css";

function useFirst() {
    const query = { limit: 1 };
    const apps = useQuery({
        queryKey: ["apps", "first"],
        queryFn: () => need(api.GET("/api/v1/apps", { params: { query } })),
    });
    const app = apps.data?.items[0];
    const groups = useQuery({
        queryKey: ["groups", "first", app?.id],
        queryFn: () => need(api.GET("/api/v1/groups", { params: { query: { ...query, appId: app!.id } } })),
        enabled: app !== undefined,
    });
    return { app, group: groups.data?.items[0] };
}

/** As a portal's server would ask. */
function request(app: Schemas["App"] | undefined, group: Schemas["Group"] | undefined): string {
    const body = {
        landingPageUuid: app?.id ?? "<app UUID>",
        groupIds: [group?.id ?? "<group ID>"],
        externalIdentifier: "customer-1",
    };
    return [
        `curl ${location.origin}/api/embed-url/external-user \\`,
        `  -H "Authorization: Bearer $INLAY_TOKEN" \\`,
        `  -H "Content-Type: application/json" \\`,
        `  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`,
    ].join("\n");
}

interface StepProps {
    number: number;
    done: boolean;
    /** The first that is not done. */
    next: boolean;
    title: string;
    children: ReactNode;
}

function StepItem({ number, done, next, title, children }: StepProps) {
    return (
        <li className={`step ${done ? "done" : ""} ${next ? "next" : ""}`} aria-current={next ? "step" : undefined}>
            <span className="step-mark" aria-hidden>
                {done ? <Check size={15} strokeWidth={3} /> : number}
            </span>
            <div className="stack-s">
                <h2>
                    {title} {done && <span className="hidden-visually">(done)</span>}
                </h2>
                {!done && children}
            </div>
        </li>
    );
}

export default function Start() {
    const can = useCan();
    const { data: steps, error } = useStarted(true);
    const { app, group } = useFirst();
    if (steps === undefined) {
        return error === null ? <Skeleton /> : <Failure error={error} />;
    }
    const next = STEPS.find((step) => !steps[step]);
    const step = (name: Step) => ({ number: STEPS.indexOf(name) + 1, done: steps[name], next: next === name });
    const appPage = app === undefined ? "/apps" : `/apps/${app.id}`;
    return (
        <>
            <PageHead
                title={next === undefined ? "All set" : "Getting started"}
                lead={
                    next === undefined
                        ? "An app of yours was shown in a portal's page."
                        : "Five steps from here to an app in your portal's page. Each is ticked off by itself."
                }
            />
            <ol className="steps">
                <StepItem {...step("app")} title="Create an app">
                    <p>
                        A folder of static files, or a server that runs somewhere already. Say who may use it on the
                        way.
                    </p>
                    <div className="row">
                        <ButtonLink href="/apps/new" kind="primary">
                            Create an app
                        </ButtonLink>
                    </div>
                </StepItem>
                <StepItem {...step("portal")} title="Name your portal">
                    <p>
                        The origin of the page that shows the app, such as <code>https://portal.example.com</code>. No
                        other page can.
                    </p>
                    <div className="row">
                        <ButtonLink
                            href={app === undefined ? "/apps" : `${appPage}/portals`}
                            kind={next === "portal" ? "primary" : "plain"}
                        >
                            Add its origin
                        </ButtonLink>
                    </div>
                </StepItem>
                <StepItem {...step("apiToken")} title="Make an API token">
                    <p>Your portal's server asks Inlay for links with it. The scope App: Embed is all it needs.</p>
                    {can("api-tokens:write") ? (
                        <div className="row">
                            <ButtonLink href="/settings/api?new" kind={next === "apiToken" ? "primary" : "plain"}>
                                Create a token
                            </ButtonLink>
                        </div>
                    ) : (
                        <p className="hint">An admin can make one.</p>
                    )}
                </StepItem>
                <StepItem {...step("link")} title="Ask for the first link">
                    <p>From your portal's server, for the user who is signed in there:</p>
                    {next === "link" && <CodeBlock label="the request" text={request(app, group)} />}
                    {next === "link" && group === undefined && (
                        <p className="hint">No group may use the app yet. Add one on the app's page, under Access.</p>
                    )}
                    <div className="row">
                        <ButtonLink
                            href={app === undefined ? "/tester" : `/tester?appId=${app.id}`}
                            icon={FlaskConical}
                        >
                            Try it in the embed tester
                        </ButtonLink>
                    </div>
                </StepItem>
                <StepItem {...step("view")} title="Show it in your page">
                    <p>
                        Put the <code>embedUrl</code> of the answer into a frame. A link opens once, within minutes: ask
                        for a new one for each page view.
                    </p>
                    {next === "view" && (
                        <CodeBlock label="the frame" text={'<iframe src="…the embedUrl…" title="My app"></iframe>'} />
                    )}
                </StepItem>
            </ol>
            {next === undefined && (
                <div className="row">
                    <ButtonLink href="/apps" kind="primary">
                        To your apps
                    </ButtonLink>
                    <ButtonLink href="/usage">See usage</ButtonLink>
                </div>
            )}
        </>
    );
}
