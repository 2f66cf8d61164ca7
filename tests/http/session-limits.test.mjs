// Sessions that end because nobody uses them, or since their user has opened the app too often.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { Browserlike, firefox } from "../lib/browserlike.mjs";
import { exit, expect } from "../lib/command.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { close, closedAt, listen, upstreamWorld, webSocket } from "../lib/upstream.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const MINUTE = 60_000;

/** @type {import("../lib/server.mjs").Server} */ let server;

before(async () => {
    server = await startServer({ housekeeping_seconds: 1 });
});
after(() => server.discard());

const sql = (statement) =>
    execFileSync("sqlite3", ["-cmd", ".timeout 5000", path.join(server.data, "inlay.db"), statement], {
        encoding: "utf8",
    }).trim();

/** The code of the page that the app's next page turns out to be; null if it is the app's. */
async function pageCode(opened) {
    const page = await opened.navigate();
    return page.status === 200 ? null : (/"code":"(\w+)"|data-code="(\w+)"|\b(session_\w+)\b/.exec(page.text) ?? [])[0];
}

const newest = async (world) => (await world.api.get("/sessions", { appId: world.app.id, limit: 1 })).items[0];

describe("an idle timeout", () => {
    async function idleWorld(minutes = 5) {
        const world = await makeWorld(server);
        await world.api.patch(`/apps/${world.app.id}`, { idleTimeoutMinutes: minutes });
        return world;
    }

    it("ends a session that nobody used for so long, and lets who uses it stay", async () => {
        const world = await idleWorld();
        const opened = await world.opened(await world.embedLink());
        for (let i = 0; i < 3; i++) {
            server.advance(4 * MINUTE);
            assert.equal(await pageCode(opened), null, "each page moves the end");
        }
        server.advance(5 * MINUTE);
        assert.match(await pageCode(opened), /session_idle/);
        const ended = await newest(world);
        assert.deepEqual([ended.status, ended.endReason], ["ended", "idle"]);
        assert.equal((await world.lastEvent("end", { appId: world.app.id })).detail.reason, "idle");
        assert.match(await pageCode(opened), /session_idle/, "and it stays ended");
        await world.opened(await world.embedLink(), opened.browser);
    });

    it("isn't moved by what Inlay itself answers, and a hidden renewal doesn't undo it", async () => {
        const world = await idleWorld();
        const user = { externalIdentifier: unique("customer") };
        const opened = await world.opened(await world.embedLink(user));
        server.advance(3 * MINUTE);
        assert.equal((await opened.session()).status, 200);
        const renewed = await opened.browser.open(`${await world.embedLink(user)}?renew=1`);
        assert.match(renewed.text, /renewed/);
        server.advance(3 * MINUTE);
        const link = await world.embedLink(user);
        for (let i = 0; i < 2; i++) {
            const refused = await opened.browser.open(`${link}?renew=1`);
            assert.deepEqual([refused.status, /session_idle/.test(refused.text)], [401, true]);
        }
        assert.match(await pageCode(opened), /session_idle/);
        assert.equal((await opened.browser.open(link)).status, 200, "the link is unspent, for who asks for it");
    });

    it("is off by default, counts from when it is set, and is gone when it is taken back", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened(await world.embedLink({ sessionDurationMinutes: 1440 }));
        server.advance(60 * MINUTE);
        const set = (idleTimeoutMinutes) => world.api.patch(`/apps/${world.app.id}`, { idleTimeoutMinutes });
        assert.equal((await world.api.get(`/apps/${world.app.id}`)).idleTimeoutMinutes, null);
        assert.equal((await set(5)).idleTimeoutMinutes, 5);
        server.advance(4 * MINUTE);
        assert.equal(await pageCode(opened), null);
        assert.equal((await set(null)).idleTimeoutMinutes, null);
        server.advance(60 * MINUTE);
        assert.equal(await pageCode(opened), null);
        for (const bad of [0, 4, 43_201, "5", 5.5, -1]) {
            const body = { idleTimeoutMinutes: bad };
            const answer = await world.api.expect(400, "PATCH", `/apps/${world.app.id}`, { body });
            assert.match(JSON.stringify(answer), /idleTimeoutMinutes/);
        }
    });

    it("writes the last use down once a minute, beside the response", async () => {
        const world = await idleWorld();
        const opened = await world.opened(await world.embedLink());
        const session = await newest(world);
        const usedAt = () =>
            Number(sql(`SELECT used_at FROM sessions WHERE lower(hex(id)) = '${session.id.replaceAll("-", "")}'`));
        assert.equal(session.lastUsedAt, null);
        server.advance(MINUTE);
        await opened.navigate();
        const first = await eventually("the first use", () => usedAt() || undefined);
        server.advance(MINUTE / 2);
        await opened.navigate();
        await opened.fetch("/app.js");
        server.advance(MINUTE / 2);
        await opened.navigate();
        const second = await eventually("the next use", () => (usedAt() > first ? usedAt() : undefined));
        assert.ok(second - first >= MINUTE, "nothing in between");
        assert.equal(Date.parse((await world.api.get(`/sessions/${session.id}`)).lastUsedAt), second);
    });

    it("is found out by housekeeping, too, with what is still open", async () => {
        const echo = await listen((_request, response) => response.end("hello"));
        const world = await upstreamWorld(server, { url: `http://127.0.0.1:${echo.address().port}` });
        await world.api.patch(`/apps/${world.app.id}`, { idleTimeoutMinutes: 5 });
        const opened = await world.opened(await world.embedLink());
        const socket = await webSocket(opened);
        const closed = closedAt(socket);
        server.advance(8 * MINUTE);
        await closed;
        const ended = await eventually("the session to end", async () => {
            const session = await newest(world);
            return session.status === "ended" ? session : undefined;
        });
        assert.equal(ended.endReason, "idle");
        close(echo);
    });

    it("is moved by messages on a WebSocket, in either direction", async () => {
        const silent = await listen((_request, response) => response.end("hello"));
        silent.removeAllListeners("upgrade");
        const sockets = [];
        silent.on("upgrade", (_request, socket) => {
            socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
            socket.once("data", () => socket.write("pong"));
            socket.on("error", () => {});
            socket.resume();
            sockets.push(socket);
        });
        const world = await upstreamWorld(server, { url: `http://127.0.0.1:${silent.address().port}` });
        await world.api.patch(`/apps/${world.app.id}`, { idleTimeoutMinutes: 5 });
        const toServer = await world.opened(await world.embedLink());
        const toClient = await world.opened(await world.embedLink());
        const first = await webSocket(toServer);
        await webSocket(toClient);
        const used = async () => {
            const { items } = await world.api.get("/sessions", { appId: world.app.id });
            return items.filter(({ lastUsedAt }) => lastUsedAt !== null && Date.parse(lastUsedAt) > since).length;
        };
        server.advance(4 * MINUTE);
        const since = server.now() - 1000;
        first.write("a message");
        sockets[1].write("a message");
        await eventually("both uses", async () => ((await used()) === 2 ? true : undefined), 20_000);
        server.advance(4 * MINUTE);
        assert.equal(await pageCode(toServer), null);
        assert.equal(await pageCode(toClient), null);
        close(silent);
    });
});

