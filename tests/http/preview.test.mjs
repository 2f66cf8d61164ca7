// The console's embed tester: a decision in words, and a link for the console's own page.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, firefox } from "../lib/browserlike.mjs";
import { firstAdmin } from "../lib/console.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const missing = "11111111-2222-4333-8444-555555555555";

describe("the embed tester", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {import("../lib/api.mjs").Api} */ let api;
    /** @type {import("../lib/console.mjs").Console} */ let admin;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        api = world.api;
        admin = await firstAdmin(server);
    });
    after(() => server.discard());

    const check = (body) => admin.expect(200, "POST", "/access-checks", { body: { appId: world.app.id, ...body } });
    const external = (more = {}) => ({ externalIdentifier: "ann", groupIds: [world.group.id], ...more });

    it("says in words why a link would not open, and makes nothing", async () => {
        const stranger = await api.post("/users", { email: `${unique("s")}@acme.example` });
        const other = await api.post("/groups", { name: unique("other") });
        const events = (await api.all("/events")).length;
        for (const [body, reason] of [
            [{ userId: stranger.id }, "no_access"],
            [{ email: stranger.email }, "no_access"],
            [{ email: "nobody@acme.example" }, "user_unknown"],
            [{ userId: missing }, "user_unknown"],
            [external({ groupIds: [other.id] }), "no_access"],
            [external({ groupIds: [999_999] }), "group_not_found"],
            [external({ environment: "moon" }), "environment_gone"],
            [external({ releaseVersion: "9.9.9" }), "release_gone"],
            [external({ branch: "nothing" }), "branch_gone"],
            [external(), "allowed"],
            [{ email: world.user.email }, "allowed"],
        ]) {
            const decision = await check(body);
            assert.deepEqual([decision.reason, decision.allowed], [reason, reason === "allowed"], JSON.stringify(body));
            assert.match(decision.message, /^[A-Z].*\.$/);
        }
        const { groups } = await check(external({ groupIds: [other.id] }));
        assert.deepEqual(
            groups.map(({ id, hasUser, mayUseApp }) => [id, hasUser, mayUseApp]),
            [
                [world.group.id, false, true],
                [other.id, true, false],
            ],
        );
        await api.patch(`/users/${stranger.id}`, { status: "archived" });
        assert.equal((await check({ userId: stranger.id })).reason, "user_archived");
        assert.equal((await api.all("/events")).length, events + 1, "the archive alone left an event");
        await admin.refused(404, "not_found", "POST", "/access-checks", {
            body: { appId: missing, email: "a@b.example" },
        });
        for (const body of [
            {},
            { userId: missing, email: "a@b.example" },
            { externalIdentifier: "x" },
            { email: "a@b.example", metadata: { a: 1 } },
            external({ metadata: { x: 1.5 } }),
            external({ branch: "a", releaseVersion: "1.0.0" }),
        ]) {
            await admin.refused(400, "member_invalid", "POST", "/access-checks", {
                body: { appId: world.app.id, ...body },
            });
        }
    });

    it("opens an app in the console's page, on an origin of its own, uncounted, in the admin's name", async () => {
        const user = { externalIdentifier: unique("known"), groupIds: [world.group.id], metadata: { storeId: 51 } };
        const real = await world.opened(
            await world.embedLink({ ...user, metadata: { storeId: 7 }, userInfo: { first_name: "Real" } }),
        );
        const views = (await api.get("/usage", { appId: world.app.id })).views;
        const preview = await admin.post("/previews", { appId: world.app.slug, ...user });
        const opened = await world.opened(preview.url);
        assert.equal(opened.origin, preview.origin);
        assert.notEqual(opened.origin, real.origin);
        const ancestors = `frame-ancestors ${world.app.portals.join(" ")} ${new URL(server.url).origin} 'self'`;
        for (let again = 0; again < 2; again += 1) {
            assert.equal((await opened.navigate("/")).headers["content-security-policy"], ancestors);
            assert.ok(
                !(await real.navigate("/")).headers["content-security-policy"].includes(new URL(server.url).origin),
                "the portal's is as it was",
            );
        }
        const shown = (await opened.session()).json;
        assert.deepEqual(shown.currentUser.metadata, { storeId: 51 });
        assert.deepEqual((await real.session()).json.currentUser.metadata, { storeId: 7 });
        const known = await api.get(`/users/${preview.userId}`);
        assert.deepEqual([known.firstName, known.metadata], ["Real", { storeId: 7 }], "what the portal told stays");

        const [mint] = await api.all("/events", { type: "mint", actor: admin.email });
        assert.deepEqual([mint.actor.kind, mint.linkId, mint.detail], ["admin", preview.linkId, { preview: true }]);
        const [redeem] = await api.all("/events", { sessionId: shown.session.id, type: "redeem" });
        assert.deepEqual(redeem.detail, { preview: true });
        assert.equal((await api.get(`/sessions/${shown.session.id}`)).claims.preview, true);
        assert.equal((await api.get("/usage", { appId: world.app.id })).views, views);

        assert.equal((await new Browserlike(firefox).open(preview.url)).status, 410);
        await api.delete(`/sessions/${shown.session.id}`);
        const ended = await opened.navigate("/");
        assert.equal(ended.status, 401);
        assert.match(
            ended.headers["content-security-policy"],
            new RegExp(`${ancestors.slice(16)}$`),
            "the console sees why",
        );
    });

    it("makes no link that the user could not have, and none for whoever has not signed in to the console", async () => {
        const stranger = await api.post("/users", { email: `${unique("s")}@acme.example` });
        const call = { body: { appId: world.app.id, userId: stranger.id } };
        await admin.refused(403, "no_access", "POST", "/previews", call);
        await api.refused(403, "scope_missing", "POST", "/previews", call);
        await (await admin.invite("viewer")).refused(403, "scope_missing", "POST", "/previews", call);
        await admin
            .from({ Origin: "http://evil.example", "Sec-Fetch-Site": "cross-site" })
            .refused(403, "cross_origin", "POST", "/previews", call);
    });
});
