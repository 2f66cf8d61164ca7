// kill -9 of a worker, or of the whole server, at random moments under load, many times over. Whatever was acknowledged
// before must still be so after: every link, every use, every revocation. No single-use link opens twice.
//
//     node tests/crash/crash.mjs [--rounds 200] [--seed N]
//
// The seed decides what is done and when the kill comes; how far the server got by then, it cannot decide.
import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { Browserlike } from "../lib/browserlike.mjs";
import { Api } from "../lib/api.mjs";
import { seeded } from "../lib/random.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" }, seed: { type: "string" } } });
const rounds = Number(values.rounds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const { random, below } = seeded(seed);

/** Every attempt is another client: equal ones are let in again for 5 seconds. */
let clients = 0;
const newClient = () => new Browserlike(`Client ${(clients += 1)}`);

/**
 * What was acknowledged about one link, and what was asked without an answer.
 * @typedef {object} Link
 * @property {string} url
 * @property {boolean} single
 * @property {string | null} user if nobody else has a link: it will be revoked
 * @property {string | null} id its id, once it was asked for
 * @property {{ client: Browserlike, origin: string }[]} opened acknowledged uses
 * @property {boolean} maybeOpened a use was asked for and not answered
 * @property {"no" | "maybe" | "yes"} revoked
 */

const server = await startServer({ workers: 2, access_log: "off", log_level: "error" });
const world = await makeWorld(server);
const api = new Api(server, server.token);
/** @type {Link[]} */
const links = [];
let alone = 0;
/** @type {string[]} */
const problems = [];
const count = { minted: 0, opened: 0, revoked: 0, refused: 0, unanswered: 0, workers: 0, servers: 0 };

/** null when the answer never came: the kill was faster. */
async function unlessKilled(attempt) {
    try {
        return await attempt;
    } catch (error) {
        if (error.name === "AssertionError") {
            throw error;
        }
        count.unanswered += 1;
        return null;
    }
}

/** Every third single-use link will be revoked; it is the only one of its user, by whom its link is found. */
async function mint() {
    const single = random() < 0.8;
    const user = single && random() < 0.3 ? `r${(alone += 1)}` : null;
    const answer = await unlessKilled(
        single
            ? api.mintEmbed({
                  landingPageUuid: world.app.id,
                  groupIds: [world.group.id],
                  externalIdentifier: user ?? `c${below(50)}`,
              })
            : api.mintPat({ email: world.user.email, appId: world.app.id }),
    );
    const url = answer?.json?.embedUrl ?? answer?.json?.redirectUrl;
    if (url !== undefined) {
        count.minted += 1;
        // A new PAT replaces the one before.
        const link = {
            url,
            single,
            user,
            id: null,
            opened: [],
            maybeOpened: false,
            revoked: /** @type {"no"} */ ("no"),
        };
        if (single) {
            links.push(link);
        }
        return link;
    }
    return null;
}

/** One client goes the whole way with a link. @param {Link} link */
async function open(link) {
    const client = newClient();
    const first = await unlessKilled(client.navigate(link.url));
    const location = first?.headers.location;
    if (location === undefined) {
        return first?.status ?? null;
    }
    link.maybeOpened = true; // until the answer says otherwise
    const second = await unlessKilled(client.navigate(new URL(location, link.url).href));
    if (second === null) {
        return null;
    }
    if (second.status === 303) {
        count.opened += 1;
        link.opened.push({ client, origin: new URL(link.url).origin });
    } else {
        count.refused += 1;
    }
    return second.status;
}

/** @param {Link} link */
async function revoke(link) {
    const users = await unlessKilled(api.call("GET", `/users?externalIdentifier=${link.user}`));
    const links = await unlessKilled(api.call("GET", `/links?userId=${users?.json?.items?.[0]?.id}`));
    if (links?.json?.items?.length !== 1) {
        return;
    }
    link.id = links.json.items[0].id;
    link.revoked = "maybe";
    const answer = await unlessKilled(api.call("DELETE", `/links/${link.id}`));
    if (answer?.status === 204) {
        link.revoked = "yes";
        count.revoked += 1;
    }
}

/** One of the clients of the load, until the round is over. */
async function work(round) {
    while (round.going) {
        const link = await mint();
        if (link === null || !link.single) {
            continue;
        }
        const ways = below(4);
        if (ways > 0) {
            await Promise.all(Array.from({ length: ways }, () => open(link)));
        }
        if (link.user !== null) {
            await revoke(link);
        }
    }
}

/** Holds what the server says now against what it acknowledged. @param {Link} link */
async function verify(link) {
    const wrong = (what) =>
        problems.push(`${what}: link ${link.id}, ${link.opened.length} uses, revoked: ${link.revoked}`);
    if (link.opened.length > 1) {
        wrong(`opened ${link.opened.length} times`);
    }
    const wasOpened = link.opened.length > 0;
    const again = await openAgain(link);
    if (again === 200 && (wasOpened || link.revoked === "yes")) {
        wrong(link.revoked === "yes" ? "a revoked link opened" : "a used link opened again");
    }
    if (again !== 200 && !wasOpened && !link.maybeOpened && link.revoked === "no") {
        wrong(`an acknowledged link is refused with ${again}`);
    }
    if (again === 200) {
        const twice = await openAgain(link, false);
        if (twice === 200) {
            wrong("a link opened twice");
        }
    }
    for (const { client, origin } of link.opened) {
        const { status } = await client.fetch(`${origin}/_inlay/session`);
        const expected = { no: [200], maybe: [200, 401], yes: [401] }[link.revoked];
        if (!expected.includes(status)) {
            wrong(`the session of an acknowledged use answers ${status}`);
        }
    }
    if (link.id !== null) {
        const { status, json } = await api.call("GET", `/links/${link.id}`);
        if (status !== 200) {
            wrong(`the link is ${status}`);
        } else if (link.revoked === "yes" && json.status !== "revoked") {
            wrong(`an acknowledged revocation is ${json.status}`);
        } else if (link.revoked === "no" && link.opened.length > 0 && json.status !== "used") {
            wrong(`an acknowledged use is ${json.status}`);
        }
    }
}

/** Tries a link as somebody new; a success is recorded as a use. */
async function openAgain(link, record = true) {
    const client = newClient();
    const { status, url } = await client.open(link.url);
    if (status === 200 && record) {
        link.opened.push({ client, origin: new URL(url).origin });
    }
    return status;
}

const started = Date.now();
let failed = 0;
console.log(`crash: ${rounds} rounds, seed ${seed}`);
for (let n = 1; n <= rounds; n++) {
    const before = problems.length;
    const first = links.length;
    const round = { going: true };
    const load = Array.from({ length: 8 }, () => work(round));
    await sleep(20 + below(220));
    const whole = random() < 0.5;
    if (whole) {
        count.servers += 1;
        round.going = false;
        await server.kill();
        await Promise.all(load);
        server.output = "";
        await server.start();
    } else {
        count.workers += 1;
        const workers = server.workers();
        process.kill(workers[below(workers.length)], "SIGKILL");
        await sleep(below(150));
        round.going = false;
        await Promise.all(load);
        await server.untilReady();
    }
    // All of this round, and some of the earlier ones.
    const older = first === 0 ? [] : Array.from({ length: 5 }, () => links[below(first)]);
    for (const link of [...links.slice(first), ...older]) {
        await verify(link);
    }
    if (problems.length > before) {
        failed += 1;
        console.log(`round ${n}, ${whole ? "whole server" : "one worker"}:\n  ${problems.slice(before).join("\n  ")}`);
    }
    if (n % 25 === 0) {
        console.log(`round ${n} after ${Math.round((Date.now() - started) / 1000)} s: ${JSON.stringify(count)}`);
    }
}
for (const link of links) {
    await verify(link);
}
for (const [what, times] of Object.entries(count)) {
    if (times === 0 && rounds >= 25) {
        problems.push(`of "${what}" there was none, so nothing was tested about it`);
    }
}
const inTheEnd = failed === 0 ? problems.length : 0;
if (inTheEnd > 0) {
    failed += 1;
    console.log(`in the end:\n  ${problems.join("\n  ")}`);
}
await server.discard();
console.log(`crash: ${JSON.stringify(count)}, seed ${seed}`);
console.log(`${rounds - Math.min(failed, rounds)} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
