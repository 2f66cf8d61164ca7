// An app in a frame: opening it, talking with it, and renewing its session while it stays as it is.
import { backoff, stopwatch } from "./clock.js";

export interface Link {
    /** `embedUrl` or `redirectUrl` of Inlay's answer. */
    readonly url: string;
    /** How long its session will last. An app with Inlay's SDK tells that itself. */
    readonly expiresInSeconds?: number;
}

export interface EmbedOptions {
    /** Asks the portal's server for a new link. */
    getUrl: () => string | Link | Promise<string | Link>;
    /** Values for the app, by name. */
    data?: Readonly<Record<string, unknown>> | undefined;
    /** What the app sends. */
    onData?: ((data: unknown) => void) | undefined;
    onReady?: (() => void) | undefined;
    /** The app is not there: a code of Inlay's, or "no_link" if getUrl failed. */
    onError?: ((code: string, message: string) => void) | undefined;
    /** The session could not be renewed yet. It is tried again by itself. */
    onExpiring?: ((left: { expiresInSeconds: number }) => void) | undefined;
    /** "loading", "ready" or "error". */
    onState?: ((state: State) => void) | undefined;
    autoHeight?: boolean | undefined;
    allow?: string | undefined;
    sandbox?: string | undefined;
    title?: string | undefined;
}

export type State = "loading" | "ready" | "error";

export interface Embed {
    /** New values for the app. */
    update(data: Readonly<Record<string, unknown>> | undefined): void;
    /** Opens the app anew, with a new link. */
    reload(): void;
    /** The person has left the portal: ends the session of an app with Inlay's SDK, and takes the frame away. */
    logout(): void;
    /** Takes the frame away and ends every timer. */
    destroy(): void;
}

/** What another link can mend. */
const MENDABLE = /^(link_(expired|replaced|used)|session_(ended|missing))$/;
const FINAL = /^(access_denied|app_not_released|cookies_blocked)$/;
const REOPEN_S = 30;
const RENEW_TIMEOUT_MS = 20_000;
const HELLO_MS = [0, 300, 1000, 3000];
const QUERIES_MAX = 256;
const HEIGHT_MAX = 100_000;

interface Message {
    readonly type?: unknown;
    readonly [name: string]: unknown;
}

const isObject = (data: unknown): data is Message => typeof data === "object" && data !== null;
const isSeconds = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;

