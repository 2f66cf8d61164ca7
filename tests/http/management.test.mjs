// The management calls: what they make, change and refuse, and how lists are paged.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const missing = "11111111-2222-4333-8444-555555555555";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/api.mjs").Api} */ let api;

describe("management", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        api = world.api;
    });
    after(() => server.discard());

    /** A 400 that names the member. */
    async function names(member, method, path, body) {
        const problem = await api.call(method, path, { body });
        assert.equal(problem.status, 400, `${method} ${path} ${JSON.stringify(body)}: ${problem.text}`);
        assert.equal(problem.json.member, member, problem.text);
    }

    it("of workspaces: create, show, list, rename, archive, restore, delete", async () => {
        const made = await api.post("/workspaces", { name: "North" });
        assert.deepEqual([made.name, made.status], ["North", "active"]);
        assert.deepEqual(await api.get(`/workspaces/${made.id}`), made);
        assert.ok((await api.all("/workspaces")).some((workspace) => workspace.id === made.id));
        assert.equal((await api.patch(`/workspaces/${made.id}`, { name: "South" })).name, "South");
        assert.equal((await api.patch(`/workspaces/${made.id}`, { status: "archived" })).status, "archived");
        assert.equal((await api.patch(`/workspaces/${made.id}`, { status: "active" })).status, "active");
        assert.equal(
            (await api.expect(200, "GET", "/environments", { query: { workspaceId: made.id } })).items[0].name,
            "production",
        );
        await api.delete(`/workspaces/${made.id}`);
        await api.refused(404, "not_found", "GET", `/workspaces/${made.id}`);
        await api.refused(404, "not_found", "DELETE", `/workspaces/${made.id}`);
        await api.refused(404, "not_found", "GET", "/users", { query: { workspaceId: made.id } });
    });

    it("keeps the last workspace", async () => {
        const alone = await startServer();
        try {
            const { api: own } = await makeWorld(alone);
            const workspaces = await own.all("/workspaces");
            assert.equal(workspaces.length, 1);
            await own.refused(409, "workspace_last", "DELETE", `/workspaces/${workspaces[0].id}`);
        } finally {
            await alone.discard();
        }
    });

    it("of users: create, show, list, change, archive, restore, delete", async () => {
        const email = `${unique("Max")}@Acme.example`;
        const made = await api.post("/users", { email, firstName: "Max", lastName: "Ray" });
        assert.deepEqual(
            [made.kind, made.status, made.firstName, made.lastName, made.externalIdentifier, made.groups],
            ["internal", "active", "Max", "Ray", null, []],
        );
        assert.equal(made.email.toLowerCase(), email.toLowerCase());
        assert.deepEqual(await api.get(`/users/${made.id}`), made);
        assert.deepEqual((await api.get("/users", { email: email.toUpperCase() })).items, [made]);
        const renamed = await api.patch(`/users/${made.id}`, { firstName: "Maxine", email: `x${email}` });
        assert.deepEqual([renamed.firstName, renamed.lastName], ["Maxine", "Ray"]);
        assert.equal((await api.patch(`/users/${made.id}`, { status: "archived" })).status, "archived");
        assert.ok((await api.all("/users", { status: "archived" })).some((user) => user.id === made.id));
        assert.ok(!(await api.all("/users", { status: "active" })).some((user) => user.id === made.id));
        assert.equal((await api.patch(`/users/${made.id}`, { status: "active" })).status, "active");
        assert.deepEqual((await api.patch(`/users/${made.id}`, {})).firstName, "Maxine");
        await api.delete(`/users/${made.id}`);
        await api.refused(404, "not_found", "GET", `/users/${made.id}`);
        await api.post("/users", { email: `x${email}` });
    });

    it("refuses a second internal user of an address, whatever its case", async () => {
        await api.refused(409, "user_exists", "POST", "/users", { body: { email: world.user.email.toUpperCase() } });
        const other = await api.post("/users", { email: `${unique("o")}@acme.example` });
        await api.refused(409, "user_exists", "PATCH", `/users/${other.id}`, { body: { email: world.user.email } });
        const workspace = await api.post("/workspaces", { name: unique("w") });
        await api.expect(201, "POST", "/users", {
            query: { workspaceId: workspace.id },
            body: { email: world.user.email },
        });
    });

    it("refuses what is no address", async () => {
        for (const email of [
            "",
            "x",
            "@",
            "x@",
            "@x",
            "a b@c.example",
            "a@b c",
            "a@b@c",
            `${"x".repeat(250)}@x.example`,
            5,
            null,
        ]) {
            await names("email", "POST", "/users", { email });
        }
    });

    it("of groups: create, show, list, rename, members, apps, delete", async () => {
        const name = unique("Group");
        const made = await api.post("/groups", { name });
        assert.deepEqual([made.memberCount, made.appCount], [0, 0]);
        await api.refused(409, "group_exists", "POST", "/groups", { body: { name } });
        assert.deepEqual((await api.get("/groups", { name })).items, [made]);
        for (let twice = 0; twice < 2; twice++) {
            await api.put(`/groups/${made.id}/members/${world.user.id}`);
            await api.put(`/groups/${made.id}/apps/${world.app.slug}`);
        }
        const full = await api.get(`/groups/${made.id}`);
        assert.deepEqual([full.memberCount, full.appCount], [1, 1]);
        assert.deepEqual(
            (await api.get(`/groups/${made.id}/members`)).items.map((user) => user.id),
            [world.user.id],
        );
        assert.deepEqual(
            (await api.get(`/groups/${made.id}/apps`)).items.map((app) => app.id),
            [world.app.id],
        );
        assert.ok(
            (await api.get(`/users/${world.user.id}`)).groups.some(
                (group) => group.id === made.id && group.name === name,
            ),
        );
        assert.equal((await api.patch(`/groups/${made.id}`, { name: `${name} 2` })).name, `${name} 2`);
        await api.refused(409, "group_exists", "PATCH", `/groups/${made.id}`, { body: { name: world.group.name } });
        for (let twice = 0; twice < 2; twice++) {
            await api.delete(`/groups/${made.id}/members/${world.user.id}`);
            await api.delete(`/groups/${made.id}/apps/${world.app.id}`);
        }
        await api.delete(`/groups/${made.id}`);
        await api.refused(404, "not_found", "GET", `/groups/${made.id}`);
        for (const [group, member] of [
            [made.id, world.user.id],
            [world.group.id, missing],
        ]) {
            await api.refused(404, "not_found", "PUT", `/groups/${group}/members/${member}`);
        }
        await api.refused(404, "not_found", "PUT", `/groups/${world.group.id}/apps/${missing}`);
        await api.refused(404, "not_found", "PUT", `/groups/${world.group.id}/apps/no-such-app`);
    });

    it("of groups: several members at once, or with a reason for each id nobody", async () => {
        const group = await api.post("/groups", { name: unique("g") });
        const users = await Promise.all([1, 2].map(() => api.post("/users", { email: `${unique("m")}@acme.example` })));
        const path = `/groups/${group.id}/members`;
        const problem = await api.refused(400, "member_invalid", "POST", path, {
            body: { userIds: [users[0].id, missing, 7, users[1].id] },
        });
        assert.equal(problem.member, "userIds");
        assert.deepEqual(
            problem.errors.map(({ member, code }) => [member, code]),
            [
                ["userIds[1]", "not_found"],
                ["userIds[2]", "member_invalid"],
            ],
        );
        assert.equal((await api.get(`/groups/${group.id}`)).memberCount, 0);
        const added = await api.expect(200, "POST", path, {
            body: { userIds: [...users, users[0]].map(({ id }) => id) },
        });
        assert.equal(added.memberCount, 2);
        assert.equal(
            (await api.all("/events", { type: "group.member.add", userId: users[0].id })).length,
            1,
            "who is there twice is added once",
        );
        await names("userIds", "POST", path, { userIds: Array(501).fill(users[0].id) });
        await names("userIds", "POST", path, {});
    });

    it("of groups: those that may use an app", async () => {
        const others = await api.post("/groups", { name: unique("group") });
        const { items } = await api.get("/groups", { appId: world.app.id });
        assert.deepEqual(
            items.map(({ id }) => id),
            [world.group.id],
        );
        assert.deepEqual((await api.get("/groups", { appId: world.app.id, search: others.name })).items, []);
    });

    it("tell whether something answers at an upstream's address", async () => {
        const silent = net.createServer((socket) => socket.end("SSH-2.0-x\r\n")).listen(0, "127.0.0.1");
        await once(silent, "listening");
        const open = http.createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
        await once(open, "listening");
        const check = (url) => api.expect(200, "POST", "/upstream-checks", { body: { url } });
        try {
            const itself = await check(server.url); // guards by Host, as servers against DNS rebinding do
            assert.deepEqual([itself.reachable, itself.status, itself.hostHeader], [true, 200, "upstream"]);
            assert.match(itself.detail, /set the Host header to "upstream"/);
            assert.deepEqual(await check(`http://127.0.0.1:${open.address().port}`), {
                reachable: true,
                status: 200,
                hostHeader: "app",
                detail: "It answers, with status 200.",
            });
            for (const [url, words] of [
                [`http://127.0.0.1:${silent.address().port}`, /does not speak HTTP/],
                [`https://127.0.0.1:${server.port}`, /does not speak TLS/],
                ["http://127.0.0.1:1", /Nothing answers/],
            ]) {
                const { reachable, status, detail } = await check(url);
                assert.deepEqual([reachable, status], [false, null]);
                assert.match(detail, words, url);
            }
            await names("url", "POST", "/upstream-checks", { url: "ftp://127.0.0.1" });
            await names("url", "POST", "/upstream-checks", { url: "http://[::ffff:0.0.0.0]" });
            await names("tlsCa", "POST", "/upstream-checks", { url: "http://127.0.0.1", tlsCa: "nonsense" });
        } finally {
            silent.close();
            open.closeAllConnections();
            open.close();
        }
    });

    it("of apps: create, show by id and slug, list, change, delete", async () => {
        const made = await api.post("/apps", { name: "Größe & Ärger 7", portals: [] });
        assert.match(made.slug, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        assert.deepEqual([made.kind, made.currentRelease, made.portals], ["bundle", null, []]);
        const slug = unique("slug");
        const changed = await api.patch(`/apps/${made.id}`, {
            slug,
            name: "Size",
            portals: ["https://a.example"],
        });
        assert.deepEqual([changed.slug, changed.name, changed.portals], [slug, "Size", ["https://a.example"]]);
        assert.deepEqual(await api.get(`/apps/${slug}`), changed);
        assert.deepEqual((await api.get("/apps", { slug })).items, [changed]);
        await api.refused(409, "app_exists", "POST", "/apps", { body: { name: "x", slug } });
        await api.refused(409, "app_exists", "PATCH", `/apps/${world.app.id}`, { body: { slug } });
        await api.delete(`/apps/${slug}`);
        await api.refused(404, "not_found", "GET", `/apps/${made.id}`);
    });

    it("makes slugs of names, and other ones when taken", async () => {
        const name = unique("My First App");
        const [one, two] = [await api.post("/apps", { name }), await api.send("POST", "/apps", { body: { name } })];
        assert.equal(one.slug, name.toLowerCase().replaceAll(" ", "-"));
        assert.ok(two.status === 409 || (two.status === 201 && two.json.slug !== one.slug), two.text);
    });

    it("refuses slugs that are none", async () => {
        for (const slug of ["", "A", "a b", "-a", "a-", "a--b", "a_b", "ä", "x".repeat(64), missing, 5]) {
            await names("slug", "POST", "/apps", { name: "x", slug });
        }
    });

    it("takes portals as origins and refuses anything else, with its place", async () => {
        const good = [
            "https://portal.example.com",
            "https://portal.example.com:8443",
            "https://*.example.com",
            "http://localhost:5173",
            "http://app.localhost:5173",
            "http://127.0.0.1:5173",
            "capacitor://localhost",
        ];
        const made = await api.post("/apps", { name: unique("a"), portals: good });
        assert.deepEqual(made.portals, good);
        const bad = [
            "",
            "*",
            "portal.example.com",
            "http://portal.example.com",
            "https://portal.example.com/path",
            "https://user@portal.example.com",
            "https://",
            "https://*",
            "https://*.*.example.com",
            "https://a.*.example.com",
            "ftp://x.example",
            "javascript:alert(1)",
            "'self'",
            "https://a.example https://b.example",
            "https://a.example;script-src *",
            "https://a.example\r\nX: y",
            "https://a.example:99999",
            "data:",
            "null",
            5,
            null,
            "https://exämple.com",
            "http://[::1]:5173",
            "https://*.com",
            "file://localhost",
            `http://*.localhost:${new URL(world.server.url).port}`,
        ];
        for (const entry of bad) {
            const answer = await api.call("POST", "/apps", {
                body: { name: "x", portals: ["https://ok.example", entry] },
            });
            assert.equal(answer.status, 400, `${JSON.stringify(entry)}: ${answer.text}`);
            assert.match(answer.json.member, /^portals/, answer.text);
        }
        await names("portals", "POST", "/apps", { name: "x", portals: "https://a.example" });
        await names("portals", "POST", "/apps", {
            name: "x",
            portals: Array.from({ length: 51 }, (_, n) => `https://p${n}.example`),
        });
    });

    it("of environments: create, show by id and name, change, delete", async () => {
        const name = unique("staging");
        const made = await api.post("/environments", { name, config: { url: "https://x.example", n: 1 } });
        assert.deepEqual(made.config, { url: "https://x.example", n: 1 });
        assert.deepEqual(await api.get(`/environments/${name}`), made);
        await api.refused(409, "environment_exists", "POST", "/environments", { body: { name } });
        assert.deepEqual((await api.patch(`/environments/${name}`, { config: { only: true } })).config, { only: true });
        assert.equal((await api.patch(`/environments/${made.id}`, { name: `${name}-2` })).name, `${name}-2`);
        await api.delete(`/environments/${made.id}`);
        await api.refused(404, "not_found", "GET", `/environments/${made.id}`);
        assert.deepEqual((await api.post("/environments", { name: unique("bare") })).config, {});
    });

    it("keeps production, whose config can change", async () => {
        assert.deepEqual((await api.patch("/environments/production", { config: { a: 1 } })).config, { a: 1 });
        await api.refused(409, "environment_required", "DELETE", "/environments/production");
        await api.refused(409, "environment_required", "PATCH", "/environments/production", {
            body: { name: "other" },
        });
    });

    it("accepts a config of 16 KiB and refuses more", async () => {
        const frame = JSON.stringify({ t: "" }).length;
        await api.patch("/environments/production", { config: { t: "x".repeat(16_384 - frame) } });
        await names("config", "PATCH", "/environments/production", { config: { t: "x".repeat(16_385 - frame) } });
        await names("config", "PATCH", "/environments/production", { config: [] });
    });

    it("of API tokens: create, show, list, describe, revoke; the secret appears once", async () => {
        const made = await api.post("/api-tokens", {
            name: "Portal",
            description: "for the portal",
            scopes: ["embed", "users:read"],
        });
        assert.equal(made.last4, made.token.slice(-4));
        assert.equal(made.lastUsedAt, null);
        assert.deepEqual([...made.scopes].sort(), ["embed", "users:read"]);
        const { token, ...rest } = made;
        assert.deepEqual(await api.get(`/api-tokens/${made.id}`), rest);
        assert.ok(!(await api.call("GET", "/api-tokens")).text.includes(token));
        const changed = await api.patch(`/api-tokens/${made.id}`, { name: "Portal 2", description: null });
        assert.deepEqual([changed.name, changed.description], ["Portal 2", null]);
        await names("scopes", "PATCH", `/api-tokens/${made.id}`, { scopes: ["admin"] });
        await api.as(token).get("/users");
        assert.ok((await api.get(`/api-tokens/${made.id}`)).lastUsedAt !== null);
        await api.delete(`/api-tokens/${made.id}`);
        await api.as(token).refused(401, "api_token_invalid", "GET", "/users");
        await api.refused(404, "not_found", "GET", `/api-tokens/${made.id}`);
        await api.as(null).refused(401, "api_token_missing", "GET", "/users");
    });

    it("refuses scopes that are none", async () => {
        for (const scopes of [
            [],
            ["x"],
            ["users"],
            ["users:delete"],
            ["embed:write"],
            "embed",
            [5],
            [null],
            undefined,
        ]) {
            const answer = await api.call("POST", "/api-tokens", { body: { name: "t", scopes } });
            assert.equal(answer.status, 400, `${JSON.stringify(scopes)}: ${answer.text}`);
            assert.match(answer.json.member, /^scopes/);
        }
    });

    it("of links and sessions: list by user, app and status, show", async () => {
        const own = await makeWorld(server);
        const opened = await own.opened(await own.embedLink());
        await own.embedLink();
        await own.patLink();
        const links = await api.all("/links", { appId: own.app.id });
        assert.deepEqual(
            links.map((link) => [link.kind, link.status]),
            [
                ["reusable", "active"],
                ["single-use", "active"],
                ["single-use", "used"],
            ],
        );
        assert.deepEqual(
            (await api.all("/links", { appId: own.app.id, status: "used" })).map((link) => link.id),
            [links[2].id],
        );
        assert.deepEqual(
            (await api.all("/links", { userId: own.user.id })).map((link) => link.id),
            [links[0].id],
        );
        assert.deepEqual(await api.get(`/links/${links[2].id}`), links[2]);

        const [session] = await api.all("/sessions", { appId: own.app.id });
        assert.equal(session.linkId, links[2].id);
        assert.equal(session.origin, opened.origin);
        assert.equal(session.address, "127.0.0.1");
        assert.equal(session.userAgent, opened.browser.userAgent);
        assert.deepEqual(session.user, links[2].user);
        assert.deepEqual(await api.get(`/sessions/${session.id}`), session);
        assert.deepEqual(await api.all("/sessions", { appId: own.app.id, status: "ended" }), []);
        assert.deepEqual(await api.all("/sessions", { userId: own.user.id }), []);
        await api.delete(`/sessions/${session.id}`);
        assert.deepEqual(await api.all("/sessions", { appId: own.app.id, status: "active" }), []);
        assert.equal((await api.all("/sessions", { userId: session.user.id, status: "ended" })).length, 1);
    });

    it("answers 404 to ids that are none or that nobody has", async () => {
        for (const noun of ["workspaces", "users", "api-tokens", "links", "sessions"]) {
            for (const id of [missing, "x", "1", "%00", "..%2f", "' OR 1=1 --"]) {
                const answer = await api.send("GET", `/${noun}/${encodeURIComponent(id)}`);
                assert.ok([400, 404].includes(answer.status), `${noun}/${id}: ${answer.status}`);
            }
        }
        for (const id of ["0", "-1", "999999999", "99999999999999999999", "x", "1.5"]) {
            const answer = await api.send("GET", `/groups/${id}`);
            assert.ok([400, 404].includes(answer.status), `groups/${id}: ${answer.status}`);
        }
    });

    it("answers problems on paths and methods that do not exist", async () => {
        for (const path of ["/", "/nothing", "/users/x/y/z", "/Users", "/users/"]) {
            const answer = await api.send("GET", path);
            assert.equal(answer.status, 404, path);
            assert.match(answer.headers["content-type"], /^application\/problem\+json/);
        }
        for (const [method, path] of [
            ["PUT", "/users"],
            ["POST", `/users/${missing}`],
            ["DELETE", "/events"],
            ["PATCH", "/sessions"],
        ]) {
            const answer = await api.send(method, path);
            assert.equal(answer.status, 405, `${method} ${path}`);
            assert.equal(answer.json.code, "method_not_allowed");
        }
    });

    it("refuses members it does not know, by name", async () => {
        await names("nme", "POST", "/workspaces", { name: "x", nme: 1 });
        await names("role", "POST", "/users", { email: "a@b.example", role: "admin" });
        await names("kind", "PATCH", `/users/${world.user.id}`, { kind: "external" });
        await names("id", "PATCH", `/apps/${world.app.id}`, { id: missing });
        await names("kind", "POST", "/apps", { name: "x", kind: "magic" });
        await names("status", "PATCH", `/users/${world.user.id}`, { status: "gone" });
        await names("name", "POST", "/groups", {});
    });

    describe("lists", () => {
        it("search by a part of a name or address, or by a whole id", async () => {
            const word = unique("Quokka");
            const made = {
                "/users": await api.post("/users", {
                    email: `x@${word}.example`,
                    firstName: "Ann",
                    lastName: `O'${word}`,
                }),
                "/groups": await api.post("/groups", { name: `50% of ${word}s` }),
                "/apps": await api.post("/apps", { name: `The ${word}` }),
                "/api-tokens": await api.post("/api-tokens", {
                    name: "other",
                    description: `for ${word}`,
                    scopes: ["embed"],
                }),
                "/admins": await api.post("/admins", { email: `y@${word}.example` }),
            };
            for (const [path, { id }] of Object.entries(made)) {
                const found = async (search) => (await api.all(path, { search })).map((one) => one.id);
                assert.deepEqual(await found(word.toUpperCase()), [id], path);
                assert.deepEqual(await found(` ${word.slice(1)} `), [id], path);
                assert.ok((await found(String(id))).includes(id), path); // names may have the number in them, too
                assert.deepEqual(await found(`${word}%`), [], path);
                assert.deepEqual(
                    await found(" "),
                    (await api.all(path)).map((one) => one.id),
                    path,
                );
                await api.refused(400, "query_invalid", "GET", path, { query: { search: "x".repeat(129) } });
            }
            const query = { search: `ann o'${word}` };
            assert.equal((await api.all("/users", query)).length, 1, "by the whole name");
            assert.equal((await api.all("/users", { ...query, kind: "external" })).length, 0, "other filters hold");
        });

        it("are paged from the oldest to the newest, without gaps or repetition", async () => {
            const workspace = await api.post("/workspaces", { name: unique("paged") });
            const query = { workspaceId: workspace.id };
            const made = [];
            for (let n = 0; n < 7; n++) {
                made.push((await api.expect(201, "POST", "/groups", { query, body: { name: `g${n}` } })).id);
            }
            const seen = [];
            const sizes = [];
            for (let after; after !== null;) {
                const page = await api.get("/groups", { ...query, limit: 3, after });
                seen.push(...page.items.map((group) => group.id));
                sizes.push(page.items.length);
                after = page.next;
            }
            assert.deepEqual(seen, made);
            assert.deepEqual(sizes, [3, 3, 1]);
            const exact = await api.get("/groups", { ...query, limit: 7 });
            assert.equal(exact.next, null);
        });

        for (const noun of ["links", "sessions", "events"]) {
            it(`of ${noun} are paged from the newest to the oldest`, async () => {
                const own = await makeWorld(server);
                for (let n = 0; n < 5; n++) {
                    await own.opened(await own.embedLink());
                }
                const query = { appId: own.app.id };
                const all = await api.all(`/${noun}`, query);
                assert.ok(all.length >= 5);
                const times = all.map((item) => Date.parse(item.createdAt ?? item.at));
                assert.deepEqual(
                    times,
                    [...times].sort((a, b) => b - a),
                );
                const seen = [];
                for (let after; after !== null;) {
                    const page = await api.get(`/${noun}`, { ...query, limit: 2, after });
                    seen.push(...page.items);
                    after = page.next;
                }
                assert.deepEqual(seen, all);
                assert.equal(new Set(seen.map((item) => item.id)).size, seen.length);
            });
        }

        it("go on where they were when objects come and go between pages", async () => {
            const workspace = await api.post("/workspaces", { name: unique("paged") });
            const query = { workspaceId: workspace.id };
            const make = (n) => api.expect(201, "POST", "/apps", { query, body: { name: `app ${n}` } });
            const made = [];
            for (let n = 0; n < 4; n++) {
                made.push((await make(n)).id);
            }
            const first = await api.get("/apps", { ...query, limit: 2 });
            await api.delete(`/apps/${made[1]}`);
            made.push((await make(9)).id);
            const rest = await api.get("/apps", { ...query, after: first.next });
            assert.deepEqual(
                rest.items.map((app) => app.id),
                made.slice(2),
            );
        });

        it("refuse limits, cursors and parameters that are wrong, by name", async () => {
            const lists = [
                "/workspaces",
                "/users",
                "/groups",
                "/apps",
                "/environments",
                "/api-tokens",
                "/links",
                "/sessions",
                "/events",
                `/apps/${world.app.id}/releases`,
                `/apps/${world.app.id}/branches`,
                `/groups/${world.group.id}/members`,
                `/groups/${world.group.id}/apps`,
            ];
            for (const path of lists) {
                for (const [member, value] of [
                    ["limit", 0],
                    ["limit", 201],
                    ["limit", "x"],
                    ["limit", ""],
                    ["limit", "1.5"],
                    ["after", "?"],
                    ["nonsense", 1],
                ]) {
                    const answer = await api.call("GET", path, { query: { [member]: value } });
                    assert.equal(answer.status, 400, `${path}?${member}=${value}: ${answer.text}`);
                    assert.equal(answer.json.member, member, answer.text);
                }
                assert.equal((await api.call("GET", path, { query: { limit: 200 } })).status, 200);
            }
            for (const [path, member, value] of [
                ["/users", "kind", "x"],
                ["/users", "status", "x"],
                ["/links", "status", "x"],
                ["/sessions", "status", "x"],
                ["/links", "userId", "x"],
                ["/sessions", "appId", "x"],
                ["/events", "sessionId", "x"],
            ]) {
                const answer = await api.call("GET", path, { query: { [member]: value } });
                assert.deepEqual([answer.status, answer.json.member], [400, member], `${path}: ${answer.text}`);
            }
            const twice = await api.send("GET", "/users?limit=1&limit=2");
            assert.equal(twice.status, 400);
        });

        it("refuse parameters on calls that have none", async () => {
            for (const [method, path, body] of [
                ["GET", `/users/${world.user.id}`],
                ["POST", "/groups", { name: unique("g") }],
                ["PATCH", `/users/${world.user.id}`, {}],
            ]) {
                const answer = await api.call(method, path, { query: { nonsense: 1 }, body });
                assert.deepEqual(
                    [answer.status, answer.json?.member],
                    [400, "nonsense"],
                    `${method} ${path}: ${answer.text}`,
                );
            }
        });
    });
});
