// Where admins are signed in to the console: oneself, or all of them.
import { useQueryClient } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone } from "lucide-react";
import { api, need, wordsOf, type Schemas } from "../api/client";
import { Badge, Button, Empty } from "../ui/basics";
import { device } from "../ui/format";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type Session = Schemas["AdminSession"];

export function SignedIn({ title, everybody = false }: { title: string; everybody?: boolean }) {
    const client = useQueryClient();
    const queryKey = ["admin-sessions", everybody];
    const end = (session: Session) => {
        const params = { params: { path: { id: session.id } } };
        return need(
            everybody
                ? api.DELETE("/api/v1/admin-sessions/{id}", params)
                : api.DELETE("/api/v1/me/sessions/{id}", params),
        )
            .then(() => toast(everybody ? `Signed ${session.email} out there` : "Signed out there"))
            .catch((error: unknown) => toast(wordsOf(error), "bad"))
            .then(() => client.invalidateQueries({ queryKey }));
    };
    const where = ({ userAgent, current }: Session) => (
        <span className="row">
            {everybody ? device(userAgent) : <strong>{device(userAgent)}</strong>}
            {current && (
                <Badge tone="good" dot>
                    This one
                </Badge>
            )}
        </span>
    );
    const columns: Column<Session>[] = [
        ...(everybody
            ? [
                  { title: "Email", kind: "lead" as const, cell: ({ email }: Session) => <strong>{email}</strong> },
                  { title: "Device", cell: where },
              ]
            : [{ title: "Device", kind: "lead" as const, cell: where }]),
        { title: "Address", cell: ({ address }) => <code>{address}</code> },
        { title: "Signed in", cell: ({ createdAt }) => <Time time={createdAt} /> },
        { title: "Last used", cell: ({ usedAt }) => <Time time={usedAt} /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (session) =>
                session.current ? null : (
                    <Button
                        small
                        kind="danger"
                        icon={LogOut}
                        onPress={() => void end(session)}
                        {...(everybody ? { "aria-label": `Sign out ${session.email}` } : {})}
                    >
                        Sign out
                    </Button>
                ),
        },
    ];
    return (
        <section>
            <div className="section-head">
                <h2>{title}</h2>
            </div>
            <PagedTable
                label={title}
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={queryKey}
                load={(query) =>
                    need(
                        everybody
                            ? api.GET("/api/v1/admin-sessions", { params: { query } })
                            : api.GET("/api/v1/me/sessions", { params: { query } }),
                    )
                }
                empty={<Empty icon={MonitorSmartphone} title="Nowhere" />}
            />
        </section>
    );
}
