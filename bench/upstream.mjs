// Apps that are servers of their own: nginx's proxy behind the session check, against the same proxy without one.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { privateMemory } from "../tests/lib/memory.mjs";
import { freePort } from "../tests/lib/server.mjs";
import { median, ratio, spread, takeTurns } from "./lib/compare.mjs";
import * as inlay from "./lib/inlay.mjs";
import { onLoadCore, onServerCore, processTree, processorSeconds } from "./lib/machine.mjs";
import { startNginx } from "./lib/nginx.mjs";
import { listening, load, run, start, stop } from "./lib/processes.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const IDLE = 5_000;
const TALKING = 64;
const IDLE_SECONDS = 3;

/** An Inlay with an app of this upstream, and a session of it. */
async function startSides(world, folder, upstreamPort) {
    inlay.copyWorld(world, folder);
    const server = await inlay.startInlay(folder);
    const app = await inlay.addUpstream(server, world, `http://127.0.0.1:${upstreamPort}`);
    const { host, cookie } = await inlay.redeem(
        server,
        { ...world, appId: app.id },
        inlay.email(1),
        inlay.keptConnection(),
    );
    const plainFolder = path.join(folder, "plain");
    fs.mkdirSync(plainFolder, { recursive: true });
    const plain = await startNginx(plainFolder, { upstream: upstreamPort });
    return { server, host, cookie, headers: { Host: host, Cookie: cookie }, plain };
}

/** 1 KB and 64 KB, and what one request waits longer. @param {import("./run.mjs").Bench} bench */
export async function compareProxy(world, _database, bench) {
    const own = path.join(bench.folder, "proxy");
    const filesFolder = path.join(own, "files");
    fs.mkdirSync(filesFolder, { recursive: true });
    const backend = await startNginx(filesFolder, { core: onLoadCore });
    const { server, host, cookie, headers, plain } = await startSides(world, own, backend.port);
    const sessionsPort = await freePort();
    const sessions = start([
        ...onServerCore,
        process.execPath,
        path.join(here, "session-backend.mjs"),
        String(sessionsPort),
        cookie.split("=")[1],
        host.split(".")[0],
    ]);
    await listening(sessions, sessionsPort);
    const askingFolder = path.join(own, "asking");
    fs.mkdirSync(askingFolder, { recursive: true });
    const asking = await startNginx(askingFolder, { upstream: backend.port, backend: sessionsPort });

    const servers = {
        Inlay: { port: server.port, pids: () => processTree(server.pid) },
        "plain nginx": { port: plain.port, pids: () => processTree(plain.pid) },
        "nginx with auth_request": { port: asking.port, pids: () => [...processTree(asking.pid), sessions.pid] },
    };
    const sides = (pathname, bytes, options, names = Object.keys(servers)) =>
        names.map((name) => ({
            name,
            measure: async () => {
                const { port, pids } = servers[name];
                await inlay.expectFile(port, pathname, headers, bytes);
                const result = await bench.measure(pids(), `http://127.0.0.1:${port}${pathname}`, {
                    script: [bench.script, "get"],
                    headers,
                    ...options,
                });
                if (result.bytes < result.requests * bytes) {
                    throw new Error(`${name} did not send whole files`);
                }
                return result;
            },
        }));
    /** @type {Record<string, unknown>} */
    const raw = {};
    for (const [what, pathname, bytes] of [
        ["1 KB", inlay.smallPath, 1024],
        ["64 KB", inlay.largePath, inlay.LARGE_BYTES],
    ]) {
        const results = await takeTurns(sides(pathname, bytes, {}), bench.rounds, bench.log);
        raw[what] = results;
        bench.compared(
            `${what} from an app's server, to plain nginx proxying without a check`,
            results,
            "Inlay",
            "plain nginx",
            0.95,
        );
        bench.comparedByTime(
            `requests for each second of the proxy's processor time, ${what}`,
            results,
            "Inlay",
            "plain nginx",
        );
        bench.compared(
            `${what} from an app's server, to nginx \`auth_request\` asking a Node.js session backend on the same core`,
            results,
            "Inlay",
            "nginx with auth_request",
            2,
        );
    }

    const results = await takeTurns(
        sides(inlay.smallPath, 1024, { connections: 1 }, ["Inlay", "plain nginx"]),
        bench.rounds,
        bench.log,
    );
    raw.latency = results;
    const times = (name, part) => results[name].rounds.map((round) => round[part] * 1000);
    for (const part of ["p50_ms", "p99_ms"]) {
        const added = spread(times("Inlay", part).map((time, round) => time - times("plain nginx", part)[round]));
        const us = (time) => time.toFixed(0);
        bench.found({
            what: `latency added to one 1 KB request at a time, ${part.slice(0, 3)}`,
            measured: [
                `${us(added.median)} µs (${us(added.min)} to ${us(added.max)})`,
                `${us(median(times("Inlay", part)))} to ${us(median(times("plain nginx", part)))} µs`,
            ].join("; "),
        });
    }

    const refused = await load(`http://127.0.0.1:${server.port}${inlay.smallPath}`, {
        seconds: 1,
        script: [bench.script, "get"],
        headers: { Host: host },
    });
    if (refused.failed < refused.requests) {
        throw new Error("Inlay asked the app's server without a session");
    }
    await Promise.all([server.stop(), ...[plain, asking, sessions, backend].map(stop)]);
    return raw;
}

