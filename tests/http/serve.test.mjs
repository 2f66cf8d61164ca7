// Starting, reloading, stopping, dying, and places where it cannot work.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../lib/browserlike.mjs";
import { Api } from "../lib/api.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Server, freePort, freshFolder, isAlive, startServer } from "../lib/server.mjs";
import { tarGz } from "../lib/bundle.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const isRoot = process.getuid?.() === 0;

/** Runs body with a server and removes the server whatever happens. */
async function withServer(settings, body, options) {
    const server = await startServer(settings, options);
    try {
        await body(server);
    } finally {
        await server.discard();
    }
}

/** Starts something that cannot work, and gives back how it said so. */
async function failsToStart(server) {
    server.port ||= await freePort();
    server.launch();
    const { code, signal } = await server.ended();
    assert.equal(signal, null, server.output);
    assert.notEqual(code, 0, server.output);
    assert.doesNotMatch(server.output, /core dumped|Sanitizer|stack smashing/);
    return { code, output: server.output };
}

describe("a stop", () => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT"]) {
        it(`by ${signal} exits with 0, leaves no process, and frees the port`, async () => {
            await withServer({ workers: 2 }, async (server) => {
                const world = await makeWorld(server);
                await world.opened();
                const processes = server.processes();
                assert.ok(processes.length >= 3, "a master and two workers");
                assert.deepEqual(await server.stop(signal), { code: 0, signal: null }, server.output);
                assert.deepEqual(
                    processes.filter(({ pid }) => isAlive(pid)),
                    [],
                );
                await assert.rejects(request(`${server.url}/healthz`), /ECONNREFUSED/);
            });
        });
    }

    it("answers the request that is under way", async () => {
        await withServer({}, async (server) => {
            const world = await makeWorld(server);
            const body = JSON.stringify({ name: unique("late") });
            const answer = new Promise((resolve, reject) => {
                const outgoing = http.request(
                    {
                        host: "127.0.0.1",
                        port: server.port,
                        method: "POST",
                        path: "/api/v1/groups",
                        headers: {
                            Host: `localhost:${server.port}`,
                            Authorization: `Bearer ${server.token}`,
                            "Content-Length": body.length,
                            Expect: "100-continue",
                        },
                    },
                    (incoming) => {
                        incoming.resume();
                        incoming.on("end", () => resolve(incoming.statusCode));
                    },
                );
                outgoing.on("error", reject);
                outgoing.on("continue", async () => {
                    outgoing.write(body.slice(0, 5));
                    const before = server.workers();
                    server.child.kill("SIGQUIT");
                    await eventually("the workers finish", () => !before.some((pid) => server.workers().includes(pid)));
                    outgoing.end(body.slice(5));
                });
                outgoing.flushHeaders();
            });
            assert.equal(await answer, 201);
            assert.deepEqual(await server.ended(), { code: 0, signal: null });
            await server.start();
            assert.equal((await world.api.all("/groups")).filter((group) => group.name.startsWith("late")).length, 1);
        });
    });

    it("does not wait longer than shutdown_seconds for a client that never finishes", async () => {
        await withServer({ shutdown_seconds: 1 }, async (server) => {
            const socket = net.connect(server.port, "127.0.0.1");
            socket.on("error", () => {});
            socket.write(
                `POST /api/v1/groups HTTP/1.1\r\nHost: localhost:${server.port}\r\n` +
                    `Authorization: Bearer ${server.token}\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`,
            );
            assert.match(String(await once(socket, "data")), /^HTTP\/1.1 100 /);
            socket.write("{");
            const start = Date.now();
            await server.stop("SIGQUIT");
            assert.ok(Date.now() - start < 6000, `${Date.now() - start} ms`);
            socket.destroy();
        });
    });
});

describe("a death", () => {
    it("of the process that was started takes all others with it, and a new start works", async () => {
        await withServer({ workers: 2 }, async (server) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            const processes = server.processes();
            server.child.kill("SIGKILL");
            await server.exited;
            for (const end = Date.now() + 5000; processes.some(({ pid }) => isAlive(pid)) && Date.now() < end;) {
                await sleep(50);
            }
            assert.deepEqual(
                processes.filter(({ pid }) => isAlive(pid)),
                [],
            );
            await server.start();
            assert.equal(await opened.refusal(), null);
        });
    });

    it("of nginx's master ends the server with an error, and a new start works", async () => {
        await withServer({ workers: 2 }, async (server) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            const processes = server.processes();
            const master = processes.find(({ words }) => /master process/.test(words)) ?? processes[0];
            process.kill(master.pid, "SIGKILL");
            const { code, signal } = await server.ended();
            assert.ok(code !== 0 || signal !== null);
            for (const end = Date.now() + 5000; processes.some(({ pid }) => isAlive(pid)) && Date.now() < end;) {
                await sleep(50);
            }
            assert.deepEqual(
                processes.filter(({ pid }) => isAlive(pid)),
                [],
            );
            await server.start();
            assert.equal(await opened.refusal(), null);
        });
    });
});

