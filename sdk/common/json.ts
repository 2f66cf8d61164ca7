// JSON whose integers survive: those that a number cannot hold exactly are a bigint here. Built into the packages that
// import it.

// Inlay refuses half a surrogate pair in a string, so this marks what is a number.
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

export function stringify(value: unknown): string {
    const marked = JSON.stringify(value, (_key, member: unknown) =>
        typeof member === "bigint" ? `${MARK}${member}` : member,
    );
    return marked.replace(/"\\ud800(-?\d+)"/g, "$1");
}
