// Tells the portal around this frame why the app is not here, so that it can ask for a new link; or, in a frame that
// nobody sees, that the session of another frame was renewed.
import { audience } from "./portals.js";

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
}
