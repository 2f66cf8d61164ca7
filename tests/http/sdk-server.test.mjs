// @inlay/server against a real server: its links open, its keys verify, its refusals are typed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { bundle } from "../../sdk/build.mjs";
import { request } from "../lib/browserlike.mjs";
import { freshFolder, root, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
let world, sdk, token;

before(async () => {
    server = await startServer();
    world = await makeWorld(server);
    token = (await world.api.post("/api-tokens", { name: unique("portal"), scopes: ["embed"] })).token;
    const file = path.join(freshFolder(), "server.mjs");
    fs.writeFileSync(file, await bundle(path.join(root, "sdk/server")));
    sdk = await import(pathToFileURL(file).href);
});
after(() => server.discard());

describe("@inlay/server", () => {
    it("asks for links by both contracts, and they open the app", async () => {
        const inlay = sdk.createClient({ url: server.url, token });
        const pat = await inlay.personalAccessToken({ email: world.user.email, appId: world.app.id });
        assert.equal((await (await world.opened(pat.redirectUrl)).session()).json.currentUser.email, world.user.email);
        const { embedUrl } = await inlay.embedUrl({
            landingPageUuid: world.app.id,
            groupIds: [world.group.id],
            externalIdentifier: "acme-7",
            userInfo: { firstName: "Bo", lastName: "Ek" },
            metadata: { big: 9007199254740993n },
        });
        const { text } = await (await world.opened(embedUrl)).session();
        assert.match(text, /"externalIdentifier":\s*"acme-7"/);
        assert.match(text, /"big":\s*9007199254740993\b/);
    });

    it("says what will keep a link from being shown, once", async (t) => {
        const said = t.mock.method(console, "warn", () => {});
        const bare = await makeWorld(server, { portals: [] });
        const inlay = sdk.createClient({ url: server.url, token });
        for (let i = 0; i < 2; i++) {
            const made = await inlay.personalAccessToken({ email: bare.user.email, appId: bare.app.id });
            assert.equal(made.warnings?.[0].code, "portal_not_allowed");
        }
        assert.equal(said.mock.callCount(), 1);
        assert.match(said.mock.calls[0].arguments[0], /^Inlay: No page may show the app/);
    });

    it("tells what was refused and why", async () => {
        const refusal = (options, body) =>
            sdk
                .createClient({ url: server.url, ...options })
                .personalAccessToken(body)
                .catch((error) => error);
        const wrongToken = await refusal({ token: "nonsense" }, { email: world.user.email, appId: world.app.id });
        assert.deepEqual([wrongToken.status, wrongToken.code], [401, "unauthorized"]);
        const wrongBody = await refusal({ token }, { email: world.user.email });
        assert.deepEqual([wrongBody.status, wrongBody.code], [400, "bad_request"]);
        assert.match(wrongBody.message, /app/i);
    });

    it("verifies by the server's keys what they signed, and nothing else", async () => {
        const { keys } = (await request(`${server.url}/.well-known/jwks.json`)).json;
        const database = fs.readdirSync(server.data).find((name) => name.endsWith(".db"));
        const secret = execFileSync(
            "sqlite3",
            [path.join(server.data, String(database)), "SELECT hex(private) FROM signing_keys"],
            { encoding: "utf8" },
        );
        const mine = { ...keys[0], d: Buffer.from(secret.trim(), "hex").toString("base64url") };
        const other = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
        const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
        const sign = (jwk) => {
            const now = Math.floor(Date.now() / 1000);
            const claims = { iss: server.url, aud: world.app.id, sub: world.user.id, iat: now, exp: now + 60 };
            const signed = `${base64url({ alg: "ES256", typ: "JWT", kid: mine.kid })}.${base64url(claims)}`;
            const key = crypto.createPrivateKey({ key: jwk, format: "jwk" });
            return `${signed}.${crypto.sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
        };
        const verify = sdk.verifier({ url: server.url, appId: world.app.id });
        assert.equal((await verify(sign(mine))).sub, world.user.id);
        await assert.rejects(verify(sign(other)), { status: 401, code: "assertion_signature" });
    });
});
