// HTTP as a browser sends it, with every header in the test's hand. node:http, because fetch forbids Host and
// Sec-Fetch-*. Whatever *.localhost name is asked, the connection goes to 127.0.0.1.
import http from "node:http";
import https from "node:https";

export const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
export const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {http.IncomingHttpHeaders} headers
 * @property {string[]} rawHeaders
 * @property {Buffer} bytes
 * @property {string} text
 * @property {any} json undefined when the body is no JSON
 * @property {string} url
 */

/**
 * @param {string} url
 * @param {{ method?: string, headers?: Record<string, string | string[] | undefined>, body?: string | Buffer,
 *           agent?: http.Agent, timeout?: number, path?: string }} [options]
 *     path: sent as it is, where URL would tidy it up
 * @returns {Promise<Answer>}
 */
export function request(url, options = {}) {
    const { protocol, port, host, hostname, pathname, search } = new URL(url);
    const client = protocol === "https:" ? https : http;
    const { method = "GET", headers = {}, body, agent, timeout = 15_000 } = options;
    const sent = { Host: host, ...headers };
    for (const name of Object.keys(sent)) {
        if (sent[name] === undefined) {
            delete sent[name];
        }
    }
    if (body !== undefined && !("Transfer-Encoding" in sent)) {
        sent["Content-Length"] = String(Buffer.byteLength(body));
    }
    return new Promise((resolve, reject) => {
        const outgoing = client.request({
            host: "127.0.0.1",
            servername: hostname,
            rejectUnauthorized: false, // it is the test's own certificate, on this machine
            port,
            method,
            path: options.path ?? pathname + search,
            headers: sent,
            setHost: false,
            agent: agent ?? false, // a connection of its own
            timeout,
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer in ${timeout} ms: ${method} ${url}`)));
        outgoing.on("error", reject);
        outgoing.on("upgrade", (incoming, socket) => {
            socket.destroy();
            resolve(answer(url, incoming, Buffer.alloc(0)));
        });
        outgoing.on("response", (incoming) => {
            /** @type {Buffer[]} */
            const parts = [];
            incoming.on("data", (part) => parts.push(part));
            incoming.on("error", reject);
            incoming.on("end", () => resolve(answer(url, incoming, Buffer.concat(parts))));
        });
        outgoing.end(body);
    });
}

/** @param {string} url @param {http.IncomingMessage} incoming @param {Buffer} bytes @returns {Answer} */
function answer(url, incoming, bytes) {
    const text = bytes.toString("utf8");
    let json;
    if (/\bjson\b/.test(incoming.headers["content-type"] ?? "")) {
        try {
            json = JSON.parse(text);
        } catch {
            json = undefined;
        }
    }
    return {
        status: /** @type {number} */ (incoming.statusCode),
        headers: incoming.headers,
        rawHeaders: incoming.rawHeaders,
        bytes,
        text,
        json,
        url,
    };
}

/** The value of a cookie set by an answer, "" when it is taken back, undefined when it is not set. */
export function setCookie(answer, name = "__Host-inlay") {
    const line = (answer.headers["set-cookie"] ?? []).find((cookie) => cookie.startsWith(`${name}=`));
    return line?.slice(name.length + 1).split(";")[0];
}

/** What Chromium sends when an iframe of another site navigates. */
export function frameHeaders(userAgent = chrome) {
    return {
        "User-Agent": userAgent,
        Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Upgrade-Insecure-Requests": "1",
        "Sec-Fetch-Dest": "iframe",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Site": "cross-site",
    };
}

/** One browser profile: a cookie jar by host, and a User-Agent. */
export class Browserlike {
    constructor(userAgent = chrome) {
        this.userAgent = userAgent;
        /** @type {Map<string, Map<string, string>>} */
        this.jar = new Map();
    }

    /** @param {string} url */
    cookies(url) {
        const { host } = new URL(url);
        if (!this.jar.has(host)) {
            this.jar.set(host, new Map());
        }
        return /** @type {Map<string, string>} */ (this.jar.get(host));
    }

    /**
     * One request with this profile's cookies; headers given here win, and undefined leaves one out.
     * @param {string} url
     * @param {Parameters<typeof request>[1]} [options]
     */
    async send(url, options = {}) {
        const jar = this.cookies(url);
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
        const received = await request(url, {
            ...options,
            headers: {
                "User-Agent": this.userAgent,
                Cookie: cookie === "" ? undefined : cookie,
                ...options.headers,
            },
        });
        for (const line of received.headers["set-cookie"] ?? []) {
            const [pair, ...attributes] = line.split(";");
            const at = pair.indexOf("=");
            const name = pair.slice(0, at).trim();
            if (attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(attribute))) {
                jar.delete(name);
            } else {
                jar.set(name, pair.slice(at + 1).trim());
            }
        }
        return received;
    }

    /** A frame goes to url, without following redirects. */
    navigate(url, headers = {}) {
        return this.send(url, { headers: { ...frameHeaders(this.userAgent), ...headers } });
    }

    /**
     * A frame goes to url and follows redirects, as Chromium does: Sec-Fetch-* stay the same over the chain.
     * @param {string} url
     */
    async open(url, headers = {}) {
        /** @type {Answer[]} */
        const hops = [];
        for (let at = url; hops.length < 6;) {
            const received = await this.navigate(at, headers);
            hops.push(received);
            if (received.status < 300 || received.status > 399 || received.headers.location === undefined) {
                break;
            }
            at = new URL(received.headers.location, at).href;
        }
        const last = hops[hops.length - 1];
        return { ...last, hops };
    }

    /**
     * A page of the portal posts a link into its frame, and the frame follows redirects: 307 posts the form again, with the
     * Origin that the Referrer-Policy of the answer leaves.
     * @param {{ url: string, secret?: string }} link
     * @param {string | undefined} portal its origin
     */
    async post({ url, secret }, portal, headers = {}) {
        /** @type {Answer[]} */
        const hops = [];
        let [method, origin] = ["POST", portal];
        for (let at = url; hops.length < 6;) {
            const isPost = method === "POST";
            const received = await this.send(at, {
                method,
                body: isPost ? String(new URLSearchParams(secret === undefined ? {} : { secret })) : undefined,
                headers: {
                    ...frameHeaders(this.userAgent),
                    ...(isPost ? { Origin: origin, "Content-Type": "application/x-www-form-urlencoded" } : {}),
                    ...headers,
                },
            });
            hops.push(received);
            if (received.status < 300 || received.status > 399 || received.headers.location === undefined) {
                break;
            }
            method = received.status === 307 ? method : "GET";
            origin = received.headers["referrer-policy"] === "strict-origin" ? origin : "null";
            at = new URL(received.headers.location, at).href;
        }
        return { ...hops[hops.length - 1], hops };
    }

    /** What a script of the app itself fetches. */
    fetch(url, options = {}) {
        return this.send(url, {
            ...options,
            headers: {
                Accept: "*/*",
                "Sec-Fetch-Dest": "empty",
                "Sec-Fetch-Mode": "cors",
                "Sec-Fetch-Site": "same-origin",
                ...(options.method !== undefined && options.method !== "GET" && options.method !== "HEAD"
                    ? { Origin: new URL(url).origin }
                    : {}),
                ...options.headers,
            },
        });
    }
}
