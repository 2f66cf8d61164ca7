// healthz, readyz, metrics, and the log.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { Api, conforms } from "../lib/api.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

describe("health", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;

    before(async () => {
        server = await startServer();
    });
    after(() => server.discard());

    it("and readiness are told to anybody", async () => {
        for (const [path, status] of [
            ["/healthz", "ok"],
            ["/readyz", "ready"],
        ]) {
            const answer = await new Api(server, null).call("GET", path);
            assert.deepEqual([answer.status, answer.json], [200, { status }]);
            assert.match(answer.headers["cache-control"] ?? "", /no-store/);
            assert.equal((await request(server.url + path, { method: "HEAD" })).status, 200);
            assert.equal((await request(server.url + path, { method: "POST" })).status, 405);
        }
    });

    it("has the addresses that ToolJet has, too", async () => {
        for (const path of ["/health", "/api/health"]) {
            const answer = await request(server.url + path);
            assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, { status: "ok" }]);
        }
    });

    it("is told under any host name, since checks ask by address", async () => {
        for (const host of [`127.0.0.1:${server.port}`, "health-check.internal"]) {
            const answer = await request(`${server.url}/healthz`, { headers: { Host: host } });
            assert.equal(answer.status, 200, host);
        }
    });

    it("metrics are Prometheus's text, and count what happens", async () => {
        const world = await makeWorld(server);
        const read = async () => {
            const answer = await request(`${server.url}/metrics`);
            conforms("GET", answer);
            assert.equal(answer.status, 200);
            assert.match(answer.headers["content-type"], /^text\/plain/);
            for (const line of answer.text.trimEnd().split("\n")) {
                const about = /^# (HELP|TYPE) [a-z_:]+ .+$/;
                const value = /^[a-z_:]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? ([0-9.e+-]+|NaN|[+-]Inf)$/;
                assert.match(line, line.startsWith("#") ? about : value);
            }
            return answer.text;
        };
        const before = await read();
        assert.match(before, /^inlay_/m);
        const opened = await world.opened(await world.embedLink());
        await opened.navigate("/");
        const now = await read();
        assert.notEqual(now, before);
        const sum = (text, name) =>
            [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+]+)$`, "gm"))].reduce(
                (total, [, value]) => total + Number(value),
                0,
            );
        const active = [...now.matchAll(/^(inlay_[a-z_]*sessions[a-z_]*)/gm)].map(([, name]) => name);
        assert.ok(active.length > 0, "sessions are counted");
        assert.ok(
            active.some((name) => sum(now, name) > sum(before, name)),
            "a session more",
        );
        for (const cache of ["app", "identity"]) {
            for (const what of ["hits", "misses"]) {
                assert.match(now, new RegExp(`^inlay_${cache}_cache_${what}_total \\d+$`, "m"));
            }
        }
        await opened.navigate("/");
        assert.ok(sum(await read(), "inlay_app_cache_hits_total") > sum(now, "inlay_app_cache_hits_total"));
        assert.ok(
            !now.includes(world.user.email) && !now.includes(opened.origin.slice(7, 33)),
            "no person and no label",
        );
    });

    for (const workers of [1, 3]) {
        it(`a revocation counts once, with ${workers} worker${workers === 1 ? "" : "s"}`, async () => {
            const several = await startServer({ workers });
            try {
                const world = await makeWorld(several);
                const count = async () => {
                    const { text } = await request(`${several.url}/metrics`);
                    return Number(/^inlay_revocations_total (\d+)$/m.exec(text)?.[1]);
                };
                await Promise.all(Array.from({ length: 6 }, () => world.embedLink()));
                const links = (await world.api.get("/links")).items.map((link) => link.id);
                const before = await count();
                await world.api.delete(`/links/${links[0]}`);
                assert.equal(await count(), before + 1);
                assert.equal((await world.api.call("GET", "/links")).status, 200);
                assert.equal(await count(), before + 1, "reading revokes nothing");
                await Promise.all(links.slice(1).map((id) => world.api.delete(`/links/${id}`)));
                assert.equal(await count(), before + 6, "those that share a commit count, too");
                await several.stop();
                await several.start();
                assert.equal(await count(), 0, "counted since the start");
            } finally {
                await several.discard();
            }
        });
    }

    it("metrics are refused to who is not in metrics_allow", async () => {
        const closed = await startServer({ metrics_allow: "192.0.2.0/24" });
        try {
            const answer = await request(`${closed.url}/metrics`);
            assert.equal(answer.status, 403);
            conforms("GET", answer);
        } finally {
            await closed.discard();
        }
    });

    it("the access log has one line of JSON for each request, and a request's id is in its error", async () => {
        const world = await makeWorld(server);
        const opened = await world.opened();
        await opened.fetch("/words.txt?unlikely=1");
        const refused = await opened.navigate("/_inlay/nothing");
        assert.equal(refused.status, 404);
        await server.stop();
        const lines = server
            .logs()
            .split("\n")
            .filter((line) => line.startsWith("{"));
        const entries = lines.map((line) => JSON.parse(line));
        assert.ok(entries.length > 10, "one line for each request");
        const one = entries.find((entry) => JSON.stringify(entry).includes("/words.txt"));
        assert.ok(one, "requests are found by path");
        assert.ok(JSON.stringify(one).includes("127.0.0.1"));
        assert.ok(Object.values(one).some((value) => Number(value) === 200));
        await server.start();
    });

    it("the access log is valid JSON whatever bytes are sent, and has the path that was asked for", async () => {
        const send = (text) =>
            new Promise((resolve, reject) => {
                const socket = net.connect(server.port, "127.0.0.1", () => socket.end(Buffer.from(text, "latin1")));
                socket.on("error", reject).on("close", resolve).resume();
            });
        const host = `localhost:${server.port}`;
        for (const [path, at] of [
            ["/api/v1/\xff\xfe?secret", host],
            ['/api/v1/"\\', host],
            ["/api/v1/%ff%0a", host],
            ["/groups/of-the-console?secret", host],
            ["/odd-host", "\xff.example"],
        ]) {
            await send(`GET ${path} HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`);
        }
        await server.stop();
        const text = server.logs();
        const decoded = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text));
        const entries = decoded
            .split("\n")
            .filter((line) => line.startsWith("{"))
            .map((line) => JSON.parse(line));
        const paths = entries.map((entry) => entry.path);
        for (const path of ["/api/v1/%FF%FE", '/api/v1/"\\', "/api/v1/%FF%0A", "/groups/of-the-console", "/odd-host"]) {
            assert.ok(paths.includes(path), `${path} in ${paths.slice(-8)}`);
        }
        assert.doesNotMatch(text, /secret|"\/index\.html"|\ufffd/);
        await server.start();
    });

    it("access_log=off leaves the requests out", async () => {
        const quiet = await startServer({ access_log: "off" });
        try {
            await request(`${quiet.url}/unlikely-path`);
            await quiet.stop();
            assert.ok(!quiet.logs().includes("unlikely-path"), quiet.logs());
        } finally {
            await quiet.discard();
        }
    });

    it("trusted_proxies tell the client's address, others do not", async () => {
        for (const [trusted, expected] of [
            ["127.0.0.0/8", "203.0.113.9"],
            ["", "127.0.0.1"],
        ]) {
            const proxied = await startServer(trusted === "" ? {} : { trusted_proxies: trusted });
            try {
                const world = await makeWorld(proxied);
                const answer = await world.api.mintPat(
                    { email: world.user.email, appId: world.app.id },
                    { headers: { "X-Forwarded-For": "203.0.113.9" } },
                );
                assert.equal(answer.status, 201, answer.text);
                assert.equal((await world.lastEvent("mint")).address, expected);
            } finally {
                await proxied.discard();
            }
        }
    });
});
