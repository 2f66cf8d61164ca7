// Tables that the server pages: one page of rows is here at a time, however many there are.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, CircleAlert, RefreshCw } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { wordsOf } from "../api/client";
import { Button, Empty, Skeleton } from "./basics";

export interface Column<Row> {
    /** Shown above the column, and beside the value on a phone. */
    title: string;
    cell: (row: Row) => ReactNode;
    kind?: "lead" | "number" | "actions";
}

export function Table<Row>({ label, columns, rows, rowKey }: { label: string; columns: Column<Row>[]; rows: readonly Row[]; rowKey: (row: Row) => string | number }) {
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
                                <td key={title} className={kind === "lead" ? "lead-cell" : kind} data-label={kind === "lead" || kind === "actions" ? undefined : title}>
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

export function PagedTable<Row>({ label, columns, rowKey, queryKey, load, empty, limit = 50, refetchInterval }: PagedTableProps<Row>) {
    // The cursors of the pages before this one; keyset pages have no numbers to jump to.
    const [cursors, setCursors] = useState<string[]>([]);
    const identity = JSON.stringify(queryKey);
    useEffect(() => setCursors([]), [identity]);
    const after = cursors.at(-1);
    const { data, error, isPending, refetch, isFetching } = useQuery({
        queryKey: [...queryKey, { limit, after }],
        queryFn: () => load(after === undefined ? { limit } : { limit, after }),
        placeholderData: keepPreviousData,
        ...(refetchInterval === undefined ? {} : { refetchInterval }),
    });

    if (isPending) {
        return (
            <div className="table-wrap">
                <Skeleton />
            </div>
        );
    }
    if (error !== null && data === undefined) {
        return (
            <div className="panel-empty">
                <Empty icon={CircleAlert} title="This list could not be loaded" actions={<Button icon={RefreshCw} onPress={() => void refetch()} busy={isFetching}>Try again</Button>}>
                    {wordsOf(error)}
                </Empty>
            </div>
        );
    }
    if (data.items.length === 0 && cursors.length === 0 && data.next === null) {
        return <div className="panel-empty">{empty}</div>;
    }
    const first = cursors.length * limit + 1;
    return (
        <>
            <Table label={label} columns={columns} rows={data.items} rowKey={rowKey} />
            {(cursors.length > 0 || data.next !== null) && (
                <nav className="pager" aria-label={`Pages of ${label}`}>
                    <span role="status">
                        {data.items.length === 0 ? (data.next === null ? "No more rows" : "Nothing on this page, but there is more") : `Rows ${first} to ${first + data.items.length - 1}`}
                    </span>
                    <Button small icon={ChevronLeft} isDisabled={cursors.length === 0} onPress={() => setCursors(cursors.slice(0, -1))}>
                        Previous
                    </Button>
                    <Button small icon={ChevronRight} isDisabled={data.next === null} onPress={() => data.next !== null && setCursors([...cursors, data.next])}>
                        Next
                    </Button>
                </nav>
            )}
        </>
    );
}
