// The audit log: what happened, who did it, and from where.
import { Braces, Download, History, Info, ListTree, Radio, Sheet, X } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { pretty } from "../api/json";
import { Live } from "../people/live";
import { useFilters } from "../ui/address";
import { Button, CodeBlock, Copyable, Empty, Facts } from "../ui/basics";
import { Select, TextField } from "../ui/fields";
import { at as whenAt } from "../ui/format";
import { Dialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { AppPicker, Named, UserPicker } from "../ui/pickers";
import { PagedTable, Table, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { denialChoices, ENDS, EVENTS, eventName, eventNote } from "../words";
import "../styles/events.css";

type Event = Schemas["Event"];

const TYPES = [{ id: "", name: "Everything" }, ...Object.entries(EVENTS).map(([id, name]) => ({ id, name }))];

const ANY = { id: "", name: "Any reason" };
const REASONS = [ANY, ...denialChoices];
const END_REASONS = [ANY, ...Object.entries(ENDS).map(([id, name]) => ({ id, name }))];

const TONES: Record<string, string> = {
    deny: "bad",
    "admin.refuse": "bad",
    "upstream.fail": "bad",
    mint: "info",
    redeem: "good",
    renew: "good",
    resume: "good",
};

const KINDS: Record<Event["actor"]["kind"], string> = {
    api_token: "API token",
    user: "User",
    admin: "Admin",
    system: "Inlay itself",
    local: "Command line",
};

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
    const others = event.userId !== null && event.userId !== event.actor.id;
    return event.appId === null && !others ? null : (
        <span className="about">
            {event.appId !== null && (
                <Link href={`/apps/${event.appId}`}>
                    <Named noun="app" id={event.appId} />
                </Link>
            )}
            {event.userId !== null && others && (
                <span className={event.appId === null ? "" : "sub"}>
                    <Link href={`/users/${event.userId}`}>
                        <Named noun="user" id={event.userId} />
                    </Link>
                </span>
            )}
        </span>
    );
}

function What({ event }: { event: Event }) {
    const note = eventNote(event);
    return (
        <span className={`what ${TONES[event.type] ?? ""}`}>
            <strong>{eventName(event.type)}</strong>
            {note !== "" && <span className="sub">{note}</span>}
        </span>
    );
}

function EventDialog({ event, onClose }: { event: Event | null; onClose: () => void }) {
    const id = (name: string, value: string | null): [string, React.ReactNode][] =>
        value === null ? [] : [[name, <Copyable text={value} what={name} />]];
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
                            ...id("Link ID", event.linkId),
                            ...id("Session ID", event.sessionId),
                        ]}
                    />
                    <CodeBlock label="the event" text={pretty(event)} />
                </div>
            )}
        </Dialog>
    );
}

const NAMES = ["type", "reason", "appId", "userId", "sessionId", "actor", "from", "until", "live"] as const;
type Filters = Record<(typeof NAMES)[number], string>;
const NO_FILTERS: Partial<Filters> = {
    type: "",
    reason: "",
    appId: "",
    userId: "",
    sessionId: "",
    actor: "",
    from: "",
    until: "",
};

