// inlay serve and inlay backup: starts, reloads, ends, and what is left of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../lib/browserlike.mjs";
import { exit, expect, withFolder } from "../lib/command.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Server, freePort, freshFolder, isAlive, root, startServer } from "../lib/server.mjs";

const isRoot = process.getuid?.() === 0;

describe("inlay serve", () => {
    /** Until the server has printed something. */
    async function untilOutput(server, pattern) {
        for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
            if (pattern.test(server.output)) {
                return;
            }
        }
        assert.fail(`${pattern} is not in:\n${server.output}`);
    }

    /** Init may take its time to collect those whose parent is gone. */
    async function untilGone(processes) {
        for (const end = Date.now() + 10_000; processes.some(({ pid }) => isAlive(pid)); await sleep(20)) {
            assert.ok(Date.now() < end, JSON.stringify(processes.filter(({ pid }) => isAlive(pid))));
        }
    }

    it("says in one line that it is ready and where, at the first start also where the token is", async () => {
        const server = new Server({}, { environment: { INLAY_API_TOKEN: "" } });
        try {
            await server.start();
            await untilOutput(
                server,
                /Inlay is ready: http:\/\/localhost:\d+ {2}\(apps on http:\/\/\*\.localhost:\d+, data in .*\)\n/,
            );
            await untilOutput(server, /admin-token/);
            await untilOutput(
                server,
                fs.existsSync(path.join(root, "build/console/index.html"))
                    ? /Make the first admin here.*24 hours:\n {2}http:\/\/localhost:\d+\/setup#[\w-]{43}\n/
                    : /works once/,
            );
            const { stdout } = await expect(exit.done, [
                "app",
                "list",
                "--json",
                "--url",
                server.url,
                "--data",
                server.data,
            ]);
            assert.deepEqual(JSON.parse(stdout), []);
            await server.stop();
            server.output = "";
            await server.start();
            await untilOutput(server, /Inlay is ready/);
            assert.ok(!server.output.includes("admin-token"));
        } finally {
            await server.discard();
        }
    });

    it("refuses a reload that needs a restart, and one that nginx or the port would refuse", async () => {
        const folder = freshFolder();
        const file = path.join(folder, "inlay.yaml");
        fs.writeFileSync(file, "");
        const server = new Server({ session_memory: undefined }, { folder, words: ["--config", file] });
        try {
            await server.start();
            for (const [text, message] of [
                ["session_memory: 32m\n", /session_memory changes with a restart only/],
                ["tls_certificate: missing.pem\ntls_key: missing.key\n", /missing\.pem/],
                ["workers: [1]\n", /workers is one value, not a list/],
            ]) {
                server.output = "";
                fs.writeFileSync(file, text);
                server.child?.kill("SIGHUP");
                await untilOutput(server, message);
                assert.match(server.output, /not reloaded, the settings stay as they were/);
                assert.equal((await request(`${server.url}/readyz`)).status, 200);
            }
        } finally {
            await server.discard();
        }
    });

    it("started again right after its kill -9 waits for what is left of it", async () => {
        const server = await startServer({ shutdown_seconds: 10 });
        try {
            await untilOutput(server, /Inlay is ready/);
            const before = server.processes();
            server.output = "";
            process.kill(server.pid, "SIGKILL");
            await server.start();
            await untilOutput(server, /Inlay is ready/);
            await untilGone(before);
        } finally {
            await server.discard();
        }
    });

    it("speaks https with a certificate, which the client commands check", async () => {
        await withFolder({}, async (folder) => {
            execFileSync(
                "openssl",
                [
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-keyout",
                    "key.pem",
                    "-out",
                    "cert.pem",
                    "-subj",
                    "/CN=localhost",
                    "-addext",
                    "subjectAltName=DNS:localhost,DNS:*.localhost",
                ],
                { cwd: folder, stdio: "pipe" },
            );
            const port = await freePort();
            const server = new Server({
                tls_certificate: path.join(folder, "cert.pem"),
                tls_key: path.join(folder, "key.pem"),
                listen: `127.0.0.1:${port}`,
            });
            try {
                server.launch();
                await untilOutput(
                    server,
                    new RegExp(
                        `Inlay is ready: https://localhost:${port} {2}\\(apps on https://\\*\\.localhost:${port}, `,
                    ),
                );
                const list = (code, authorities) =>
                    expect(code, ["app", "list", "--json"], {
                        environment: {
                            INLAY_URL: `https://localhost:${port}`,
                            INLAY_TOKEN: server.token,
                            SSL_CERT_FILE: authorities,
                        },
                    });
                assert.equal((await list(exit.done, path.join(folder, "cert.pem"))).stdout, "[]\n");
                assert.match((await list(exit.unreachable, "")).stderr, /is not trusted: .*SSL_CERT_FILE/);
                for (const url of [
                    `https://localhost:${port}/`,
                    `https://localhost:${port}/api/v1/apps`,
                    `https://${"a".repeat(26)}.localhost:${port}/`,
                ]) {
                    assert.equal((await request(url)).headers["strict-transport-security"], "max-age=31536000", url);
                }
                server.output = "";
                server.child?.kill("SIGHUP");
                await untilOutput(server, /inlay: reloaded\./);
            } finally {
                await server.discard();
            }
        });
    });

    it("started by root works in the data folder as the folder's owner, and reloads", async (t) => {
        if (!isRoot) {
            t.skip("needs root");
            return;
        }
        const folder = freshFolder();
        const data = path.join(folder, "data");
        fs.mkdirSync(data, 0o700);
        fs.chownSync(data, 65534, 65534);
        const server = new Server({ data }, { folder, environment: { INLAY_API_TOKEN: "" } });
        try {
            await server.start();
            await expect(exit.done, ["app", "create", "owned", "--url", server.url, "--data", data]);
            await untilOutput(server, /Inlay is ready/);
            server.child?.kill("SIGHUP");
            await untilOutput(server, /inlay: reloaded\./);
            // nginx's main process, which root is, opens the log.
            const others = fs
                .readdirSync(data)
                .filter((name) => name !== "access.log" && fs.statSync(path.join(data, name)).uid !== 65534);
            assert.deepEqual(others, []);
        } finally {
            await server.discard();
        }
    });

    it("whose nginx ends says so and exits with 1", async () => {
        const server = await startServer({ workers: 2 });
        try {
            await untilOutput(server, /Inlay is ready/);
            const [, nginx, ...workers] = server.processes();
            process.kill(nginx.pid, "SIGKILL");
            assert.deepEqual(await server.ended(), { code: exit.refused, signal: null });
            assert.match(server.output, /nginx was ended by signal 9/);
            await untilGone(workers);
        } finally {
            await server.discard();
        }
    });

    it("stops at once by a second Ctrl-C", async () => {
        const server = await startServer({ shutdown_seconds: 60 });
        try {
            const socket = net.connect(server.port, "127.0.0.1");
            socket.on("error", () => {});
            socket.write(
                `POST /api/v1/groups HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`,
            );
            assert.match(String(await once(socket, "data")), /^HTTP\/1.1 100 /);
            socket.write("{");
            const start = Date.now();
            server.child?.kill("SIGINT");
            await eventually("the workers finish", () => server.workers().length === 0);
            server.child?.kill("SIGINT");
            assert.deepEqual(await server.ended(), { code: 0, signal: null });
            assert.ok(Date.now() - start < 5000);
            socket.destroy();
        } finally {
            await server.discard();
        }
    });

    it("refuses a port that needs rights it does not have", async (t) => {
        const first = Number(fs.readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
        if (first <= 1) {
            t.skip("every port is free for everybody here");
            return;
        }
        await withFolder({}, async (folder) => {
            if (isRoot) {
                fs.chownSync(folder, 65534, 65534);
            }
            const prefix = isRoot
                ? [
                      "setpriv",
                      "--reuid=65534",
                      "--regid=65534",
                      "--clear-groups",
                      "--inh-caps=-all",
                      "--bounding-set=-all",
                  ]
                : [];
            const { stderr } = await expect(exit.local, ["serve", "--listen", "127.0.0.1:1"], { cwd: folder, prefix });
            assert.match(stderr, /may not listen on 127\.0\.0\.1:1\..*--listen/);
        });
    });
});

