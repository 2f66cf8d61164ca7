// /api/forward-auth: proxies that serve apps themselves ask here whether a request may pass. nginx and Caddy run for
// real, with the configuration of docs/forward-auth.md; Traefik and Envoy send what they are documented to send.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { Api, conforms } from "../lib/api.mjs";
import { frameHeaders, request } from "../lib/browserlike.mjs";
import { caddyWith, documented, nginxWith } from "../lib/documented.mjs";
import { Program } from "../lib/program.mjs";
import { freePort, freshFolder, startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin, unique, World } from "../lib/world.mjs";

const identity = ["user", "email", "name", "groups", "metadata", "session", "assertion", "theme", "locale"].map(
    (name) => `x-inlay-${name}`,
);

/** A connection that comes from another address of this machine. */
const from = (localAddress) => new http.Agent({ localAddress });

describe("the question of a proxy", () => {
    /** @type {import("../lib/server.mjs").Server} */
    let server;
    /** @type {World} */
    let world;
    let opened, cookie, host;
    before(async () => {
        server = await startServer({ trusted_proxies: "127.0.0.1,127.0.0.3" });
        world = await makeWorld(server);
        opened = await world.opened();
        cookie = `a=1; __Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}; b=2`;
        host = new URL(opened.origin).host;
    });
    after(() => server.discard());

    /** What each proxy makes of a client's request. */
    const forms = {
        nginx: (method, uri) => ({ Host: host, "X-Original-URL": `http://${host}${uri}`, "X-Original-Method": method }),
        caddy: (method, uri) => ({
            Host: host,
            "X-Forwarded-Host": host,
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Method": method,
            "X-Forwarded-Uri": uri,
            "X-Forwarded-For": "192.0.2.7",
        }),
        traefik: (method, uri) => ({
            Host: `127.0.0.1:${server.port}`,
            "X-Forwarded-Host": host,
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Method": method,
            "X-Forwarded-Uri": uri,
            "X-Forwarded-Port": String(server.port),
            "X-Forwarded-Server": "edge",
            "X-Forwarded-For": "192.0.2.7",
        }),
        envoy: () => ({ Host: host, "X-Forwarded-Proto": "http", "Content-Length": "0" }),
    };

    async function ask(headers, { path = "/api/forward-auth", method = "GET", agent = undefined } = {}) {
        const answer = await request(`http://localhost:${server.port}/api/forward-auth`, {
            method,
            path,
            agent,
            headers: { Cookie: cookie, ...headers },
        });
        if (method !== "HEAD") {
            conforms("GET", answer);
        }
        return answer;
    }

    /** The question of one of the proxies about a client's request. */
    const about = (form, method, uri, headers = {}) =>
        form === "envoy"
            ? ask({ ...forms.envoy(), ...headers }, { method, path: `/api/forward-auth${uri}` })
            : ask({ ...forms[form](method, uri), ...headers });

    test("is answered with who the user is, as each proxy asks it", async () => {
        for (const form of Object.keys(forms)) {
            const { status, headers } = await about(form, "GET", "/a/b?app=mine&uri=x");
            assert.equal(status, 200, form);
            assert.equal(headers["x-inlay-user"], world.user.id);
            assert.equal(headers["x-inlay-email"], world.user.email);
            assert.equal(headers["x-inlay-app"], world.app.id);
            assert.equal(headers.cookie, "a=1; b=2");
            assert.equal(headers["content-security-policy"], `frame-ancestors ${portalOrigin} 'self'`);
            const claims = JSON.parse(Buffer.from(headers["x-inlay-assertion"].split(".")[1], "base64url").toString());
            assert.deepEqual([claims.aud, claims.sub], [world.app.id, world.user.id]);
        }
    });

    test("is answered with every header, also those that have nothing to say", async () => {
        const guest = await world.opened(world.embedLink());
        const own = new URL(guest.origin).host;
        const { status, headers } = await ask({
            Host: own,
            "X-Original-Method": "GET",
            Cookie: `__Host-inlay=${guest.browser.cookies(guest.origin).get("__Host-inlay")}`,
        });
        assert.equal(status, 200);
        assert.deepEqual(
            identity.filter((name) => headers[name] === undefined),
            [],
        );
        assert.deepEqual([headers["x-inlay-email"], headers.cookie], ["", ""]);
    });

    test("needs a session of that very origin", async () => {
        const other = await (await makeWorld(server)).opened();
        for (const form of Object.keys(forms)) {
            for (const wrong of [
                undefined,
                "__Host-inlay=AAAAAAAAAAAAAAAAAAAAAA",
                `__Host-inlay=${other.browser.cookies(other.origin).get("__Host-inlay")}`,
            ]) {
                const answer = await about(form, "GET", "/", { Cookie: wrong });
                assert.deepEqual([answer.status, answer.json.code], [401, "session_missing"], form);
            }
        }
        const page = await about("caddy", "GET", "/", { ...frameHeaders(), Cookie: undefined });
        assert.equal(page.status, 401);
        assert.match(page.text, /session_missing/);
    });

    test("passes only what the app's own pages send", async () => {
        const key = "dGhlIHNhbXBsZSBub25jZQ==";
        for (const form of Object.keys(forms)) {
            for (const [status, method, headers] of /** @type {const} */ ([
                [403, "POST", {}],
                [403, "DELETE", { Origin: `http://${"a".repeat(26)}.localhost:${server.port}` }],
                [200, "POST", { Origin: opened.origin }],
                [403, "GET", { "Sec-WebSocket-Key": key }],
                [403, "GET", { "Sec-WebSocket-Version": "13", Origin: portalOrigin }],
                [200, "GET", { "Sec-WebSocket-Key": key, Origin: opened.origin }],
                [
                    403,
                    "GET",
                    { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script" },
                ],
                [
                    200,
                    "GET",
                    { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
                ],
            ])) {
                const answer = await about(form, method, "/x", headers);
                assert.equal(answer.status, status, `${form} ${method} ${JSON.stringify(headers)}`);
            }
        }
    });

    test("is refused when it contradicts itself, or a browser has added to it", async () => {
        const other = `${"b".repeat(26)}.localhost:${server.port}`;
        const good = forms.caddy("POST", "/");
        for (const [member, headers] of /** @type {const} */ ([
            ["X-Forwarded-Host", { ...good, "X-Forwarded-Host": other }],
            ["X-Forwarded-Host", { ...good, "X-Forwarded-Host": `${host}, ${host}` }],
            ["X-Forwarded-Host", { ...good, "X-Forwarded-Host": "portal.example" }],
            ["X-Original-URL", { ...good, "X-Original-URL": `http://${other}/` }],
            ["X-Original-URL", { ...good, "X-Original-URL": `http://${host}@portal.example/` }],
            ["X-Original-URL", { ...good, "X-Original-URL": "/path" }],
            ["X-Original-URL", { ...good, "X-Original-URL": `https://${host}/` }],
            ["X-Forwarded-Proto", { ...good, "X-Forwarded-Proto": "https" }],
            ["X-Original-Method", { ...good, "X-Original-Method": "GET" }],
            ["X-Forwarded-Method", { ...good, "X-Forwarded-Method": "" }],
            ["X-Original-Method", { ...good, "X-Forwarded-Method": undefined }],
            ["Host", { Host: "localhost", "X-Forwarded-Method": "GET" }],
            ["X-Inlay-App", { ...good, "X-Inlay-App": "orders" }],
            [undefined, { ...good, "X-Forwarded-Method": ["GET", "GET"] }],
            [undefined, { ...good, "X-Forwarded-Host": [host, host] }],
        ])) {
            const answer = await ask({ Origin: opened.origin, ...headers });
            assert.deepEqual(
                [answer.status, answer.json.code, answer.json.member],
                [403, "forward_auth_unclear", member],
                JSON.stringify(headers),
            );
        }
        assert.equal((await ask({ Origin: opened.origin, ...good })).status, 200);
        const spoofed = await ask(
            { ...forms.envoy(), "X-Forwarded-Method": "GET" },
            { method: "POST", path: "/api/forward-auth/x" },
        );
        assert.equal(spoofed.json.code, "forward_auth_unclear");
    });

    test("is for one app, if it names one", async () => {
        const other = await makeWorld(server);
        const good = forms.nginx("GET", "/");
        for (const [status, path, headers] of [
            [200, `/api/forward-auth?app=${world.app.id}`, {}],
            [403, `/api/forward-auth?app=${other.app.id}`, {}],
            [403, `/api/forward-auth?app=${other.app.id}&app=${world.app.id}`, { "X-Inlay-App": world.app.id }],
            [200, "/api/forward-auth", { "X-Inlay-App": world.app.id }],
            [403, "/api/forward-auth", { "X-Inlay-App": other.app.id }],
            [403, `/api/forward-auth?app=`, {}],
            [403, `/api/forward-auth/?app=${other.app.id}`, {}], // a slash too many
            [403, `/api/forward-auth/x?app=${world.app.id}`, { "X-Inlay-App": other.app.id }],
        ]) {
            assert.equal((await ask({ ...good, ...headers }, { path })).status, status, path);
        }
    });

    test("is believed from the address of a trusted proxy alone, whatever it says of itself", async () => {
        for (const headers of [
            forms.caddy("GET", "/"),
            {
                ...forms.nginx("GET", "/"),
                "X-Forwarded-For": "127.0.0.1",
                "X-Real-IP": "127.0.0.1",
                Forwarded: "for=127.0.0.1",
            },
        ]) {
            const answer = await ask(headers, { agent: from("127.0.0.2") });
            assert.deepEqual([answer.status, answer.json.code], [403, "proxy_untrusted"]);
            assert.match(answer.json.detail, /trusted_proxies.*127\.0\.0\.2/);
            assert.deepEqual(
                identity.filter((name) => name in answer.headers),
                [],
            );
        }
        assert.equal(
            (await ask({ ...forms.caddy("GET", "/"), "X-Forwarded-For": "127.0.0.2" }, { agent: from("127.0.0.3") }))
                .status,
            200,
        );
    });

    test("cannot be led to something else by the client's path", async () => {
        for (const path of [
            "/../../healthz",
            "/..%2f..%2fhealthz",
            "/%2e%2e/%2e%2e/_inlay/app.js",
            "/..%2f..%2f_inlay%2fapp.js",
            "/x/../../../",
            "/..%5c..%5chealthz",
            "*",
        ]) {
            for (const Host of [host, "localhost", `127.0.0.1:${server.port}`]) {
                const answer = await request(`http://localhost:${server.port}/`, {
                    path: `/api/forward-auth${path}`,
                    headers: { Host },
                });
                assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
            }
        }
        for (const path of [
            "/_inlay/../api/forward-auth",
            "/_inlay/..%2fapi%2fforward-auth",
            "/api%2fforward-auth",
            "//api/forward-auth",
            "/%61pi/forward-auth",
        ]) {
            const answer = await request(`http://localhost:${server.port}/`, {
                path,
                headers: forms.nginx("GET", "/"),
            });
            assert.equal(answer.status, 400, path);
        }
    });

    test("hears of the session's end at once", async () => {
        const session = (await opened.session()).json.session.id;
        assert.equal((await about("traefik", "GET", "/")).status, 200);
        await world.api.delete(`/sessions/${session}`);
        const answer = await about("traefik", "GET", "/");
        assert.deepEqual([answer.status, answer.json.code], [401, "session_ended"]);
    });
});

/** How each proxy is started on a port, before Inlay and the app's server. */
const proxies = {
    nginx(folder, { port, inlay, backend, app }) {
        return nginxWith(
            documented("forward-auth.md", "nginx", [
                ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
                ["server_name inlay.example.com", "server_name localhost"],
                ["*.apps.example.net", "*.localhost"],
                ["127.0.0.1:3000", `127.0.0.1:${inlay}`],
                ["127.0.0.1:8888", `127.0.0.1:${backend}`],
                ["0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f", app],
            ]),
            folder,
        );
    },
    caddy(folder, { port, inlay, backend, app }) {
        return caddyWith(
            documented("forward-auth.md", "caddyfile", [
                ["*.apps.example.net {", `http://*.localhost:${port} {\n\tbind 127.0.0.1`],
                ["inlay.example.com {", `http://localhost:${port} {\n\tbind 127.0.0.1`],
                ["127.0.0.1:3000", `127.0.0.1:${inlay}`],
                ["127.0.0.1:8888", `127.0.0.1:${backend}`],
                ["0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f", app],
            ]),
            folder,
        );
    },
};

/** Tells what it received; opens WebSockets. */
function appServer() {
    const server = http.createServer((incoming, response) => {
        incoming.resume();
        const { method, url, headers } = incoming;
        response.writeHead(url === "/own-401" ? 401 : 200, {
            "Content-Type": "application/json",
            "X-Frame-Options": "DENY",
        });
        response.end(JSON.stringify({ method, url, headers }));
    });
    server.on("upgrade", (incoming, socket) => {
        socket.end(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n" +
                `X-Seen-User: ${incoming.headers["x-inlay-user"]}\r\n\r\n`,
        );
    });
    return server;
}

for (const kind of /** @type {const} */ (["nginx", "caddy"])) {
    describe(`an app behind ${kind}`, () => {
        let server, backend, proxy, world, opened, folder;
        before(async () => {
            folder = freshFolder();
            const inlay = await freePort();
            backend = appServer().listen(0, "127.0.0.1");
            await once(backend, "listening");
            const address = { url: `http://127.0.0.1:${backend.address().port}` };

            // Inlay by itself, for the app's id; then behind the proxy.
            server = await startServer({ listen: `127.0.0.1:${inlay}`, public_url: `http://localhost:${inlay}` });
            const app = await new Api(server, server.token).post("/apps", {
                name: unique("app"),
                kind: "upstream",
                portals: [portalOrigin],
                upstream: address,
            });
            await server.stop();
            proxy = await Program.start((port) =>
                proxies[kind](folder, { port, inlay, backend: backend.address().port, app: app.id }),
            );
            server.settings = {
                ...server.settings,
                public_url: `http://localhost:${proxy.port}`,
                trusted_proxies: "127.0.0.1",
            };
            await server.start().catch((error) => assert.fail(`${error}\n${proxy.output}`));

            const api = new Api(server, server.token);
            const group = await api.post("/groups", { name: unique("group") });
            await api.put(`/groups/${group.id}/apps/${app.id}`);
            const user = await api.post("/users", { email: `${unique("ann")}@acme.example` });
            await api.put(`/groups/${group.id}/members/${user.id}`);
            world = new World(server, api, app, null, group, user);
            opened = await world.opened(world.patLink({ theme: "dark", locale: "pt-br" }));
        });
        after(async () => {
            await proxy.stop();
            await server.discard();
            backend.closeAllConnections?.();
            backend.close();
            fs.rmSync(folder, { recursive: true });
        });

        test("opens by a link, and its server learns who the user is and nothing that a client made up", async () => {
            const session = (await opened.session()).json.session.id;
            const cookie = opened.browser.cookies(opened.origin).get("__Host-inlay");
            const spoofed = {
                "X-Inlay-User": "root",
                "X-Inlay-Assertion": "root",
                "X-Inlay-Theme": "root",
                "X-Inlay-Locale": "root",
                "X-Inlay-Other": kind === "caddy" ? "root" : undefined,
                Cookie: `a=1; __Host-inlay=${cookie}`,
            };
            const answer = await opened.fetch("/x/y?z=1", { headers: spoofed });
            assert.equal(answer.status, 200, proxy.output);
            const { method, url, headers } = answer.json;
            assert.deepEqual([method, url, headers.host], ["GET", "/x/y?z=1", new URL(opened.origin).host]);
            assert.deepEqual(
                [headers["x-inlay-user"], headers["x-inlay-email"], headers["x-inlay-session"]],
                [world.user.id, world.user.email, session],
            );
            assert.deepEqual([headers["x-inlay-theme"], headers["x-inlay-locale"]], ["dark", "pt-BR"]);
            assert.equal(headers["x-inlay-assertion"].split(".").length, 3);
            assert.equal(headers.cookie, "a=1");
            assert.doesNotMatch(answer.text, /root/);
            assert.equal(answer.headers["content-security-policy"], `frame-ancestors ${portalOrigin} 'self'`);
            assert.equal(answer.headers["x-frame-options"], undefined);
            assert.equal(answer.headers["x-inlay-assertion"], undefined);
        });

        test("gets requests and WebSockets of its own pages, and none of others", async () => {
            const post = (headers) =>
                opened.browser.send(`${opened.origin}/post`, { method: "POST", body: "hello", headers });
            assert.equal((await post({ Origin: opened.origin })).json.method, "POST");
            const refused = await post({ Origin: portalOrigin });
            assert.deepEqual([refused.status, refused.json.code], [403, "sibling_refused"]);
            const socket = (Origin) =>
                opened.browser.send(`${opened.origin}/ws`, {
                    headers: {
                        Connection: "Upgrade",
                        Upgrade: "websocket",
                        "Sec-WebSocket-Version": "13",
                        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                        Origin,
                    },
                });
            const open = await socket(opened.origin);
            assert.deepEqual([open.status, open.headers["x-seen-user"]], [101, world.user.id]);
            assert.equal((await socket(portalOrigin)).status, 403);
            assert.equal((await opened.fetch("/own-401")).json.url, "/own-401");
        });

        test("is not reached by spoofing what proxies say, nor is the question by browsers", async () => {
            for (const headers of [
                { "X-Forwarded-Method": "GET" },
                { "X-Original-Method": "GET" },
                { "X-Forwarded-Host": `${"a".repeat(26)}.localhost` },
            ]) {
                const answer = await opened.browser.send(`${opened.origin}/post`, {
                    method: "POST",
                    body: "x",
                    headers,
                });
                assert.equal(answer.status, 403, JSON.stringify(headers));
            }
            const question = await opened.fetch("/api/forward-auth", { headers: { "X-Original-Method": "GET" } });
            assert.equal(question.json.url, "/api/forward-auth"); // the app's own path
            assert.equal(
                (
                    await request(`${server.url}/api/forward-auth`, {
                        headers: { "X-Forwarded-Host": new URL(opened.origin).host },
                    })
                ).status,
                404,
            );
            // Proxies differ in what they take for a path below another one.
            for (const url of [opened.origin, server.url]) {
                for (const path of [
                    "/_inlay/../api/forward-auth",
                    "/_inlay/%2e%2e/api/forward-auth",
                    "/_inlay/..%2fapi%2fforward-auth",
                    "/api%2fforward-auth",
                    "//api/forward-auth",
                    "/./api/forward-auth",
                    "/%61pi/forward-auth",
                ]) {
                    const { headers } = await opened.browser.send(url, {
                        path,
                        headers: {
                            "X-Original-Method": "GET",
                            "X-Forwarded-Method": "GET",
                            "X-Forwarded-Host": new URL(opened.origin).host,
                            Cookie: `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`,
                        },
                    });
                    assert.equal(headers["x-inlay-assertion"], undefined, `${url} ${path}`);
                }
            }
        });

        test("shows Inlay's page when the session has ended", async () => {
            assert.equal((await opened.fetch("/_inlay/logout", { method: "POST" })).status, 204);
            const page = await opened.navigate("/");
            assert.equal(page.status, 401, proxy.output);
            assert.match(page.text, /session_missing/);
            assert.equal(page.headers["content-security-policy"].includes(portalOrigin), true);
            assert.deepEqual((await opened.fetch("/data")).json.code, "session_missing");
        });
    });
}
