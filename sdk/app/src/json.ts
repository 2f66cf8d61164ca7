// JSON whose integers survive: those that a number cannot hold exactly become a BigInt.

// A string of Inlay's JSON never holds half a surrogate pair, so this marks what was a number.
const MARK = "\ud800";
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function isUnsafe(token: string): boolean {
    return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
}

export function parse(text: string): unknown {
    const marked = text.replace(TOKENS, (token) => (isUnsafe(token) ? `"\\ud800${token}"` : token));
    return JSON.parse(marked, (_key, value: unknown) =>
        typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(1)) : value,
    );
}
