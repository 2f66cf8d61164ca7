// The audit trail: what happened, who did it, and from where.
import { Info, ListTree, X } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { pretty } from "../api/json";
import { useFilters } from "../ui/address";
import { Button, CodeBlock, Copyable, Empty, Facts } from "../ui/basics";
import { Select } from "../ui/fields";
import { at as whenAt } from "../ui/format";
import { Dialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { AppPicker, Named, UserPicker } from "../ui/pickers";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { EVENTS, eventName, eventNote } from "../words";
import "../styles/events.css";

type Event = Schemas["Event"];

const TYPES = [{ id: "", name: "Everything" }, ...Object.entries(EVENTS).map(([id, name]) => ({ id, name }))];

const TONES: Record<string, string> = { deny: "bad", "admin.refuse": "bad", "upstream.fail": "bad", mint: "info", redeem: "good", resume: "good" };

const KINDS: Record<Event["actor"]["kind"], string> = { api_token: "API token", user: "User", admin: "Admin", system: "Inlay itself", local: "Command line" };

function Actor({ actor }: { actor: Event["actor"] }) {
    if (actor.kind === "user" && actor.id !== null) {
        return (
            <Link href={`/users/${actor.id}`}>
                <Named noun="user" id={actor.id} />
            </Link>
        );
    }
    return actor.name === null ? (
        <>{KINDS[actor.kind]}</>
    ) : (
        <span className="who-did">
            {actor.name}
            <span className="sub">{KINDS[actor.kind]}</span>
        </span>
    );
}

/** The app and the user that it is about. */
function About({ event }: { event: Event }) {
    return (
        <span>
            {event.appId !== null && (
                <Link href={`/apps/${event.appId}`}>
                    <Named noun="app" id={event.appId} />
                </Link>
            )}
            {event.userId !== null && event.userId !== event.actor.id && (
                <span className={event.appId === null ? "" : "sub"}>
                    <Link href={`/users/${event.userId}`}>
                        <Named noun="user" id={event.userId} />
                    </Link>
                </span>
            )}
        </span>
    );
}

export function What({ event }: { event: Event }) {
    const note = eventNote(event);
    return (
        <span className={`what ${TONES[event.type] ?? ""}`}>
            <strong>{eventName(event.type)}</strong>
            {note !== "" && <span className="sub">{note}</span>}
        </span>
    );
}

function EventDialog({ event, onClose }: { event: Event | null; onClose: () => void }) {
    const id = (name: string, value: string | null): [string, React.ReactNode][] => (value === null ? [] : [[name, <Copyable text={value} what={name} />]]);
    return (
        <Dialog title={event === null ? "" : eventName(event.type)} open={event !== null} onClose={onClose} wide>
            {event !== null && (
                <div className="dialog-body">
                    <Facts
                        facts={[
                            ["When", whenAt(event.at)],
                            ["Type", <code>{event.type}</code>],
                            ["Who", <Actor actor={event.actor} />],
                            ["From", event.address ?? <span className="quiet">nowhere: Inlay did it by itself</span>],
                            ...id("App ID", event.appId),
                            ...id("User ID", event.userId),
                            ...id("Link ID", event.grantId),
                            ...id("Session ID", event.sessionId),
                        ]}
                    />
                    <CodeBlock label="the event" text={pretty(event)} />
                </div>
            )}
        </Dialog>
    );
}

export default function Events() {
    const [filters, setFilters] = useFilters(["type", "appId", "userId", "sessionId"]);
    const [shown, setShown] = useState<Event | null>(null);
    const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));

    const columns: Column<Event>[] = [
        { title: "What", kind: "lead", cell: (event) => <What event={event} /> },
        { title: "Who", cell: (event) => <Actor actor={event.actor} /> },
        { title: "About", cell: (event) => <About event={event} /> },
        { title: "From", cell: (event) => <span className="nowrap">{event.address}</span> },
        { title: "When", cell: (event) => <Time time={event.at} absolute /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (event) => {
                const { sessionId } = event;
                return (
                    <Menu
                        label={`Actions for ${eventName(event.type)}`}
                        entries={[
                            { name: "Details", icon: Info, onAction: () => setShown(event) },
                            ...(sessionId === null ? [] : [{ name: "All of this session", icon: ListTree, onAction: () => setFilters({ sessionId, type: "", appId: "", userId: "" }) }]),
                        ]}
                    />
                );
            },
        },
    ];

    return (
        <>
            <PageHead title="Audit trail" lead="Every link, every opened app, every refusal and every change, with who did it and from where." />
            <div className="toolbar filters">
                <Select label="What" choices={TYPES} value={filters.type} onChange={(type) => setFilters({ type })} />
                <AppPicker label="App" placeholder="Any app" value={filters.appId} onChange={(appId) => setFilters({ appId })} />
                <UserPicker label="User" placeholder="Anybody" value={filters.userId} onChange={(userId) => setFilters({ userId })} />
            </div>
            {filters.sessionId !== "" && (
                <div className="live">
                    <span className="chip">
                        One session <small>{filters.sessionId}</small>
                        <button type="button" aria-label="Show all sessions" onClick={() => setFilters({ sessionId: "" })}>
                            <X size={13} aria-hidden />
                        </button>
                    </span>
                </div>
            )}
            <PagedTable
                label="Events"
                columns={columns}
                rowKey={(event) => event.id}
                queryKey={["events", query]}
                load={(page) => need(api.GET("/api/v1/events", { params: { query: { ...page, ...query } } }))}
                empty={
                    <Empty icon={ListTree} title="Nothing happened" actions={Object.keys(query).length > 0 && <Button onPress={() => setFilters({ type: "", appId: "", userId: "", sessionId: "" })}>Show everything</Button>}>
                        {Object.keys(query).length > 0 ? "Nothing in the trail is like this." : "The trail begins with the first app."}
                    </Empty>
                }
            />
            <EventDialog event={shown} onClose={() => setShown(null)} />
        </>
    );
}
