// Scripts of service workers: what stands in front of them, and what takes their place.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import zlib from "node:zlib";
import { workerScript } from "../../web/worker/build.mjs";
import { Browserlike, request } from "../lib/browserlike.mjs";
import { smallApp } from "../lib/bundle.mjs";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { deploy, makeWorld, unique } from "../lib/world.mjs";

const guard = await workerScript("guard");
const leave = await workerScript("leave");
const asModule = 'import "/_inlay/worker.js";';
const LIMIT = 4 * 1024 * 1024;

const main = { "Service-Worker": "script", "Sec-Fetch-Dest": "serviceworker", "Sec-Fetch-Mode": "same-origin" };
const imported = { "Sec-Fetch-Dest": "serviceworker", "Sec-Fetch-Mode": "cors" };

/** A browser asks for the script of a worker. */
const asWorker = (opened, path, headers = {}) => opened.fetch(path, { headers: { ...main, ...headers } });

function assertGuarded(answer, script, front = guard) {
    assert.equal(answer.status, 200);
    assert.equal(answer.text, front + script);
    assert.equal(answer.headers["content-length"], String(Buffer.byteLength(front + script)));
    assert.equal(answer.headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(answer.headers["cache-control"], "private, no-cache");
    assert.equal(answer.headers.vary, "Service-Worker");
    for (const name of ["etag", "last-modified", "accept-ranges", "content-encoding", "content-range", "expires"]) {
        assert.equal(answer.headers[name], undefined, name);
    }
}

function assertLeaving(answer) {
    assert.equal(answer.status, 200);
    assert.equal(answer.text, leave);
    assert.equal(answer.headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(answer.headers["cache-control"], "private, no-cache");
    assert.equal(answer.headers["service-worker-allowed"], "/");
    assert.equal(answer.headers.etag, undefined);
}

const classic = `self.addEventListener("fetch", () => {});\n${"// filler\n".repeat(300)}`;
const strict = `"use strict";\n${classic}`;
const module = `addEventListener("install", () => {});\nimport "./dep.js";`;

describe("the script of a bundle's service worker", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {import("../lib/world.mjs").Opened} */ let opened;
    const entries = [
        { path: "sw.js", content: classic },
        { path: "strict.js", content: strict },
        { path: "module.js", content: module },
        { path: "assets/sw-Bx7dK2p9.js", content: classic },
        { path: "page.html", content: classic },
        { path: "empty.js", content: "" },
    ];

    before(async () => {
        server = await startServer();
        world = await makeWorld(server, { bundle: smallApp("Workers", entries) });
        opened = await world.opened();
    });
    after(() => server.discard());

    it("has the guard in front, once, however it is asked for", async () => {
        const { etag } = (await opened.fetch("/sw.js")).headers;
        const ways = [
            {},
            { "Accept-Encoding": "gzip, deflate, br" },
            { Range: "bytes=5-" },
            { Range: "bytes=0-3", "If-Range": etag },
            { "If-None-Match": etag },
            { "If-None-Match": "*" },
            { "If-Match": '"other"' },
            { "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT" },
            { "If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT" },
        ];
        for (const headers of ways) {
            assertGuarded(await asWorker(opened, "/sw.js", headers), classic);
        }
        assertGuarded(await opened.fetch("/sw.js", { headers: imported }), classic);
        assertGuarded(await opened.fetch("/sw.js", { headers: { "service-worker": "script" } }), classic);
    });

    it("stays strict, may be empty, and has no hash by which it would be kept for good", async () => {
        assertGuarded(await asWorker(opened, "/strict.js"), strict, `"use strict";${guard}`);
        assertGuarded(await asWorker(opened, "/empty.js"), "");
        assertGuarded(await asWorker(opened, "/assets/sw-Bx7dK2p9.js"), classic);
    });

    it("imports the guard first if it may be a module", async () => {
        assertGuarded(await asWorker(opened, "/module.js"), module, asModule);
        const answer = await request(`${opened.origin}/_inlay/worker.js`);
        assert.equal(answer.status, 200);
        assert.equal(answer.text, guard);
        assert.equal(answer.headers["content-type"], "text/javascript; charset=utf-8");
    });

    it("is refused above 4 MiB", async () => {
        const large = `//${crypto.randomBytes(LIMIT / 2).toString("hex")}`;
        const other = await makeWorld(server, { bundle: smallApp("Large", [{ path: "large.js", content: large }]) });
        const answer = await asWorker(await other.opened(), "/large.js");
        assert.equal(answer.status, 502);
        assert.equal(answer.json.code, "service_worker_script");
        assert.match(answer.json.detail, /4 MiB/);
    });

    it("is the file alone for everybody else, and no cache takes one for the other", async () => {
        const answer = await opened.fetch("/sw.js");
        assert.equal(answer.text, classic);
        assert.equal(answer.headers.vary, "Accept-Encoding, Service-Worker");
        const zipped = await opened.fetch("/sw.js", { headers: { "Accept-Encoding": "gzip" } });
        assert.equal(zipped.headers["content-encoding"], "gzip");
        assert.equal(zlib.gunzipSync(zipped.bytes).toString(), classic);
    });

    it("lets the worker leave if there is none, or none that browsers take", async () => {
        for (const path of ["/gone.js", "/gone", "/page.html", "/", "/assets/"]) {
            assertLeaving(await asWorker(opened, path));
        }
        assert.equal((await opened.fetch("/gone", { headers: imported })).status, 404, "an import is only missing");
    });

    it("lets the worker leave once a release no longer has it", async () => {
        const other = await makeWorld(server, { bundle: smallApp("Before", entries) });
        const before = await other.opened();
        assertGuarded(await asWorker(before, "/sw.js"), classic);
        await deploy(other.api, other.app.id, "2.0.0", smallApp("After"));
        assertLeaving(await asWorker(before, "/sw.js"));
    });

    it("lets the worker leave without a session", async () => {
        const ended = await world.opened();
        assertLeaving(await request(`${opened.origin}/sw.js`, { headers: main }));
        await ended.fetch("/_inlay/logout", { method: "POST" });
        assertLeaving(await asWorker(ended, "/sw.js"));
        const page = await request(`${opened.origin}/sw.js`);
        assert.equal(page.status, 401, "and nobody else is told anything");
        const dependency = await request(`${opened.origin}/sw.js`, { headers: imported });
        assert.equal(dependency.status, 401);
    });

    it("lets the worker leave when the app was deleted", async () => {
        const other = await makeWorld(server, { bundle: smallApp("Deleted", entries) });
        const before = await other.opened();
        await other.api.expect(204, "DELETE", `/apps/${other.app.id}`);
        assertLeaving(await asWorker(before, "/sw.js"));
    });

    it("survives a cache folder that was deleted", async () => {
        const other = await makeWorld(server, { bundle: smallApp("Restored", [{ path: "own.js", content: "own()" }]) });
        const before = await other.opened();
        await fs.rm(`${server.data}/cache`, { recursive: true, force: true });
        assertGuarded(await asWorker(before, "/own.js"), "own()");
    });
});

describe("the script of an upstream's service worker", () => {
    let server, backend, opened;
    /** @type {import("node:http").IncomingHttpHeaders} */ let asked;
    /** @type {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => void} */
    let answer;

    before(async () => {
        server = await startServer();
        backend = await listen((incoming, response) => {
            if (incoming.url === "/") {
                return response.end("page");
            }
            asked = incoming.headers;
            return answer(incoming, response);
        });
        opened = await (await upstreamWorld(server, { url: `http://127.0.0.1:${backend.address().port}` })).opened();
    });
    after(async () => {
        await server.discard();
        close(backend);
    });

    const script = (body, headers = {}, status = 200) => {
        answer = (_incoming, response) =>
            response.writeHead(status, { "Content-Type": "application/javascript", ...headers }).end(body);
    };

    it("is asked for whole, unencoded and unconditionally", async () => {
        script(classic);
        const headers = {
            "Accept-Encoding": "gzip, br",
            Range: "bytes=1-2",
            "If-Range": '"a"',
            "If-Match": '"a"',
            "If-None-Match": '"a"',
            "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT",
            "If-Unmodified-Since": "Sat, 01 Jan 2050 00:00:00 GMT",
        };
        assertGuarded(await asWorker(opened, "/sw.js", headers), classic);
        assert.equal(asked["accept-encoding"], "identity");
        assert.equal(asked["service-worker"], "script");
        for (const name of Object.keys(headers).slice(1)) {
            assert.equal(asked[name.toLowerCase()], undefined, name);
        }
    });

    it("has the guard in front whatever its headers say", async () => {
        const odd = {
            ETag: '"a"',
            "Last-Modified": "Sat, 01 Jan 2000 00:00:00 GMT",
            "Cache-Control": "public, max-age=31536000, immutable",
            Expires: "Sat, 01 Jan 2050 00:00:00 GMT",
            "Accept-Ranges": "bytes",
            Digest: "sha-256=x",
            "Content-Type": "text/javascript; charset=utf-16",
        };
        script(classic, odd);
        assertGuarded(await asWorker(opened, "/sw.js"), classic);
        script(classic, { ...odd, "Content-Range": "bytes 0-9/99" }, 206);
        assertGuarded(await asWorker(opened, "/sw.js"), classic);
        script(strict);
        assertGuarded(await asWorker(opened, "/sw.js"), strict, `"use strict";${guard}`);
        script(module);
        assertGuarded(await asWorker(opened, "/sw.js"), module, asModule);
    });

    it("has the guard in front whatever its encoding", async () => {
        const encodings = {
            gzip: zlib.gzipSync,
            deflate: zlib.deflateSync,
            br: zlib.brotliCompressSync,
            identity: Buffer.from,
        };
        for (const [encoding, encode] of Object.entries(encodings)) {
            script(encode(module), { "Content-Encoding": encoding });
            assertGuarded(await asWorker(opened, "/sw.js"), module, asModule);
        }
    });

    it("has the guard in front however it arrives", async () => {
        answer = (_incoming, response) => {
            response.writeHead(200, { "Content-Type": "text/javascript" });
            response.write(classic.slice(0, 10));
            setTimeout(() => response.end(classic.slice(10)), 50);
        };
        assertGuarded(await asWorker(opened, "/sw.js"), classic);
        script("/".repeat(LIMIT));
        assertGuarded(await asWorker(opened, "/sw.js"), "/".repeat(LIMIT));
    });

    it("is refused if it can't be read", async () => {
        const bomb = zlib.gzipSync("/".repeat(LIMIT + 1));
        const bad = [
            [classic, { "Content-Encoding": "zstd" }, /Content-Encoding/],
            [classic, { "Content-Encoding": "gzip" }, /Content-Encoding/],
            [zlib.gzipSync(classic).subarray(0, 40), { "Content-Encoding": "gzip" }, /Content-Encoding/],
            [bomb, { "Content-Encoding": "gzip" }, /4 MiB/],
            ["/".repeat(LIMIT + 1), {}, /4 MiB/],
        ];
        for (const [body, headers, detail] of bad) {
            script(body, { ...headers, "Set-Cookie": "a=1" });
            const refused = await asWorker(opened, "/sw.js");
            assert.equal(refused.status, 502);
            assert.equal(refused.json.code, "service_worker_script");
            assert.match(refused.json.detail, detail);
            assert.equal(refused.headers["set-cookie"], undefined);
            assert.equal(refused.headers["content-encoding"], undefined);
        }
    });

    it("is not the browser's own copy, though the server says so", async () => {
        answer = (_incoming, response) => response.writeHead(304, { ETag: '"a"' }).end();
        const refused = await asWorker(opened, "/sw.js", { "If-None-Match": '"a"' });
        assert.equal(refused.status, 502);
        assert.equal(refused.json.code, "service_worker_script");
    });

    it("never arrives cut off", async () => {
        answer = (_incoming, response) => {
            response.writeHead(200, { "Content-Type": "text/javascript", "Content-Length": 1000 });
            response.write(classic.slice(0, 100));
            setTimeout(() => response.destroy(), 20);
        };
        await assert.rejects(asWorker(opened, "/sw.js"));
    });

    it("lets the worker leave if there is none, or only a page", async () => {
        for (const status of [404, 410]) {
            script("not here", { "Set-Cookie": "a=1", "Content-Encoding": "gzip" }, status);
            assertLeaving(await asWorker(opened, "/sw.js"));
        }
        script("<!doctype html>", { "Content-Type": "text/html" });
        assertLeaving(await asWorker(opened, "/sw.js"));
        script(undefined, {}, 204);
        assertGuarded(await asWorker(opened, "/sw.js"), "");
    });

    it("passes with other errors, which browsers don't take for a script", async () => {
        for (const status of [302, 401, 403, 500, 503]) {
            script("no", { Location: "/login" }, status);
            const passed = await asWorker(opened, "/sw.js");
            assert.equal(passed.status, status);
            assert.equal(passed.text, "no");
        }
    });

    it("does not change what others get", async () => {
        script(classic, { "Cache-Control": "max-age=60", ETag: '"a"' });
        const plain = await opened.fetch("/sw.js", { headers: { "Accept-Encoding": "gzip" } });
        assert.equal(plain.text, classic);
        assert.equal(asked["accept-encoding"], "gzip");
        assert.equal(plain.headers.etag, '"a"');
        assert.match(plain.headers.vary, /Service-Worker/);
    });
});

describe("an app's setting for service workers", () => {
    let server;
    before(async () => {
        server = await startServer({ trusted_proxies: "127.0.0.1" });
    });
    after(() => server.discard());

    const bundle = smallApp("Setting", [
        { path: "sw.js", content: classic },
        { path: "module.js", content: module },
    ]);

    it("is guarded unless it says something else, and takes no other word", async () => {
        const { api, app } = await makeWorld(server, { bundle });
        assert.equal(app.serviceWorkers, "guarded");
        const refused = await api.expect(400, "PATCH", `/apps/${app.id}`, { body: { serviceWorkers: "on" } });
        assert.match(JSON.stringify(refused), /serviceWorkers/);
        const made = await api.post("/apps", { name: unique("off"), serviceWorkers: "off" });
        assert.equal(made.serviceWorkers, "off");
    });

    it("lets imports run before the guard, and the next request knows it", async () => {
        const world = await makeWorld(server, { bundle });
        const opened = await world.opened();
        assertGuarded(await asWorker(opened, "/module.js"), module, asModule);
        const changed = await world.api.patch(`/apps/${world.app.id}`, { serviceWorkers: "unguarded-imports" });
        assert.equal(changed.serviceWorkers, "unguarded-imports");
        assertGuarded(await asWorker(opened, "/module.js"), module);
        const { detail } = await world.lastEvent("app.update", { appId: world.app.id });
        assert.deepEqual(detail, { serviceWorkers: "unguarded-imports" });
    });

    it("turns them off: there are none, and those that are there leave", async () => {
        const world = await makeWorld(server, { bundle });
        const opened = await world.opened();
        await world.api.patch(`/apps/${world.app.id}`, { serviceWorkers: "off" });
        assertLeaving(await asWorker(opened, "/sw.js"));
        const dependency = await opened.fetch("/module.js", { headers: imported });
        assert.equal(dependency.status, 403);
        assert.equal(dependency.json.code, "service_worker_refused");
        assert.equal((await opened.fetch("/sw.js")).text, classic, "as a file it is like any other");
    });

    it("does not matter where another proxy serves the app, which has none", async () => {
        const world = await makeWorld(server, { bundle });
        const opened = await world.opened();
        const { host } = new URL(opened.origin);
        const ask = (headers) =>
            opened.fetch("/api/forward-auth", {
                headers: {
                    "X-Forwarded-Method": "GET",
                    "X-Forwarded-Proto": "http",
                    "X-Forwarded-Host": host,
                    "X-Forwarded-Uri": "/sw.js",
                    "X-Forwarded-For": "192.0.2.7",
                    ...headers,
                },
            });
        assert.equal((await ask({})).status, 200);
        const refused = await ask(main);
        assert.equal(refused.status, 403);
        assert.equal(refused.json.code, "service_worker_refused");
    });
});

describe("a link and a navigation preload", () => {
    it("is not spent by what the browser sends for a service worker's listener", async () => {
        const server = await startServer();
        try {
            const world = await makeWorld(server);
            for (const link of [await world.embedLink(), await world.patLink()]) {
                const browser = new Browserlike();
                for (const value of ["true", "", "x"]) {
                    const answer = await browser.navigate(link, { "Service-Worker-Navigation-Preload": value });
                    assert.equal(answer.status, 403);
                    assert.match(answer.text, /link_prefetch/);
                }
                assert.equal((await browser.open(link)).status, 200);
            }
            assert.equal(await world.lastEvent("deny"), undefined, "which is no attack");
        } finally {
            await server.discard();
        }
    });
});
