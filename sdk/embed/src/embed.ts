// An app in a frame: opening it, talking with it, and renewing its session while it stays as it is.
import { backoff, createTimers, stopwatch } from "./clock.js";
import { openFrame, type Frame } from "./frame.js";
import { followLink, openHidden, sayGoodbye } from "./hidden.js";
import { newLink, type Address } from "./link.js";
import { talk, type Look, type Talk } from "./messages.js";
import type { Embed, EmbedOptions, State, Theme } from "./options.js";
import { createRenewal } from "./renewal.js";
import { watchSilence, type Silence } from "./silence.js";

export type { Embed, EmbedOptions, Link, State, Theme, Wanted } from "./options.js";

/** What another link can mend. */
const MENDABLE = /^(link_(expired|replaced|used)|session_(ended|missing))$/;
const REOPEN_S = 30;
/** An error page tells of itself before this. */
const LOADED_MS = 150;
const ASK_MS = 5000;
/** A frame in which nothing has appeared by then may wait for a server that doesn't answer. */
const SLOW_MS = 15_000;
const EVENTS = ["online", "focus"] as const;
/** Nothing of the app's origin speaks; asking again may mend it. */
const SILENT = /^(portal_not_allowed|unreachable)$/;

interface Shown {
    readonly link: Address;
    readonly frame: Frame;
    readonly app: Talk;
    readonly silence: Silence;
    /** Some document is there. */
    hasLoaded: boolean;
    /** A page of the app's origin has said something. */
    hasSpoken: boolean;
}

