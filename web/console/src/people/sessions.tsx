// Sessions: in a table, and one with everything that is known of it.
import { useQueryClient } from "@tanstack/react-query";
import { CircleStop, Info, ListTree, MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { inWords, pretty } from "../api/json";
import { useCan } from "../me";
import { Badge, Button, CodeBlock, Copyable, Empty, Facts } from "../ui/basics";
import { device } from "../ui/format";
import { Confirm, Dialog, Menu } from "../ui/overlays";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";
import { ENDS } from "../words";
import { AlsoClear } from "./storage";
import "../styles/people.css";

type Session = Schemas["Session"];

const SHOWN_PAIRS = 3;

/** {"storeId":51} as a row of small labels. */
export function Metadata({ of, all = false }: { of: Record<string, unknown> | null; all?: boolean }) {
    const pairs = Object.entries(of ?? {});
    if (pairs.length === 0) {
        return <span className="quiet">none</span>;
    }
    const shown = all ? pairs : pairs.slice(0, SHOWN_PAIRS);
    return (
        <span className="chips">
            {shown.map(([name, value]) => (
                <span key={name} className="pair">
                    <span>{name}</span> {inWords(value)}
                </span>
            ))}
            {shown.length < pairs.length && <span className="pair">+{pairs.length - shown.length}</span>}
        </span>
    );
}

/** "Active, ends in 50 minutes", or how and when it ended. */
function State({ session }: { session: Session }) {
    return session.status === "active" ? (
        <span>
            <Badge tone="good" dot>
                Active
            </Badge>
            <span className="sub">
                ends <Time time={session.expiresAt} />
            </span>
        </span>
    ) : (
        <span>
            {session.endReason === null ? "Ended" : ENDS[session.endReason]}
            <span className="sub">
                <Time time={session.endedAt ?? session.expiresAt} />
            </span>
        </span>
    );
}

function SessionDialog({ session, onClose }: { session: Session | null; onClose: () => void }) {
    return (
        <Dialog title="Session" open={session !== null} onClose={onClose} wide>
            {session !== null && (
                <div className="dialog-body">
                    <Facts
                        facts={[
                            ["App", <Link href={`/apps/${session.app.id}`}>{session.app.slug}</Link>],
                            ["State", <State session={session} />],
                            ["Started", <Time time={session.createdAt} absolute />],
                            [
                                session.status === "active" ? "Ends" : "Ended",
                                <Time time={session.endedAt ?? session.expiresAt} absolute />,
                            ],
                            ["Address", session.address],
                            ["Device", device(session.userAgent)],
                            ["Environment", session.claims.environment],
                            [
                                "Shows",
                                session.claims.branch === null
                                    ? (session.claims.releaseVersion ?? "the current release")
                                    : `branch ${session.claims.branch}`,
                            ],
                            [
                                "Groups",
                                session.claims.groups === null ? "the user's own" : session.claims.groups.join(", "),
                            ],
                            ...(session.claims.preview
                                ? ([["Opened by", "an admin, to try the app out"]] as [string, React.ReactNode][])
                                : []),
                            ["Origin", <code>{session.origin}</code>],
                            ["Session ID", <Copyable text={session.id} what="the session's ID" />],
                        ]}
                    />
                    {Object.keys(session.claims.metadata ?? {}).length > 0 && (
                        <CodeBlock label="Metadata" text={pretty(session.claims.metadata)} />
                    )}
                    {session.userAgent !== null && <p className="small quiet">{session.userAgent}</p>}
                </div>
            )}
        </Dialog>
    );
}

/** Sessions of a user, an app, or both, newest first. */
export function Sessions({ userId, appId, status }: { userId?: string; appId?: string; status?: Session["status"] }) {
    const client = useQueryClient();
    const mayEnd = useCan()("sessions:write");
    const [, navigate] = useLocation();
    const [shown, setShown] = useState<Session | null>(null);
    const [leaving, setLeaving] = useState<Session | null>(null);
    const [clears, setClears] = useState(false);
    const filter = {
        ...(userId === undefined ? {} : { userId }),
        ...(appId === undefined ? {} : { appId }),
        ...(status === undefined ? {} : { status }),
    };

    const columns: Column<Session>[] = [
        {
            title: userId === undefined ? "User" : "App",
            kind: "lead",
            cell: (session) => (
                <button type="button" className="link-button main-link" onClick={() => setShown(session)}>
                    {userId === undefined
                        ? (session.user.email ?? session.user.externalIdentifier ?? session.user.id)
                        : session.app.slug}
                </button>
            ),
        },
        { title: "State", cell: (session) => <State session={session} /> },
        { title: "Metadata", cell: (session) => <Metadata of={session.claims.metadata} /> },
        { title: "Started", cell: (session) => <Time time={session.createdAt} absolute /> },
        {
            title: "From",
            cell: (session) => (
                <span>
                    {device(session.userAgent)}
                    <span className="sub">{session.address}</span>
                </span>
            ),
        },
        {
            title: "Actions",
            kind: "actions",
            cell: (session) => (
                <Menu
                    label={`Actions for the session in ${session.app.slug}`}
                    entries={[
                        { name: "Details", icon: Info, onAction: () => setShown(session) },
                        {
                            name: "See events",
                            icon: ListTree,
                            onAction: () => navigate(`/events?sessionId=${session.id}`),
                        },
                        ...(mayEnd && session.status === "active"
                            ? [
                                  null,
                                  {
                                      name: "End session",
                                      icon: CircleStop,
                                      danger: true,
                                      onAction: () => setLeaving(session),
                                  },
                              ]
                            : []),
                    ]}
                />
            ),
        },
    ];

    const end = async (session: Session) => {
        await need(
            api.DELETE("/api/v1/sessions/{id}", {
                params: { path: { id: session.id }, query: clears ? { clearStorage: true } : {} },
            }),
        );
        toast("The session has ended");
        await client.invalidateQueries({ queryKey: ["sessions"] });
    };

    return (
        <>
            <PagedTable
                label="Sessions"
                columns={columns}
                rowKey={(session) => session.id}
                queryKey={["sessions", filter]}
                limit={20}
                refetchInterval={15_000}
                load={(page) => need(api.GET("/api/v1/sessions", { params: { query: { ...page, ...filter } } }))}
                empty={
                    <Empty
                        icon={MonitorSmartphone}
                        title={status === "active" ? "Nobody is here now" : "No sessions yet"}
                    >
                        A session begins when a portal's frame opens a link.
                    </Empty>
                }
            />
            <SessionDialog session={shown} onClose={() => setShown(null)} />
            <Confirm
                title="End this session?"
                action="End session"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => end(leaving!)}
                more={<AlsoClear selected={clears} onChange={setClears} />}
            >
                The app stops at once, and its frame says so. The portal may ask for a new link.
            </Confirm>
        </>
    );
}

/** A button that ends all sessions of a user or an app, after a question. */
export function EndAll({ userId, appId, whose }: { userId?: string; appId?: string; whose: string }) {
    const client = useQueryClient();
    const [asking, setAsking] = useState(false);
    const [clears, setClears] = useState(false);
    const endAll = async () => {
        const query = {
            ...(clears ? { clearStorage: true } : {}),
            ...(userId === undefined ? {} : { userId }),
            ...(appId === undefined ? {} : { appId }),
        };
        const { ended } = await need(api.DELETE("/api/v1/sessions", { params: { query } }));
        toast(
            ended === 0
                ? "No session was active"
                : ended === 1
                  ? "One session has ended"
                  : `${ended} sessions have ended`,
        );
        await client.invalidateQueries({ queryKey: ["sessions"] });
    };
    return (
        <>
            <Button small kind="danger" icon={CircleStop} onPress={() => setAsking(true)}>
                End all
            </Button>
            <Confirm
                title="End all sessions?"
                action="End all sessions"
                open={asking}
                onClose={() => setAsking(false)}
                onConfirm={endAll}
                more={<AlsoClear selected={clears} onChange={setClears} />}
            >
                Every active session of {whose} stops at once. New links still open.
            </Confirm>
        </>
    );
}
