// An app in a frame: opening it, talking with it, and renewing its session while it stays as it is.
import { backoff, stopwatch } from "./clock.js";
import { isObject, openHidden, type Message } from "./hidden.js";

/** What Inlay answered to the portal's server, as it is; or an address by itself. */
export interface Link {
    readonly embedUrl?: string;
    readonly redirectUrl?: string;
    readonly url?: string;
    /** How long its session will last. Inlay is asked otherwise. */
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
    /** For tools: each message between the page and the app, as it goes. */
    trace?: ((direction: "sent" | "received", message: unknown) => void) | undefined;
    autoHeight?: boolean | undefined;
    allow?: string | undefined;
    sandbox?: string | undefined;
    title?: string | undefined;
}

interface Address {
    readonly url: string;
    readonly expiresInSeconds: number | undefined;
}

export type State = "loading" | "ready" | "error";

export interface Embed {
    /** New values for the app. */
    update(data: Readonly<Record<string, unknown>> | undefined): void;
    /** Opens the app anew, with a new link. */
    reload(): void;
    /** The person has left the portal: ends the session, and takes the frame away. */
    logout(): void;
    /** Takes the frame away and ends every timer. */
    destroy(): void;
}

/** What another link can mend. */
const MENDABLE = /^(link_(expired|replaced|used)|session_(ended|missing))$/;
const FINAL = /^(access_denied|app_not_released|cookies_blocked)$/;
const REOPEN_S = 30;
/** How long the portal, or a hidden frame, may take to answer. */
const TIMEOUT_MS = 20_000;
const HELLO_MS = [0, 300, 1000, 3000];
const ASK_MS = 5000;
const GOODBYE_MS = 5000;
/** How late we may notice that the machine slept. */
const LONGEST_MS = 60_000;
const QUERIES_MAX = 256;
const HEIGHT_MAX = 100_000;

const isSeconds = (value: unknown): value is number =>
    typeof value === "number" && Number.isFinite(value) && value >= 0;

