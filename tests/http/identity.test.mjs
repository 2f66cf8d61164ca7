// The keys by which an app's server verifies who its user is.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { run, startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

describe("the public keys", () => {
    /** @type {import("../lib/server.mjs").Server} */
    let server;
    before(async () => {
        server = await startServer();
    });
    after(() => server.discard());

    test("are there for anybody, may be cached, and hold no private part", async () => {
        const answer = await new Api(server, null).call("GET", "/.well-known/jwks.json");
        assert.equal(answer.headers["cache-control"], "public, max-age=300");
        assert.equal(answer.json.keys.length, 1);
        const [key] = answer.json.keys;
        assert.equal(crypto.createPublicKey({ key, format: "jwk" }).asymmetricKeyDetails?.namedCurve, "prime256v1");
        const members = JSON.stringify({ crv: key.crv, kty: key.kty, x: key.x, y: key.y });
        assert.equal(key.kid, crypto.createHash("sha256").update(members).digest("base64url"));
    });

    test("are answered by address too, but not in the place of an app", async () => {
        const url = `${server.url}/.well-known/jwks.json`;
        assert.equal((await request(url, { headers: { Host: "inlay.internal:3000" } })).status, 200);
        const label = `${"a".repeat(26)}.localhost:${server.port}`;
        assert.equal((await request(url, { headers: { Host: label } })).status, 401);
    });

    test("stay the same over a restart", async () => {
        const keys = async () => (await new Api(server, null).call("GET", "/.well-known/jwks.json")).json.keys;
        const before = await keys();
        await server.stop();
        await server.start();
        assert.deepEqual(await keys(), before);
    });

    test("are rotated by hand, with an overlap and without a restart", async () => {
        const api = new Api(server, server.token);
        const published = async () =>
            (await new Api(server, null).call("GET", "/.well-known/jwks.json")).json.keys.map(({ kid }) => kid);
        const [before] = await published();
        const next = await api.expect(201, "POST", "/signing-keys");
        assert.equal(next.state, "next");
        assert.deepEqual(await published(), [next.id, before]);
        assert.equal((await api.expect(409, "POST", "/signing-keys")).code, "rotation_pending");
        assert.deepEqual(
            (await api.get("/signing-keys")).items.map(({ id, state }) => [id, state]),
            [
                [next.id, "next"],
                [before, "current"],
            ],
        );
        assert.equal((await api.get("/signing-keys", { limit: 1 })).next, next.id);
        assert.deepEqual(
            (await api.get("/signing-keys", { limit: 1, after: next.id })).items.map(({ id }) => id),
            [before],
        );
        await api.delete(`/signing-keys/${before}`);
        assert.deepEqual(
            (await api.get("/signing-keys")).items.map(({ id, state }) => [id, state]),
            [[next.id, "current"]],
        );
        assert.equal((await api.get("/events", { type: "signing-key.revoke" })).items[0].detail.keyId, before);
    });
});

describe("a server whose keys have a short overlap", () => {
    test("signs with the new key when it is over, and when its key is revoked", async () => {
        const server = await startServer({ signing_key_overlap_seconds: 1, trusted_proxies: "127.0.0.1" });
        try {
            const opened = await (await makeWorld(server)).opened();
            const environment = { INLAY_API_TOKEN: server.token, INLAY_PUBLIC_URL: server.url };
            const signer = async () => {
                const { headers } = await opened.browser.send(`${opened.origin}/api/forward-auth`, {
                    headers: { "X-Original-Method": "GET" },
                });
                return JSON.parse(Buffer.from(headers["x-inlay-assertion"].split(".")[0], "base64url").toString()).kid;
            };
            const listed = async () =>
                JSON.parse((await run(["key", "list", "--json"], { environment })).stdout).map(
                    ({ id, state }) => `${state} ${id}`,
                );
            const first = await signer();
            const rotated = JSON.parse((await run(["key", "rotate", "--json"], { environment })).stdout);
            await eventually("the change", async () => (await listed())[0] === `current ${rotated.id}`);
            assert.deepEqual(await listed(), [`current ${rotated.id}`, `retired ${first}`]);
            const revoked = await run(["key", "revoke", rotated.id], { environment });
            assert.match(revoked.stdout, /^Revoked the key/, revoked.stderr);
            for (const id of [`-${"x".repeat(42)}`, `--${"x".repeat(41)}`]) {
                const unknown = await run(["key", "revoke", id], { environment });
                assert.match(unknown.stderr, /does not exist|no such/i, "an ID may begin with a hyphen");
            }
            const last = await signer(); // though the worker had an assertion of before
            assert.equal((await listed())[0], `current ${last}`);
            assert.notEqual(last, first);
        } finally {
            await server.discard();
        }
    });
});
