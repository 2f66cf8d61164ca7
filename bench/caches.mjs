// What a worker keeps of apps and of users while many sessions of many apps are in use: how often it is at hand.
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as inlay from "./lib/inlay.mjs";
import { onLoadCore, processTree } from "./lib/machine.mjs";
import { startNginx } from "./lib/nginx.mjs";
import { load, stop } from "./lib/processes.mjs";
import { writeSessions } from "./lib/sessions.mjs";

const APPS = 100;
const SESSIONS = 10_000;
const TARGET = 0.99;

/** The caches by their names in /metrics, and what the table calls them. */
const caches = { app_cache: "apps", identity_cache: "users' identities" };

/** Hits and misses of each cache since the server's start. */
async function counts(server) {
    const count = (name) => inlay.metric(server, `inlay_${name}_total`);
    const all = {};
    for (const name of Object.keys(caches)) {
        all[name] = { hits: await count(`${name}_hits`), misses: await count(`${name}_misses`) };
    }
    return all;
}

/** @param {import("./run.mjs").Bench} bench */
export async function measureCaches(world, Database, bench) {
    const own = path.join(bench.folder, "caches");
    const filesFolder = path.join(own, "files");
    fs.mkdirSync(filesFolder, { recursive: true });
    inlay.copyWorld(world, own);
    const backend = await startNginx(filesFolder, { core: onLoadCore });
    const making = await inlay.startInlay(own);
    const apps = [];
    for (let i = 1; i <= APPS; i++) {
        apps.push((await inlay.addUpstream(making, world, `http://127.0.0.1:${backend.port}`, `App ${i}`)).id);
    }
    await making.stop();

    const sessions = writeSessions(Database, own, SESSIONS, apps);
    const server = await inlay.startInlay(own);
    const url = `http://127.0.0.1:${server.port}${inlay.smallPath}`;
    const headers = { Host: `@LABEL@.localhost:${server.port}` };
    const cookies = [bench.script, "cookies", sessions.cookies, sessions.labels];

    /** Every session is used once: half a minute later its assertion is signed anew, which is a miss by design. */
    async function useEach() {
        const asked = async () => {
            const { hits, misses } = (await counts(server)).identity_cache;
            return hits + misses;
        };
        const before = await asked();
        let isOver = false;
        const all = (async () => {
            while (!isOver && (await asked()) < before + SESSIONS) {
                await sleep(50);
            }
        })();
        const warming = await load(url, { seconds: 20, script: [...cookies, "in-order"], headers, signal: all });
        isOver = true;
        const used = (await asked()) - before;
        if (used < SESSIONS || warming.failed > 0) {
            throw new Error(`${used} of ${SESSIONS} sessions were used; ${warming.failed} requests failed`);
        }
    }

    const rounds = [];
    const total = Object.fromEntries(Object.keys(caches).map((name) => [name, { hits: 0, misses: 0 }]));
    let failed = 0;
    for (let round = 0; round < bench.rounds; round++) {
        await useEach();
        const before = await counts(server);
        const result = await bench.measure(processTree(server.pid), url, { script: cookies, headers });
        const after = await counts(server);
        failed += result.failed;
        for (const name of Object.keys(caches)) {
            total[name].hits += after[name].hits - before[name].hits;
            total[name].misses += after[name].misses - before[name].misses;
        }
        rounds.push({ before, after, perSecond: result.perSecond });
    }
    await Promise.all([server.stop(), stop(backend)]);

    for (const [name, what] of Object.entries(caches)) {
        const { hits, misses } = total[name];
        const share = hits / (hits + misses);
        bench.found({
            what: `cache hits for ${what}, with ${SESSIONS.toLocaleString("en")} sessions of ${APPS} apps in use`,
            measured:
                `${(100 * share).toFixed(2)} %: ${misses.toLocaleString("en")} of ${(hits + misses).toLocaleString("en")} missed` +
                (failed > 0 ? `; ${failed} requests FAILED` : ""),
            target: `≥ ${100 * TARGET} %`,
            passes: share >= TARGET && failed === 0,
        });
    }
    return { rounds, total };
}
