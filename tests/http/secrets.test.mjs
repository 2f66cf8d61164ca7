// Secrets are planted everywhere a careless server would repeat them, and then looked for in everything it wrote.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { Browserlike, firefox, request } from "../lib/browserlike.mjs";
import { Server, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** Every file below a folder, as latin-1 text. */
function everyFile(folder) {
    return fs
        .readdirSync(folder, { recursive: true })
        .map((name) => path.join(folder, String(name)))
        .filter((name) => fs.statSync(name).isFile())
        .map((name) => ({ name, text: fs.readFileSync(name, "latin1") }));
}

describe("secrets", () => {
    it("appear in no log, event, error or file", async () => {
        const server = await startServer({ access_log: "on", log_level: "notice" });
        try {
            const world = await makeWorld(server);
            const { api } = world;
            /** @type {Record<string, string>} */
            const secrets = { INLAY_API_TOKEN: server.token };
            /** @type {string[]} */
            const errors = [];
            const note = (answer) => {
                if (answer.status >= 400) {
                    errors.push(answer.text, JSON.stringify(answer.rawHeaders));
                }
                return answer;
            };

            const token = (await api.post("/api-tokens", { name: "portal", scopes: ["embed", "users:read"] })).token;
            secrets["an API token"] = token;
            const revoked = await api.post("/api-tokens", { name: "revoked", scopes: ["embed"] });
            secrets["a revoked API token"] = revoked.token;
            await api.delete(`/api-tokens/${revoked.id}`);

            const replaced = await world.pat({ patExpiry: 1 });
            secrets["a replaced PAT"] = replaced.personalAccessToken;
            const pat = await world.pat();
            secrets["a PAT"] = pat.personalAccessToken;
            const embed = await world.embedLink();
            secrets["an embed secret"] = embed.split("/").pop();

            for (const [name, link] of [
                ["PAT", pat.redirectUrl],
                ["embed", embed],
            ]) {
                const browser = new Browserlike();
                const first = await browser.navigate(link);
                secrets[`the proof to enter with (${name})`] = new URL(first.headers.location, link).searchParams.get(
                    "link",
                );
                await browser.open(new URL(first.headers.location, link).href);
                secrets[`a session cookie (${name})`] = browser.cookies(link).get("__Host-inlay");
                await browser.fetch(
                    `${new URL(link).origin}/words.txt?personal-access-token=${pat.personalAccessToken}`,
                );
                await browser.fetch(`${new URL(link).origin}/`, { headers: { Referer: link } });
            }

            // Links in every kind of trouble.
            const other = new Browserlike(firefox);
            for (const link of [embed, replaced.redirectUrl, pat.redirectUrl]) {
                const { origin, pathname, search } = new URL(link);
                note(await other.navigate(link));
                note(await other.navigate(link, { "Sec-Fetch-Dest": "document" }));
                note(await other.navigate(link, { "Sec-Purpose": "prefetch" }));
                note(await request(link, { method: "HEAD" }));
                note(await request(link, { method: "POST", body: "x" }));
                note(await request(link, { method: "POST", body: "x".repeat(50_000) }));
                note(await request(link, { method: "POST", body: "x".repeat(2_000_000) }).catch(() => ({ status: 0 })));
                note(await request(link, { method: "BREW" }));
                note(await request(`${server.url}${pathname}${search}`));
                note(await request(`${server.url}${pathname}${search}`, { headers: { Host: "evil.example" } }));
                note(await request(`${server.url}/api/v1${pathname}${search}`));
                note(await request(origin, { path: `${pathname}${search}/%zz%` }));
                note(await request(origin, { path: `/${pathname}${search}` }));
                note(await request(origin, { path: `/x/..${pathname}${search}` }));
                note(await request(origin, { path: `${pathname.toUpperCase()}${search.toUpperCase()}` }));
                note(await request(`${origin}/unknown`, { headers: { Referer: link } }));
                note(await request(origin, { path: `${pathname}${search}&${"x".repeat(70_000)}` }));
                note(
                    await request(origin, { path: `${pathname}${search}`, headers: { "X-Long": "y".repeat(70_000) } }),
                );
            }
            // Tokens where they do not belong.
            for (const secret of [token, server.token, revoked.token]) {
                note(await api.as(secret).send("GET", "/nothing"));
                note(await api.as(secret).send("POST", "/users", { raw: `{"email":"${secret}"` }));
                note(await api.as(secret).send("POST", "/users", { body: { email: `${secret}@` } }));
                note(await api.as(null).send("GET", `/users?token=${secret}`));
                note(await api.as(null).send("GET", `/users/${secret}`));
                note(await api.as(secret).send("GET", "/users", { query: { limit: secret } }));
                note(await api.as(secret).send("GET", "/users", { query: { after: secret } }));
                note(await api.as(`${secret}x`).send("GET", "/users"));
                note(await api.as(null).send("GET", "/users", { headers: { Authorization: secret } }));
                note(await api.as(null).send("GET", "/users", { headers: { Authorization: `Digest ${secret}` } }));
            }
            note(await api.as(revoked.token).mintPat({ email: world.user.email, appId: world.app.id }));
            note(
                await api.mintPat({ email: world.user.email, appId: world.app.id, patExpiry: pat.personalAccessToken }),
            );
            note(
                await api.send("POST", "/api/embed-url/external-user", {
                    raw: `{"landingPageUuid":"${secrets["an embed secret"]}"}`,
                }),
            );
            note(
                await request(`${new URL(embed).origin}/`, {
                    headers: { Cookie: `__Host-inlay=${secrets["a session cookie (PAT)"]}` },
                }),
            );
            note(
                await request(`${new URL(embed).origin}/`, {
                    headers: { Cookie: `x=${secrets["a session cookie (embed)"]}; ${"y".repeat(9000)}` },
                }),
            );

            // The PAT and embed secrets are in the mints' answers and nowhere else that can be read.
            const reads = [];
            for (const list of ["/events", "/links", "/sessions", "/users", "/api-tokens", "/apps", "/groups"]) {
                reads.push(JSON.stringify(await api.all(list)));
            }
            const metrics = await request(`${server.url}/metrics`);
            assert.equal(metrics.status, 200);
            const commandLine = fs.readFileSync(`/proc/${server.pid}/cmdline`, "latin1");
            const whileRunning = everyFile(server.data);
            await server.stop();

            const places = [
                { name: "the logs", text: server.logs() },
                { name: "error bodies", text: errors.join("\n") },
                { name: "API answers", text: reads.join("\n") },
                { name: "/metrics", text: metrics.text },
                { name: "the command line", text: commandLine },
                ...whileRunning.map(({ name, text }) => ({ name: `${name} (running)`, text })),
                ...everyFile(server.data),
            ];
            const found = [];
            for (const [what, secret] of Object.entries(secrets)) {
                assert.ok(secret.length > 20, `${what} was planted`);
                for (const place of places) {
                    const line = place.text
                        .split("\n")
                        .find((text) => text.toLowerCase().includes(secret.toLowerCase()));
                    if (line !== undefined) {
                        found.push(`${what} in ${place.name}: ${line.slice(0, 400)}`);
                    }
                    if (
                        place.text.includes(Buffer.from(secret).toString("hex")) ||
                        (/^[0-9a-f]{64}$/.test(secret.slice(4)) &&
                            place.text.includes(Buffer.from(secret.slice(4), "hex").toString("latin1")))
                    ) {
                        found.push(`${what}, encoded, in ${place.name}`);
                    }
                }
            }
            assert.deepEqual(found, []);
            assert.ok(places[0].text.length > 1000 && /GET/.test(places[0].text), "there is an access log to look in");
            assert.ok(
                whileRunning.some(({ name }) => name.endsWith("inlay.db")),
                "there is a database to look in",
            );
        } finally {
            await server.discard();
        }
    });

    it("of the first start: the admin token is in a file for its owner alone, and only its hash in the database", async () => {
        const server = new Server({}, { environment: { INLAY_API_TOKEN: "" } });
        server.token = "";
        try {
            await server.start();
            const file = path.join(server.data, "admin-token");
            assert.equal(fs.statSync(file).mode & 0o777, 0o600);
            const token = fs.readFileSync(file, "utf8").trim();
            assert.match(token, /^inlay_[A-Za-z0-9_-]{43}$/);
            server.token = token;
            const world = await makeWorld(server);
            assert.equal(world.app.kind, "bundle");
            await server.stop();
            for (const { name, text } of everyFile(server.data)) {
                assert.ok(name === file || !text.includes(token), name);
            }
            assert.ok(!server.logs().includes(token), "the log says where it is, not what it is");
            assert.match(server.logs(), /admin-token/);

            await server.start();
            assert.equal(fs.readFileSync(file, "utf8").trim(), token, "a second start keeps it");
        } finally {
            await server.discard();
        }
    });

    it("in files are for their owner alone", async () => {
        const server = await startServer();
        try {
            await makeWorld(server);
            const open = everyFile(server.data).filter(
                ({ name }) => /\.db|nginx\.conf|admin-token/.test(name) && (fs.statSync(name).mode & 0o007) !== 0,
            );
            assert.deepEqual(
                open.map(({ name }) => name),
                [],
            );
        } finally {
            await server.discard();
        }
    });

    it("too short for INLAY_API_TOKEN are refused at the start", async () => {
        const server = new Server({});
        server.token = "short";
        try {
            await assert.rejects(server.start(), /INLAY_API_TOKEN/);
            assert.ok(!server.output.includes("short\n"), unique(""));
        } finally {
            await server.discard();
        }
    });
});
