// Which file of a bundle answers a path, as frameworks lay their builds out; and how long browsers may keep it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import zlib from "node:zlib";
import { startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

const page = (title) => `<!doctype html><title>${title}</title>`;

/** @type {import("../lib/server.mjs").Server} */ let server;

before(async () => {
    server = await startServer();
});
after(() => server.discard());

/** An app of these files, opened. @param {Record<string, string | Buffer>} files */
async function openApp(files) {
    const world = await makeWorld(server, {
        bundle: Object.entries(files).map(([path, content]) => ({ path, content })),
    });
    return world.opened();
}

async function expectPages(opened, expected) {
    for (const [path, [status, text]] of Object.entries(expected)) {
        const answer = await opened.navigate(path);
        assert.equal(answer.status, status, path);
        assert.ok(answer.text.includes(text), `${path}: ${answer.text.slice(0, 200)}`);
    }
}

describe("a site of several pages", () => {
    /** @type {import("../lib/world.mjs").Opened} */ let opened;
    before(async () => {
        opened = await openApp({
            "index.html": page("Home"),
            "about.html": page("About"),
            "blog.html": page("Blog"),
            "blog/first.html": page("First"),
            "docs/index.html": page("Docs"),
            "v1.2/index.html": page("Version"),
            "empty/data.json": "{}",
            "404.html": page("Nothing here"),
            "café.html": page("Café"),
        });
    });

    it("has its pages with and without .html, and with a slash at the end", async () => {
        await expectPages(opened, {
            "/": [200, "Home"],
            "/about": [200, "About"],
            "/about.html": [200, "About"],
            "/about/": [200, "About"],
            "/about?tab=1": [200, "About"],
            "/blog": [200, "Blog"],
            "/blog/": [200, "Blog"],
            "/blog/first": [200, "First"],
            "/docs/": [200, "Docs"],
            "/v1.2/": [200, "Version"],
        });
    });

    it("sends a folder's path on to the one with a slash, which links in the page count from", async () => {
        for (const path of ["/docs?tab=1", "/v1.2"]) {
            const answer = await opened.fetch(path, { headers: { "Sec-Fetch-Dest": "iframe" } });
            assert.equal(answer.status, 301, path);
            assert.equal(answer.headers.location, path.replace(/(\?|$)/, "/$1"));
        }
    });

    it("answers what it doesn't have with its 404.html, and status 404", async () => {
        await expectPages(opened, {
            "/nothing": [404, "Nothing here"],
            "/blog/second": [404, "Nothing here"],
            "/empty/": [404, "Nothing here"],
            "/empty": [404, "Nothing here"],
        });
        const again = await opened.navigate("/nothing", { "If-None-Match": "*", Range: "bytes=0-3" });
        assert.equal(again.status, 404);
    });

    it("finds names with accents in both of Unicode's spellings", async () => {
        await expectPages(opened, {
            "/caf%C3%A9.html": [200, "Café"],
            "/cafe%CC%81.html": [200, "Café"],
            "/cafe%CC%81": [200, "Café"],
        });
    });

    it("answers other methods with 405, and says which ones are right", async () => {
        for (const path of ["/", "/about", "/nothing"]) {
            const answer = await opened.fetch(path, { method: "PUT", body: "x" });
            assert.equal(answer.status, 405, path);
            assert.equal(answer.headers.allow, "GET, HEAD", path);
        }
    });

    it("logs no error for what it doesn't have", () => {
        assert.doesNotMatch(server.output, /\[error\]/);
    });
});

describe("an app of one page", () => {
    it("answers its own paths to navigations, and nothing that a script asks for", async () => {
        const opened = await openApp({ "index.html": page("App"), "assets/a.js": "1" });
        await expectPages(opened, { "/orders/17": [200, "App"], "/assets/": [200, "App"], "/assets": [200, "App"] });
        for (const path of ["/orders/17", "/assets", "/api/orders"]) {
            const answer = await opened.fetch(path, { headers: { "Sec-Fetch-Dest": "empty" } });
            assert.equal(answer.status, 404, path);
        }
    });
});

describe("compressed files that a bundle brings", () => {
    it("are files of their own, never another file's compressed form", async () => {
        const text = "all work and no play\n".repeat(500);
        const opened = await openApp({
            "index.html": page("Twins"),
            "a.txt": text,
            "a.txt.gz": zlib.gzipSync("something else"),
            "a.txt.br": "not even brotli",
            "backup.tar.gz": zlib.gzipSync("a tar"),
        });
        for (const encoding of ["gzip", "br", "identity"]) {
            const answer = await opened.fetch("/a.txt", { headers: { "Accept-Encoding": encoding } });
            const bytes = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync }[answer.headers["content-encoding"]];
            assert.equal(String(bytes ? bytes(answer.bytes) : answer.bytes), text, encoding);
        }
        const twin = await opened.fetch("/a.txt.gz", { headers: { "Accept-Encoding": "gzip" } });
        assert.equal(twin.headers["content-encoding"], undefined);
        assert.equal(String(zlib.gunzipSync(twin.bytes)), "something else");
        assert.equal((await opened.fetch("/a.txt.br")).text, "not even brotli");
        assert.equal((await opened.fetch("/backup.tar.gz")).headers["content-type"], "application/gzip");
    });

    it("are what their names say where a loader asks for them by name, as Unity's does", async () => {
        const opened = await openApp({
            "index.html": page("Game"),
            "Build/game.wasm.gz": zlib.gzipSync("\0asm"),
            "Build/game.framework.js.br": zlib.brotliCompressSync("let a;"),
            "Build/game.data.gz": zlib.gzipSync("data"),
            "Build/game.loader.js": "load();",
            "Build/table.data.gz": zlib.gzipSync("for pako"),
        });
        for (const [name, encoding, type] of [
            ["game.wasm.gz", "gzip", "application/wasm"],
            ["game.framework.js.br", "br", "text/javascript"],
            ["game.data.gz", "gzip", "application/octet-stream"],
            ["table.data.gz", undefined, "application/gzip"],
        ]) {
            const answer = await opened.fetch(`/Build/${name}`, { headers: { "Accept-Encoding": "gzip, br" } });
            assert.equal(answer.headers["content-encoding"], encoding, name);
            assert.equal(answer.headers["content-type"].split(";")[0], type, name);
        }
    });
});

