// The examples that verify who the user is, against a server's own keys: what Inlay signed passes, nothing else does.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../lib/browserlike.mjs";
import { freePort, root, startServer } from "../lib/server.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {any} the server's signing key, private part too */ let key;
const audience = crypto.randomUUID();
const base64url = (value) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A JWT as Inlay makes them, but for what is given. */
function assertion({ header = {}, claims = {}, jwk = key } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const signed = [
        { alg: "ES256", typ: "JWT", kid: key.kid, ...header },
        { iss: server.url, aud: audience, sub: "ann", iat: now, exp: now + 60, ...claims },
    ]
        .map(base64url)
        .join(".");
    const privateKey = crypto.createPrivateKey({ key: jwk, format: "jwk" });
    const signature = crypto.sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${signed}.${header.alg === "none" ? "" : signature.toString("base64url")}`;
}

before(async () => {
    server = await startServer();
    const { keys } = (await request(`${server.url}/.well-known/jwks.json`)).json;
    const file = fs.readdirSync(server.data).find((name) => name.endsWith(".db"));
    const secret = execFileSync(
        "sqlite3",
        [path.join(server.data, String(file)), "SELECT hex(private) FROM signing_keys"],
        { encoding: "utf8" },
    );
    key = { ...keys[0], d: Buffer.from(secret.trim(), "hex").toString("base64url") };
});
after(() => server.discard());

const apps = {
    "verify-express": ["node", "server.js"],
    "verify-flask": ["/usr/bin/python3", "app.py"],
    "verify-go": [path.join(root, "build/example-verify-go")],
};
for (const [example, [command, ...words]] of Object.entries(apps)) {
    describe(example, () => {
        /** @type {import("node:child_process").ChildProcess} */ let child;
        let url = "";
        before(async () => {
            const port = await freePort();
            url = `http://localhost:${port}/whoami`;
            child = spawn(command, words, {
                cwd: path.join(root, "examples", example),
                env: { ...process.env, PORT: String(port), INLAY_URL: server.url, APP_ID: audience },
                stdio: "ignore",
            });
            for (const end = Date.now() + 60_000; ; await sleep(50)) {
                if (await fetch(url).catch(() => null)) {
                    break;
                }
                assert.ok(Date.now() < end && child.exitCode === null, `${example} did not start`);
            }
        });
        after(() => child.kill());

        const ask = (token) => fetch(url, { headers: token === null ? {} : { "X-Inlay-Assertion": token } });

        it("knows the user of an assertion that Inlay's key signed", async () => {
            const answer = await ask(assertion());
            assert.equal(answer.status, 200);
            assert.deepEqual(await answer.json(), { user: "ann" });
        });

        const wrong = {
            "no assertion": () => null,
            "something that is no JWT": () => "nonsense",
            "another app's": () => assertion({ claims: { aud: crypto.randomUUID() } }),
            "another server's": () => assertion({ claims: { iss: "https://evil.example" } }),
            "an expired one": () => assertion({ claims: { iat: 1_000_000_000, exp: 1_000_000_060 } }),
            "one without an end": () => assertion({ claims: { exp: undefined } }),
            "one by another key": () =>
                assertion({
                    jwk: crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
                }),
            "one that is not signed": () => assertion({ header: { alg: "none" } }),
        };
        for (const [what, make] of Object.entries(wrong)) {
            it(`refuses ${what}`, async () => {
                assert.equal((await ask(make())).status, 401);
            });
        }
    });
}
