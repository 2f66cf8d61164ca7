// Service workers of apps, hostile ones and those of real tools, in Firefox: https and unrelated sites, with its own
// partitions of cookies and storage.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { buildVitePwa, buildWorkbox } from "../clients/pwa.mjs";
import { startApart } from "../lib/apart.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { evilModule, hostileBundles } from "../lib/hostile.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const embedScript = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

describe("service workers in Firefox", () => {
    let apart, firefox;

    before(async () => {
        apart = await startApart({ launch: launchFirefox });
        firefox = apart.launched;
        apart.portal.pages.set("/evil.js", (_request, response) =>
            response
                .writeHead(200, { "Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*" })
                .end(evilModule),
        );
    });
    after(() => apart?.close());

    const open = (...links) => firefox.goto(apart.portal.framing(links));

    /** Something of the first frame's body.dataset. */
    async function shown(name, matches = (value) => value !== null) {
        const found = await eventually(
            `data-${name}`,
            async () => {
                await firefox.enter();
                await firefox.enter(0).catch(() => {});
                const value = await firefox.read((key) => document.body?.dataset[key] ?? null, name);
                return matches(value) && { value };
            },
            30_000,
        );
        return found.value;
    }

    async function opened(world) {
        const types = ["redeem", "resume", "renew"];
        const pages = await Promise.all(types.map((type) => world.api.get("/events", { type, limit: 100 })));
        return pages.flatMap(({ items }) => items).filter(({ appId }) => appId === world.app.id).length;
    }

    /** The guard's own script is named in each module worker. */
    const isOurs = (text) => /\/_inlay\/(?!worker\.js$).|\/embed-apps\/./.test(text);

    // A worker that imports a data: URL is never registered there.
    for (const name of Object.keys(hostileBundles("")).filter((name) => !name.includes("imports text"))) {
        it(`see no link: ${name}`, async () => {
            const world = await makeWorld(apart.server, {
                portals: [apart.portal.origin],
                bundle: hostileBundles(`${apart.portal.origin}/evil.js`)[name],
            });
            const who = unique("ann");
            const link = () => world.embedLink({ externalIdentifier: who });
            await open(await link());
            assert.equal(await shown("state"), "registered");
            await shown("controlled");
            await firefox.enter();
            const before = await opened(world);
            await open(await link());
            const caught = await shown("caught", (text) => /(listener|import|onfetch) https/.test(text ?? ""));
            assert.deepEqual(JSON.parse(caught).filter(isOurs), []);
            assert.equal(await opened(world), before + 1, "and the link was opened");
        });
    }

    it("see a link by an import from elsewhere if the app's setting allows it", async () => {
        const world = await makeWorld(apart.server, {
            portals: [apart.portal.origin],
            bundle: hostileBundles(`${apart.portal.origin}/evil.js`)["a module that imports from elsewhere"],
        });
        await world.api.patch(`/apps/${world.app.id}`, { serviceWorkers: "unguarded-imports" });
        const who = unique("ann");
        const link = () => world.embedLink({ externalIdentifier: who });
        await open(await link());
        await shown("controlled");
        await firefox.enter();
        const taken = await link();
        await open(taken);
        const caught = await shown("caught", (text) => text?.includes("import https"));
        assert.ok(JSON.parse(caught).includes(`import ${taken}`), "which is what the guard keeps from it elsewhere");
    });

    for (const [tool, build] of Object.entries({ "vite-plugin-pwa": buildVitePwa, Workbox: buildWorkbox })) {
        describe(`that ${tool} has built`, () => {
            let world, who, link;

            before(async () => {
                world = await makeWorld(apart.server, { portals: [apart.portal.origin], bundle: await build() });
                who = unique("ann");
                link = () => world.embedLink({ externalIdentifier: who });
                await open(await link());
                await shown("worker");
            });

            it("let links open", async () => {
                for (let i = 0; i < 2; i++) {
                    const before = await opened(world);
                    await open(await link());
                    assert.equal(await shown("controlled"), "true");
                    assert.equal(await shown("user"), who);
                    assert.equal(await opened(world), before + 1);
                }
            });

            it("let sessions be renewed", async () => {
                const place = `/${unique("link")}`;
                apart.portal.pages.set(place, async (_request, response) => {
                    response.writeHead(200, { "Content-Type": "text/plain" }).end(await link());
                });
                await firefox.goto(
                    apart.portal.add(`<!doctype html><title>Portal</title><body><div id="app"></div>
                        <script>${embedScript}</script><script>
                        inlay.embed(document.querySelector("#app"), {
                            getUrl: async () => (await fetch("${place}")).text(),
                            onError: (code) => (document.body.dataset.error = code),
                        });
                    </script>`),
                );
                assert.equal(await shown("controlled"), "true");
                assert.equal(await shown("user"), who);
                await eventually(
                    "the renewal",
                    async () => {
                        await firefox.enter();
                        await firefox.enter(0);
                        await firefox.run(
                            `parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*")`,
                        );
                        return world.lastEvent("renew", { appId: world.app.id });
                    },
                    30_000,
                );
                await firefox.enter();
                assert.equal(await firefox.read(() => document.body.dataset.error ?? null), null);
            });

            it("serve the app offline, and let a link open after its session was ended", async () => {
                await open(await link());
                await shown("user", (user) => user === who);
                const sessions = await world.api.all("/sessions", { appId: world.app.id, status: "active" });
                await apart.server.stop();
                try {
                    await firefox.run("location.reload()");
                    await shown("user", (user) => user === "offline");
                } finally {
                    await apart.server.start();
                }
                for (const { id } of sessions) {
                    await world.api.expect(204, "DELETE", `/sessions/${id}`);
                }
                await firefox.enter();
                await open(await link());
                await shown("user", (user) => user === who);
            });
        });
    }
});
