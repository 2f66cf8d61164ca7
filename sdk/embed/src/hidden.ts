// A frame of an app's origin that nobody sees, at one of Inlay's own pages.
import { openIn, type Target } from "./post.js";

export interface Message {
    readonly type?: unknown;
    readonly [name: string]: unknown;
}

/** A page that has loaded speaks at once. */
const SILENCE_MS = 1000;

/**
 * Whether a message is Inlay's or the app's own. Inlay's pages about an error have no origin, where their address holds a
 * secret: nothing else is believed of a frame without one.
 */
export function isFrom(frame: HTMLIFrameElement, origin: string, event: MessageEvent<unknown>): boolean {
    const isError = isObject(event.data) && event.data.type === "inlay:error";
    return event.source === frame.contentWindow && (event.origin === origin || (event.origin === "null" && isError));
}

/** Inlay's page that tells how long a session lasts. */
export const ownPage = (origin: string): Target => ({ url: `${origin}/_inlay/renewed`, secret: undefined });

export interface Followed {
    readonly origin: string;
    readonly expiresInSeconds: number;
}

export const isObject = (data: unknown): data is Message => typeof data === "object" && data !== null;

/** How long a goodbye to the server may take. */
export const GOODBYE_MS = 5000;

function hiddenFrame(): HTMLIFrameElement {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.style.cssText = "display:none!important"; // whatever the page's own CSS makes of frames
    frame.referrerPolicy = "origin"; // Inlay asks who leads there, whatever the page tells others
    frame.title = "";
    frame.setAttribute("aria-hidden", "true");
    return frame;
}

/** Gives back what takes it away; `hear` gets what it tells, and a way to answer. `silent` is called if it tells nothing. */
export function openHidden(
    place: Element,
    link: Target,
    hear: (message: Message, answer: (message: unknown) => void) => void,
    silent?: () => void,
): () => void {
    const { origin } = new URL(link.url);
    const frame = hiddenFrame();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = (event: MessageEvent<unknown>) => {
        if (isFrom(frame, origin, event) && isObject(event.data)) {
            hear(event.data, (message) => frame.contentWindow?.postMessage(message, origin));
        }
    };
    addEventListener("message", listen);
    openIn(place, frame, link, () => {
        frame.contentWindow?.postMessage({ type: "inlay:hello", v: 1 }, origin);
        if (silent !== undefined) {
            timer ??= setTimeout(silent, SILENCE_MS);
        }
    });
    return () => {
        clearTimeout(timer);
        removeEventListener("message", listen);
        frame.remove();
    };
}

/**
 * An address that was put together by hand (docs/life-of-a-link.md) is on Inlay's own origin, and leads to the app's. Only
 * Inlay moves this frame, so where it ends is the app's origin.
 */
export function followLink(place: Element, link: Target): Promise<Followed | undefined> {
    const url = new URL(link.url);
    if (link.secret !== undefined || !url.pathname.startsWith("/embed-apps/")) {
        return Promise.resolve(undefined);
    }
    url.searchParams.set("renew", "1");
    return new Promise((resolve) => {
        const frame = hiddenFrame();
        const end = (found?: Followed) => {
            removeEventListener("message", listen);
            frame.remove();
            resolve(found);
        };
        const listen = ({ source, origin, data }: MessageEvent<unknown>) => {
            if (source === frame.contentWindow && isObject(data) && data.type === "inlay:renewed") {
                end({ origin, expiresInSeconds: Number(data["expiresInSeconds"]) });
            }
        };
        addEventListener("message", listen);
        openIn(place, frame, { url: url.href, secret: undefined }, () => setTimeout(end, SILENCE_MS));
    });
}

/** Inlay's own page ends the session of an app that does not know us. */
export function sayGoodbye(place: Element, origin: string): void {
    const close = openHidden(place, ownPage(origin), (message, answer) => {
        if (message.type === "inlay:renewed") {
            answer({ type: "inlay:logout", v: 1 });
        }
    });
    setTimeout(close, GOODBYE_MS);
}
