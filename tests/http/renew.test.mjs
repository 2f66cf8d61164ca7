// A link that is opened with renew=1 extends the existing session, and all that is open in it.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import { Api } from "../lib/api.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { portalOrigin, unique, World } from "../lib/world.mjs";

describe("renewing", () => {
    let server, backend, world;

    before(async () => {
        server = await startServer({ workers: 2 });
        backend = http.createServer((request, response) => {
            if (request.url !== "/stream") {
                return response.end("ok");
            }
            response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: open\n\n");
            const timer = setInterval(() => response.write("data: still\n\n"), 200);
            response.on("close", () => clearInterval(timer));
        });
        backend.listen(0, "127.0.0.1");
        await once(backend, "listening");
        const api = new Api(server, server.token);
        const upstream = { url: `http://127.0.0.1:${backend.address().port}` };
        const app = await api.post("/apps", {
            name: unique("stream"),
            kind: "upstream",
            portals: [portalOrigin],
            upstream,
        });
        const group = await api.post("/groups", { name: unique("group") });
        await api.put(`/groups/${group.id}/apps/${app.id}`);
        world = new World(server, api, app, null, group, null);
    });
    after(async () => {
        await server.discard();
        backend.closeAllConnections?.();
        backend.close();
    });

    const link = async (who) => world.embedLink({ externalIdentifier: who, sessionDurationMinutes: 30 });
    /** A stream in the session: its state, and how it ended. */
    function stream({ browser, origin }) {
        const { port, host } = new URL(origin);
        const opened = { bytes: 0, closed: false, close: () => request.destroy() };
        const headers = { Host: host, Cookie: `__Host-inlay=${browser.cookies(origin).get("__Host-inlay")}` };
        const request = http.get({ host: "127.0.0.1", port, path: "/stream", headers }, (answer) => {
            answer.on("data", (part) => (opened.bytes += part.length));
            answer.on("close", () => (opened.closed = true)).on("error", () => {});
        });
        request.on("error", () => (opened.closed = true));
        return opened;
    }
    it("keeps the session's id and cookie, and what is open stays open beyond the old end", async () => {
        const who = unique("ann");
        const opened = await world.opened(await link(who));
        const cookie = () => opened.browser.cookies(opened.origin).get("__Host-inlay");
        const before = cookie();
        const { id } = (await opened.session()).json.session;
        const other = await world.opened(await link(unique("other")));
        const end = server.now() + 30 * 60_000;
        server.setClock(end - 60_000);
        const streams = [stream(opened), stream(opened)];
        const others = stream(other); // not renewed
        await eventually("the streams", () => [...streams, others].every((each) => each.bytes > 0));
        const page = await opened.browser.open(`${await link(who)}?renew=1`);
        assert.deepEqual([page.status, new URL(page.url).pathname, page.hops.length], [200, "/_inlay/renewed", 2]);
        assert.match(page.hops[0].headers["set-cookie"][0], /^__Host-inlay=[\w-]{22}; .*Max-Age=1800$/);
        assert.equal(cookie(), before);
        const { session } = (await opened.session()).json;
        assert.equal(session.id, id);
        assert.ok(session.expiresInSeconds > 1700, String(session.expiresInSeconds));
        const event = await world.lastEvent("renew", { sessionId: id });
        assert.deepEqual([event.sessionId, event.linkId], [id, (await world.api.get(`/sessions/${id}`)).linkId]);

        server.setClock(end + 1000);
        await eventually("the end of the other session's stream", () => others.closed);
        const bytes = streams.map((each) => each.bytes);
        await eventually("that the streams go on", () => streams.every((each, i) => each.bytes > bytes[i]));
        for (const each of streams) {
            assert.ok(!each.closed);
            each.close();
        }
        assert.equal(await opened.refusal(), null);
    });

    it("keeps open what is open even when the old end comes in the same moment", async () => {
        for (let round = 0; round < 5; round += 1) {
            const who = unique("eva");
            const opened = await world.opened(await link(who));
            const end = Date.parse((await opened.session()).json.session.expiresAt);
            server.setClock(end - 10_000);
            const open = stream(opened);
            await eventually("the stream", () => open.bytes > 0);
            await opened.browser.open(`${await link(who)}?renew=1`);
            server.setClock(end + 100);
            const bytes = open.bytes;
            await eventually("that the stream goes on, or its end", () => open.bytes > bytes + 30 || open.closed);
            assert.ok(!open.closed, `round ${round}`);
            open.close();
        }
    });

    it("does not keep open what has reached its end without one", async () => {
        const opened = await world.opened(await link(unique("bo")));
        const open = stream(opened);
        await eventually("the stream", () => open.bytes > 0);
        server.advance(31 * 60_000);
        await eventually("the stream's end", () => open.closed);
        assert.equal(await opened.refusal(), "session_ended");
    });
});