describe("a restart", () => {
    it("keeps everything: sessions, links, files, tokens", async () => {
        await withServer({}, async (server) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            const link = await world.embedLink();
            const { token } = await world.api.post("/api-tokens", { name: "t", scopes: ["users:read"] });
            await server.stop();
            fs.rmSync(path.join(server.data, "cache"), { recursive: true, force: true });
            fs.rmSync(path.join(server.data, "run"), { recursive: true, force: true });
            await server.start();
            assert.equal(await opened.refusal(), null);
            assert.equal((await opened.fetch("/words.txt")).status, 200);
            assert.equal((await world.opened(link)).page.status, 200);
            await new Api(server, token).get("/users");
        });
    });

    it("keeps an ended session ended", async () => {
        await withServer({}, async (server) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            await world.api.delete(`/sessions/${(await opened.session()).json.session.id}`);
            await server.stop();
            await server.start();
            assert.equal(await opened.refusal(), "session_ended");
        });
    });
});

describe("a reload by SIGHUP", () => {
    /** Configured by a file alone, since the environment of a running process cannot change. */
    async function withFile(settings, body) {
        const folder = freshFolder();
        const file = path.join(folder, "inlay.yaml");
        const write = (more) =>
            fs.writeFileSync(
                file,
                Object.entries({ ...settings, ...more })
                    .map(([name, value]) => `${name}: ${value}\n`)
                    .join(""),
            );
        write({});
        const server = new Server({}, { folder, words: ["--config", file] });
        try {
            await server.start();
            await body(server, write, file);
        } finally {
            await server.discard();
        }
    }

    it("keeps sessions and the process, and takes the new configuration", async () => {
        await withFile({ session_default_minutes: 60 }, async (server, write) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            const minutes = async () => {
                await world.pat();
                return (await world.api.get("/links", { limit: 1 })).items[0].sessionMinutes;
            };
            assert.equal(await minutes(), 60);
            write({ session_default_minutes: 33 });
            server.child.kill("SIGHUP");
            await eventually("the new default", async () => (await minutes()) === 33);
            assert.equal(await opened.refusal(), null);
            assert.equal(server.child.exitCode, null);

            await world.api.delete(`/sessions/${(await opened.session()).json.session.id}`);
            assert.equal(await opened.refusal(), "session_ended", "and revocation still works");
        });
    });

    it("with a broken file goes on as before and says what is wrong", async () => {
        await withFile({ session_default_minutes: 60 }, async (server, write, file) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            fs.writeFileSync(file, "sesion_default_minutes: 5\n");
            server.child.kill("SIGHUP");
            await eventually("the mistake's name in the log", () => /sesion_default_minutes/.test(server.logs()));
            assert.equal(await opened.refusal(), null);
            assert.equal((await world.opened()).page.status, 200);
            write({ session_default_minutes: 44 });
            server.child.kill("SIGHUP");
            await eventually("the use of a mended file", async () => {
                await world.pat();
                return (await world.api.get("/links", { limit: 1 })).items[0].sessionMinutes === 44;
            });
        });
    });

    it("under load loses no request but those of closed idle connections", async () => {
        await withServer({ workers: 2 }, async (server) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            const outcomes = { ok: 0, refused: /** @type {string[]} */ ([]) };
            let going = true;
            const load = Array.from({ length: 4 }, async () => {
                while (going) {
                    const answer = await opened.fetch("/words.txt").catch((error) => ({ status: error.code }));
                    if (answer.status === 200) {
                        outcomes.ok += 1;
                    } else {
                        outcomes.refused.push(String(answer.status));
                    }
                }
            });
            for (let n = 0; n < 5; n++) {
                const before = server.workers();
                server.child.kill("SIGHUP");
                await eventually("new workers", () => {
                    const now = server.workers();
                    return now.length > 0 && !now.some((pid) => before.includes(pid));
                });
            }
            going = false;
            await Promise.all(load);
            assert.ok(outcomes.ok > 50, String(outcomes.ok));
            // Each request has a connection of its own, so none of them is an idle one.
            assert.deepEqual(outcomes.refused, []);
        });
    });
});

