// Service workers of apps, hostile ones and those of real tools, in Chromium: https, unrelated sites, third-party cookies
// blocked. They work, and links are not for them.
import assert from "node:assert/strict";
import { once } from "node:events";
import https from "node:https";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import zlib from "node:zlib";
import { bundle } from "../../sdk/build.mjs";
import { buildVitePwa, buildWorkbox } from "../clients/pwa.mjs";
import { startApart } from "../lib/apart.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { evilModule, hostileBundles } from "../lib/hostile.mjs";
import { root } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

describe("service workers in Chromium", () => {
    /** @type {Awaited<ReturnType<typeof startApart>>} */ let apart;
    let embedScript;

    before(async () => {
        [apart, embedScript] = await Promise.all([
            startApart(),
            bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" }),
        ]);
        apart.portal.pages.set("/evil.js", (_request, response) =>
            response
                .writeHead(200, { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" })
                .end(evilModule),
        );
    });
    after(() => apart?.close());

    /** A context of its own, and pages of the portal in it. */
    async function person(t, world) {
        const context = await apart.launched.browser.newContext();
        t.after(() => context.close());
        const page = await context.newPage();
        const who = unique("ann");
        return {
            context,
            page,
            link: (more) => world.embedLink({ externalIdentifier: who, ...more }),
            async open(...links) {
                await page.goto(apart.portal.framing(links));
            },
            /** Something of the first frame's body.dataset. */
            shown: (name, matches = (value) => value !== undefined) =>
                eventually(
                    `data-${name}`,
                    async () => {
                        const [frame] = framesOf(page);
                        const value = await frame?.evaluate((key) => document.body?.dataset[key], name);
                        return matches(value) && { value };
                    },
                    20_000,
                ).then(({ value }) => value),
        };
    }

    /** How many links were opened. */
    async function opened(world) {
        const types = ["redeem", "resume", "renew"];
        const pages = await Promise.all(types.map((type) => world.api.get("/events", { type, limit: 100 })));
        return pages.flatMap(({ items }) => items).filter(({ appId }) => appId === world.app.id).length;
    }

    /** The guard's own script is named in each module worker. */
    const isOurs = (text) => /\/_inlay\/(?!worker\.js$).|\/embed-apps\/./.test(text);

    describe("that are hostile", () => {
        const names = Object.keys(hostileBundles(""));
        for (const name of names.filter((name) => !name.includes("module"))) {
            it(`see no link: ${name}`, async (t) => {
                const world = await makeWorld(apart.server, {
                    portals: [apart.portal.origin],
                    bundle: hostileBundles(`${apart.portal.origin}/evil.js`)[name],
                });
                const ann = await person(t, world);
                await ann.open(await ann.link());
                assert.equal(await ann.shown("state"), "registered");
                await ann.shown("controlled");

                const before = await opened(world);
                const link = await ann.link();
                const origin = new URL(framesOf(ann.page)[0].url()).origin;
                await ann.open(
                    link,
                    `${origin}/_inlay/embed/inlay_link_unknown`,
                    `${origin}/embed-apps/x?personal-access-token=y`,
                );
                const caught = await ann.shown("caught", (text) => text?.includes("client "));
                assert.match(caught, /(listener|import|onfetch) https/, "the trap works");
                assert.deepEqual(JSON.parse(caught).filter(isOurs), []);
                assert.equal(await opened(world), before + 1, "and the link was opened");
                const refused = framesOf(ann.page).slice(1);
                for (const frame of refused) {
                    const text = await eventually("Inlay's own page", () =>
                        frame.evaluate(() => document.body.innerText),
                    );
                    assert.match(text, /link/i);
                }
                const later = await ann.shown("caught");
                assert.deepEqual(JSON.parse(later).filter(isOurs), []);
            });
        }
    });

    it("see no link if a page has cached their script from the app's server before", async (t) => {
        const { "sw.js": script, "index.html": page } = Object.fromEntries(
            hostileBundles("").classic.map(({ path, content }) => [path, content]),
        );
        const backend = await listen((incoming, response) => {
            const isScript = incoming.url === "/sw.js";
            response.writeHead(200, {
                "Content-Type": isScript ? "text/javascript" : "text/html",
                "Content-Encoding": "gzip",
                "Cache-Control": isScript ? "public, max-age=31536000, immutable" : "no-store",
                ETag: '"always"',
            });
            response.end(
                zlib.gzipSync(
                    isScript
                        ? script
                        : page
                              .replace("<script>", "<script>fetch('/sw.js').then(() => {\n")
                              .replace(/;\n<\/script>$/, ";\n});</script>"),
                ),
            );
        });
        t.after(() => close(backend));
        const world = await upstreamWorld(apart.server, { url: `http://127.0.0.1:${backend.address().port}` });
        await world.api.patch(`/apps/${world.app.id}`, { portals: [apart.portal.origin] });
        const ann = await person(t, world);
        await ann.open(await ann.link());
        assert.equal(await ann.shown("state"), "registered");
        await ann.shown("controlled");
        const before = await opened(world);
        await ann.open(await ann.link());
        const caught = await ann.shown("caught", (text) => text?.includes("client "));
        assert.deepEqual(JSON.parse(caught).filter(isOurs), []);
        assert.equal(await opened(world), before + 1);
    });

    it("are no modules in Chromium, which asks for these without cookies", async (t) => {
        const world = await makeWorld(apart.server, {
            portals: [apart.portal.origin],
            bundle: hostileBundles("")["a module that imports text"],
        });
        const ann = await person(t, world);
        await ann.open(await ann.link());
        assert.match(await ann.shown("state"), /evaluation failed/);
    });

    describe("that a browser had before there was a guard", () => {
        const captured = "<!doctype html><title>Captured</title><body data-page='captured'>";
        const old = `const page = ${JSON.stringify(captured)};
addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => event.request.mode === "navigate" &&
    event.respondWith(new Response(page, { headers: { "Content-Type": "text/html" } })));`;
        const registering = `<!doctype html><body><script>navigator.serviceWorker.oncontrollerchange = () => (document.body.dataset.controlled = "true");
navigator.serviceWorker.register("/sw.js");</script>`;

        /** The app's origin is answered by a server without Inlay, just for this. */
        async function withWorkerFromBefore(t, world) {
            const ann = await person(t, world);
            await ann.open(await ann.link());
            await ann.shown("page", (page) => page === "new");
            const { origin } = new URL(framesOf(ann.page)[0].url());
            await apart.server.stop();
            const bare = https.createServer(apart.certificate, (incoming, response) => {
                const isScript = incoming.url === "/sw.js";
                response.writeHead(200, {
                    "Content-Type": isScript ? "text/javascript" : "text/html",
                    Connection: "close",
                });
                response.end(isScript ? old : registering);
            });
            try {
                bare.listen(apart.server.port, "127.0.0.1");
                await once(bare, "listening");
                await ann.open(`${origin}/`);
                await ann.shown("controlled");
            } finally {
                bare.closeAllConnections();
                await new Promise((resolve) => bare.close(resolve));
                await apart.server.start();
            }
            return ann;
        }

        const page = { path: "index.html", content: "<!doctype html><title>New</title><body data-page='new'>" };
        const isNew = (name) => name === "new";

        it("leaves by itself if the app has no worker now, and opens the link that it took", async (t) => {
            const world = await makeWorld(apart.server, { portals: [apart.portal.origin], bundle: [page] });
            const ann = await withWorkerFromBefore(t, world);
            const before = await opened(world);
            await ann.open(await ann.link());
            await ann.shown("page", isNew);
            assert.equal(await opened(world), before + 1);
        });

        it("leaves by itself once the session has ended, and opens the link that it took", async (t) => {
            const world = await makeWorld(apart.server, {
                portals: [apart.portal.origin],
                bundle: [page, { path: "sw.js", content: old }],
            });
            const ann = await withWorkerFromBefore(t, world);
            for (const { id } of (await world.api.get("/sessions", { appId: world.app.id, status: "active" })).items) {
                await world.api.expect(204, "DELETE", `/sessions/${id}`);
            }
            await ann.open(await ann.link());
            await ann.shown("page", isNew);
        });

        it("gives way to the one with a guard when no page of the app is open", async (t) => {
            const world = await makeWorld(apart.server, {
                portals: [apart.portal.origin],
                bundle: [page, { path: "sw.js", content: old.replace("captured", "guarded") }],
            });
            const ann = await withWorkerFromBefore(t, world);
            const before = await opened(world);
            await eventually(
                "a link that opens",
                async () => {
                    await ann.open(await ann.link());
                    await ann.shown("page");
                    // What the browser does by itself a while after a navigation.
                    const [frame] = framesOf(ann.page);
                    await frame.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
                    await ann.page.goto("about:blank");
                    return (await opened(world)) > before;
                },
                40_000,
            );
        });
    });

    for (const [name, build] of Object.entries({ "vite-plugin-pwa": buildVitePwa, Workbox: buildWorkbox })) {
        describe(`that ${name} has built`, () => {
            let world;

            before(async () => {
                world = await makeWorld(apart.server, { portals: [apart.portal.origin], bundle: await build() });
            });

            it("serve the app offline, and let links open", async (t) => {
                const ann = await person(t, world);
                await ann.open(await ann.link());
                await ann.shown("worker", (state) => state === "ready");
                for (let i = 0; i < 2; i++) {
                    const before = await opened(world);
                    await ann.open(await ann.link());
                    assert.equal(await ann.shown("controlled"), "true");
                    await ann.shown("user", (user) => user?.startsWith("ann"));
                    assert.equal(await opened(world), before + 1);
                }
                const sessions = await world.api.get("/sessions", { appId: world.app.id, status: "active" });
                const [frame] = framesOf(ann.page);
                await apart.server.stop();
                try {
                    await frame.evaluate(() => location.reload()).catch(() => {});
                    await ann.shown("user", (user) => user === "offline");
                } finally {
                    await apart.server.start();
                }
                for (const { id } of sessions.items) {
                    await world.api.expect(204, "DELETE", `/sessions/${id}`);
                }
                await ann.open(await ann.link());
                await ann.shown("user", (user) => user?.startsWith("ann"));
            });

            it("let sessions be renewed", async (t) => {
                const ann = await person(t, world);
                apart.portal.pages.set("/link", async (_request, response) => {
                    const link = await ann.link();
                    response.writeHead(200, { "Content-Type": "text/plain" }).end(link);
                });
                const portal = apart.portal.add(`<!doctype html><title>Portal</title><div id="app"></div>
<script>${embedScript}</script><script>
inlay.embed(document.querySelector("#app"), {
    getUrl: async () => (await fetch("/link")).text(),
    onError: (code) => (document.body.dataset.error = code),
});
</script>`);
                await ann.page.goto(portal);
                await ann.shown("worker", (state) => state === "ready");
                await ann.page.goto(portal);
                assert.equal(await ann.shown("controlled"), "true");
                await ann.shown("user", (user) => user?.startsWith("ann"));
                await eventually(
                    "the renewal",
                    async () => {
                        await framesOf(ann.page)[0].evaluate(() =>
                            parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*"),
                        );
                        return world.lastEvent("renew", { appId: world.app.id });
                    },
                    30_000,
                );
                assert.equal(await ann.page.evaluate(() => document.body.dataset.error ?? null), null);
            });
        });
    }
});