export function embed(place: Element, options: EmbedOptions): Embed {
    if (typeof options.getUrl !== "function") {
        throw new TypeError("getUrl must be a function that gives a new link each time.");
    }
    if (!(place as Element | null)?.append) {
        throw new TypeError("embed() needs the element to show the app in, and got none.");
    }
    let settle: { resolve(): void; reject(error: Error): void } | undefined;
    const ready = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    ready.catch(() => undefined); // who doesn't wait for it hears by onError
    let shown: Shown | undefined;
    let state: State | undefined;
    let problem = "";
    let isOpening = false;
    let hasErred = false; // the frame said that it shows an error page
    let turn = 0;
    let failures = 0;
    let isDestroyed = false;
    let data = options.data;
    const asked: Look & { theme: Theme | undefined } = { theme: options.theme, locale: options.locale };
    let path = options.path; // where the app is, as far as it tells
    let asking: Promise<Address> | undefined; // a link that isn't here yet
    let reopened: (() => number) | undefined;
    let endRetry: (() => void) | undefined;
    const timers = createTimers();

    const renewal = createRenewal({
        isShown: () => shown?.hasLoaded === true && (problem === "" || SILENT.test(problem)),
        origin: () => shown?.frame.origin ?? "",
        newLink: getLink,
        openHidden: (link, hear, silent) => openHidden(place, link, hear, silent),
        spoke,
        silent: () => void explain(),
        renewed: () => shown?.app.send({ type: "inlay:renewed", v: 1 }),
        expiring: (expiresInSeconds) => options.onExpiring?.({ expiresInSeconds }),
        gone(code, message) {
            close(); // what it shows is of a session that has ended
            gone(code, message);
        },
        refused: (code, message) => options.onError?.(code, message),
        moved: show,
    });

    function enter(next: State): void {
        if (state !== next) {
            state = next;
            options.onState?.(next);
            if (next === "ready") {
                settle?.resolve();
                options.onReady?.();
            }
        }
    }

    function fail(code: string, message: string): void {
        problem = code;
        enter("error");
        settle?.reject(Object.assign(new Error(message), { code }));
        options.onError?.(code, message);
    }

    function getLink(): Promise<Address> {
        return newLink(() => options.getUrl({ path, ...asked }), timers.later);
    }

    /** A new link. If it can't be had, one that was asked for before and isn't here yet is better than none. */
    async function newest(): Promise<Address> {
        const before = asking;
        const mine = getLink().catch((error: unknown) => {
            if (before === undefined) {
                throw error;
            }
            return before;
        });
        asking = mine;
        try {
            return await mine;
        } finally {
            if (asking === mine) {
                asking = undefined;
            }
        }
    }

    /** What failed for want of a link is told once. What was shown before is tried again by itself, the rest on waking. */
    async function open(): Promise<void> {
        const mine = ++turn;
        failures = problem === "no_link" ? failures + 1 : 0;
        endRetry?.();
        renewal.stop();
        if (failures === 0) {
            problem = "";
            enter("loading");
        }
        isOpening = true;
        let link: Address;
        try {
            link = await newest();
        } catch (error) {
            if (mine === turn) {
                isOpening = false;
                if (shown !== undefined) {
                    endRetry = timers.later(wake, backoff(failures));
                }
                if (failures === 0) {
                    fail("no_link", error instanceof Error ? error.message : String(error));
                }
            }
            return;
        }
        if (mine === turn) {
            isOpening = false;
            show(link);
        }
    }

    function show(link: Address): void {
        turn += 1;
        problem = "";
        hasErred = false;
        enter("loading");
        close();
        let loads = 0;
        const silence = watchSilence(link.url, () => void explain());
        const frame = openFrame(place, link, options, () => {
            const load = ++loads;
            endSlow();
            app.greet();
            frame.later(wake, ASK_MS);
            // What follows an error page, by its "Try again", is the app.
            frame.later(() => {
                if (load === loads) {
                    look();
                    hasErred = false;
                }
            }, LOADED_MS);
        });
        const app = talk(frame, options, data, asked, {
            ready(seconds) {
                endSlow();
                now.hasLoaded = now.hasSpoken = true;
                problem = problem === "no_link" ? problem : "";
                enter("ready");
                if (seconds !== undefined) {
                    renewal.learned(seconds, "app");
                }
            },
            location(now) {
                if (now !== path) {
                    path = now;
                    options.onNavigate?.(now);
                }
            },
            error(code, message) {
                endSlow();
                now.hasSpoken = hasErred = true;
                gone(code, message);
            },
        });
        const now: Shown = { link, frame, app, silence, hasLoaded: false, hasSpoken: false };
        shown = now;
        const endSlow = frame.later(() => void explain(), SLOW_MS);
        renewal.reset();
        if (link.expiresInSeconds !== undefined) {
            renewal.learned(link.expiresInSeconds, "server");
        }
    }

    /**
     * A document is there. Browsers don't tell whether it is a page of their own, about a frame that they refuse or a server
     * that can't be reached. Some page of the app's origin has to say something: the app, or else Inlay, unseen.
     */
    function look(): void {
        if (shown !== undefined && !hasErred) {
            shown.hasLoaded = true;
            if (shown.hasSpoken) {
                problem = "";
                enter("ready");
            } else {
                renewal.check(true);
            }
        }
    }

    function spoke(): void {
        if (shown !== undefined) {
            shown.hasSpoken = true;
            if (SILENT.test(problem)) {
                self.reload(); // the frame still shows the browser's own page
            } else {
                look();
            }
        }
    }

    /** Nothing has spoken: says why. */
    async function explain(): Promise<void> {
        const now = shown;
        const isSilent = () => now === shown && now?.hasSpoken === false && problem === "";
        if (now === undefined || !isSilent()) {
            return;
        }
        const found = now.hasLoaded ? await followLink(place, now.link) : undefined;
        if (found !== undefined && isSilent()) {
            now.frame.origin = found.origin;
            now.app.greet();
            renewal.learned(found.expiresInSeconds, "server");
            spoke();
            return;
        }
        const [code, message] = await now.silence.explain();
        if (isSilent() && (now.hasLoaded || code === "unreachable")) {
            fail(code, message);
        }
    }

    function close(): void {
        shown?.app.end();
        shown?.silence.end();
        shown?.frame.remove();
        shown = undefined;
    }

    /** The frame shows an error page. A frame whose links fail at once is not reopened for ever. */
    function gone(code: string, message: string): void {
        if (isOpening || problem === "no_link") {
            return; // another link is on its way
        }
        if (MENDABLE.test(code) && (reopened === undefined || reopened() > REOPEN_S)) {
            reopened = stopwatch();
            void open();
        } else {
            renewal.reset();
            fail(code, message);
        }
    }

    /** Also when the machine wakes up, the network is back, or the page is shown again. */
    function wake(): void {
        if (problem !== "no_link") {
            renewal.wake();
        } else if (!isOpening) {
            void open();
        }
    }

    /** The page is looked at again. The browser may have kept it as it was, for its button Back. */
    function seen(event: Event): void {
        const isKept = event.type === "pageshow" && (event as PageTransitionEvent).persisted;
        if (problem !== "no_link" && (isKept || document.visibilityState === "visible")) {
            renewal.check(isKept);
        } else {
            wake();
        }
    }

    EVENTS.forEach((name) => addEventListener(name, wake));
    addEventListener("pageshow", seen);
    document.addEventListener("visibilitychange", seen);
    void open();

    const self: Embed = {
        ready,
        update(next) {
            data = next;
            shown?.app.update(next);
        },
        setTheme(theme) {
            asked.theme = theme;
            shown?.app.update(data);
        },
        setLocale(locale) {
            asked.locale = locale;
            shown?.app.update(data);
        },
        reload(to) {
            if (!isDestroyed) {
                path = to ?? path;
                reopened = undefined;
                problem = "";
                void open();
            }
        },
        logout() {
            if (shown?.app.isGreeted() === true) {
                shown.app.send({ type: "inlay:logout", v: 1 });
                shown.app.end();
                shown.frame.leave();
                shown = undefined;
            } else if (shown !== undefined) {
                sayGoodbye(place, shown.frame.origin);
            }
            self.destroy();
        },
        destroy() {
            isDestroyed = true;
            turn += 1;
            renewal.stop();
            timers.end();
            EVENTS.forEach((name) => removeEventListener(name, wake));
            removeEventListener("pageshow", seen);
            document.removeEventListener("visibilitychange", seen);
            close();
        },
    };
    return self;
}
