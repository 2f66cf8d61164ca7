// What a busy or a changing server still does: it refuses at once what it can't do soon, and it reloads.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { withoutTurn } from "../lib/turn.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

describe("a busy server", () => {
    let server, world;

    before(async () => {
        server = await startServer({ deadline_seconds: 1, shutdown_seconds: 2 });
        world = await makeWorld(server);
    });
    after(() => server.discard());

    it("answers 503 and when to try again once a lane's queue is full", async () => {
        const body = JSON.stringify({ email: `${unique("nobody")}@acme.example`, password: "wrong wrong wrong" });
        const answers = await Promise.all(
            Array.from({ length: 60 }, () =>
                request(`${server.url}/api/v1/sign-in`, {
                    method: "POST",
                    headers: { "Content-Type": "application/json", Origin: server.url },
                    body,
                    timeout: 60_000,
                }),
            ),
        );
        const busy = answers.filter(({ status }) => status === 503);
        assert.ok(busy.length > 0, `some are refused: ${answers.map(({ status }) => status)}`);
        for (const { json, headers } of busy) {
            assert.equal(json.code, "busy");
            assert.match(headers["retry-after"], /^[1-9]\d*$/);
        }
        assert.ok(
            answers.some(({ status }) => status === 401),
            "those that waited are answered",
        );
    });

    it("reloads while the database cannot be written: old workers go, new ones serve", async () => {
        const old = server.workers();
        const opened = await world.opened();
        await withoutTurn(server, async () => {
            const late = world.api.call("POST", "/groups", { body: { name: "late" } }).catch(() => null);
            process.kill(server.pid, "SIGHUP");
            await eventually(
                "new workers alone are there",
                () => {
                    const pids = server.processes().filter(({ words }) => /worker process/.test(words));
                    return pids.length === old.length && pids.every(({ pid }) => !old.includes(pid));
                },
                15_000,
            );
            assert.equal((await opened.session()).status, 200);
            assert.equal((await world.api.call("GET", "/groups")).status, 200);
            assert.ok([503, undefined].includes((await late)?.status), "the late one is answered, or was cut off");
        });
        assert.equal((await world.api.call("POST", "/groups", { body: { name: unique("again") } })).status, 201);
    });
});
