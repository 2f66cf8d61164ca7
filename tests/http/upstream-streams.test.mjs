// What goes through to an app's server and back: as it is, as it comes, and held back nowhere.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import zlib from "node:zlib";
import { eventually, settled } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { ask, close, failure, listen, upstreamWorld } from "../lib/upstream.mjs";

const text = "Tea and biscuits. ".repeat(500);
const gzip = zlib.gzipSync(text);
const brotli = zlib.brotliCompressSync(text);

/** Answers, byte by byte, of servers that Node.js would not be. */
const answers = {
    "/chunked":
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n",
    "/old": "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end",
    "/old-with-length": "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold",
    "/hints":
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhints",
    "/continue":
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ncontinue",
    "/only-hints": "HTTP/1.1 103 Early Hints\r\n\r\n",
    "/switch":
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "/cut": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
    "/two": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwoHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
    "/lengths":
        "HTTP/1.1 200 OK\r\nSet-Cookie: __Host-inlay=forged\r\nX-Frame-Options: DENY\r\n" +
        "Content-Encoding: gzip\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc",
    "/unclear": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "/nul": "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
    "/moved": "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
};

describe("through Inlay", () => {
    let server, backend, odd, world, opened;

    function serve(request, response) {
        const hash = createHash("sha256");
        const { pathname } = new URL(request.url, "http://x");
        if (pathname === "/gzip" || pathname === "/br") {
            const bytes = pathname === "/gzip" ? gzip : brotli;
            return response
                .writeHead(200, {
                    "Content-Encoding": pathname.slice(1),
                    ETag: '"e"',
                    "Content-Length": bytes.length,
                    "X-Asked": request.headers["accept-encoding"] ?? "",
                })
                .end(bytes);
        }
        if (pathname === "/range") {
            const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range);
            return response
                .writeHead(206, { "Content-Range": `bytes ${from}-${to}/${text.length}`, "Content-Type": "text/plain" })
                .end(text.slice(from, Number(to) + 1));
        }
        if (pathname === "/upload") {
            upload.received = 0;
            upload.request = request;
            request.on("data", (part) => {
                upload.received += part.length;
                hash.update(part);
            });
            return request.on("end", () => response.end(hash.digest("hex")));
        }
        return request.resume().on("end", () => response.end(pathname));
    }
    const upload = { received: 0, request: null };

    before(async () => {
        server = await startServer();
        backend = await listen(serve);
        // One answer for each connection that Inlay opens, unless it is used again.
        odd = net
            .createServer((socket) => {
                socket
                    .on("error", () => {})
                    .on("data", (data) => {
                        const answer =
                            answers[/^GET (\S+) /.exec(data.toString("latin1"))?.[1]] ??
                            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";
                        socket.write(answer, "latin1");
                        if (/^HTTP\/1.0|103 Early Hints\r\n\r\n|\r\ncut$/.test(answer)) {
                            socket.end();
                        }
                    });
            })
            .listen(0, "127.0.0.1");
        await once(odd, "listening");
        world = await upstreamWorld(server, { url: `http://127.0.0.1:${backend.address().port}` });
        opened = await world.opened();
    });
    after(async () => {
        await server.discard();
        close(backend);
        odd.close();
    });

    const turnTo = ({ port }, more = {}) =>
        world.api.patch(`/apps/${world.app.id}`, { upstream: { url: `http://127.0.0.1:${port}`, ...more } });

    it("compressed answers come as they are", async () => {
        for (const [name, bytes] of [
            ["gzip", gzip],
            ["br", brotli],
        ]) {
            const answer = await opened.fetch(`/${name}`, { headers: { "Accept-Encoding": "gzip, br" } });
            assert.deepEqual(
                [answer.headers["content-encoding"], answer.headers.etag, answer.headers["x-asked"]],
                [name, '"e"', "gzip, br"],
            );
            assert.ok(answer.bytes.equals(bytes));
        }
    });

    it("parts of a file come when they are asked for", async () => {
        const answer = await opened.fetch("/range", { headers: { Range: "bytes=100-199" } });
        assert.deepEqual(
            [answer.status, answer.headers["content-range"], answer.text],
            [206, `bytes 100-199/${text.length}`, text.slice(100, 200)],
        );
    });

    it("an upload goes as fast as the server takes it, and lies neither in memory nor on the disk", async () => {
        const size = 64 << 20;
        const part = randomBytes(1 << 20);
        const hash = createHash("sha256");
        const request = ask(opened, "/upload", { method: "PUT", headers: { "Transfer-Encoding": "chunked" } });
        const answered = once(request, "response");
        request.write(part);
        hash.update(part);
        await eventually("the first part", () => upload.received === part.length); // before the last one is sent
        upload.request.pause();
        const resident = () =>
            server
                .workers()
                .reduce(
                    (sum, pid) =>
                        sum + Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]),
                    0,
                );
        const before = resident();
        for (let sent = part.length; sent < size; sent += part.length) {
            request.write(part);
            hash.update(part);
        }
        await settled("what the client can send", () => request.socket.writableLength);
        const temporary = path.join(server.data, "run/client_body");
        assert.deepEqual(
            fs
                .readdirSync(temporary, { recursive: true })
                .filter((name) => fs.statSync(path.join(temporary, String(name))).isFile()),
            [],
        );
        assert.ok(resident() - before < 8192, `${resident() - before} KB more`);
        assert.ok(request.socket.writableLength > size / 2, "most of it still waits in the client");
        upload.request.resume();
        request.end();
        const [response] = await answered;
        assert.equal((await response.toArray()).join(""), hash.digest("hex"));
    });

    it("a body above the app's limit is refused, with its length or without", async () => {
        await turnTo(backend.address(), { bodyMaxBytes: 1000 });
        assert.equal((await opened.fetch("/", { method: "POST", body: "x".repeat(1000) })).status, 200);
        for (const headers of [{}, { "Transfer-Encoding": "chunked" }]) {
            const answer = await opened.fetch("/", { method: "POST", body: "x".repeat(1001), headers });
            assert.deepEqual([answer.status, answer.json.code], [413, "body_too_large"]);
        }
        await turnTo(backend.address(), { bodyMaxBytes: 0 });
    });

    it("answers come from servers of every kind", async () => {
        await turnTo(odd.address());
        for (const [from, body] of [
            ["/chunked", "hello world"],
            ["/old", "until the end"],
            ["/old-with-length", "old"],
            ["/hints", "hints"],
            ["/continue", "continue"],
            ["/moved", ""],
        ]) {
            const answer = await opened.fetch(from);
            assert.deepEqual([answer.status, answer.text], [from === "/moved" ? 302 : 200, body], from);
            assert.equal(
                answer.headers["x-sum"] ?? answer.headers.link,
                undefined,
                "nginx passes neither trailers nor hints on",
            );
        }
    });

    it("answers that could be read in two ways are not passed on, and the next one is its own", async () => {
        for (const from of ["/lengths", "/unclear", "/nul", "/switch", "/only-hints"]) {
            const { status, headers, json } = await opened.fetch(from);
            assert.deepEqual(
                [status, json.code, headers["set-cookie"], headers["x-frame-options"]],
                [502, from === "/only-hints" ? "upstream_closed" : "upstream_invalid", undefined, undefined],
                from,
            );
            assert.equal((await opened.fetch("/next")).text, "fine", from);
        }
        assert.equal((await failure(world)).detail.reason, "upstream_closed");
        assert.equal((await opened.fetch("/two")).text, "two");
        assert.equal((await opened.fetch("/next")).text, "fine");
        await assert.rejects(opened.fetch("/cut"), /aborted|hang up|ECONNRESET/);
        assert.equal((await opened.fetch("/next")).text, "fine");
    });
});
