// That the sanitizers and the tests' clock work, and that nothing of them is shipped.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { mistakes } from "../lib/sanitized.mjs";
import { root, sanitized, startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

/** Has a worker make a mistake; the error with which the server's end is answered, or null. */
async function endAfter(mistake) {
    const server = await startServer({}, { command: sanitized });
    try {
        const before = server.workers();
        server.control.make(mistake);
        await eventually("the worker's end", async () => {
            await request(`${server.url}/api/v1/apps`, { headers: { Authorization: `Bearer ${server.token}` } }).catch(
                () => null,
            );
            return !server.workers().includes(before[0]);
        });
        server.control.make(mistakes.none);
        return await server.stop().then(
            () => null,
            (error) => error,
        );
    } finally {
        await server.discard();
    }
}

describe("the sanitized build", () => {
    it("fails the test in which the module writes behind its memory", async () => {
        const error = await endAfter(mistakes.writesBehindItsMemory);
        assert.match(String(error), /AddressSanitizer: heap-buffer-overflow[\s\S]*make_mistake/);
    });

    it("fails the test in which the module overflows a number", async () => {
        const error = await endAfter(mistakes.overflows);
        assert.match(String(error), /runtime error: signed integer overflow/);
    });

    it("has a clock that a test sets, for all workers at once", async () => {
        const server = await startServer({ workers: 2 }, { command: sanitized });
        try {
            const world = await makeWorld(server);
            const opened = await world.opened(await world.patLink({ sessionExpiry: 60 }));
            server.advance(59 * 60_000);
            for (let i = 0; i < 8; i++) {
                assert.equal(await opened.refusal(), null);
            }
            server.advance(61_000);
            for (let i = 0; i < 8; i++) {
                assert.equal(await opened.refusal(), "session_ended");
            }
        } finally {
            await server.discard();
        }
    });
});

describe("what is shipped", () => {
    const ours = ["inlay", "ngx_http_inlay_module.so"];
    const holds = (folder, name, text) => fs.readFileSync(path.join(root, "build", folder, name)).includes(text);

    for (const name of ours) {
        it(`has no trace of it in ${name}`, () => {
            assert.ok(holds("asan", name, "INLAY_TEST_CONTROL"), "this is what it would look like");
            for (const text of ["INLAY_TEST", "testing_", "__asan_", "__ubsan_"]) {
                assert.ok(!holds(".", name, text), `${name} holds ${text}`);
            }
        });
    }
});
