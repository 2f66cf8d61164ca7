// Apps that are a server of their own: what reaches it, what comes back, what happens when it does not answer.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { Browserlike } from "../lib/browserlike.mjs";
import { freePort, startServer } from "../lib/server.mjs";
import { request } from "../lib/browserlike.mjs";
import { portalOrigin } from "../lib/world.mjs";
import { makeCertificate } from "../lib/certificate.mjs";
import { ask, close, closedAt, failure, listen, upstreamWorld, webSocket } from "../lib/upstream.mjs";

const NOISE_MS = 2000;

/** Tells what it received. */
function echo(request, response) {
    const { pathname } = new URL(request.url, "http://x");
    if (pathname.endsWith("/headers")) {
        response.writeHead(200, {
            "X-Frame-Options": "DENY",
            "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; img-src *",
            "Access-Control-Allow-Origin": "*",
            "Set-Cookie": [
                "a=1; Domain=example.com; Path=/base/x; HttpOnly",
                "__Host-inlay=evil; Path=/",
                "__Host-inlay-pending=evil",
            ],
        });
        return response.end("ok");
    }
    const to = new URL(request.url, "http://x").searchParams.get("redirect");
    if (to !== null) {
        return response.writeHead(302, { Location: to }).end();
    }
    if (pathname.endsWith("/word")) {
        // "name=value" of the query are its headers
        response.writeHead(
            Number(request.headers["x-status"] ?? 200),
            Object.fromEntries(new URL(request.url, "http://x").searchParams),
        );
        return response.end("<p>text");
    }
    if (pathname.endsWith("/away")) {
        return response
            .writeHead(302, {
                Location: `http://${request.socket.localAddress}:${request.socket.localPort}/base/there?x=1`,
            })
            .end();
    }
    if (pathname.endsWith("/stream")) {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        return response.write("data: 1\n\n");
    }
    if (pathname.endsWith("/endless")) {
        response.writeHead(200, { "Content-Type": "application/zip", "Content-Length": 1e12 });
        const writing = setInterval(() => response.write("x".repeat(1000)), 20);
        return response.on("close", () => clearInterval(writing));
    }
    if (pathname.endsWith("/garbage")) {
        request.socket.write("this is no HTTP\r\nSet-Cookie: a=b\r\n\r\n");
        return request.socket.end();
    }
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
        const body = JSON.stringify({
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: Buffer.concat(parts).toString(),
            port: request.socket.remotePort,
        });
        response
            .writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) })
            .end(body);
    });
}

