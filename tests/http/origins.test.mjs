// Which metadata makes an origin, which doesn't, and who has how many origins.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { exit, expect } from "../lib/command.mjs";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;

before(async () => {
    server = await startServer();
});
after(() => server.discard());

const originOf = async (world, more) => new URL(await world.embedLink(more)).origin;

describe("metadata that takes no part in the origin", () => {
    it("reaches the app, and leaves its user one origin", async () => {
        const world = await makeWorld(server);
        await world.api.patch(`/apps/${world.app.id}`, { volatileMetadata: ["latestLogin"] });
        const externalIdentifier = unique("customer");
        const links = [];
        for (const latestLogin of [1, 2, 3]) {
            links.push(
                await world.embedLink({ externalIdentifier, metadata: { storeId: 51, latestLogin, "x y": "ü" } }),
            );
        }
        assert.equal(new Set(links.map((link) => new URL(link).origin)).size, 1);
        const opened = await world.opened(links[0]);
        const told = async (one) => (await one.session()).json.currentUser.metadata;
        assert.deepEqual(await told(opened), { storeId: 51, latestLogin: 1, "x y": "ü" });

        const phone = await world.opened(links[2]);
        assert.deepEqual((await told(phone)).latestLogin, 3);
        assert.deepEqual((await told(opened)).latestLogin, 3, "of two sessions the newer one's is what both see");

        assert.notEqual(await originOf(world, { externalIdentifier, metadata: { storeId: 52 } }), phone.origin);
        const [user] = (await world.api.get("/users", { externalIdentifier })).items;
        assert.deepEqual(user.metadata, { storeId: 52 });
        const [session] = (await world.api.get("/sessions", { userId: user.id })).items;
        assert.deepEqual(session.claims.metadata, { storeId: 51, "x y": "ü" });
    });

    it("goes with a renewal", async () => {
        const world = await makeWorld(server);
        await world.api.patch(`/apps/${world.app.id}`, { volatileMetadata: ["latestLogin"] });
        const externalIdentifier = unique("customer");
        const opened = await world.opened(await world.embedLink({ externalIdentifier, metadata: { latestLogin: 1 } }));
        const next = await world.embedLink({ externalIdentifier, metadata: { latestLogin: 2 } });
        await opened.browser.open(`${next}?renew=1`);
        assert.deepEqual((await opened.session()).json.currentUser.metadata, { latestLogin: 2 });
    });

    it("reaches a proxied app of both sessions, at once", async () => {
        const echo = await listen((request, response) => response.end(request.headers["x-inlay-metadata"]));
        const world = await upstreamWorld(server, { url: `http://127.0.0.1:${echo.address().port}` });
        await world.api.patch(`/apps/${world.app.id}`, { volatileMetadata: ["latestLogin"] });
        const open = async (latestLogin) =>
            world.opened(await world.embedLink({ externalIdentifier: "both", metadata: { latestLogin } }));
        const told = async (one) => JSON.parse((await one.fetch("/")).text);
        const laptop = await open(1);
        assert.deepEqual(await told(laptop), { latestLogin: 1 });
        const phone = await open(2);
        assert.deepEqual(await told(phone), { latestLogin: 2 });
        assert.deepEqual(await told(laptop), { latestLogin: 2 });
        close(echo);
    });

    it("may be all that there is, which is the same as none and as {}", async () => {
        const world = await makeWorld(server);
        await world.api.patch(`/apps/${world.app.id}`, { volatileMetadata: ["latestLogin"] });
        const externalIdentifier = unique("customer");
        const origins = [];
        for (const metadata of [undefined, {}, null, { latestLogin: 7 }]) {
            origins.push(await originOf(world, { externalIdentifier, metadata }));
        }
        assert.equal(new Set(origins).size, 1);
    });

    it("is a list of names, kept without repetitions", async () => {
        const world = await makeWorld(server);
        const url = `/apps/${world.app.id}`;
        assert.deepEqual((await world.api.get(url)).volatileMetadata, []);
        const changed = await world.api.patch(url, { volatileMetadata: ["b", "a c", "b"] });
        assert.deepEqual(changed.volatileMetadata, ["b", "a c"]);
        assert.deepEqual((await world.api.patch(url, { volatileMetadata: [] })).volatileMetadata, []);
        for (const bad of ["latestLogin", [1], [""], [null], ["x".repeat(129)], Array(21).fill("x"), {}]) {
            const answer = await world.api.expect(400, "PATCH", url, { body: { volatileMetadata: bad } });
            assert.match(JSON.stringify(answer), /volatileMetadata/);
        }
    });
});

describe("the count of origins", () => {
    it("tells of each user and app how many were new in seven days, without previews", async () => {
        const world = await makeWorld(server);
        const appId = world.app.id;
        for (const n of [1, 2, 3]) {
            await world.embedLink({ externalIdentifier: "many", metadata: { n } });
        }
        await world.embedLink({ externalIdentifier: "one" });
        const { items, since } = await world.api.get("/usage/origins", { appId });
        assert.deepEqual(
            items.map(({ app, user, origins }) => [app.slug, user.externalIdentifier, origins]),
            [
                [world.app.slug, "many", 3],
                [world.app.slug, "one", 1],
            ],
        );
        assert.ok(Math.abs(server.now() - Date.parse(since) - 7 * 86_400_000) < 60_000);
        const userId = items[0].user.id;
        assert.equal((await world.api.get("/usage/origins", { userId })).items[0].origins, 3);
        assert.ok((await world.api.get("/usage/origins")).items.length >= 2);
        assert.equal((await world.api.get("/usage/origins", { limit: 1 })).items.length, 1);

        const environment = { INLAY_URL: server.url, INLAY_TOKEN: server.token };
        const ran = await expect(exit.done, ["session", "origins", "--app", world.app.slug], { environment });
        assert.match(ran.stdout, /ORIGINS.*\n3 .*many.*\n1 .*one/);
        server.advance(7 * 86_400_000 + 1);
        await world.embedLink({ externalIdentifier: "many", metadata: { n: 9 } });
        const later = await world.api.get("/usage/origins", { appId });
        assert.deepEqual(
            later.items.map(({ origins }) => origins),
            [1],
        );
    });
});