export function embed(place: Element, options: EmbedOptions): Embed {
    let frame: HTMLIFrameElement | undefined;
    let origin = "";
    let state: State | undefined;
    let problem = "";
    let turn = 0;
    let destroyed = false;
    let data = options.data;
    let height: number | undefined;
    let greeted = false;
    const queries = new Map<string, { selector: string; id: unknown; pageName: unknown; sent: unknown }>();
    const timers = new Set<ReturnType<typeof setTimeout>>();

    let reopened: (() => number) | undefined;
    let lifetime: { seconds: number; since: () => number } | undefined;
    let renewTimer: ReturnType<typeof setTimeout> | undefined;
    let attempt = 0;
    let endRenewal: (() => void) | undefined;

    function later(run: () => void, ms: number): ReturnType<typeof setTimeout> {
        const timer = setTimeout(() => {
            timers.delete(timer);
            run();
        }, ms);
        timers.add(timer);
        return timer;
    }

    function enter(next: State): void {
        if (state !== next) {
            state = next;
            options.onState?.(next);
            if (next === "ready") {
                options.onReady?.();
            }
        }
    }

    function fail(code: string, message: string): void {
        problem = code;
        enter("error");
        options.onError?.(code, message);
    }

    const send = (message: unknown) => frame?.contentWindow?.postMessage(message, origin);

    async function newLink(): Promise<Link> {
        const answer = await options.getUrl();
        const link = typeof answer === "string" ? { url: answer } : answer;
        if (!/^https?:$/.test(new URL(link.url).protocol)) {
            throw new TypeError("getUrl() must give an http or https address.");
        }
        return link;
    }

    function makeFrame(url: string): HTMLIFrameElement {
        const made = document.createElement("iframe");
        made.title = options.title ?? "App";
        if (options.allow !== undefined) {
            made.allow = options.allow;
        }
        if (options.sandbox !== undefined) {
            made.setAttribute("sandbox", options.sandbox);
        }
        made.style.cssText = "display:block;width:100%;height:100%;border:0";
        made.src = url;
        return made;
    }

    async function open(): Promise<void> {
        const mine = ++turn;
        stopRenewing();
        problem = "";
        enter("loading");
        try {
            show(await newLink(), mine);
        } catch (error) {
            if (mine === turn && !destroyed) {
                fail("no_link", error instanceof Error ? error.message : String(error));
            }
        }
    }

    function show(link: Link, mine: number): void {
        if (mine !== turn || destroyed) {
            return;
        }
        enter("loading");
        const made = makeFrame(link.url);
        frame?.remove();
        frame = made;
        origin = new URL(link.url).origin;
        queries.clear();
        height = undefined;
        made.addEventListener("load", () => {
            if (made !== frame) {
                return;
            }
            greeted = false;
            for (const ms of HELLO_MS) {
                later(() => made === frame && !greeted && state !== "error" && send({ type: "inlay:hello", v: 1, height: options.autoHeight === true }), ms);
            }
            // An error page tells of itself before it is loaded.
            later(() => made === frame && state === "loading" && enter("ready"), 150);
        });
        place.append(made);
        if (link.expiresInSeconds !== undefined) {
            lasts(link.expiresInSeconds);
        }
    }

    function answer(query: { selector: string; id: unknown; pageName: unknown; sent: unknown }): void {
        const value = data !== undefined && Object.hasOwn(data, query.selector) ? data[query.selector] : undefined;
        query.sent = value;
        send({ type: "PARENT_WINDOW_RESULT", result: value ?? null, id: query.id, pageName: query.pageName });
    }

    function hear(event: MessageEvent<unknown>): void {
        if (frame === undefined || event.source !== frame.contentWindow || event.origin !== origin) {
            return;
        }
        const message: Message = isObject(event.data) ? event.data : {};
        switch (message.type) {
            case "PARENT_WINDOW_QUERY":
                if (typeof message["selector"] === "string" && typeof message["id"] === "string") {
                    const { selector, id } = message as unknown as { selector: string; id: string };
                    const key = `${String(message["pageName"])} ${id}`;
                    const query = { selector, id, pageName: message["pageName"], sent: undefined };
                    if (queries.size < QUERIES_MAX || queries.has(key)) {
                        queries.set(key, query);
                    }
                    answer(query);
                }
                return;
            case "inlay:ready":
                greeted = true;
                enter("ready");
                if (isSeconds(message["expiresInSeconds"])) {
                    lasts(message["expiresInSeconds"]);
                }
                return;
            case "inlay:height":
                if (options.autoHeight === true && isSeconds(message["height"]) && message["height"] !== height) {
                    height = message["height"];
                    frame.style.height = `${Math.min(height, HEIGHT_MAX)}px`;
                }
                return;
            case "inlay:error":
                gone(String(message["code"]), String(message["message"]));
                return;
            default:
                if (typeof message.type !== "string" || !message.type.startsWith("inlay:")) {
                    options.onData?.(event.data);
                }
        }
    }

    /** The frame shows an error page. A frame whose links fail at once is not reopened for ever. */
    function gone(code: string, message: string): void {
        stopRenewing();
        if (MENDABLE.test(code) && (reopened === undefined || reopened() > REOPEN_S)) {
            reopened = stopwatch();
            void open();
        } else {
            fail(code, message);
        }
    }

    // ---- renewing ----

    const left = () => (lifetime === undefined ? Infinity : lifetime.seconds - lifetime.since());

    function stopRenewing(): void {
        clearTimeout(renewTimer);
        endRenewal?.();
        lifetime = undefined;
        attempt = 0;
    }

    /** The session lasts so long from now on: renew it when a fifth of that, or two minutes, are left. */
    function lasts(seconds: number): void {
        lifetime = { seconds, since: stopwatch() };
        attempt = 0;
        plan();
    }

    const lead = () => Math.min(120, (lifetime?.seconds ?? 0) / 5);

    function plan(): void {
        clearTimeout(renewTimer);
        if (lifetime !== undefined && endRenewal === undefined && !destroyed) {
            const ms = attempt > 0 ? backoff(attempt - 1) : Math.max(0, left() - lead()) * 1000;
            renewTimer = setTimeout(wake, Math.min(ms, 3_600_000));
        }
    }

    /** Also when the machine wakes up, the network is back, or the page is shown again. */
    function wake(): void {
        if (destroyed) {
            return;
        }
        if (problem === "no_link") {
            void open();
        } else if (lifetime !== undefined && endRenewal === undefined) {
            if (left() <= lead() + 1) {
                void renew();
            } else {
                plan();
            }
        }
    }

    /** A second, hidden frame opens the new link, which replaces the cookie of the first one's origin. */
    async function renew(): Promise<void> {
        const mine = turn;
        clearTimeout(renewTimer);
        let hidden: HTMLIFrameElement | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;
        const listen = ({ source, origin: from, data: told }: MessageEvent<unknown>) => {
            if (hidden === undefined || source !== hidden.contentWindow || from !== origin || !isObject(told)) {
                return;
            }
            const seconds = told["expiresInSeconds"];
            if (told.type === "inlay:renewed" && isSeconds(seconds)) {
                end();
                if (seconds > left()) {
                    lasts(seconds);
                    send({ type: "inlay:renewed", v: 1 });
                } else {
                    failed();
                }
            } else if (told.type === "inlay:error") {
                end();
                const code = String(told["code"]);
                if (FINAL.test(code)) {
                    stopRenewing();
                    options.onError?.(code, String(told["message"]));
                } else {
                    failed();
                }
            }
        };
        const end = () => {
            endRenewal = undefined;
            clearTimeout(timer);
            removeEventListener("message", listen);
            hidden?.remove();
        };
        const failed = () => {
            attempt += 1;
            if (attempt === 1) {
                options.onExpiring?.({ expiresInSeconds: Math.max(0, Math.floor(left())) });
            }
            plan();
        };
        endRenewal = end;
        timer = setTimeout(() => {
            end();
            failed();
        }, RENEW_TIMEOUT_MS);
        let link: Link;
        try {
            link = await newLink();
        } catch {
            if (endRenewal === end) {
                end();
                failed();
            }
            return;
        }
        if (endRenewal !== end || mine !== turn || destroyed) {
            return;
        }
        const url = new URL(link.url);
        if (url.origin !== origin) {
            // Other claims have another origin: what is shown belongs to the old ones.
            end();
            stopRenewing();
            show(link, ++turn);
            return;
        }
        url.searchParams.set("renew", "1");
        hidden = document.createElement("iframe");
        hidden.hidden = true;
        hidden.title = "";
        hidden.setAttribute("aria-hidden", "true");
        hidden.src = url.href;
        addEventListener("message", listen);
        place.append(hidden);
    }

    const EVENTS = ["online", "pageshow", "focus"] as const;
    addEventListener("message", hear);
    EVENTS.forEach((name) => addEventListener(name, wake));
    document.addEventListener("visibilitychange", wake);
    void open();

    const self: Embed = {
        update(next) {
            data = next;
            for (const query of queries.values()) {
                const value = next !== undefined && Object.hasOwn(next, query.selector) ? next[query.selector] : undefined;
                if (!Object.is(value, query.sent)) {
                    answer(query);
                }
            }
        },
        reload() {
            if (!destroyed) {
                reopened = undefined;
                void open();
            }
        },
        logout() {
            send({ type: "inlay:logout", v: 1 });
            const leaving = frame;
            if (leaving !== undefined) {
                // The frame lives on, unseen, until the app has said goodbye to the server.
                leaving.hidden = true;
                leaving.style.display = "none";
                frame = undefined;
                setTimeout(() => leaving.remove(), 2000);
            }
            self.destroy();
        },
        destroy() {
            destroyed = true;
            turn += 1;
            stopRenewing();
            timers.forEach(clearTimeout);
            removeEventListener("message", hear);
            EVENTS.forEach((name) => removeEventListener(name, wake));
            document.removeEventListener("visibilitychange", wake);
            frame?.remove();
            frame = undefined;
        },
    };
    return self;
}
