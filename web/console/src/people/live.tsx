// The audit log as it grows.
import { CirclePause, CirclePlay } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Schemas } from "../api/client";
import { parse } from "../api/json";
import { Badge, Button, Empty, Notice } from "../ui/basics";
import { plural } from "../ui/format";

type Event = Schemas["Event"];

const KEPT_MAX = 200;
type Line = "connecting" | "open" | "lost";

/** Follows `url` while it is shown; paused, what comes waits. Another `url` needs another `key`. */
export function Live({ url, table }: { url: string; table: (events: Event[]) => ReactNode }) {
    const [events, setEvents] = useState<Event[]>([]);
    const [waiting, setWaiting] = useState<Event[]>([]);
    const [paused, setPaused] = useState(false);
    const [line, setLine] = useState<Line>("connecting");
    const [attempt, setAttempt] = useState(0);
    const isPaused = useRef(false);

    useEffect(() => {
        const source = new EventSource(url);
        source.onopen = () => setLine("open");
        // It connects again by itself, unless the server refused.
        source.onerror = () => setLine(source.readyState === EventSource.CLOSED ? "lost" : "connecting");
        source.onmessage = ({ data }) => {
            const event = parse(String(data)) as Event;
            const add = isPaused.current ? setWaiting : setEvents;
            add((before) => [event, ...before].slice(0, KEPT_MAX));
        };
        return () => source.close();
    }, [url, attempt]);

    const pause = (now: boolean) => {
        isPaused.current = now;
        setPaused(now);
        if (!now) {
            setEvents((before) => [...waiting, ...before].slice(0, KEPT_MAX));
            setWaiting([]);
        }
    };

    const connectAgain = () => {
        setLine("connecting");
        setAttempt(attempt + 1);
    };

    return (
        <>
            <div className="live">
                <Badge tone={paused ? "warn" : line === "open" ? "good" : "plain"} dot>
                    {paused
                        ? "Paused"
                        : line === "open"
                          ? "Live"
                          : line === "connecting"
                            ? "Connecting"
                            : "Not connected"}
                </Badge>
                <Button small icon={paused ? CirclePlay : CirclePause} onPress={() => pause(!paused)}>
                    {paused ? "Go on" : "Pause"}
                </Button>
                <span role="status" className="quiet">
                    {paused &&
                        (waiting.length === 0
                            ? "Nothing new"
                            : `${plural(waiting.length, "new event")}${waiting.length === KEPT_MAX ? " or more" : ""}`)}
                </span>
            </div>
            {line === "lost" && (
                <div className="live">
                    <Notice tone="bad">
                        The server ended the connection.{" "}
                        <button type="button" className="link-button" onClick={connectAgain}>
                            Connect again
                        </button>
                    </Notice>
                </div>
            )}
            {events.length === 0 ? (
                <div className="panel-empty">
                    <Empty icon={CirclePlay} title="Waiting for the next event">
                        What happens from now on appears here within a second or two.
                    </Empty>
                </div>
            ) : (
                table(events)
            )}
        </>
    );
}