describe("two workers", () => {
    it("agree at once on what ended", async () => {
        await withServer({ workers: 2 }, async (server) => {
            const world = await makeWorld(server);
            assert.equal(server.workers().length >= 2, true);
            for (let round = 0; round < 10; round++) {
                const opened = await world.opened();
                const { id } = (await opened.session()).json.session;
                const warm = await Promise.all(Array.from({ length: 16 }, () => opened.refusal()));
                assert.ok(warm.every((code) => code === null));
                await (round % 2 === 0
                    ? world.api.delete(`/sessions/${id}`)
                    : world.api.expect(200, "DELETE", "/sessions", { query: { userId: world.user.id } }));
                const after = await Promise.all(Array.from({ length: 16 }, () => opened.refusal()));
                assert.deepEqual([...new Set(after)], ["session_ended"], `round ${round}`);
            }
        });
    });

    it("agree at once on what a user may no longer do", async () => {
        await withServer({ workers: 2 }, async (server) => {
            const world = await makeWorld(server);
            for (let round = 0; round < 10; round++) {
                const opened = await world.opened();
                await Promise.all(Array.from({ length: 16 }, () => opened.refusal()));
                await world.api.delete(`/groups/${world.group.id}/members/${world.user.id}`);
                const after = await Promise.all(Array.from({ length: 16 }, () => opened.refusal()));
                assert.deepEqual([...new Set(after)], ["session_ended"], `round ${round}`);
                await world.api.put(`/groups/${world.group.id}/members/${world.user.id}`);
            }
        });
    });

    it("may open more files than a shell allows, as far as the system does", async () => {
        await withServer(
            {},
            async (server) => {
                const [, soft] =
                    /^Max open files\s+(\d+)/m.exec(fs.readFileSync(`/proc/${server.workers()[0]}/limits`, "utf8")) ??
                    [];
                assert.equal(soft, "5000");
            },
            { prefix: ["prlimit", "--nofile=1024:5000"] },
        );
    });

    it("go on when one of them is killed, and it is replaced", async () => {
        await withServer({ workers: 2 }, async (server) => {
            const world = await makeWorld(server);
            const opened = await world.opened();
            const before = server.workers();
            process.kill(before[0], "SIGKILL");
            await eventually("another worker in its place", async () => {
                const code = await opened.refusal().catch(() => "connection lost");
                assert.ok([null, "connection lost"].includes(code), String(code));
                const now = server.workers();
                return now.length === before.length && !now.includes(before[0]);
            });
            assert.equal(await opened.refusal(), null);
            assert.equal(server.workers().length, before.length);
            await world.api.delete(`/sessions/${(await opened.session()).json.session.id}`);
            assert.equal(await opened.refusal(), "session_ended");
        });
    });
});

