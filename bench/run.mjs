// make bench: Inlay against what one would use otherwise, as ratios of one run. docs/benchmarks.md explains.
//     node bench/run.mjs [--rounds N] [--seconds S] [--write-docs] [files mints redeem sessions proxy caches sockets paint …]
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../tests/lib/server.mjs";
import { median, percentile, ratio, takeTurns } from "./lib/compare.mjs";
import * as inlay from "./lib/inlay.mjs";
import {
    hasTwoCores,
    machineFacts,
    moveToLoadCore,
    onServerCore,
    processTree,
    processorSeconds,
    sharedMemory,
} from "./lib/machine.mjs";
import { startNginx } from "./lib/nginx.mjs";
import { listening, load, run, start, stop } from "./lib/processes.mjs";
import { line, markdown, writeInto, writeResult } from "./lib/report.mjs";
import { writeSessions } from "./lib/sessions.mjs";
import { measureCaches } from "./caches.mjs";
import { comparePaint } from "./paint.mjs";
import { compareProxy, compareSockets } from "./upstream.mjs";

const MINUTES_AT_MOST = 10;
const REDEEMS = 400;
const FEW = 1_000;
const MANY = 1_000_000;
const SESSION_MEMORY = "170m";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.join(here, "../build/bench");
const script = path.join(here, "wrk.lua");

const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        rounds: { type: "string", default: "7" },
        seconds: { type: "string", default: "1" },
        "write-docs": { type: "boolean", default: false },
    },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);

const log = (text) => console.log(text);
/** @type {import("./lib/report.mjs").Finding[]} */
const findings = [];
const found = (finding) => {
    findings.push(finding);
    log(`  ${line(finding)}`);
};

/** A round of wrk against a server, and how busy that server was. */
async function measure(pids, url, wrkOptions) {
    const before = processorSeconds(pids);
    const result = await load(url, { seconds, ...wrkOptions });
    const busy = (processorSeconds(pids) - before) / result.seconds;
    return {
        ...result,
        perSecond: (result.requests - result.failed) / result.seconds,
        busy,
        loadBusy: result.busySeconds / result.seconds,
    };
}

const perSecond = (result) => `${Math.round(median(result.perSecond)).toLocaleString("en")}/s`;

function compared(what, results, ours, theirs, target) {
    const measured = ratio(results, ours, theirs);
    const failed = results[ours].failed + results[theirs].failed;
    found({
        what,
        measured: `${perSecond(results[ours])} to ${perSecond(results[theirs])}${failed > 0 ? `; ${failed} requests FAILED` : ""}`,
        ratio: measured,
        ...(target === undefined ? {} : { target: `≥ ${target}`, passes: measured.median >= target && failed === 0 }),
    });
}

/** The same by the processor time of the servers, which tells more where the load was too slow to fill their core. */
function comparedByTime(what, results, ours, theirs) {
    const time = (name) => `${(1e6 / median(results[name].perBusySecond)).toFixed(1)} µs`;
    found({ what, measured: `${time(ours)} to ${time(theirs)}`, ratio: ratio(results, ours, theirs, "perBusySecond") });
}

// ---- a file behind the session check ---------------------------------------------------------------------------------

