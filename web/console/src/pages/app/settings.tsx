// An app's name, its portals, and its end.
import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, need, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { Button, Copyable, Facts, Failure, Notice, Panel } from "../../ui/basics";
import { TextField } from "../../ui/fields";
import { Confirm, useSubmit } from "../../ui/overlays";
import { ClearStorage } from "../../people/storage";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { AppSessionLimits } from "./limits";
import { AppOpening } from "./opening";
import { AppOrigins } from "./origins";
import { PortalLines, portalsOf } from "./portals";

type App = Schemas["App"];

export const appUrl = (app: { id: string }) => `${location.origin}/embed-apps/${app.id}`;

export function AppPortals({ app }: { app: App }) {
    const client = useQueryClient();
    const mayWrite = useCan()("apps:write");
    const [lines, setLines] = useState<string[]>(app.portals.length === 0 ? [""] : app.portals);
    const { submit, busy, error } = useSubmit(async () => {
        const next = await need(
            api.PATCH("/api/v1/apps/{id}", {
                params: { path: { id: app.id } },
                body: { portals: portalsOf(lines) },
            }),
        );
        setLines(next.portals.length === 0 ? [""] : next.portals);
        toast("Saved");
        await Promise.all(
            [["app", app.id], ["apps"], ["getting-started"]].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
    });
    return (
        <form onSubmit={submit} className="narrow">
            <Panel
                title="Portals"
                lead="Browsers show the app only inside of pages of these origins. It counts with the next page load."
                foot={
                    mayWrite ? (
                        <Button type="submit" kind="primary" busy={busy}>
                            Save
                        </Button>
                    ) : undefined
                }
            >
                <div className="stack">
                    {app.portals.length === 0 && (
                        <Notice tone="warn">No page may show this app yet. Name the origin of your portal.</Notice>
                    )}
                    <PortalLines lines={lines} onChange={setLines} disabled={!mayWrite} />
                    <Failure error={error} />
                </div>
            </Panel>
        </form>
    );
}

export function AppSettings({ app }: { app: App }) {
    const client = useQueryClient();
    const [, navigate] = useLocation();
    const can = useCan();
    const mayWrite = can("apps:write");
    const [name, setName] = useState(app.name);
    const [slug, setSlug] = useState(app.slug);
    const [leaving, setLeaving] = useState(false);
    const { submit, busy, error } = useSubmit(async () => {
        await need(
            api.PATCH("/api/v1/apps/{id}", {
                params: { path: { id: app.id } },
                body: { name: name.trim(), slug: slug.trim() },
            }),
        );
        toast("Saved");
        await Promise.all([["app", app.id], ["apps"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    });
    const remove = async () => {
        await need(api.DELETE("/api/v1/apps/{id}", { params: { path: { id: app.id } } }));
        toast(`Deleted ${app.name}`);
        navigate("/apps", { replace: true });
        await client.invalidateQueries({ queryKey: ["apps"] });
    };
    return (
        <div className="stack-l narrow">
            <Panel title="For your portal" lead="What a portal's server needs to ask for a link to this app.">
                <Facts
                    facts={[
                        ["App URL", <Copyable key="url" text={appUrl(app)} what="the app's URL" />],
                        ["App UUID", <Copyable key="id" text={app.id} what="the app's UUID" />],
                        ["Created", <Time key="time" time={app.createdAt} absolute />],
                    ]}
                />
            </Panel>
            <AppOrigins app={app} />
            <AppSessionLimits app={app} />
            {mayWrite && (
                <>
                    <form onSubmit={submit}>
                        <Panel
                            title="Name"
                            foot={
                                <Button
                                    type="submit"
                                    kind="primary"
                                    busy={busy}
                                    isDisabled={
                                        name.trim() === "" ||
                                        slug.trim() === "" ||
                                        (name === app.name && slug === app.slug)
                                    }
                                >
                                    Save
                                </Button>
                            }
                        >
                            <div className="stack">
                                <TextField label="Name" value={name} onChange={setName} required maxLength={128} />
                                <TextField
                                    label="Slug"
                                    code
                                    value={slug}
                                    onChange={setSlug}
                                    required
                                    maxLength={63}
                                    hint="Lower-case letters, digits and single hyphens. Portals can name the app by it."
                                />
                                <Failure error={error} />
                            </div>
                        </Panel>
                    </form>
                    <AppOpening app={app} />
                </>
            )}
            {can("sessions:write") && (
                <Panel
                    title="What browsers keep"
                    lead="If browsers hold on to something broken or hacked: each address of the app clears its caches, local data and service workers once, when it is opened next."
                >
                    <ClearStorage appId={app.id} of={app.name} />
                </Panel>
            )}
            {mayWrite && (
                <>
                    <Panel
                        title="Delete the app"
                        lead="Its releases and branches are deleted with it. Links are void and sessions end at once."
                    >
                        <Button kind="danger" icon={Trash2} onPress={() => setLeaving(true)}>
                            Delete this app
                        </Button>
                    </Panel>
                </>
            )}
            <Confirm
                title={`Delete ${app.name}?`}
                action="Delete app"
                open={leaving}
                onClose={() => setLeaving(false)}
                onConfirm={remove}
            >
                Its releases, branches, links and sessions go with it. This cannot be undone.
            </Confirm>
        </div>
    );
}
