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
    await new Promise((resolve) => socket.once("close", resolve));
    const [head, ...body] = text.split("\r\n\r\n");
    const [line, ...headers] = head.split("\r\n");
    return {
        status: Number(line.split(" ")[1]),
        cookies: headers.filter((line) => /^set-cookie:/i.test(line)).map((line) => line.replace(/^[^:]*: */, "")),
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
            assertForPortals(answer, 400, "bad_request");
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

describe("cookies that are too large", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    /**
     * A browser's jar, and what it does with redirects: cookies of one host, by name and path.
     * @param {string} url
     */
    async function follow(url, jar) {
        const { host } = new URL(url);
        for (let at = url, hops = 1; ; hops++) {
            const { pathname, search } = new URL(at);
            const cookie = [...jar.values()]
                .filter(
                    ({ path }) => path === "/" || pathname === path || pathname.startsWith(path.replace(/\/?$/, "/")),
                )
                .map(({ name, value }) => `${name}=${value}`)
                .join("; ");
            const headers = { ...frameHeaders(), Referer: `${portalOrigin}/`, Cookie: cookie };
            const answer = await get(pathname + search, { Host: host, ...headers });
            for (const line of answer.cookies) {
                const [pair, ...attributes] = line.split("; ");
                const name = pair.split("=")[0];
                const path = attributes.find((text) => text.startsWith("Path="))?.slice(5) ?? "/";
                if (attributes.some((text) => text.startsWith("Domain="))) {
                    continue;
                }
                if (attributes.includes("Max-Age=0")) {
                    jar.delete(`${name} ${path}`);
                } else {
                    jar.set(`${name} ${path}`, { name, path, value: pair.slice(name.length + 1) });
                }
            }
            if (answer.headers.location === undefined || hops > 20) {
                return { ...answer, hops };
            }
            at = new URL(answer.headers.location, at).href;
        }
    }

    const put = (jar, name, bytes, path = "/") => jar.set(`${name} ${path}`, { name, path, value: "x".repeat(bytes) });

    for (const [what, fill] of Object.entries({
        "seven of 4 KB": (jar) => [1, 2, 3, 4, 5, 6, 7].forEach((i) => put(jar, `c${i}`, 3900)),
        "a hundred of 4 KB": (jar) => Array.from({ length: 100 }, (_, i) => put(jar, `c${i}`, 3900)),
        "180 of 300 bytes": (jar) => Array.from({ length: 180 }, (_, i) => put(jar, `c${i}`, 300)),
        "twenty for the paths of links alone": (jar) =>
            ["/_inlay", "/_inlay/", "/_inlay/embed", "/_inlay/embed/"].forEach((path) =>
                [1, 2, 3, 4, 5].forEach((i) => put(jar, `c${i}`, 3900, path)),
            ),
    })) {
        it(`are removed by a link, which opens: ${what}`, async () => {
            const jar = new Map();
            fill(jar);
            put(jar, "mine", 20);
            const answer = await follow(await world.embedLink(), jar);
            assert.equal(answer.status, 200, answer.text.slice(0, 300));
            assert.ok(jar.has("__Host-inlay /"), "with a session");
            assert.ok(jar.has("mine /"), "and small cookies stay");
            const left = [...jar.values()].filter(({ path }) => path === "/");
            assert.ok(left.reduce((sum, { name, value }) => sum + name.length + value.length, 0) < 17_000);
        });
    }

    it("stay as long as there are few, whatever a link does", async () => {
        const jar = new Map();
        [1, 2, 3].forEach((i) => put(jar, `c${i}`, 3900));
        await follow(await world.embedLink(), jar);
        assert.equal(jar.size, 3 + 3, "with Inlay's three");
    });

    it("go with the page that says so, so that the next request arrives; a session's stays", async () => {
        const opened = await world.opened();
        const jar = new Map([
            [
                "__Host-inlay /",
                { name: "__Host-inlay", path: "/", value: opened.browser.cookies(opened.origin).get("__Host-inlay") },
            ],
        ]);
        for (let i = 0; i < 9; i++) {
            put(jar, `c${i}`, 3900, i % 2 === 0 ? "/" : "/docs");
        }
        const page = await follow(`${opened.origin}/docs/`, jar);
        assertForPortals(page, 431, "headers_too_large");
        assert.equal((await follow(`${opened.origin}/docs/`, jar)).status, 200);
        assert.ok(jar.has("__Host-inlay /"));
    });

    it("are removed by the console and the API, too", async () => {
        const jar = new Map();
        Array.from({ length: 30 }, (_, i) => put(jar, `c${i}`, 3900));
        const answer = await follow(`${server.url}/somewhere?a=b`, jar);
        assert.ok([200, 404].includes(answer.status), String(answer.status));
        Array.from({ length: 12 }, (_, i) => put(jar, `c${i}`, 3900));
        const cookie = () => [...jar.values()].map(({ name, value }) => `${name}=${value}`).join("; ");
        const call = await get("/api/v1/apps", { Host: new URL(server.url).host, Accept: "*/*", Cookie: cookie() });
        assert.equal(call.status, 431);
        assert.ok(call.cookies.length > 0);
        assert.ok(call.cookies.every((line) => /; Max-Age=0/.test(line)));
    });

    it("send nobody in circles who keeps them, and nobody to another host", async () => {
        const link = new URL(await world.embedLink());
        const cookie = Array.from({ length: 12 }, (_, i) => `c${i}=${"x".repeat(3900)}`).join("; ");
        const send = (path) => get(path, { Host: link.host, ...frameHeaders(), Cookie: cookie });
        let path = link.pathname;
        let answer;
        let hops = 0;
        for (answer = await send(path); answer.status === 307; answer = await send(path)) {
            path = answer.headers.location;
            assert.match(path, new RegExp(`^${link.pathname}\\?heal=\\d+$`));
            assert.ok(++hops < 20);
        }
        assertForPortals(answer, 431, "headers_too_large");
        for (const odd of ["//evil.example/", "/\\evil.example/"]) {
            const page = await get(odd, { Host: new URL(server.url).host, ...frameHeaders(), Cookie: cookie });
            assert.equal(page.headers.location, undefined);
        }
        assert.equal((await get(`${path.split("?")[0]}?heal=16`, { Host: link.host, ...frameHeaders() })).status, 303);
    });

    it("show a page of no origin at the address of a link, which holds a secret", async () => {
        const link = new URL(await world.embedLink());
        const policy = /; sandbox allow-scripts; frame-ancestors /;
        for (const line of ["X\x01: 1", `Content-Length: ${"9".repeat(9)}`]) {
            const answer = await raw(
                `GET ${link.pathname} HTTP/1.1\r\nHost: ${link.host}\r\nAccept: text/html\r\n${line}\r\n\r\n`,
            );
            assert.ok([400, 413].includes(answer.status), String(answer.status));
            assert.match(answer.headers["content-security-policy"], policy);
            assert.equal(answer.headers["referrer-policy"], "no-referrer");
        }
    });

    it("are never removed by Clear-Site-Data, which would sign people out of the portal", async () => {
        const link = new URL(await world.embedLink());
        const cookie = Array.from({ length: 12 }, (_, i) => `c${i}=${"x".repeat(3900)}`).join("; ");
        const answer = await get(link.pathname, { Host: link.host, ...frameHeaders(), Cookie: cookie });
        assert.equal(answer.headers["clear-site-data"], undefined);
    });
});
