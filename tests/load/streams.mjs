// Thousands of open WebSockets, each of a session of its own. When a user is archived, all of these sessions are looked up
// again; what other sessions ask for meanwhile must not take much longer than it did.
//
//     node tests/load/streams.mjs [--streams 5000] [--rounds 5] [--seconds 3] [--bound 3]
import http from "node:http";
import { parseArgs } from "node:util";
import { request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld, webSocket } from "../lib/upstream.mjs";
import { unique } from "../lib/world.mjs";

const { values } = parseArgs({
    options: {
        streams: { type: "string", default: "5000" },
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "3" },
        bound: { type: "string", default: "3" },
    },
});
const streams = Number(values.streams);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const bound = Number(values.bound);

const CLIENTS = 4;
const OTHERS = 100;
const AT_ONCE = 16;
const FLOOR_MS = 5; // below that, a machine's own hiccups are larger than what is measured

/** Does it so many times, several at once. */
async function times(count, action) {
    let left = count;
    const worker = async () => {
        while ((left -= 1) >= 0) {
            await action();
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, part) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];
const median = (numbers) => quantile(numbers, 0.5);
const spread = (numbers) =>
    `${median(numbers).toFixed(1)} (${Math.min(...numbers).toFixed(1)} to ${Math.max(...numbers).toFixed(1)})`;

const appServer = await listen((_request, response) => response.end("here"));
const server = await startServer({ workers: 1, access_log: "off", log_level: "error" });
const { port } = /** @type {import("node:net").AddressInfo} */ (appServer.address());
const world = await upstreamWorld(server, { url: `http://127.0.0.1:${port}` });

const started = performance.now();
/** @type {Set<import("node:net").Socket>} */
const open = new Set();
await times(streams, async () => {
    const socket = await webSocket(await world.opened(await world.embedLink()));
    open.add(socket);
    socket.on("close", () => open.delete(socket));
});
const others = [];
await times(OTHERS, async () => {
    const opened = await world.opened(await world.embedLink());
    others.push({
        Host: new URL(opened.origin).host,
        Cookie: `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`,
    });
});
console.log(`streams: ${open.size} are open after ${Math.round((performance.now() - started) / 1000)} s`);

const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
let asked = 0;
let refused = 0;

/** How long each request of the other sessions took, in ms, for some seconds. */
async function measure() {
    const took = [];
    const end = performance.now() + seconds * 1000;
    const client = async () => {
        while (performance.now() < end) {
            const headers = others[(asked += 1) % OTHERS];
            const before = performance.now();
            const answer = await request(`http://127.0.0.1:${server.port}/`, { headers, agent });
            took.push(performance.now() - before);
            refused += answer.status === 200 ? 0 : 1;
        }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    return took;
}

await measure(); // so that whatever is filled once is full
const [before, after] = [[], []];
for (let i = 0; i < rounds; i++) {
    const user = await world.api.post("/users", { email: `${unique("eve")}@acme.example` });
    const quiet = await measure();
    const measured = measure();
    await world.api.patch(`/users/${user.id}`, { status: "archived" });
    const busy = await measured;
    before.push(quantile(quiet, 0.99));
    after.push(quantile(busy, 0.99));
    console.log(
        `     round ${i + 1}: median ${median(quiet).toFixed(1)} ms before, ${median(busy).toFixed(1)} ms after`,
    );
}
console.log(`     p99 before: ${spread(before)} ms; after a user was archived: ${spread(after)} ms`);

// Without access every session is over, and its stream ends: the sessions are looked up.
const stillOpen = open.size;
await world.api.delete(`/groups/${world.group.id}/apps/${world.app.id}`);
await eventually("the end of all streams", () => open.size === 0, 30_000).catch(() => null);

const limit = bound * Math.max(median(before), FLOOR_MS);
const results = [
    [`with ${streams} open streams, p99 stays within ${limit.toFixed(1)} ms`, median(after) <= limit],
    [`every request is answered 200 (${asked} were)`, refused === 0 && asked > rounds * 100],
    [`no stream is cut off by another user's end (${stillOpen} are open)`, stillOpen === streams],
    [`all streams end when their users lose access (${open.size} are left)`, open.size === 0],
];
results.forEach(([what, isGood]) => console.log(`${isGood ? "ok  " : "FAIL"} ${what}`));

agent.destroy();
await server.discard();
close(appServer);
const failed = results.filter(([, isGood]) => !isGood).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
