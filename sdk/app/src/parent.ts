// Talking with the page around the frame: values that it offers, and messages to it. What comes from there is a claim
// of the portal's page and says nothing about who is looking.
import { isMock, logout, mock, session } from "./session.js";

type Listener = (value: unknown) => void;

interface Query {
    readonly selector: string;
    readonly listeners: Set<Listener>;
    /** Answered, or given up: `value` holds what listeners know. */
    settled: boolean;
    answered: boolean;
    value: unknown;
    /** What the parent offers; null if nothing. */
    offered: unknown;
    /** What stands in for it; undefined as long as that isn't known. */
    instead: unknown;
}

/** When an unanswered query is asked again: a portal that renders on its server listens only after a while. */
const AGAIN_MS = [300, 1000, 3000];
const SETTLE_MS = 1000;
const DEPTH = 32;
/** How often the document may be higher than the frame by the same. */
const REPEATS = 8;

const inFrame = typeof window !== "undefined" && window.parent !== window;
const page = `inlay-${typeof crypto === "undefined" ? "" : crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
const queries = new Map<string, Query>();
const ids = new Map<string, string>();
/** What can't be sent yet. */
const WAITING_MAX = 256;
const waiting: { readonly message: unknown; readonly tried: Set<string> }[] = [];
let portals: Promise<readonly string[]> | undefined;
let heardFrom: string | undefined;
let watchesHeight = false;
let lastLocation: string | undefined;
let fresh: string[] = [];

/** The parent's origin; undefined as long as neither the browser nor the parent has told. */
function portal(): string | undefined {
    const ancestors = location.ancestorOrigins as DOMStringList | undefined;
    return ancestors?.[0] ?? heardFrom;
}

function post(message: unknown, origin: string): void {
    if (origin !== "null") {
        window.parent.postMessage(message, origin);
    }
}

/** To the parent's exact origin, or to nobody. */
function send(message: unknown): void {
    if (!inFrame) {
        return;
    }
    const to = portal();
    if (to !== undefined) {
        post(message, to);
    } else if (waiting.length < WAITING_MAX) {
        waiting.push({ message: structuredClone(message), tried: new Set() });
        void deliver();
    }
}

/**
 * What waits for the name of the parent goes to each origin that may be it: those that may frame this page, by the word of
 * Inlay's own answers. The browser hands a message to no other than the one that it is addressed to. What a wildcard stands
 * for is known only when it has spoken.
 */
async function deliver(): Promise<void> {
    portals ??= listed();
    const origins = await portals;
    for (const { message, tried } of waiting) {
        for (const origin of origins.filter((origin) => !tried.has(origin))) {
            tried.add(origin);
            post(message, origin);
        }
    }
}

async function listed(): Promise<readonly string[]> {
    try {
        if (window.parent.location.origin !== undefined) {
            return [window.parent.location.origin]; // a page of the app's own
        }
    } catch {
        // It is of another origin.
    }
    const policy = await fetch("/_inlay/session", { method: "HEAD", cache: "no-store" }).then(
        ({ headers }) => headers.get("Content-Security-Policy") ?? "",
        () => "",
    );
    const [, ancestors = ""] = /frame-ancestors ([^;,]*)/.exec(policy) ?? [];
    return ancestors.split(" ").filter((source) => /^https?:\/\/[^*]+$/.test(source));
}

/** The parent has spoken. */
function heard(origin: string): void {
    heardFrom = origin;
    for (const { message, tried } of waiting.splice(0)) {
        if (!tried.has(origin)) {
            post(message, origin);
        }
    }
}

function same(a: unknown, b: unknown, depth = 0): boolean {
    if (Object.is(a, b)) {
        return true;
    }
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || depth > DEPTH) {
        return false;
    }
    const kind = Object.prototype.toString.call(a);
    if (!/ (Object|Array)\]$/.test(kind) || kind !== Object.prototype.toString.call(b)) {
        return false;
    }
    const [mine, theirs] = [a as Record<string, unknown>, b as Record<string, unknown>];
    const keys = Object.keys(mine);
    return (
        keys.length === Object.keys(theirs).length &&
        keys.every((key) => Object.hasOwn(theirs, key) && same(mine[key], theirs[key], depth + 1))
    );
}

function settle(query: Query, value: unknown): void {
    if (query.settled && same(query.value, value)) {
        return;
    }
    query.settled = true;
    query.value = value;
    for (const listener of [...query.listeners]) {
        try {
            listener(value);
        } catch (error) {
            reportError(error); // the others hear of it all the same
        }
    }
}

/** What is known by now. */
function learn(query: Query): void {
    const value = query.offered ?? query.instead;
    if (value !== undefined) {
        settle(query, value);
    }
}

/** Where the portal's page says nothing, its link may have. */
function askSession(query: Query, name: "theme" | "locale"): void {
    query.instead = undefined;
    void session()
        .then(
            (answer) => answer.session[name] ?? null,
            () => null,
        )
        .then((value) => {
            query.instead = value;
            if (value !== null || query.answered) {
                learn(query);
            }
        });
}

function ask(id: string): void {
    const query = queries.get(id);
    if (query !== undefined && !query.answered) {
        send({ type: "PARENT_WINDOW_QUERY", selector: query.selector, pageName: page, id });
    }
}

/** All queries of one moment go out together: Retool's clients answer some of them only then. */
function declare(selector: string): Query {
    const known = ids.get(selector);
    const found = known === undefined ? undefined : queries.get(known);
    if (found !== undefined) {
        return found;
    }
    const id = `${page}-${queries.size}`;
    const query: Query = {
        selector,
        listeners: new Set(),
        settled: false,
        answered: false,
        value: null,
        offered: null,
        instead: null,
    };
    queries.set(id, query);
    ids.set(selector, id);
    if (inFrame) {
        fresh.push(id);
        if (fresh.length === 1) {
            queueMicrotask(() => {
                fresh.forEach(ask);
                fresh = [];
            });
        }
        AGAIN_MS.forEach((ms) => setTimeout(() => ask(id), ms));
        if (selector === "theme" || selector === "locale") {
            askSession(query, selector);
        }
        setTimeout(() => query.settled || settle(query, query.instead ?? null), SETTLE_MS);
    } else {
        const values: Promise<Record<string, unknown>> = isMock ? mock() : Promise.resolve({});
        void values.then(
            (file) => settle(query, (file["parent"] as Record<string, unknown> | undefined)?.[selector] ?? null),
            () => settle(query, null),
        );
    }
    return query;
}

async function sayReady(): Promise<void> {
    const expiresInSeconds = await session().then(
        (answer) => answer.session.expiresInSeconds,
        () => null,
    );
    send({ type: "inlay:ready", v: 1, expiresInSeconds });
}

function watchHeight(): void {
    if (watchesHeight) {
        return;
    }
    watchesHeight = true;
    let last = -1;
    let excess = 0;
    let repeats = 0;
    const tell = () => {
        const { documentElement } = document;
        const box = Math.ceil(documentElement.getBoundingClientRect().height);
        const { scrollHeight } = documentElement; // never less than the frame's
        const height = scrollHeight > innerHeight ? Math.max(box, scrollHeight) : box;
        // One that stays higher than the frame by the same, such as 100vh and a margin, would grow with it for ever.
        const over = height - innerHeight;
        repeats = over > 0 && Math.abs(over - excess) <= 2 ? repeats + 1 : 0;
        excess = over;
        if (height !== last && repeats < REPEATS) {
            last = height;
            send({ type: "inlay:height", v: 1, height });
        }
    };
    new ResizeObserver(tell).observe(document.documentElement);
    addEventListener("resize", tell);
    tell();
}

/** Where the app is. A router's moves make no event in every browser, so those of `history` are noticed as they are made. */
function watchLocation(): void {
    const tell = () => {
        const path = location.pathname + location.search + location.hash;
        if (path !== lastLocation) {
            lastLocation = path;
            send({ type: "inlay:location", v: 1, path });
        }
    };
    if (lastLocation === undefined) {
        for (const name of ["pushState", "replaceState"] as const) {
            const move = history[name];
            history[name] = function (...to) {
                move.apply(this, to);
                tell();
            };
        }
        addEventListener("popstate", tell);
        addEventListener("hashchange", tell);
    }
    tell();
}

function hear({ source, origin, data }: MessageEvent<unknown>): void {
    if (source !== window.parent || typeof data !== "object" || data === null) {
        return;
    }
    const ancestors = location.ancestorOrigins as DOMStringList | undefined;
    if (origin !== (ancestors?.[0] ?? heardFrom ?? origin)) {
        return;
    }
    const message = data as {
        type?: unknown;
        id?: unknown;
        pageName?: unknown;
        result?: unknown;
        height?: unknown;
        location?: unknown;
    };
    if (message.type === "PARENT_WINDOW_RESULT" && typeof message.id === "string") {
        const query = message.pageName === page ? queries.get(message.id) : undefined;
        if (query !== undefined) {
            heard(origin);
            query.answered = true;
            query.offered = message.result ?? null;
            learn(query);
        }
    } else if (message.type === "inlay:hello" || message.type === "inlay:renewed") {
        heard(origin);
        void sayReady();
        if (message.height === true) {
            watchHeight();
        }
        if (message.location === true) {
            watchLocation();
        }
    } else if (message.type === "inlay:logout") {
        logout().catch(() => undefined); // there is nobody to tell
    }
}

if (inFrame) {
    addEventListener("message", hear);
}

export const parent = {
    /**
     * What the portal offers under this name now; null if it offers nothing. Of "theme" and "locale" its link may have said
     * something.
     */
    value(selector: string): Promise<unknown> {
        return new Promise((resolve) => {
            const stop = parent.watch(selector, (value) => {
                resolve(value);
                queueMicrotask(() => stop());
            });
        });
    },

    /** Calls fn with the value, and again whenever it has changed; gives back what stops that. */
    watch(selector: string, fn: (value: unknown) => void): () => void {
        const query = declare(selector);
        const listener: Listener = (value) => fn(value);
        query.listeners.add(listener);
        if (query.settled) {
            queueMicrotask(() => query.listeners.has(listener) && listener(query.value));
        }
        return () => void query.listeners.delete(listener);
    },

    /**
     * Sends data to the portal: its `onData` gets them. A target origin, as postMessage() takes one, may be left out or
     * empty; one that is not the portal's reaches nobody.
     */
    post(data: unknown, targetOrigin = ""): void {
        const to = portal();
        if (targetOrigin === "" || targetOrigin === to) {
            send(data);
        } else if (inFrame && to === undefined && /^https?:/.test(targetOrigin)) {
            post(data, targetOrigin); // reaches nobody, unless the parent has this origin
        }
    },
};
