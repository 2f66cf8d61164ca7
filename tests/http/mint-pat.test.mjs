// The mint that ToolJet documents.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Api } from "../lib/api.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const missing = "11111111-2222-4333-8444-555555555555";

describe("POST /api/ext/users/personal-access-token", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    const body = (more = {}) => ({ email: world.user.email, appId: world.app.id, ...more });

    /** @param {number} status @param {RegExp} message */
    async function refused(status, message, mint) {
        const answer = await mint;
        assert.equal(answer.status, status, answer.text);
        assert.equal(answer.json.statusCode, status);
        // What ToolJet's validation finds comes as a list.
        assert.match([answer.json.message].flat().join(" "), message);
    }

    it("answers 201 with the token and a link to the label's origin", async () => {
        const answer = await world.api.mintPat(body({ sessionExpiry: 60, patExpiry: 3600 }));
        assert.equal(answer.status, 201);
        assert.match(answer.headers["cache-control"], /no-store/);
        const { personalAccessToken, redirectUrl } = answer.json;
        const app = `http://[a-z2-7]{26}\\.localhost:${server.port}/embed-apps/${world.app.id}`;
        assert.match(
            redirectUrl,
            new RegExp(`^${app}\\?personal-access-token=${personalAccessToken}&appSlug=${world.app.slug}$`),
        );
    });

    it("gives every token another secret and the same claims the same origin", async () => {
        const [one, two] = [await world.pat(), await world.pat()];
        assert.notEqual(one.personalAccessToken, two.personalAccessToken);
        assert.equal(new URL(one.redirectUrl).origin, new URL(two.redirectUrl).origin);
    });

    it("finds the address whatever its case", async () => {
        const answer = await world.api.mintPat(body({ email: world.user.email.toUpperCase() }));
        assert.equal(answer.status, 201, answer.text);
    });

    it("takes userId for email and appSlug for appId", async () => {
        const answer = await world.api.mintPat({ userId: world.user.id, appSlug: world.app.slug });
        assert.equal(answer.status, 201, answer.text);
        assert.match(answer.json.redirectUrl, new RegExp(`/embed-apps/${world.app.id}\\?`));
    });

    it("uses the configured defaults: an hour for the session, an hour for the token", async () => {
        await world.pat();
        const [link] = (await world.api.get("/links", { limit: 1 })).items;
        assert.equal(link.kind, "reusable");
        assert.equal(link.sessionMinutes, 60);
        assert.equal(Date.parse(link.expiresAt) - Date.parse(link.createdAt), 3600_000);
        assert.deepEqual(link.claims, {
            groups: null,
            metadata: null,
            environment: "production",
            branch: null,
            releaseVersion: null,
            preview: false,
        });
    });

    it("reads sessionExpiry as minutes and patExpiry as seconds", async () => {
        await world.pat({ sessionExpiry: 7, patExpiry: 11 });
        const [link] = (await world.api.get("/links", { limit: 1 })).items;
        assert.equal(link.sessionMinutes, 7);
        assert.equal(Date.parse(link.expiresAt) - Date.parse(link.createdAt), 11_000);
    });

    for (const [member, maximum] of [
        ["sessionExpiry", 43_200],
        ["patExpiry", 31_536_000],
    ]) {
        it(`accepts ${member} from 1 to ${maximum} and names it otherwise`, async () => {
            for (const good of [1, maximum]) {
                assert.equal((await world.api.mintPat(body({ [member]: good }))).status, 201);
            }
            await refused(400, new RegExp(`${member}.*\\b1\\b`), world.api.mintPat(body({ [member]: 0 })));
            await refused(400, new RegExp(`${member}.*${maximum}`), world.api.mintPat(body({ [member]: maximum + 1 })));
            for (const bad of [-1, 1.5, "60", true, [60], {}]) {
                await refused(400, new RegExp(member), world.api.mintPat(body({ [member]: bad })));
            }
        });
    }

    it("ignores members it does not know", async () => {
        assert.equal((await world.api.mintPat(body({ appVersion: "v1", x: { y: 1 } }))).status, 201);
    });

    it("refuses a request that names no user or no app", async () => {
        await refused(400, /email|userId/, world.api.mintPat({ appId: world.app.id }));
        await refused(400, /appId|appSlug/, world.api.mintPat({ email: world.user.email }));
    });

    it("refuses members of a wrong type and names them", async () => {
        await refused(400, /email/, world.api.mintPat(body({ email: 5 })));
        await refused(400, /email/, world.api.mintPat(body({ email: "no address" })));
        await refused(400, /appId/, world.api.mintPat(body({ appId: "not-a-uuid" })));
        await refused(400, /appId/, world.api.mintPat(body({ appId: 7 })));
        await refused(400, /userId/, world.api.mintPat({ userId: "x", appId: world.app.id }));
    });

    it("refuses two names of which each means another user or app", async () => {
        const other = await world.api.post("/users", { email: `${unique("bob")}@acme.example` });
        await refused(400, /email is not that of the user/, world.api.mintPat(body({ userId: other.id })));
        await refused(400, /Invalid appId or appSlug/, world.api.mintPat(body({ appSlug: "no-such-app" })));
        const again = await world.api.mintPat(body({ userId: world.user.id, appSlug: world.app.slug }));
        assert.equal(again.status, 201, again.text);
        await refused(400, /app/i, world.api.mintPat(body({ appId: missing, appSlug: world.app.slug })));
    });

    it("sends what validation finds as a list, as ToolJet does, and other messages as a string", async () => {
        assert.ok(Array.isArray((await world.api.mintPat(body({ sessionExpiry: "60" }))).json.message));
        assert.ok(Array.isArray((await world.api.mintPat(body({ appId: "x" }))).json.message));
        assert.equal(typeof (await world.api.mintPat(body({ appId: missing }))).json.message, "string");
    });

    it("refuses what is not a JSON object", async () => {
        for (const raw of ["", "nonsense", "[]", '"text"', "5", "null", '{"email":"a@b",}', '{"email":"a@b"} x']) {
            await refused(400, /JSON/, world.api.call("POST", "/api/ext/users/personal-access-token", { raw }));
        }
    });

    it("refuses a member that is there twice", async () => {
        const raw = `{"email":"${world.user.email}","appId":"${world.app.id}","appId":"${missing}"}`;
        await refused(400, /twice|duplicate/i, world.api.call("POST", "/api/ext/users/personal-access-token", { raw }));
    });

    it("does not look at the content type", async () => {
        const raw = JSON.stringify(body());
        for (const type of [undefined, "text/plain", "application/x-www-form-urlencoded"]) {
            const answer = await world.api.call("POST", "/api/ext/users/personal-access-token", { raw, type });
            assert.equal(answer.status, 201, answer.text);
        }
    });

    describe("authorization", () => {
        const withHeader = (value) => world.api.mintPat(body(), { headers: { Authorization: value } });

        it("takes the raw token after Basic, base64 of name:token after Basic, and Bearer", async () => {
            const { token } = world.server;
            for (const value of [
                `Basic ${token}`,
                `Basic ${Buffer.from(`portal:${token}`).toString("base64")}`,
                `Bearer ${token}`,
                `bearer ${token}`,
                `basic ${token}`,
            ]) {
                assert.equal((await withHeader(value)).status, 201, value.slice(0, 12));
            }
        });

        it("answers 401 without a token, with a wrong one and with another scheme", async () => {
            for (const value of [
                undefined,
                "",
                "Basic",
                "Basic ",
                "Bearer x",
                `Digest ${server.token}`,
                `Bearer ${server.token}x`,
                server.token,
            ]) {
                await refused(401, /token/i, withHeader(value));
            }
        });

        it("answers 401 to a revoked token and 403 to one without the scope embed", async () => {
            const revoked = await world.api.post("/api-tokens", { name: unique("t"), scopes: ["embed"] });
            assert.equal((await withHeader(`Bearer ${revoked.token}`)).status, 201);
            await world.api.delete(`/api-tokens/${revoked.id}`);
            await refused(401, /token/i, withHeader(`Bearer ${revoked.token}`));
            const other = await world.api.post("/api-tokens", {
                name: unique("t"),
                scopes: ["users:write", "apps:write"],
            });
            await refused(403, /embed/, withHeader(`Bearer ${other.token}`));
        });
    });

    describe("access", () => {
        it("answers 404 to an unknown user and says so", async () => {
            await refused(404, /user/i, world.api.mintPat(body({ email: "nobody@acme.example" })));
            await refused(404, /user/i, world.api.mintPat({ userId: missing, appId: world.app.id }));
        });

        it("answers 400 to an unknown app, as ToolJet does", async () => {
            await refused(400, /^Invalid appId or appSlug/, world.api.mintPat(body({ appId: missing })));
            await refused(
                400,
                /^Invalid appId or appSlug/,
                world.api.mintPat({ email: world.user.email, appSlug: "no-such-app" }),
            );
        });

        it("answers 404 to a user or an app of another workspace", async () => {
            const workspace = await world.api.post("/workspaces", { name: unique("w") });
            const { token } = await world.api.post("/api-tokens", {
                name: "t",
                scopes: ["embed"],
                workspaceId: workspace.id,
            });
            await refused(404, /user|app/i, world.api.as(token).mintPat(body()));
        });

        it("answers 403 to a user who may not use the app", async () => {
            const stranger = await world.api.post("/users", { email: `${unique("s")}@acme.example` });
            await refused(403, /./, world.api.mintPat(body({ email: stranger.email })));
        });

        it("answers 403 to an archived user", async () => {
            const user = await world.api.post("/users", { email: `${unique("a")}@acme.example` });
            await world.api.put(`/groups/${world.group.id}/members/${user.id}`);
            assert.equal((await world.api.mintPat(body({ email: user.email }))).status, 201);
            await world.api.patch(`/users/${user.id}`, { status: "archived" });
            await refused(403, /archived/, world.api.mintPat(body({ email: user.email })));
        });

        it("answers 403 for an app that has no release", async () => {
            const app = await world.api.post("/apps", { name: unique("unreleased") });
            await world.api.put(`/groups/${world.group.id}/apps/${app.id}`);
            await refused(403, /release/, world.api.mintPat(body({ appId: app.id })));
        });

        it("answers 403 in an archived workspace", async () => {
            const workspace = await world.api.post("/workspaces", { name: unique("w") });
            const { token } = await world.api.post("/api-tokens", {
                name: "t",
                scopes: ["embed"],
                workspaceId: workspace.id,
            });
            const user = await world.api.expect(201, "POST", "/users", {
                query: { workspaceId: workspace.id },
                body: { email: "u@acme.example" },
            });
            const app = await world.api.expect(201, "POST", "/apps", {
                query: { workspaceId: workspace.id },
                body: { name: "app" },
            });
            await world.api.patch(`/workspaces/${workspace.id}`, { status: "archived" });
            const answer = await world.api.as(token).mintPat({ userId: user.id, appId: app.id });
            assert.equal(answer.status, 403, answer.text);
        });
    });

    it("replaces the token before, for the same user and app only", async () => {
        const other = await world.api.post("/users", { email: `${unique("o")}@acme.example` });
        await world.api.put(`/groups/${world.group.id}/members/${other.id}`);
        await world.api.mintPat(body({ email: other.email }));
        await world.pat();
        await world.pat();
        const mine = await world.api.all("/links", { userId: world.user.id, appId: world.app.id });
        assert.deepEqual(
            mine.slice(0, 2).map((link) => link.status),
            ["active", "replaced"],
        );
        const theirs = await world.api.all("/links", { userId: other.id });
        assert.deepEqual(
            theirs.map((link) => link.status),
            ["active"],
        );
    });
});