export function embed(place: Element, options: EmbedOptions): Embed {
    let frame: HTMLIFrameElement | undefined;
    let origin = "";
    let state: State | undefined;
    let problem = "";
    let opening = false;
    let erred = false; // the frame said that it shows an error page
    let loads = 0;
    let turn = 0;
    let destroyed = false;
    let data = options.data;
    let height: number | undefined;
    let greeted = false;
    const queries = new Map<string, { selector: string; id: unknown; pageName: unknown; sent: unknown }>();
    const timers = new Set<ReturnType<typeof setTimeout>>();

    let reopened: (() => number) | undefined;
    let lifetime: { seconds: number; since: () => number } | undefined;
    let isKnown = false; // how long the session lasts
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

    function send(message: unknown): void {
        if (frame !== undefined) {
            options.trace?.("sent", message);
            try {
                frame.contentWindow?.postMessage(message, origin);
            } catch {
                // A value that browsers do not copy, such as a reactive object of Vue: what JSON has of it.
                frame.contentWindow?.postMessage(JSON.parse(JSON.stringify(message)), origin);
            }
        }
    }

    /** The portal's own function may throw, reject, or never answer. */
    function askPortal(): Promise<unknown> {
        return new Promise((resolve, reject) => {
            const timer = later(() => reject(new Error("getUrl() did not answer.")), TIMEOUT_MS);
            const done = () => {
                clearTimeout(timer);
                timers.delete(timer);
            };
            (async () => options.getUrl())().finally(done).then(resolve, reject);
        });
    }

    async function newLink(): Promise<Address> {
        const answer = await askPortal();
        const link: Message = typeof answer === "string" ? { url: answer } : isObject(answer) ? answer : {};
        const url = link["url"] ?? link["embedUrl"] ?? link["redirectUrl"];
        const isResponse = typeof link["json"] === "function"; // it has a url, too: that of the portal's own server
        if (typeof url !== "string" || isResponse || !/^https?:/.test(new URL(url).protocol)) {
            throw new TypeError(
                "getUrl() must give what Inlay answered, such as {embedUrl}, or an http or https address.",
            );
        }
        const seconds = link["expiresInSeconds"];
        return { url, expiresInSeconds: isSeconds(seconds) ? seconds : undefined };
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

    /** What failed for want of a link is told once. What was shown before is tried again by itself, the rest on waking. */
    async function open(): Promise<void> {
        const mine = ++turn;
        const tries = problem === "no_link" ? attempt + 1 : 0;
        stopRenewing();
        if (tries === 0) {
            problem = "";
            enter("loading");
        }
        opening = true;
        let link: Address;
        try {
            link = await newLink();
        } catch (error) {
            if (mine === turn && !destroyed) {
                opening = false;
                attempt = tries;
                if (frame !== undefined) {
                    renewTimer = setTimeout(wake, backoff(tries));
                }
                if (tries === 0) {
                    fail("no_link", error instanceof Error ? error.message : String(error));
                }
            }
            return;
        }
        if (mine === turn && !destroyed) {
            opening = false;
            show(link);
        }
    }

    function show(link: Address): void {
        problem = "";
        erred = false;
        enter("loading");
        const made = makeFrame(link.url);
        frame?.remove();
        frame = made;
        origin = new URL(link.url).origin;
        queries.clear();
        height = undefined;
        isKnown = false;
        made.addEventListener("load", () => {
            if (made !== frame) {
                return;
            }
            const load = ++loads;
            greeted = false;
            for (const ms of HELLO_MS) {
                later(
                    () =>
                        made === frame &&
                        !greeted &&
                        send({ type: "inlay:hello", v: 1, height: options.autoHeight === true }),
                    ms,
                );
            }
            later(wake, ASK_MS);
            // An error page tells of itself before it is loaded. What follows it, by its "Try again", is the app.
            later(() => {
                if (made === frame && load === loads) {
                    if (!erred) {
                        problem = "";
                        enter("ready");
                    }
                    erred = false;
                }
            }, 150);
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
        options.trace?.("received", event.data);
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
                erred = true;
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
        if (opening || problem === "no_link") {
            return; // another link is on its way
        }
        stopRenewing();
        isKnown = false;
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
        isKnown = true;
        attempt = 0;
        plan();
    }

    const lead = () => Math.min(120, (lifetime?.seconds ?? 0) / 5);

    function plan(): void {
        clearTimeout(renewTimer);
        if (lifetime !== undefined && endRenewal === undefined && !destroyed) {
            const ms = attempt > 0 ? backoff(attempt - 1) : Math.max(0, left() - lead()) * 1000;
            renewTimer = setTimeout(wake, Math.min(ms, LONGEST_MS));
        }
    }

    /** Also when the machine wakes up, the network is back, or the page is shown again. */
    function wake(): void {
        if (destroyed) {
            return;
        }
        if (problem === "no_link") {
            if (!opening) {
                void open();
            }
        } else if (endRenewal === undefined && state === "ready") {
            if (!isKnown) {
                ask();
            } else if (lifetime !== undefined && left() <= lead() + 1) {
                void renew();
            } else {
                plan();
            }
        }
    }

    /** Something goes on in a hidden frame, at most so long; only one at a time. */
    function begin(over: () => void): { isCurrent: () => boolean; end: () => void; close: (() => void) | undefined } {
        clearTimeout(renewTimer);
        const timer = setTimeout(() => {
            hidden.end();
            over();
        }, TIMEOUT_MS);
        const hidden = {
            isCurrent: () => endRenewal === hidden.end,
            end: () => {
                endRenewal = undefined;
                clearTimeout(timer);
                hidden.close?.();
            },
            close: undefined as (() => void) | undefined,
        };
        endRenewal = hidden.end;
        return hidden;
    }

    /** An app that does not know us does not tell how long its session lasts. A page of Inlay's own does, if there is one. */
    function ask(): void {
        const hidden = begin(() => {
            renewTimer = setTimeout(wake, LONGEST_MS);
        });
        hidden.close = openHidden(place, `${origin}/_inlay/renewed`, (told) => {
            hidden.end();
            if (!isKnown && told.type === "inlay:renewed" && isSeconds(told["expiresInSeconds"])) {
                lasts(told["expiresInSeconds"]);
            } else if (!isKnown && told.type === "inlay:error") {
                gone(String(told["code"]), String(told["message"]));
            }
        });
    }

    function failed(): void {
        attempt += 1;
        plan();
        if (attempt === 1) {
            options.onExpiring?.({ expiresInSeconds: Math.max(0, Math.floor(left())) });
        }
    }

    /** A hidden frame opens the new link, which makes the session of its origin last longer. */
    async function renew(): Promise<void> {
        const mine = turn;
        const hidden = begin(failed);
        let link: Address;
        try {
            link = await newLink();
        } catch {
            if (hidden.isCurrent()) {
                hidden.end();
                failed();
            }
            return;
        }
        if (!hidden.isCurrent() || mine !== turn || destroyed) {
            return;
        }
        const url = new URL(link.url);
        if (url.origin !== origin) {
            // Other claims have another origin: what is shown belongs to the old ones.
            hidden.end();
            stopRenewing();
            turn += 1;
            show(link);
            return;
        }
        url.searchParams.set("renew", "1");
        hidden.close = openHidden(place, url.href, (told) => {
            const seconds = told["expiresInSeconds"];
            if (told.type === "inlay:renewed" && isSeconds(seconds)) {
                hidden.end();
                if (seconds > left()) {
                    lasts(seconds);
                    send({ type: "inlay:renewed", v: 1 });
                } else {
                    failed();
                }
            } else if (told.type === "inlay:error") {
                hidden.end();
                const code = String(told["code"]);
                if (FINAL.test(code)) {
                    stopRenewing();
                    options.onError?.(code, String(told["message"]));
                } else {
                    failed();
                }
            }
        });
    }

    /** The page of Inlay's own ends the session of an app that does not know us. */
    function sayGoodbye(): void {
        const close = openHidden(place, `${origin}/_inlay/renewed`, (told, answer) => {
            if (told.type === "inlay:renewed") {
                answer({ type: "inlay:logout", v: 1 });
            }
        });
        setTimeout(close, GOODBYE_MS);
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
                const value =
                    next !== undefined && Object.hasOwn(next, query.selector) ? next[query.selector] : undefined;
                if (!Object.is(value, query.sent)) {
                    answer(query);
                }
            }
        },
        reload() {
            if (!destroyed) {
                reopened = undefined;
                problem = "";
                void open();
            }
        },
        logout() {
            const leaving = frame;
            if (leaving !== undefined && greeted) {
                send({ type: "inlay:logout", v: 1 });
                // The frame lives on, unseen, until the app has said goodbye to the server.
                leaving.hidden = true;
                leaving.style.display = "none";
                frame = undefined;
                setTimeout(() => leaving.remove(), GOODBYE_MS);
            } else if (leaving !== undefined) {
                sayGoodbye();
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
