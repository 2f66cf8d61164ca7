// Two callers at once, and one that sends its call again: ETag, If-Match and Idempotency-Key.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { firstAdmin } from "../lib/console.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

describe("a change", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    const patch = (path, name, etag) =>
        world.api.call("PATCH", path, { body: { name }, headers: { "If-Match": etag } });
    const post = (path, body, key, api = world.api) =>
        api.call("POST", path, { body, headers: { "Idempotency-Key": key } });

    it("of an object that somebody else has changed is 409, and changes nothing", async () => {
        const made = await world.api.call("POST", "/groups", { body: { name: unique("g") } });
        const path = `/groups/${made.json.id}`;
        assert.match(made.headers.etag, /^"[0-9a-f]{32}"$/);
        assert.equal((await world.api.call("GET", path)).headers.etag, made.headers.etag);

        const name = unique("first");
        const first = await patch(path, name, made.headers.etag);
        assert.equal(first.status, 200);
        const second = await patch(path, unique("second"), made.headers.etag);
        assert.equal(second.status, 409);
        assert.equal(second.json.code, "changed");
        const now = await world.api.call("GET", path);
        assert.equal(now.json.name, name);
        assert.equal(now.headers.etag, first.headers.etag);

        assert.equal((await patch(path, unique("g"), "*")).status, 200);
        assert.equal((await patch(path, unique("g"), "no quotes")).json.code, "if_match_invalid");
    });

    it("by one of many at once is made once", async () => {
        const { json, headers } = await world.api.call("POST", "/groups", { body: { name: unique("g") } });
        const answers = await Promise.all(
            Array.from({ length: 10 }, () => patch(`/groups/${json.id}`, unique("g"), headers.etag)),
        );
        assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, ...Array(9).fill(409)]);
    });

    it("is compared by nobody but the API: If-Match on a GET is no 412", async () => {
        const answer = await world.api.call("GET", `/groups/${world.group.id}`, { headers: { "If-Match": '"x"' } });
        assert.equal(answer.status, 200);
    });

    it("that is sent again with its key gets the same response, also ten times at once", async () => {
        const body = { name: unique("g") };
        const key = unique("key");
        const answers = await Promise.all(Array.from({ length: 10 }, () => post("/groups", body, key)));
        const [first] = answers;
        for (const answer of answers) {
            assert.equal(answer.status, 201);
            assert.equal(answer.text, first.text);
            assert.equal(answer.headers.etag, first.headers.etag);
        }
        const { items } = await world.api.get("/groups", { search: body.name });
        assert.equal(items.length, 1);
    });

    it("with the key of another request is 409, and a key that is none is 400", async () => {
        const key = unique("key");
        assert.equal((await post("/groups", { name: unique("g") }, key)).status, 201);
        const other = await post("/groups", { name: unique("g") }, key);
        assert.equal(other.status, 409);
        assert.equal(other.json.code, "idempotency_key_reused");
        const long = await post("/groups", { name: unique("g") }, "k".repeat(256));
        assert.equal(long.status, 400);
        assert.equal(long.json.code, "idempotency_key_invalid");
        assert.equal(long.json.limit, 255);
    });

    it("that makes a secret gives it again, to the same caller alone", async () => {
        const body = { name: unique("token"), scopes: ["embed"] };
        const key = unique("key");
        const first = await post("/api-tokens", body, key);
        assert.equal(first.status, 201);
        assert.equal((await post("/api-tokens", body, key)).json.token, first.json.token);
        const { token } = await world.api.post("/api-tokens", { name: unique("admin"), scopes: ["admin"] });
        const other = await post("/api-tokens", body, key, world.api.as(token));
        assert.equal(other.status, 201);
        assert.notEqual(other.json.token, first.json.token);
    });

    it("by an admin who has signed in can be sent again, too", async () => {
        const admin = await firstAdmin(server);
        const body = { name: unique("g") };
        const headers = { "Idempotency-Key": unique("key") };
        const first = await admin.call("POST", "/groups", { body, headers });
        const again = await admin.call("POST", "/groups", { body, headers });
        assert.equal(first.status, 201);
        assert.equal(again.text, first.text);
    });
});
