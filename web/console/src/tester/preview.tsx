// The app in a frame at some device's width, what the page gives it, and every message between the two.
import { embed, type Embed, type Link, type State } from "@inlay/embed";
import { Eraser, Monitor, RotateCw, Smartphone, Tablet } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Badge, Button, Notice, Panel } from "../ui/basics";
import { Segments, TextField } from "../ui/fields";
import { denial } from "../words";
import { parseObject } from "./form";

const DEVICES = {
    phone: { name: "Phone", icon: Smartphone, width: 390, height: 700 },
    tablet: { name: "Tablet", icon: Tablet, width: 820, height: 760 },
    desktop: { name: "Desktop", icon: Monitor, width: 1280, height: 760 },
};
type Device = keyof typeof DEVICES;

const STATES: Record<State, { tone: "info" | "good" | "bad"; name: string }> = {
    loading: { tone: "info", name: "Opening" },
    ready: { tone: "good", name: "Open" },
    error: { tone: "bad", name: "Refused" },
};

const LOG_MAX = 200;

interface Logged {
    id: number;
    at: Date;
    direction: "sent" | "received";
    message: unknown;
}

function useSize() {
    const place = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(0);
    useEffect(() => {
        const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
        if (place.current !== null) {
            observer.observe(place.current);
        }
        return () => observer.disconnect();
    }, []);
    return [place, width] as const;
}

/** A strict app looks at the origin of the page that posts its link, which the console's pages hide otherwise. */
function showOrigin(): () => void {
    const meta = Object.assign(document.createElement("meta"), { name: "referrer", content: "strict-origin" });
    document.head.append(meta);
    return () => {
        meta.content = "no-referrer";
        meta.remove();
    };
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

function shortly(message: unknown): string {
    try {
        return typeof message === "string" ? message : (JSON.stringify(message) ?? String(message));
    } catch {
        return String(message);
    }
}

function Messages({ log, onClear }: { log: Logged[]; onClear: () => void }) {
    return (
        <Panel
            title="Messages"
            lead="What app and page tell each other by postMessage, newest first."
            actions={
                <Button small icon={Eraser} isDisabled={log.length === 0} onPress={onClear}>
                    Clear
                </Button>
            }
            flush
        >
            <div className="messages" tabIndex={0} aria-label="Messages" role="log">
                {log.length === 0 && <p className="quiet">Nothing was said yet.</p>}
                <ol>
                    {log.map(({ id, at, direction, message }) => (
                        <li key={id} className={direction}>
                            <span className="direction">{direction === "sent" ? "to the app" : "from the app"}</span>
                            <time dateTime={at.toISOString()}>{clock.format(at)}</time>
                            <code>{shortly(message)}</code>
                        </li>
                    ))}
                </ol>
            </div>
        </Panel>
    );
}

/** `getUrl` is another function for each press of "Open": then the app is opened anew. */
export function Preview({ getUrl, name }: { getUrl: () => Promise<Link>; name: string }) {
    const [device, setDevice] = useState<Device>(() => (innerWidth < 700 ? "phone" : "desktop"));
    const [state, setState] = useState<State>("loading");
    const [problem, setProblem] = useState<{ code: string; message: string } | null>(null);
    const [log, setLog] = useState<Logged[]>([]);
    const [text, setText] = useState('{\n  "theme": "light"\n}');
    const [place, room] = useSize();
    const stage = useRef<HTMLDivElement>(null);
    const top = useRef<HTMLDivElement>(null);
    const shown = useRef<Embed | null>(null);
    const data = parseObject(text);
    const { width, height } = DEVICES[device];
    const scale = room === 0 ? 1 : Math.min(1, (room - 2) / width);

    const open = useEffectEvent((url: () => Promise<Link>) => {
        let last = 0;
        return embed(stage.current!, {
            getUrl: url,
            data: parseObject(text).value,
            title: name,
            onState: (now) => {
                setState(now);
                if (now !== "error") {
                    setProblem(null);
                }
            },
            onError: (code, message) => setProblem({ code, message }),
            trace: (direction, message) => {
                last += 1;
                const entry = { id: last, at: new Date(), direction, message };
                setLog((before) => [entry, ...before.slice(0, LOG_MAX - 1)]);
            },
        });
    });
    useEffect(() => {
        top.current?.scrollIntoView({ block: "start" });
        const hideOrigin = showOrigin();
        const current = open(getUrl);
        shown.current = current;
        return () => {
            current.destroy();
            hideOrigin();
            setState("loading");
            setProblem(null);
            setLog([]);
        };
    }, [getUrl]);

    const change = (now: string) => {
        setText(now);
        const { value } = parseObject(now);
        if (value !== undefined) {
            shown.current?.update(value);
        }
    };

    return (
        <div className="stack-l preview" ref={top}>
            <Panel
                title="Preview"
                actions={
                    <>
                        <Badge tone={STATES[state].tone} dot>
                            {STATES[state].name}
                        </Badge>
                        <Segments
                            label="Width"
                            choices={(Object.keys(DEVICES) as Device[]).map((id) => {
                                const { name: of, icon: Icon, width: px } = DEVICES[id];
                                return {
                                    id,
                                    name: (
                                        <>
                                            <Icon size={15} aria-hidden /> {of} <small>{px}</small>
                                        </>
                                    ),
                                };
                            })}
                            value={device}
                            onChange={setDevice}
                        />
                        <Button small icon={RotateCw} onPress={() => shown.current?.reload()}>
                            Open anew
                        </Button>
                    </>
                }
                flush
            >
                {problem !== null && (
                    <div className="preview-problem">
                        <Notice tone="bad">
                            <strong>{problem.code === "no_link" ? problem.message : denial(problem.code).long}</strong>
                            {problem.code !== "no_link" && (
                                <>
                                    {" "}
                                    <code>{problem.code}</code>
                                </>
                            )}
                        </Notice>
                    </div>
                )}
                <div className={`stage ${problem?.code === "no_link" ? "none" : ""}`} ref={place}>
                    <div
                        className="stage-fit"
                        style={{ width: Math.floor(width * scale), height: Math.floor(height * scale) }}
                    >
                        <div
                            className={`device ${device}`}
                            ref={stage}
                            style={{ width, height, transform: `scale(${scale})` }}
                        />
                    </div>
                </div>
            </Panel>
            <div className="halves">
                <Panel
                    title="Data"
                    lead="What your page gives the app by name, as the data property does. It takes effect as you type."
                >
                    <TextField
                        label="data"
                        code
                        rows={8}
                        value={text}
                        onChange={change}
                        wrong={data.wrong}
                        hint="The app reads it with parent.value() and parent.watch(), or with Retool's parent window queries."
                    />
                </Panel>
                <Messages log={log} onClear={() => setLog([])} />
            </div>
        </div>
    );
}
