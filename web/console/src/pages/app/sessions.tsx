// Who has an app open, or had.
import { useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone, Power } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api, need, wordsOf, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { Avatar, Badge, Button, Empty } from "../../ui/basics";
import { Segments } from "../../ui/fields";
import { device, personName, plural } from "../../ui/format";
import { Confirm } from "../../ui/overlays";
import { PagedTable, type Column } from "../../ui/table";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { AlsoClear } from "../../people/storage";
import { ENDS } from "../../words";

type Session = Schemas["Session"];

export function AppSessions({ app }: { app: Schemas["App"] }) {
    const client = useQueryClient();
    const can = useCan();
    const [status, setStatus] = useState<"active" | "ended">("active");
    const [endingAll, setEndingAll] = useState(false);
    const [clears, setClears] = useState(false);
    const changed = () => client.invalidateQueries({ queryKey: ["sessions"] });

    const end = (session: Session) =>
        need(api.DELETE("/api/v1/sessions/{id}", { params: { path: { id: session.id } } }))
            .then(() => toast(`Ended the session of ${personName(session.user)}`))
            .catch((error: unknown) => toast(wordsOf(error), "bad"))
            .then(changed);
    const endAll = async () => {
        const { ended } = await need(
            api.DELETE("/api/v1/sessions", {
                params: { query: { appId: app.id, ...(clears ? { clearStorage: true } : {}) } },
            }),
        );
        toast(`Ended ${plural(ended, "session")}`);
        await changed();
    };

    const columns: Column<Session>[] = [
        {
            title: "User",
            kind: "lead",
            cell: ({ user }) => (
                <span className="who">
                    <Avatar name={personName(user)} />
                    <Link href={`/users/${user.id}`}>{personName(user)}</Link>
                </span>
            ),
        },
        {
            title: "Shows",
            cell: ({ claims }) => <Badge>{claims.branch ?? claims.releaseVersion ?? "Current release"}</Badge>,
        },
        { title: "Environment", cell: ({ claims }) => claims.environment },
        {
            title: "From",
            cell: ({ address, userAgent }) => (
                <span>
                    {device(userAgent)}
                    <span className="sub">{address}</span>
                </span>
            ),
        },
        { title: "Opened", cell: ({ createdAt }) => <Time time={createdAt} /> },
        status === "active"
            ? { title: "Ends", cell: ({ expiresAt }) => <Time time={expiresAt} /> }
            : {
                  title: "Ended",
                  cell: ({ endedAt, endReason }) => (
                      <span>
                          <Time time={endedAt} />
                          {endReason !== null && <span className="sub">{ENDS[endReason]}</span>}
                      </span>
                  ),
              },
        ...(status === "active" && can("sessions:write")
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (session: Session) => (
                          <Button
                              small
                              kind="danger"
                              onPress={() => void end(session)}
                              aria-label={`End the session of ${personName(session.user)}`}
                          >
                              End
                          </Button>
                      ),
                  },
              ]
            : []),
    ];
    return (
        <>
            <div className="toolbar">
                <Segments
                    label="Which sessions"
                    choices={[
                        { id: "active", name: "Live" },
                        { id: "ended", name: "Ended" },
                    ]}
                    value={status}
                    onChange={setStatus}
                />
                {can("sessions:write") && status === "active" && (
                    <span className="push">
                        <Button kind="danger" icon={Power} onPress={() => setEndingAll(true)}>
                            End all
                        </Button>
                    </span>
                )}
            </div>
            <PagedTable
                label="Sessions"
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={["sessions", { appId: app.id, status }]}
                load={(page) =>
                    need(api.GET("/api/v1/sessions", { params: { query: { ...page, appId: app.id, status } } }))
                }
                {...(status === "active" ? { refetchInterval: 10_000 } : {})}
                empty={
                    <Empty
                        icon={MonitorSmartphone}
                        title={status === "active" ? "Nobody has this app open" : "No session has ended yet"}
                    >
                        {status === "active"
                            ? "A session begins when a link to the app is opened in a portal's page."
                            : "Ended sessions are kept for a while, with how they ended."}
                    </Empty>
                }
            />
            <Confirm
                title={`End all sessions of ${app.name}?`}
                action="End all"
                open={endingAll}
                onClose={() => setEndingAll(false)}
                onConfirm={endAll}
                more={<AlsoClear selected={clears} onChange={setClears} />}
            >
                Everybody who has it open is refused at the next request. Portals can ask for new links.
            </Confirm>
        </>
    );
}