describe("the media types of files", () => {
    it("are those that browsers need to run, show, or play them", async () => {
        const types = {
            "a.cjs": "text/javascript",
            "a.xhtml": "application/xhtml+xml",
            "a.geojson": "application/geo+json",
            "a.jsonld": "application/ld+json",
            "a.m3u8": "application/vnd.apple.mpegurl",
            "a.mov": "video/quicktime",
            "a.flac": "audio/flac",
            "a.opus": "audio/ogg",
            "a.glb": "model/gltf-binary",
            "a.bmp": "image/bmp",
            "a.cur": "image/vnd.microsoft.icon",
            "a.apng": "image/apng",
            "a.eot": "application/vnd.ms-fontobject",
            "a.ics": "text/calendar",
            "a.tsv": "text/tab-separated-values",
            "a.yaml": "application/yaml",
            "a.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "a.mp4": "video/mp4",
            "A.JPG": "image/jpeg",
            "a.unknown": "application/octet-stream",
        };
        const opened = await openApp({
            "index.html": page("Types"),
            ...Object.fromEntries(Object.keys(types).map((name) => [name, "x"])),
        });
        for (const [name, type] of Object.entries(types)) {
            const answer = await opened.fetch(`/${name}`);
            assert.equal(answer.headers["content-type"].split(";")[0], type, name);
        }
        assert.equal(
            (await opened.fetch("/a.tsv")).headers["content-type"],
            "text/tab-separated-values; charset=utf-8",
        );
    });
});

describe("browsers", () => {
    const forGood = /immutable/;

    it("keep for good only what a framework names after its content, by its own rule", async () => {
        const hashed = [
            "_next/static/chunks/0cz1d0mv5g_q7.js",
            "_next/static/chunks/app/page-4f2a9c.js",
            "_next/static/media/e4af272ccee01ff0-s.p.woff2",
            "_app/immutable/entry/start.Dk3aX9.js",
            "_astro/index.B7xY2k.css",
            "_nuxt/entry.8d1f2c3b.js",
            "chunk-ABCDEFGH.js",
            "main-7QK2MZ4P.js",
            "assets/js/59362658.47426898.js",
        ];
        const plain = [
            "view-Dashboard.js",
            "jquery.dataTables.min.js",
            "OpenSans-SemiBold.woff2",
            "apple-touch-icon-180x180.png",
            "assets/Roboto-Bold2024.woff2",
            "assets/report-20240101.js",
            "chunk-overview.js",
            "_next/static/my-build/_buildManifest.js",
            "_nuxt/builds/latest.json",
            "_app/version.json",
            "js/12345678.js",
        ];
        const opened = await openApp({
            "index.html": page("Hashes"),
            ...Object.fromEntries([...hashed, ...plain].map((name) => [name, "x"])),
        });
        for (const name of hashed) {
            assert.match((await opened.fetch(`/${name}`)).headers["cache-control"], forGood, name);
        }
        for (const name of plain) {
            const answer = await opened.fetch(`/${name}`);
            assert.equal(answer.headers["cache-control"], "private, no-cache", name);
            const again = await opened.fetch(`/${name}`, { headers: { "If-None-Match": answer.headers.etag } });
            assert.equal(again.status, 304, name);
        }
    });
});
