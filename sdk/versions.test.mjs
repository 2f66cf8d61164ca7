// Old and new go together: each mixture of the portal's SDK, the app's SDK and Inlay's own pages, of which some are as
// they were built first (sdk/fixtures), holds one conversation.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { transform } from "esbuild";
import { errorPage } from "../web/pages/build.mjs";
import { bundle } from "./build.mjs";

const sdk = fileURLToPath(new URL(".", import.meta.url));
const frozen = (name) => fs.readFileSync(path.join(sdk, "fixtures/v1", name), "utf8");
const classic = async (text) => (await transform(text, { format: "iife", globalName: "sdk" })).code;
const scripts = {
    old: { app: await classic(frozen("app.js")), embed: await classic(frozen("embed.js")), page: frozen("page.js") },
    new: {
        app: await classic(await bundle(path.join(sdk, "app"))),
        embed: await classic(await bundle(path.join(sdk, "embed"))),
        page: /<script>(.*?)<\/script>/s.exec((await errorPage()).template)[1],
    },
};

const PORTAL = "https://portal.example.com";
const APP = "https://label.apps.example.com";
const until = async (what, check) => {
    for (const end = Date.now() + 5000; !check(); await new Promise((resolve) => setTimeout(resolve, 5))) {
        assert.ok(Date.now() < end, `${what} did not happen`);
    }
};

/** A window: its scripts' globals, and what others see of it. Messages go by window, origin and target as in a browser. */
class Window {
    constructor(origin, globals) {
        this.origin = origin;
        this.listeners = new Set();
        this.handles = new Map();
        this.context = createContext({
            URL,
            crypto: globalThis.crypto,
            performance,
            queueMicrotask,
            setTimeout,
            clearTimeout,
            ...globals,
            addEventListener: (type, listener) => type === "message" && this.listeners.add(listener),
            removeEventListener: (type, listener) => this.listeners.delete(listener),
        });
    }

    /** This window as a script of the other one holds it. */
    seenBy(other) {
        if (!this.handles.has(other)) {
            const postMessage = (data, target) => {
                assert.equal(typeof target, "string");
                const copy = structuredClone(data);
                if (target === "*" || target === this.origin) {
                    setImmediate(() =>
                        this.listeners.forEach((listener) =>
                            listener({ data: copy, origin: other.origin, source: other.seenBy(this) }),
                        ),
                    );
                }
            };
            this.handles.set(other, { postMessage });
        }
        return this.handles.get(other);
    }

    run(script) {
        runInContext(script, this.context);
        return this;
    }
}

/** A portal that shows an app. `server` is what Inlay says about the session. */
function open({ embed, app, page }) {
    const server = { left: 1000, refuses: false, links: 0, requests: [] };
    const told = { data: [], ready: 0, errors: [] };
    const windows = [];
    const frames = [];
    const document = { addEventListener() {}, removeEventListener() {} };

    /** A frame goes to an address. */
    function load(url) {
        const window = {};
        const place = { pathname: "/", search: "", hash: "" };
        const inside = new Window(APP, {
            window,
            location: { ...place, hostname: new URL(APP).hostname, ancestorOrigins: [PORTAL] },
            history: {
                pushState: (_state, _title, path) => (inside.context.location.pathname = path),
                replaceState() {},
            },
            document: {
                ...document,
                referrer: "",
                documentElement: { scrollHeight: 700, getBoundingClientRect: () => ({ height: 700 }) },
            },
            innerHeight: 300,
            ResizeObserver: class {
                observe() {}
            },
            fetch: async (path, { method = "GET" } = {}) => {
                server.requests.push(`${method} ${path}`);
                return {
                    ok: true,
                    status: 200,
                    text: async () => JSON.stringify({ session: { expiresInSeconds: server.left } }),
                };
            },
        });
        window.parent = portal.seenBy(inside);
        if (server.refuses || /renew/.test(url)) {
            const body = { dataset: { code: server.refuses ? "session_ended" : "renewed", portals: PORTAL } };
            const text = server.refuses ? "The session has ended." : `${(server.left = 1000)} seconds are left.`;
            Object.assign(inside.context.document, { body, querySelector: () => ({ textContent: text }) });
            return inside.run(scripts[page].page);
        }
        return inside.run(scripts[app].app);
    }

    const createElement = () => {
        const frame = {
            style: {},
            setAttribute() {},
            addEventListener: (_type, listener) => (frame.loaded = listener),
            remove: () => frames.splice(frames.indexOf(frame) >>> 0, 1),
        };
        return frame;
    };
    const append = (frame) => {
        frames.push(frame);
        const inside = load(frame.src);
        windows.push(inside);
        frame.contentWindow = inside.seenBy(portal);
        setImmediate(() => frame.loaded?.());
    };
    const portal = new Window(PORTAL, { Date, document: { ...document, createElement } }).run(scripts[embed].embed);
    const shown = runInContext("sdk", portal.context).embed(
        { append },
        {
            getUrl: () => `${APP}/_inlay/embed/${(server.links += 1)}`,
            data: { theme: "dark" },
            autoHeight: true,
            onData: (data) => told.data.push(data),
            onReady: () => (told.ready += 1),
            onError: (code) => told.errors.push(code),
        },
    );
    const values = [];
    const watch = () => runInContext("sdk", windows[0].context).parent.watch("theme", (value) => values.push(value));
    return { server, told, frames, windows, shown, values, watch };
}

for (const embed of ["old", "new"]) {
    for (const app of ["old", "new"]) {
        for (const page of ["old", "new"]) {
            test(`${embed} portal, ${app} app, ${page} pages of the server: they understand each other`, async () => {
                const { server, told, frames, windows, shown, values, watch } = open({ embed, app, page });
                await until("the app", () => windows.length === 1);
                watch();
                await until("the value", () => values.length === 1);
                shown.update({ theme: "light" });
                await until("the change", () => values.length === 2);
                assert.deepEqual(values, ["dark", "light"]);

                await until("ready", () => told.ready === 1);
                await until("the height", () => frames[0].style.height === "700px");
                runInContext("sdk", windows[0].context).parent.post({ chosen: 7 });
                await until("what the app sent", () => told.data.length === 1);
                assert.deepEqual(structuredClone(told.data), [{ chosen: 7 }]);

                const asked = () => server.requests.filter((request) => request === "GET /_inlay/session").length;
                const before = asked();
                server.left = 0;
                windows[0].listeners.forEach((hear) =>
                    hear({
                        data: { type: "inlay:renewed", v: 1 },
                        origin: PORTAL,
                        source: windows[0].context.window.parent,
                    }),
                );
                await until("the renewal", () => server.links === 2 && server.left === 1000);
                await until("the app's answer to it", () => asked() >= before + 2);
                assert.deepEqual([frames.length, told.errors], [1, []]);

                shown.logout();
                await until("the goodbye", () => server.requests.includes("POST /_inlay/logout"));
                shown.destroy();
            });
        }
    }
}

for (const [embed, page] of [
    ["old", "new"],
    ["new", "old"],
]) {
    test(`${embed} portal, ${page} pages: the app is opened anew when a page says that the session is over`, async () => {
        const { server, told, windows, shown } = open({ embed, app: "new", page });
        await until("the app", () => told.ready === 1);
        server.refuses = true;
        shown.reload();
        await until("another link", () => server.links === 3);
        await until("the error", () => told.errors.length === 1);
        assert.deepEqual([told.errors, windows.length], [["session_ended"], 3]);
        shown.destroy();
    });
}