describe("the mint limit", () => {
    it("answers 429 with Retry-After past it, for that token and user only", async () => {
        const server = await startServer({ mint_limit_per_minute: 3, embed_limit_per_minute: 4 });
        try {
            const world = await makeWorld(server);
            const body = { email: world.user.email, appId: world.app.id };
            for (let n = 0; n < 3; n++) {
                assert.equal((await world.api.mintPat(body)).status, 201);
            }
            const answer = await world.api.mintPat(body);
            assert.equal(answer.status, 429, answer.text);
            assert.match(answer.headers["retry-after"], /^\d+$/);
            assert.ok(Number(answer.headers["retry-after"]) <= 60);

            const other = await world.api.post("/users", { email: `${unique("o")}@acme.example` });
            await world.api.put(`/groups/${world.group.id}/members/${other.id}`);
            assert.equal((await world.api.mintPat({ ...body, email: other.email })).status, 201);
            const { token } = await world.api.post("/api-tokens", { name: "t", scopes: ["embed"] });
            assert.equal((await new Api(server, token).mintPat(body)).status, 201);

            const embed = { landingPageUuid: world.app.id, groupIds: [world.group.id], externalIdentifier: "one" };
            for (let n = 0; n < 4; n++) {
                assert.equal((await world.api.mintEmbed(embed)).status, 200);
            }
            const refused = await world.api.mintEmbed(embed);
            assert.equal(refused.status, 429, refused.text);
            assert.equal((await world.api.mintEmbed({ ...embed, externalIdentifier: "two" })).status, 200);
        } finally {
            await server.discard();
        }
    });

    it("is 10 unless configured", async () => {
        const server = await startServer({ mint_limit_per_minute: 10 });
        try {
            const world = await makeWorld(server);
            const statuses = [];
            for (let n = 0; n < 11; n++) {
                statuses.push((await world.api.mintPat({ email: world.user.email, appId: world.app.id })).status);
            }
            assert.deepEqual(statuses, [...Array(10).fill(201), 429]);
        } finally {
            await server.discard();
        }
    });
});
