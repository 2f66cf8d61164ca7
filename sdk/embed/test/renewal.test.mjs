// The renewal's states, without a browser: its table of moves, and what it does in each state.
import assert from "node:assert/strict";
import path from "node:path";
import test, { mock } from "node:test";
import { fileURLToPath } from "node:url";
import { bundle } from "../../build.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const text = await bundle(folder, { entryPoints: [path.join(folder, "src/renewal.ts")] });
const { MOVES, createRenewal } = await import(`data:text/javascript,${encodeURIComponent(text)}`);

const ORIGIN = "https://label.apps.example.com";
const LINK = { url: `${ORIGIN}/_inlay/embed/secret`, secret: undefined, expiresInSeconds: undefined };
const settled = async () => {
    for (let i = 0; i < 5; i++) {
        await Promise.resolve();
    }
};

/** A renewal whose host writes down what it is told. */
function start(t, { newLink = async () => LINK } = {}) {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    t.mock.method(performance, "now", () => Date.now());
    t.mock.method(Math, "random", () => 0); // retries wait as long as they can
    const told = [];
    const hidden = [];
    const world = { isShown: true, links: 0, newLink };
    const renewal = createRenewal({
        isShown: () => world.isShown,
        origin: () => ORIGIN,
        newLink: () => (world.links += 1) && world.newLink(),
        openHidden({ url, secret }, hear, silent) {
            const page = { url, secret, hear, silent };
            hidden.push(page);
            return () => hidden.splice(hidden.indexOf(page), 1);
        },
        spoke() {},
        silent: () => told.push(["silent"]),
        renewed: () => told.push(["renewed"]),
        expiring: (seconds) => told.push(["expiring", seconds]),
        gone: (code) => told.push(["gone", code]),
        refused: (code) => told.push(["refused", code]),
        moved: (link) => told.push(["moved", link.url]),
    });
    t.after(() => {
        renewal.stop();
        mock.timers.reset();
    });
    async function wait(ms) {
        mock.timers.tick(ms);
        await settled();
    }
    return { renewal, told, hidden, world, wait };
}

const renewed = (expiresInSeconds) => ({ type: "inlay:renewed", v: 1, expiresInSeconds });
const error = (code) => ({ type: "inlay:error", code, message: "No." });

/** The ways into each state. */
const into = {
    off: async () => {},
    unknown: async ({ renewal }) => renewal.reset(),
    asking: async ({ renewal }) => {
        renewal.reset();
        renewal.wake();
    },
    waiting: async ({ renewal }) => renewal.learned(1000, "server"),
    renewing: async ({ renewal, wait }) => {
        renewal.learned(0, "server");
        await wait(0);
    },
    retrying: async (scene) => {
        await into.renewing(scene);
        scene.hidden[0].hear(error("unavailable"));
    },
};

/** Which state it is, as seen from outside: by the hidden frame, and by what waking does. */
function seen({ renewal, hidden, world }) {
    if (hidden.length > 0) {
        return hidden[0].url.endsWith("?renew=1") ? "renewing" : "asking";
    }
    const links = world.links;
    renewal.wake();
    if (world.links > links) {
        return "retrying";
    }
    return hidden.length > 0 ? "unknown" : "off or waiting";
}

test("the link of a strict app is posted to renew, too", async (t) => {
    const { renewal, hidden, wait } = start(t, {
        newLink: async () => ({ url: `${ORIGIN}/_inlay/embed/post`, secret: "t4Kd", expiresInSeconds: undefined }),
    });
    renewal.reset();
    renewal.learned(1, "server");
    await wait(1000);
    assert.deepEqual([hidden[0].url, hidden[0].secret], [`${ORIGIN}/_inlay/embed/post?renew=1`, "t4Kd"]);
});

test("the table has no state that is a dead end, none that is out of reach, and none that it does not list", () => {
    const states = Object.keys(MOVES);
    const reached = new Set(["off"]);
    for (const state of reached) {
        Object.values(MOVES[state]).forEach((next) => reached.add(next));
    }
    assert.deepEqual([...reached].sort(), states.sort());
    assert.deepEqual(states, Object.keys(into).sort());
    for (const [state, moves] of Object.entries(MOVES)) {
        assert.equal(moves.reset, "unknown", `${state}: another session may be there at any time`);
        assert.equal(moves.stop, state === "off" ? undefined : "off", `${state} can be stopped`);
    }
});

