// The audit log: everything that happens leaves one event that says who, what, where from and why.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, firefox } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { smallApp, tarGz } from "../lib/bundle.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/api.mjs").Api} */ let api;
/** @type {any} */ let portal;

describe("the audit log", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        portal = await world.api.post("/api-tokens", { name: "the portal", scopes: ["admin"] });
        api = world.api.as(portal.token);
    });
    after(() => server.discard());

    /** The newest event of a type, its common parts checked. */
    async function last(type, query = {}) {
        const event = await world.lastEvent(type, query);
        assert.ok(event, `there is no event ${type}`);
        assert.ok(Math.abs(Date.now() - Date.parse(event.at)) < 20_000);
        assert.equal(event.workspaceId, world.app.workspaceId);
        assert.equal(event.address, "127.0.0.1");
        return event;
    }
    const byPortal = (event) => assert.deepEqual(event.actor, { kind: "api_token", id: portal.id, name: "the portal" });

    for (const kind of ["reusable", "single-use"]) {
        it(`tells of a ${kind} link: mint, redeem, resume, end`, async () => {
            const url =
                kind === "reusable"
                    ? (await api.mintPat({ email: world.user.email, appId: world.app.id })).json.redirectUrl
                    : (
                          await api.mintEmbed({
                              landingPageUuid: world.app.id,
                              groupIds: [world.group.id],
                              externalIdentifier: "audited",
                          })
                      ).json.embedUrl;
            const [link] = (await api.get("/links", { limit: 1 })).items;

            const mint = await last("mint");
            byPortal(mint);
            assert.deepEqual(
                [mint.userId, mint.appId, mint.linkId, mint.sessionId],
                [link.user.id, world.app.id, link.id, null],
            );

            const opened = await world.opened(url);
            const { id } = (await opened.session()).json.session;
            const redeem = await last("redeem");
            assert.deepEqual(
                [redeem.userId, redeem.appId, redeem.linkId, redeem.sessionId],
                [link.user.id, world.app.id, link.id, id],
            );
            assert.deepEqual([redeem.actor.kind, redeem.actor.id], ["user", link.user.id]);

            await opened.browser.open(url);
            const resume = await last("resume");
            assert.deepEqual([resume.sessionId, resume.linkId], [id, link.id]);

            await opened.fetch("/_inlay/logout", { method: "POST" });
            const end = await last("end");
            assert.deepEqual(
                [end.sessionId, end.userId, end.appId, end.detail.reason],
                [id, link.user.id, world.app.id, "logout"],
            );

            const ofSession = await api.all("/events", { sessionId: id });
            assert.deepEqual(
                ofSession.map((event) => event.type),
                ["end", "resume", "redeem"],
            );
        });
    }

    it("tells of denials at the mint, with their reason", async () => {
        const stranger = await api.post("/users", { email: `${unique("s")}@acme.example` });
        await api.mintPat({ email: stranger.email, appId: world.app.id });
        const event = await last("deny");
        byPortal(event);
        assert.deepEqual([event.userId, event.appId, event.detail.reason], [stranger.id, world.app.id, "no_access"]);

        await api.patch(`/users/${stranger.id}`, { status: "archived" });
        await api.mintPat({ email: stranger.email, appId: world.app.id });
        assert.equal((await last("deny")).detail.reason, "user_archived");
    });

    it("tells of denials at the door, with their reason", async () => {
        const reasons = [];
        const denied = async (link, browser = new Browserlike()) => {
            const answer = await browser.open(link);
            assert.ok(answer.status >= 400, String(answer.status));
            const event = await last("deny");
            reasons.push(event.detail.reason);
            return event;
        };
        const used = await world.embedLink();
        await world.opened(used);
        const first = await denied(used, new Browserlike(firefox));
        const [link] = (await api.get("/links", { limit: 1 })).items;
        assert.deepEqual([first.linkId, first.appId, first.userId], [link.id, world.app.id, link.user.id]);

        const old = await world.patLink();
        await world.patLink();
        await denied(old);

        const revoked = await world.embedLink();
        await api.delete(`/links/${(await api.get("/links", { limit: 1 })).items[0].id}`);
        await denied(revoked);

        const noMore = await world.patLink();
        await api.delete(`/groups/${world.group.id}/members/${world.user.id}`);
        await denied(noMore);
        await api.put(`/groups/${world.group.id}/members/${world.user.id}`);

        assert.equal(new Set(reasons).size, 4, `each has a reason of its own: ${reasons}`);
        assert.match(reasons[0], /used/);
        assert.match(reasons[1], /replaced/);
        assert.match(reasons[2], /revoked/);
        assert.match(reasons[3], /access/);
    });

    it("tells of ends by whoever ended it", async () => {
        const opened = await world.opened();
        const { id } = (await opened.session()).json.session;
        await api.delete(`/sessions/${id}`);
        const end = await last("end");
        byPortal(end);
        assert.deepEqual([end.sessionId, end.userId, end.detail.reason], [id, world.user.id, "revoked"]);
    });

    it("tells of every management change", async () => {
        const upload = (appId, query) =>
            api.expect(201, "POST", `/apps/${appId}/releases`, {
                query,
                raw: tarGz(smallApp(unique("t"))),
                type: "application/gzip",
            });
        const user = await api.post("/users", { email: `${unique("u")}@acme.example` });
        const group = await api.post("/groups", { name: unique("g") });
        const app = await api.post("/apps", { name: unique("a") });
        const environment = await api.post("/environments", { name: unique("e") });
        const token = await api.post("/api-tokens", { name: "short-lived", scopes: ["embed"] });
        const changes = [
            ["user.create", user, null],
            ["group.create", group, null],
            ["app.create", app, null],
            ["environment.create", environment, null],
            ["api-token.create", token, null],
            ["user.update", user, () => api.patch(`/users/${user.id}`, { firstName: "New" })],
            ["group.update", group, () => api.patch(`/groups/${group.id}`, { name: unique("g") })],
            ["group.member.add", user, () => api.put(`/groups/${group.id}/members/${user.id}`)],
            ["group.app.add", app, () => api.put(`/groups/${group.id}/apps/${app.id}`)],
            ["group.app.remove", app, () => api.delete(`/groups/${group.id}/apps/${app.id}`)],
            ["group.member.remove", user, () => api.delete(`/groups/${group.id}/members/${user.id}`)],
            ["group.delete", group, () => api.delete(`/groups/${group.id}`)],
            ["user.archive", user, () => api.patch(`/users/${user.id}`, { status: "archived" })],
            ["user.restore", user, () => api.patch(`/users/${user.id}`, { status: "active" })],
            ["user.delete", user, () => api.delete(`/users/${user.id}`)],
            ["app.update", app, () => api.patch(`/apps/${app.id}`, { portals: ["https://a.example"] })],
            ["release.create", app, () => upload(app.id, { version: "1.0.0" })],
            ["release.create", app, () => upload(app.id, { version: "2.0.0" })],
            ["release.rollback", app, () => api.expect(200, "POST", `/apps/${app.id}/releases/1.0.0/rollback`)],
            ["release.delete", app, () => api.delete(`/apps/${app.id}/releases/2.0.0`)],
            ["branch.update", app, () => upload(app.id, { branch: "b" })],
            ["branch.delete", app, () => api.delete(`/apps/${app.id}/branches/b`)],
            [
                "environment.update",
                environment,
                () => api.patch(`/environments/${environment.id}`, { config: { a: 1 } }),
            ],
            ["environment.delete", environment, () => api.delete(`/environments/${environment.id}`)],
            ["api-token.update", token, () => api.patch(`/api-tokens/${token.id}`, { name: "renamed" })],
            ["api-token.delete", token, () => api.delete(`/api-tokens/${token.id}`)],
            ["app.delete", app, () => api.delete(`/apps/${app.id}`)],
        ];
        const problems = [];
        for (const [type, object, change] of changes) {
            await change?.();
            const event =
                change === null ? await world.lastEvent(type) : (await api.get("/events", { limit: 1 })).items[0];
            if (event?.type !== type) {
                problems.push(`${type}: found ${event?.type}`);
                continue;
            }
            byPortal(event);
            const named = [event.userId, event.appId, ...Object.values(event.detail)].map(String);
            if (!named.includes(String(object.id)) && !named.includes(String(object.name))) {
                problems.push(`${type}: does not say which: ${JSON.stringify(event)}`);
            }
        }
        assert.deepEqual(problems, []);
    });

    it("tells of workspaces and of an app that moves, in the workspace it concerns", async () => {
        const {
            items: [before],
        } = await api.get("/events", { limit: 1 });
        const workspace = await api.post("/workspaces", { name: unique("w") });
        const app = await api.post("/apps", { name: unique("a") });
        await api.patch(`/apps/${app.id}`, { workspaceId: workspace.id });
        await api.patch(`/workspaces/${workspace.id}`, { status: "archived" });
        const both = [
            ...(await api.all("/events")),
            ...(await api.all("/events", { workspaceId: workspace.id })),
        ].filter((event) => event.id > before.id);
        const types = new Set(both.map((event) => event.type));
        for (const type of ["workspace.create", "app.create", "app.move", "workspace.archive"]) {
            assert.ok(types.has(type), `${type} is not among ${[...types]}`);
        }
    });

    it("tells of revoked links and sessions as changes by their actor", async () => {
        await world.opened(await world.embedLink());
        const [link] = (await api.get("/links", { limit: 1 })).items;
        await api.delete(`/links/${link.id}`);
        const event = await last("link.revoke");
        byPortal(event);
        assert.equal(event.linkId, link.id);
        const ofLink = (await api.all("/events", { appId: world.app.id }))
            .filter((one) => one.linkId === link.id)
            .map((one) => one.type);
        assert.ok(ofLink.includes("end"), "and its session ended");
    });

    it("tells of strangers: a link that nobody made, a wrong API token", async () => {
        const origin = new URL(await world.embedLink()).origin;
        await new Browserlike().navigate(`${origin}/_inlay/embed/${"A".repeat(43)}`);
        const link = await last("deny");
        await world.api.as("inlay_wrong").send("GET", "/users");
        const token = await last("deny");
        assert.deepEqual([link.detail.reason, token.detail.reason], ["link_invalid", "api_token_invalid"]);
        for (const event of [link, token]) {
            assert.deepEqual([event.actor.kind, event.userId, event.appId, event.linkId], ["system", null, null, null]);
        }
    });

    it("is read by type, user, app and session, and is newest first with rising ids", async () => {
        const events = await api.all("/events");
        const ids = events.map((event) => event.id);
        assert.deepEqual(
            ids,
            [...ids].sort((a, b) => b - a),
        );
        assert.equal(new Set(ids).size, ids.length);
        for (const [name, value] of [
            ["type", "mint"],
            ["userId", world.user.id],
            ["appId", world.app.id],
        ]) {
            const some = await api.all("/events", { [name]: value });
            assert.ok(some.length > 0);
            assert.deepEqual(
                some,
                events.filter((event) => event[name] === value),
            );
        }
        assert.deepEqual((await api.get("/events", { type: "nothing" })).items, []);
    });

    it("keeps what it told of a user who was deleted, but not the person", async () => {
        const email = `${unique("gone")}@acme.example`;
        const user = await api.post("/users", { email, firstName: "Verysecretname" });
        await api.put(`/groups/${world.group.id}/members/${user.id}`);
        await world.opened((await api.mintPat({ email, appId: world.app.id })).json.redirectUrl);
        await api.delete(`/users/${user.id}`);
        const all = await api.all("/events", { userId: user.id });
        assert.ok(
            ["mint", "redeem", "user.create", "user.delete"].every((type) => all.some((event) => event.type === type)),
        );
        assert.ok(!JSON.stringify(all).includes(email), "the address is in no event");
        assert.ok(!JSON.stringify(all).includes("Verysecretname"));
    });
});
