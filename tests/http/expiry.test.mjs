// A session ends by time. The shortest one lasts a minute, so this file takes that long.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startServer } from "../lib/server.mjs";
import { close, closedAt, listen, upstreamWorld, webSocket } from "../lib/upstream.mjs";
import { makeWorld } from "../lib/world.mjs";

describe("a session of one minute", () => {
    it("ends after it, used or not, and says so", async () => {
        const server = await startServer({ workers: 2, housekeeping_seconds: 3600 });
        const backend = await listen((_request, response) => response.end());
        try {
            const world = await makeWorld(server);
            const [busy, idle] = [
                await world.opened(await world.patLink({ sessionExpiry: 1 })),
                await world.opened(await world.patLink({ sessionExpiry: 1 })),
            ];
            const longer = await world.opened(await world.patLink({ sessionExpiry: 2 }));
            const sockets = await opensSockets(server, backend);
            const { id, expiresInSeconds } = (await busy.session()).json.session;
            assert.ok(expiresInSeconds <= 60 && expiresInSeconds > 55, String(expiresInSeconds));
            const end = Date.now() + expiresInSeconds * 1000;
            while (Date.now() < end - 2000) {
                assert.equal(await busy.refusal(), null);
                await sleep(5000);
            }
            await sleep(Math.max(0, end + 1200 - Date.now()));
            const cookie = `__Host-inlay=${busy.browser.cookies(busy.origin).get("__Host-inlay")}`;
            for (let attempt = 0; attempt < 4; attempt++) {
                const answer = await busy.fetch("/", { headers: { Cookie: cookie } });
                assert.deepEqual([answer.status, answer.json.code], [401, "session_ended"]);
                assert.match(answer.json.detail, /expired/i);
            }
            assert.equal(await idle.refusal(), "session_ended");
            assert.equal(await longer.refusal(), null);

            // Its end comes to the second; half a second is for a machine that does other things, too.
            const { ends, closed } = sockets;
            const late = (await Promise.all(closed)).map((at) => at - ends);
            assert.ok(
                late.every((ms) => ms > -1500 && ms < 1500),
                `closed ${late} ms after the end`,
            );

            const session = await world.api.get(`/sessions/${id}`);
            assert.deepEqual([session.status, session.endReason], ["ended", "expired"]);
            assert.equal((await world.lastEvent("end", { sessionId: id })).detail.reason, "expired");
        } finally {
            await server.discard();
            close(backend);
        }
    });

    /** WebSockets of another session of one minute: when it ends, and when each was closed. */
    async function opensSockets(server, backend) {
        const world = await upstreamWorld(server, { url: `http://127.0.0.1:${backend.address().port}` });
        const opened = await world.opened(await world.patLink({ sessionExpiry: 1 }));
        const ends = Date.parse((await opened.session()).json.session.expiresAt);
        const sockets = await Promise.all(Array.from({ length: 6 }, () => webSocket(opened)));
        return { ends, closed: sockets.map(closedAt) };
    }
});
