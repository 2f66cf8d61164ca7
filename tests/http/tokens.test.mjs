// API tokens that expire, are limited to apps, tell where they were used, and give way to another.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { Api, document } from "../lib/api.mjs";
import { smallApp, tarGz } from "../lib/bundle.mjs";
import { exit, expect } from "../lib/command.mjs";
import { eventually } from "../lib/eventually.mjs";
import { root, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/api.mjs").Api} */ let api;

before(async () => {
    server = await startServer({ housekeeping_seconds: 1 });
    world = await makeWorld(server);
    api = world.api;
});
after(() => server.discard());

async function made(body) {
    const token = await api.post("/api-tokens", { name: unique("token"), scopes: ["embed"], ...body });
    return { ...token, api: new Api(server, token.token) };
}

const mint = (caller, of = world) => caller.mintPat({ email: of.user.email, appId: of.app.id });
const shown = (token) => api.get(`/api-tokens/${token.id}`);

describe("an API token that expires", () => {
    it("makes the command warn", async () => {
        const id = (secret) => ({ INLAY_URL: server.url, INLAY_TOKEN: secret });
        const environment = id(server.token);
        const words = ["token", "create", unique("ci"), "--scope", "apps:read", "--expires-in-days", "3"];
        const soon = (await expect(exit.done, words, { environment })).stdout.trim();
        const ran = await expect(exit.done, ["app", "list"], { environment: id(soon) });
        assert.match(ran.stderr, /Warning: the API token from INLAY_TOKEN expires at \S+\. "inlay token rotate"/);
        const far = await expect(exit.done, ["app", "list"], { environment });
        assert.equal(far.stderr, "");
        const listed = await expect(exit.done, ["token", "list"], { environment });
        assert.match(listed.stdout, /EXPIRES .*LAST USED .*FROM/);
    });

    it("says so in each response, announces it a week before, and is refused from then on", async () => {
        const token = await made({ expiresInDays: 10 });
        assert.ok(Math.abs(Date.parse(token.expiresAt) - server.now() - 10 * DAY) < MINUTE);
        const answer = await mint(token.api);
        assert.equal(answer.status, 201);
        assert.equal(answer.headers["inlay-token-expires"], token.expiresAt);
        assert.equal((await token.api.call("GET", "/apps")).headers["inlay-token-expires"], token.expiresAt);
        assert.equal((await mint(api)).headers["inlay-token-expires"], undefined, "others say nothing");

        const announced = async () => {
            const { items } = await api.get("/events", { type: "api-token.expiring" });
            return items.filter(({ detail }) => detail.tokenId === token.id);
        };
        server.advance(2.9 * DAY);
        await mint(token.api);
        assert.deepEqual(await announced(), []);
        server.advance(0.2 * DAY);
        const [event] = await eventually("the announcement", async () => {
            const found = await announced();
            return found.length > 0 ? found : undefined;
        });
        assert.deepEqual([event.detail.name, event.detail.expiresAt], [token.name, token.expiresAt]);
        server.advance(6.8 * DAY);
        assert.equal((await mint(token.api)).status, 201);
        server.advance(0.2 * DAY);
        const refused = await mint(token.api);
        assert.equal(refused.status, 401);
        assert.match(refused.text, /expired at .*Create another one/);
        const problem = await token.api.call("GET", "/apps");
        assert.deepEqual([problem.status, problem.json.code], [401, "api_token_expired"]);
        assert.equal((await announced()).length, 1, "it was told once");
        assert.equal((await shown(token)).expiresAt, token.expiresAt, "it stays in the list");
    });

    it("never does by default, and only in whole days", async () => {
        assert.equal((await made({})).expiresAt, null);
        for (const bad of [0, -1, 3651, "30", 1.5]) {
            const body = { name: "x", scopes: ["embed"], expiresInDays: bad };
            assert.match(JSON.stringify(await api.expect(400, "POST", "/api-tokens", { body })), /expiresInDays/);
        }
    });
});

describe("the last use of an API token", () => {
    it("is known with its time and address", async () => {
        const token = await made({});
        assert.deepEqual([token.lastUsedAt, token.lastUsedAddress], [null, null]);
        await mint(token.api);
        const used = await eventually("the use", async () => {
            const now = await shown(token);
            return now.lastUsedAt === null ? undefined : now;
        });
        assert.equal(used.lastUsedAddress, "127.0.0.1");
        assert.ok(Math.abs(Date.parse(used.lastUsedAt) - server.now()) < MINUTE);
    });
});

describe("an API token that is limited to apps", () => {
    it("mints for them alone", async () => {
        const other = await makeWorld(server);
        const token = await made({ apps: [world.app.id] });
        assert.deepEqual(token.apps, [world.app.id]);
        assert.equal((await mint(token.api)).status, 201);
        const body = { landingPageUuid: other.app.id, groupIds: [other.group.id], externalIdentifier: "x" };
        for (const answer of [await mint(token.api, other), await token.api.mintEmbed(body)]) {
            assert.equal(answer.status, 403);
            assert.match(answer.text, /limited to other apps/);
        }
        assert.deepEqual((await api.get("/users", { externalIdentifier: "x" })).items, []);
        const check = (of) => ({ body: { appId: of.app.id, email: of.user.email } });
        assert.equal((await token.api.expect(200, "POST", "/access-checks", check(world))).allowed, true);
        await token.api.expect(403, "POST", "/access-checks", check(other));
    });

    it("sees and releases them alone", async () => {
        const other = await makeWorld(server);
        const token = await made({ apps: [world.app.id], scopes: ["apps:read", "releases:write"] });
        assert.deepEqual(
            (await token.api.get("/apps")).items.map(({ id }) => id),
            [world.app.id],
        );
        const upload = (app, version) => ({
            query: { version },
            raw: tarGz(smallApp("x")),
            type: "application/gzip",
            path: `/apps/${app}/releases`,
        });
        await token.api.expect(201, "POST", `/apps/${world.app.id}/releases`, upload(world.app.id, "2.0.0"));
        for (const app of [other.app.id, other.app.slug]) {
            const refused = await token.api.expect(403, "POST", `/apps/${app}/releases`, upload(app, "2.0.0"));
            assert.equal(refused.code, "scope_missing");
            await token.api.expect(403, "GET", `/apps/${app}`);
            await token.api.expect(403, "GET", `/apps/${app}/releases`);
            await token.api.expect(403, "GET", `/apps/${app}/branches`);
            await token.api.expect(403, "DELETE", `/apps/${app}/releases/1.0.0`);
        }
    });

    it("stays limited when they are deleted", async () => {
        const other = await makeWorld(server);
        const token = await made({ apps: [other.app.id] });
        await api.delete(`/apps/${other.app.id}`);
        assert.equal((await mint(token.api)).status, 403);
        assert.deepEqual((await shown(token)).apps, [other.app.id]);
    });

    it("can't have scopes that reach beyond an app, nor apps that aren't there", async () => {
        const create = (body) =>
            api.expect(400, "POST", "/api-tokens", { body: { name: "x", scopes: ["embed"], ...body } });
        for (const scope of ["admin", "users:read", "groups:write", "apps:write", "api-tokens:write", "events:read"]) {
            const refused = await create({ apps: [world.app.id], scopes: ["embed", scope] });
            assert.equal(refused.member, "scopes");
            assert.match(refused.detail, new RegExp(`"${scope}"`));
        }
        const elsewhere = await api.post("/workspaces", { name: unique("other") });
        const foreign = await api.expect(201, "POST", "/apps", {
            query: { workspaceId: elsewhere.id },
            body: { name: "foreign" },
        });
        for (const apps of [
            [],
            ["x"],
            [world.app.slug],
            ["11111111-2222-4333-8444-555555555555"],
            [foreign.id],
            "x",
            [1],
        ]) {
            assert.match(JSON.stringify(await create({ apps })), /"apps/);
        }
        assert.equal((await made({ apps: null })).apps, null);
    });
});

describe("an API token that is rotated", () => {
    it("works beside the new one for as long as was asked for, and no longer", async () => {
        const old = await made({
            description: "portal",
            scopes: ["embed", "apps:read"],
            apps: [world.app.id],
            portals: ["https://*.customers.example"],
            expiresInDays: 90,
        });
        const next = await api.expect(201, "POST", `/api-tokens/${old.id}/rotate`, { body: { overlapMinutes: 60 } });
        assert.notEqual(next.id, old.id);
        for (const member of ["name", "description", "scopes", "apps", "portals", "workspaceId"]) {
            assert.deepEqual(next[member], old[member], member);
        }
        assert.ok(Math.abs(Date.parse(next.expiresAt) - server.now() - 90 * DAY) < MINUTE, "as long as the old one");
        assert.ok(Math.abs(Date.parse((await shown(old)).expiresAt) - server.now() - 60 * MINUTE) < MINUTE);
        const event = await world.lastEvent("api-token.rotate");
        assert.deepEqual([event.detail.tokenId, event.detail.replaces], [next.id, old.id]);
        const nextApi = new Api(server, next.token);
        for (const caller of [old.api, nextApi]) {
            assert.equal((await mint(caller)).status, 201);
        }
        server.advance(61 * MINUTE);
        assert.equal((await mint(old.api)).status, 401);
        assert.equal((await mint(nextApi)).status, 201);
        const again = await api.expect(409, "POST", `/api-tokens/${old.id}/rotate`, { body: {} });
        assert.equal(again.code, "api_token_expired");
    });

    it("may stop at once, never lives longer than it would have, and gives its heir another life", async () => {
        const old = await made({ expiresInDays: 1 });
        const body = { overlapMinutes: 43_200, expiresInDays: null };
        const next = await api.expect(201, "POST", `/api-tokens/${old.id}/rotate`, { body });
        assert.equal(next.expiresAt, null);
        assert.equal((await shown(old)).expiresAt, old.expiresAt);
        const environment = { INLAY_URL: server.url, INLAY_TOKEN: server.token };
        const words = ["token", "rotate", next.id, "--overlap-minutes", "0"];
        const last = (await expect(exit.done, words, { environment })).stdout.trim();
        assert.equal((await mint(new Api(server, next.token))).status, 401);
        assert.equal((await mint(new Api(server, last))).status, 201);
        for (const bad of [{ overlapMinutes: -1 }, { overlapMinutes: 43_201 }, { overlap: 5 }]) {
            await api.expect(400, "POST", `/api-tokens/${old.id}/rotate`, { body: bad });
        }
    });

    it("gives nobody what they don't have", async () => {
        const builder = await made({ scopes: ["api-tokens:write", "embed"] });
        const rotate = (token) => builder.api.expect(403, "POST", `/api-tokens/${token.id}/rotate`, { body: {} });
        assert.equal((await rotate(await made({ scopes: ["users:write"] }))).code, "scope_missing");
        const vendor = await made({ portals: ["https://*.customers.example"] });
        assert.equal((await rotate(vendor)).member, "portals");
        assert.equal((await shown(vendor)).expiresAt, null, "and it goes on");
        await builder.api.expect(201, "POST", `/api-tokens/${(await made({})).id}/rotate`, { body: {} });
    });
});

describe("the secret of an API token", () => {
    it("is what the documented pattern of secret scanners finds", async () => {
        const { token } = await made({});
        const page = fs.readFileSync(`${root}/docs/production.md`, "utf8");
        const [, pattern] = /regex = '''(.*)'''/.exec(page) ?? [];
        assert.deepEqual(new RegExp(pattern).exec(`INLAY_TOKEN=${token}\n`)?.[0], token);
        assert.equal(new RegExp(pattern).exec("inlay_token_of_the_portal"), null);
        assert.match(document.components.schemas.NewApiToken.properties.token.pattern, /inlay_/);
    });
});
