// Apps' servers under load, with trouble: their programs are killed and come back, workers are killed, the configuration is
// read again, apps change, sessions end. Every answer has to be the one to this very request of this very user. After that
// many requests without such trouble for the workers: they hold no more descriptors and no more memory than before.
//
//     node tests/load/load.mjs [--rounds 100] [--requests 200000] [--seed N]
import { spawn } from "node:child_process";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../lib/api.mjs";
import { request } from "../lib/browserlike.mjs";
import { openDescriptors, privateMemory } from "../lib/memory.mjs";
import { seeded } from "../lib/random.mjs";
import { freePort, root, startServer } from "../lib/server.mjs";
import { portalOrigin, unique, World } from "../lib/world.mjs";

const { values } = parseArgs({
    options: {
        rounds: { type: "string", default: "100" },
        requests: { type: "string", default: "200000" },
        seed: { type: "string" },
    },
});
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const { random, below } = seeded(seed);

const APPS = 3;
const USERS = 4;
const CLIENTS = 24;
const GROWTH_MAX = 2 * 1024 * 1024;

/** @type {string[]} */
const problems = [];
const wrong = (what) => problems.push(what);
const count = {
    right: 0,
    upstream: 0,
    cut: 0,
    ended: 0,
    sockets: 0,
    servers: 0,
    workers: 0,
    reloads: 0,
    changes: 0,
    ends: 0,
};

// ---- apps, their servers, and who uses them --------------------------------------------------------------------------

class AppServer {
    constructor(name) {
        this.name = name;
    }
    async start() {
        this.port ??= await freePort();
        const child = spawn(process.execPath, [path.join(root, "tests/load/echo.mjs"), String(this.port), this.name], {
            stdio: ["ignore", "ignore", "inherit"],
        });
        this.child = child;
        this.ended = new Promise((resolve) => child.on("close", resolve));
        for (let ready = false; !ready;) {
            ready = await request(`http://127.0.0.1:${this.port}/`).then(
                () => true,
                () => sleep(10),
            );
        }
    }
    async kill() {
        this.child?.kill("SIGKILL");
        await this.ended;
    }
}

const server = await startServer({ workers: 2, access_log: "off", log_level: "error", shutdown_seconds: 5 });
const api = new Api(server, server.token);
/** @type {AppServer[]} */
const appServers = [];
process.on("exit", () => appServers.forEach(({ child }) => child?.kill("SIGKILL")));

/** One user of one app, and the session that they have at the moment. */
class User {
    constructor(world) {
        /** @type {World} */
        this.world = world;
        this.agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
        /** @type {Set<string>} sessions that were ended, acknowledged */
        this.over = new Set();
    }
    async open() {
        const opened = await this.world.opened();
        this.host = new URL(opened.origin).host;
        this.origin = opened.origin;
        this.session = (await opened.session()).json.session.id;
        this.cookie = `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`;
        return this;
    }
    /** Ends the session, then opens another. */
    async renew() {
        const { session } = this;
        this.ending = session;
        if ((await api.call("DELETE", `/sessions/${session}`)).status === 204) {
            this.over.add(session);
        }
        await this.open();
    }
}

/** @type {User[]} */
const users = [];
for (let i = 0; i < APPS; i++) {
    const appServer = new AppServer(`app-${i}`);
    await appServer.start();
    appServers.push(appServer);
    const app = await api.post("/apps", {
        name: unique("load"),
        kind: "upstream",
        portals: [portalOrigin],
        upstream: { url: `http://127.0.0.1:${appServer.port}` },
    });
    const group = await api.post("/groups", { name: unique("group") });
    await api.put(`/groups/${group.id}/apps/${app.id}`);
    for (let j = 0; j < USERS; j++) {
        const user = await api.post("/users", { email: `${unique("ann")}@acme.example` });
        await api.put(`/groups/${group.id}/members/${user.id}`);
        users.push(
            await new User(new World(server, api, { ...app, server: appServer.name }, null, group, user)).open(),
        );
    }
}

// ---- requests and what may come of them ------------------------------------------------------------------------------

let nonces = 0;
const newNonce = () => `${seed}-${(nonces += 1)}-${"n".repeat(nonces % 7)}`;

/** Holds what an app's server was told and asked against the request. */
function verify(user, session, nonce, answer) {
    const { app, user: person } = user.world;
    const claims = JSON.parse(
        Buffer.from(String(answer.assertion).split(".")[1] ?? "", "base64url").toString() || "{}",
    );
    const got = JSON.stringify([
        answer.app,
        answer.nonce,
        answer.user,
        answer.session,
        claims.sub,
        claims.sid,
        claims.aud,
    ]);
    const expected = JSON.stringify([app.server, nonce, person.id, session, person.id, session, app.id]);
    if (got === expected) {
        count.right += 1;
    } else {
        wrong(`asked for ${expected}, answered ${got}`);
    }
}

