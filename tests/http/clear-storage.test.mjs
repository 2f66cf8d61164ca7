// What browsers keep of an app is cleared when an admin asks for it, once for each origin, and never by itself.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike } from "../lib/browserlike.mjs";
import { smallApp } from "../lib/bundle.mjs";
import { startServer } from "../lib/server.mjs";
import { deploy, makeWorld, unique } from "../lib/world.mjs";

describe("what browsers keep of an app", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    /** What each answer on the way says of it. */
    async function opened(link, browser = new Browserlike()) {
        const page = await browser.open(link);
        assert.equal(page.status, 200, page.text.slice(0, 300));
        return page.hops.map(({ headers }) => headers["clear-site-data"]);
    }
    const nothing = [undefined, undefined, undefined];
    const cleared = [undefined, '"cache", "storage"', undefined];
    const ask = (query) => world.api.delete("/browser-storage", query);

    it("stays as it is as long as nobody asks, also after a release, an end and a logout", async () => {
        const who = { externalIdentifier: unique("kept") };
        assert.deepEqual(await opened(await world.embedLink(who)), nothing);
        await deploy(world.api, world.app.id, "1.0.1", smallApp("next"));
        assert.deepEqual(await opened(await world.embedLink(who)), nothing);
        await world.api.expect(200, "DELETE", "/sessions", { query: { appId: world.app.id } });
        assert.deepEqual(await opened(await world.embedLink(who)), nothing);
    });

    it("is cleared by each origin of an app once, and sessions go on", async () => {
        const [ann, bob] = [{ externalIdentifier: unique("ann") }, { externalIdentifier: unique("bob") }];
        const session = await world.opened(await world.embedLink(ann));
        await ask({ appId: world.app.id });
        assert.equal(await session.refusal(), null);
        assert.deepEqual(await opened(await world.embedLink(ann)), cleared);
        assert.deepEqual(await opened(await world.embedLink(ann)), nothing, "once");
        assert.deepEqual(await opened(await world.embedLink(bob)), cleared, "also where nobody was before");
        assert.deepEqual(await opened(await world.embedLink(bob)), nothing);
        server.advance(1000);
        await ask({ appId: world.app.id });
        assert.deepEqual(await opened(await world.embedLink(ann)), cleared, "and again when asked again");
        const event = await world.lastEvent("storage.clear", { appId: world.app.id });
        assert.equal(event.appId, world.app.id);
        assert.equal(event.userId, null);
    });

    it("is cleared in all apps of a user, and of nobody else", async () => {
        const other = await makeWorld(server);
        const user = await world.newUser();
        const [mine, theirs] = [{ email: user.email }, { externalIdentifier: unique("eve") }];
        await opened(await world.patLink(mine));
        await opened(await other.embedLink(theirs));
        server.advance(1000);
        await ask({ userId: user.id });
        assert.deepEqual(await opened(await world.patLink(mine)), cleared);
        assert.deepEqual(await opened(await world.patLink(mine)), nothing);
        assert.deepEqual(await opened(await other.embedLink(theirs)), nothing);
    });

    it("is cleared by a session that ends so, and by all of them", async () => {
        const other = await makeWorld(server);
        const [one, two] = [await other.newUser(), await other.newUser()];
        for (const [email, end] of [
            [one.email, (id) => other.api.delete(`/sessions/${id}`, { clearStorage: true })],
            [
                two.email,
                () => other.api.expect(200, "DELETE", "/sessions", { query: { userId: two.id, clearStorage: true } }),
            ],
        ]) {
            const session = await other.opened(await other.patLink({ email }));
            await end((await session.session()).json.session.id);
            assert.equal(await session.refusal(), "session_ended");
            assert.deepEqual(await opened(await other.patLink({ email })), cleared);
            assert.deepEqual(await opened(await other.patLink({ email })), nothing);
        }
        assert.deepEqual(await opened(await other.embedLink()), nothing, "not that of others");
        const session = await other.opened(await other.patLink({ email: one.email }));
        await other.api.delete(`/sessions/${(await session.session()).json.session.id}`, { clearStorage: false });
        assert.deepEqual(await opened(await other.patLink({ email: one.email })), nothing);
    });

    it("is cleared when a session is resumed, and not while it is renewed", async () => {
        const other = await makeWorld(server);
        const browser = new Browserlike();
        const link = await other.patLink();
        await opened(link, browser);
        await ask({ appId: other.app.id });
        assert.deepEqual(await opened(`${await other.patLink()}&renew=1`, browser), [undefined, undefined]);
        const again = await other.patLink();
        assert.deepEqual(await opened(again, browser), ['"cache", "storage"', undefined]);
        server.advance(1000);
        await ask({ appId: other.app.id });
        assert.deepEqual(await opened(again, browser), ['"cache", "storage"', undefined]);
        assert.deepEqual(await opened(again, browser), [undefined, undefined]);
    });

    it("says what is wrong with a request", async () => {
        const other = await world.api.post("/workspaces", { name: unique("other") });
        const app = await world.api.post("/apps", { name: "elsewhere" }, { workspaceId: other.id });
        for (const [query, status, member] of [
            [{}, 400, "userId"],
            [{ appId: "orders" }, 400, "appId"],
            [{ appId: world.app.id, x: "y" }, 400, "x"],
            [{ appId: world.user.id }, 404, undefined],
            [{ userId: world.app.id }, 404, undefined],
            [{ appId: world.app.id, userId: world.app.id }, 404, undefined],
            [{ appId: app.id }, 404, undefined],
        ]) {
            const answer = await world.api.call("DELETE", "/browser-storage", { query });
            assert.deepEqual([answer.status, answer.json.member], [status, member], answer.text);
        }
        const answer = await world.api.call("DELETE", "/sessions", { query: { appId: app.id, clearStorage: "yes" } });
        assert.deepEqual([answer.status, answer.json.member], [400, "clearStorage"]);
    });
});
