// Whatever ends a session ends it on the very next request.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startServer } from "../lib/server.mjs";
import { smallApp, tarGz } from "../lib/bundle.mjs";
import { deploy, makeWorld, portalOrigin, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;

/** The session that an opened frame has. */
const idOf = async (opened) => (await opened.session()).json.session.id;

const waysToEnd = {
    "its own revocation": {
        reason: "revoked",
        end: async (world, opened) => world.api.delete(`/sessions/${await idOf(opened)}`),
    },
    "revocation of all the user's sessions": {
        reason: "revoked",
        end: async (world) => {
            const { ended } = await world.api.expect(200, "DELETE", "/sessions", { query: { userId: world.user.id } });
            assert.equal(ended, 1);
        },
    },
    "revocation of all the app's sessions": {
        reason: "revoked",
        end: async (world) => {
            const { ended } = await world.api.expect(200, "DELETE", "/sessions", { query: { appId: world.app.id } });
            assert.equal(ended, 1);
        },
    },
    "revocation of its link": {
        reason: "link_revoked",
        end: async (world) => {
            const [link] = (await world.api.get("/links", { userId: world.user.id, limit: 1 })).items;
            await world.api.delete(`/links/${link.id}`);
        },
    },
    logout: {
        reason: "logout",
        end: async (world, opened) => {
            const answer = await opened.fetch("/_inlay/logout", { method: "POST" });
            assert.equal(answer.status, 204, answer.text);
            assert.match(answer.headers["set-cookie"][0], /^__Host-inlay=; .*Max-Age=0/);
        },
        code: "session_missing", // the browser gave its cookie back
    },
    "archiving the user": {
        reason: "user_archived",
        end: (world) => world.api.patch(`/users/${world.user.id}`, { status: "archived" }),
    },
    "deleting the user": {
        reason: null,
        code: "session_missing", // nothing is left of it
        end: (world) => world.api.delete(`/users/${world.user.id}`),
    },
    "leaving the group": {
        reason: "no_access",
        end: (world) => world.api.delete(`/groups/${world.group.id}/members/${world.user.id}`),
    },
    "the group losing the app": {
        reason: "no_access",
        end: (world) => world.api.delete(`/groups/${world.group.id}/apps/${world.app.id}`),
    },
    "deleting the group": {
        reason: "no_access",
        end: (world) => world.api.delete(`/groups/${world.group.id}`),
    },
    "deleting the app": {
        reason: null,
        code: "session_missing",
        end: (world) => world.api.delete(`/apps/${world.app.id}`),
    },
    "moving the app": {
        reason: "app_moved",
        end: async (world) => {
            const workspace = await world.api.post("/workspaces", { name: unique("w") });
            await world.api.patch(`/apps/${world.app.id}`, { workspaceId: workspace.id });
        },
    },
};

describe("a session", () => {
    before(async () => {
        server = await startServer({ workers: 2 });
    });
    after(() => server.discard());

    for (const [what, { reason, end, code = "session_ended" }] of Object.entries(waysToEnd)) {
        it(`ends by ${what}`, async () => {
            const world = await makeWorld(server);
            const bystander = await (await makeWorld(server)).opened();
            const opened = await world.opened();
            const cookie = `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`;
            const id = await idOf(opened);
            assert.equal(await opened.refusal(), null);

            await end(world, opened);

            for (const path of ["/_inlay/session", "/", "/assets/main-Bx7dK2p9.js", "/words.txt", "/some/route"]) {
                const answer = await opened.fetch(path, { headers: { Cookie: cookie } });
                assert.equal(answer.status, 401, `${path}: ${answer.text.slice(0, 200)}`);
                assert.ok(["session_ended", "session_missing"].includes(answer.json.code), answer.json.code);
            }
            assert.equal(await opened.refusal(), code);
            assert.equal(await bystander.refusal(), null, "nobody else's session ends with it");
            if (reason !== null) {
                const session = await world.api.get(`/sessions/${id}`);
                assert.equal(session.status, "ended");
                assert.equal(session.endReason, reason);
                assert.ok(session.endedAt !== null);
                const event = await world.lastEvent("end", { sessionId: id });
                assert.equal(event.detail.reason, reason);
            }
        });
    }

    it("of claims ends when the claimed group loses the app", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened(await world.embedLink());
        await world.api.delete(`/groups/${world.group.id}/apps/${world.app.id}`);
        assert.equal(await opened.refusal(), "session_ended");
    });

    it("of claims ends when the claimed group is deleted", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened(await world.embedLink());
        await world.api.delete(`/groups/${world.group.id}`);
        assert.equal(await opened.refusal(), "session_ended");
    });

    it("goes on while another group still allows the app", async () => {
        const world = await makeWorld(server);
        const second = await world.api.post("/groups", { name: unique("g") });
        await world.api.put(`/groups/${second.id}/apps/${world.app.id}`);
        await world.api.put(`/groups/${second.id}/members/${world.user.id}`);
        const opened = await world.opened();
        await world.api.delete(`/groups/${world.group.id}`);
        assert.equal(await opened.refusal(), null);
        await world.api.delete(`/groups/${second.id}/members/${world.user.id}`);
        assert.equal(await opened.refusal(), "session_ended");
    });

    it("stays ended when what ended it is taken back", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened();
        await world.api.patch(`/users/${world.user.id}`, { status: "archived" });
        assert.equal(await opened.refusal(), "session_ended");
        await world.api.patch(`/users/${world.user.id}`, { status: "active" });
        assert.equal(await opened.refusal(), "session_ended");
        assert.equal((await opened.browser.open(await world.patLink())).status, 200, "a new link opens a new one");
    });

    it("stays ended when its app moved away and came back before anybody asked", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened();
        const workspace = await world.api.post("/workspaces", { name: unique("w") });
        await world.api.patch(`/apps/${world.app.id}`, { workspaceId: workspace.id });
        await world.api.patch(`/apps/${world.app.id}`, { workspaceId: world.app.workspaceId });
        await world.api.put(`/groups/${world.group.id}/apps/${world.app.id}`);
        assert.equal(await opened.refusal(), "session_ended");
    });

    it("ends with its workspace, archived or deleted", async () => {
        const { api } = await makeWorld(server);
        for (const how of ["archived", "deleted"]) {
            const { id } = await api.post("/workspaces", { name: unique("w") });
            const query = { workspaceId: id };
            const body = { name: "app", portals: [portalOrigin] };
            const app = await api.expect(201, "POST", "/apps", { query, body });
            await deploy(api, app.id, "1.0.0", smallApp());
            const group = await api.expect(201, "POST", "/groups", { query, body: { name: "g" } });
            await api.put(`/groups/${group.id}/apps/${app.id}`);
            const { token } = await api.post("/api-tokens", { name: "t", scopes: ["embed"], workspaceId: id });
            const minted = await api
                .as(token)
                .mintEmbed({ landingPageUuid: app.id, groupIds: [group.id], externalIdentifier: "x" });
            assert.equal(minted.status, 200, minted.text);
            const opened = await (await makeWorld(server)).opened(minted.json.embedUrl);
            if (how === "archived") {
                await api.patch(`/workspaces/${id}`, { status: "archived" });
            } else {
                await api.delete(`/workspaces/${id}`);
            }
            assert.equal(await opened.refusal(), how === "archived" ? "session_ended" : "session_missing");
        }
    });

    it("ends with the release, branch or environment that its link named", async () => {
        const world = await makeWorld(server);
        const { api, app } = world;
        await deploy(api, app.id, "2.0.0", smallApp("two"));
        await api.expect(201, "POST", `/apps/${app.id}/releases`, {
            query: { branch: "b" },
            raw: tarGz(smallApp("b")),
            type: "application/gzip",
        });
        const environment = await api.post("/environments", { name: unique("e") });
        const ways = [
            [{ releaseVersion: "1.0.0" }, `/apps/${app.id}/releases/1.0.0`],
            [{ branch: "b" }, `/apps/${app.id}/branches/b`],
            [{ environment: environment.name }, `/environments/${environment.id}`],
        ];
        const follower = await world.opened(await world.embedLink());
        for (const [claims, path] of ways) {
            const opened = await world.opened(await world.embedLink(claims));
            await api.delete(path);
            assert.equal(await opened.refusal(), "session_ended", path);
        }
        assert.equal(await follower.refusal(), null);
    });

    it("of a logout ends alone: other sessions of the same user go on", async () => {
        const world = await makeWorld(server);
        const link = await world.patLink();
        const [one, two] = [await world.opened(link), await world.opened(link)];
        await one.fetch("/_inlay/logout", { method: "POST" });
        assert.equal(await two.refusal(), null);
    });

    it("tells why it ended, to a person and to the portal", async () => {
        const world = await makeWorld(server);
        for (const [end, word] of [
            [(id) => world.api.delete(`/sessions/${id}`), /administrator ended/i],
            [() => world.api.patch(`/users/${world.user.id}`, { status: "archived" }), /archived|no longer|ended/i],
        ]) {
            const opened = await world.opened();
            await end(await idOf(opened));
            const page = await opened.navigate("/");
            assert.equal(page.status, 401);
            assert.match(page.headers["content-type"], /^text\/html/);
            assert.match(page.text, /data-code="session_ended"/);
            assert.match(page.text, /data-portals="http:\/\/localhost:5173"/);
            assert.match(page.text, word);
            assert.doesNotMatch(page.text, /<form|<input|password/i);
        }
    });

    it("cannot be ended twice, and an unknown one is 404", async () => {
        const world = await makeWorld(server);
        const id = await idOf(await world.opened());
        await world.api.delete(`/sessions/${id}`);
        const { endedAt } = await world.api.get(`/sessions/${id}`);
        await world.api.delete(`/sessions/${id}`);
        assert.equal((await world.api.get(`/sessions/${id}`)).endedAt, endedAt);
        await world.api.refused(404, "not_found", "DELETE", "/sessions/11111111-2222-4333-8444-555555555555");
    });

    it("is not ended in bulk without saying whose", async () => {
        const world = await makeWorld(server);
        const answer = await world.api.call("DELETE", "/sessions");
        assert.equal(answer.status, 400);
    });

    it("is not extended by use", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened();
        const { expiresAt } = (await opened.session()).json.session;
        await opened.navigate("/");
        assert.equal((await opened.session()).json.session.expiresAt, expiresAt);
    });
});
