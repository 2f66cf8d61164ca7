// Which window origins may hear about an error. The list is the app's frame-ancestors: exact origins, those of mobile and
// desktop apps such as capacitor://localhost, and wildcards such as https://*.example.com. A message is only ever
// addressed to an exact origin.

/** The origin of a URL, or null if it has none that a message could be addressed to. */
export function originOf(url: string): string | null {
    try {
        const { origin } = new URL(url);
        return origin === "null" ? null : origin;
    } catch {
        return null;
    }
}

/** Matches as CSP does (CSP3 6.7.2.8): `*.` stands for one or more labels; scheme and port must be equal. */
export function matches(entry: string, origin: string): boolean {
    const [before, after, ...more] = entry.split("//*.");
    if (before === undefined || after === undefined || after === "" || more.length > 0) {
        return entry === origin;
    }
    const scheme = `${before}//`;
    const suffix = `.${after}`;
    return origin.startsWith(scheme) && origin.endsWith(suffix) && origin.length > scheme.length + suffix.length;
}

/**
 * The origins to address. `parent` is the parent's origin where the browser tells it (location.ancestorOrigins),
 * so that others on the list need not be tried; `referrer` is all there is elsewhere to turn a wildcard into an origin.
 */
export function audience(portals: string, parent: string | undefined, referrer: string): readonly string[] {
    const entries = portals.split(/\s+/).filter((entry) => entry !== "" && entry !== "*");
    if (parent !== undefined) {
        return parent !== "null" && entries.some((entry) => matches(entry, parent)) ? [parent] : [];
    }
    const origins = new Set(entries.filter((entry) => !entry.includes("*")));
    const from = originOf(referrer);
    if (from !== null && entries.some((entry) => matches(entry, from))) {
        origins.add(from);
    }
    return [...origins];
}
