// Servers that people really run, unchanged, behind Inlay: each an app of kind upstream with its own login off, opened by
// a link in a frame of another site, over https, with third-party cookies blocked.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { makeCertificate } from "../lib/certificate.mjs";
import { launchChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Portal } from "../lib/portal.mjs";
import { Program } from "../lib/program.mjs";
import { Server, freePort, freshFolder, root } from "../lib/server.mjs";
import { unique, World } from "../lib/world.mjs";
import { Api } from "../lib/api.mjs";

const recipes = path.join(root, "docs/recipes");
const packages = path.join(root, "build/servers/node_modules");
const folder = freshFolder();
/** @type {Awaited<ReturnType<typeof launchChromium>>} */ let chrome;
/** @type {Portal} */ let portal;
/** @type {Server} */ let server;
/** @type {Record<"notebook" | "jupyter" | "nodeRed" | "prometheus", Program>} */ let programs;

function write(name, content) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
}

/** @param {"notebook" | "server"} kind */
function startJupyter(kind) {
    const home = path.join(folder, kind);
    fs.mkdirSync(path.join(home, "config/custom"), { recursive: true });
    fs.copyFileSync(path.join(recipes, "jupyter_custom.js"), path.join(home, "config/custom/custom.js"));
    const cell = {
        cell_type: "code",
        source: 'print("six times seven is", 6 * 7)',
        metadata: {},
        outputs: [],
        execution_count: null,
    };
    const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
    write(`${kind}/files/answer.ipynb`, { cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 4 });
    return Program.start(
        (port) => [
            `/usr/bin/jupyter-${kind}`,
            `--config=${recipes}/jupyter_config.py`,
            `--port=${port}`,
            ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
        ],
        {
            cwd: path.join(home, "files"),
            env: {
                HOME: home,
                JUPYTER_CONFIG_DIR: path.join(home, "config"),
                JUPYTER_DATA_DIR: path.join(home, "data"),
                JUPYTER_RUNTIME_DIR: path.join(home, "runtime"),
            },
        },
    );
}

function startNodeRed() {
    write("node-red/flows.json", [
        { id: "f1", type: "tab", label: "Flow" },
        {
            id: "n1",
            type: "inject",
            z: "f1",
            name: "say",
            props: [{ p: "payload" }],
            payload: "hello from the flow",
            payloadType: "str",
            x: 150,
            y: 100,
            wires: [["n2"]],
        },
        {
            id: "n2",
            type: "debug",
            z: "f1",
            name: "heard",
            active: true,
            tosidebar: true,
            complete: "payload",
            targetType: "msg",
            x: 350,
            y: 100,
            wires: [],
        },
    ]);
    return Program.start(
        (port) => [
            process.execPath,
            path.join(packages, "node-red/red.js"),
            "--settings",
            path.join(recipes, "node-red-settings.js"),
            "--userDir",
            path.join(folder, "node-red"),
            "--port",
            String(port),
        ],
        {
            env: { HOME: folder },
        },
    );
}

function startPrometheus() {
    const config = write("prometheus.yml", "global: {}\n");
    return Program.start((port) => [
        "/usr/bin/prometheus",
        `--config.file=${config}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--storage.tsdb.path=${folder}/prometheus`,
    ]);
}

/** An app for this server, open in a frame of the portal. */
async function open(t, url, upstream = {}) {
    const api = new Api(server, server.token);
    const app = await api.post("/apps", {
        name: unique("server"),
        kind: "upstream",
        portals: [portal.origin],
        upstream: { url, ...upstream },
    });
    const group = await api.post("/groups", { name: unique("group") });
    await api.put(`/groups/${group.id}/apps/${app.id}`);
    const world = new World(server, api, app, null, group, null);
    const context = await chrome.browser.newContext({ viewport: { width: 1200, height: 800 } });
    context.setDefaultTimeout(60_000);
    t.after(() => context.close());
    const page = await context.newPage();
    /** @type {string[]} */
    const sockets = [];
    page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
    const link = await world.embedLink({ userInfo: { first_name: "Ann", last_name: "Lee" }, metadata: { store: 7 } });
    const framed = portal.add(
        `<!doctype html><title>Portal</title><iframe src="${link}" width="1150" height="750"></iframe>`,
    );
    await page.goto(framed);
    return { world, page, sockets, frame: page.frameLocator("iframe"), origin: new URL(link).origin };
}

