// Inlay behind nginx and Caddy, with the configuration of docs/production.md.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { caddyWith, documented, nginxWith } from "../lib/documented.mjs";
import { Program } from "../lib/program.mjs";
import { freePort, freshFolder, startServer } from "../lib/server.mjs";
import { ask, close, listen, upstreamWorld, webSocket } from "../lib/upstream.mjs";

const proxies = {
    nginx: (folder, { port, inlay }) =>
        nginxWith(
            documented("production.md", "nginx", [
                ["listen 443 ssl http2;", `listen 127.0.0.1:${port};`],
                ["inlay.example.com *.apps.example.net", "localhost *.localhost"],
                ["/var/log/nginx/inlay.log", "stderr"],
                ["ssl_certificate ", "#"],
                ["ssl_certificate_key ", "#"],
                ["127.0.0.1:3000", `127.0.0.1:${inlay}`],
            ]),
            folder,
        ),
    caddy: (folder, { port, inlay }) =>
        caddyWith(
            documented("production.md", "caddyfile", [
                [
                    "inlay.example.com, *.apps.example.net {",
                    `http://localhost:${port}, http://*.localhost:${port} {\n\tbind 127.0.0.1`,
                ],
                ["    tls ", "    # "],
                ["127.0.0.1:3000", `127.0.0.1:${inlay}`],
            ]),
            folder,
        ),
};

for (const kind of /** @type {const} */ (["nginx", "caddy"])) {
    describe(`behind ${kind}`, () => {
        /** @type {import("../lib/server.mjs").Server} */ let server;
        let backend, proxy, folder, world, opened;
        before(async () => {
            folder = freshFolder();
            const inlay = await freePort();
            proxy = await Program.start((port) => proxies[kind](folder, { port, inlay }));
            server = await startServer({
                listen: `127.0.0.1:${inlay}`,
                public_url: `http://localhost:${proxy.port}`,
                trusted_proxies: "127.0.0.1",
            }).catch((error) => assert.fail(`${error}\n${proxy.output}`));
            backend = await listen((incoming, response) => {
                if (incoming.url === "/stream") {
                    response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\n\n"); // and no more
                } else {
                    let bytes = 0;
                    incoming.on("data", (part) => (bytes += part.length)).on("end", () => response.end(String(bytes)));
                }
            });
            world = await upstreamWorld(server, { url: `http://127.0.0.1:${backend.address().port}` });
            opened = await world.opened();
        });
        after(async () => {
            await proxy.stop();
            await server.discard();
            close(backend);
            fs.rmSync(folder, { recursive: true });
        });

        it("the client's address is the one that the proxy saw, whatever the client says", async () => {
            const minted = await world.api.mintPat(
                { email: world.user.email, appId: world.app.id },
                { headers: { "X-Forwarded-For": "203.0.113.9" } },
            );
            assert.equal(minted.status, 201, minted.text);
            assert.equal((await world.lastEvent("mint")).address, "127.0.0.1");
        });

        it("WebSockets of an app's server open", async () => {
            (await webSocket(opened)).destroy();
        });

        it("a stream of an app's server comes as it is written", async () => {
            const asking = ask(opened, "/stream");
            asking.end();
            const signal = AbortSignal.timeout(15_000);
            const [response] = await once(asking, "response", { signal });
            const [first] = await once(response, "data", { signal });
            assert.equal(String(first), "data: 1\n\n");
            response.destroy();
        });

        it("large uploads pass", async () => {
            const answer = await opened.fetch("/upload", {
                method: "POST",
                headers: { Origin: opened.origin },
                body: Buffer.alloc(3 << 20),
            });
            assert.deepEqual([answer.status, answer.text], [200, String(3 << 20)]);
        });

        it("/metrics is nobody's", async () => {
            assert.equal((await request(`${server.url}/metrics`)).status, 404);
        });
    });
}
