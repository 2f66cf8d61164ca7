// How much one session, and the sessions of one link together, may ask.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { Browserlike, frameHeaders, request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin, unique, World } from "../lib/world.mjs";

describe("requests in a second", () => {
    let server, world, opened;
    before(async () => {
        server = await startServer({
            session_requests_per_second: 3,
            link_requests_per_second: 4,
            trusted_proxies: "127.0.0.1",
        });
        world = await makeWorld(server);
        opened = await world.opened();
    });
    after(() => server.discard());

    /** More than pass, however slow this machine is: until one is refused. */
    const untilRefused = (send) =>
        eventually("a refusal", async () => {
            const answers = await Promise.all(Array.from({ length: 12 }, send));
            return answers.find(({ status }) => status === 429);
        });

    test("above the limit are 429 on a connection that stays, and an event notes it", async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const refused = await untilRefused(() => opened.fetch("/", { agent }));
        const { code, limit, detail } = refused.json;
        assert.deepEqual([code, limit, detail], ["session_limit", 3, "This session may send 3 requests in a second."]);
        assert.equal(refused.headers["retry-after"], "1");
        assert.equal(refused.headers.connection, "keep-alive");
        assert.equal(
            (
                await eventually("the next second", async () => {
                    const answer = await opened.fetch("/", { agent });
                    return answer.status === 200 && answer;
                })
            ).status,
            200,
        );
        agent.destroy();
        const event = await eventually("the event", () => world.lastEvent("deny"));
        assert.equal(event.detail.reason, "session_limit");
        assert.match((await new Api(server, null).send("GET", "/metrics")).text, /^inlay_limited_total [1-9]/m);
    });

    test("are a page in a frame", async () => {
        const page = await untilRefused(() => opened.browser.send(`${opened.origin}/`, { headers: frameHeaders() }));
        assert.match(page.text, /Too many requests/);
    });

    test("are counted for each session, and for all of a link", async () => {
        const link = await world.patLink();
        const first = await world.opened(link, new Browserlike());
        const second = await world.opened(link, new Browserlike());
        let count = 0;
        const refused = await eventually("a refusal", async () => {
            const answers = await Promise.all(Array.from({ length: 6 }, () => [first, second][count++ % 2].fetch("/")));
            return answers.find(({ status, json }) => status === 429 && json.limit === 4);
        });
        assert.match(refused.json.detail, /^All sessions of one link together/);
        assert.equal((await (await makeWorld(server)).opened()).page.status, 200);
    });

    test("are counted when another proxy asks", async () => {
        const { host } = new URL(opened.origin);
        const headers = {
            Host: host,
            "X-Original-Method": "GET",
            Cookie: `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`,
        };
        const refused = await untilRefused(() =>
            request(`http://localhost:${server.port}/api/forward-auth`, { headers }),
        );
        assert.deepEqual([refused.json.code, refused.headers["retry-after"]], ["session_limit", "1"]);
    });
});

describe("requests at a time", () => {
    let server, backend, world;
    const streams = new Set();
    before(async () => {
        server = await startServer({ workers: 2, session_connections: 2, link_connections: 3 });
        backend = http.createServer((incoming, response) => {
            incoming.resume();
            response.writeHead(200, { "Content-Type": "text/event-stream" });
            response.write("data: 1\n\n");
            if (incoming.url !== "/stream") {
                response.end();
            }
        });
        backend.on("upgrade", (_incoming, socket) => {
            socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
            socket.on("error", () => {}).on("data", () => {});
        });
        backend.listen(0, "127.0.0.1");
        await once(backend, "listening");
        const api = new Api(server, server.token);
        const app = await api.post("/apps", {
            name: unique("app"),
            kind: "upstream",
            portals: [portalOrigin],
            upstream: { url: `http://127.0.0.1:${backend.address().port}` },
        });
        const group = await api.post("/groups", { name: unique("group") });
        await api.put(`/groups/${group.id}/apps/${app.id}`);
        const user = await api.post("/users", { email: `${unique("ann")}@acme.example` });
        await api.put(`/groups/${group.id}/members/${user.id}`);
        world = new World(server, api, app, null, group, user);
    });
    after(async () => {
        streams.forEach((stream) => stream.destroy());
        await server.discard();
        backend.closeAllConnections?.();
        backend.close();
    });

    /** An answer that does not end, or a WebSocket. */
    async function stream(opened, headers = {}) {
        const { port, host } = new URL(opened.origin);
        const cookie = opened.browser.cookies(opened.origin).get("__Host-inlay");
        const outgoing = http.get({
            host: "127.0.0.1",
            port,
            path: "/stream",
            agent: false,
            headers: { Host: host, Cookie: `__Host-inlay=${cookie}`, ...headers },
        });
        streams.add(outgoing.on("error", () => {}));
        const [{ statusCode, socket }] = await Promise.race([once(outgoing, "response"), once(outgoing, "upgrade")]);
        streams.add(socket);
        return { status: statusCode, end: () => socket.destroy() };
    }

    const passes = (opened) => eventually("a free place", async () => (await opened.fetch("/")).status === 200);

    test("count as long as they are open, over all workers", async () => {
        const opened = await world.opened();
        const upgrade = {
            Connection: "Upgrade",
            Upgrade: "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            Origin: opened.origin,
        };
        await passes(opened);
        const [first, second] = [await stream(opened), await stream(opened, upgrade)];
        assert.deepEqual([first.status, second.status], [200, 101]);
        for (let i = 0; i < 8; i += 1) {
            const refused = await opened.fetch("/");
            assert.deepEqual(
                [refused.status, refused.json.code, refused.json.limit, refused.headers["retry-after"]],
                [429, "session_limit", 2, "1"],
            );
        }
        second.end();
        await passes(opened);
        first.end();
    });

    test("count for all sessions of a link", async () => {
        const link = await world.patLink();
        const [one, two] = [await world.opened(link, new Browserlike()), await world.opened(link, new Browserlike())];
        const open = [await stream(one), await stream(one), await stream(two)];
        assert.deepEqual(
            open.map(({ status }) => status),
            [200, 200, 200],
        );
        const refused = await two.fetch("/");
        assert.deepEqual([refused.status, refused.json.limit], [429, 3]);
        open.forEach(({ end }) => end());
        await passes(two);
    });

    test("of a worker that is killed count no more", async () => {
        const opened = await world.opened();
        await passes(opened);
        assert.deepEqual([(await stream(opened)).status, (await stream(opened)).status], [200, 200]);
        assert.equal((await opened.fetch("/")).status, 429);
        const workers = server.workers();
        workers.forEach((pid) => process.kill(pid, "SIGKILL"));
        await eventually("a free place", async () => {
            const answer = await opened.fetch("/").catch(() => null);
            return answer?.status === 200;
        });
    });
});
