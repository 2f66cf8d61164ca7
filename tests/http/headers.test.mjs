// The security headers, on every answer of every status.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { Browserlike, firefox, frameHeaders, request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;

/** @param {import("../lib/browserlike.mjs").Answer} answer @param {string} [ancestors] any, when left out */
function assertAppHeaders(answer, ancestors) {
    const what = `${answer.status} ${new URL(answer.url).pathname}`;
    const { headers } = answer;
    const policies = answer.rawHeaders.filter(
        (_, index) => index % 2 === 1 && answer.rawHeaders[index - 1].toLowerCase() === "content-security-policy",
    );
    const framing = policies
        .flatMap((policy) => policy.split(/[;,]/))
        .map((directive) => directive.trim())
        .filter((directive) => directive.startsWith("frame-ancestors "));
    assert.equal(framing.length, 1, `${what}: one frame-ancestors: ${policies}`);
    if (ancestors !== undefined) {
        assert.equal(framing[0], `frame-ancestors ${ancestors}`, what);
    }
    assert.equal(headers["x-frame-options"], undefined, what);
    assert.equal(headers["origin-agent-cluster"], "?1", what);
    assert.equal(headers["x-content-type-options"], "nosniff", what);
    assert.match(headers["referrer-policy"] ?? "", /^(strict-origin-when-cross-origin|same-origin|no-referrer)$/, what);
    assert.doesNotMatch(headers.server ?? "", /\d/, `${what}: no version`);
    assert.equal(headers["access-control-allow-origin"], undefined, what);
}