async function compareFiles(world) {
    const own = path.join(folder, "files");
    inlay.copyWorld(world, own);
    const server = await inlay.startInlay(own);
    const { host, cookie } = await inlay.redeem(server, world, inlay.email(1), inlay.keptConnection());
    const headers = { Host: host, Cookie: cookie };
    const [label] = host.split(".");

    const backends = await Promise.all(
        [onServerCore, undefined].map(async (words) => {
            const port = await freePort();
            const value = cookie.split("=")[1];
            const backend = start([
                ...(words ?? []),
                process.execPath,
                path.join(here, "session-backend.mjs"),
                String(port),
                value,
                label,
            ]);
            await listening(backend, port);
            return { ...backend, port };
        }),
    );
    const folders = ["plain", "asking", "asking-elsewhere"].map((name) => {
        fs.mkdirSync(path.join(own, name), { recursive: true });
        return path.join(own, name);
    });
    const plain = await startNginx(folders[0]);
    const asking = await startNginx(folders[1], { backend: backends[0].port });
    const askingElsewhere = await startNginx(folders[2], { backend: backends[1].port });

    const side = (name, port, pids) => ({
        name,
        measure: async () => {
            await inlay.expectFile(port, inlay.filePath, headers, inlay.FILE_BYTES);
            const result = await measure(pids(), `http://127.0.0.1:${port}${inlay.filePath}`, {
                script: [script, "get"],
                headers,
            });
            if (result.bytes < result.requests * inlay.FILE_BYTES) {
                throw new Error(`${name} did not send whole files`);
            }
            return result;
        },
    });
    const sides = [
        side("Inlay", server.port, () => processTree(server.pid)),
        side("plain nginx", plain.port, () => processTree(plain.pid)),
        side("nginx with auth_request", asking.port, () => [...processTree(asking.pid), backends[0].pid]),
        side("nginx with auth_request, backend on the other core", askingElsewhere.port, () =>
            processTree(askingElsewhere.pid),
        ),
    ];
    const results = await takeTurns(sides, rounds, log);

    const refused = await load(`http://127.0.0.1:${server.port}${inlay.filePath}`, {
        seconds: 1,
        script: [script, "get"],
        headers: { Host: host },
    });
    if (refused.failed < refused.requests) {
        throw new Error("Inlay sent the file without a session");
    }
    await Promise.all([server.stop(), ...[plain, asking, askingElsewhere, ...backends].map(stop)]);

    compared(
        "16 KB file behind the session check, to plain nginx without one",
        results,
        sides[0].name,
        sides[1].name,
        0.95,
    );
    comparedByTime(
        "requests for each second of the server's processor time, to plain nginx",
        results,
        sides[0].name,
        sides[1].name,
    );
    compared(
        "the 16 KB file, to nginx `auth_request` asking a Node.js session backend on the same core",
        results,
        sides[0].name,
        sides[2].name,
        2.5,
    );
    compared(
        "the same, with that backend on a core of its own (shared with the load)",
        results,
        sides[0].name,
        sides[3].name,
    );
    return results;
}

// ---- durable mints ---------------------------------------------------------------------------------------------------

async function compareMints(world, Database) {
    const [own, theirs, bare] = ["mints-inlay", "mints-express", "mints-bare"].map((name) => path.join(folder, name));
    const databases = [own, theirs, bare].map((name) => inlay.copyWorld(world, name));
    const server = await inlay.startInlay(own);
    // A label for the bare rows to refer to, as every row of links does.
    const { host } = await inlay.redeem(server, world, inlay.email(1), inlay.keptConnection());
    const label = host.split(".")[0];
    const audience = new Database(databases[0]).prepare("SELECT * FROM audiences WHERE label = ?").raw().get(label);
    new Database(databases[2]).prepare("INSERT INTO audiences VALUES (?, ?, ?, ?, ?, ?)").run(audience);

    const port = await freePort();
    const express = start(
        [...onServerCore, process.execPath, path.join(here, "express-server.mjs"), databases[1], String(port)],
        {
            env: { ...process.env, NODE_ENV: "production" },
        },
    );
    await listening(express, port);
    const program = path.join(folder, "bare-sqlite");
    await run(["gcc", "-O2", "-o", program, path.join(here, "bare-sqlite.c"), "-lsqlite3"]);

    const rows = (file) => {
        const db = new Database(file, { readonly: true });
        const count = db.prepare("SELECT count(*) FROM links").pluck().get();
        db.close();
        return count;
    };
    // What was acknowledged has to be there.
    const stored = async (name, file, mint) => {
        const before = rows(file);
        const result = await mint();
        const added = rows(file) - before;
        if (added < result.requests - result.failed) {
            throw new Error(`${name} acknowledged ${result.requests - result.failed} mints but stored ${added}`);
        }
        return result;
    };
    const body = inlay.mintBody(world, inlay.email("@USER@"));
    const mints = path.join(folder, "mint.lua");
    fs.writeFileSync(mints, `wrk.body = [==[${body}]==]\n${fs.readFileSync(script, "utf8")}`);
    const headers = { Authorization: `Bearer ${world.token}`, "Content-Type": "application/json" };
    const side = (name, file, at, hostHeader, pids) => ({
        name,
        measure: () =>
            stored(name, file, () =>
                measure(pids(), `http://127.0.0.1:${at}${inlay.mintPath}`, {
                    script: [mints, "mint", String(inlay.USERS)],
                    headers: { ...headers, Host: hostHeader },
                }),
            ),
    });
    const sides = [
        side("Inlay", databases[0], server.port, `localhost:${server.port}`, () => processTree(server.pid)),
        side("Express + better-sqlite3", databases[1], port, `localhost:${port}`, () => [express.pid]),
        {
            name: "bare SQLite",
            measure: async () => {
                const result = JSON.parse(
                    await run([...onServerCore, program, databases[2], label, String(seconds * 1000)]),
                );
                return { perSecond: result.rows / result.seconds, busy: result.busy, loadBusy: 0, failed: 0 };
            },
        },
    ];
    const commits = await inlay.metric(server, "inlay_commits_total");
    const writes = await inlay.metric(server, "inlay_writes_total");
    const results = await takeTurns(sides, rounds, log);
    const shared =
        ((await inlay.metric(server, "inlay_writes_total")) - writes) /
        ((await inlay.metric(server, "inlay_commits_total")) - commits);
    await Promise.all([server.stop(), stop(express)]);

    compared(
        "durable mints with 64 connections, to Express + better-sqlite3",
        results,
        sides[0].name,
        sides[1].name,
        10,
    );
    comparedByTime(
        "mints for each second of the server's processor time, to Express",
        results,
        sides[0].name,
        sides[1].name,
    );
    compared(
        "durable mints, to bare SQLite: one row of links for each commit",
        results,
        sides[0].name,
        sides[2].name,
        4,
    );
    found({ what: "mints that shared a commit, on average", measured: shared.toFixed(1) });
    return results;
}

