// What the server's codes mean, in sentences: src/base/codes.def and events.def have them.
import type { Schemas } from "./api/client";
import { CODES, ENDS, EVENTS } from "./api/codes";
import { inWords } from "./api/json";

type Event = Schemas["Event"];
type EndReason = NonNullable<Schemas["Session"]["endReason"]>;

export { ENDS, EVENTS };

interface Denial {
    /** For tables and charts. */
    short: string;
    /** What is wrong, and what would be right. */
    long: string;
}

export function denial(reason: string): Denial {
    const { label, meaning } = CODES[reason] ?? { label: "", meaning: `${inAWord(reason)}.` };
    return { short: label || inAWord(reason), long: meaning };
}

/** Reasons of denials; the failures of upstreams have events of another type. */
export const denialChoices = Object.entries(CODES)
    .filter(([id, { label }]) => label !== "" && !id.startsWith("upstream_"))
    .map(([id, { label }]) => ({ id, name: label, note: id }));

/** "Api token missing" of api_token_missing, for codes that this page does not know. */
function inAWord(code: string): string {
    const words = code.replaceAll(/[_.-]+/g, " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}

export const eventName = (type: Event["type"]) => EVENTS[type];

const SELF_EVIDENT = new Set(["name", "slug", "version", "email"]);

/** What an event's detail says, in a few words. */
export function eventNote(event: Event): string {
    const detail = event.detail as Record<string, unknown>;
    const reason = detail["reason"];
    if (typeof reason === "string") {
        return event.type === "end" ? (ENDS[reason as EndReason] ?? inAWord(reason)) : denial(reason).short;
    }
    return Object.entries(detail)
        .filter(([, value]) => typeof value !== "object")
        .map(([name, value]) =>
            SELF_EVIDENT.has(name) ? inWords(value) : `${name.replace(/Id$/, "")} ${inWords(value)}`,
        )
        .join(", ");
}
