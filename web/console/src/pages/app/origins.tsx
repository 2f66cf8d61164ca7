// Which metadata makes an origin of its own, and which doesn't.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, need, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { ManyOrigins } from "../../people/origins";
import { Button, Failure, Panel } from "../../ui/basics";
import { TextField } from "../../ui/fields";
import { useSubmit } from "../../ui/overlays";
import { toast } from "../../ui/toast";

const namesOf = (text: string) =>
    text
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");

export function AppOrigins({ app }: { app: Schemas["App"] }) {
    const client = useQueryClient();
    const mayWrite = useCan()("apps:write");
    const [names, setNames] = useState(app.volatileMetadata.join(", "));
    const { submit, busy, error } = useSubmit(async () => {
        const next = await need(
            api.PATCH("/api/v1/apps/{id}", {
                params: { path: { id: app.id } },
                body: { volatileMetadata: namesOf(names) },
            }),
        );
        setNames(next.volatileMetadata.join(", "));
        toast("Saved");
        await Promise.all([["app", app.id], ["apps"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    });
    return (
        <form onSubmit={submit}>
            <Panel
                title="Origins"
                lead="A user whose link carries other claims gets another origin, where the app's storage is empty."
                foot={
                    mayWrite ? (
                        <Button type="submit" kind="primary" busy={busy}>
                            Save
                        </Button>
                    ) : undefined
                }
            >
                <div className="stack">
                    <ManyOrigins query={{ appId: app.id }} />
                    <TextField
                        label="Metadata that doesn't change the origin"
                        optional
                        code
                        value={names}
                        onChange={setNames}
                        disabled={!mayWrite}
                        placeholder="latestLogin"
                        hint="Names, separated by commas. The app still gets their values, which are those of the user’s newest link in all of their sessions."
                    />
                    <Failure error={error} />
                </div>
            </Panel>
        </form>
    );
}
