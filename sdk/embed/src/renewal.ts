// Renewing the session of the app that is shown, before it ends. It knows neither the page nor its frames.
import { backoff, stopwatch } from "./clock.js";
import { ownPage, type Message } from "./hidden.js";
import { TIMEOUT_MS, type Address } from "./link.js";
import { isSeconds } from "./options.js";
import type { Target } from "./post.js";

/**
 * off       there is no session to renew
 * unknown   there may be one; how long it lasts is not known
 * asking    a hidden frame asks Inlay how long
 * waiting   until little of the session is left
 * renewing  a hidden frame opens a new link, which extends the session
 * retrying  until the next try
 */
export type RenewalState = "off" | "unknown" | "asking" | "waiting" | "renewing" | "retrying";

/**
 * reset    the frame may have another session now
 * learned  how long the session lasts was told
 * early    it is time to look, and nothing needs to be done yet
 * due      it is time to look, and something needs to be done
 * check    the session may have ended while nobody looked
 * renewed  the session was extended
 * failed   Inlay or the portal gave no answer, or one that another try may change
 * stop     nothing is to be renewed any more
 */
export type RenewalEvent = "reset" | "learned" | "early" | "due" | "check" | "renewed" | "failed" | "stop";

/** The legal moves. What a state does not list changes nothing. */
export const MOVES: Readonly<Record<RenewalState, Readonly<Partial<Record<RenewalEvent, RenewalState>>>>> = {
    off: { reset: "unknown", learned: "waiting" },
    unknown: { reset: "unknown", learned: "waiting", due: "asking", check: "asking", stop: "off" },
    asking: { reset: "unknown", learned: "waiting", failed: "unknown", stop: "off" },
    waiting: {
        reset: "unknown",
        learned: "waiting",
        early: "waiting",
        due: "renewing",
        check: "asking",
        stop: "off",
    },
    renewing: { reset: "unknown", renewed: "waiting", failed: "retrying", stop: "off" },
    retrying: { reset: "unknown", due: "renewing", stop: "off" },
};

export interface RenewalHost {
    /** Whether the app is shown. Otherwise nothing is asked or renewed. */
    isShown(): boolean;
    /** The app's origin. */
    origin(): string;
    newLink(): Promise<Address>;
    /** Opens a page of Inlay's unseen, and gives back what closes it. `silent` is called if it says nothing. */
    openHidden(link: Target, hear: (message: Message) => void, silent: () => void): () => void;
    /** A page of Inlay's on the app's origin has spoken; or has been asked, and has not. */
    spoke(): void;
    silent(): void;
    renewed(): void;
    /** The first try in a row has failed. */
    expiring(expiresInSeconds: number): void;
    /** There is no session, or none that opens the app. */
    gone(code: string, message: string): void;
    /** Inlay will not extend the session. */
    refused(code: string, message: string): void;
    /** The new link leads to another origin, since its claims are others: it must be shown instead. */
    moved(link: Address): void;
}

export interface Renewal {
    reset(): void;
    /** The session lasts this long from now on: `server` for Inlay's own word, otherwise it is the app's. */
    learned(seconds: number, by: Source): void;
    /** Looks whether something is due: also when the machine wakes up, or the network is back. */
    wake(): void;
    /** The page is shown again: asks whether the session is still there. `kept` if the page was kept as it was. */
    check(kept: boolean): void;
    stop(): void;
}

/** Whose word it is. */
export type Source = "server" | "app";

/** The last two: only if the user asks for it may the app open again. */
const FINAL = /^(access_denied|app_not_released|cookies_blocked|session_(idle|displaced))$/;
/** What a question is answered with when there is no session. Any other error passes. */
const GONE = /^(session_(ended|missing|idle|displaced)|access_denied|app_not_released|cookies_blocked)$/;
/** A renewal follows another by this many seconds, unless Inlay itself says that the session ends before. */
const FLOOR_S = 60;
/** How late we may notice that the machine slept. */
const LONGEST_MS = 60_000;