describe("inlay backup", () => {
    it("copies everything while the server runs, and overwrites nothing", async () => {
        const server = await startServer();
        try {
            const environment = { INLAY_URL: server.url, INLAY_TOKEN: server.token };
            await expect(exit.done, ["app", "create", "Kept", "--slug", "kept"], { environment });
            const restored = path.join(server.folder, "restored");
            const copy = path.join(restored, "inlay.db");
            fs.mkdirSync(restored);
            const { stdout, stderr } = await expect(exit.done, ["backup", copy, "--data", server.data]);
            assert.match(stdout, /^Copied .*inlay\.db to .*\([\d.]+ [kM]B\)/);
            assert.equal(stderr, "", "no progress bar without a terminal");
            assert.match((await expect(exit.local, ["backup", copy, "--data", server.data])).stderr, /exists already/);

            const again = await startServer({ data: restored });
            try {
                const { stdout } = await expect(exit.done, ["app", "list", "--json"], {
                    environment: { INLAY_URL: again.url, INLAY_TOKEN: again.token },
                });
                assert.deepEqual(
                    JSON.parse(stdout).map((app) => app.slug),
                    ["kept"],
                );
            } finally {
                await again.discard();
            }
        } finally {
            await server.discard();
        }
    });

    it("without a database says which folder it looked in", async () => {
        const { stderr } = await expect(exit.local, ["backup", "/tmp/never", "--data", "/nowhere"]);
        assert.match(stderr, /no database \/nowhere\/inlay\.db; name its folder with --data/);
    });
});
