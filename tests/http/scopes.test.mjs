// Which token may do what: every operation of docs/openapi.yaml with every scope, and the borders of workspaces.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { document, operations } from "../lib/api.mjs";
import { root, startServer } from "../lib/server.mjs";
import { tarGz } from "../lib/bundle.mjs";
import { firstAdmin } from "../lib/console.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** The one table of docs/permissions.md: what each operation needs, and which roles have it. */
const permissions = Object.fromEntries(
    [
        ...fs
            .readFileSync(path.join(root, "docs/permissions.md"), "utf8")
            .matchAll(/^\| `(\w+)` \| `(\w+) ([^`]+)` \| `([^`]+)` \| (yes|no) \| (yes|no) \| (yes|no) \|$/gm),
    ].map(([, id, method, template, need, admin, builder, viewer]) => [
        id,
        { method, template, need, roles: { admin, builder, viewer } },
    ]),
);
const needs = Object.fromEntries(Object.entries(permissions).map(([id, { need }]) => [id, need]));

const missing = "11111111-2222-4333-8444-555555555555";
const scopes = document.components.schemas.Scope.enum;

/** Does a token with this one scope have what an operation needs? */
const allows = (scope, need) =>
    !need.startsWith("self") &&
    (scope === need || scope === "admin" || (need.endsWith(":read") && scope === need.replace(":read", ":write")));

/** A path that addresses nothing, so that a call that is allowed does no harm. */
const pathOf = (template) =>
    template
        .replace("/groups/{id}", "/groups/999999")
        .replace("{version}", "9.9.9")
        .replace("{name}", "nothing")
        .replaceAll(/\{[^}]+\}/g, missing);

