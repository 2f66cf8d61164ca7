// Tells the portal around this frame why the app is not here, so that it can ask for a new link; or, in a frame that
// nobody sees, how long the session lasts; that page also ends it if the portal says so.
import { audience, matches } from "./portals.js";

const { code = "", portals = "" } = document.body.dataset;

if (window.parent !== window) {
    const message = document.querySelector("p")?.textContent ?? "";
    // Firefox has no ancestorOrigins, whatever the DOM types say.
    const ancestors = location.ancestorOrigins as DOMStringList | undefined;
    for (const origin of audience(portals, ancestors?.[0], document.referrer)) {
        window.parent.postMessage(
            code === "renewed"
                ? { type: "inlay:renewed", v: 1, expiresInSeconds: parseInt(message) }
                : { type: "inlay:error", code, message },
            origin,
        );
    }
    if (code === "renewed") {
        addEventListener("message", ({ source, origin, data }: MessageEvent<{ type?: unknown } | null>) => {
            const isPortal = portals.split(" ").some((entry) => matches(entry, origin));
            if (source === window.parent && isPortal && data?.type === "inlay:logout") {
                void fetch("/_inlay/logout", { method: "POST", keepalive: true });
            }
        });
    }
}