describe("a place where it cannot work", () => {
    it("a port in use: says which, and the first goes on", async () => {
        await withServer({}, async (first) => {
            const second = new Server({});
            second.port = first.port;
            try {
                const { output } = await failsToStart(second);
                assert.match(output, new RegExp(`${first.port}`));
                assert.match(output, /in use|already/i);
                assert.equal((await request(`${first.url}/readyz`)).status, 200);
            } finally {
                await second.discard();
            }
        });
    });

    it("a data folder in use: says so, and the first goes on", async () => {
        await withServer({}, async (first) => {
            const second = new Server({ data: first.data });
            try {
                const { output } = await failsToStart(second);
                assert.match(output, /in use|another|locked|running/i);
                assert.ok(output.includes(first.data), output);
                const world = await makeWorld(first);
                assert.equal((await world.opened()).page.status, 200);
            } finally {
                await second.discard();
            }
        });
    });

    it("a damaged database: says so, names the file, and leaves it alone", async () => {
        const server = await startServer();
        try {
            await makeWorld(server);
            await server.stop();
            const file = path.join(server.data, "inlay.db");
            for (const damage of ["garbage from the first byte", "a file that was cut off"]) {
                const good = fs.readFileSync(file);
                const bad = damage.startsWith("garbage")
                    ? Buffer.alloc(good.length, "this is no database ")
                    : good.subarray(0, 5000);
                for (const extra of ["-wal", "-shm"]) {
                    fs.rmSync(file + extra, { force: true });
                }
                fs.writeFileSync(file, bad);
                server.output = "";
                const { output } = await failsToStart(server);
                assert.match(output, /inlay\.db/, damage);
                assert.match(output, /damaged|not a database|malformed|corrupt/i, damage);
                assert.deepEqual(fs.readFileSync(file), bad, `${damage}: it was not touched`);
                fs.writeFileSync(file, good);
            }
            await server.start();
        } finally {
            await server.discard();
        }
    });

    it("a database of a newer version: says so", async (t) => {
        let sqlite3;
        try {
            sqlite3 = execFileSync("which", ["sqlite3"], { encoding: "utf8" }).trim();
        } catch {
            t.skip("sqlite3 is not installed");
            return;
        }
        const server = await startServer();
        try {
            await server.stop();
            const file = path.join(server.data, "inlay.db");
            const version = Number(execFileSync(sqlite3, [file, "PRAGMA user_version"], { encoding: "utf8" }));
            assert.ok(version > 0, "the schema's version is SQLite's user_version");
            execFileSync(sqlite3, [file, `PRAGMA user_version = ${version + 100}`]);
            server.output = "";
            const { output } = await failsToStart(server);
            assert.match(output, /newer/i);
        } finally {
            await server.discard();
        }
    });

    it("a data folder that cannot be written: says so, names it", async () => {
        const folder = freshFolder();
        const data = path.join(folder, "data");
        fs.mkdirSync(data);
        const prefix = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        if (isRoot) {
            fs.chownSync(data, 65534, 65534);
        }
        fs.chmodSync(data, 0o555);
        const server = new Server({ data }, { folder, prefix });
        try {
            const { output } = await failsToStart(server);
            assert.ok(output.includes(data), output);
            assert.match(output, /permission|read-only|cannot|not writable/i);
        } finally {
            fs.chmodSync(data, 0o755);
            await server.discard();
        }
    });

    it("a data folder that is a file: says so", async () => {
        const folder = freshFolder();
        const data = path.join(folder, "data");
        fs.writeFileSync(data, "");
        const server = new Server({ data }, { folder });
        try {
            const { output } = await failsToStart(server);
            assert.ok(output.includes(data), output);
        } finally {
            await server.discard();
        }
    });

    for (const [settings, word] of [
        [{ public_url: "http://inlay.example.com" }, /https|TLS|loopback/i],
        [{ public_url: "nonsense" }, /public_url/],
        [{ listen: "127.0.0.1:99999" }, /listen/],
        [{ workers: "many" }, /workers/],
        [{ tls_certificate: "/nowhere.pem", tls_key: "/nowhere.key" }, /nowhere|tls_certificate/],
        [{ database: "oracle" }, /database/],
        [{ embed_link_seconds: 601 }, /embed_link_seconds.*600/],
        [{ mint_limit_per_minute: -1 }, /mint_limit_per_minute/],
    ]) {
        it(`the setting ${Object.entries(settings)[0].join("=")}: names it`, async () => {
            const server = new Server(settings);
            try {
                const { output } = await failsToStart(server);
                assert.match(output, word);
            } finally {
                await server.discard();
            }
        });
    }

    it("runs as an ordinary user as well as as root", async (t) => {
        if (!isRoot) {
            t.skip("the other tests run as an ordinary user already");
            return;
        }
        const folder = freshFolder();
        fs.chownSync(folder, 65534, 65534);
        await withServer(
            {},
            async (server) => {
                const world = await makeWorld(server);
                assert.equal((await world.opened()).page.status, 200);
            },
            { folder, prefix: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] },
        );
    });
});

describe("a database that is damaged while the server runs", () => {
    it("stops every session after database_grace_seconds, and is told instead of acknowledged", async () => {
        const server = await startServer({ database_grace_seconds: 1 });
        try {
            const world = await makeWorld(server);
            const opened = await world.opened();
            assert.equal((await opened.fetch("/")).status, 200);
            const file = path.join(server.data, "inlay.db");
            execFileSync("sqlite3", [file, ".timeout 5000", "PRAGMA wal_checkpoint(TRUNCATE)"]);
            const bytes = fs.openSync(file, "r+");
            fs.writeSync(bytes, Buffer.alloc(fs.statSync(file).size - 4096, "damage "), 0, undefined, 4096);
            fs.closeSync(bytes);

            const refused = await eventually("the end of the grace", async () => {
                const answer = await opened.fetch("/");
                return answer.status === 200 ? null : answer;
            });
            assert.equal(refused.status, 503);
            assert.match(refused.json.code, /unavailable$/);
            assert.equal((await opened.session()).status, 503);
            assert.equal((await world.api.mintPat({ email: world.user.email, appId: world.app.id })).status, 503);
            assert.equal((await request(`${server.url}/readyz`)).status, 503);
            assert.equal((await request(`${server.url}/healthz`)).status, 200);
            assert.match(server.output, /malformed/);
        } finally {
            await server.discard();
        }
    });
});

