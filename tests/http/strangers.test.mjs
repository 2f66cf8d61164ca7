// What people without a valid token can make the server keep or wait for: nothing that lasts.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { smallApp, tarGz } from "../lib/bundle.mjs";
import { eventually } from "../lib/eventually.mjs";
import { sanitized, startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

const MIB = 1024 * 1024;

describe("a large body", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    let narrow;

    before(async () => {
        const limits = { bundle_upload_max_bytes: "1m", body_spool_max_bytes: "3m" };
        server = await startServer(limits, { command: sanitized });
        world = await makeWorld(server);
        narrow = await world.api.post("/api-tokens", { name: "reads only", scopes: ["apps:read"] });
    });
    after(() => server.discard());

    const releases = () => `/api/v1/apps/${world.app.id}/releases?version=9.9.9`;
    const spooled = () => fs.readdirSync(path.join(server.data, "run/client_body"), { recursive: true }).length;

    /** Sends the head of a request and not what it announces. @param {Record<string, string>} headers */
    async function announce(method, target, headers) {
        const socket = net.connect(server.port, "127.0.0.1");
        const lines = Object.entries({ Host: `localhost:${server.port}`, ...headers }).map((pair) => pair.join(": "));
        socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
        socket.on("error", () => {});
        return socket;
    }

    /** The status that it's answered with, before any of the body was sent. */
    async function statusOf(...request) {
        const socket = await announce(...request);
        const [answer] = await once(socket, "data", { signal: AbortSignal.timeout(10_000) });
        socket.destroy();
        return Number(String(answer).split(" ")[1]);
    }

    it("is refused before it's read, unless its sender may make the call", async () => {
        const length = { "Content-Length": String(MIB), "Content-Type": "application/gzip" };
        const chunked = { "Transfer-Encoding": "chunked", "Content-Type": "application/gzip" };
        for (const body of [length, chunked]) {
            assert.equal(await statusOf("POST", releases(), body), 401);
            assert.equal(await statusOf("POST", releases(), { ...body, Authorization: "Bearer inlay_wrong" }), 401);
            const Authorization = `Bearer ${narrow.token}`;
            assert.equal(await statusOf("POST", releases(), { ...body, Authorization }), 403);
        }
        const json = { "Content-Length": "900000", "Content-Type": "application/json" };
        assert.equal(await statusOf("POST", "/api/ext/users/personal-access-token", json), 401);
        assert.equal(await statusOf("PATCH", `/api/v1/apps/${world.app.id}`, json), 401);
        assert.equal(await statusOf("POST", "/api/v1/sign-in", json), 413);
        assert.equal(spooled(), 0);
    });

    it("ends its connection when it is refused, so that nothing is read as the next request", async () => {
        const socket = await announce("POST", releases(), { "Content-Length": "50000" });
        let answers = "";
        socket.on("data", (text) => (answers += text));
        socket.write(`GET /healthz HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`);
        socket.end();
        await once(socket, "close", { signal: AbortSignal.timeout(15_000) });
        assert.equal(answers.match(/HTTP\/1\.1 /g)?.length, 1, answers);
    });

    it("of those who may send one is taken, chunked as well", async () => {
        const raw = tarGz([
            ...smallApp("large"),
            { path: "noise.bin", content: fs.readFileSync(sanitized).subarray(0, 600_000) },
        ]);
        assert.ok(raw.length > 20_000);
        for (const [version, headers] of [
            ["2.0.0", {}],
            ["2.0.1", { "Transfer-Encoding": "chunked" }],
        ]) {
            const answer = await world.api.call("POST", `/apps/${world.app.id}/releases`, {
                query: { version },
                raw,
                type: "application/gzip",
                headers,
            });
            assert.equal(answer.status, 201, answer.text);
        }
    });

    it("waits for room when others take all of it", async () => {
        const headers = {
            Authorization: `Bearer ${server.token}`,
            "Content-Length": String(MIB),
            "Content-Type": "application/gzip",
        };
        const held = await Promise.all([0, 1, 2].map(() => announce("POST", releases(), headers)));
        await eventually("a fourth is refused", async () => {
            const status = await Promise.race([
                statusOf("POST", releases(), headers).catch(() => 0),
                new Promise((resolve) => setTimeout(resolve, 300, 0)),
            ]);
            return status === 503;
        });
        held.forEach((socket) => socket.destroy());
        await eventually("there is room again", async () => {
            const answer = await world.api.call("POST", `/apps/${world.app.id}/releases`, {
                query: { version: "3.0.0" },
                raw: tarGz([
                    ...smallApp("room"),
                    { path: "noise.bin", content: fs.readFileSync(sanitized).subarray(0, 300_000) },
                ]),
                type: "application/gzip",
            });
            return answer.status === 201;
        });
    });

    it("that comes too slowly is not waited for", async () => {
        server.control.deadlineMs = 500;
        for (const [target, length] of [
            ["/api/v1/sign-in", 100],
            [releases(), 20_000],
        ]) {
            const socket = await announce("POST", target, {
                Authorization: `Bearer ${server.token}`,
                "Content-Length": String(length),
                "Content-Type": "application/gzip",
                Origin: server.url,
            });
            const drip = setInterval(() => socket.write("x"), 100);
            await once(socket, "close", { signal: AbortSignal.timeout(20_000) });
            clearInterval(drip);
        }
    });
});