/** Midnight where the admin is, some days later. */
function midnight(day: string, later = 0): string | undefined {
    const [year, month, date] = day.split("-").map(Number);
    const time = new Date(year ?? NaN, (month ?? NaN) - 1, (date ?? NaN) + later);
    return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The API's names; the last day counts as a whole. */
function queryOf({ live: _, from, until, ...exact }: Filters): Record<string, string> {
    const wanted = { ...exact, from: midnight(from), until: midnight(until, 1) };
    return Object.fromEntries(
        Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
    );
}

/** The browser saves what the server streams; nothing is held here. */
function save(query: Record<string, string>, format: "csv" | "json") {
    const link = document.createElement("a");
    link.href = `/api/v1/events/export?${new URLSearchParams({ ...query, format }).toString()}`;
    link.download = "";
    link.click();
}

function Chip({ name, id, remove, onRemove }: { name: string; id: string; remove: string; onRemove: () => void }) {
    return (
        <span className="chip">
            {name} <small>{id}</small>
            <button type="button" aria-label={remove} onClick={onRemove}>
                <X size={13} aria-hidden />
            </button>
        </span>
    );
}

export default function Events() {
    const [filters, setFilters] = useFilters(NAMES);
    const [shown, setShown] = useState<Event | null>(null);
    const query = queryOf(filters);
    const stream = `/api/v1/events/stream?${new URLSearchParams(query).toString()}`;
    const isFiltered = Object.keys(query).length > 0;
    const live = filters.live !== "";

    const columns: Column<Event>[] = [
        { title: "What", kind: "lead", cell: (event) => <What event={event} /> },
        { title: "Who", cell: (event) => <Actor actor={event.actor} /> },
        { title: "About", cell: (event) => About({ event }) },
        { title: "From", cell: (event) => event.address !== null && <span className="nowrap">{event.address}</span> },
        { title: "When", cell: (event) => <Time time={event.at} absolute={!live} /> },
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
                            ...(sessionId === null
                                ? []
                                : [
                                      {
                                          name: "All of this session",
                                          icon: ListTree,
                                          onAction: () => setFilters({ ...NO_FILTERS, sessionId, live: "" }),
                                      },
                                  ]),
                            ...(event.actor.id === null || event.actor.kind === "user"
                                ? []
                                : [
                                      {
                                          name: "All by the same",
                                          icon: ListTree,
                                          onAction: () =>
                                              setFilters({ ...NO_FILTERS, actor: event.actor.id ?? "", live: "" }),
                                      },
                                  ]),
                        ]}
                    />
                );
            },
        },
    ];

    return (
        <>
            <PageHead
                title="Audit log"
                lead="Every link created, app opened, request denied, and setting changed: who did it, and from where."
                actions={
                    <>
                        <Button icon={live ? History : Radio} onPress={() => setFilters({ live: live ? "" : "1" })}>
                            {live ? "Show the past" : "Follow live"}
                        </Button>
                        <Menu
                            label="Export"
                            trigger={<Button icon={Download}>Export</Button>}
                            entries={[
                                { name: "As CSV, for spreadsheets", icon: Sheet, onAction: () => save(query, "csv") },
                                { name: "As JSON, for programs", icon: Braces, onAction: () => save(query, "json") },
                            ]}
                        />
                    </>
                }
            />
            <div className="toolbar filters">
                <Select
                    label="What"
                    choices={TYPES}
                    value={filters.type}
                    onChange={(type) => setFilters({ type, reason: "" })}
                />
                {filters.type === "deny" && (
                    <Select
                        label="Why"
                        choices={REASONS}
                        value={filters.reason}
                        onChange={(reason) => setFilters({ reason })}
                    />
                )}
                {filters.type === "end" && (
                    <Select
                        label="Why"
                        choices={END_REASONS}
                        value={filters.reason}
                        onChange={(reason) => setFilters({ reason })}
                    />
                )}
                <AppPicker
                    label="App"
                    placeholder="Any app"
                    value={filters.appId}
                    onChange={(appId) => setFilters({ appId })}
                />
                <UserPicker
                    label="User"
                    placeholder="Anybody"
                    value={filters.userId}
                    onChange={(userId) => setFilters({ userId })}
                />
                {!live && (
                    <>
                        <TextField
                            label="From day"
                            type="date"
                            value={filters.from}
                            onChange={(from) => setFilters({ from })}
                        />
                        <TextField
                            label="To day"
                            type="date"
                            value={filters.until}
                            onChange={(until) => setFilters({ until })}
                        />
                    </>
                )}
            </div>
            {(filters.sessionId !== "" || filters.actor !== "") && (
                <div className="live">
                    {filters.sessionId !== "" && (
                        <Chip
                            name="One session"
                            id={filters.sessionId}
                            remove="Show all sessions"
                            onRemove={() => setFilters({ sessionId: "" })}
                        />
                    )}
                    {filters.actor !== "" && (
                        <Chip
                            name="By"
                            id={filters.actor}
                            remove="Show what anybody did"
                            onRemove={() => setFilters({ actor: "" })}
                        />
                    )}
                </div>
            )}
            {live ? (
                <Live
                    key={stream}
                    url={stream}
                    table={(events) => (
                        <Table label="Events" columns={columns} rows={events} rowKey={(event) => event.id} />
                    )}
                />
            ) : (
                <PagedTable
                    label="Events"
                    columns={columns}
                    rowKey={(event) => event.id}
                    queryKey={["events", query]}
                    load={(page) => need(api.GET("/api/v1/events", { params: { query: { ...page, ...query } } }))}
                    empty={
                        <Empty
                            icon={ListTree}
                            title="No events"
                            actions={
                                isFiltered && <Button onPress={() => setFilters(NO_FILTERS)}>Show everything</Button>
                            }
                        >
                            {isFiltered
                                ? "No events match these filters."
                                : "The audit log starts with your first app."}
                        </Empty>
                    }
                />
            )}
            <EventDialog event={shown} onClose={() => setShown(null)} />
        </>
    );
}
