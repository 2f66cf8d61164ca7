// Requests that two servers could read in two ways, and headers that pretend: nothing of them reaches an app's server.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";

describe("an app's server", () => {
    let server, backend, world, opened, cookie, host;
    /** What reached it. @type {{ url: string, headers: string[], body: string }[]} */ let seen = [];
    /** The same, byte by byte. */ let bytes = "";

    before(async () => {
        server = await startServer();
        backend = await listen((request, response) => {
            let body = "";
            request.on("data", (data) => (body += data));
            request.on("end", () => {
                seen.push({ url: request.url, headers: request.rawHeaders, body });
                response.end("ok");
            });
        });
        backend.on("connection", (socket) => socket.on("data", (data) => (bytes += data.toString("latin1"))));
        world = await upstreamWorld(server, { url: `http://127.0.0.1:${backend.address().port}` });
        opened = await world.opened();
        host = new URL(opened.origin).host;
        cookie = `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`;
    });
    after(async () => {
        await server.discard();
        close(backend);
    });
    beforeEach(() => {
        seen = [];
        bytes = "";
    });

    /** The statuses that raw bytes get, until the connection is closed or has nothing more to say. */
    function statuses(raw) {
        return new Promise((resolve, reject) => {
            const socket = net.connect(server.port, "127.0.0.1", () => socket.write(raw, "latin1"));
            let text = "";
            socket.setTimeout(1000, () => socket.destroy());
            socket.on("data", (data) => {
                text += data.toString("latin1");
                socket.setTimeout(300);
            });
            socket.on("close", () =>
                resolve([...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))),
            );
            socket.on("error", reject);
        });
    }

    /** A request of the opened app; lines come after those that every request has. */
    const head = (first, ...lines) =>
        [first, `Host: ${host}`, `Cookie: ${cookie}`, `Origin: ${opened.origin}`, ...lines, "", ""].join("\r\n");
    const hidden = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";

    it("gets none of a request whose end is not clear", async () => {
        const lines = [
            ["Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: chunked", "Content-Length: 5"],
            ["Content-Length: 5", "Content-Length: 6"],
            ["Content-Length: 5", "Content-Length: 5"],
            ["Content-Length: 5, 5"],
            ["Content-Length: +5"],
            ["Content-Length: 0x5"],
            ["Content-Length: 5 5"],
            ["Content-Length: -1"],
            ["Content-Length: 99999999999999999999"],
            ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: chunked, identity"],
            ["Transfer-Encoding: gzip, chunked"],
            ["Transfer-Encoding: xchunked"],
            ["Transfer-Encoding : chunked"],
            ["Transfer-Encoding:\x0bchunked"],
            ["Transfer-Encoding:", " chunked"],
            ["X: y", "Transfer-Encoding\r: chunked"],
        ];
        for (const each of lines) {
            const [status, ...more] = await statuses(`${head("POST / HTTP/1.1", ...each)}0\r\n\r\n${hidden}`);
            assert.ok(status === 400 || status === 501, `${JSON.stringify(each)}: ${status}`);
            assert.deepEqual(more, [], JSON.stringify(each));
        }
        assert.deepEqual(seen, []);
    });

    it("gets no request that stands where a broken chunk ends", async () => {
        for (const chunk of [
            "zz\r\nx",
            "-1\r\nx",
            "0x1\r\nx",
            "fffffffffffffffff\r\nx",
            "5\r\nhello0\r\n\r\n",
            "1 1\r\nx",
            "\r\n",
        ]) {
            const [status, ...more] = await statuses(
                `${head("POST / HTTP/1.1", "Transfer-Encoding: chunked")}${chunk}${hidden}`,
            );
            assert.equal(status, 400, JSON.stringify(chunk));
            assert.deepEqual(more, [], JSON.stringify(chunk));
        }
        assert.deepEqual(seen, []);
    });

    it("gets none of a request whose lines are malformed", async () => {
        for (const raw of [
            head("GET / HTTP/1.1", `Host: ${host}`),
            head("GET / HTTP/1.1", "Host: other.example"),
            head("GET / HTTP/1.1", "X: a\0b"),
            head("GET / HTTP/1.1", "X: a", "\tb"),
            head("GET / HTTP/1.1", "X: a\rX-Inlay-User: b"),
            head("GET /a\0b HTTP/1.1"),
            head("GET /%00 HTTP/1.1"),
            head("GET /a\x01b HTTP/1.1"),
            head("GET /a#/../b HTTP/1.1"),
            head("GET / HTTP/9.9"),
            head("GET / http/1.1"),
            head(`GET http://other.example/ HTTP/1.1`),
            head(`GET http://aaaaaaaaaaaaaaaaaaaaaaaaaa.localhost:${server.port}/ HTTP/1.1`),
            head(`GET http://user@${host}/ HTTP/1.1`),
            head("GET //other.example/../x HTTP/1.1"),
            head("CONNECT other.example:80 HTTP/1.1"),
            head("TRACE / HTTP/1.1"),
            `GET /\r\n${hidden}`,
            `GET / HTTP/1.1\r\nCookie: ${cookie}\r\n\r\n`,
        ]) {
            const [status, ...more] = await statuses(raw);
            assert.ok(status === undefined || status >= 400, `${JSON.stringify(raw.slice(0, 80))}: ${status}`);
            assert.deepEqual(more, []);
        }
        assert.deepEqual(seen, []);
    });

    it("gets what can be read in one way only, written anew", async () => {
        await statuses(head(`GET http://${host}/absolute HTTP/1.1`));
        await statuses(head("GET /bare HTTP/1.1").replaceAll("\r\n", "\n"));
        await statuses(head("GET /old HTTP/1.0", "Connection: upgrade", "Upgrade: websocket"));
        await statuses(`${head("GET /body HTTP/1.1", `Content-Length: ${hidden.length}`)}${hidden}`);
        await statuses(
            `${head("POST /chunks HTTP/1.1", "Transfer-Encoding: Chunked")}` +
                `5;ext=1\r\nhello\r\n0\r\nX-Inlay-User: root\r\nTrailer: y\r\n\r\n`,
        );
        assert.deepEqual(
            seen.map(({ url, body }) => [url, body]),
            [
                ["/absolute", ""],
                ["/bare", ""],
                ["/old", ""],
                ["/body", hidden],
                ["/chunks", "hello"],
            ],
        );
        assert.doesNotMatch(bytes.replace(hidden, ""), /(?<!\r)\n|root|ext=1|absolute-form|upgrade/i);
    });

    it("gets a second request of a connection only with a session of its own", async () => {
        const plain = `GET /second HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        assert.deepEqual(await statuses(head("GET /first HTTP/1.1") + plain), [200, 401]);
        assert.deepEqual(
            seen.map(({ url }) => url),
            ["/first"],
        );
    });

    it("gets none but its own user's identity, however else a header is spelled", async () => {
        const names = [
            "X-Inlay-User",
            "x-inlay-USER",
            "X_Inlay_User",
            "X.Inlay.User",
            "X-Inlay_User",
            "X-Inlay-Assertion",
            "X-Inlay-Anything",
            "Inlay-Removed",
            "X-Forwarded-User",
            "X.Forwarded.Prefix",
            "X_Real_IP",
            "Content_Length",
            "Transfer_Encoding",
            "Transfer.Encoding",
            "Sec_Fetch_Site",
            "Proxy",
            "X-N\xe4me",
            "X[Inlay]",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "Forwarded",
            "X-Real-IP",
            "X-Inlay-User\t",
            " X-Inlay-User",
            "Proxy-Authorization",
        ];
        for (const name of names) {
            await statuses(
                head(
                    "GET / HTTP/1.1",
                    `${name}: root`,
                    `${name}: root`,
                    "Connection: close, X-Inlay-Assertion, X-Inlay-User",
                ),
            );
        }
        await statuses(
            `${head("POST / HTTP/1.1", "Transfer-Encoding: chunked", "Trailer: X-Inlay-User")}0\r\nX-Inlay-User: root\r\n\r\n`,
        );
        assert.ok(seen.length > names.length / 2);
        assert.doesNotMatch(bytes, /root/);
        for (const { headers } of seen) {
            const lower = headers.map((each) => each.toLowerCase());
            for (const [name, value] of [
                ["x-inlay-user", world.user.id],
                ["x-real-ip", "127.0.0.1"],
                ["x-forwarded-for", "127.0.0.1"],
                ["x-forwarded-host", host],
            ]) {
                assert.deepEqual(
                    headers.filter((_, i) => i % 2 === 1 && lower[i - 1] === name),
                    [value],
                    name,
                );
            }
            assert.equal(lower.filter((each) => each === "x-inlay-assertion").length, 1);
        }
    });

    it("gets what clients send by any other name, and nothing by the names that it trusts", async () => {
        const names = [
            "X-Original-Filename",
            "Remote-User",
            "remote_user",
            "X-Hasura-Role",
            "X.Hasura_Role",
            "api_key",
            "a.b",
            "X-Auth-User",
        ];
        const ask = () =>
            statuses(head("GET / HTTP/1.1", "Connection: close", ...names.map((name) => `${name}: root`)));
        const got = () => seen.at(-1).headers.filter((_, i) => seen.at(-1).headers[i + 1] === "root");
        const set = (trustedHeaders) => world.api.patch(`/apps/${world.app.id}`, { upstream: { trustedHeaders } });
        await ask();
        assert.deepEqual(got(), names);
        assert.deepEqual((await set(["Remote-User", "X-Hasura-*"])).upstream.trustedHeaders, [
            "Remote-User",
            "X-Hasura-*",
        ]);
        await ask();
        assert.deepEqual(got(), ["X-Original-Filename", "api_key", "a.b", "X-Auth-User"]);
        for (const bad of ["Cookie", "Content-*", "*", "-*", "a b", "", "X\r\nY", 7]) {
            const { json } = await world.api.send("PATCH", `/apps/${world.app.id}`, {
                body: { upstream: { trustedHeaders: ["Fine", bad] } },
            });
            assert.match(JSON.stringify(json), /trustedHeaders\[1\]/, String(bad));
        }
        await set([]);
    });

    it("takes no request for longer or shorter by a length that CGI would read as one", async () => {
        const sent = `${head("POST / HTTP/1.1", "Content_Length: 0", "Transfer_Encoding: chunked", "Content-Length: 5", "Connection: close")}hello`;
        assert.deepEqual(await statuses(sent), [200]);
        assert.deepEqual(
            seen.map(({ body }) => body),
            ["hello"],
        );
        assert.doesNotMatch(bytes, /content_length|transfer_encoding/i);
    });

    it("gets nothing for a sibling's cookie, alone or beside the right one", async () => {
        const sibling = await world.opened(await world.embedLink());
        const theirs = `__Host-inlay=${sibling.browser.cookies(sibling.origin).get("__Host-inlay")}`;
        seen = [];
        for (const value of [theirs, `${theirs}; ${cookie}`, `${cookie}; ${theirs}`]) {
            assert.deepEqual(
                await statuses(`GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${value}\r\nConnection: close\r\n\r\n`),
                [401],
                value.slice(0, 20),
            );
        }
        assert.deepEqual(
            await statuses(
                `GET / HTTP/1.1\r\nHost: ${new URL(sibling.origin).host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
            ),
            [401],
        );
        assert.deepEqual(seen, []);
    });
});
