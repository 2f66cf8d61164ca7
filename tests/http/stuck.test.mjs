// Jobs that take longer than they may: their clients are answered, nothing is left behind or done twice, and a thread
// that never comes back doesn't keep its worker from stopping.
import assert from "node:assert/strict";
import fs from "node:fs";
import { afterEach, beforeEach, describe, it } from "node:test";
import { smallApp, tarGz } from "../lib/bundle.mjs";
import { eventually } from "../lib/eventually.mjs";
import { leakOptions, leaksOf, mistakes } from "../lib/sanitized.mjs";
import { freshFolder, sanitized, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const JSON_LIBRARY = "libjansson.so.4";

describe("a job that is late", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    let leaks;

    beforeEach(async () => {
        leaks = freshFolder();
        server = await startServer(
            {},
            { command: sanitized, environment: leakOptions(leaks, sanitized, JSON_LIBRARY) },
        );
        world = await makeWorld(server);
        server.control.deadlineMs = 200;
    });
    afterEach(async () => {
        await server.discard();
        fs.rmSync(leaks, { recursive: true, force: true });
    });

    /** Of a job that is stuck once its body has been read. */
    async function expectLate() {
        const answer = await world.api.call("POST", "/groups", { body: { name: unique("late") } });
        assert.deepEqual([answer.status, answer.json.code], [503, "late"]);
    }

    it("is answered 503, and its worker stops although the thread never comes back", async () => {
        server.control.make(mistakes.isStuck);
        await expectLate();

        await server.stop();
        assert.match(server.output, /this worker exits while a job in the lane "inlay_\w+" is stuck/);
    });

    it("leaves nothing of what its client has sent", async () => {
        server.control.make(mistakes.isStuck);
        await expectLate();
        server.control.make(mistakes.none);
        server.control.deadlineMs = 0;
        await world.api.post("/groups", { name: unique("the thread is back") });

        await server.stop();
        assert.deepEqual(leaksOf(leaks, JSON_LIBRARY), []);
    });

    it("is done once, although it's sent again with its Idempotency-Key", async () => {
        const upload = (name = "second") =>
            world.api.call("POST", `/apps/${world.app.id}/releases`, {
                query: { version: "2.0.0" },
                raw: tarGz(smallApp(name)),
                type: "application/gzip",
                headers: { "Idempotency-Key": "upload-of-2.0.0" },
            });
        server.control.make(mistakes.isStuck);
        const first = await upload();
        assert.deepEqual([first.status, first.json.code], [503, "late"]);
        server.control.make(mistakes.none);
        server.control.deadlineMs = 0;

        const releases = async () =>
            (await world.api.get(`/apps/${world.app.id}/releases`)).items.map(({ version }) => version).sort();
        await eventually("it was done", async () => (await releases()).length === 2);
        const second = await upload();
        assert.equal(second.status, 201);
        assert.equal(second.json.version, "2.0.0");
        assert.equal((await upload("another")).json.code, "idempotency_key_reused");
        assert.deepEqual(await releases(), ["1.0.0", "2.0.0"]);
    });
});