test("only a session of which little is left is renewed", () => {
    const from = (event) => Object.keys(MOVES).filter((state) => MOVES[state][event] !== undefined);
    const to = (next) => Object.keys(MOVES).filter((state) => Object.values(MOVES[state]).includes(next));
    assert.deepEqual(to("renewing"), ["waiting", "retrying"]);
    assert.deepEqual(to("asking"), ["unknown", "waiting"]);
    assert.deepEqual(from("renewed"), ["renewing"]);
    assert.deepEqual(to("retrying"), ["renewing"]);
});

for (const state of Object.keys(into)) {
    test(`${state}: is what it looks like, and stopping ends its frame and its timers`, async (t) => {
        const scene = start(t);
        await into[state](scene);
        scene.renewal.stop();
        assert.deepEqual(scene.hidden, []);
        const links = scene.world.links;
        await scene.wait(10 * 60_000);
        scene.renewal.wake();
        assert.deepEqual([scene.hidden, scene.world.links], [[], links]);

        await into[state](scene);
        assert.ok(["off", "waiting"].includes(state) ? seen(scene) === "off or waiting" : seen(scene) === state);
    });

    test(`${state}: while the app is not shown nothing is begun`, async (t) => {
        const scene = start(t);
        await into[state](scene);
        const before = [scene.hidden.length, scene.world.links];
        scene.world.isShown = false;
        scene.renewal.wake();
        assert.deepEqual([scene.hidden.length, scene.world.links], before);
    });

    test(`${state}: another session in the frame is asked about when it is next looked at`, async (t) => {
        const scene = start(t);
        await into[state](scene);
        scene.renewal.reset();
        assert.deepEqual(scene.hidden, []);
        scene.renewal.wake();
        assert.deepEqual(
            scene.hidden.map(({ url }) => url),
            [`${ORIGIN}/_inlay/renewed`],
        );
    });
}

test("asking: an answer gives the time, an error ends the session, silence is asked again after a minute", async (t) => {
    const scene = start(t);
    await into.asking(scene);
    await scene.wait(20_000);
    assert.deepEqual([scene.hidden, scene.told.splice(0)], [[], [["silent"]]]);
    await scene.wait(59_999);
    assert.deepEqual(scene.hidden, []);
    await scene.wait(1);
    scene.hidden[0].hear({ type: "something else" });
    scene.hidden[0].hear(error("session_missing"));
    assert.deepEqual([scene.hidden, scene.told], [[], [["gone", "session_missing"]]]);
    scene.renewal.wake();
    scene.hidden[0].hear(renewed(50));
    await scene.wait(39_999);
    assert.deepEqual([scene.hidden, scene.world.links], [[], 0]);
    await scene.wait(1);
    assert.equal(scene.world.links, 1);
});

test("asking: an app that tells by itself is planned by what it tells", async (t) => {
    const scene = start(t);
    await into.asking(scene);
    scene.renewal.learned(10, "app");
    assert.deepEqual(scene.hidden, []);
    await scene.wait(8000);
    assert.equal(seen(scene), "renewing");
});

test("waiting: a fifth before the end, or two minutes, a new link is opened", async (t) => {
    for (const [seconds, at] of [
        [100, 80],
        [3600, 3480],
    ]) {
        const scene = start(t);
        scene.renewal.learned(seconds, "app");
        // Steps as long as its longest timer: it looks at the time once a minute.
        for (let left = at * 1000 - 1; left > 0; left -= 60_000) {
            await scene.wait(Math.min(left, 60_000));
        }
        assert.equal(scene.world.links, 0, `${seconds}: not before`);
        await scene.wait(1);
        assert.equal(scene.hidden[0].url, `${LINK.url}?renew=1`);
        scene.renewal.stop();
        mock.timers.reset();
    }
});

test("renewing: the session goes on if it has become longer", async (t) => {
    const scene = start(t);
    await into.renewing(scene);
    scene.hidden[0].hear(renewed(1000));
    assert.deepEqual([scene.hidden, scene.told], [[], [["renewed"]]]);
    assert.equal(seen(scene), "off or waiting");
});

