// Tables that the server pages: one page of rows is here at a time, however many there are.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CircleAlert, RefreshCw } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { wordsOf } from "../api/client";
import { Button, Empty, Failure, Skeleton } from "./basics";
import { count } from "./format";

export interface Column<Row> {
    /** Shown above the column, and beside the value on a phone. */
    title: string;
    cell: (row: Row) => ReactNode;
    kind?: "lead" | "number" | "actions";
}

export function Table<Row>({
    label,
    columns,
    rows,
    rowKey,
}: {
    label: string;
    columns: Column<Row>[];
    rows: readonly Row[];
    rowKey: (row: Row) => string | number;
}) {
    return (
        <div className="table-wrap">
            <table aria-label={label}>
                <thead>
                    <tr>
                        {columns.map(({ title, kind }) => (
                            <th key={title} scope="col" className={kind}>
                                {kind === "actions" ? <span className="hidden-visually">{title}</span> : title}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={rowKey(row)}>
                            {columns.map(({ title, cell, kind }) => (
                                <td
                                    key={title}
                                    className={kind === "lead" ? "lead-cell" : kind}
                                    data-label={kind === "lead" || kind === "actions" ? undefined : title}
                                >
                                    {cell(row)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

export interface PageOf<Row> {
    items: Row[];
    next: string | null;
}

interface PagedTableProps<Row> {
    label: string;
    columns: Column<Row>[];
    rowKey: (row: Row) => string | number;
    /** Changes whenever the list is another one: filters belong into it. */
    queryKey: readonly unknown[];
    load: (page: { limit: number; after?: string }) => Promise<PageOf<Row>>;
    empty: ReactNode;
    limit?: number;
    refetchInterval?: number;
}

/** Where a page begins; keyset pages have no numbers to jump to. */
interface Start {
    after: string;
    rowsBefore: number;
}

const CALLS_MAX = 10;

/** Of a filtered audit log the server looks at a part for each call: few rows are not yet the last ones. */
async function loadPage<Row>(
    load: PagedTableProps<Row>["load"],
    limit: number,
    after: string | undefined,
): Promise<PageOf<Row>> {
    let { items, next } = await load(after === undefined ? { limit } : { limit, after });
    for (let calls = 1; next !== null && items.length < limit && calls < CALLS_MAX; calls++) {
        const more: PageOf<Row> = await load({ limit: limit - items.length, after: next });
        items = [...items, ...more.items];
        next = more.next;
    }
    return { items, next };
}

export function PagedTable<Row>({
    label,
    columns,
    rowKey,
    queryKey,
    load,
    empty,
    limit = 50,
    refetchInterval,
}: PagedTableProps<Row>) {
    const identity = JSON.stringify(queryKey);
    const [way, setWay] = useState<{ of: string; starts: Start[] }>({ of: identity, starts: [] });
    // Another list begins with its first page.
    const starts = way.of === identity ? way.starts : [];
    const { after, rowsBefore } = starts.at(-1) ?? { after: undefined, rowsBefore: 0 };
    const { data, error, isPending, isPlaceholderData, refetch, isFetching } = useQuery({
        queryKey: [...queryKey, { limit, after }],
        queryFn: () => loadPage(load, limit, after),
        placeholderData: keepPreviousData,
        ...(refetchInterval === undefined ? {} : { refetchInterval }),
    });
    const place = useRef<HTMLDivElement>(null);
    const pager = useRef<HTMLElement>(null);
    const hadFocus = useRef<"rows" | "pager" | null>(null);
    useEffect(() => {
        // What was pressed may be gone with its row, or lead nowhere now.
        if (hadFocus.current !== null && document.activeElement === document.body) {
            const way =
                hadFocus.current === "pager" ? pager.current?.querySelector<HTMLElement>("button:enabled") : undefined;
            (way ?? place.current ?? document.getElementById("main"))?.focus({ preventScroll: true });
        }
    }, [data]);

    if (isPending || (isPlaceholderData && data.items.length === 0)) {
        return (
            <div className="table-wrap">
                <Skeleton />
            </div>
        );
    }
    if (data === undefined) {
        return (
            <div className="panel-empty">
                <Empty
                    icon={CircleAlert}
                    title="This list could not be loaded"
                    actions={
                        <Button icon={RefreshCw} onPress={() => void refetch()} busy={isFetching}>
                            Try again
                        </Button>
                    }
                >
                    {wordsOf(error)}
                </Empty>
            </div>
        );
    }
    if (data.items.length === 0 && starts.length === 0 && data.next === null) {
        return <div className="panel-empty">{empty}</div>;
    }
    const go = (to: Start[]) => {
        setWay({ of: identity, starts: to });
        if ((place.current?.getBoundingClientRect().top ?? 0) < 0) {
            place.current?.scrollIntoView();
        }
    };
    const forth = () => {
        // What is shown may still be the page before.
        if (data.next !== null && !isPlaceholderData) {
            go([...starts, { after: data.next, rowsBefore: rowsBefore + data.items.length }]);
        }
    };
    return (
        <div
            className="paged"
            ref={place}
            tabIndex={-1}
            aria-busy={isPlaceholderData}
            onFocus={({ target }) => (hadFocus.current = pager.current?.contains(target) === true ? "pager" : "rows")}
            onBlur={({ target }) =>
                (hadFocus.current = target.matches(":disabled") || !target.isConnected ? hadFocus.current : null)
            }
        >
            {error !== null && <Failure error={error} />}
            <Table label={label} columns={columns} rows={data.items} rowKey={rowKey} />
            {(starts.length > 0 || data.next !== null) && (
                <nav className="pager" aria-label={`Pages of ${label}`} ref={pager}>
                    <span role="status">
                        {isPlaceholderData
                            ? "Loading"
                            : data.items.length > 0
                              ? `Rows ${count(rowsBefore + 1)} to ${count(rowsBefore + data.items.length)}`
                              : data.next === null
                                ? "No more rows"
                                : "Nothing on this page, but there is more"}
                    </span>
                    <Button
                        small
                        icon={ChevronLeft}
                        isDisabled={starts.length === 0}
                        onPress={() => go(starts.slice(0, -1))}
                    >
                        Previous
                    </Button>
                    <Button small icon={ChevronRight} isDisabled={data.next === null} onPress={forth}>
                        Next
                    </Button>
                </nav>
            )}
        </div>
    );
}