describe("a limit of sessions per user", () => {
    async function limited(sessionsPerUser) {
        const world = await makeWorld(server);
        await world.api.patch(`/apps/${world.app.id}`, { sessionsPerUser });
        return world;
    }
    const open = async (world, more, browser = new Browserlike()) => world.opened(await world.embedLink(more), browser);

    it("ends the oldest session when another one opens, and says so", async () => {
        const world = await limited(2);
        const user = { externalIdentifier: "ann" };
        const other = await open(world, { externalIdentifier: "bob" });
        const [first, second, third] = [
            await open(world, { ...user, metadata: { n: 1 } }),
            await open(world, { ...user, metadata: { n: 2 } }),
            await open(world, { ...user, metadata: { n: 3 } }),
        ];
        assert.equal(await first.refusal(), "session_displaced");
        assert.match(await pageCode(first), /session_displaced/);
        for (const one of [second, third, other]) {
            assert.equal(await one.refusal(), null);
        }
        const event = await world.lastEvent("end", { appId: world.app.id });
        assert.equal(event.detail.reason, "displaced");
        await open(world, user);
        assert.equal(await second.refusal(), "session_displaced");
        const { items } = await world.api.get("/sessions", { userId: event.userId, status: "active" });
        assert.equal(items.length, 2);
    });

    it("counts what a reusable link opens, too", async () => {
        const world = await limited(1);
        const link = await world.patLink();
        const first = await world.opened(link);
        const second = await world.opened(link, new Browserlike(firefox));
        assert.equal(await first.refusal(), "session_displaced");
        assert.equal(await second.refusal(), null);
    });

    it("takes two frames that open one link at the same moment for one", async () => {
        const world = await limited(1);
        const browser = new Browserlike();
        const link = await world.embedLink();
        await world.opened(link, browser);
        const again = new Browserlike();
        const second = await world.opened(link, again);
        assert.equal(await second.refusal(), null);
        const { items } = await world.api.get("/sessions", { appId: world.app.id, status: "active" });
        assert.equal(items.length, 2);
        await open(world, { externalIdentifier: items[0].user.externalIdentifier });
        assert.equal((await world.api.get("/sessions", { appId: world.app.id, status: "active" })).items.length, 1);
    });

    it("is off by default, and may be lowered, which counts for the next one", async () => {
        const world = await makeWorld(server);
        const user = { externalIdentifier: "eve" };
        const opened = [await open(world, user), await open(world, user), await open(world, user)];
        const environment = { INLAY_URL: server.url, INLAY_TOKEN: server.token };
        const inlay = (...words) => expect(exit.done, ["app", "update", world.app.slug, ...words], { environment });
        const shown = await inlay("--sessions-per-user", "2", "--idle-timeout", "30");
        assert.match(shown.stdout, /idle timeout +30\n/);
        assert.match(shown.stdout, /sessions per user +2\n/);
        for (const one of opened) {
            assert.equal(await one.refusal(), null);
        }
        await open(world, user);
        const refusals = [];
        for (const one of opened) {
            refusals.push(await one.refusal());
        }
        assert.deepEqual(refusals, ["session_displaced", "session_displaced", null]);
        assert.match(
            (await inlay("--sessions-per-user", "none", "--idle-timeout", "none")).stdout,
            /idle timeout +-\n/,
        );
        const word = ["app", "update", world.app.slug, "--idle-timeout", "soon"];
        assert.match((await expect(exit.usage, word, { environment })).stderr, /takes a number, or "none"/);
        for (const bad of [0, 1001, "1"]) {
            await world.api.expect(400, "PATCH", `/apps/${world.app.id}`, { body: { sessionsPerUser: bad } });
        }
    });
});
