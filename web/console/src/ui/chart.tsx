// Columns over time, drawn as SVG at the size that is there; the same numbers can be read as a table.
import { useEffect, useRef, useState, type PointerEvent } from "react";
import { count } from "./format";
import { Segments } from "./fields";
import { Panel } from "./basics";
import { Table } from "./table";

export interface Series {
    name: string;
    values: number[];
}

interface ChartProps {
    title: string;
    lead?: string;
    /** When each column begins. */
    times: string[];
    series: Series[];
    /** A column's name, short below the axis and in full in the table. */
    tick: (time: string) => string;
    name: (time: string) => string;
    /** Said instead of columns that are all empty. */
    nothing: string;
    /** Names the series below the chart, also when it is one. */
    legend?: boolean;
}

const HEIGHT = 190;
const TOP = 10;
const BASE = 24;
const LEFT = 38;
const GAP = 0.22;
const TICK_PX = 76;
const COLUMN_PX = 44;

/** 0, and up to four round numbers above it that end at or above the highest value. */
function scale(highest: number): number[] {
    const rough = Math.max(1, highest) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
    return Array.from({ length: Math.ceil(Math.max(1, highest) / step) + 1 }, (_, at) => at * step);
}

function useWidth() {
    const place = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(0);
    useEffect(() => {
        const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
        if (place.current !== null) {
            observer.observe(place.current);
        }
        return () => observer.disconnect();
    }, []);
    return [place, width] as const;
}

const sumAt = (series: Series[], at: number) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0);
const total = ({ values }: Series) => values.reduce((sum, value) => sum + value, 0);

function Columns({ title, times, series, tick, name, nothing }: ChartProps) {
    const [place, width] = useWidth();
    const [shown, setShown] = useState<number | null>(null);
    const sums = times.map((_, at) => sumAt(series, at));
    const lines = scale(Math.max(0, ...sums));
    const top = lines.at(-1) ?? 1;
    const inner = Math.max(0, width - LEFT);
    const step = times.length === 0 ? 0 : inner / times.length;
    const y = (value: number) => TOP + (HEIGHT - TOP - BASE) * (1 - value / top);
    const every = Math.max(1, Math.ceil(TICK_PX / Math.max(1, step)));
    const thick = Math.min(COLUMN_PX, Math.max(1, step * (1 - GAP)));
    const narrow = step < TICK_PX / 2;
    const all = sums.reduce((sum, value) => sum + value, 0);

    const point = ({ nativeEvent }: PointerEvent) => {
        const at = Math.floor((nativeEvent.offsetX - LEFT) / step);
        setShown(at >= 0 && at < times.length ? at : null);
    };

    const span = `from ${name(times[0] ?? "")} to ${name(times.at(-1) ?? "")}`;
    return (
        <div className="chart" ref={place}>
            <svg
                width={width}
                height={HEIGHT}
                role="img"
                aria-label={`${title}: ${count(all)} ${span}. The table has each value.`}
                onPointerMove={point}
                onPointerDown={point}
                onPointerLeave={() => setShown(null)}
            >
                {lines.map((value) => (
                    <g key={value} className="chart-line">
                        <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
                        <text x={LEFT - 8} y={y(value)} dy="0.32em" textAnchor="end">
                            {count(value)}
                        </text>
                    </g>
                ))}
                {shown !== null && (
                    <rect
                        className="chart-here"
                        x={LEFT + shown * step}
                        y={TOP}
                        width={step}
                        height={HEIGHT - TOP - BASE}
                    />
                )}
                {times.map((time, at) => {
                    let below = 0;
                    return (
                        <g key={time}>
                            {series.map(({ values, name: of }, index) => {
                                const value = values[at] ?? 0;
                                if (value === 0) {
                                    return null;
                                }
                                const bottom = y(below);
                                below += value;
                                const height = Math.max(1.5, bottom - y(below));
                                return (
                                    <rect
                                        key={of}
                                        className={`chart-fill of-${index}`}
                                        x={LEFT + (at + 0.5) * step - thick / 2}
                                        width={thick}
                                        y={bottom - height}
                                        height={height}
                                        rx={Math.min(2.5, thick / 4)}
                                    />
                                );
                            })}
                            {at % every === 0 && (
                                <text
                                    className="chart-tick"
                                    x={LEFT + (narrow && at === 0 ? 0 : at + 0.5) * step}
                                    y={HEIGHT - 6}
                                    textAnchor={narrow && at === 0 ? "start" : "middle"}
                                >
                                    {tick(time)}
                                </text>
                            )}
                        </g>
                    );
                })}
            </svg>
            {all === 0 && <p className="chart-nothing">{nothing}</p>}
            {shown !== null && (
                <div
                    className={`chart-note ${shown > times.length / 2 ? "before" : ""}`}
                    style={{ left: LEFT + (shown + 0.5) * step }}
                >
                    <strong>{name(times[shown] ?? "")}</strong>
                    {series.map(({ name: of, values }, index) =>
                        series.length > 1 && (values[shown] ?? 0) === 0 ? null : (
                            <span key={of}>
                                {series.length > 1 && <i className={`swatch of-${index}`} />}
                                {of} <b>{count(values[shown] ?? 0)}</b>
                            </span>
                        ),
                    )}
                </div>
            )}
        </div>
    );
}

const VIEWS = [
    { id: "chart", name: "Chart" },
    { id: "table", name: "Table" },
] as const;

/** A panel with a chart, its legend, and its numbers as a table. */
export function Chart(props: ChartProps) {
    const { title, lead, times, series, name, legend = series.length > 1 } = props;
    const [view, setView] = useState<"chart" | "table">("chart");
    return (
        <Panel
            title={title}
            {...(lead === undefined ? {} : { lead })}
            actions={
                <Segments
                    label={`How to show ${title.toLowerCase()}`}
                    choices={[...VIEWS]}
                    value={view}
                    onChange={setView}
                />
            }
            flush
        >
            {view === "chart" ? (
                <div className="chart-body">
                    <Columns {...props} />
                    {legend && (
                        <ul className="legend">
                            {series.map((one, index) => (
                                <li key={one.name}>
                                    <i className={`swatch of-${index}`} /> {one.name}{" "}
                                    <span className="quiet">{count(total(one))}</span>
                                </li>
                            ))}
                        </ul>
                    )}
                </div>
            ) : (
                <div className="chart-table" tabIndex={0} role="region" aria-label={`${title} as a table`}>
                    <Table
                        label={title}
                        rows={times.map((time, at) => ({ time, at })).reverse()}
                        rowKey={({ time }) => time}
                        columns={[
                            { title: "From", kind: "lead", cell: ({ time }) => name(time) },
                            ...series.map((one) => ({
                                title: one.name,
                                kind: "number" as const,
                                cell: ({ at }: { at: number }) => count(one.values[at] ?? 0),
                            })),
                        ]}
                    />
                </div>
            )}
        </Panel>
    );
}
