// When sessions of an app end before their time.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, need, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { Button, Failure, Panel } from "../../ui/basics";
import { TextField } from "../../ui/fields";
import { useSubmit } from "../../ui/overlays";
import { toast } from "../../ui/toast";

const textOf = (number: number | null) => (number === null ? "" : String(number));
const numberOf = (text: string) => (text.trim() === "" ? null : Number(text));

export function AppSessionLimits({ app }: { app: Schemas["App"] }) {
    const client = useQueryClient();
    const mayWrite = useCan()("apps:write");
    const [idle, setIdle] = useState(textOf(app.idleTimeoutMinutes));
    const [most, setMost] = useState(textOf(app.sessionsPerUser));
    const { submit, busy, error } = useSubmit(async () => {
        await need(
            api.PATCH("/api/v1/apps/{id}", {
                params: { path: { id: app.id } },
                body: { idleTimeoutMinutes: numberOf(idle), sessionsPerUser: numberOf(most) },
            }),
        );
        toast("Saved");
        await Promise.all([["app", app.id], ["apps"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    });
    return (
        <form onSubmit={submit}>
            <Panel
                title="Session limits"
                lead="A session ends when its link says so. These end it sooner."
                foot={
                    mayWrite ? (
                        <Button type="submit" kind="primary" busy={busy}>
                            Save
                        </Button>
                    ) : undefined
                }
            >
                <div className="stack">
                    <TextField
                        label="Idle timeout (minutes)"
                        optional
                        type="number"
                        inputMode="numeric"
                        value={idle}
                        onChange={setIdle}
                        disabled={!mayWrite}
                        placeholder="No limit"
                        hint="At least 5. Requests of the app count as use, and so do messages on its open connections."
                    />
                    <TextField
                        label="Sessions per user"
                        optional
                        type="number"
                        inputMode="numeric"
                        value={most}
                        onChange={setMost}
                        disabled={!mayWrite}
                        placeholder="No limit"
                        hint="Opening one more ends the oldest. Each iframe with its own link counts as one."
                    />
                    <Failure error={error} />
                </div>
            </Panel>
        </form>
    );
}
