// What cannot get the database in time is told so: 503, in the words of each API, and nothing hangs.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { withoutTurn } from "../lib/turn.mjs";
import { makeWorld } from "../lib/world.mjs";

const DEADLINE_S = 1;
/** A test that runs on a busy machine gets five times as long as is promised. */
const PATIENCE = 5;

async function timed(action) {
    const started = performance.now();
    const result = await action();
    return { result, seconds: (performance.now() - started) / 1000 };
}

describe("deadlines", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {Awaited<ReturnType<typeof makeWorld>>} */ let world;

    before(async () => {
        server = await startServer({ deadline_seconds: DEADLINE_S });
        world = await makeWorld(server);
    });
    after(() => server.discard());

    it("answer 503 in every error style, with what to do, when the database cannot be written", async () => {
        const link = await world.embedLink();
        const calls = {
            "the API's": () => world.api.call("POST", "/groups", { body: { name: "late" } }),
            "ToolJet's": () => world.api.mintPat({ email: world.user.email, appId: world.app.id }),
            "Retool's": () =>
                world.api.mintEmbed({
                    landingPageUuid: world.app.id,
                    groupIds: [world.group.id],
                    externalIdentifier: "late",
                }),
        };

        await withoutTurn(server, async () => {
            for (const [style, call] of Object.entries(calls)) {
                const { result, seconds } = await timed(call);
                assert.equal(result.status, 503, style);
                assert.match(result.headers["retry-after"], /^[1-9]\d*$/, style);
                assert.match(result.text, /Nothing was changed. Try again/, style);
                assert.ok(seconds < DEADLINE_S * PATIENCE, `${style}: ${seconds} s`);
            }

            const page = await new Browserlike().navigate(link);
            assert.equal(page.status, 503);
            assert.match(page.headers["content-type"], /text\/html/);
            assert.match(page.text, /store_busy/);
        });

        assert.equal((await calls["Retool's"]()).status, 200);
        assert.equal((await (await world.opened(link)).session()).status, 200, "the link is still unused");
    });

    it("let what only reads go on", async () => {
        const opened = await world.opened();
        await withoutTurn(server, async () => {
            const late = world.api.call("POST", "/groups", { body: { name: "waits" } });
            assert.equal((await opened.fetch("/words.txt")).status, 200);
            assert.equal((await opened.session()).status, 200);
            assert.equal((await world.api.call("GET", "/groups")).status, 200);
            assert.equal((await late).status, 503);
        });
    });

    it("make /readyz say so within a second, once no write has succeeded for five", async () => {
        await withoutTurn(server, () =>
            eventually(
                "/readyz answers 503",
                async () => {
                    const { result, seconds } = await timed(() => request(`${server.url}/readyz`));
                    assert.ok(seconds < PATIENCE, `${seconds} s`);
                    return result.status === 503;
                },
                30_000,
            ),
        );
        await eventually("/readyz answers 200", async () => (await request(`${server.url}/readyz`)).status === 200);
    });

    it("do not keep a server from stopping", async () => {
        await withoutTurn(server, async () => {
            const late = world.api.call("POST", "/groups", { body: { name: "stuck" } }).catch(() => null);
            const { seconds } = await timed(() => server.stop());
            assert.ok(seconds < 10, `${seconds} s`);
            await late;
        });
        await server.start();
        assert.equal((await world.api.call("GET", "/groups")).status, 200);
    });
});
