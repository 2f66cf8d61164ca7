// The portals in examples/ show an app, each started by its one command: https, a site that has nothing to do with
// Inlay's, third-party cookies blocked. Only host, token, app id and user are set.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { startApart } from "../lib/apart.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Portal, probeApp } from "../lib/portal.mjs";
import { freePort, root } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

/** @type {Awaited<ReturnType<typeof startApart>>} */ let apart;
/** @type {typeof apart.chrome} */ let chrome;
/** @type {typeof apart.certificate} */ let certificate;
/** @type {typeof apart.server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {string} */ let token;

/** A portal's own program, with TLS in front of it as in production. */
class Program {
    constructor(example, [command, ...words], environment = {}) {
        this.front = new Portal("portal.customer.example", certificate);
        this.start = async () => {
            const port = await freePort();
            this.child = spawn(command, words.map((word) => word.replace("PORT", String(port))), {
                cwd: path.join(root, "examples", example),
                env: {
                    ...process.env,
                    PORT: String(port),
                    TOOLJET_HOST: server.url,
                    TOOLJET_API_TOKEN: token,
                    APP_ID: world.app.id,
                    USER_EMAIL: world.user.email,
                    // The test's own certificate, for the three languages.
                    NODE_EXTRA_CA_CERTS: certificate.certificateFile,
                    REQUESTS_CA_BUNDLE: certificate.certificateFile,
                    PHP_INI_SCAN_DIR: `:${apart.folder}`,
                    ...environment,
                },
                stdio: ["ignore", "pipe", "pipe"],
            });
            this.output = "";
            for (const stream of [this.child.stdout, this.child.stderr]) {
                stream.setEncoding("utf8").on("data", (text) => (this.output += text));
            }
            this.child.on("error", (error) => (this.output += error.message));
            this.front.server.removeAllListeners("request").on("request", (request, response) => {
                const { method, url, headers } = request;
                const inner = http.request({ host: "localhost", port, method, path: url, headers }, (answer) => {
                    response.writeHead(answer.statusCode ?? 500, answer.headers);
                    answer.pipe(response);
                });
                inner.on("error", () => response.writeHead(502).end());
                request.pipe(inner);
            });
            await this.front.start();
            await eventually(`${example} answers`, async () => {
                assert.equal(this.child.exitCode, null, this.output);
                return new Promise((resolve) => {
                    http.get({ host: "localhost", port, path: "/api/me" }, (answer) => resolve(answer.resume().statusCode === 200)).on("error", () => resolve(false));
                });
            });
            return this;
        };
    }

    stop() {
        this.child?.kill();
        this.front.close();
    }
}

const express = (pages) => ["node", "../express/server.js", ...pages];
const portals = {
    "Express and plain HTML": ["express", ["node", "server.js"]],
    "Flask and plain HTML": ["flask", ["/usr/bin/python3", "app.py"]],
    "Laravel and plain HTML": ["laravel", ["php", "-S", "localhost:PORT", "-t", "public", "public/index.php"]],
    "React": ["react", express(["dist"])],
    "Vue": ["vue", express(["dist"])],
    "Angular": ["angular", express(["dist/browser"])],
};

before(async () => {
    apart = await startApart({ host: "localhost", names: ["localhost"] });
    ({ certificate, chrome, server } = apart);
    fs.writeFileSync(path.join(apart.folder, "tls.ini"), `curl.cainfo=${certificate.certificateFile}\nopenssl.cafile=${certificate.certificateFile}\n`);
    world = await makeWorld(server, { bundle: probeApp });
    token = (await world.api.post("/api-tokens", { name: "examples", scopes: ["embed"] })).token;
});

after(() => apart?.close());

describe("examples", () => {
    for (const [name, [example, command]] of Object.entries(portals)) {
        it(`${name}: the portal shows the app as its user, and refuses to ask for somebody else`, async (t) => {
            const program = await new Program(example, command).start();
            t.after(() => program.stop());
            const { origin } = program.front;
            await world.api.patch(`/apps/${world.app.id}`, { frameAncestors: [origin] });
            const context = await chrome.browser.newContext();
            t.after(() => context.close());
            const page = await context.newPage();
            await page.goto(`${origin}/`);
            const frame = await eventually(`the app in the portal; it said: ${program.output}`, async () => {
                const [child] = framesOf(page);
                return (await child?.evaluate(() => document.body?.dataset.session)) !== undefined && child;
            });
            assert.equal(await frame.innerText("p"), "Ann Lee");
            assert.match(frame.url(), /^https:\/\/\w{26}\.apps\.vendor\.example:/);

            const status = await page.evaluate(async (appId) => {
                const headers = { "Content-Type": "application/json", Accept: "application/json" };
                const body = JSON.stringify({ email: "eve@evil.example", appId });
                return (await fetch("/api/get-tooljet-url", { method: "POST", headers, body })).status;
            }, world.app.id);
            assert.equal(status, 403);
        });
    }

    for (const [name, [example, command]] of Object.entries(portals).slice(0, 3)) {
        it(`${name}: Inlay's "no such user" reaches the page as 404`, async (t) => {
            const email = "nobody@acme.example";
            const program = await new Program(example, command, { USER_EMAIL: email }).start();
            t.after(() => program.stop());
            const context = await chrome.browser.newContext();
            t.after(() => context.close());
            const page = await context.newPage();
            const statuses = [];
            page.on("response", (response) => response.url().endsWith("/api/get-tooljet-url") && statuses.push(response.status()));
            await page.goto(`${program.front.origin}/`);
            await eventually("an error that people can read", async () => (await page.innerText("body")).includes("unknown user or app"));
            assert.deepEqual(statuses, [404]);
        });
    }
});
