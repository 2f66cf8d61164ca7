// A session ends by time, which the tests set.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually } from "../lib/eventually.mjs";
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
            server.setClock(sockets.ends - 5000);
            assert.equal(await busy.refusal(), null);
            assert.ok(
                sockets.open.every((socket) => socket.readyState === "open"),
                "nothing has ended yet",
            );
            server.setClock(sockets.ends - 1000);
            const closed = await Promise.all(sockets.closed);
            await eventually("the end", async () => (await busy.refusal()) !== null);
            const cookie = `__Host-inlay=${busy.browser.cookies(busy.origin).get("__Host-inlay")}`;
            for (let attempt = 0; attempt < 4; attempt++) {
                const answer = await busy.fetch("/", { headers: { Cookie: cookie } });
                assert.deepEqual([answer.status, answer.json.code], [401, "session_ended"]);
                assert.match(answer.json.detail, /expired/i);
            }
            assert.equal(await idle.refusal(), "session_ended");
            assert.equal(await longer.refusal(), null);

            // Its end comes to the second; half a second is for a machine that does other things, too.
            const late = closed.map((at) => at + server.control.aheadMs - sockets.ends);
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
        return { ends, open: sockets, closed: sockets.map(closedAt) };
    }
});
