// Archives in: what is taken, what is refused, and that a refusal leaves nothing behind.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import zlib from "node:zlib";
import { startServer } from "../lib/server.mjs";
import { smallApp, tar, tarGz, zip } from "../lib/bundle.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const index = { path: "index.html", content: "<!doctype html><title>x</title>" };
const gzip = "application/gzip";

describe("an upload", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    let app;

    before(async () => {
        server = await startServer({
            bundle_max_bytes: 2_000_000,
            bundle_upload_max_bytes: 1_000_000,
            bundle_max_files: 50,
            bundle_max_ratio: 100,
        });
        world = await makeWorld(server);
        app = await world.api.post("/apps", { name: unique("empty") });
    });
    after(() => server.discard());

    const upload = (raw, type = gzip, query = { version: "1.0.0" }, id = app.id) =>
        world.api.call("POST", `/apps/${id}/releases`, { query, raw, type });

    /** Files in the data folder, but for the database itself. */
    const isBody = (name) => /^run\/client_body\/./.test(name); // goes with its request, a moment after the answer
    const everything = () => fs.readdirSync(server.data, { recursive: true }).map(String);
    const files = () =>
        everything()
            .filter((name) => !/^inlay\.db/.test(name) && !name.endsWith(".log") && !isBody(name))
            .sort();

    const refusals = {
        "without an index.html": ["bundle_no_index", (pack) => pack([{ path: "other.html", content: "x" }])],
        "with the index.html two folders down": [
            "bundle_no_index",
            (pack) => pack([{ path: "a/b/index.html", content: "x" }]),
        ],
        "with an index.html in one of two folders": [
            "bundle_no_index",
            (pack) =>
                pack([
                    { path: "a/index.html", content: "x" },
                    { path: "b/x.js", content: "x" },
                ]),
        ],
        "with an absolute path": ["bundle_unsafe_path", (pack) => pack([index, { path: "/etc/evil", content: "x" }])],
        "with ..": ["bundle_unsafe_path", (pack) => pack([index, { path: "../evil", content: "x" }])],
        "with .. in the middle": [
            "bundle_unsafe_path",
            (pack) => pack([index, { path: "a/../../evil", content: "x" }]),
        ],
        "with .. behind a backslash": [
            "bundle_unsafe_path",
            (pack) => pack([index, { path: "..\\evil", content: "x" }]),
        ],
        "with a control character in a name": [
            "bundle_unsafe_path",
            (pack) => pack([index, { path: "a\nb", content: "x" }]),
        ],
        "with a file under _inlay/": [
            "bundle_unsafe_path",
            (pack) => pack([index, { path: "_inlay/session", content: "x" }]),
        ],
        "with one path twice": [
            "bundle_unsafe_path",
            (pack) => pack([index, { path: "a.txt", content: "1" }, { path: "a.txt", content: "2" }]),
        ],
        "with a symbolic link": [
            "bundle_link",
            (pack) => pack([index, { path: "l", type: "symlink", target: "/etc/passwd" }]),
        ],
        "with a symbolic link to its own file": [
            "bundle_link",
            (pack) => pack([index, { path: "l", type: "symlink", target: "index.html" }]),
        ],
        "with too many files": [
            "bundle_too_many_files",
            (pack) => pack([index, ...Array.from({ length: 50 }, (_, n) => ({ path: `f${n}`, content: "x" }))]),
        ],
        "that unpacks to too much": [
            "bundle_too_large",
            (pack) =>
                pack([
                    index,
                    ...Array.from({ length: 30 }, (_, n) => ({
                        path: `f${n}`,
                        content: `${n} `.repeat(40) + crypto.randomBytes(10_000).toString("hex").repeat(4),
                    })),
                ]),
        ],
        "that is a bomb": [
            "bundle_ratio",
            (pack) => pack([index, { path: "zeros", content: Buffer.alloc(1_900_000) }]),
        ],
    };
    for (const [what, [code, make]] of Object.entries(refusals)) {
        for (const [format, pack, type] of [
            ["tar.gz", tarGz, gzip],
            ["zip", zip, "application/zip"],
        ]) {
            it(`${what} is refused as ${code} (${format})`, async () => {
                const before = files();
                const answer = await upload(make(pack), type);
                assert.deepEqual({ status: answer.status, code: answer.json.code }, { status: 400, code }, answer.text);
                if (/too|ratio/.test(code)) {
                    assert.ok(Number.isInteger(answer.json.limit), answer.text);
                    assert.match(answer.json.detail, new RegExp(String(answer.json.limit)));
                }
                await assertNothingLeft(before);
            });
        }
    }

    async function assertNothingLeft(before) {
        for (const end = Date.now() + 5000; Date.now() < end && everything().some(isBody);) {
            await sleep(10);
        }
        assert.deepEqual(everything().filter(isBody), []);
        assert.deepEqual(files(), before);
        assert.deepEqual((await world.api.get(`/apps/${app.id}/releases`)).items, []);
        assert.deepEqual((await world.api.get(`/apps/${app.id}/branches`)).items, []);
        assert.equal((await world.api.get(`/apps/${app.id}`)).currentRelease, null);
    }

    for (const type of ["hardlink", "character", "block", "fifo"]) {
        it(`with a ${type} is refused`, async () => {
            const before = files();
            const answer = await upload(tarGz([index, { path: "odd", type, target: "index.html" }]));
            assert.equal(answer.status, 400);
            assert.equal(answer.json.code, type === "hardlink" ? "bundle_link" : "bundle_device");
            await assertNothingLeft(before);
        });
    }

    it("that is damaged is refused", async () => {
        const before = files();
        const good = tarGz(smallApp());
        const damaged = {
            "cut off": good.subarray(0, Math.floor(good.length / 2)),
            garbage: crypto.randomBytes(2000),
            "gzip of garbage": zlib.gzipSync(crypto.randomBytes(2000)),
            "with a wrong checksum": Buffer.concat([good.subarray(0, good.length - 8), Buffer.alloc(8)]),
            "a tar that ends early": zlib.gzipSync(tar(smallApp()).subarray(0, 1500)),
            "a tar without gzip, said to be gzip of nothing": Buffer.from([0x1f, 0x8b]),
        };
        for (const [what, bytes] of Object.entries(damaged)) {
            const answer = await upload(bytes);
            assert.equal(answer.status, 400, `${what}: ${answer.text}`);
            assert.match(answer.json.code, /^bundle_(damaged|empty|no_index)$/, what);
        }
        const cut = zip(smallApp());
        assert.equal((await upload(cut.subarray(0, cut.length - 40), "application/zip")).status, 400);
        await assertNothingLeft(before);
    });

    it("that is empty is refused", async () => {
        for (const [raw, type] of [
            ["", gzip],
            ["", "application/zip"],
            [tarGz([]), gzip],
        ]) {
            const answer = await upload(raw, type);
            assert.equal(answer.status, 400, answer.text);
            assert.match(answer.json.code, /^bundle_/);
        }
    });

    it("that is larger than bundle_upload_max_bytes is 413 and names the limit", async () => {
        const before = files();
        const answer = await upload(tarGz([index, { path: "noise", content: crypto.randomBytes(1_200_000) }]));
        assert.equal(answer.status, 413, answer.text);
        assert.equal(answer.json.code, "body_too_large");
        assert.equal(answer.json.limit, 1_000_000);
        await assertNothingLeft(before);
    });

    it("of another type is 415", async () => {
        for (const type of [
            undefined,
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
            "application/x-7z-compressed",
        ]) {
            const answer = await upload(tarGz([index]), type ?? "");
            assert.equal(answer.status, 415, `${type}: ${answer.text}`);
            assert.equal(answer.json.code, "media_type_unsupported");
        }
    });

    it("needs exactly one of version and branch, and a semantic version", async () => {
        for (const query of [{}, { version: "1.0.0", branch: "b" }]) {
            assert.equal((await upload(tarGz([index]), gzip, query)).status, 400);
        }
        for (const version of [
            "",
            "1",
            "1.0",
            "v1.0.0",
            "01.0.0",
            "1.0.0-",
            "1.0.0-01",
            "1.0.0+",
            "1.0.0 ",
            "latest",
            "1.0.0/..",
            `1.0.0-${"x".repeat(64)}`,
            "1.0.0-é",
        ]) {
            const answer = await upload(tarGz([index]), gzip, { version });
            assert.equal(answer.status, 400, version);
            assert.equal(answer.json.member, "version", answer.text);
        }
        for (const branch of ["", "../x", "a b", "é", "x".repeat(65)]) {
            const answer = await upload(tarGz([index]), gzip, { branch });
            assert.equal(answer.status, 400, branch);
            assert.equal(answer.json.member, "branch", answer.text);
        }
        assert.deepEqual((await world.api.get(`/apps/${app.id}/releases`)).items, []);
    });

    it("needs an app that exists", async () => {
        await world.api.refused(404, "not_found", "POST", "/apps/no-such-app/releases", {
            query: { version: "1.0.0" },
            raw: tarGz([index]),
            type: gzip,
        });
    });

    it("becomes the current release, with digest, files and bytes", async () => {
        const own = await world.api.post("/apps", { name: unique("own") });
        const made = await upload(tarGz(smallApp("a")), gzip, { version: "1.0.0" }, own.id);
        assert.equal(made.status, 201, made.text);
        assert.equal(made.json.current, true);
        assert.equal(made.json.files, 4);
        assert.equal(
            made.json.bytes,
            smallApp("a").reduce((sum, file) => sum + Buffer.byteLength(file.content), 0),
        );
        assert.equal((await world.api.get(`/apps/${own.id}`)).currentRelease, "1.0.0");

        const next = await upload(tarGz(smallApp("b")), gzip, { version: "1.1.0-rc.1+build.5" }, own.slug);
        assert.equal(next.status, 201, next.text);
        assert.notEqual(next.json.digest, made.json.digest);
        const { items } = await world.api.get(`/apps/${own.id}/releases`);
        assert.deepEqual(
            items.map((release) => [release.version, release.current]),
            [
                ["1.1.0-rc.1+build.5", true],
                ["1.0.0", false],
            ],
        );
        const shown = await world.api.get(`/apps/${own.id}/releases/${encodeURIComponent("1.1.0-rc.1+build.5")}`);
        assert.equal(shown.digest, next.json.digest);
    });

    it("of equal content has an equal digest, whatever the format, order and top folder", async () => {
        const own = await world.api.post("/apps", { name: unique("own") });
        const content = smallApp("same");
        const inFolder = content.map((file) => ({ ...file, path: `dist/${file.path}` }));
        const digests = new Set();
        const variants = [
            [tarGz(content), gzip],
            [zip(content), "application/zip"],
            [tarGz([...content].reverse()), gzip],
            [tarGz([{ path: "dist/", type: "folder" }, ...inFolder]), gzip],
            [zip(inFolder), "application/zip"],
            [tarGz(content.map((file) => ({ ...file, path: `./${file.path}` }))), gzip],
        ];
        for (const [n, [raw, type]] of variants.entries()) {
            const answer = await upload(raw, type, { version: `1.0.${n}` }, own.id);
            assert.equal(answer.status, 201, `variant ${n}: ${answer.text}`);
            digests.add(answer.json.digest);
        }
        assert.equal(digests.size, 1);
    });

    it("of a version that exists is 409, even with equal content, and changes nothing", async () => {
        const own = await world.api.post("/apps", { name: unique("own") });
        const first = await upload(tarGz(smallApp("a")), gzip, { version: "1.0.0" }, own.id);
        await upload(tarGz(smallApp("b")), gzip, { version: "2.0.0" }, own.id);
        for (const title of ["a", "c"]) {
            const answer = await upload(tarGz(smallApp(title)), gzip, { version: "1.0.0" }, own.id);
            assert.deepEqual([answer.status, answer.json.code], [409, "release_exists"]);
        }
        const { items } = await world.api.get(`/apps/${own.id}/releases`);
        assert.equal(items.length, 2);
        assert.equal(items[1].digest, first.json.digest);
        assert.equal((await world.api.get(`/apps/${own.id}`)).currentRelease, "2.0.0");
    });

    it("of one version by two at once succeeds once", async () => {
        const own = await world.api.post("/apps", { name: unique("own") });
        const answers = await Promise.all(
            Array.from({ length: 6 }, (_, n) => upload(tarGz(smallApp(`t${n}`)), gzip, { version: "1.0.0" }, own.id)),
        );
        assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409, 409, 409, 409, 409]);
    });

    it("to a branch creates it and moves it, and makes no release", async () => {
        const own = await world.api.post("/apps", { name: unique("own") });
        const made = await upload(tarGz(smallApp("a")), gzip, { branch: "main" }, own.id);
        assert.equal(made.status, 201, made.text);
        assert.equal(made.json.name, "main");
        const moved = await upload(tarGz(smallApp("b")), gzip, { branch: "main" }, own.id);
        assert.equal(moved.status, 201, moved.text);
        assert.notEqual(moved.json.digest, made.json.digest);
        const { items } = await world.api.get(`/apps/${own.id}/branches`);
        assert.deepEqual(items, [moved.json]);
        assert.equal((await world.api.get(`/apps/${own.id}`)).currentRelease, null);
        await world.api.delete(`/apps/${own.id}/branches/main`);
        await world.api.refused(404, "not_found", "GET", `/apps/${own.id}/branches/main`);
    });

    it("can be rolled back to, and deleted unless it is current", async () => {
        const own = await world.api.post("/apps", { name: unique("own") });
        for (const version of ["1.0.0", "2.0.0"]) {
            assert.equal((await upload(tarGz(smallApp(version)), gzip, { version }, own.id)).status, 201);
        }
        await world.api.refused(409, "release_current", "DELETE", `/apps/${own.id}/releases/2.0.0`);
        const back = await world.api.expect(200, "POST", `/apps/${own.id}/releases/1.0.0/rollback`);
        assert.deepEqual([back.version, back.current], ["1.0.0", true]);
        await world.api.delete(`/apps/${own.id}/releases/2.0.0`);
        await world.api.refused(404, "not_found", "GET", `/apps/${own.id}/releases/2.0.0`);
        await world.api.refused(404, "not_found", "POST", `/apps/${own.id}/releases/2.0.0/rollback`);
    });

    it("with long and international names arrives whole", async () => {
        const own = await makeWorld(server, {
            bundle: smallApp("names", [
                { path: `${"folder-with-a-long-name/".repeat(8)}file.txt`, content: "deep" },
                { path: "grüße/日本語.txt", content: "unicode" },
            ]),
        });
        const opened = await own.opened();
        assert.equal((await opened.fetch(`/${"folder-with-a-long-name/".repeat(8)}file.txt`)).text, "deep");
        assert.equal((await opened.fetch(encodeURI("/grüße/日本語.txt"))).text, "unicode");
    });
});
