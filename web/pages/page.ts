// Tells the portal around this frame why the app is not here, so that it can ask for a new link; or, in a frame that
// nobody sees, how long the session lasts; that page also ends it if the portal says so.
import { properties } from "./color.js";
import { audience, matches, originOf } from "./portals.js";

const { code = "", portals = "", color = "" } = document.body.dataset;

if (color !== "") {
    for (const [name, value] of Object.entries(properties(color))) {
        document.documentElement.style.setProperty(name, value);
    }
}

/**
 * Whether this is a way that only looks like that of another app: Back, the browser's own "Reload frame", and the way back from
 * a page where people have signed in. This page runs only where portals show it, so it may ask again in the app's own name. An
 * address that another app, or somebody who hides it, has led to stays refused: its entry in the history says so.
 */
function again(): string {
    if (code !== "app_sibling" || history.state === code) {
        return "";
    }
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const type = entry?.type ?? "";
    const from = originOf(document.referrer);
    const apps = location.host.replace(/^[^.]*/, "");
    if (type === "back_forward" || type === "reload" || (from !== null && !from.endsWith(apps))) {
        return type;
    }
    history.replaceState(code, "");
    return "";
}

const how = again();
if (how === "reload") {
    location.replace(location.origin + location.pathname + location.search);
} else if (how !== "") {
    location.reload();
} else if (window.parent !== window) {
    const message = document.querySelector("p")?.textContent || document.title;
    const told = new Set<string>();
    const tell = (origin: string) => {
        told.add(origin);
        window.parent.postMessage(
            code === "renewed"
                ? { type: "inlay:renewed", v: 1, expiresInSeconds: parseInt(message) }
                : { type: "inlay:error", code, message },
            origin,
        );
    };
    // Firefox has no ancestorOrigins, whatever the DOM types say.
    const ancestors = location.ancestorOrigins as DOMStringList | undefined;
    if (portals === "*") {
        // The server couldn't read whose page this is, so it knows no portal: only the code may be told.
        window.parent.postMessage({ type: "inlay:error", code }, "*");
    }
    audience(portals, ancestors?.[0], document.referrer).forEach(tell);
    addEventListener("message", ({ source, origin, data }: MessageEvent<{ type?: unknown } | null>) => {
        if (source !== window.parent || !portals.split(" ").some((entry) => matches(entry, origin))) {
            return;
        }
        // A portal that only a wildcard names may be known by what it says alone.
        if (data?.type === "inlay:hello" && !told.has(origin)) {
            tell(origin);
        } else if (data?.type === "inlay:logout" && code === "renewed") {
            void fetch("/_inlay/logout", { method: "POST", keepalive: true });
        }
    });
}