const paths = ["/", "/", "/", "/", "/parts", "/slow", "/half", "/extra"];

async function ask(user) {
    const { session, cookie, host, origin, agent } = user;
    const wasOver = user.over.has(session);
    const nonce = newNonce();
    const isPost = random() < 0.2;
    const pathname = isPost ? "/" : paths[below(paths.length)];
    let answer;
    try {
        answer = await request(`http://127.0.0.1:${server.port}${pathname}?nonce=${nonce}`, {
            headers: { Host: host, Cookie: cookie, Origin: isPost ? origin : undefined, "X-Inlay-User": "root" },
            method: isPost ? "POST" : "GET",
            body: isPost ? nonce : undefined,
            agent,
        });
    } catch (error) {
        if (/no answer in/.test(error.message)) {
            wrong(`no answer: ${pathname}`);
        }
        count.cut += 1;
        return;
    }
    if (answer.status === 200) {
        if (wasOver) {
            wrong(`a session that was over is answered: ${session}`);
        }
        verify(user, session, nonce, answer.json ?? {});
    } else if (answer.status === 401) {
        count.ended += 1;
        if (session === user.session && session !== user.ending) {
            wrong(`401 in a session that is there: ${answer.text}`);
        }
    } else if ([502, 504].includes(answer.status)) {
        count.upstream += 1;
        if (/"nonce"/.test(answer.text)) {
            wrong(`${answer.status} with the words of an app's server`);
        }
    } else {
        wrong(`${pathname} answers ${answer.status} ${answer.text.slice(0, 200)}`);
    }
}

/** A WebSocket says who it is for, and then what it is told. */
function talk(user) {
    const { session, cookie, host, origin } = user;
    const nonce = newNonce();
    return new Promise((resolve) => {
        const asking = http.request({
            host: "127.0.0.1",
            port: server.port,
            path: `/?nonce=${nonce}`,
            timeout: 15_000,
            headers: { Host: host, Cookie: cookie, Origin: origin, Connection: "Upgrade", Upgrade: "websocket" },
        });
        asking
            .on("error", resolve)
            .on("response", (response) => response.resume().on("close", resolve).on("error", resolve));
        asking.on("upgrade", (_response, socket, head) => {
            let heard = head.toString();
            const look = () => {
                const lines = heard.split("\n");
                if (lines.length === 2 && lines[1] === "") {
                    socket.write(`${nonce}\n`);
                } else if (lines.length === 3) {
                    verify(user, session, nonce, JSON.parse(lines[0]));
                    if (lines[1] !== nonce) {
                        wrong(`a WebSocket heard ${lines[1]} instead of ${nonce}`);
                    }
                    count.sockets += 1;
                    socket.destroy();
                }
            };
            socket.on("data", (data) => {
                heard += data;
                look();
            });
            socket.on("error", () => {}).on("close", resolve);
            look();
        });
        asking.end();
    });
}

/** Asks, and goes away before the answer. */
function leave(user) {
    const { cookie, host } = user;
    return new Promise((resolve) => {
        const asking = http.request({
            host: "127.0.0.1",
            port: server.port,
            path: `/slow?nonce=${newNonce()}`,
            headers: { Host: host, Cookie: cookie },
        });
        asking.on("error", () => {}).on("close", resolve);
        asking.end();
        setTimeout(() => asking.destroy(), below(25));
    });
}

/** One of the clients of the load, until the round is over. */
async function work(round) {
    while (round.going && (round.left -= 1) >= 0) {
        const user = users[below(users.length)];
        const what = below(50);
        await (what === 0 ? talk(user) : what === 1 ? leave(user) : ask(user));
    }
}
const load = (round) => Array.from({ length: CLIENTS }, () => work(round));

/** Every user of every app is served again. */
async function allServed() {
    for (const user of users) {
        const nonce = newNonce();
        const headers = { Host: user.host, Cookie: user.cookie };
        for (const end = Date.now() + 20_000; ; await sleep(50)) {
            const answer = await request(`http://127.0.0.1:${server.port}/?nonce=${nonce}`, { headers }).catch(
                () => null,
            );
            if (answer?.status === 200) {
                verify(user, user.session, nonce, answer.json);
                break;
            }
            if (Date.now() > end) {
                wrong(`${user.world.app.server} does not serve ${user.world.user.id} any more: ${answer?.status}`);
                break;
            }
        }
    }
}

// ---- trouble ---------------------------------------------------------------------------------------------------------

async function killAppServer() {
    const appServer = appServers[below(APPS)];
    count.servers += 1;
    await appServer.kill();
    await sleep(below(200));
    await appServer.start();
}

