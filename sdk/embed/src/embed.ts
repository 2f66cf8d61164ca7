// An app in a frame: opening it, talking with it, and renewing its session while it stays as it is.
import { backoff, createTimers, stopwatch } from "./clock.js";
import { openFrame, type Frame } from "./frame.js";
import { openHidden, sayGoodbye } from "./hidden.js";
import { newLink, type Address } from "./link.js";
import { talk, type Talk } from "./messages.js";
import type { Embed, EmbedOptions, State } from "./options.js";
import { createRenewal } from "./renewal.js";

export type { Embed, EmbedOptions, Link, State } from "./options.js";

/** What another link can mend. */
const MENDABLE = /^(link_(expired|replaced|used)|session_(ended|missing))$/;
const REOPEN_S = 30;
/** An error page tells of itself before this. */
const LOADED_MS = 150;
const ASK_MS = 5000;
const EVENTS = ["online", "pageshow", "focus"] as const;

export function embed(place: Element, options: EmbedOptions): Embed {
    let shown: { frame: Frame; app: Talk } | undefined;
    let state: State | undefined;
    let problem = "";
    let isOpening = false;
    let hasErred = false; // the frame said that it shows an error page
    let turn = 0;
    let failures = 0;
    let isDestroyed = false;
    let data = options.data;
    let reopened: (() => number) | undefined;
    let endRetry: (() => void) | undefined;
    const timers = createTimers();

    const renewal = createRenewal({
        isShown: () => state === "ready" && problem !== "no_link",
        origin: () => shown?.frame.origin ?? "",
        newLink: () => newLink(options.getUrl, timers.later),
        openHidden: (url, hear) => openHidden(place, url, hear),
        renewed: () => shown?.app.send({ type: "inlay:renewed", v: 1 }),
        expiring: (expiresInSeconds) => options.onExpiring?.({ expiresInSeconds }),
        gone,
        refused: (code, message) => options.onError?.(code, message),
        moved: show,
    });

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
            link = await newLink(options.getUrl, timers.later);
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

    function show({ url, expiresInSeconds }: Address): void {
        turn += 1;
        problem = "";
        hasErred = false;
        enter("loading");
        close();
        let loads = 0;
        const frame = openFrame(place, url, options, () => {
            const load = ++loads;
            app.greet();
            frame.later(wake, ASK_MS);
            // What follows an error page, by its "Try again", is the app.
            frame.later(() => {
                if (load === loads) {
                    if (!hasErred) {
                        problem = "";
                        enter("ready");
                    }
                    hasErred = false;
                }
            }, LOADED_MS);
        });
        const app = talk(frame, options, data, {
            ready(seconds) {
                enter("ready");
                if (seconds !== undefined) {
                    renewal.learned(seconds);
                }
            },
            error(code, message) {
                hasErred = true;
                gone(code, message);
            },
        });
        shown = { frame, app };
        renewal.reset();
        if (expiresInSeconds !== undefined) {
            renewal.learned(expiresInSeconds);
        }
    }

    function close(): void {
        shown?.app.end();
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

    EVENTS.forEach((name) => addEventListener(name, wake));
    document.addEventListener("visibilitychange", wake);
    void open();

    const self: Embed = {
        update(next) {
            data = next;
            shown?.app.update(next);
        },
        reload() {
            if (!isDestroyed) {
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
            document.removeEventListener("visibilitychange", wake);
            close();
        },
    };
    return self;
}
