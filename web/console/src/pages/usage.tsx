// How much apps are used: views, the people behind them, and who was turned away and why.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { AppWindow, Users } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { api, need } from "../api/client";
import { useFilters } from "../ui/address";
import { Empty, Failure, Panel, Skeleton } from "../ui/basics";
import { Chart, type Series } from "../ui/chart";
import { Segments } from "../ui/fields";
import { count } from "../ui/format";
import { PageHead } from "../ui/page";
import { AppPicker, UserPicker } from "../ui/pickers";
import { Table } from "../ui/table";
import { denial } from "../words";
import "../styles/chart.css";
import "../styles/events.css";
import "../styles/people.css";
import "../styles/usage.css";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOP = 10;
/** More reasons than these are one series: their colours would not be told apart. */
const REASONS_MAX = 5;

interface Range {
    id: string;
    name: string;
    interval: "hour" | "day";
    steps: number;
}

const DEFAULT: Range = { id: "month", name: "Month", interval: "day", steps: 30 };
const RANGES: Range[] = [
    { id: "day", name: "Day", interval: "hour", steps: 24 },
    { id: "week", name: "Week", interval: "day", steps: 7 },
    DEFAULT,
    { id: "quarter", name: "Quarter", interval: "day", steps: 91 },
    { id: "year", name: "Year", interval: "day", steps: 365 },
];

/** The server counts by hours and days of UTC; the last one is not over yet. */
function beginOf({ interval, steps }: Range): string {
    const step = interval === "hour" ? HOUR_MS : DAY_MS;
    return new Date((Math.floor(Date.now() / step) - steps + 1) * step).toISOString();
}

const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const hourAndDay = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
});
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const wholeDay = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
});

interface Item {
    denials: Record<string, number>;
}

function denialSeries(totals: Record<string, number>, items: Item[]): Series[] {
    const reasons = Object.entries(totals).sort(([, a], [, b]) => b - a);
    const shown = reasons.length > REASONS_MAX ? reasons.slice(0, REASONS_MAX - 1) : reasons;
    const rest = reasons.slice(shown.length).map(([reason]) => reason);
    const series = shown.map(([reason]) => ({
        name: denial(reason).short,
        values: items.map(({ denials }) => denials[reason] ?? 0),
    }));
    if (rest.length > 0) {
        series.push({
            name: "Other reasons",
            values: items.map(({ denials }) => rest.reduce((sum, reason) => sum + (denials[reason] ?? 0), 0)),
        });
    }
    return series.length > 0 ? series : [{ name: "Denials", values: items.map(() => 0) }];
}

function Tile({ name, value, note }: { name: string; value: number; note: ReactNode }) {
    return (
        <div className="tile">
            <p>{name}</p>
            <strong>{count(value)}</strong>
            <small>{note}</small>
        </div>
    );
}

const sum = (numbers: Record<string, number>) => Object.values(numbers).reduce((a, b) => a + b, 0);

