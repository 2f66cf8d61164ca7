// Service workers of apps, hostile ones and one of a real tool, in Firefox: https and unrelated sites, with its own
// partitions of cookies and storage.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { buildVitePwa } from "../clients/pwa.mjs";
import { startApart } from "../lib/apart.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { evilModule, hostileBundles } from "../lib/hostile.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

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

    const isOurs = (text) => /\/_inlay\/.|\/embed-apps\/./.test(text);

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

    it("let the links open of an app that vite-plugin-pwa has built", async () => {
        const world = await makeWorld(apart.server, {
            portals: [apart.portal.origin],
            bundle: await buildVitePwa(),
        });
        const who = unique("ann");
        const link = () => world.embedLink({ externalIdentifier: who });
        await open(await link());
        await shown("worker");
        for (let i = 0; i < 2; i++) {
            const before = await opened(world);
            await open(await link());
            assert.equal(await shown("controlled"), "true");
            assert.equal(await shown("user"), who);
            assert.equal(await opened(world), before + 1);
        }
    });
});
