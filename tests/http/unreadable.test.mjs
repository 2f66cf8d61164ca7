// Requests that nginx itself refuses, before a handler of ours has seen them: too large, or malformed.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { frameHeaders, request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/world.mjs").Opened} */ let opened;

/** Sends bytes as they are, and gives back status, headers and body. */
async function raw(bytes) {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.setEncoding("latin1");
    let text = "";
    socket.on("data", (part) => (text += part));
    socket.on("error", () => {});
    socket.write(bytes, "latin1");
    socket.setTimeout(10_000, () => socket.destroy());
    await once(socket, "close");
    const [head, ...body] = text.split("\r\n\r\n");
    const [line, ...headers] = head.split("\r\n");
    return {
        status: Number(line.split(" ")[1]),
        headers: Object.fromEntries(
            headers.map((header) => [header.split(":")[0].toLowerCase(), header.replace(/^[^:]*: */, "")]),
        ),
        text: body.join("\r\n\r\n"),
    };
}

const get = (path, headers) =>
    raw(
        `GET ${path} HTTP/1.1\r\n${Object.entries(headers)
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join("")}Connection: close\r\n\r\n`,
    );

function assertOurPage(answer, status, code) {
    assert.equal(answer.status, status, answer.text.slice(0, 200));
    assert.match(answer.text, new RegExp(`data-code="${code}"`));
    assert.match(answer.headers["content-type"], /^text\/html/);
    assert.match(answer.headers["content-security-policy"], /default-src 'none'.*script-src 'sha256-/);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.doesNotMatch(answer.text, /nginx/);
}

/** Only its code: no portal, no word of an app or a request; framed by anyone. */
function assertBare(answer, status, code) {
    assertOurPage(answer, status, code);
    assert.doesNotMatch(answer.headers["content-security-policy"], /frame-ancestors/);
    assert.match(answer.text, /data-portals="\*"/);
    assert.doesNotMatch(answer.text, new RegExp(`${portalOrigin}|&middot; \\d`));
    assert.equal(answer.headers["set-cookie"], undefined);
}

function assertForPortals(answer, status, code) {
    assertOurPage(answer, status, code);
    assert.match(
        answer.headers["content-security-policy"],
        new RegExp(`frame-ancestors ${portalOrigin} 'self'$`),
        "framed by the app's portals",
    );
    assert.match(answer.text, new RegExp(`data-portals="${portalOrigin}"`));
}

describe("a request that nginx can't read", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        opened = await world.opened();
    });
    after(() => server.discard());

    const host = () => new URL(opened.origin).host;
    const page = { ...frameHeaders(), "Sec-Fetch-Site": "same-origin" };
    const session = () => `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`;
    const big = (count, bytes) => Array.from({ length: count }, (_, i) => `big${i}=${"x".repeat(bytes)}`).join("; ");

    it("is answered with the app for 30 KB of cookies, and for an address of 30 KB", async () => {
        const cookies = await get("/", { Host: host(), ...page, Cookie: `${big(15, 2000)}; ${session()}` });
        assert.equal(cookies.status, 200, cookies.text.slice(0, 300));
        const address = await get(`/?${"q".repeat(30_000)}`, { Host: host(), ...page, Cookie: session() });
        assert.equal(address.status, 200, address.text.slice(0, 300));
    });

    it("shows our page to the app's portals when its cookies are too large", async () => {
        const answer = await get("/", { Host: host(), ...page, Cookie: `${session()}; ${big(12, 4000)}` });
        assertForPortals(answer, 431, "headers_too_large");
    });

    it("shows it also when the cookies come before everything that says what the request is for", async () => {
        const answer = await get("/", { Host: host(), Cookie: big(12, 4000), ...page });
        assertForPortals(answer, 431, "headers_too_large");
    });

    it("is answered in JSON to a program", async () => {
        const answer = await get("/api.json", { Host: host(), Accept: "application/json", Cookie: big(12, 4000) });
        assert.equal(answer.status, 431);
        assert.equal(JSON.parse(answer.text).code, "headers_too_large");
    });

    it("shows our page to the portals for a malformed header or host after the host was read", async () => {
        for (const line of ["X\x01: 1", "Content-Length: x", "Host: other.example", "Transfer-Encoding: x"]) {
            const answer = await raw(
                `GET / HTTP/1.1\r\nHost: ${host()}\r\nAccept: text/html\r\nSec-Fetch-Dest: iframe\r\n${line}\r\n\r\n`,
            );
            if (line.startsWith("Transfer")) {
                assertForPortals(answer, 405, "method_not_allowed");
            } else {
                assertForPortals(answer, 400, "bad_request");
            }
        }
    });

    it("shows the page, which holds only its code, to anyone before the host was read", async () => {
        assertBare(await get(`/${"x".repeat(70_000)}`, { Host: host(), ...page }), 414, "uri_too_long");
        assertBare(await raw("GET / HTTP/9.9\r\n\r\n"), 400, "bad_request");
        assertBare(await raw("G%T / HTTP/1.1\r\n\r\n"), 400, "bad_request");
        assertBare(await get("/", { "X-Long": "y".repeat(70_000), Host: host(), ...page }), 431, "headers_too_large");
        assertBare(await raw("GET / HTTP/1.1\r\n\r\n"), 400, "bad_request");
    });

    it("is our page for a body that is too large", async () => {
        const answer = await request(`${opened.origin}/_inlay/logout`, {
            method: "POST",
            headers: { ...page, Cookie: session(), Origin: opened.origin },
            body: "x".repeat(100_000),
        });
        assertForPortals(answer, 413, "body_too_large");
    });

    it("is problem JSON on the public address", async () => {
        const answer = await get("/api/v1/apps", { Host: new URL(server.url).host, "X-Long": "y".repeat(140_000) });
        assert.equal(answer.status, 431);
        assert.equal(JSON.parse(answer.text).code, "headers_too_large");
        assert.match(answer.headers["content-security-policy"], /frame-ancestors 'none'/);
    });

    it("does not reach anybody else's request on the same connection", async () => {
        const answer = await raw(
            `GET /${"x".repeat(70_000)} HTTP/1.1\r\nHost: ${host()}\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n`,
        );
        assertBare(answer, 414, "uri_too_long");
        assert.doesNotMatch(answer.text, /HTTP\/1\.1 200/);
    });

    it("leaves the server as it was when the client goes away meanwhile", async () => {
        const sockets = Array.from({ length: 20 }, () => net.connect(server.port, "127.0.0.1"));
        for (const socket of sockets) {
            socket.on("error", () => {});
            socket.write(`GET / HTTP/1.1\r\nHost: ${host()}\r\nAccept: text/html\r\nCookie: ${big(12, 4000)}`);
        }
        await Promise.all(sockets.map((socket) => once(socket, "connect")));
        for (const socket of sockets) {
            socket.destroy();
        }
        assert.equal(await opened.refusal(), null);
    });
});