describe("a full disk", () => {
    it("refuses with 503, loses nothing that was acknowledged, and goes on when there is room", async (t) => {
        if (!isRoot) {
            t.skip("needs root to mount a small file system");
            return;
        }
        const folder = freshFolder();
        try {
            execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=0755", "inlay-test", folder], { stdio: "pipe" });
        } catch (error) {
            fs.rmSync(folder, { recursive: true });
            t.skip(`cannot mount a tmpfs here: ${String(error.stderr).trim()}`);
            return;
        }
        const server = new Server({ session_memory: "1m" }, { folder });
        try {
            await server.start();
            const world = await makeWorld(server);
            const opened = await world.opened();
            const others = [await world.opened(), await world.opened()];
            const sessions = (await world.api.all("/sessions")).map(({ id }) => id);
            const { bavail, bsize } = fs.statfsSync(folder);
            const filler = path.join(folder, "filler");
            fs.writeFileSync(filler, Buffer.alloc(bavail * bsize - 300_000));

            const kept = [];
            let refused;
            for (let n = 0; n < 3000 && refused === undefined; n++) {
                const answer = await world.api.call("POST", "/environments", {
                    body: { name: `e${n}`, config: { filler: "x".repeat(8000) } },
                });
                if (answer.status === 201) {
                    kept.push(answer.json.id);
                } else {
                    refused = answer;
                }
            }
            assert.ok(refused, "the disk never became full");
            assert.equal(refused.status, 503, refused.text);
            assert.equal(refused.headers["content-type"], "application/problem+json");
            const upload = await world.api.send("POST", `/apps/${world.app.id}/releases`, {
                query: { version: "2.0.0" },
                raw: tarGz([
                    { path: "index.html", content: "x" },
                    {
                        path: "big",
                        content: Buffer.from(Array.from({ length: 400_000 }, () => Math.floor(Math.random() * 256))),
                    },
                ]),
                type: "application/gzip",
            });
            assert.ok(upload.status >= 500, String(upload.status));
            assert.equal(await opened.refusal(), null, "sessions that are open are served");

            // A little may still fit; /readyz takes it, and then says what is true.
            const readiness = async () => (await request(`${server.url}/readyz`)).status;
            let ready = await readiness();
            for (let n = 0; n < 500 && ready === 200; n++) {
                await world.api.call("POST", "/environments", { body: { name: `small${n}` } });
                ready = await readiness();
            }
            assert.equal(ready, 503, "the server says that it is not ready");

            // Access can be taken away all the same.
            const [first, second] = others;
            const logout = await first.fetch("/_inlay/logout", { method: "POST" });
            assert.equal(logout.status, 204, logout.text);
            const ended = await world.api.call("DELETE", `/sessions/${sessions[0]}`);
            assert.equal(ended.status, 204, ended.text);
            const archived = await world.api.call("PATCH", `/users/${world.user.id}`, { body: { status: "archived" } });
            assert.equal(archived.status, 200, archived.text);
            assert.notEqual(await second.refusal(), null);

            fs.rmSync(filler);
            await eventually("the server is ready again", async () => (await readiness()) === 200);
            const after = await world.api.call("POST", "/environments", { body: { name: "after" } });
            assert.equal(after.status, 201, after.text);
            kept.push(after.json.id);
            const assertKept = async () => {
                const ids = new Set((await world.api.all("/environments")).map((one) => one.id));
                assert.deepEqual(
                    kept.filter((id) => !ids.has(id)),
                    [],
                );
                assert.equal((await world.api.call("GET", `/apps/${world.app.id}/releases/2.0.0`)).status, 404);
            };
            await assertKept();
            await server.kill();
            await server.start();
            await assertKept();
        } finally {
            await server.stop().catch(() => {});
            execFileSync("umount", ["-l", folder]);
            await server.discard();
        }
    });
});
