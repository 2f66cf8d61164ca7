// The files of an app.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import zlib from "node:zlib";
import { request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { smallApp } from "../lib/bundle.mjs";
import { deploy, makeWorld } from "../lib/world.mjs";

const words = "all work and no play\n".repeat(2000);

describe("an app's files", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {import("../lib/world.mjs").Opened} */ let opened;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server, {
            bundle: smallApp("Files", [
                { path: "with space & ü.txt", content: "odd name" },
                { path: "image.svg", content: "<svg xmlns='http://www.w3.org/2000/svg'/>" },
                { path: "font.woff2", content: "wOF2" },
                { path: "module.wasm", content: "\0asm" },
                { path: "data.json", content: '{"a":1}' },
                { path: "empty.txt", content: "" },
                { path: "_astro/style.D4f8Jk2q.css", content: "p { color: red }" },
                { path: "assets/plain.css", content: "p { color: blue }" },
            ]),
        });
        opened = await world.opened();
    });
    after(() => server.discard());

    it("are served as they were uploaded, with their types", async () => {
        const types = {
            "/": "text/html",
            "/index.html": "text/html",
            "/docs/": "text/html",
            "/words.txt": "text/plain",
            "/image.svg": "image/svg+xml",
            "/font.woff2": "font/woff2",
            "/module.wasm": "application/wasm",
            "/data.json": "application/json",
            "/_astro/style.D4f8Jk2q.css": "text/css",
            "/empty.txt": "text/plain",
        };
        for (const [name, type] of Object.entries(types)) {
            const answer = await opened.fetch(name);
            assert.equal(answer.status, 200, name);
            assert.equal(answer.headers["content-type"].split(";")[0], type, name);
        }
        assert.match(
            (await opened.fetch("/assets/main-Bx7dK2p9.js")).headers["content-type"],
            /^(text|application)\/javascript/,
        );
        assert.equal((await opened.fetch("/words.txt")).text, words);
        assert.equal((await opened.fetch("/with%20space%20%26%20%C3%BC.txt")).text, "odd name");
        assert.equal((await opened.fetch("/empty.txt")).bytes.length, 0);
        assert.match((await opened.fetch("/docs/")).text, /docs/);
        assert.match((await opened.fetch("/words.txt?v=2")).text, /all work/);
    });

    it("fall back to index.html on an unknown path of the app", async () => {
        for (const route of ["/customers", "/customers/7/orders", "/a/b/c/d?tab=1", "/docs/unknown"]) {
            const answer = await opened.navigate(route);
            assert.equal(answer.status, 200, route);
            assert.match(answer.text, /<title>Files/, route);
            assert.match(answer.headers["content-type"], /^text\/html/);
        }
        assert.match(
            (await opened.navigate("/customers/john.smith")).text,
            /<title>Files/,
            "a page's path may have a dot",
        );
    });

    it("do not become a page where a script or a picture is missing", async () => {
        for (const [route, dest] of [
            ["/assets/gone-12345678.js", "script"],
            ["/gone.png", "image"],
            ["/gone.css", "style"],
        ]) {
            const answer = await opened.fetch(route, {
                headers: { "Sec-Fetch-Dest": dest, "Sec-Fetch-Mode": "no-cors" },
            });
            assert.equal(answer.status, 404, route);
        }
    });

    it("come compressed to who accepts it", async () => {
        const gzip = await opened.fetch("/words.txt", { headers: { "Accept-Encoding": "gzip" } });
        assert.equal(gzip.headers["content-encoding"], "gzip");
        assert.match(gzip.headers.vary ?? "", /accept-encoding/i);
        assert.ok(gzip.bytes.length < words.length / 10);
        assert.equal(zlib.gunzipSync(gzip.bytes).toString(), words);

        const plain = await opened.fetch("/words.txt", { headers: { "Accept-Encoding": "identity" } });
        assert.equal(plain.headers["content-encoding"], undefined);
        assert.match(plain.headers.vary ?? "", /accept-encoding/i);
        assert.equal(plain.text, words);

        const best = await opened.fetch("/words.txt", { headers: { "Accept-Encoding": "gzip, deflate, br, zstd" } });
        assert.ok(["br", "gzip"].includes(best.headers["content-encoding"]));
        const unpacked =
            best.headers["content-encoding"] === "br"
                ? zlib.brotliDecompressSync(best.bytes)
                : zlib.gunzipSync(best.bytes);
        assert.equal(unpacked.toString(), words);
    });

    it("come as brotli where nginx has its module", async (t) => {
        const modules = [
            "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so",
            "/usr/share/nginx/modules/ngx_http_brotli_static_module.so",
        ];
        if (!modules.some((module) => fs.existsSync(module))) {
            t.skip("libnginx-mod-http-brotli-static is not installed");
            return;
        }
        const answer = await opened.fetch("/words.txt", { headers: { "Accept-Encoding": "br" } });
        assert.equal(answer.headers["content-encoding"], "br");
        assert.equal(zlib.brotliDecompressSync(answer.bytes).toString(), words);
    });

    it("have strong validators", async () => {
        for (const encoding of ["identity", "gzip"]) {
            const headers = { "Accept-Encoding": encoding };
            const {
                headers: { etag },
            } = await opened.fetch("/words.txt", { headers });
            assert.match(etag, /^"[^"]+"$/, encoding);
            const again = await opened.fetch("/words.txt", { headers: { ...headers, "If-None-Match": etag } });
            assert.equal(again.status, 304);
            assert.equal(again.bytes.length, 0);
            assert.equal(again.headers.etag, etag);
            assert.equal(
                (await opened.fetch("/words.txt", { headers: { ...headers, "If-None-Match": '"other"' } })).status,
                200,
            );
        }
        const etags = [];
        for (const encoding of ["identity", "gzip", "br"]) {
            const { headers } = await opened.fetch("/words.txt", { headers: { "Accept-Encoding": encoding } });
            etags.push(`${headers["content-encoding"]} ${headers.etag}`);
        }
        const different = new Set(etags);
        assert.equal(
            new Set([...different].map((etag) => etag.split(" ")[1])).size,
            different.size,
            `a strong ETag is one encoding's: ${etags}`,
        );
    });

    it("come in ranges", async () => {
        const whole = await opened.fetch("/words.txt");
        const part = await opened.fetch("/words.txt", { headers: { Range: "bytes=10-19" } });
        assert.equal(part.status, 206);
        assert.equal(part.headers["content-range"], `bytes 10-19/${words.length}`);
        assert.equal(part.text, words.slice(10, 20));
        assert.equal((await opened.fetch("/words.txt", { headers: { Range: "bytes=-7" } })).text, words.slice(-7));
        const matching = await opened.fetch("/words.txt", {
            headers: { Range: "bytes=0-4", "If-Range": whole.headers.etag },
        });
        assert.equal(matching.status, 206);
        const stale = await opened.fetch("/words.txt", { headers: { Range: "bytes=0-4", "If-Range": '"other"' } });
        assert.equal(stale.status, 200);
        assert.equal(stale.text, words);
        assert.equal((await opened.fetch("/words.txt", { headers: { Range: "bytes=99999999-" } })).status, 416);
        assert.equal((await opened.fetch("/words.txt", { headers: { Range: "pages=1-2" } })).status, 200);
    });

    it("are immutable when a framework names them after their content, and asked for again when not", async () => {
        const control = (await opened.fetch("/_astro/style.D4f8Jk2q.css")).headers["cache-control"];
        assert.equal(
            control,
            "private, max-age=31536000, immutable",
            "nobody on the way may keep a private app's file",
        );
        const names = [
            "/words.txt",
            "/assets/plain.css",
            "/assets/main-Bx7dK2p9.js",
            "/with%20space%20%26%20%C3%BC.txt",
        ];
        for (const name of names) {
            const control = (await opened.fetch(name)).headers["cache-control"] ?? "";
            assert.match(control, /no-cache|max-age=0/, `${name}: ${control}`);
            assert.doesNotMatch(control, /immutable|public/, name);
        }
        assert.match((await opened.session()).headers["cache-control"], /no-store/);
    });

    it("are never kept by the browser when a frame shows them, so that Back asks again", async () => {
        for (const name of ["/", "/index.html", "/customers/7"]) {
            for (const answer of [await opened.fetch(name), await opened.navigate(name)]) {
                assert.equal(answer.headers["cache-control"], "no-store", name);
            }
        }
        assert.equal((await opened.navigate("/words.txt")).headers["cache-control"], "no-store");
    });

    it("that are missing are not kept", async () => {
        const missing = await opened.fetch("/assets/gone-12345678.js", { headers: { "Sec-Fetch-Dest": "script" } });
        assert.doesNotMatch(missing.headers["cache-control"] ?? "", /immutable|max-age=[1-9]/, "a 404 is not for ever");
    });

    it("answer HEAD without a body and refuse to be written", async () => {
        const head = await opened.fetch("/words.txt", { method: "HEAD" });
        assert.equal(head.status, 200);
        assert.equal(head.headers["content-length"], String(words.length));
        assert.equal(head.bytes.length, 0);
        for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
            assert.equal((await opened.fetch("/words.txt", { method, body: "x" })).status, 405, method);
        }
    });

    it("take no large body, whatever the method", async () => {
        for (const method of ["POST", "GET"]) {
            const answer = await opened.fetch("/words.txt", { method, body: "x".repeat(70_000) });
            assert.deepEqual([answer.status, answer.json.code], [413, "body_too_large"], method);
        }
    });

    it("are all there is: no path leads out of them", async () => {
        const cookie = `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`;
        const secret = fs.readFileSync("/etc/passwd", "utf8").split("\n")[0];
        for (const way of [
            "/../../../../../../../../etc/passwd",
            "/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
            "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/%252e%252e/%252e%252e/%252e%252e/etc/passwd",
            "/assets/../../../../../../../../etc/passwd",
            "/assets/..;/..;/etc/passwd",
            "/..\\..\\..\\etc\\passwd",
            "/.%00./.%00./etc/passwd",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/words.txt%00.html",
            "/../inlay.db",
            "/..%2finlay.db",
            "/....//....//inlay.db",
        ]) {
            const answer = await request(opened.origin, {
                path: way,
                headers: { Cookie: cookie, "Sec-Fetch-Dest": "script" },
            });
            assert.ok(!answer.text.includes(secret), way);
            assert.ok(!answer.text.startsWith("SQLite format"), way);
            assert.ok(
                (answer.status >= 400 && answer.status < 500) || answer.text.includes("<title>Files"),
                `${way}: ${answer.status}`,
            );
        }
    });

    it("are not shown in a list of a folder", async () => {
        const answer = await opened.fetch("/assets/");
        assert.doesNotMatch(answer.text, /main-Bx7dK2p9\.js<\/a>/);
    });

    it("come back when the cache folder was deleted while the server runs", async () => {
        for (let round = 0; round < 3; round++) {
            fs.rmSync(path.join(server.data, "cache"), { recursive: true, force: true });
            for (const name of ["/", "/words.txt", "/assets/main-Bx7dK2p9.js", "/some/route"]) {
                assert.equal((await opened.navigate(name)).status, 200, `round ${round}: ${name}`);
            }
        }
        assert.equal((await opened.fetch("/words.txt")).text, words);
    });

    it("come back when a part of the cache was deleted", async () => {
        const cache = path.join(server.data, "cache");
        assert.equal((await opened.fetch("/words.txt")).status, 200);
        const names = fs
            .readdirSync(cache, { recursive: true })
            .map(String)
            .filter((name) => path.basename(name).startsWith("words.txt"));
        assert.ok(names.length > 0, "the cache holds the file under its name");
        for (const name of names) {
            fs.rmSync(path.join(cache, name));
        }
        assert.equal((await opened.fetch("/_inlay/session")).status, 200);
        assert.equal((await opened.navigate("/")).status, 200, "what is still there is still served");
    });

    it("change with a release in a session that follows it, with other validators", async () => {
        const own = await makeWorld(server, { bundle: smallApp("one") });
        const follower = await own.opened();
        const before = await follower.navigate("/");
        await deploy(own.api, own.app.id, "1.1.0", smallApp("two"));
        const now = await follower.navigate("/", {
            "If-None-Match": before.headers.etag,
            "If-Modified-Since": before.headers["last-modified"],
        });
        assert.equal(now.status, 200);
        assert.match(now.text, /<title>two/);
        assert.notEqual(now.headers.etag, before.headers.etag);
    });
});
