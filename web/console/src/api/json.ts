// JSON whose numbers stay as they were written: metadata may hold integers of 64 bits, a number of JavaScript 53.

/** Of ES2025; browsers without it show such numbers rounded. */
const raw = (JSON as unknown as { rawJSON?: (text: string) => unknown }).rawJSON;

export function parse(text: string): unknown {
    if (raw === undefined) {
        return JSON.parse(text);
    }
    const keep = (_name: string, value: unknown, context?: { source?: string }) =>
        typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
            ? raw(context!.source!)
            : value;
    return JSON.parse(text, keep);
}

/** A value in one line, strings without their quotes. */
export const inWords = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

export const pretty = (value: unknown) => JSON.stringify(value, null, 2);
