// Many apps that are servers of their own: what a worker knows of one does not give way to another.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";

const AT_ONCE = 10;

/** A server with so many apps that are servers of their own, a session of each, and what happens to them. */
async function manyApps(count, settings) {
    const server = await startServer({ workers: 1, ...settings });
    const backend = await listen((_request, response) => response.end("here"));
    backend.keepAliveTimeout = 0; // it closes none by itself
    const many = {
        apps: [],
        connections: 0,
        async askEach() {
            for (const app of many.apps) {
                assert.equal((await app.fetch("/")).text, "here");
            }
        },
        /** A counter of /metrics. */
        async count(name) {
            const { text } = await request(`${server.url}/metrics`);
            const value = new RegExp(`^inlay_${name}_total (\\d+)$`, "m").exec(text);
            assert.ok(value, `/metrics has ${name}`);
            return Number(value[1]);
        },
        async discard() {
            await server.discard();
            close(backend);
        },
    };
    backend.on("connection", () => (many.connections += 1));
    const opened = async () => {
        const world = await upstreamWorld(server, { url: `http://127.0.0.1:${backend.address().port}` });
        return world.opened();
    };
    while (many.apps.length < count) {
        many.apps.push(...(await Promise.all(Array.from({ length: AT_ONCE }, opened))));
    }
    return many;
}

describe("a hundred apps that are servers of their own", () => {
    let many;

    before(async () => {
        many = await manyApps(100);
    });
    after(() => many.discard());

    it("keep their connections and are looked up once, however requests alternate between them", async () => {
        await many.askEach();
        const { connections } = many;
        const misses = await many.count("app_cache_misses");
        const hits = await many.count("app_cache_hits");
        await many.askEach();
        await many.askEach();
        assert.equal(many.connections, connections, "no connection was opened again");
        assert.equal(await many.count("app_cache_misses"), misses, "no app was looked up again");
        assert.equal(await many.count("app_cache_hits"), hits + 2 * many.apps.length);
    });

    it("are told their user without another look for half a minute", async () => {
        const [app] = many.apps;
        await app.fetch("/");
        const misses = await many.count("identity_cache_misses");
        const hits = await many.count("identity_cache_hits");
        await app.fetch("/");
        await app.fetch("/");
        assert.equal(await many.count("identity_cache_misses"), misses);
        assert.equal(await many.count("identity_cache_hits"), hits + 2);
    });
});

describe("more apps than app_cache_entries has room for", () => {
    let many;

    before(async () => {
        many = await manyApps(20, { app_cache_entries: 8 });
    });
    after(() => many.discard());

    it("are looked up again, over the connections that they have", async () => {
        await many.askEach();
        const { connections } = many;
        const misses = await many.count("app_cache_misses");
        await many.askEach();
        await many.askEach();
        assert.equal(many.connections, connections, "no connection was opened again");
        assert.ok((await many.count("app_cache_misses")) > misses);
    });
});
