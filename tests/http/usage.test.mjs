// What admins see of use: numbers over time, the audit log by filters, as a file, and as it grows.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import http from "node:http";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { Browserlike, firefox } from "../lib/browserlike.mjs";
import { eventually, settled } from "../lib/eventually.mjs";
import { shipped, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/api.mjs").Api} */ let api;

const sqlite = (sql) =>
    execFileSync("sqlite3", ["-cmd", ".timeout 5000", path.join(server.data, "inlay.db"), sql], { encoding: "utf8" });
const sum = (items, part) => items.reduce((all, item) => all + item[part], 0);

describe("usage", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        api = world.api;
    });
    after(() => server.discard());

    it("counts views, their users and denials by reason, over time", async () => {
        const appId = world.app.id;
        const link = await world.embedLink({ externalIdentifier: "ann" });
        const opened = await world.opened(link);
        await opened.browser.open(link); // comes back to its session
        await world.opened(await world.embedLink({ externalIdentifier: "bob" }));
        assert.equal((await new Browserlike(firefox).open(link)).status, 410);
        const stranger = await api.post("/users", { email: `${unique("s")}@acme.example` });
        assert.equal((await api.mintPat({ email: stranger.email, appId })).status, 403);

        const daily = await api.get("/usage", { appId });
        assert.deepEqual([daily.views, daily.users, daily.interval, daily.items.length], [3, 2, "day", 30]);
        assert.deepEqual(daily.denials, { link_used: 1, no_access: 1 });
        assert.equal(sum(daily.items, "views"), 3);
        const hourly = await api.get("/usage", { appId, interval: "hour" });
        assert.deepEqual([hourly.views, hourly.users, hourly.items.length], [3, 2, 48]);
        assert.equal(Date.parse(hourly.until) - Date.parse(hourly.from), 48 * 3_600_000);
        assert.ok(hourly.items.at(-1).views + hourly.items.at(-2).views === 3, "now is in the last hours");

        const { user } = (await api.get("/sessions", { appId, limit: 1 })).items[0];
        assert.deepEqual([user.externalIdentifier, (await api.get("/usage", { userId: user.id })).views], ["bob", 1]);
        assert.equal((await api.get("/usage", { appId, until: "2026-01-01", from: "2025-12-01" })).views, 0);
        const apps = (await api.get("/usage/apps")).items;
        assert.deepEqual(
            apps.find(({ app }) => app.id === appId),
            { app: { id: appId, slug: world.app.slug, name: world.app.name }, views: 3, users: 2, denials: 2 },
        );
        const users = (await api.get("/usage/users", { appId })).items;
        assert.deepEqual(users.map((one) => [one.user.externalIdentifier, one.views, one.apps]).slice(0, 2), [
            ["ann", 2, 1],
            ["bob", 1, 1],
        ]);
        assert.deepEqual(
            (await api.get("/usage/apps", { userId: user.id })).items.map((one) => one.views),
            [1],
        );
    });

    it("refuses ranges that are none, too long, or beyond the times that can be written", async () => {
        for (const query of [
            { from: "yesterday" },
            { from: "2026-01-02", until: "2026-01-02" },
            { from: "2020-01-01" },
            { from: "2026-01-01", until: "2026-03-01", interval: "hour" },
            { until: "1970-01-02" },
        ]) {
            const problem = await api.refused(400, "query_invalid", "GET", "/usage", { query });
            assert.equal(problem.member, "from");
        }
        const problem = await api.refused(400, "query_invalid", "GET", "/usage", {
            query: { until: "9999-12-31T12:00:00Z" },
        });
        assert.equal(problem.member, "until");
    });

    it("ticks off the first steps", async () => {
        const workspace = await api.post("/workspaces", { name: unique("new") });
        const query = { workspaceId: workspace.id };
        assert.deepEqual(await api.get("/getting-started", query), {
            app: false,
            portal: false,
            apiToken: false,
            link: false,
            view: false,
        });
        await api.expect(201, "POST", "/apps", {
            query,
            body: { name: "First", portals: ["https://portal.example"] },
        });
        assert.deepEqual(await api.get("/getting-started", query), {
            app: true,
            portal: true,
            apiToken: false,
            link: false,
            view: false,
        });
        await api.post("/api-tokens", { name: "portal", scopes: ["embed"], workspaceId: workspace.id });
        assert.equal((await api.get("/getting-started", query)).apiToken, true);
        assert.deepEqual(await api.get("/getting-started"), {
            app: true,
            portal: true,
            apiToken: false,
            link: true,
            view: true,
        });
    });
});

