// Times, numbers and devices for people.
const rtf = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dayAndTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
];

export function ago(time: string, now = Date.now()): string {
    const seconds = Math.round((Date.parse(time) - now) / 1000);
    for (const [unit, length] of STEPS) {
        if (Math.abs(seconds) >= length) {
            return rtf.format(Math.trunc(seconds / length), unit);
        }
    }
    return Math.abs(seconds) < 10 ? "just now" : rtf.format(seconds, "second");
}

export const at = (time: string) => dayAndTime.format(new Date(time));
export const exactly = (time: string) => exact.format(new Date(time));

export const count = new Intl.NumberFormat("en").format;

export function plural(number: number, one: string, many = `${one}s`): string {
    return `${count(number)} ${number === 1 ? one : many}`;
}

export function bytes(number: number): string {
    const units = ["bytes", "KB", "MB", "GB"];
    let unit = 0;
    let value = number;
    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** "Chrome on Windows" of a User-Agent; what it says about itself is not to be trusted. */
export function device(userAgent: string | null): string {
    if (userAgent === null || userAgent === "") {
        return "Unknown device";
    }
    const browser = /Edg\//.test(userAgent)
        ? "Edge"
        : /Firefox\//.test(userAgent)
          ? "Firefox"
          : /HeadlessChrome\//.test(userAgent)
            ? "Headless Chrome"
            : /Chrome\//.test(userAgent)
              ? "Chrome"
              : /Safari\//.test(userAgent)
                ? "Safari"
                : userAgent.split(/[/\s]/)[0];
    const system = /iPhone|iPad/.test(userAgent)
        ? "iOS"
        : /Android/.test(userAgent)
          ? "Android"
          : /Windows/.test(userAgent)
            ? "Windows"
            : /Mac OS X/.test(userAgent)
              ? "macOS"
              : /Linux|X11/.test(userAgent)
                ? "Linux"
                : null;
    return system === null ? String(browser) : `${browser} on ${system}`;
}

export function personName(user: {
    firstName?: string | null;
    lastName?: string | null;
    email?: string | null;
    externalIdentifier?: string | null;
}): string {
    const name = [user.firstName, user.lastName].filter(Boolean).join(" ");
    return name || user.email || user.externalIdentifier || "Unnamed user";
}
