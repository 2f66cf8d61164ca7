// The keys by which an app's server verifies who its user is.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Api } from "../lib/api.mjs";
import { request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";

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
});