describe("the audit log", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        api = world.api;
    });
    after(() => server.discard());

    it("is found by actor, reason and time", async () => {
        const { token } = await api.post("/api-tokens", { name: "=SUM(A1)", scopes: ["admin"] });
        const { email } = await api.post("/users", { email: `${unique("s")}@acme.example` });
        await world.api.as(token).mintPat({ email, appId: world.app.id });
        const [denial] = (await api.get("/events", { actor: "=sum(a1)" })).items;
        assert.deepEqual([denial.type, denial.detail.reason], ["deny", "no_access"]);
        assert.deepEqual((await api.get("/events", { actor: denial.actor.id })).items, [denial]);
        assert.deepEqual((await api.get("/events", { reason: "no_access", from: denial.at })).items, [denial]);
        assert.deepEqual((await api.get("/events", { reason: "no_access", until: denial.at })).items, []);
        assert.deepEqual((await api.get("/events", { from: "2020-01-01", until: "2021-01-01" })).items, []);
        await api.refused(400, "query_invalid", "GET", "/events", { query: { from: "now" } });
    });

    it("is a file as CSV, in which no cell is a formula, and as JSON", async () => {
        const all = await api.all("/events");
        const json = await api.call("GET", "/events/export", { query: { format: "json" } });
        assert.deepEqual(json.json, all);
        assert.equal(json.headers["content-disposition"], 'attachment; filename="events.json"');
        const csv = await api.call("GET", "/events/export");
        const [head, ...lines] = csv.text.trimEnd().split("\r\n");
        assert.match(head, /^id,at,type,workspaceId,actorKind,/);
        assert.deepEqual(
            lines.map((line) => Number(line.split(",")[0])),
            all.map((event) => event.id),
        );
        assert.match(csv.text, /,"'=SUM\(A1\)",/);
        assert.doesNotMatch(csv.text, /,"?[=+@-]/);
        assert.deepEqual(
            (await api.call("GET", "/events/export", { query: { format: "json", type: "nothing" } })).json,
            [],
        );
        assert.equal((await api.call("GET", "/events/export", { query: { type: "nothing" } })).text.trimEnd(), head);
    });

    const follow = (query, headers = {}) => {
        const url = new URL(`/api/v1/events/stream?${new URLSearchParams(query)}`, server.url);
        const stream = {
            text: "",
            ended: false,
            cut: false,
            ids: () => [...stream.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)),
        };
        stream.request = http.get(
            {
                host: "127.0.0.1",
                port: server.port,
                path: url.pathname + url.search,
                headers: { Host: url.host, Authorization: `Bearer ${server.token}`, ...headers },
            },
            (answer) => {
                stream.type = answer.headers["content-type"];
                answer
                    .setEncoding("utf8")
                    .on("data", (text) => (stream.text += text))
                    .on("end", () => (stream.ended = true))
                    .on("error", () => (stream.cut = true));
            },
        );
        stream.request.on("error", () => {});
        return stream;
    };

    it("is followed as it grows, and goes on where a lost connection was", async () => {
        const stream = follow({ type: "group.create" });
        await eventually("the start", () => /^: here\n\n/.test(stream.text));
        assert.equal(stream.type, "text/event-stream");
        const name = `${unique("live")}\n\ndata: {"forged":true}`.replaceAll("\n", " ");
        await api.post("/groups", { name });
        await api.post("/groups", { name: unique("live") });
        await eventually("the events", () => stream.ids().length === 2);
        const first = JSON.parse(/^data: (.*)$/m.exec(stream.text)[1]);
        assert.deepEqual([first.type, first.detail.name], ["group.create", name]);
        stream.request.destroy();
        const again = follow({ type: "group.create", seconds: 0 }, { "Last-Event-ID": String(first.id) });
        await eventually("the end", () => again.ended);
        assert.deepEqual(again.ids(), stream.ids().slice(1));
    });

    it("stops to be followed when the token is revoked", async () => {
        const { id, token } = await api.post("/api-tokens", { name: "follower", scopes: ["events:read"] });
        const stream = follow({}, { Authorization: `Bearer ${token}` });
        await eventually("the start", () => stream.text !== "");
        await api.delete(`/api-tokens/${id}`);
        await eventually("the end", () => stream.cut);
        assert.equal(stream.ended, false, "it breaks off");
    });
});

describe("an export of the audit log", () => {
    // AddressSanitizer keeps what was freed for a while, so memory is measured in what is shipped.
    before(async () => {
        server = await startServer({}, { command: shipped });
        world = await makeWorld(server);
        api = world.api;
    });
    after(() => server.discard());

    it("streams as a file of any length, however slow the reader, in bounded memory", async () => {
        const many = 60_000;
        const start = Date.now() - 24 * 3_600_000;
        sqlite(`DELETE FROM events; -- ids and times grow together
                INSERT INTO events (at, type, workspace_id, actor_kind, detail)
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})
                SELECT ${start} + i, 'mint', (SELECT id FROM workspaces LIMIT 1), 'system', '{"reason":"x"}' FROM n`);
        const memory = () =>
            Math.max(
                ...server
                    .workers()
                    .map((pid) =>
                        Number(
                            /VmHWM:\s+(\d+)/.exec(
                                execFileSync("cat", [`/proc/${pid}/status`], { encoding: "utf8" }),
                            )?.[1],
                        ),
                    ),
            );
        /** The lines of an export that is not read for a moment, and how much memory the server had at most. */
        const read = (query) =>
            new Promise((resolve, reject) => {
                const url = new URL(`/api/v1/events/export?${new URLSearchParams(query)}`, server.url);
                let lines = 0;
                const asked = http.get(
                    {
                        host: "127.0.0.1",
                        port: server.port,
                        path: url.pathname + url.search,
                        headers: { Host: url.host, Authorization: `Bearer ${server.token}` },
                    },
                    (answer) => {
                        assert.equal(answer.headers["transfer-encoding"], "chunked");
                        answer.on("data", (part) => (lines += part.toString("latin1").split("\n").length - 1));
                        answer.on("end", () => resolve({ lines, memory: memory() })).on("error", reject);
                        answer.pause();
                        settled("what the server holds", memory).then(() => answer.resume(), reject);
                    },
                );
                asked.on("error", reject);
            });
        const some = await read({ type: "mint", from: new Date(start + many * 0.8).toISOString() });
        const all = await read({ type: "mint" });
        assert.equal(all.lines, many + 1);
        assert.ok(some.lines < many / 4);
        assert.ok(all.memory - some.memory < 2_000, `${all.memory - some.memory} kB more`);
        assert.equal(
            (
                await api.all("/events", {
                    type: "mint",
                    from: new Date(start + 10).toISOString(),
                    until: new Date(start + 12).toISOString(),
                })
            ).length,
            2,
        );
    });
});
