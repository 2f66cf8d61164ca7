// What the page and the app in a frame say to each other: docs/protocol.md.
import type { Frame } from "./frame.js";
import { isObject, type Message } from "./hidden.js";
import { isPath, isSeconds, type EmbedOptions } from "./options.js";

const HELLO_MS = [0, 300, 1000, 3000];
const QUERIES_MAX = 256;

interface Query {
    readonly selector: string;
    readonly id: unknown;
    readonly pageName: unknown;
    sent: unknown;
}

export interface Talk {
    /** Another document is there: says hello until it answers. */
    greet(): void;
    /** Whether it has answered. */
    isGreeted(): boolean;
    send(message: unknown): void;
    /** New values, for the queries that they change. */
    update(data: EmbedOptions["data"]): void;
    end(): void;
}

export interface Heard {
    ready(expiresInSeconds: number | undefined): void;
    /** The frame shows an error page. */
    error(code: string, message: string): void;
    /** The app is at this path, query and fragment. */
    location(path: string): void;
}

/** Names that don't come from `data` if they are given. */
export type Look = Record<"theme" | "locale", string | undefined>;

export function talk(
    frame: Frame,
    options: EmbedOptions,
    data: EmbedOptions["data"],
    look: Readonly<Look>,
    heard: Heard,
): Talk {
    const queries = new Map<string, Query>();
    let isGreeted = false;
    let height: number | undefined;
    const wantsHeight = options.autoHeight === true || options.onResize !== undefined;

    function send(message: unknown): void {
        options.trace?.("sent", message);
        frame.post(message);
    }

    const valueOf = ({ selector }: Query): unknown => {
        const asked = selector === "theme" || selector === "locale" ? look[selector] : undefined;
        return asked ?? (data !== undefined && Object.hasOwn(data, selector) ? data[selector] : undefined);
    };

    function answer(query: Query): void {
        query.sent = valueOf(query);
        send({ type: "PARENT_WINDOW_RESULT", result: query.sent ?? null, id: query.id, pageName: query.pageName });
    }

    function ask({ selector, id, pageName }: Message): void {
        if (typeof selector === "string" && typeof id === "string") {
            const key = `${String(pageName)} ${id}`;
            const query = { selector, id, pageName, sent: undefined };
            if (queries.size < QUERIES_MAX || queries.has(key)) {
                queries.set(key, query);
            }
            answer(query);
        }
    }

    function hear(event: MessageEvent<unknown>): void {
        if (!frame.isSource(event)) {
            return;
        }
        options.trace?.("received", event.data);
        const message: Message = isObject(event.data) ? event.data : {};
        switch (message.type) {
            case "PARENT_WINDOW_QUERY":
                ask(message);
                return;
            case "inlay:ready": {
                const seconds = message["expiresInSeconds"];
                isGreeted = true;
                heard.ready(isSeconds(seconds) ? seconds : undefined);
                return;
            }
            case "inlay:height":
                if (wantsHeight && isSeconds(message["height"]) && message["height"] !== height) {
                    height = message["height"];
                    if (options.autoHeight === true) {
                        frame.resize(height);
                    }
                    options.onResize?.(height);
                }
                return;
            case "inlay:location":
                if (isPath(message["path"])) {
                    heard.location(message["path"]);
                }
                return;
            case "inlay:error":
                heard.error(String(message["code"]), String(message["message"] ?? message["code"]));
                return;
            default:
                if (typeof message.type !== "string" || !message.type.startsWith("inlay:")) {
                    options.onData?.(event.data);
                }
        }
    }

    addEventListener("message", hear);
    return {
        greet() {
            isGreeted = false;
            for (const ms of HELLO_MS) {
                frame.later(() => {
                    if (!isGreeted) {
                        send({ type: "inlay:hello", v: 1, height: wantsHeight, location: true });
                    }
                }, ms);
            }
        },
        isGreeted: () => isGreeted,
        send,
        update(next) {
            data = next;
            for (const query of queries.values()) {
                if (!Object.is(valueOf(query), query.sent)) {
                    answer(query);
                }
            }
        },
        end: () => removeEventListener("message", hear),
    };
}
