// A link from the portal's own function.
import type { Timers } from "./clock.js";
import { isObject, type Message } from "./hidden.js";
import { isSeconds } from "./options.js";

export interface Address {
    readonly url: string;
    /** Of a strict app: what is posted to the URL. */
    readonly secret: string | undefined;
    readonly expiresInSeconds: number | undefined;
}

/** How long the portal, or a hidden frame, may take to answer. */
export const TIMEOUT_MS = 20_000;

/** The portal's function may throw, reject, or never answer. */
function call(getUrl: () => unknown, later: Timers["later"]): Promise<unknown> {
    return new Promise((resolve, reject) => {
        const cancel = later(() => reject(new Error("getUrl() did not answer.")), TIMEOUT_MS);
        (async () => getUrl())().finally(cancel).then(resolve, reject);
    });
}

function isHttp(url: unknown): url is string {
    try {
        return typeof url === "string" && /^https?:$/.test(new URL(url).protocol);
    } catch {
        return false;
    }
}

export async function newLink(getUrl: () => unknown, later: Timers["later"]): Promise<Address> {
    const answer = await call(getUrl, later);
    const link: Message = typeof answer === "string" ? { url: answer } : isObject(answer) ? answer : {};
    const url = link["url"] ?? link["embedUrl"] ?? link["redirectUrl"];
    const isResponse = typeof link["json"] === "function"; // it has a url, too: that of the portal's own server
    if (isResponse || !isHttp(url)) {
        throw new TypeError("getUrl() must give what Inlay answered, such as {embedUrl}, or an http or https address.");
    }
    const seconds = link["expiresInSeconds"];
    const secret = link["secret"];
    if (secret !== undefined && secret !== null && (typeof secret !== "string" || secret === "")) {
        throw new TypeError("The secret of a link must be the text that Inlay answered.");
    }
    return { url, secret: secret ?? undefined, expiresInSeconds: isSeconds(seconds) ? seconds : undefined };
}