describe("scopes", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {Map<string, import("../lib/api.mjs").Api>} */ const byScope = new Map();
    /** @type {Map<string, import("../lib/console.mjs").Console>} */ const byRole = new Map();

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        const admin = await firstAdmin(server);
        for (const role of ["admin", "builder", "viewer"]) {
            byRole.set(role, role === "admin" ? admin : await admin.invite(role));
        }
        for (const scope of scopes) {
            const { token } = await world.api.post("/api-tokens", { name: scope, scopes: [scope] });
            byScope.set(scope, world.api.as(token));
        }
    });
    after(() => server.discard());

    const needOf = ({ security }) => security.map((one) => one.apiToken?.[0] ?? one.admin?.[0]).find(Boolean);
    const guarded = operations.filter(({ operation }) => needOf(operation) !== undefined);

    it("are written in openapi.yaml as docs/permissions.md says, for every operation", () => {
        const written = Object.fromEntries(guarded.map(({ operation }) => [operation.operationId, needOf(operation)]));
        assert.deepEqual(written, needs);
        for (const { method, template, operation } of guarded) {
            const row = permissions[operation.operationId];
            assert.equal(`${row.method} ${row.template}`, `${method} ${template}`);
        }
    });

    for (const { method, template, operation } of guarded) {
        it(`${method} ${template} takes ${needs[operation.operationId]}`, async () => {
            const need = needs[operation.operationId];
            const path = pathOf(template);
            const call = {
                body: method === "POST" || method === "PATCH" ? {} : undefined,
                query: { endSessions: { userId: missing }, streamEvents: { seconds: 0 } }[operation.operationId],
            };
            const outcomes = await Promise.all(
                [...byScope].map(async ([scope, api]) => ({ scope, answer: await api.call(method, path, call) })),
            );
            for (const { scope, answer } of outcomes) {
                if (allows(scope, need)) {
                    assert.ok(
                        ![401, 403].includes(answer.status),
                        `${scope} is enough: ${answer.status} ${answer.text}`,
                    );
                } else {
                    assert.equal(answer.status, 403, `${scope} is not enough: ${answer.text}`);
                    assert.match(answer.text, new RegExp(need), "it says which scope is missing");
                    if (!path.startsWith("/api/e")) {
                        assert.equal(answer.json.code, "scope_missing");
                    }
                }
            }
            for (const [role, admin] of byRole) {
                if (operation.operationId === "signOut") {
                    continue; // would end what the next calls need
                }
                const { status, text } = await admin.call(method, path, call);
                if (permissions[operation.operationId].roles[role] === "yes") {
                    assert.ok(![401, 403].includes(status), `${role} may: ${status} ${text}`);
                } else {
                    assert.ok([401, 403].includes(status), `${role} may not: ${status} ${text}`);
                }
            }
            assert.equal((await world.api.as(null).call(method, path, call)).status, 401);
            assert.equal((await world.api.as(`inlay_${"x".repeat(43)}`).call(method, path, call)).status, 401);
        });
    }

    it("are checked before the body is read", async () => {
        const answer = await byScope.get("events:read").call("POST", "/users", { raw: "nonsense" });
        assert.equal(answer.status, 403);
    });

    it("can be given away only by who has them", async () => {
        const { token } = await world.api.post("/api-tokens", {
            name: "t",
            scopes: ["api-tokens:write", "users:write"],
        });
        const api = world.api.as(token);
        await api.post("/api-tokens", { name: "ok", scopes: ["users:read", "users:write", "api-tokens:read"] });
        for (const scope of ["admin", "embed", "apps:read", "workspaces:write"]) {
            await api.refused(403, "scope_missing", "POST", "/api-tokens", {
                body: { name: "no", scopes: ["users:read", scope] },
            });
        }
    });

    it("other than admin do not reach another workspace", async () => {
        const workspace = await world.api.post("/workspaces", { name: unique("w") });
        const query = { workspaceId: workspace.id };
        const all = scopes.filter((scope) => scope !== "admin");
        const { token } = await world.api.post("/api-tokens", { name: "t", scopes: all });
        const api = world.api.as(token);
        for (const path of [
            "/users",
            "/groups",
            "/apps",
            "/environments",
            "/api-tokens",
            "/links",
            "/sessions",
            "/events",
        ]) {
            const answer = await api.call("GET", path, { query });
            assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
        }
        for (const [path, body] of [
            ["/users", { email: "x@y.example" }],
            ["/groups", { name: "x" }],
            ["/apps", { name: "x" }],
            ["/environments", { name: "x" }],
        ]) {
            const answer = await api.call("POST", path, { query, body });
            assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
        }
        const answer = await api.call("POST", "/api-tokens", {
            body: { name: "x", scopes: ["embed"], workspaceId: workspace.id },
        });
        assert.ok([403, 404].includes(answer.status), answer.text);
        assert.deepEqual(
            (await api.get("/workspaces")).items.map((one) => one.id),
            [world.app.workspaceId],
        );
    });

    it("other than admin do not see or touch another workspace's objects", async () => {
        const workspace = await world.api.post("/workspaces", { name: unique("w") });
        const query = { workspaceId: workspace.id };
        const all = scopes.filter((scope) => scope !== "admin");
        const { token, id: tokenId } = await world.api.post("/api-tokens", {
            name: "t",
            scopes: all,
            workspaceId: workspace.id,
        });
        const stranger = world.api.as(token);
        await world.opened(await world.embedLink());
        const [session] = (await world.api.get("/sessions", { limit: 1 })).items;
        const { app, group, user } = world;
        const environment = await world.api.post("/environments", { name: unique("e") });
        const [mine] = (await world.api.get("/api-tokens", { limit: 1 })).items;
        const objects = [
            `/workspaces/${app.workspaceId}`,
            `/users/${user.id}`,
            `/groups/${group.id}`,
            `/apps/${app.id}`,
            `/environments/${environment.id}`,
            `/api-tokens/${mine.id}`,
            `/links/${session.linkId}`,
            `/sessions/${session.id}`,
        ];
        for (const path of objects) {
            assert.equal((await stranger.call("GET", path)).status, 404, path);
            if (!path.startsWith("/workspaces")) {
                assert.equal((await stranger.call("DELETE", path)).status, 404, path);
            }
        }
        for (const path of [
            `/users/${user.id}`,
            `/groups/${group.id}`,
            `/apps/${app.id}`,
            `/environments/${environment.id}`,
            `/api-tokens/${mine.id}`,
            `/workspaces/${app.workspaceId}`,
        ]) {
            assert.equal(
                (
                    await stranger.call("PATCH", path, {
                        body: path.startsWith("/users") ? { firstName: "x" } : { name: "x" },
                    })
                ).status,
                404,
                path,
            );
        }
        for (const path of [
            `/apps/${app.slug}`,
            `/apps/${app.id}/releases`,
            `/apps/${app.id}/releases/1.0.0`,
            `/apps/${app.id}/branches`,
            `/groups/${group.id}/members`,
            `/groups/${group.id}/apps`,
        ]) {
            assert.equal((await stranger.call("GET", path)).status, 404, path);
        }
        const own = await stranger.post("/groups", { name: "own" });
        assert.equal((await stranger.call("PUT", `/groups/${own.id}/members/${user.id}`)).status, 404);
        assert.equal((await stranger.call("PUT", `/groups/${own.id}/apps/${app.id}`)).status, 404);
        assert.equal((await stranger.call("PUT", `/groups/${own.id}/apps/${app.slug}`)).status, 404);
        const upload = await stranger.call("POST", `/apps/${app.id}/releases`, {
            query: { version: "9.0.0" },
            raw: tarGz([{ path: "index.html", content: "x" }]),
            type: "application/gzip",
        });
        assert.equal(upload.status, 404, upload.text);
        for (const path of ["/links", "/sessions", "/events"]) {
            assert.deepEqual((await stranger.get(path, { appId: app.id })).items, [], path);
        }
        assert.equal((await stranger.expect(200, "DELETE", "/sessions", { query: { appId: app.id } })).ended, 0);
        assert.ok((await stranger.all("/events")).every((event) => event.workspaceId === workspace.id));
        assert.deepEqual(
            (await world.api.expect(200, "GET", "/api-tokens", { query })).items.map((one) => one.id),
            [tokenId],
        );
        assert.equal((await world.api.get(`/sessions/${session.id}`)).status, "active");
    });

    it("other than admin do not move an app", async () => {
        const workspace = await world.api.post("/workspaces", { name: unique("w") });
        const answer = await byScope
            .get("apps:write")
            .call("PATCH", `/apps/${world.app.id}`, { body: { workspaceId: workspace.id } });
        assert.ok([403, 404].includes(answer.status), answer.text);
        assert.equal((await world.api.get(`/apps/${world.app.id}`)).workspaceId, world.app.workspaceId);
    });

    it("of admin reach every workspace", async () => {
        const workspace = await world.api.post("/workspaces", { name: unique("w") });
        const query = { workspaceId: workspace.id };
        const admin = byScope.get("admin");
        const user = await admin.expect(201, "POST", "/users", { query, body: { email: "u@v.example" } });
        assert.equal((await admin.get(`/users/${user.id}`)).id, user.id);
        assert.deepEqual(
            (await admin.expect(200, "GET", "/users", { query })).items.map((one) => one.id),
            [user.id],
        );
        assert.ok(!(await admin.all("/users")).some((one) => one.id === user.id));
    });
});