// ---- a whole redeem --------------------------------------------------------------------------------------------------

async function measureRedeem(world) {
    const own = path.join(folder, "redeem");
    inlay.copyWorld(world, own);
    const server = await inlay.startInlay(own);
    const agent = inlay.keptConnection();
    const times = [];
    for (let i = 0; i < REDEEMS + 20; i++) {
        const time = await inlay.redeem(server, world, inlay.email(1 + (i % inlay.USERS)), agent);
        if (i >= 20) {
            times.push(time);
        }
    }
    agent.destroy();
    await server.stop();
    const result = Object.fromEntries(
        ["redeem", "mint"].map((name) => {
            const values = times.map((time) => time[name]);
            return [name, { p50_ms: percentile(values, 0.5), p99_ms: percentile(values, 0.99) }];
        }),
    );
    for (const [name, what] of [
        ["redeem", "a whole redeem (link, enter, the app's page), one after the other"],
        ["mint", "the mint before it"],
    ]) {
        found({ what, measured: `p50 ${result[name].p50_ms.toFixed(2)} ms, p99 ${result[name].p99_ms.toFixed(2)} ms` });
    }
    return result;
}

// ---- a thousand and a million sessions -------------------------------------------------------------------------------

/** Until the server has done what it does at its start: it looks through all sessions once. */
async function untilQuiet(server) {
    for (let last = inlay.busySeconds(server); ;) {
        await sleep(2000);
        const now = inlay.busySeconds(server);
        if (now - last < 0.1) {
            return;
        }
        last = now;
    }
}

async function withSessions(world, Database, count) {
    const own = path.join(folder, `sessions-${count}`);
    inlay.copyWorld(world, own);
    const sessions = writeSessions(Database, own, count);
    const server = await inlay.startInlay(own, { session_memory: SESSION_MEMORY });
    await untilQuiet(server);
    const url = `http://127.0.0.1:${server.port}${inlay.smallPath}`;
    const headers = { Host: `@LABEL@.localhost:${server.port}` };
    const cookies = [script, "cookies", sessions.cookies, sessions.labels];
    await inlay.expectFile(
        server.port,
        inlay.smallPath,
        { Host: `${sessions.firstHost}.localhost:${server.port}`, Cookie: `__Host-inlay=${sessions.firstCookie}` },
        1024,
    );
    // Every session is used once, so that all of them are in memory.
    const inMemory = () => inlay.metric(server, "inlay_sessions_in_memory");
    let isOver = false;
    const all = (async () => {
        while (!isOver && (await inMemory()) < count) {
            await sleep(200);
        }
    })();
    const warming = await load(url, { seconds: 240, script: [...cookies, "in-order"], headers, signal: all });
    isOver = true;
    const warm = await inMemory();
    if (warm < count || warming.failed > 0) {
        throw new Error(`${warm} of ${count} sessions are in memory; ${warming.failed} requests failed`);
    }
    log(`    ${count} sessions came into memory in ${warming.seconds.toFixed(1)} s`);
    return {
        name: `${count.toLocaleString("en")} sessions`,
        server,
        room: await inlay.metric(server, "inlay_sessions_in_memory_max"),
        measure: async () => {
            const lookups = await inlay.metric(server, "inlay_session_lookups_total");
            const result = await measure(processTree(server.pid), url, { script: cookies, headers });
            const asked = (await inlay.metric(server, "inlay_session_lookups_total")) - lookups;
            if (asked > 0) {
                log(`    ${asked} of ${result.requests} checks asked the database`);
            }
            return result;
        },
    };
}

