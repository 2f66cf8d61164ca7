// The API over HTTP/2, by a client that doesn't read for a while.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { httpsServer } from "../lib/apart.mjs";
import { smallApp } from "../lib/bundle.mjs";
import { makeCertificate } from "../lib/certificate.mjs";
import { Http2 } from "../lib/http2.mjs";
import { freshFolder } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** More than the kernel's buffers on the way to a client take. */
const FILES = 40;
const FILE_BYTES = 1024 * 1024;

describe("over HTTP/2", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {Http2} */ let connection;
    const folder = freshFolder();

    before(async () => {
        server = await httpsServer(makeCertificate(folder, ["inlay.vendor.example"]));
        world = await makeWorld(server, {
            bundle: [...smallApp("slow"), { path: "large.bin", content: crypto.randomBytes(FILE_BYTES) }],
        });
        connection = await Http2.connect(server.url, server.port);
    });
    after(async () => {
        connection?.close();
        await server?.discard();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    it("responses whose headers have to wait for the client arrive whole", async () => {
        const authorization = { authorization: `Bearer ${server.token}` };
        const api = (path) => connection.request("GET", `/api/v1/${path}`, authorization);
        const opened = await world.opened();
        const cookie = [...opened.browser.cookies(opened.origin)].map((pair) => pair.join("=")).join("; ");
        const app = { ":authority": new URL(opened.origin).host, cookie };

        connection.pause();
        const files = Array.from({ length: FILES }, () => connection.request("GET", "/large.bin", app));
        await sleep(1000);
        const group = api(`groups/${world.group.id}`);
        const events = api("events/stream");
        await sleep(1000);
        connection.resume();

        const sizes = await Promise.all(files.map(async ({ response }) => (await response).bytes.length));
        assert.deepEqual(
            sizes,
            files.map(() => FILE_BYTES),
        );
        assert.equal((await group.response).json.id, world.group.id);
        const news = once(events.stream, "data", { signal: AbortSignal.timeout(15_000) });
        await world.api.post("/groups", { name: unique("news") });
        assert.match(String(await news), /group/);
        events.stream.close();
    });
});
