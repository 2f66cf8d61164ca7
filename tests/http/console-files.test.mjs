// The console's files: where they are served, with which headers, and that an app's origin gets nothing of them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { request } from "../lib/browserlike.mjs";
import { shipped, freshFolder, startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

const index = '<!doctype html><title>Console</title><script type="module" src="/assets/index-Bx7dK2p9.js"></script>';
const script = "export const here = location.href;\n";

describe("the console", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    const installed = freshFolder();

    before(async () => {
        // As "make install" puts it.
        for (const [name, content] of Object.entries({
            "bin/inlay": fs.readFileSync(shipped),
            "lib/inlay/ngx_http_inlay_module.so": fs.readFileSync(
                path.join(path.dirname(shipped), "ngx_http_inlay_module.so"),
            ),
            "share/inlay/console/index.html": index,
            "share/inlay/console/mark.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "share/inlay/console/assets/index-Bx7dK2p9.js": script,
            "share/inlay/console/assets/index-Bx7dK2p9.js.gz": gzipSync(script),
        })) {
            const file = path.join(installed, name);
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(file, content, { mode: 0o755 });
        }
        server = await startServer({}, { command: path.join(installed, "bin/inlay") });
        world = await makeWorld(server);
    });
    after(async () => {
        await server.discard();
        fs.rmSync(installed, { recursive: true, force: true });
    });

    const get = (path, headers = {}) => request(server.url + path, { headers });

    /** What keeps other origins out, on every answer. */
    const assertClosed = (answer) => {
        const { headers } = answer;
        const policy = headers["content-security-policy"] ?? "";
        assert.match(policy, /default-src 'none'/);
        assert.match(policy, /frame-ancestors 'none'/);
        assert.doesNotMatch(policy, /unsafe-|data:|\*(?!\.localhost)/);
        assert.equal(headers["cross-origin-resource-policy"], "same-origin");
        assert.equal(headers["x-content-type-options"], "nosniff");
        assert.equal(headers["referrer-policy"], "no-referrer");
        assert.equal(headers["access-control-allow-origin"], undefined);
        assert.equal(headers["set-cookie"], undefined);
    };

    it("is one page at every path that is not the API's", async () => {
        for (const path of [
            "/",
            "/settings/api",
            "/settings/permissions",
            "/users/1",
            "/setup",
            "/apps/a.b/releases",
            "/apis",
            "/assets",
        ]) {
            const answer = await get(path);
            assert.equal(answer.status, 200, path);
            assert.equal(answer.text, index);
            assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
            assert.equal(answer.headers["cache-control"], "no-cache");
            assert.equal(answer.headers["cross-origin-opener-policy"], "same-origin");
            assertClosed(answer);
        }
    });

    it("keeps its hashed files in the browser for ever, compressed", async () => {
        const answer = await get("/assets/index-Bx7dK2p9.js", { "Accept-Encoding": "gzip" });
        assert.equal(answer.headers["cache-control"], "public, max-age=31536000, immutable");
        assert.equal(answer.headers["content-type"], "text/javascript; charset=utf-8");
        assert.equal(answer.headers["content-encoding"], "gzip");
        assert.equal(answer.headers.vary, "Accept-Encoding");
        assert.equal(gunzipSync(answer.bytes).toString(), script);
        assertClosed(answer);
        const mark = await get("/mark.svg");
        assert.equal(mark.headers["content-type"], "image/svg+xml");
        assertClosed(mark);
    });

    it("is 404 for a file that it does not have, and 405 for what changes something", async () => {
        for (const path of ["/assets/index-00000000.js", "/assets/", "/favicon.ico", "/.git", "/wp-login.php"]) {
            const answer = await get(path);
            assert.equal(answer.status, 404, path);
            assert.equal(answer.json.code, "not_found");
            assertClosed(answer);
        }
        const answer = await request(`${server.url}/settings/api`, { method: "POST", body: "x" });
        assert.equal(answer.status, 405);
        assertClosed(answer);
    });

    it("leaves the contract's paths alone", async () => {
        for (const path of [
            "/api",
            "/api/",
            "/api/v1",
            "/api/v1/nothing",
            "/api/v1/a.b",
            "/_inlay/nothing",
            "/.well-known/nothing",
        ]) {
            const answer = await get(path);
            assert.equal(answer.status, 404, path);
            assert.equal(answer.json.code, "not_found");
        }
        assert.equal((await get("/healthz")).json.status, "ok");
        assert.ok((await get("/.well-known/jwks.json")).json.keys.length > 0);
        assert.equal((await get("/embed-apps/x?personal-access-token=pat_x")).status, 401);
        assertClosed(await world.api.send("GET", "/apps"));
    });

    it("tells an app's page nothing that fetches, loads or opens it", async () => {
        const opened = await world.opened();
        for (const site of ["same-site", "cross-site"]) {
            for (const path of [
                "/",
                "/settings/api",
                "/assets/index-Bx7dK2p9.js",
                "/api/v1/me",
                "/api/v1/apps",
                "/api/v1/events/stream",
                "/api/v1/nothing",
            ]) {
                for (const mode of ["cors", "no-cors", "navigate"]) {
                    const answer = await get(path, {
                        Origin: mode === "cors" ? opened.origin : undefined,
                        "Sec-Fetch-Site": site,
                        "Sec-Fetch-Mode": mode,
                        Cookie: `__Host-inlay-console=${"x".repeat(43)}`,
                    });
                    assertClosed(answer);
                    assert.ok(!path.startsWith("/api") || answer.status >= 400, path);
                }
            }
            const asked = await request(`${server.url}/api/v1/apps`, {
                method: "OPTIONS",
                headers: {
                    Origin: opened.origin,
                    "Access-Control-Request-Method": "GET",
                    "Access-Control-Request-Headers": "authorization",
                    "Sec-Fetch-Site": site,
                },
            });
            assert.ok(asked.status >= 400);
            assertClosed(asked);
        }
    });

    it("shows names and metadata nowhere as a page of its own", async () => {
        const probe = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'`;
        const { api } = world;
        await api.post("/apps", { name: probe });
        await api.post("/groups", { name: probe });
        await api.post("/environments", { name: "x", config: { probe } });
        await api.post("/api-tokens", { name: probe, description: probe, scopes: ["embed"] });
        await api.post("/users", { email: "x@acme.example", firstName: probe, lastName: probe });
        const link = await world.embedLink({
            externalIdentifier: probe,
            userInfo: { first_name: probe },
            metadata: { probe },
        });
        const opened = await world.opened(link);
        const page = { Accept: "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
        const answers = [await opened.fetch("/_inlay/session", { headers: page })];
        for (const path of [
            "/apps",
            "/groups",
            "/environments",
            "/api-tokens",
            "/users",
            "/links",
            "/sessions",
            "/events",
            "/events/export",
            "/usage/users",
            `/groups?search=${encodeURIComponent(probe)}`,
            `/events?type=${encodeURIComponent(probe)}`,
            `/${encodeURIComponent(probe)}`,
        ]) {
            answers.push(
                await request(`${server.url}/api/v1${path}`, {
                    headers: { ...page, Authorization: `Bearer ${server.token}` },
                }),
            );
        }
        for (const { headers, url, text } of answers) {
            assert.match(headers["content-type"], /^(application\/(problem\+)?json|text\/csv)/, url);
            assert.equal(headers["x-content-type-options"], "nosniff", url);
            assert.ok(text.length > 0);
        }
        assert.ok(
            answers.some(({ text }) => text.includes("onerror")),
            "the probes are there",
        );
        const wrong = await request(
            `${opened.origin}/embed-apps/${encodeURIComponent(probe)}?personal-access-token=x`,
            { headers: { ...page, "Sec-Fetch-Dest": "iframe" } },
        );
        assert.match(wrong.headers["content-type"], /^text\/html/);
        assert.ok(!wrong.text.includes("<img") && !wrong.text.includes("alert(1)"));
    });

    it("is not on the origin of an app, nor on any other host", async () => {
        const opened = await world.opened();
        for (const path of ["/assets/index-Bx7dK2p9.js", "/settings/api", "/mark.svg"]) {
            assert.notEqual((await opened.fetch(path)).text, (await get(path)).text, path);
            assert.equal((await request(opened.origin + path)).status, 401, path);
            assert.equal((await get(path, { Host: `127.0.0.1:${server.port}` })).status, 421, path);
        }
    });
});