export default function Usage() {
    const [filters, setFilters] = useFilters(["range", "appId", "userId"]);
    const range = RANGES.find(({ id }) => id === filters.range) ?? DEFAULT;
    const from = beginOf(range);
    const of = {
        ...(filters.appId === "" ? {} : { appId: filters.appId }),
        ...(filters.userId === "" ? {} : { userId: filters.userId }),
    };
    const shared = { placeholderData: keepPreviousData, refetchInterval: 60_000 };
    const usage = useQuery({
        queryKey: ["usage", "time", range.interval, from, of],
        queryFn: () => need(api.GET("/api/v1/usage", { params: { query: { interval: range.interval, from, ...of } } })),
        ...shared,
    });
    const apps = useQuery({
        queryKey: ["usage", "apps", from, of],
        queryFn: () => need(api.GET("/api/v1/usage/apps", { params: { query: { from, limit: TOP, ...of } } })),
        ...shared,
    });
    const users = useQuery({
        queryKey: ["usage", "users", from, of],
        queryFn: () => need(api.GET("/api/v1/usage/users", { params: { query: { from, limit: TOP, ...of } } })),
        ...shared,
    });

    const items = usage.data?.items ?? [];
    const denied = sum(usage.data?.denials ?? {});
    const byHour = usage.data?.interval === "hour";
    const axis = {
        times: items.map(({ at }) => at),
        tick: (time: string) => (byHour ? hour : day).format(new Date(time)),
        name: (time: string) => (time === "" ? "" : (byHour ? hourAndDay : wholeDay).format(new Date(time))),
    };
    const eventsHref = `/events?${new URLSearchParams({ type: "deny", ...of }).toString()}`;

    return (
        <>
            <PageHead
                title="Usage"
                lead="How often apps were opened, by how many people, and who was turned away."
                actions={
                    <Segments
                        label="Time"
                        choices={RANGES}
                        value={range.id}
                        onChange={(id) => setFilters({ range: id === DEFAULT.id ? "" : id })}
                    />
                }
            />
            <div className="toolbar filters">
                <AppPicker
                    label="App"
                    placeholder="All apps"
                    value={filters.appId}
                    onChange={(appId) => setFilters({ appId })}
                />
                <UserPicker
                    label="User"
                    placeholder="Everybody"
                    value={filters.userId}
                    onChange={(userId) => setFilters({ userId })}
                />
            </div>
            {usage.data === undefined ? (
                usage.error === null ? (
                    <Skeleton />
                ) : (
                    <Failure error={usage.error} />
                )
            ) : (
                <div className="stack-l">
                    <div className="tiles">
                        <Tile name="Views" value={usage.data.views} note="apps that were opened" />
                        <Tile name="Users" value={usage.data.users} note="different people" />
                        <Tile
                            name="Denials"
                            value={denied}
                            note={
                                denied === 0 ? (
                                    "nobody was turned away"
                                ) : (
                                    <Link href={eventsHref}>see each of them</Link>
                                )
                            }
                        />
                    </div>
                    <Chart
                        title="Views"
                        {...axis}
                        series={[{ name: "Views", values: items.map(({ views }) => views) }]}
                        nothing="No app was opened in this time."
                    />
                    <div className="halves">
                        <Chart
                            title="Unique users"
                            {...axis}
                            series={[{ name: "Users", values: items.map(({ users: people }) => people) }]}
                            nothing="Nobody was here in this time."
                        />
                        <Chart
                            title="Denials by reason"
                            {...axis}
                            series={denialSeries(usage.data.denials, items)}
                            nothing="Nobody was turned away in this time."
                            legend={denied > 0}
                        />
                    </div>
                    <div className="halves">
                        <Panel title="Most used apps" flush>
                            {(apps.data?.items ?? []).length === 0 ? (
                                <Empty icon={AppWindow} title="No app was opened" />
                            ) : (
                                <Table
                                    label="Most used apps"
                                    rows={apps.data?.items ?? []}
                                    rowKey={({ app }) => app.id}
                                    columns={[
                                        {
                                            title: "App",
                                            kind: "lead",
                                            cell: ({ app }) =>
                                                app.name === null ? (
                                                    <span className="quiet">a deleted app</span>
                                                ) : (
                                                    <Link className="main-link" href={`/apps/${app.id}`}>
                                                        {app.name}
                                                    </Link>
                                                ),
                                        },
                                        { title: "Views", kind: "number", cell: ({ views }) => count(views) },
                                        { title: "Users", kind: "number", cell: ({ users: people }) => count(people) },
                                        { title: "Denials", kind: "number", cell: ({ denials }) => count(denials) },
                                    ]}
                                />
                            )}
                        </Panel>
                        <Panel title="Most active users" flush>
                            {(users.data?.items ?? []).length === 0 ? (
                                <Empty icon={Users} title="Nobody was here" />
                            ) : (
                                <Table
                                    label="Most active users"
                                    rows={users.data?.items ?? []}
                                    rowKey={({ user }) => user.id}
                                    columns={[
                                        {
                                            title: "User",
                                            kind: "lead",
                                            cell: ({ user }) => (
                                                <Link className="main-link" href={`/users/${user.id}`}>
                                                    {user.email ?? user.externalIdentifier ?? "a deleted user"}
                                                </Link>
                                            ),
                                        },
                                        { title: "Views", kind: "number", cell: ({ views }) => count(views) },
                                        { title: "Apps", kind: "number", cell: ({ apps: used }) => count(used) },
                                        { title: "Denials", kind: "number", cell: ({ denials }) => count(denials) },
                                    ]}
                                />
                            )}
                        </Panel>
                    </div>
                    <p className="small quiet">
                        Days are those of UTC. Previews by admins are not counted. Every single event is in the{" "}
                        <Link href="/events">audit log</Link>.
                    </p>
                </div>
            )}
        </>
    );
}