async function changeApp() {
    const { app } = users[below(users.length)].world;
    count.changes += 1;
    await api.expect(200, "PATCH", `/apps/${app.id}`, { body: { upstream: { readTimeoutSeconds: 30 + below(30) } } });
}

async function renewUser() {
    count.ends += 1;
    await users[below(users.length)].renew();
}

async function killWorker() {
    const workers = server.workers();
    count.workers += 1;
    process.kill(workers[below(workers.length)], "SIGKILL");
}

async function reload() {
    count.reloads += 1;
    process.kill(server.pid, "SIGHUP");
}

const gentle = [killAppServer, changeApp, renewUser];
const rough = [...gentle, killWorker, killWorker, reload];

/** An API call may meet a worker that is killed; then it is tried again. */
async function trouble(kinds) {
    const kind = kinds[below(kinds.length)];
    for (let tries = 0; ; tries++) {
        try {
            return await kind();
        } catch (error) {
            if (tries === 20 || error.name === "AssertionError") {
                throw error;
            }
            await sleep(50);
        }
    }
}

const started = Date.now();
const since = () => `${Math.round((Date.now() - started) / 1000)} s`;
/** @type {[string, boolean][]} */
const results = [];
function result(what, isGood = problems.length === 0) {
    results.push([what, isGood]);
    console.log(`${isGood ? "ok  " : "FAIL"} ${what} (${since()})`);
    problems
        .splice(0)
        .slice(0, 10)
        .forEach((problem) => console.log(`     ${problem}`));
}

console.log(`load: ${rounds} rounds of trouble, then ${requests} requests, seed ${seed}`);
for (let n = 0; n < rounds; n++) {
    const round = { going: true, left: Infinity };
    const clients = load(round);
    await sleep(below(150));
    await trouble([rough[n % rough.length]]);
    await sleep(below(100));
    round.going = false;
    await Promise.all(clients);
}
console.log(`     ${JSON.stringify(count)}`);
result("every answer was the one to its request and its user, whatever was killed, changed or ended");
await allServed();
result("everybody is served again afterwards");
const crashes = server.output.split("\n").filter((line) => /exited on signal (?!9\b)|exited with code [^0]/.test(line));
crashes.forEach(wrong);
result("no worker ended but those that were killed");
if (
    count.right < rounds * 5 ||
    (rounds >= 20 && Math.min(count.upstream, count.cut, count.ended, count.sockets) === 0)
) {
    wrong(`too little happened: ${JSON.stringify(count)}`);
}
result("enough happened for that to mean something");

// ---- many requests ---------------------------------------------------------------------------------------------------

/** What the workers hold when nobody asks and no app's server is there to keep a connection to. */
async function held() {
    users.forEach(({ agent }) => agent.destroy());
    await Promise.all(appServers.map((appServer) => appServer.kill()));
    await sleep(1000);
    const pids = server.workers();
    const now = pids.map((pid) => ({ pid, descriptors: openDescriptors(pid), memory: privateMemory(pid) }));
    await Promise.all(appServers.map((appServer) => appServer.start()));
    return now;
}

async function many(left, troubles) {
    const round = { going: true, left };
    const clients = load(round);
    for (let i = 0; i < troubles && round.left > 0; i++) {
        const before = round.left;
        await trouble(gentle);
        while (round.left > 0 && before - round.left < left / troubles) {
            await sleep(20);
        }
        if (i % 10 === 9) {
            console.log(`     ${left - Math.max(round.left, 0)} requests (${since()})`);
        }
    }
    await Promise.all(clients);
}

if (requests > 0) {
    await server.stop();
    await server.start();
    await many(requests / 5, 20); // so that whatever is filled once is full
    const before = await held();
    await many(requests, 50);
    const after = await held();
    const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    for (const { pid, descriptors, memory } of after) {
        const first = before.find((each) => each.pid === pid);
        if (first === undefined) {
            wrong(`worker ${pid} is a new one`);
            continue;
        }
        console.log(
            `     worker ${pid}: ${first.descriptors} to ${descriptors} descriptors, ${megabytes(first.memory)} to ${megabytes(memory)}`,
        );
        if (descriptors > first.descriptors + 2) {
            wrong(`${descriptors - first.descriptors} more descriptors`);
        }
        if (memory > first.memory + GROWTH_MAX) {
            wrong(`${megabytes(memory - first.memory)} more memory`);
        }
    }
    result(`after ${requests} requests the workers hold what they held before`);
}

await server.discard();
await Promise.all(appServers.map((appServer) => appServer.kill()));
console.log(`     ${JSON.stringify(count)}`);
const failed = results.filter(([, isGood]) => !isGood).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