describe("every answer of an app's origin has the security headers", () => {
    const portals = ["https://portal.example.com", "http://localhost:5173", "https://*.example.org:8443"];

    before(async () => {
        server = await startServer();
        world = await makeWorld(server, { portals: portals });
    });
    after(() => server.discard());

    const all = `${portals.join(" ")} 'self'`;

    it("on the way in: link, enter, resume", async () => {
        const browser = new Browserlike();
        const link = await world.embedLink();
        const { hops } = await browser.open(link);
        assert.deepEqual(
            hops.map((hop) => hop.status),
            [303, 303, 200],
        );
        for (const hop of hops) {
            assertAppHeaders(hop, all);
        }
        for (const hop of (await browser.open(link)).hops) {
            assertAppHeaders(hop, all);
        }
        assert.deepEqual(
            hops.map(({ headers }) => headers["referrer-policy"]),
            ["no-referrer", "no-referrer", "strict-origin-when-cross-origin"],
        );
    });

    it("200, 206, 304, 404, 405, 412, 416", async () => {
        const opened = await world.opened();
        const file = "/words.txt";
        const { headers } = await opened.fetch(file);
        const answers = [
            [200, await opened.fetch(file)],
            [200, await opened.fetch(file, { headers: { "Accept-Encoding": "gzip" } })],
            [200, await opened.fetch(file, { method: "HEAD" })],
            [200, await opened.fetch("/_inlay/session")],
            [206, await opened.fetch(file, { headers: { Range: "bytes=0-9" } })],
            [304, await opened.fetch(file, { headers: { "If-None-Match": headers.etag } })],
            [404, await opened.fetch("/_inlay/nothing")],
            [404, await opened.fetch("/assets/missing.js", { headers: { "Sec-Fetch-Dest": "script" } })],
            [405, await opened.fetch(file, { method: "POST", body: "x" })],
            [412, await opened.fetch(file, { headers: { "If-Match": '"other"' } })],
            [416, await opened.fetch(file, { headers: { Range: "bytes=999999-" } })],
        ];
        for (const [status, answer] of answers) {
            assert.equal(
                answer.status,
                status,
                `${new URL(answer.url).pathname}: ${answer.status} instead of ${status}`,
            );
            assertAppHeaders(answer, all);
        }
    });

    it("the app's SDK, which needs no session and is cached by its ETag", async () => {
        const { origin, fetch } = await world
            .opened()
            .then((opened) => ({ origin: opened.origin, fetch: opened.fetch.bind(opened) }));
        const sdk = await request(`${origin}/_inlay/app.js`);
        assert.deepEqual(
            [sdk.status, sdk.headers["content-type"], sdk.headers["cache-control"]],
            [200, "text/javascript; charset=utf-8", "public, max-age=300"],
        );
        assert.match(sdk.text, /export\s*\{/);
        const again = await fetch("/_inlay/app.js", { headers: { "If-None-Match": sdk.headers.etag } });
        assert.deepEqual([again.status, again.text], [304, ""]);
        assert.equal((await fetch("/_inlay/app.js", { method: "POST", headers: { Origin: origin } })).status, 405);
    });

    it("301, where a folder is asked without its slash, if that redirects at all", async () => {
        const opened = await world.opened();
        const answer = await opened.navigate("/docs");
        assert.ok([200, 301, 308].includes(answer.status), String(answer.status));
        assertAppHeaders(answer, all);
    });

    it("405 for a body, however long: no bundle takes one", async () => {
        const opened = await world.opened();
        const answer = await opened.fetch("/", {
            method: "POST",
            headers: { Origin: opened.origin, "Content-Length": "999999999" },
            body: "x",
        });
        assert.equal(answer.status, 405);
        assertAppHeaders(answer, all);
    });

    it("400, 414, 431 and whatever else is refused before the session is looked at", async () => {
        const { origin } = await world.opened();
        const answers = [
            await request(origin, { path: "/%" }),
            await request(origin, { path: `/${"x".repeat(70_000)}` }),
            await request(origin, { path: "/", headers: { "X-Long": "y".repeat(70_000) } }),
        ];
        for (const answer of answers.filter(Boolean)) {
            assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
            if (answer.status === 431) {
                assertAppHeaders(answer, all);
            } else {
                // nginx refuses these before it knows whose host they are for: the page holds nothing but its code.
                assert.match(answer.headers["content-security-policy"] ?? "", /^default-src 'none'/);
            }
            assert.equal(answer.headers["x-content-type-options"], "nosniff");
            assert.doesNotMatch(answer.headers.server ?? "", /\d/);
        }
    });

    it("401 without a session, 401 of an ended one, 403 of a sibling, 410 of a used link", async () => {
        const link = await world.embedLink();
        const opened = await world.opened(link);
        const { session } = (await opened.session()).json;
        assertAppHeaders(await new Browserlike().navigate(`${opened.origin}/`));
        assertAppHeaders(await opened.fetch("/", { method: "POST", headers: { Origin: "http://evil.example" } }), all);
        const used = await new Browserlike(firefox).navigate(link);
        assert.equal(used.status, 410);
        assertAppHeaders(used, all);
        await world.api.delete(`/sessions/${session.id}`);
        for (const answer of [await opened.navigate("/"), await opened.fetch("/_inlay/session")]) {
            assert.equal(answer.status, 401);
            assertAppHeaders(answer, all);
        }
    });

    it("while pages at an address with a secret are of no origin, so that no frame of the app reads them", async () => {
        const link = await world.embedLink();
        const first = await new Browserlike().navigate(link);
        const enter = new URL(first.headers.location, link).href;
        const answers = [
            await new Browserlike().navigate(enter), // without a cookie
            await new Browserlike().navigate(`${link}x`),
            await new Browserlike().navigate(link, { "Sec-Fetch-Dest": "document" }),
            await new Browserlike().navigate(`${server.url}/embed-apps/x?personal-access-token=pat_x`),
        ];
        for (const answer of answers) {
            assert.match(answer.headers["content-security-policy"] ?? "", /; sandbox allow-scripts; frame-ancestors /);
        }
        const page = await new Browserlike().navigate(new URL("/", link).href);
        assert.doesNotMatch(page.headers["content-security-policy"] ?? "", /sandbox/, "no secret, no need");
    });

    it("with which a portal that embeds only what allows it (COEP) can show links and our pages", async () => {
        const link = await world.embedLink();
        const { hops } = await new Browserlike().open(link);
        const renewed = await (await world.opened()).navigate("/_inlay/renewed");
        const pages = [
            await new Browserlike().navigate(new URL("/", link).href),
            await new Browserlike().navigate(`${link}x`),
            renewed,
        ];
        for (const answer of [hops[0], hops[1], ...pages]) {
            assert.equal(answer.headers["cross-origin-resource-policy"], "cross-origin");
        }
        for (const answer of pages) {
            assert.equal(answer.headers["cross-origin-embedder-policy"], "require-corp");
        }
        assert.equal(hops[2].headers["cross-origin-embedder-policy"], undefined, "an app says that itself");
    });

    it("and error pages have a strict policy of their own", async () => {
        const opened = await world.opened();
        const page = await new Browserlike().navigate(`${opened.origin}/`);
        const policy = page.headers["content-security-policy"] ?? "";
        assert.match(policy, /default-src 'none'/);
        assert.match(policy, /base-uri 'none'/);
        assert.match(policy, /form-action 'none'/);
        assert.doesNotMatch(policy, /unsafe-(inline|eval)/);
        assert.equal(page.headers["cache-control"], "no-store");
    });

    it("while an app's files get frame-ancestors and nothing that could break them", async () => {
        const opened = await world.opened();
        assert.equal((await opened.navigate("/")).headers["content-security-policy"], `frame-ancestors ${all}`);
    });

    it("with 'none' while the app has no portals, and with a change at once", async () => {
        const own = await makeWorld(server);
        const opened = await own.opened();
        await own.api.patch(`/apps/${own.app.id}`, { portals: [] });
        assertAppHeaders(await opened.navigate("/"), "'none'");
        await own.api.patch(`/apps/${own.app.id}`, { portals: ["https://new.example"] });
        assertAppHeaders(await opened.navigate("/"), "https://new.example 'self'");
    });

    it("also when the cache folder is gone", async () => {
        const opened = await world.opened();
        fs.rmSync(path.join(server.data, "cache"), { recursive: true, force: true });
        assertAppHeaders(await opened.fetch("/words.txt"), all);
    });
});

describe("the public URL", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    it("cannot be framed or sniffed, and shows no version", async () => {
        const answers = [
            await world.api.send("GET", "/apps"),
            await world.api.as(null).send("GET", "/apps"),
            await world.api.send("GET", "/nothing"),
            await world.api.send("GET", "/healthz"),
            await request(`${server.url}/`),
            await request(`${server.url}/embed-apps/x`, { headers: frameHeaders() }),
            await request(server.url, { headers: { Host: "evil.example" } }),
        ];
        for (const answer of answers) {
            const what = `${answer.status} ${new URL(answer.url).pathname}`;
            assert.match(answer.headers["content-security-policy"] ?? "", /frame-ancestors 'none'/, what);
            assert.equal(answer.headers["x-content-type-options"], "nosniff", what);
            assert.doesNotMatch(answer.headers.server ?? "", /\d/, what);
            assert.equal(answer.headers["set-cookie"], undefined, what);
        }
    });

    it("never lets an API answer be cached", async () => {
        for (const answer of [
            await world.api.send("GET", "/users"),
            await world.api.mintPat({ email: world.user.email, appId: world.app.id }),
        ]) {
            assert.match(answer.headers["cache-control"], /no-store/);
        }
    });
});
