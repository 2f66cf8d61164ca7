// How an app opens: where links lead, how they come, and what browsers may do with it.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, need, type Schemas } from "../../api/client";
import { Button, Failure, Notice, Panel } from "../../ui/basics";
import { Checkbox, Options, TextField } from "../../ui/fields";
import { useSubmit } from "../../ui/overlays";
import { toast } from "../../ui/toast";

type App = Schemas["App"];

const TABS: { id: App["topLevel"]; name: string; note: string }[] = [
    {
        id: "own-pages",
        name: "Only its own pages can open it",
        note: "Such as a PDF, a print view or a download that the app opens. Everything else is refused.",
    },
    {
        id: "any-page",
        name: "Any page, a bookmark, and the address bar can",
        note: "Where the tab has the app's session: if the portal is on the same site as the app. Other pages of that site can then hold on to the app's window.",
    },
];

const WORKERS: { id: App["serviceWorkers"]; name: string; note: string }[] = [
    {
        id: "guarded",
        name: "Guarded",
        note: "They work offline as they should, and never see links.",
    },
    {
        id: "unguarded-imports",
        name: "Guarded, except for modules that they import",
        note: "For an app whose worker doesn't start otherwise. Choose it only if you trust everything it imports: imported modules can read links.",
    },
    { id: "off", name: "Off", note: "The app can't install any, and those that browsers have are removed." },
];

const settingsOf = ({ startPath, strict, topLevel, serviceWorkers }: App) => ({
    startPath,
    strict,
    topLevel,
    serviceWorkers,
});

export function AppOpening({ app }: { app: App }) {
    const client = useQueryClient();
    const saved = settingsOf(app);
    const [form, setForm] = useState(saved);
    const set = (changes: Partial<typeof saved>) => setForm((before) => ({ ...before, ...changes }));
    const { submit, busy, error } = useSubmit(async () => {
        const next = await need(
            api.PATCH("/api/v1/apps/{id}", {
                params: { path: { id: app.id } },
                body: { ...form, startPath: form.startPath.trim() || "/" },
            }),
        );
        setForm(settingsOf(next));
        toast("Saved");
        await Promise.all([["app", app.id], ["apps"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    });
    const isChanged = JSON.stringify(form) !== JSON.stringify(saved);
    return (
        <form onSubmit={submit}>
            <Panel
                title="Opening"
                lead="How links open the app, and what browsers may do with it. Changes apply from the next page load."
                foot={
                    <Button type="submit" kind="primary" busy={busy} isDisabled={!isChanged}>
                        Save
                    </Button>
                }
            >
                <div className="stack-l">
                    <TextField
                        label="Start path"
                        code
                        value={form.startPath}
                        onChange={(startPath) => set({ startPath })}
                        maxLength={2048}
                        placeholder="/"
                        hint="Where links lead that name no page of the app."
                    />
                    <div className="stack">
                        <Checkbox
                            selected={form.strict}
                            onChange={(strict) => set({ strict })}
                            note="Portals post links into their frames instead of putting them into URLs, which end up in logs and histories."
                        >
                            Strict: no secret in a URL
                        </Checkbox>
                        {form.strict && !app.strict && (
                            <Notice tone="warn">
                                Links in URLs no longer open the app, not even those that exist already. Portals with a
                                current @inlay/embed need no change as long as their server passes on the whole
                                response; others post <code>secret</code> by a form.
                            </Notice>
                        )}
                    </div>
                    <Options
                        label="The app in a tab of its own"
                        choices={TABS}
                        value={form.topLevel}
                        onChange={(topLevel) => set({ topLevel })}
                    />
                    <Options
                        label="Service workers"
                        choices={WORKERS}
                        value={form.serviceWorkers}
                        onChange={(serviceWorkers) => set({ serviceWorkers })}
                    />
                    <Failure error={error} />
                </div>
            </Panel>
        </form>
    );
}
