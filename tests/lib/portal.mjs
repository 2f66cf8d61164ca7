// A portal as small as can be: pages with frames, which keep every message they get.
import { once } from "node:events";
import http from "node:http";
import https from "node:https";

export class Portal {
    /**
     * @param {string} host the name in its origin
     * @param {{ key: string, cert: string } | null} [tls]
     */
    constructor(host, tls = null) {
        this.host = host;
        /** @type {Map<string, string | ((request: http.IncomingMessage, response: http.ServerResponse) => void)>} */
        this.pages = new Map();
        this.scheme = tls === null ? "http" : "https";
        /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
        const serve = (request, response) => {
            const page = this.pages.get(new URL(request.url ?? "/", "http://x").pathname);
            if (typeof page === "function") {
                page(request, response);
                return;
            }
            response.writeHead(page === undefined ? 404 : 200, {
                "Content-Type": "text/html; charset=utf-8",
                "Cache-Control": "no-store",
            });
            response.end(page ?? "");
        };
        const options = { maxHeaderSize: 1 << 20 }; // where cookies of an app's site reach the portal, too
        this.server =
            tls === null ? http.createServer(options, serve) : https.createServer({ ...options, ...tls }, serve);
    }

    async start() {
        this.server.listen(0, "127.0.0.1");
        await once(this.server, "listening");
        this.port = /** @type {import("node:net").AddressInfo} */ (this.server.address()).port;
        return this;
    }

    get origin() {
        return `${this.scheme}://${this.host}:${this.port}`;
    }

    /** Publishes a page and gives its address. */
    add(html) {
        const name = `/page-${this.pages.size + 1}`;
        this.pages.set(name, html);
        return this.origin + name;
    }

    /** A page with one frame for each link. */
    framing(links, { head = "", body = "" } = {}) {
        const frames = links.map(
            (link) => `<iframe src="${link.replaceAll("&", "&amp;")}" width="300" height="200"></iframe>`,
        );
        return this.add(`<!doctype html><title>Portal</title>${listener}${head}${frames.join("")}${body}`);
    }

    /** A page with an application's own script, which knows its links. */
    scripted(script) {
        return this.add(
            `<!doctype html><title>Portal</title>${listener}<div id="root"></div><script>${script}</script>`,
        );
    }

    close() {
        this.server.closeAllConnections();
        this.server.close();
    }
}

const listener = `<script>
    window.messages = [];
    addEventListener("message", ({ data, origin }) => messages.push({ data, origin }));
</script>`;

/** An app that asks who it runs as, shows it, and tells its parent. */
export const probeApp = [
    {
        path: "index.html",
        content: `<!doctype html><title>Probe</title><link rel="icon" href="data:,"><p>…</p>
<script type="module" src="/probe-Q7x2mK9d.js"></script>\n`,
    },
    {
        path: "probe-Q7x2mK9d.js",
        content: `const answer = await fetch("/_inlay/session");
const session = await answer.json();
document.querySelector("p").textContent = session.currentUser?.fullName ?? session.code;
document.body.dataset.session = JSON.stringify(session);
parent.postMessage({ type: "probe", user: session.currentUser?.externalIdentifier, metadata: session.currentUser?.metadata }, "*");\n`,
    },
    { path: "pixel.svg", content: `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n` },
    { path: "classic.js", content: `window.stolen = "script of the sibling";\n` },
];
