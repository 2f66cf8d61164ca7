// A frame of an app's origin that nobody sees, at one of Inlay's own pages.

export interface Message {
    readonly type?: unknown;
    readonly [name: string]: unknown;
}

export const isObject = (data: unknown): data is Message => typeof data === "object" && data !== null;

/** How long a goodbye to the server may take. */
export const GOODBYE_MS = 5000;

/** Gives back what takes it away; `hear` gets what it tells, and a way to answer. */
export function openHidden(
    place: Element,
    url: string,
    hear: (message: Message, answer: (message: unknown) => void) => void,
): () => void {
    const { origin } = new URL(url);
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.style.cssText = "display:none!important"; // whatever the page's own CSS makes of frames
    frame.title = "";
    frame.setAttribute("aria-hidden", "true");
    frame.src = url;
    const listen = ({ source, origin: from, data }: MessageEvent<unknown>) => {
        if (source === frame.contentWindow && from === origin && isObject(data)) {
            hear(data, (message) => frame.contentWindow?.postMessage(message, origin));
        }
    };
    addEventListener("message", listen);
    place.append(frame);
    return () => {
        removeEventListener("message", listen);
        frame.remove();
    };
}

/** Inlay's own page ends the session of an app that does not know us. */
export function sayGoodbye(place: Element, origin: string): void {
    const close = openHidden(place, `${origin}/_inlay/renewed`, (message, answer) => {
        if (message.type === "inlay:renewed") {
            answer({ type: "inlay:logout", v: 1 });
        }
    });
    setTimeout(close, GOODBYE_MS);
}
