// Why nothing of an app's origin speaks. Browsers don't say why a frame stays empty, so this is found out as far as it can be.

export interface Silence {
    /** A code, and a sentence for the portal's developer. */
    explain(): Promise<[code: "portal_not_allowed" | "unreachable", message: string]>;
    end(): void;
}

const PROBE_MS = 5000;
/** What a policy forbids fails first, and is told then. */
const NOTED_MS = 100;

/** Notices from now on what the page's own policy forbids. `unposted` is called when it forbids to post a link. */
export function watchSilence(url: string, unposted: () => void): Silence {
    const { origin, protocol, host } = new URL(url);
    const everyApp = `${protocol}//*.${host.replace(/^[^.]*\./, "")}`;
    const forbidden = new Set<string>();
    const note = ({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent) => {
        if (disposition !== "report" && blockedURI.startsWith(origin)) {
            forbidden.add(effectiveDirective);
            if (effectiveDirective === "form-action") {
                queueMicrotask(unposted); // Firefox tells while the form is posted
            }
        }
    };
    document.addEventListener("securitypolicyviolation", note);

    return {
        async explain() {
            for (const [directive, what] of [
                ["frame-src", "frames of"],
                ["form-action", "forms to"],
            ] as const) {
                if (forbidden.has(directive)) {
                    return [
                        "unreachable",
                        `This page's own Content-Security-Policy doesn't allow ${what} ${origin}. Add ${everyApp} to its ${directive}.`,
                    ];
                }
            }
            // An answer that nobody may read still is one.
            const init: RequestInit = { mode: "no-cors", credentials: "omit", cache: "no-store" };
            const hasAnswered = await Promise.race([
                fetch(`${origin}/_inlay/app.js`, init).then(
                    () => true,
                    () => new Promise<false>((resolve) => setTimeout(() => resolve(false), NOTED_MS)),
                ),
                new Promise<false>((resolve) => setTimeout(() => resolve(false), PROBE_MS)),
            ]);
            const add = `Add ${location.origin} to the app's portals, in the console or with "inlay app update".`;
            if (hasAnswered) {
                return ["portal_not_allowed", `The app doesn't let pages of ${location.origin} show it. ${add}`];
            }
            if (forbidden.has("connect-src")) {
                return [
                    "portal_not_allowed",
                    `The app doesn't let pages of ${location.origin} show it, or ${origin} can't be reached. ${add}`,
                ];
            }
            return [
                "unreachable",
                `${origin} can't be reached from this browser. Check that Inlay runs there, and that DNS and certificate ` +
                    `cover ${everyApp}.`,
            ];
        },
        end: () => document.removeEventListener("securitypolicyviolation", note),
    };
}
