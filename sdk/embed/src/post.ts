// Opening a link in a frame: by its address, or, if its app is strict, by a form with the secret, so that no URL has it.
import type { Address } from "./link.js";

/** Where a frame goes. */
export type Target = Pick<Address, "url" | "secret">;

/** Nobody else can guess it, to send a form of theirs there. */
function oneTimeName(): string {
    return `inlay-${[...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("")}`;
}

function post(frame: HTMLIFrameElement, url: string, secret: string): void {
    const form = document.createElement("form");
    const field = document.createElement("input");
    form.method = "post";
    form.action = url;
    form.target = frame.name;
    form.hidden = true;
    field.type = "hidden";
    field.name = "secret";
    field.value = secret;
    form.append(field);
    frame.after(form);
    // The page's own listeners hear nothing of it, and see it no longer than this.
    try {
        form.submit();
    } catch {
        // The page's own policy forbids it: Firefox throws, and tells of it as other browsers do.
    }
    form.remove();
}

/** Puts the frame into the page and opens the link in it. `loaded` is called for each document that it shows. */
export function openIn(place: Element, frame: HTMLIFrameElement, { url, secret }: Target, loaded: () => void): void {
    // Also when it is a browser's own page: Chromium says that it has loaded, and Firefox that it has failed. The empty
    // page that a frame has before the form arrives is none of them; it alone can be seen.
    const hear = () => (secret !== undefined && frame.contentDocument !== null) || loaded();
    frame.addEventListener("load", hear);
    frame.addEventListener("error", hear);
    if (secret === undefined) {
        frame.src = url;
        place.append(frame);
        return;
    }
    frame.name = oneTimeName();
    place.append(frame);
    post(frame, url, secret);
    // The form has found its frame. The app sees no name, and nothing else finds the frame by it.
    frame.removeAttribute("name");
    try {
        frame.contentWindow!.name = "";
    } catch {
        // It is in a sandbox without `allow-same-origin`; then its document has an origin of its own.
    }
}
