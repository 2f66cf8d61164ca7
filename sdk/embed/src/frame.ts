// The frame that shows the app.
import { createTimers, type Timers } from "./clock.js";
import { GOODBYE_MS, isFrom } from "./hidden.js";
import type { EmbedOptions } from "./options.js";
import { openIn, type Target } from "./post.js";

const HEIGHT_MAX = 100_000;
const ALLOW = "clipboard-write; fullscreen";
/** Everything but to move the portal's own page elsewhere. */
const SANDBOX =
    "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads " +
    "allow-modals allow-presentation allow-storage-access-by-user-activation";

export interface Frame {
    /** The app's. */
    origin: string;
    /** A timer that ends with the frame. */
    readonly later: Timers["later"];
    isSource(event: MessageEvent<unknown>): boolean;
    post(message: unknown): void;
    resize(height: number): void;
    /** Hides it, and removes it when the app has had the time to say goodbye to the server. */
    leave(): void;
    remove(): void;
}

/** `loaded` is called for each document that it shows, until it is left or removed. */
export function openFrame(place: Element, link: Target, options: EmbedOptions, loaded: () => void): Frame {
    const timers = createTimers();
    let isLeft = false;
    const iframe = document.createElement("iframe");
    iframe.title = options.title ?? "App";
    iframe.allow = options.allow ?? ALLOW;
    if (options.sandbox !== false) {
        iframe.setAttribute("sandbox", options.sandbox ?? SANDBOX);
    }
    if (options.referrerPolicy !== undefined) {
        iframe.referrerPolicy = options.referrerPolicy;
    }
    if (options.loading !== undefined) {
        iframe.loading = options.loading;
    }
    iframe.style.cssText = "display:block;width:100%;height:100%;border:0";
    openIn(place, iframe, link, () => isLeft || loaded());

    function end(): void {
        isLeft = true;
        timers.end();
    }

    const self: Frame = {
        origin: new URL(link.url).origin,
        later: timers.later,
        isSource: (event) => isFrom(iframe, self.origin, event),
        post(message) {
            try {
                iframe.contentWindow?.postMessage(message, self.origin);
            } catch {
                // A value that browsers do not copy, such as a reactive object of Vue: what JSON has of it.
                iframe.contentWindow?.postMessage(JSON.parse(JSON.stringify(message)), self.origin);
            }
        },
        resize(height) {
            iframe.style.height = `${Math.min(height, HEIGHT_MAX)}px`;
        },
        leave() {
            end();
            iframe.hidden = true;
            iframe.style.display = "none";
            setTimeout(() => iframe.remove(), GOODBYE_MS);
        },
        remove() {
            end();
            iframe.remove();
        },
    };
    return self;
}