before(async () => {
    const certificate = makeCertificate(folder, ["*.customer.example", "*.vendor.example", "*.apps.vendor.example"]);
    const starting = Promise.all([startJupyter("notebook"), startJupyter("server"), startNodeRed(), startPrometheus()]);
    portal = await new Portal("portal.customer.example", certificate).start();
    const port = await freePort();
    server = new Server({
        public_url: `https://inlay.vendor.example:${port}`,
        app_url: `https://*.apps.vendor.example:${port}`,
        tls_certificate: certificate.certificateFile,
        tls_key: certificate.keyFile,
    });
    server.port = port;
    const [notebook, jupyter, nodeRed, prometheus] = await starting;
    programs = { notebook, jupyter, nodeRed, prometheus };
    [chrome] = await Promise.all([launchChromium({ trusted: [certificate.hash] }), server.start()]);
});
after(async () => {
    await chrome?.close();
    portal?.close();
    await server?.discard();
    await Promise.all(Object.values(programs ?? {}).map((program) => program.stop()));
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe("a server that runs already, in a frame", () => {
    it("our own: is told who its user is, and its sockets and streams work until the session ends", async (t) => {
        const { WebSocketServer } = createRequire(path.join(packages, "x.js"))("ws");
        const echo = http.createServer((request, response) => {
            if (request.url === "/events") {
                response.writeHead(200, { "Content-Type": "text/event-stream" });
                response.write(`data: ${decodeURIComponent(String(request.headers["x-inlay-name"]))}\n\n`);
                return;
            }
            response.writeHead(200, {
                "Content-Type": "text/html",
                "Set-Cookie": "seen=yes; Path=/",
                "X-Frame-Options": "DENY",
            });
            response.end(`<!doctype html><title>Echo</title><link rel="icon" href="data:,"><pre></pre><p></p><script>
                window.heard = { headers: ${JSON.stringify(request.headers)} };
                const socket = new WebSocket("wss://" + location.host + "/socket");
                socket.onopen = () => socket.send("ping");
                socket.onmessage = ({ data }) => { heard.socket = JSON.parse(data); };
                socket.onclose = () => { heard.closed = true; };
                new EventSource("/events").onmessage = ({ data }) => { heard.event = data; };
            </script>`);
        });
        const sockets = new WebSocketServer({ server: echo });
        sockets.on("connection", (socket, request) => {
            socket.on("message", (data) =>
                socket.send(JSON.stringify({ said: String(data), headers: request.headers })),
            );
        });
        echo.listen(0, "127.0.0.1");
        await once(echo, "listening");
        t.after(() => {
            sockets.clients.forEach((socket) => socket.terminate());
            echo.closeAllConnections();
            echo.close();
        });
        const { port } = /** @type {import("node:net").AddressInfo} */ (echo.address());
        const { world, page, origin } = await open(t, `http://127.0.0.1:${port}`);
        const heard = () => page.frames()[1]?.evaluate(() => /** @type {any} */ (window).heard);
        const { headers, socket, event } = await eventually(
            "socket and stream",
            async () => {
                const all = await heard();
                return all?.socket && all.event && all;
            },
            60_000,
        );
        assert.equal(event, "Ann Lee");
        assert.equal(socket.said, "ping");
        assert.equal(socket.headers.origin, origin);
        for (const received of [headers, socket.headers]) {
            assert.equal(received.host, new URL(origin).host);
            assert.equal(received["x-forwarded-proto"], "https");
            assert.equal(received["x-inlay-name"], "Ann Lee");
            assert.deepEqual(JSON.parse(received["x-inlay-metadata"]), { store: 7 });
            assert.equal(received["x-inlay-assertion"].split(".").length, 3);
        }
        assert.equal(headers.cookie, undefined);
        assert.equal(
            socket.headers.cookie,
            "seen=yes",
            "the server's own cookie works in the frame, ours is not there",
        );
        await world.api.expect(200, "DELETE", "/sessions", { query: { appId: world.app.id } });
        await eventually("the socket's end", async () => (await heard()).closed);
    });

    it("Prometheus: answers a query", async (t) => {
        await programs.prometheus.untilReady("/-/ready");
        const { frame } = await open(t, programs.prometheus.url);
        await frame.locator("textarea[name=expr]").fill("vector(6 * 7)");
        await frame.locator(".execute_btn").click();
        await frame.locator("table td", { hasText: "42" }).waitFor();
    });

    it("Node-RED: its editor hears over its WebSocket what a flow says", async (t) => {
        await programs.nodeRed.untilReady();
        const { frame, sockets } = await open(t, programs.nodeRed.url);
        await frame.locator("#red-ui-sidebar").waitFor();
        await frame.locator(".red-ui-flow-node-button").first().click();
        await frame.locator(".red-ui-debug-msg", { hasText: "hello from the flow" }).waitFor({ state: "attached" });
        assert.ok(sockets.includes("/comms"), `WebSockets: ${sockets}`);
        assert.equal(await frame.locator(".red-ui-notification", { hasText: /lost connection/i }).count(), 0);
    });

    it("Jupyter Server, which JupyterLab runs on: a page's script starts a kernel and runs code", async (t) => {
        await programs.jupyter.untilReady("/api");
        const { frame, page } = await open(t, programs.jupyter.url);
        await frame.getByText("Jupyter Server").first().waitFor();
        const said = await page.frames()[1].evaluate(async () => {
            const token = /_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
            const make = (headers) => fetch("/api/kernels", { method: "POST", headers, body: "{}" });
            const [refused, made] = [await make({}), await make({ "X-XSRFToken": token })];
            const { id } = await made.json();
            const socket = new WebSocket(`wss://${location.host}/api/kernels/${id}/channels`);
            await new Promise((resolve) => (socket.onopen = resolve));
            const header = {
                msg_id: "1",
                username: "",
                session: "s",
                msg_type: "execute_request",
                version: "5.3",
                date: new Date().toISOString(),
            };
            const content = { code: 'print("six times seven is", 6 * 7)', silent: false };
            socket.send(
                JSON.stringify({ channel: "shell", header, parent_header: {}, metadata: {}, content, buffers: [] }),
            );
            const text = await new Promise((resolve) => {
                socket.onmessage = ({ data }) => {
                    const message = JSON.parse(data);
                    if (message.msg_type === "stream") {
                        resolve(message.content.text);
                    }
                };
            });
            return { refused: refused.status, text };
        });
        assert.deepEqual(said, { refused: 403, text: "six times seven is 42\n" });
    });

    it("the classic notebook: its kernel runs a cell", async (t) => {
        await programs.notebook.untilReady("/api");
        const { frame, page, origin, sockets } = await open(t, programs.notebook.url);
        // A click may come before the list is complete, and miss, or before the recipe is loaded.
        await eventually(
            "the notebook",
            async () => {
                await frame
                    .getByText("answer.ipynb")
                    .click({ timeout: 2000 })
                    .catch(() => {});
                return page.frames()[1]?.url() === `${origin}/notebooks/answer.ipynb`;
            },
            60_000,
        );
        await frame.locator(".kernel_idle_icon").waitFor({ state: "attached" });
        await frame.locator(".code_cell").first().click();
        await page.keyboard.press("Shift+Enter");
        await frame.locator(".output_stdout", { hasText: "six times seven is 42" }).waitFor();
        assert.ok(
            sockets.some((each) => /^\/api\/kernels\/.*\/channels$/.test(each)),
            `WebSockets: ${sockets}`,
        );
        assert.equal(new URL(page.frames()[1].url()).origin, origin);
        // What changes something brings Jupyter's own token against forgery, from a cookie that the frame keeps.
        await frame.locator('[data-jupyter-action="jupyter-notebook:save-notebook"]').first().click();
        const saved = () => fs.readFileSync(path.join(folder, "notebook/files/answer.ipynb"), "utf8");
        await eventually("the notebook on the disk", async () => /six times seven is 42/.test(saved()), 60_000);
    });
});
