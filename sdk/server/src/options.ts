// Options that a server's environment may not have: what is wrong with one is said at once, in words that name it.

function kindOf(value: unknown): string {
    if (value === undefined || value === null) {
        return String(value);
    }
    if (typeof value !== "string") {
        const kind = Array.isArray(value) ? "array" : typeof value;
        return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
    }
    return value.trim() === "" ? "empty" : `the text "${value}"`;
}

function isHttp(text: string): boolean {
    try {
        return /^https?:\/\/[^\s/]/.test(text) && new URL(text).hostname !== "";
    } catch {
        return false;
    }
}

/** Throws if it is no text, or one that an unset variable leaves behind. `variable` is where it usually comes from. */
export function checkText(name: string, value: unknown, variable: string, more = ""): asserts value is string {
    if (typeof value !== "string" || /^\s*(undefined|null)?\s*$/.test(value)) {
        throw new TypeError(`${name} is ${kindOf(value)}: is ${variable} set?${more}`);
    }
}

export function checkUrl(name: string, value: unknown, example: string): asserts value is string {
    checkText(name, value, "INLAY_URL", ` ${name} must be ${example}.`);
    if (!isHttp(value)) {
        throw new TypeError(`${name} must be ${example}, and not ${JSON.stringify(value)}.`);
    }
}

/** What a header can carry, and nothing that was copied along with it. It isn't shown. */
export function checkToken(name: string, value: unknown): asserts value is string {
    checkText(name, value, "INLAY_TOKEN");
    if (!/^[\x21-\x7e]+$/.test(value)) {
        throw new TypeError(`${name} has a space, a line break or another character in it that no API token has.`);
    }
}