export function createRenewal(host: RenewalHost): Renewal {
    let state: RenewalState = "off";
    let moves = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let close: (() => void) | undefined;
    let failures = 0; // in a row; nothing that the app says changes it
    let lastRenewal: (() => number) | undefined;
    const told = new Map<Source, { seconds: number; since: () => number }>();

    const left = () => Math.min(...[...told.values()].map(({ seconds, since }) => seconds - since()));

    /** Seconds until the session is to be renewed: when a fifth of it is left, two minutes at most. */
    function dueIn(): number {
        const floor = lastRenewal === undefined ? 0 : FLOOR_S - lastRenewal();
        return Math.min(
            ...[...told].map(([source, { seconds, since }]) => {
                const rest = seconds - Math.min(120, seconds / 5) - since();
                return source === "app" ? Math.max(rest, floor) : rest;
            }),
        );
    }

    const isEarly = () => state === "waiting" && dueIn() > 1;

    function move(event: RenewalEvent): void {
        const next = MOVES[state][event];
        if (next !== undefined) {
            clearTimeout(timer);
            close?.();
            close = undefined;
            moves += 1;
            state = next;
            begin[next](event);
        }
    }

    const begin: Record<RenewalState, (event: RenewalEvent) => void> = {
        off() {},
        unknown(event) {
            if (event === "failed") {
                timer = setTimeout(wake, LONGEST_MS);
            }
        },
        asking() {
            timer = setTimeout(silent, TIMEOUT_MS);
            close = host.openHidden(ownPage(host.origin()), answered, silent);
        },
        waiting() {
            timer = setTimeout(wake, Math.min(Math.max(0, dueIn()) * 1000, LONGEST_MS));
        },
        renewing() {
            timer = setTimeout(() => move("failed"), TIMEOUT_MS);
            lastRenewal = stopwatch();
            void openNewLink();
        },
        retrying() {
            timer = setTimeout(wake, backoff(failures++));
            if (failures === 1) {
                host.expiring(Math.max(0, Math.floor(left())));
            }
        },
    };

    /** Nothing came of a question. */
    function silent(): void {
        move("failed");
        host.silent();
    }

    function wake(): void {
        if (host.isShown()) {
            move(isEarly() ? "early" : "due");
        }
    }

    /** What the app says holds until Inlay says something. */
    function learn(seconds: number, by: Source): void {
        if (by === "server") {
            told.clear();
        }
        told.set(by, { seconds, since: stopwatch() });
    }

    async function openNewLink(): Promise<void> {
        const mine = moves;
        const link = await host.newLink().catch(() => undefined);
        if (mine !== moves) {
            return;
        }
        if (link === undefined) {
            move("failed");
            return;
        }
        const url = new URL(link.url);
        if (url.origin !== host.origin()) {
            move("stop");
            host.moved(link);
            return;
        }
        url.searchParams.set("renew", "1");
        close = host.openHidden({ url: url.href, secret: link.secret }, answered, () => move("failed"));
    }

    /** What the hidden frame says: how long the session lasts, or why there is none. */
    function answered(message: Message): void {
        const seconds = message["expiresInSeconds"];
        const [code, text] = [String(message["code"]), String(message["message"])];
        if (message.type === "inlay:renewed" && isSeconds(seconds)) {
            const wasAsking = state === "asking";
            learn(seconds, "server");
            if (wasAsking || dueIn() > 1) {
                failures = 0;
                move(wasAsking ? "learned" : "renewed");
                if (!wasAsking) {
                    host.renewed();
                }
            } else {
                move("failed"); // it has not become longer
            }
            host.spoke();
        } else if (message.type === "inlay:error") {
            if (state === "asking" && GONE.test(code)) {
                move("reset");
                host.gone(code, text);
            } else if (state !== "asking" && FINAL.test(code)) {
                move("stop");
                host.refused(code, text);
            } else {
                move("failed");
                host.spoke();
            }
        }
    }

    return {
        reset() {
            told.clear();
            move("reset");
        },
        learned(seconds, by) {
            learn(seconds, by);
            move("learned");
        },
        wake,
        check(kept) {
            if (host.isShown()) {
                move(kept || isEarly() ? "check" : "due");
            }
        },
        stop: () => move("stop"),
    };
}