describe("an app that is a server of its own", () => {
    let server, backend, world, opened, port;

    before(async () => {
        server = await startServer({ workers: 2 });
        backend = await listen(echo);
        port = backend.address().port;
        world = await upstreamWorld(server, { url: `http://127.0.0.1:${port}/base/` });
        opened = await world.opened();
    });
    after(async () => {
        await server.discard();
        close(backend);
    });

    it("is told who its user is, and can verify it", async () => {
        const { json } = await opened.fetch("/who", {
            headers: { "X-Inlay-User": "root", "X-Inlay-Assertion": "e30.e30.e30" },
        });
        const session = (await opened.fetch("/_inlay/session")).json;
        assert.equal(json.headers["x-inlay-user"], world.user.id);
        assert.equal(json.headers["x-inlay-email"], world.user.email);
        assert.equal(json.headers["x-inlay-session"], session.session.id);
        const [header, payload, signature] = json.headers["x-inlay-assertion"].split(".");
        const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString());
        const { keys } = await (await fetch(`${server.url}/.well-known/jwks.json`)).json();
        const key = createPublicKey({ key: keys.find((each) => each.kid === kid), format: "jwk" });
        assert.equal(alg, "ES256");
        assert.ok(
            verify(
                "sha256",
                Buffer.from(`${header}.${payload}`),
                { key, dsaEncoding: "ieee-p1363" },
                Buffer.from(signature, "base64url"),
            ),
        );
        const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
        assert.deepEqual(
            [claims.iss, claims.aud, claims.sub, claims.sid],
            [server.url, world.app.id, world.user.id, session.session.id],
        );
        assert.ok(claims.exp - claims.iat <= 60);
    });

    it("gets the request below its base path, without Inlay's cookies or an identity that the client made up", async () => {
        const cookie = opened.browser.cookies(opened.origin).get("__Host-inlay");
        const { json } = await opened.fetch("/a%2Fb?q=1", {
            headers: {
                Cookie: `x=1; __Host-inlay=${cookie}; __Host-inlay-pending=q; y=2`,
                "X-Inlay-User": "root",
                "x-INLAY-email": "root",
                "X-Inlay-Groups": "root",
                X_Inlay_User: "root",
                "X-Forwarded-User": "root",
                "X-Forwarded-For": "1.2.3.4",
            },
        });
        assert.equal(json.url, "/base/a%2Fb?q=1");
        assert.equal(json.headers.cookie, "x=1; y=2");
        assert.equal(json.headers["x-forwarded-for"], "127.0.0.1");
        assert.equal(json.headers.host, new URL(opened.origin).host);
        assert.doesNotMatch(JSON.stringify(json), /root/);
        assert.doesNotMatch(JSON.stringify(json), new RegExp(cookie));
    });

    it("gets a path that has the base path already as it is", async () => {
        for (const [path, url] of [
            ["/base/x.js", "/base/x.js"],
            ["/base?a", "/base?a"],
            ["/based", "/base/based"],
        ]) {
            assert.equal((await opened.fetch(path)).json.url, url);
        }
    });

    it("gets bodies, over connections that are kept", async () => {
        const ports = new Set();
        for (let i = 0; i < 6; i += 1) {
            const { json } = await opened.fetch("/post", { method: "POST", body: "x".repeat(100_000) });
            assert.equal(json.body.length, 100_000);
            ports.add(json.port);
        }
        assert.ok(ports.size <= 2, `one connection for each worker, not ${ports.size}`);
    });

    it("is framed by the app's portals, and keeps the rest of its policy", async () => {
        const { headers } = await opened.fetch("/headers");
        assert.equal(headers["x-frame-options"], undefined);
        assert.equal(headers["access-control-allow-origin"], undefined);
        assert.equal(
            headers["content-security-policy"],
            `default-src 'self'; img-src *, frame-ancestors ${portalOrigin} 'self'`,
        );
        assert.match(
            headers["set-cookie"].join("\n"),
            /^inlay-[0-9a-f]{16}-a=1; Path=\/x; HttpOnly; Secure; SameSite=None; Partitioned$/,
        );
    });

    it("decides on its own pages' referrers and types; without its word they are what browsers do", async () => {
        const html = "Content-Type=text/html";
        for (const [query, referrer, types] of [
            [html, "strict-origin-when-cross-origin", "nosniff"],
            [`${html}&Referrer-Policy=no-referrer`, "no-referrer", "nosniff"],
            [`${html}&referrer-policy=origin&X-Content-Type-Options=nosniff`, "origin", "nosniff"],
            [`${html}&X-Content-Type-Options=none`, "strict-origin-when-cross-origin", "none"],
            ["", "strict-origin-when-cross-origin", undefined],
            ["X-Content-Type-Options=nosniff", "strict-origin-when-cross-origin", "nosniff"],
        ]) {
            for (const status of [200, 404]) {
                const { headers } = await opened.navigate(`/word?${query}`, {
                    headers: { "X-Status": String(status) },
                });
                assert.deepEqual(
                    [headers["referrer-policy"], headers["x-content-type-options"]],
                    [referrer, types],
                    query,
                );
            }
        }
    });

    it("redirects within the app's origin", async () => {
        assert.equal((await opened.fetch("/away")).headers.location, `${opened.origin}/there?x=1`);
    });

    it("cannot be led out of its base path", async () => {
        for (const path of [
            "/x/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/a/..%5c..%5csecret",
            "/..;/secret",
            "/%252e%252e/secret",
        ]) {
            assert.equal((await opened.fetch("/", { path })).status, 400, path);
        }
        assert.equal((await opened.fetch("/", { path: "/..;/secret" })).json.code, "bad_request");
    });

    it("leads a link on, by redirects of every kind, to where no other app could lead the frame", async () => {
        for (const to of ["/base/end?a=b", "/end", "end", `http://127.0.0.1:${port}/base/end`]) {
            const link = await world.embedLink({ path: `/start?redirect=${encodeURIComponent(to)}` });
            const page = await new Browserlike().open(link);
            assert.equal(page.status, 200, `${to}: ${page.text.slice(0, 200)}`);
            assert.match(page.json.url, /\/end/);
        }
    });

    it("that answers garbage gives a plain page and an event", async () => {
        const page = await opened.navigate("/garbage");
        assert.equal(page.status, 502);
        assert.match(page.text, /invalid response/);
        assert.equal((await failure(world)).detail.reason, "upstream_invalid");
        assert.equal((await opened.fetch("/fine")).status, 200);
    });

    it("may send headers of 64 KB; what else keeps an answer from being one is named", async () => {
        const raw = async (answer) => {
            const broken = net.createServer((socket) => {
                socket.on("error", () => {});
                socket.once("data", () => answer(socket));
            });
            broken.listen(0, "127.0.0.1");
            await once(broken, "listening");
            await world.api.patch(`/apps/${world.app.id}`, {
                upstream: { url: `http://127.0.0.1:${broken.address().port}` },
            });
            try {
                const asking = ask(opened, "/", { headers: { Accept: "application/json" } });
                asking.end();
                const [response] = await once(asking, "response");
                const body = (await response.toArray()).join("");
                return response.statusCode === 200
                    ? response.headers["x-big"].length
                    : [response.statusCode, JSON.parse(body).code];
            } finally {
                broken.close();
            }
        };
        const big = (size) => (socket) =>
            socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Big: ${"y".repeat(size)}\r\n\r\nok`);
        const h2 = http2.createServer().listen(0, "127.0.0.1");
        await once(h2, "listening");
        try {
            assert.equal(await raw(big(17_000)), 17_000);
            assert.equal(await raw(big(65_000)), 65_000);
            assert.deepEqual(await raw(big(66_000)), [502, "upstream_headers_too_large"]);
            assert.deepEqual(await raw((socket) => socket.end()), [502, "upstream_closed"]);
            assert.deepEqual(await raw((socket) => socket.resetAndDestroy()), [502, "upstream_closed"]);
            assert.deepEqual(await raw((socket) => socket.end("HTTP/1.1 200 OK\r\nX: ")), [502, "upstream_closed"]);
            assert.deepEqual(await raw((socket) => socket.end("SSH-2.0-OpenSSH\r\n")), [502, "upstream_invalid"]);
            assert.deepEqual(await raw((socket) => socket.end("HTTP/1.1 200 OK\r\nbad header\r\n\r\n")), [
                502,
                "upstream_invalid",
            ]);
            // a SETTINGS frame, and GOAWAY: what HTTP/2 servers say first
            assert.deepEqual(await raw((socket) => socket.end(Buffer.from("000000040000000000", "hex"))), [
                502,
                "upstream_http2",
            ]);
            await world.api.patch(`/apps/${world.app.id}`, {
                upstream: { url: `http://127.0.0.1:${h2.address().port}` },
            });
            assert.equal((await opened.fetch("/")).json.code, "upstream_http2");
        } finally {
            h2.close();
            await world.api.patch(`/apps/${world.app.id}`, { upstream: { url: `http://127.0.0.1:${port}/base/` } });
        }
    });

    it("is told a new email at once, and of no upgrade but to WebSocket", async () => {
        assert.equal((await opened.fetch("/who")).json.headers["x-inlay-email"], world.user.email);
        const email = `new-${world.user.email}`;
        await world.api.patch(`/users/${world.user.id}`, { email });
        await new Promise((resolve) => setTimeout(resolve, 1000));
        assert.equal((await opened.fetch("/who")).json.headers["x-inlay-email"], email);
        const { json } = await opened.fetch("/who", {
            headers: { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABk" },
        });
        assert.equal(json.headers.upgrade, undefined);
        assert.doesNotMatch(json.headers.connection ?? "", /upgrade/i);
    });

    it("that is told another Host is told its own origin in Origin and Referer, too", async () => {
        const set = (hostHeader) => world.api.patch(`/apps/${world.app.id}`, { upstream: { hostHeader } });
        const told = async (headers) => {
            const { json } = await opened.fetch("/post", { method: "POST", body: "x", headers });
            return [json.headers.host, json.headers.origin, json.headers.referer];
        };
        const own = { Origin: opened.origin, Referer: `${opened.origin}/a?b` };
        for (const [hostHeader, host] of [
            ["upstream", `127.0.0.1:${port}`],
            ["intern.example", "intern.example"],
        ]) {
            await set(hostHeader);
            assert.deepEqual(await told(own), [host, `http://${host}`, `http://${host}/base/a?b`]);
            const elsewhere = `${opened.origin}.evil.example/`;
            assert.equal((await told({ ...own, Referer: elsewhere }))[2], elsewhere);
        }
        await set("app");
        assert.deepEqual(await told(own), [new URL(opened.origin).host, opened.origin, own.Referer]);
    });

    it("moves to another address while it runs, and tells when nobody is there", async () => {
        await world.api.patch(`/apps/${world.app.id}`, { upstream: { url: `http://127.0.0.1:${await freePort()}` } });
        const page = await opened.navigate("/");
        assert.equal(page.status, 502);
        assert.match(page.text, /isn&#39;t running/);
        await world.api.patch(`/apps/${world.app.id}`, { upstream: { url: `http://localhost:${port}` } });
        assert.equal((await opened.fetch("/x")).json.url, "/x");
        const { status } = await world.api.send("PATCH", `/apps/${world.app.id}`, {
            body: { upstream: { url: "http://0.0.0.0/latest" } },
        });
        assert.equal(status, 400);
    });

    it("is another one in another environment, and both are known at once", async () => {
        const other = await listen((_request, response) => response.end("staging"));
        const own = await listen((_request, response) => response.end("production"));
        const url = (backendOf) => `http://127.0.0.1:${backendOf.address().port}`;
        await world.api.post("/environments", { name: "staging" });
        const app = await upstreamWorld(server, { url: url(own), environments: { staging: url(other) } });
        const sessions = await Promise.all(
            ["production", "staging"].map(async (environment) => [
                environment,
                await app.opened(await app.embedLink({ environment })),
            ]),
        );
        const lookups = async () =>
            Number(/^inlay_session_lookups_total (\d+)/m.exec((await request(`${server.url}/metrics`)).text)[1]);
        let before;
        for (let round = 0; round < 20; round += 1) {
            for (const [environment, session] of sessions) {
                assert.equal((await session.fetch("/")).text, environment);
            }
            before = round === 9 ? await lookups() : before; // by then each worker has met both
        }
        assert.ok((await lookups()) - before < 10, "20 requests are answered without the database");
        close(other);
        close(own);
    });

    it("is asked over TLS only if its certificate is good, for its name", async () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "inlay-upstream-"));
        makeCertificate(folder, ["localhost"]);
        const [key, cert] = ["tls.key", "tls.pem"].map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
        const secure = https.createServer({ key, cert }, echo).listen(0, "127.0.0.1");
        await once(secure, "listening");
        const set = (host, more) =>
            world.api.patch(`/apps/${world.app.id}`, {
                upstream: { url: `https://${host}:${secure.address().port}`, ...more },
            });
        try {
            for (const [host, more, status] of [
                ["localhost", {}, 502], // by nobody that the system knows
                ["localhost", { tlsCa: cert }, 200],
                ["127.0.0.1", { tlsCa: cert }, 502], // another name than the certificate's
                ["localhost", { tlsCa: cert }, 200],
                ["localhost", { tlsCa: null }, 502], // the connections of before are not used
                ["localhost", { tlsVerify: false }, 200],
            ]) {
                await set(host, more);
                assert.equal((await opened.fetch("/secure")).status, status, `${host} ${Object.keys(more)}`);
            }
        } finally {
            await world.api.patch(`/apps/${world.app.id}`, {
                upstream: { url: `http://127.0.0.1:${port}`, tlsVerify: true, tlsCa: null },
            });
            close(secure);
            fs.rmSync(folder, { recursive: true });
        }
    });

    it("that never ends its header, or says nothing, gives a page", async () => {
        const endless = await listen((request) => {
            request.socket.write("HTTP/1.1 200 OK\r\n");
            const writing = setInterval(() => request.socket.write(`X: ${"y".repeat(4000)}\r\n`), 1);
            request.socket.on("error", () => {}).on("close", () => clearInterval(writing));
        });
        const silent = await listen(() => {});
        for (const [broken, status] of [
            [endless, 502],
            [silent, 504],
        ]) {
            await world.api.patch(`/apps/${world.app.id}`, {
                upstream: { url: `http://127.0.0.1:${broken.address().port}`, readTimeoutSeconds: 1 },
            });
            const page = await opened.navigate("/");
            assert.equal(page.status, status);
            assert.match(page.headers["content-security-policy"], new RegExp(`frame-ancestors ${portalOrigin}`));
            close(broken);
        }
        await world.api.patch(`/apps/${world.app.id}`, {
            upstream: { url: `http://127.0.0.1:${port}`, readTimeoutSeconds: 60 },
        });
        assert.equal((await opened.fetch("/x")).status, 200);
    });

    it("loses its WebSockets, streams and downloads within a second of the session's end, in every worker", async () => {
        const connections = () => server.workers().map((pid) => fs.readdirSync(`/proc/${pid}/fd`).length);
        const before = connections();
        const ends = [];
        // Which worker takes a connection is the kernel's choice.
        for (
            let round = 0;
            round < 20 && !(ends.length >= 12 && connections().every((count, i) => count > before[i] + 1));
            round += 1
        ) {
            ends.push(
                ...(await Promise.all([
                    webSocket(opened),
                    download("/stream"),
                    download("/endless"),
                    webSocket(opened),
                ])),
            );
        }
        assert.ok(
            connections().every((count, i) => count > before[i] + 1),
            "both workers have some",
        );
        const closed = Promise.all(ends.map(closedAt));
        await world.api.expect(200, "DELETE", "/sessions", { query: { userId: world.user.id } });
        const start = Date.now();
        // A worker looks every 200 ms; what is above a second is for a machine that does other things, too.
        assert.ok(Math.max(...(await closed)) - start < 1000 + NOISE_MS);
    });

    /** A response whose first part is there and whose end never comes. */
    async function download(path) {
        const asking = ask(opened, path).on("error", () => {});
        asking.end();
        const [response] = await once(asking, "response");
        response.on("error", () => {});
        await once(response, "data");
        return response;
    }
});
