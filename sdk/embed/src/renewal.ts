// Renewing the session of the app that is shown, before it ends. It knows neither the page nor its frames.
import { backoff, stopwatch } from "./clock.js";
import type { Message } from "./hidden.js";
import { TIMEOUT_MS, type Address } from "./link.js";
import { isSeconds } from "./options.js";

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
 * renewed  the session was extended
 * failed   Inlay or the portal gave no answer, or one that another try may change
 * stop     nothing is to be renewed any more
 */
export type RenewalEvent = "reset" | "learned" | "early" | "due" | "renewed" | "failed" | "stop";

/** The legal moves. What a state does not list changes nothing. */
export const MOVES: Readonly<Record<RenewalState, Readonly<Partial<Record<RenewalEvent, RenewalState>>>>> = {
    off: { reset: "unknown", learned: "waiting" },
    unknown: { reset: "unknown", learned: "waiting", due: "asking", stop: "off" },
    asking: { reset: "unknown", learned: "waiting", failed: "unknown", stop: "off" },
    waiting: { reset: "unknown", learned: "waiting", early: "waiting", due: "renewing", stop: "off" },
    renewing: { reset: "unknown", renewed: "waiting", failed: "retrying", stop: "off" },
    retrying: { reset: "unknown", learned: "waiting", due: "renewing", stop: "off" },
};

export interface RenewalHost {
    /** Whether the app is shown. Otherwise nothing is asked or renewed. */
    isShown(): boolean;
    /** The app's origin. */
    origin(): string;
    newLink(): Promise<Address>;
    /** Opens a page of Inlay's unseen, and gives back what closes it. */
    openHidden(url: string, hear: (message: Message) => void): () => void;
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
    /** The session lasts this long from now on. */
    learned(seconds: number): void;
    /** Looks whether something is due: also when the machine wakes up, or the page is shown again. */
    wake(): void;
    stop(): void;
}

const FINAL = /^(access_denied|app_not_released|cookies_blocked)$/;
/** How late we may notice that the machine slept. */
const LONGEST_MS = 60_000;

export function createRenewal(host: RenewalHost): Renewal {
    let state: RenewalState = "off";
    let moves = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let close: (() => void) | undefined;
    let lifetime = { seconds: 0, since: stopwatch() };
    let failures = 0;

    const left = () => lifetime.seconds - lifetime.since();
    /** So much before the end the session is renewed: a fifth of it, two minutes at most. */
    const lead = () => Math.min(120, lifetime.seconds / 5);
    const isEarly = () => state === "waiting" && left() > lead() + 1;

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
            timer = setTimeout(() => move("failed"), TIMEOUT_MS);
            close = host.openHidden(`${host.origin()}/_inlay/renewed`, answered);
        },
        waiting() {
            timer = setTimeout(wake, Math.min(Math.max(0, left() - lead()) * 1000, LONGEST_MS));
        },
        renewing() {
            timer = setTimeout(() => move("failed"), TIMEOUT_MS);
            void openNewLink();
        },
        retrying() {
            timer = setTimeout(wake, backoff(failures++));
            if (failures === 1) {
                host.expiring(Math.max(0, Math.floor(left())));
            }
        },
    };

    function wake(): void {
        if (host.isShown()) {
            move(isEarly() ? "early" : "due");
        }
    }

    function lasts(seconds: number, event: RenewalEvent): void {
        lifetime = { seconds, since: stopwatch() };
        failures = 0;
        move(event);
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
        close = host.openHidden(url.href, answered);
    }

    /** What the hidden frame says: how long the session lasts, or why there is none. */
    function answered(message: Message): void {
        const seconds = message["expiresInSeconds"];
        const [code, text] = [String(message["code"]), String(message["message"])];
        if (message.type === "inlay:renewed" && isSeconds(seconds)) {
            if (state === "asking") {
                lasts(seconds, "learned");
            } else if (seconds > left()) {
                lasts(seconds, "renewed");
                host.renewed();
            } else {
                move("failed");
            }
        } else if (message.type === "inlay:error") {
            if (state === "asking") {
                move("reset");
                host.gone(code, text);
            } else if (FINAL.test(code)) {
                move("stop");
                host.refused(code, text);
            } else {
                move("failed");
            }
        }
    }

    return {
        reset: () => move("reset"),
        learned: (seconds) => lasts(seconds, "learned"),
        wake,
        stop: () => move("stop"),
    };
}