/** Messages that are echoed, and many WebSockets that say nothing. @param {import("./run.mjs").Bench} bench */
export async function compareSockets(world, _database, bench) {
    const own = path.join(bench.folder, "sockets");
    fs.mkdirSync(own, { recursive: true });
    const program = path.join(own, "websocket");
    await run(["gcc", "-O2", "-o", program, path.join(here, "websocket.c")]);
    const echoPort = await freePort();
    const echo = start([...onLoadCore, program, "echo", String(echoPort)]);
    await listening(echo, echoPort);
    const { server, host, cookie, plain } = await startSides(world, own, echoPort);

    const servers = {
        Inlay: { port: server.port, pid: server.pid },
        "plain nginx": { port: plain.port, pid: plain.pid },
    };
    const words = (kind, port, count) => [...onLoadCore, program, kind, String(port), host, cookie, String(count)];
    const sides = Object.entries(servers).map(([name, { port, pid }]) => ({
        name,
        measure: async () => {
            const before = processorSeconds(processTree(pid));
            const said = JSON.parse(await run([...words("load", port, TALKING), String(bench.seconds * 1000)]));
            const busy = (processorSeconds(processTree(pid)) - before) / said.seconds;
            return {
                ...said,
                perSecond: said.messages / said.seconds,
                busy,
                loadBusy: said.busySeconds / said.seconds,
                failed: 0,
            };
        },
    }));
    const results = await takeTurns(sides, bench.rounds, bench.log);
    bench.compared(
        `WebSocket messages echoed over ${TALKING} connections, to plain nginx`,
        results,
        "Inlay",
        "plain nginx",
        0.95,
    );
    bench.comparedByTime("messages for each second of the proxy's processor time", results, "Inlay", "plain nginx");

    /** @type {Record<string, { bytes: number, busy: number }>} */
    const idle = {};
    for (const [name, { port, pid }] of Object.entries(servers)) {
        const worker = processTree(pid).at(-1);
        const before = privateMemory(worker);
        const sockets = start(words("idle", port, IDLE), { stdio: ["pipe", "pipe", "pipe"] });
        const lines = () => sockets.stdout.split("\n").length - 1;
        const until = async (count) => {
            while (lines() < count) {
                if (sockets.child.exitCode !== null) {
                    throw new Error(`${IDLE} WebSockets through ${name}: ${sockets.stderr}`);
                }
                await sleep(20);
            }
        };
        await until(1);
        const bytes = (privateMemory(worker) - before) / IDLE;
        const seconds = processorSeconds([worker]);
        await sleep(IDLE_SECONDS * 1000);
        idle[name] = { bytes, busy: (processorSeconds([worker]) - seconds) / IDLE_SECONDS };
        sockets.child.stdin?.write("\n");
        await until(2); // each of them still has its echo
        sockets.child.stdin?.end();
        await sockets.ended;
    }
    await Promise.all([server.stop(), stop(plain), stop(echo)]);
    const kilobytes = (name) => `${(idle[name].bytes / 1024).toFixed(1)} KB`;
    bench.found({
        what: `the worker's memory for each of ${IDLE.toLocaleString("en")} idle WebSockets, to plain nginx`,
        measured: `${kilobytes("Inlay")} to ${kilobytes("plain nginx")}`,
    });
    bench.found({
        what: "the part of its core that they keep busy",
        measured: Object.values(idle)
            .map(({ busy }) => `${(busy * 100).toFixed(1)} %`)
            .join(" to "),
    });
    return { talking: results, idle, ratio: ratio(results, "Inlay", "plain nginx") };
}