test("renewing: what fails is tried again, at growing distances, and told once", async (t) => {
    const scene = start(t);
    scene.renewal.learned(600, "server");
    for (let minutes = 0; minutes < 8; minutes++) {
        await scene.wait(60_000);
    }
    const failures = [
        () => scene.hidden[0].hear(error("unavailable")),
        () => scene.wait(20_000), // no answer
        () => scene.hidden[0].hear(renewed(0)), // no longer than before
    ];
    for (const [n, fail] of failures.entries()) {
        assert.equal(scene.world.links, n + 1);
        await fail();
        assert.deepEqual([scene.hidden, scene.told], [[], [["expiring", 120]]]);
        await scene.wait(1000 * 2 ** n - 1);
        assert.equal(scene.world.links, n + 1, "not before");
        await scene.wait(1);
    }
    scene.hidden[0].hear(renewed(1000));
    assert.deepEqual(scene.told.at(-1), ["renewed"]);
});

test("renewing: a portal without a link is asked again", async (t) => {
    const scene = start(t, { newLink: () => Promise.reject(new Error("no")) });
    await into.renewing(scene);
    assert.deepEqual(scene.told, [["expiring", 0]]);
    assert.equal(seen(scene), "retrying");
});

test("renewing: a link that comes too late is not opened", async (t) => {
    let give;
    const scene = start(t, { newLink: () => new Promise((resolve) => (give = resolve)) });
    await into.renewing(scene);
    await scene.wait(20_000);
    give(LINK);
    await settled();
    assert.deepEqual([scene.hidden, scene.told], [[], [["expiring", 0]]]);
});

test("renewing: what Inlay refuses for good is told, and not tried again", async (t) => {
    for (const code of ["access_denied", "app_not_released", "cookies_blocked"]) {
        const scene = start(t);
        await into.renewing(scene);
        scene.hidden[0].hear(error(code));
        await scene.wait(10 * 60_000);
        scene.renewal.wake();
        assert.deepEqual([scene.hidden, scene.told, scene.world.links], [[], [["refused", code]], 1]);
        mock.timers.reset();
    }
});

test("renewing: a link to another origin is shown, not opened unseen", async (t) => {
    const url = "https://other.apps.example.com/_inlay/embed/secret";
    const scene = start(t, { newLink: async () => ({ url, expiresInSeconds: undefined }) });
    await into.renewing(scene);
    assert.deepEqual([scene.hidden, scene.told], [[], [["moved", url]]]);
});

test("renewing: what the app tells meanwhile does not end the try, and Inlay's word is what counts", async (t) => {
    const scene = start(t);
    await into.renewing(scene);
    scene.renewal.learned(1e9, "app");
    assert.equal(scene.hidden.length, 1);
    scene.hidden[0].hear(renewed(50));
    assert.deepEqual(scene.told, [["renewed"]]);
    await scene.wait(39_999);
    assert.equal(scene.world.links, 1);
    await scene.wait(1);
    assert.equal(scene.world.links, 2);
});

test("renewing: the app's word brings the next renewal no nearer than a minute after the last, Inlay's word does", async (t) => {
    const scene = start(t);
    scene.renewal.learned(0, "app");
    await scene.wait(0);
    scene.hidden[0].hear(renewed(3600));
    for (let i = 0; i < 59; i++) {
        scene.renewal.learned(0, "app");
        await scene.wait(1000);
    }
    assert.equal(scene.world.links, 1);
    await scene.wait(1000);
    assert.equal(scene.world.links, 2);
    scene.hidden[0].hear(renewed(10));
    await scene.wait(8000);
    assert.equal(scene.world.links, 3);
});

test("retrying: the app's word neither ends the wait for the next try nor shortens the one after", async (t) => {
    const scene = start(t);
    await into.renewing(scene);
    for (const n of [0, 1, 2, 3]) {
        scene.hidden[0].hear(error("link_limit"));
        scene.renewal.learned(0, "app");
        await scene.wait(1000 * 2 ** n - 1);
        assert.equal(scene.world.links, n + 1);
        await scene.wait(1);
        assert.equal(scene.world.links, n + 2);
    }
});
