// The portals in examples/ show an app, each started by its one command: https, sites that have nothing to do with
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
import { probeApp } from "../lib/portal.mjs";
import { freePort, root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {Awaited<ReturnType<typeof startApart>>} */ let apart;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/world.mjs").World} with an app that talks to its portal */ let talking;
/** @type {string} */ let token;
/** @type {Map<string, number>} the ports of the programs behind the names of their portals */
const programs = new Map();

/** Shows its user and a value of the portal. */
const talkingApp = `<!doctype html><title>App</title><link rel="icon" href="data:,"><p>…</p><script type="module">
import { parent as portal, session } from "/_inlay/app.js";
const { currentUser } = await session();
document.querySelector("p").textContent = currentUser.fullName + " of store " + currentUser.metadata.storeId;
portal.watch("isAdmin", (isAdmin) => (document.body.dataset.admin = isAdmin));
window.tell = (data) => portal.post(data);
</script>`;

before(async () => {
    apart = await startApart({ host: "localhost", names: ["localhost"] });
    const { certificate, folder, portal, server } = apart;
    fs.writeFileSync(
        path.join(folder, "tls.ini"),
        `curl.cainfo=${certificate.certificateFile}\nopenssl.cafile=${certificate.certificateFile}\n`,
    );
    // TLS in front of each portal's own program, as in production.
    portal.server.removeAllListeners("request").on("request", (request, response) => {
        const { method, url, headers } = request;
        const port = programs.get(String(headers.host).split(".")[0]);
        const inner = http.request({ host: "localhost", port, method, path: url, headers }, (answer) => {
            response.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(response);
        });
        inner.on("error", () => response.writeHead(502).end());
        request.pipe(inner);
    });
    const portals = [`https://*.customer.example:${portal.port}`];
    [world, talking] = await Promise.all([
        makeWorld(server, { portals, bundle: probeApp }),
        makeWorld(server, { portals, bundle: [{ path: "index.html", content: talkingApp }] }),
    ]);
    token = (await world.api.post("/api-tokens", { name: "examples", scopes: ["embed"] })).token;
});

after(() => apart?.close());

/** Starts a portal and gives its origin. Its user is its own: a user's newer link replaces the one that was not opened yet. */
async function start(t, example, [command, ...words], environment = {}) {
    const { certificate, folder, portal, server } = apart;
    const [name, port] = [unique(example), await freePort()];
    const child = spawn(
        command,
        words.map((word) => word.replace("PORT", String(port))),
        {
            cwd: path.join(root, "examples", example),
            env: {
                ...process.env,
                PORT: String(port),
                TOOLJET_HOST: server.url,
                TOOLJET_API_TOKEN: token,
                APP_ID: world.app.id,
                USER_EMAIL: (await world.newUser()).email,
                RETOOL_URL: server.url,
                RETOOL_API_KEY: token,
                LANDING_PAGE_UUID: talking.app.id,
                GROUP_IDS: String(talking.group.id),
                USER_ID: unique("customer"),
                // The test's own certificate, for the three languages.
                NODE_EXTRA_CA_CERTS: certificate.certificateFile,
                REQUESTS_CA_BUNDLE: certificate.certificateFile,
                PHP_INI_SCAN_DIR: `:${folder}`,
                ...environment,
            },
            stdio: ["ignore", "pipe", "pipe"],
        },
    );
    t.after(() => child.kill());
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => (output += text));
    }
    child.on("error", (error) => (output += error.message));
    await eventually(
        `${example} answers`,
        async () => {
            assert.equal(child.exitCode, null, output);
            return new Promise((resolve) => {
                http.get({ host: "localhost", port, path: "/api/me" }, (answer) =>
                    resolve(answer.resume().statusCode === 200),
                ).on("error", () => resolve(false));
            });
        },
        30_000,
    );
    programs.set(name, port);
    return { origin: `https://${name}.customer.example:${portal.port}`, said: () => output };
}

async function visit(t, origin) {
    const context = await apart.launched.browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    return { page, go: () => page.goto(`${origin}/`) };
}

/** Names the app in the portal, with what is there instead of it. */
async function theApp(page, said) {
    const shown = page
        .frames()
        .map(async (frame) => `${frame.url()} shows ${await frame.innerText("body", { timeout: 1000 }).catch(String)}`);
    return ["the app in the portal,", ...(await Promise.all(shown)), `its server said: ${said}`].join("\n");
}

const express = (pages) => ["node", "../express/server.js", ...pages];
const portals = {
    "Express and plain HTML": ["express", ["node", "server.js"]],
    "Flask and plain HTML": ["flask", ["/usr/bin/python3", "app.py"]],
    "Laravel and plain HTML": ["laravel", ["php", "-S", "localhost:PORT", "-t", "public", "public/index.php"]],
    React: ["react", express(["dist"])],
    Vue: ["vue", express(["dist"])],
    Angular: ["angular", express(["dist/browser"])],
};

describe("examples", { concurrency: 3 }, () => {
    for (const [name, [example, command]] of Object.entries(portals)) {
        it(`${name}: the portal shows the app as its user, and refuses to ask for somebody else`, async (t) => {
            const { origin, said } = await start(t, example, command);
            const { page, go } = await visit(t, origin);
            await go();
            const frame = await eventually(
                () => theApp(page, said()),
                async () => {
                    const [child] = framesOf(page);
                    return (await child?.evaluate(() => document.body?.dataset.session)) !== undefined && child;
                },
            );
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
            const { origin } = await start(t, example, command, { USER_EMAIL: "nobody@acme.example" });
            const { page, go } = await visit(t, origin);
            const statuses = [];
            page.on(
                "response",
                (response) => response.url().endsWith("/api/get-tooljet-url") && statuses.push(response.status()),
            );
            await go();
            await eventually("an error that people can read", async () =>
                (await page.innerText("body")).includes("unknown user or app"),
            );
            assert.deepEqual(statuses, [404]);
        });
    }

    const retool = {
        "Flask and react-retool, as Retool has it": [
            "retool-flask",
            ["/usr/bin/python3", "app.py"],
            "Ann Lee of store 5",
        ],
        "Express and react-retool, as Retool has it": ["retool-express", ["node", "server.js"], "Ann Lee of store 51"],
    };
    for (const [name, [example, command, user]] of Object.entries(retool)) {
        it(`${name}: the app knows its user, hears of data, and is heard by onData`, async (t) => {
            const { origin, said } = await start(t, example, command);
            const { page, go } = await visit(t, origin);
            await go();
            const frame = await eventually(
                () => theApp(page, said()),
                async () => {
                    const [child] = framesOf(page);
                    return (await child?.evaluate(() => document.body?.dataset.admin)) === "false" && child;
                },
            );
            assert.equal(await frame.innerText("p"), user);
            await page.check("input");
            await eventually("the change of data", () => frame.evaluate(() => document.body.dataset.admin === "true"));
            await frame.evaluate(() =>
                [{ type: "inlay:error", code: "session_ended" }, "orders"].forEach((data) => window.tell(data)),
            );
            await eventually("onData", async () => (await page.innerText("h1")) === "Tab: orders");

            const status = await page.evaluate(async () => {
                const headers = { "Content-Type": "application/json" };
                const body = JSON.stringify({ userJwt: "e30.e30.e30", retoolAppName: "orders" });
                return (await fetch("/api/embedUrl", { method: "POST", headers, body })).status;
            });
            assert.equal(status, 401);
        });
    }
});