async function compareSessions(world, Database) {
    const few = await withSessions(world, Database, FEW);
    const many = await withSessions(world, Database, MANY);
    const results = await takeTurns([many, few], rounds, log);
    const bytes = sharedMemory(many.server.workers()[0]);
    const each = bytes / many.room;
    await Promise.all([few.server.stop(), many.server.stop()]);

    compared(
        "1 KB file with 1,000,000 live sessions, to 1,000; a thousand origins each",
        results,
        many.name,
        few.name,
        0.9,
    );
    comparedByTime(
        "requests for each second of the server's processor time, with 1,000,000 to 1,000",
        results,
        many.name,
        few.name,
    );
    found({
        what: "shared memory for each session",
        measured: `${Math.ceil(each)} bytes (${(bytes / 2 ** 20).toFixed(0)} MiB with room for ${many.room.toLocaleString("en")})`,
        target: "≤ 512",
        passes: each <= 512,
    });
    return { ...results, bytesEach: each };
}

// ---- all of it -------------------------------------------------------------------------------------------------------

/** Are the system's headers those of this Node.js? Another than the system's has to find its own. */
function haveNodeHeaders() {
    const file = "/usr/include/node/node_version.h";
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    const version = ["MAJOR", "MINOR", "PATCH"].map(
        (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
    );
    return version.join(".") === process.versions.node;
}

async function installPackages() {
    const lock = path.join(here, "package-lock.json");
    const installed = path.join(here, "node_modules/.package-lock.json");
    if (!fs.existsSync(installed) || fs.statSync(installed).mtimeMs < fs.statSync(lock).mtimeMs) {
        log("Installing Express and better-sqlite3, which is compiled; that takes a minute or two.");
        execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
            cwd: here,
            stdio: ["ignore", "ignore", "inherit"],
            env: {
                ...process.env,
                npm_config_build_from_source: "true",
                ...(haveNodeHeaders() ? { npm_config_nodedir: "/usr" } : {}),
            },
        });
    }
    return (await import("better-sqlite3")).default;
}

/** What comparisons in files of their own are given. @typedef {typeof bench} Bench */
const bench = { rounds, seconds, folder, script, log, measure, compared, comparedByTime, found };

const comparisons = {
    files: compareFiles,
    mints: compareMints,
    redeem: measureRedeem,
    sessions: compareSessions,
    proxy: compareProxy,
    caches: measureCaches,
    sockets: compareSockets,
    paint: comparePaint,
};
const unknown = positionals.find((name) => !(name in comparisons));
if (unknown !== undefined || !(rounds >= 1) || !(seconds >= 1)) {
    console.error(
        `usage: node bench/run.mjs [--rounds N] [--seconds S] [--write-docs] [${Object.keys(comparisons).join("] [")}]`,
    );
    process.exit(2);
}
const chosen = positionals.length > 0 ? positionals : Object.keys(comparisons);

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => process.exit(130));
}
const Database = await installPackages();
fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });
const memory = new Database(":memory:");
const machine = machineFacts(folder, memory.prepare("SELECT sqlite_version()").pluck().get());
Object.entries(machine).forEach(([name, value]) => log(`${name.padEnd(10)} ${value}`));
if (!hasTwoCores) {
    log("This machine has one core: no figure below says much.");
}
moveToLoadCore();

setTimeout(() => {
    console.error(`bench: not done after ${MINUTES_AT_MOST} minutes`);
    process.exit(1);
}, MINUTES_AT_MOST * 60_000).unref();
const started = Date.now();
const world = await inlay.makeWorld(path.join(folder, "world"));
/** @type {Record<string, unknown>} */
const raw = {};
for (const name of chosen) {
    log(`\n${name}`);
    raw[name] = await comparisons[name](world, Database, bench);
}

const about = { when: new Date().toISOString().slice(0, 10), rounds, seconds };
const table = markdown(findings, machine, about);
writeResult(folder, { ...about, machine, findings, raw, minutes: (Date.now() - started) / 60_000 }, table);
if (options["write-docs"]) {
    writeInto(path.join(here, "../docs/benchmarks.md"), table);
}
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
log(`\n${findings.map(line).join("\n")}\n\nbuild/bench/result.json and result.md have it all. ${minutes} minutes.`);
process.exit(findings.some(({ passes }) => passes === false) ? 1 : 0);
