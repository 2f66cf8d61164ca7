// The mint that Retool documents.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startServer } from "../lib/server.mjs";
import { smallApp, tarGz } from "../lib/bundle.mjs";
import { deploy, makeWorld, unique } from "../lib/world.mjs";

const missing = "11111111-2222-4333-8444-555555555555";

describe("POST /api/embed-url/external-user", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    const body = (more = {}) => ({
        landingPageUuid: world.app.id,
        groupIds: [world.group.id],
        externalIdentifier: "customer-1",
        ...more,
    });

    /** @param {number} status @param {RegExp} message */
    async function refused(status, message, mint) {
        const answer = await mint;
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.json.success, false);
        assert.match(answer.json.message, message);
    }

    /** The newest link after minting with these members. */
    async function minted(more) {
        const answer = await world.api.mintEmbed(body(more));
        assert.equal(answer.status, 200, answer.text);
        return (await world.api.get("/links", { limit: 1 })).items[0];
    }

    /** The user with this external identifier. */
    async function userOf(externalIdentifier) {
        const { items } = await world.api.get("/users", { externalIdentifier });
        assert.equal(items.length, 1);
        return items[0];
    }

    it("answers 200 with a link to the label's origin", async () => {
        const answer = await world.api.mintEmbed(body());
        assert.equal(answer.status, 200);
        assert.match(answer.headers["cache-control"], /no-store/);
        assert.match(
            answer.json.embedUrl,
            new RegExp(`^http://[a-z2-7]{26}\\.localhost:${server.port}/_inlay/embed/[A-Za-z0-9_-]{43}$`),
        );
    });

    it("uses the documented defaults: a day, production, the current release, a link of five minutes", async () => {
        const link = await minted({});
        assert.equal(link.kind, "single-use");
        assert.equal(link.sessionMinutes, 1440);
        assert.equal(Date.parse(link.expiresAt) - Date.parse(link.createdAt), 300_000);
        assert.equal(link.claims.environment, "production");
        assert.equal(link.claims.branch, null);
        assert.equal(link.claims.releaseVersion, null);
        assert.deepEqual(link.claims.groups, [world.group.id]);
    });

    it("keeps the origin for equal claims and changes it for others", async () => {
        const origin = async (more) => new URL((await world.api.mintEmbed(body(more))).json.embedUrl).origin;
        const plain = await origin({ metadata: { a: 1, b: "x" } });
        assert.equal(await origin({ metadata: { b: "x", a: 1 } }), plain, "the order of members does not matter");
        assert.equal(await origin({ metadata: { a: 1, b: "x" }, userInfo: { first_name: "Ann" } }), plain);
        const others = [
            await origin({ metadata: { a: 2, b: "x" } }),
            await origin({ metadata: { a: 1, b: "x" }, externalIdentifier: "customer-2" }),
            await origin({}),
        ];
        assert.equal(new Set([plain, ...others]).size, 4);
    });

    it("does not mind the order or repetition of groupIds", async () => {
        const second = await world.api.post("/groups", { name: unique("g") });
        const origin = async (groupIds) =>
            new URL((await world.api.mintEmbed(body({ groupIds }))).json.embedUrl).origin;
        const [a, b] = [world.group.id, second.id];
        assert.equal(await origin([a, b]), await origin([b, a]));
        assert.equal(await origin([a, b]), await origin([a, b, a]));
    });

    it("creates the external user and updates it, metadata replaced and not merged", async () => {
        const externalIdentifier = unique("customer");
        await minted({
            externalIdentifier,
            userInfo: { email: "ann@acme.example", first_name: "Ann", last_name: "Lee" },
            metadata: { a: 1, b: 2 },
        });
        const before = await userOf(externalIdentifier);
        assert.equal(before.kind, "external");
        assert.deepEqual([before.email, before.firstName, before.lastName], ["ann@acme.example", "Ann", "Lee"]);
        assert.deepEqual(before.metadata, { a: 1, b: 2 });
        await minted({ externalIdentifier, userInfo: { firstName: "Anna", lastName: "Leigh" }, metadata: { c: true } });
        const now = await userOf(externalIdentifier);
        assert.equal(now.id, before.id);
        assert.deepEqual([now.firstName, now.lastName], ["Anna", "Leigh"]);
        assert.deepEqual(now.metadata, { c: true });
    });

    it("lets two external users share an address with each other and with an internal user", async () => {
        const userInfo = { email: world.user.email };
        await minted({ externalIdentifier: unique("c"), userInfo });
        await minted({ externalIdentifier: unique("c"), userInfo });
    });

    it("takes a number for externalIdentifier as its digits", async () => {
        await minted({ externalIdentifier: 774411 });
        const user = await userOf("774411");
        await minted({ externalIdentifier: "774411" });
        assert.equal((await userOf("774411")).id, user.id);
    });

    it("takes strings of digits for groupIds", async () => {
        assert.deepEqual((await minted({ groupIds: [String(world.group.id)] })).claims.groups, [world.group.id]);
    });

    it("accepts sessionDurationMinutes from 10 to 43200 and names the limit otherwise", async () => {
        assert.equal((await minted({ sessionDurationMinutes: 10 })).sessionMinutes, 10);
        assert.equal((await minted({ sessionDurationMinutes: 43_200 })).sessionMinutes, 43_200);
        await refused(400, /sessionDurationMinutes.*10/, world.api.mintEmbed(body({ sessionDurationMinutes: 9 })));
        await refused(
            400,
            /sessionDurationMinutes.*43200/,
            world.api.mintEmbed(body({ sessionDurationMinutes: 43_201 })),
        );
        for (const bad of [10.5, "60", true, [], {}]) {
            await refused(400, /sessionDurationMinutes/, world.api.mintEmbed(body({ sessionDurationMinutes: bad })));
        }
    });

    for (const member of ["landingPageUuid", "groupIds", "externalIdentifier"]) {
        it(`refuses a request without ${member}`, async () => {
            await refused(400, new RegExp(member), world.api.mintEmbed({ ...body(), [member]: undefined }));
        });
    }

    it("refuses members of a wrong type and names them", async () => {
        const bad = {
            landingPageUuid: [5, "", "not-a-uuid", null],
            groupIds: [
                "1",
                1,
                {},
                ["x"],
                [1.5],
                [-1],
                [0],
                [true],
                ["1 "],
                ["99999999999999999999"],
                Array(101).fill(1),
            ],
            externalIdentifier: ["", 1.5, true, {}, [], null, "x".repeat(257)],
            userInfo: ["Ann", [], 5],
            metadata: ["text", [], 5],
            environment: [5, {}],
            branch: [5, {}],
            releaseVersion: [5, {}],
        };
        for (const [member, values] of Object.entries(bad)) {
            for (const value of values) {
                await refused(400, new RegExp(member), world.api.mintEmbed(body({ [member]: value })));
            }
        }
        await refused(
            400,
            /externalIdentifier must be a string or a whole number/,
            world.api.mintEmbed(body({ externalIdentifier: 1.5 })),
        );
        for (const member of ["email", "first_name", "firstName", "last_name", "lastName"]) {
            await refused(400, new RegExp(member), world.api.mintEmbed(body({ userInfo: { [member]: 5 } })));
        }
    });

    it("ignores members it does not know, also in userInfo", async () => {
        await minted({ orgId: 1, pageUuid: "x", userInfo: { nickname: "A" } });
    });

    it("accepts metadata of 1024 bytes and refuses 1025", async () => {
        const frame = JSON.stringify({ t: "" }).length;
        await minted({ metadata: { t: "x".repeat(1024 - frame) } });
        await refused(400, /metadata.*1024/, world.api.mintEmbed(body({ metadata: { t: "x".repeat(1025 - frame) } })));
        const bytes = "é".repeat((1024 - frame) / 2);
        await refused(400, /metadata.*1024/, world.api.mintEmbed(body({ metadata: { t: `${bytes}éé` } })));
    });

    it("accepts strings, booleans, 64-bit integers and nested objects as metadata, and keeps them", async () => {
        const numbers = '"big":9223372036854775807,"least":-9223372036854775808,"odd":9007199254740993';
        const metadata = `{${numbers},"deep":{"er":{"x":"ü\\u00e9"}},"yes":true}`;
        const raw = JSON.stringify(body({ externalIdentifier: "integers" })).replace(/\}$/, `,"metadata":${metadata}}`);
        const answer = await world.api.call("POST", "/api/embed-url/external-user", { raw });
        assert.equal(answer.status, 200, answer.text);
        const session = await (await world.opened(answer.json.embedUrl)).session();
        for (const number of ["9223372036854775807", "-9223372036854775808", "9007199254740993"]) {
            assert.ok(session.text.includes(number), session.text);
        }
        assert.equal(session.json.currentUser.metadata.deep.er.x, "üé");
        const user = await world.api.call("GET", "/users", { query: { externalIdentifier: "integers" } });
        assert.ok(user.text.includes("9007199254740993"), user.text);
    });

    it("refuses integers beyond 64 bits", async () => {
        for (const number of ["9223372036854775808", "-9223372036854775809", "1e999"]) {
            const raw = JSON.stringify(body()).replace(/\}$/, `,"metadata":{"n":${number}}}`);
            await refused(400, /./, world.api.call("POST", "/api/embed-url/external-user", { raw }));
        }
    });

    it("refuses branch and releaseVersion together", async () => {
        await refused(
            400,
            /branch|releaseVersion/,
            world.api.mintEmbed(body({ branch: "x", releaseVersion: "1.0.0" })),
        );
    });

    it("answers 404 to an unknown app, group, environment, branch or release and says which", async () => {
        await refused(404, /app|landingPageUuid/i, world.api.mintEmbed(body({ landingPageUuid: missing })));
        await refused(404, /group/i, world.api.mintEmbed(body({ groupIds: [world.group.id, 999_999] })));
        await refused(404, /environment/i, world.api.mintEmbed(body({ environment: "nowhere" })));
        await refused(404, /branch/i, world.api.mintEmbed(body({ branch: "nowhere" })));
        await refused(404, /release/i, world.api.mintEmbed(body({ releaseVersion: "9.9.9" })));
    });

    it("answers 404 to a group of another workspace", async () => {
        const workspace = await world.api.post("/workspaces", { name: unique("w") });
        const group = await world.api.expect(201, "POST", "/groups", {
            query: { workspaceId: workspace.id },
            body: { name: "g" },
        });
        await refused(404, /group/i, world.api.mintEmbed(body({ groupIds: [group.id] })));
    });

    it("answers 403 when none of the groups may use the app, and takes one of several", async () => {
        const group = await world.api.post("/groups", { name: unique("g") });
        for (const groupIds of [[], [group.id]]) {
            await refused(403, /group|may not/i, world.api.mintEmbed(body({ groupIds })));
        }
        await minted({ groupIds: [group.id, world.group.id] });
    });

    it("answers 403 to an archived external user and 404 for an app without a release", async () => {
        const externalIdentifier = unique("customer");
        await minted({ externalIdentifier });
        const user = await userOf(externalIdentifier);
        await world.api.patch(`/users/${user.id}`, { status: "archived" });
        await refused(403, /archived/, world.api.mintEmbed(body({ externalIdentifier })));
        assert.equal((await userOf(externalIdentifier)).status, "archived", "a mint does not restore");

        const app = await world.api.post("/apps", { name: unique("unreleased") });
        await world.api.put(`/groups/${world.group.id}/apps/${app.id}`);
        await refused(404, /release/, world.api.mintEmbed(body({ landingPageUuid: app.id })));
    });

    it("answers 401 without a token and with a wrong one, 403 to one without the scope embed", async () => {
        await refused(401, /token/i, world.api.as(null).mintEmbed(body()));
        await refused(401, /token/i, world.api.as("inlay_wrong").mintEmbed(body()));
        const { token } = await world.api.post("/api-tokens", { name: "t", scopes: ["links:write"] });
        await refused(403, /embed/, world.api.as(token).mintEmbed(body()));
    });

    it("accepts a body without a content type", async () => {
        const answer = await world.api.call("POST", "/api/embed-url/external-user", { raw: JSON.stringify(body()) });
        assert.equal(answer.status, 200, answer.text);
    });

    it("refuses what is not a JSON object", async () => {
        for (const raw of ["", "nonsense", "[]", "null"]) {
            await refused(400, /JSON/, world.api.call("POST", "/api/embed-url/external-user", { raw }));
        }
    });

    describe("what is shown", () => {
        it("a link names a release, a branch or neither, which follows the current one", async () => {
            const own = await makeWorld(server, { bundle: smallApp("one") });
            await deploy(own.api, own.app.id, "2.0.0", smallApp("two"));
            await own.api.expect(201, "POST", `/apps/${own.app.id}/releases`, {
                query: { branch: "next" },
                raw: tarGz(smallApp("branch")),
                type: "application/gzip",
            });
            const shown = async (more) => {
                const opened = await own.opened(await own.embedLink(more));
                return {
                    opened,
                    title: /<title>([^<]*)/.exec(opened.page.text)?.[1],
                    release: (await opened.session()).json.app.release,
                };
            };
            const pinned = await shown({ releaseVersion: "1.0.0" });
            assert.deepEqual([pinned.title, pinned.release], ["one", "1.0.0"]);
            const branch = await shown({ branch: "next" });
            assert.deepEqual([branch.title, branch.release], ["branch", null]);
            const latest = await shown({ releaseVersion: "latest" });
            assert.deepEqual([latest.title, latest.release], ["two", "2.0.0"]);

            await own.api.expect(200, "POST", `/apps/${own.app.id}/releases/1.0.0/rollback`);
            assert.match((await latest.opened.navigate("/")).text, /<title>one/);
            await deploy(own.api, own.app.id, "3.0.0", smallApp("three"));
            assert.match((await latest.opened.navigate("/")).text, /<title>three/);
            assert.match((await pinned.opened.navigate("/")).text, /<title>one/);
        });

        it("the app is told its user, its claims and its environment's config", async () => {
            await world.api.post("/environments", {
                name: "staging",
                config: { api: "https://staging.example", n: 9 },
            });
            const opened = await world.opened(
                await world.embedLink({
                    externalIdentifier: "told",
                    environment: "staging",
                    metadata: { storeId: 51 },
                    userInfo: { email: "told@acme.example", first_name: "Tess", last_name: "Old" },
                    sessionDurationMinutes: 20,
                }),
            );
            const { json } = await opened.session();
            assert.equal(json.currentUser.email, "told@acme.example");
            assert.equal(json.currentUser.fullName, "Tess Old");
            assert.equal(json.currentUser.externalIdentifier, "told");
            assert.deepEqual(json.currentUser.metadata, { storeId: 51 });
            assert.deepEqual(json.currentUser.groups, [{ id: world.group.id, name: world.group.name }]);
            assert.equal(json.app.environment, "staging");
            assert.deepEqual(json.config, { api: "https://staging.example", n: 9 });
            assert.ok(json.session.expiresInSeconds > 1190 && json.session.expiresInSeconds <= 1200);
        });
    });
});
