// What @inlay/embed does with messages, in a window made for the test: those of the app, and hostile ones.
import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { bundle } from "../../build.mjs";

const script = await bundle(fileURLToPath(new URL("..", import.meta.url)), { format: "iife", globalName: "sdk" });
const ORIGIN = "https://label.apps.example.com";
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An app in a portal. What was sent to its frame is in `sent`, what the portal was told in `told`. */
async function open(options = {}) {
    const sent = [];
    const told = [];
    const said = { message: undefined };
    const timers = new Map();
    const listeners = new Set();
    const frames = [];
    const events = new Map();
    const time = { now: 0 };
    function createElement() {
        const attributes = new Map();
        const on = new Map();
        const contentWindow = {
            postMessage: (data, origin) => sent.push({ to: frame, data: structuredClone(data), origin }),
        };
        const frame = {
            contentWindow,
            style: {},
            attributes,
            setAttribute: (name, value) => attributes.set(name, value),
            addEventListener: (type, listener) => on.set(type, listener),
            load: (kind = "load") => on.get(kind)?.(),
            remove: () => frames.splice(frames.indexOf(frame) >>> 0, 1),
        };
        return frame;
    }
    const context = createContext({
        URL,
        document: {
            createElement,
            visibilityState: "visible",
            addEventListener: (type, listener) => events.set(type, listener),
            removeEventListener: (type) => events.delete(type),
        },
        location: { origin: "https://portal.example.com" },
        fetch: async () => (options.isReachable === false ? Promise.reject(new TypeError("no")) : {}),
        performance: { now: () => time.now },
        Date: { now: () => time.now },
        addEventListener: (type, listener) =>
            type === "message" ? listeners.add(listener) : events.set(type, listener),
        removeEventListener: (type, listener) => listeners.delete(listener) || events.delete(type),
        setTimeout: (run, ms) => (timers.set(run, { run, at: time.now + ms }), run),
        clearTimeout: (id) => timers.delete(id),
    });
    runInContext(script, context);
    const embed = runInContext("sdk", context).embed(
        { append: (frame) => frames.push(frame) },
        {
            getUrl: () => `${ORIGIN}/_inlay/embed/secret`,
            data: { theme: "dark", zero: 0 },
            onData: (data) => told.push(["data", data]),
            onError: (code, message) => (told.push(["error", code]), (said.message = message)),
            onReady: () => told.push(["ready"]),
            autoHeight: true,
            ...options,
        },
    );
    await settled();
    return {
        embed,
        sent,
        told,
        said,
        frames,
        timers,
        listeners,
        events,
        happens: (type, more = {}) => events.get(type)?.({ type, ...more }),
        hear: (data, { source = frames[0]?.contentWindow, origin = ORIGIN } = {}) =>
            [...listeners].forEach((listener) => listener({ data, source, origin })),
        /** Time goes by. */
        async wait(ms) {
            time.now += ms;
            [...timers.values()].filter(({ at }) => at <= time.now).forEach(({ run }) => timers.delete(run) && run());
            await settled();
        },
    };
}

const query = (selector, id = "1", pageName = "page") => ({ type: "PARENT_WINDOW_QUERY", selector, id, pageName });
/** One of each kind that an app sends, and what it would do. */
const messages = [
    query("theme"),
    { chosen: 7 },
    { type: "inlay:ready", v: 1, expiresInSeconds: 60 },
    { type: "inlay:height", v: 1, height: 700 },
    { type: "inlay:error", code: "access_denied", message: "No." },
];

test("a link is what Inlay answered to either request, or an address, and nothing else", async () => {
    const url = `${ORIGIN}/_inlay/embed/secret`;
    for (const link of [url, { url }, { embedUrl: url }, { redirectUrl: url, personalAccessToken: "pat_1" }]) {
        const portal = await open({ getUrl: async () => link });
        assert.deepEqual([portal.frames[0].src, portal.told], [url, []]);
    }
    for (const link of [
        { error: "no" },
        {},
        null,
        undefined,
        7,
        { url: 7 },
        { url, json() {} },
        "",
        "/relative",
        "javascript:alert(1)",
        { embedUrl: "data:text/html,x" },
    ]) {
        const portal = await open({ getUrl: async () => link });
        assert.deepEqual([portal.frames, portal.told], [[], [["error", "no_link"]]]);
    }
});

test("what getUrl must give is said in words of the SDK, whatever it gave", async () => {
    for (const link of [
        "/x",
        "",
        "x",
        "//x",
        "http://",
        "http://a b",
        { url: "/x" },
        { embedUrl: "orders" },
        null,
        7,
    ]) {
        const portal = await open({ getUrl: () => link });
        assert.deepEqual(portal.told, [["error", "no_link"]]);
        assert.match(portal.said.message, /^getUrl\(\) must give what Inlay answered/);
    }
    for (const getUrl of [undefined, null, "https://inlay.example.com", {}]) {
        await assert.rejects(open({ getUrl }), /^TypeError: getUrl must be a function that gives a new link/);
    }
});

test("of several links that were asked for, the newest that works is shown", async () => {
    const give = [];
    const link = (n) => `${ORIGIN}/_inlay/embed/${n}`;
    const shown = ({ frames }) => frames.map(({ src }) => src);
    const ask = () => new Promise((resolve, reject) => give.push({ resolve, reject }));
    const start = async () => {
        give.length = 0;
        const portal = await open({ getUrl: ask });
        portal.embed.reload();
        await settled();
        return portal;
    };
    const fail = (n) => give[n].reject(new Error("no"));
    const works = (n) => give[n].resolve(link(n));

    for (const [steps, expected, told] of [
        [[() => fail(1), () => works(0)], [link(0)], []],
        [[() => works(0), () => fail(1)], [link(0)], []],
        [[() => works(1), () => works(0)], [link(1)], []],
        [[() => works(0), () => works(1)], [link(1)], []],
        [[() => fail(0), () => works(1)], [link(1)], []],
        [[() => fail(0), () => fail(1)], [], [["error", "no_link"]]],
        [[() => fail(1), () => fail(0)], [], [["error", "no_link"]]],
    ]) {
        const portal = await start();
        for (const step of steps) {
            step();
            await settled();
        }
        assert.deepEqual([shown(portal), portal.told], [expected, told]);
    }
});

test("each link gets a frame of its own, so nothing that an app left in its window reaches the next", async () => {
    const portal = await open();
    const [first] = portal.frames;
    portal.embed.reload();
    await settled();
    assert.equal(portal.frames.length, 1);
    assert.notEqual(portal.frames[0], first);
});

test("the frame may write to the clipboard and fill the screen, and may not leave the portal", async () => {
    const [plain] = (await open()).frames;
    assert.equal(plain.allow, "clipboard-write; fullscreen");
    assert.equal(
        plain.attributes.get("sandbox"),
        "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads " +
            "allow-modals allow-presentation allow-storage-access-by-user-activation",
    );
    assert.deepEqual([plain.referrerPolicy, plain.loading], [undefined, undefined]);
    const options = { allow: "camera", sandbox: "allow-scripts", referrerPolicy: "no-referrer", loading: "lazy" };
    const [other] = (await open(options)).frames;
    assert.deepEqual(
        [other.allow, other.attributes.get("sandbox"), other.referrerPolicy, other.loading],
        ["camera", "allow-scripts", "no-referrer", "lazy"],
    );
    const [none] = (await open({ allow: "", sandbox: false })).frames;
    assert.deepEqual([none.allow, none.attributes.has("sandbox")], ["", false]);
    assert.equal((await open({ sandbox: "" })).frames[0].attributes.get("sandbox"), "");
});

test("getUrl is told which page of the app to open: the portal's, then where the app is", async () => {
    const asked = [];
    const where = [];
    const portal = await open({
        path: "/orders/5",
        getUrl: (context) => (asked.push(context.path), `${ORIGIN}/_inlay/embed/secret`),
        onNavigate: (path) => where.push(path),
    });
    for (const path of [
        "/orders/6?tab=1#top",
        "//evil.example",
        "/\\evil.example",
        "orders",
        7,
        undefined,
        `/${"x".repeat(8192)}`,
    ]) {
        portal.hear({ type: "inlay:location", v: 1, path });
    }
    portal.hear({ type: "inlay:location", v: 1, path: "/orders/7" }, { origin: "https://evil.example" });
    portal.hear({ type: "inlay:location", v: 1, path: "/orders/6?tab=1#top" });
    portal.embed.reload();
    await settled();
    portal.embed.reload("/orders/9");
    await settled();
    assert.deepEqual([asked, where], [["/orders/5", "/orders/6?tab=1#top", "/orders/9"], ["/orders/6?tab=1#top"]]);
});

test("the app is asked for its height and its place if the portal wants them", async () => {
    for (const [options, expected] of [
        [{ autoHeight: false }, { height: false, location: true }],
        [{ autoHeight: true }, { height: true, location: true }],
        [
            { autoHeight: false, onResize() {} },
            { height: true, location: true },
        ],
    ]) {
        const portal = await open(options);
        portal.frames[0].load();
        await portal.wait(0);
        assert.deepEqual(portal.sent[0].data, { type: "inlay:hello", v: 1, ...expected });
    }
    const heights = [];
    const portal = await open({ autoHeight: false, onResize: (height) => heights.push(height) });
    portal.hear({ type: "inlay:height", v: 1, height: 700 });
    assert.deepEqual([heights, portal.frames[0].style.height], [[700], undefined]);
});

test("a link that cannot be had is told once, and asked for again until it can, if the app was there before", async () => {
    const link = () => `${ORIGIN}/_inlay/embed/secret`;
    const fail = () => Promise.reject(new Error("no"));
    let answer = fail;
    let asked = 0;
    const first = await open({ getUrl: () => (asked += 1) && answer() });
    await first.wait(100_000);
    assert.deepEqual([asked, first.told], [1, [["error", "no_link"]]]);

    answer = link;
    const portal = await open({ getUrl: () => (asked += 1) && answer() });
    answer = fail;
    portal.hear({ type: "inlay:error", code: "session_ended", message: "Over." });
    await settled();
    assert.deepEqual([asked, portal.told], [3, [["error", "no_link"]]]);
    await portal.wait(1000);
    answer = () => new Promise(() => {});
    await portal.wait(2000);
    await portal.wait(19_999);
    assert.equal(asked, 5, "one that never answers is not asked twice at once");
    await portal.wait(1);
    answer = link;
    await portal.wait(8000);
    assert.deepEqual([asked, portal.told, portal.frames.length], [6, [["error", "no_link"]], 1]);
});

test("a time that is no number is no time", async () => {
    const url = `${ORIGIN}/_inlay/embed/secret`;
    for (const expiresInSeconds of [NaN, null, -1, "60", Infinity]) {
        const portal = await open({ getUrl: () => ({ url, expiresInSeconds }) });
        assert.equal(portal.timers.size, 1, "the one that looks whether anything has appeared");
    }
});

test("an app that is there again after an error page is ready, and renewed", async () => {
    const portal = await open();
    const [frame] = portal.frames;
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 1000 });
    portal.hear({ type: "inlay:error", code: "not_found", message: "There is nothing here." });
    frame.load();
    await portal.wait(200);
    assert.deepEqual(portal.told, [["ready"], ["error", "not_found"]]);
    frame.load();
    await portal.wait(200);
    assert.deepEqual(portal.told.slice(2), [["ready"]]);
    assert.ok(portal.sent.some(({ data }) => data.type === "inlay:hello"));
    await portal.wait(5000);
    assert.equal(portal.frames[1].src, `${ORIGIN}/_inlay/renewed`);
});

test("a frame that has no session, whatever it shows, is opened anew", async () => {
    let asked = 0;
    const portal = await open({ getUrl: () => (asked += 1) && `${ORIGIN}/_inlay/embed/secret` });
    portal.frames[0].load(); // a browser's own page: Inlay cannot be reached
    await portal.wait(200);
    await portal.wait(5000);
    portal.hear(
        { type: "inlay:error", code: "session_missing", message: "No." },
        { source: portal.frames[1].contentWindow },
    );
    await portal.wait(0);
    assert.deepEqual([asked, portal.frames.length], [2, 1]);
});

test("a portal's function that throws does not end the tries", async () => {
    let asked = 0;
    const portal = await open({
        getUrl: () => (asked += 1) && `${ORIGIN}/_inlay/embed/secret`,
        onExpiring: () => {
            throw new Error("the portal's own");
        },
    });
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 0 });
    await portal.wait(10);
    const source = portal.frames[1].contentWindow;
    assert.throws(
        () => portal.hear({ type: "inlay:error", code: "unavailable", message: "No." }, { source }),
        /portal's own/,
    );
    await portal.wait(1000);
    assert.equal(asked, 3);
});

test("a value that browsers do not copy is sent as JSON has it", async () => {
    const portal = await open({ data: { theme: new Proxy({ name: "dark" }, {}), zero: () => 0 } });
    portal.hear(query("theme", "1"));
    portal.hear(query("zero", "2"));
    assert.deepEqual(
        portal.sent.map(({ data }) => data.result),
        [{ name: "dark" }, undefined],
    );
});

test("each message of the app does what it is for", async () => {
    const portal = await open();
    messages.forEach((message) => portal.hear(message));
    assert.deepEqual(
        portal.sent.map(({ data, origin }) => [data, origin]),
        [[{ type: "PARENT_WINDOW_RESULT", result: "dark", id: "1", pageName: "page" }, ORIGIN]],
    );
    assert.deepEqual(structuredClone(portal.told), [["data", { chosen: 7 }], ["ready"], ["error", "access_denied"]]);
    assert.equal(portal.frames[0].style.height, "700px");
});

const strangers = {
    "another window": { source: {} },
    "no window": { source: null },
    "another origin": { origin: "https://evil.example" },
    "an origin that only begins alike": { origin: `${ORIGIN}.evil.example` },
    "a sibling of the app": { origin: "https://other.apps.example.com" },
    "the app's origin over http": { origin: "http://label.apps.example.com" },
};
for (const [who, from] of Object.entries(strangers)) {
    test(`nothing that ${who} sends does anything`, async () => {
        const portal = await open();
        messages.forEach((message) => portal.hear(message, from));
        assert.deepEqual([portal.sent, portal.told, portal.frames[0].style.height], [[], [], undefined]);
    });
}

test("of a frame without an origin an error is believed, if the frame is its own, and nothing else", async () => {
    const portal = await open();
    messages.forEach((message) => portal.hear(message, { origin: "null" }));
    assert.deepEqual([portal.sent, portal.told], [[], [["error", "access_denied"]]]);
    messages.forEach((message) => portal.hear(message, { origin: "null", source: {} }));
    assert.equal(portal.told.length, 1);
});

test("an error without words has its code to show", async () => {
    const portal = await open();
    portal.hear({ type: "inlay:error", code: "uri_too_long" }, { origin: "null" });
    assert.deepEqual([portal.told[0], portal.said.message], [["error", "uri_too_long"], "uri_too_long"]);
});

for (const kind of ["load", "error"]) {
    test(`nothing is ready because a browser's own page made the event "${kind}"`, async () => {
        for (const [isReachable, code, words] of [
            [true, "portal_not_allowed", /https:\/\/portal\.example\.com/],
            [false, "unreachable", /https:\/\/label\.apps\.example\.com/],
        ]) {
            const portal = await open({ isReachable });
            portal.frames[0].load(kind);
            await portal.wait(200);
            assert.equal(portal.frames[1].src, `${ORIGIN}/_inlay/renewed`);
            portal.frames[1].load(kind);
            await portal.wait(1000);
            await portal.wait(100);
            assert.deepEqual([portal.told, portal.frames.length], [[["error", code]], 1]);
            assert.match(portal.said.message, words);
        }
    });
}

test("a page that forbids the frame itself is told so", async () => {
    const portal = await open();
    portal.happens("securitypolicyviolation", {
        effectiveDirective: "frame-src",
        blockedURI: ORIGIN,
        disposition: "enforce",
    });
    portal.frames[0].load();
    await portal.wait(200);
    portal.frames[1].load();
    await portal.wait(1000);
    assert.deepEqual(portal.told, [["error", "unreachable"]]);
    assert.match(portal.said.message, /Add https:\/\/\*\.apps\.example\.com to its frame-src/);
});

test("a server that doesn't answer at all is told after a while, and an app that is only slow isn't", async () => {
    for (const isReachable of [true, false]) {
        const portal = await open({ isReachable });
        await portal.wait(15_000);
        await portal.wait(100);
        assert.deepEqual(portal.told, isReachable ? [] : [["error", "unreachable"]]);
    }
});

test("what could not be reached is opened again as soon as something speaks", async () => {
    let asked = 0;
    const portal = await open({ getUrl: () => (asked += 1) && `${ORIGIN}/_inlay/embed/secret`, isReachable: false });
    portal.frames[0].load();
    await portal.wait(200);
    portal.frames[1].load();
    await portal.wait(1000);
    await portal.wait(100);
    assert.deepEqual(portal.told, [["error", "unreachable"]]);
    portal.happens("online");
    portal.hear(
        { type: "inlay:error", code: "session_missing", message: "No." },
        { source: portal.frames[1].contentWindow },
    );
    await portal.wait(0);
    assert.deepEqual([asked, portal.frames.length], [2, 1]);
});

test("an address put together by hand leads to the app's origin, which is told", async () => {
    const portal = await open({
        getUrl: () => "https://inlay.example.com/embed-apps/orders?personal-access-token=pat_1",
    });
    portal.frames[0].load();
    await portal.wait(200);
    portal.frames[1].load();
    await portal.wait(1000);
    const [, hidden] = portal.frames;
    assert.equal(hidden.src, "https://inlay.example.com/embed-apps/orders?personal-access-token=pat_1&renew=1");
    portal.hear({ type: "inlay:renewed", v: 1, expiresInSeconds: 900 }, { source: hidden.contentWindow });
    await portal.wait(0);
    assert.deepEqual([portal.told, portal.frames.length], [[["ready"]], 1]);
    portal.hear({ chosen: 7 });
    assert.deepEqual(portal.told.at(-1), ["data", { chosen: 7 }]);
});

const sees = {
    "comes back by the browser's button": ["pageshow", { persisted: true }],
    "is looked at again": ["visibilitychange"],
};
for (const [how, event] of Object.entries(sees)) {
    test(`a page that ${how} asks whether the session is still there, and takes away what is of one that is not`, async () => {
        const waiting = () => new Promise(() => {});
        let answer = () => `${ORIGIN}/_inlay/embed/secret`;
        const portal = await open({ getUrl: () => answer() });
        portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 1000 });
        portal.happens(...event);
        portal.hear({ type: "inlay:renewed", v: 1, expiresInSeconds: 990 }, { source: portal.frames[1].contentWindow });
        assert.equal(portal.frames.length, 1);
        portal.happens(...event);
        answer = waiting;
        portal.hear(
            { type: "inlay:error", code: "session_ended", message: "Over." },
            { source: portal.frames[1].contentWindow },
        );
        assert.deepEqual([portal.frames.length, portal.told], [0, [["ready"]]]);
    });
}

test("a question that Inlay is too busy to answer changes nothing", async () => {
    const portal = await open();
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 1000 });
    portal.happens("visibilitychange");
    portal.hear({ type: "inlay:error", code: "busy", message: "No." }, { source: portal.frames[1].contentWindow });
    assert.deepEqual([portal.frames.length, portal.told], [1, [["ready"]]]);
});

test("messages of a wrong shape do nothing and break nothing", async () => {
    const portal = await open();
    for (const message of [
        { ...query("theme"), id: 7 },
        { ...query("theme"), id: { toString: () => "1" } },
        { ...query("theme"), selector: ["theme"] },
        { type: "PARENT_WINDOW_QUERY" },
        { type: "inlay:height", height: "700" },
        { type: "inlay:height", height: -1 },
        { type: "inlay:height", height: NaN },
        { type: "inlay:height", height: Infinity },
        { type: "inlay:renewed", v: 1, expiresInSeconds: 1e9 },
        { type: "inlay:tomorrow", v: 2, anything: true },
    ]) {
        portal.hear(message);
    }
    assert.deepEqual([portal.sent, portal.told, portal.frames[0].style.height], [[], [], undefined]);
    portal.hear({ type: "inlay:height", height: 1e300 });
    assert.equal(portal.frames[0].style.height, "100000px");
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: "soon" });
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: -5 });
    assert.deepEqual(portal.told, [["ready"]]);
});

test("only the portal's own values are given away, by their names", async () => {
    const portal = await open();
    for (const [i, name] of ["__proto__", "constructor", "toString", "zero", "absent"].entries()) {
        portal.hear(query(name, String(i)));
    }
    assert.deepEqual(
        portal.sent.map(({ data }) => data.result),
        [null, null, null, 0, null],
    );
});

test("a flood of questions is answered, and of them 256 are remembered", async () => {
    const portal = await open();
    for (let i = 0; i < 10_000; i++) {
        portal.hear(query("theme", String(i)));
    }
    portal.sent.length = 0;
    portal.embed.update({ theme: "light" });
    assert.equal(portal.sent.length, 256);
    for (let i = 0; i < 100_000; i++) {
        portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 1000 });
    }
    assert.equal([...portal.timers.values()].length, 1, "one timer, however often the end is told");
    assert.deepEqual(portal.told, [["ready"]]);
});

test("an app that always says it is about to end does not make the portal ask for links all the time", async () => {
    let asked = 0;
    const portal = await open({ getUrl: () => (asked += 1) && `${ORIGIN}/_inlay/embed/secret` });
    for (let i = 0; i < 1000; i++) {
        portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 0 });
        await portal.wait(10);
    }
    assert.ok(asked <= 2, `${asked} links in ten seconds`);
});

test("an app that says so after each renewal makes the portal ask once a minute; after failures, as seldom as without it", async () => {
    for (const [most, answer] of [
        [5, { type: "inlay:renewed", v: 1, expiresInSeconds: 3600 }],
        [9, { type: "inlay:error", code: "link_limit", message: "Too many." }], // after 1, 2, 4 … 60 seconds
    ]) {
        let asked = 0;
        const portal = await open({ getUrl: () => (asked += 1) && `${ORIGIN}/_inlay/embed/secret` });
        for (let i = 0; i < 4 * 180; i++) {
            portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 0 });
            if (portal.frames.length > 1) {
                portal.hear(answer, { source: portal.frames[1].contentWindow });
            }
            if (i % 40 === 39) {
                portal.hear({ type: "inlay:error", code: "made_up", message: "No." });
            }
            await portal.wait(250);
        }
        assert.ok(asked <= most, `${answer.type}: ${asked} links in three minutes`);
    }
});

test("a frame that shows one error after the other is opened anew once in 30 seconds", async () => {
    let asked = 0;
    const portal = await open({ getUrl: () => (asked += 1) && `${ORIGIN}/_inlay/embed/secret` });
    for (let i = 0; i < 100; i++) {
        portal.hear({ type: "inlay:error", code: "session_ended", message: "Over." });
        await portal.wait(100);
    }
    assert.equal(asked, 2);
});

test("the hidden frame of a renewal cannot speak for the app, nor the app for it", async () => {
    const portal = await open();
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 0 });
    await portal.wait(10);
    const [app, hidden] = portal.frames;
    assert.deepEqual(
        [app.hidden, hidden.hidden, hidden.src],
        [undefined, true, `${ORIGIN}/_inlay/embed/secret?renew=1`],
    );
    portal.told.length = 0;
    portal.hear({ chosen: 7 }, { source: hidden.contentWindow });
    portal.hear({ type: "inlay:renewed", v: 1, expiresInSeconds: 1000 });
    portal.hear(
        { type: "inlay:renewed", v: 1, expiresInSeconds: 1000 },
        { source: hidden.contentWindow, origin: "https://evil.example" },
    );
    assert.deepEqual([portal.told, portal.frames.length], [[], 2]);
    portal.hear({ type: "inlay:renewed", v: 1, expiresInSeconds: 1000 }, { source: hidden.contentWindow });
    assert.deepEqual([portal.frames.length, portal.sent.at(-1).data], [1, { type: "inlay:renewed", v: 1 }]);
});

test("logging out ends every timer and listener", async () => {
    const portal = await open();
    portal.hear({ type: "inlay:ready", v: 1, expiresInSeconds: 1000 });
    portal.embed.logout();
    assert.deepEqual(portal.sent.at(-1).data, { type: "inlay:logout", v: 1 });
    await portal.wait(5000);
    assert.deepEqual([portal.frames.length, portal.timers.size, portal.listeners.size], [0, 0, 0]);
});

test("an app that does not know us is signed out by a page of Inlay's, and that page alone", async () => {
    const portal = await open();
    portal.embed.logout();
    const [hidden] = portal.frames;
    assert.deepEqual([portal.frames.length, hidden.src], [1, `${ORIGIN}/_inlay/renewed`]);
    portal.hear(
        { type: "inlay:renewed", v: 1, expiresInSeconds: 9 },
        { source: hidden.contentWindow, origin: "https://evil.example" },
    );
    assert.deepEqual(portal.sent, []);
    portal.hear({ type: "inlay:renewed", v: 1, expiresInSeconds: 9 }, { source: hidden.contentWindow });
    assert.deepEqual(
        portal.sent.map(({ data, origin }) => [data, origin]),
        [[{ type: "inlay:logout", v: 1 }, ORIGIN]],
    );
    await portal.wait(5000);
    assert.deepEqual([portal.frames.length, portal.timers.size, portal.listeners.size], [0, 0, 0]);
});

test("how long the session of an app lasts that does not know us, a page of Inlay's tells", async () => {
    const portal = await open();
    portal.frames[0].load();
    await portal.wait(200);
    assert.deepEqual(portal.told, []);
    const hidden = portal.frames[1];
    assert.equal(hidden.src, `${ORIGIN}/_inlay/renewed`);
    portal.hear({ type: "inlay:renewed", v: 1, expiresInSeconds: 50 }, { source: hidden.contentWindow });
    assert.deepEqual([portal.frames.length, portal.told], [1, [["ready"]]]);
    await portal.wait(5000);
    await portal.wait(33_000);
    assert.equal(portal.frames.length, 1);
    await portal.wait(3000);
    assert.equal(portal.frames[1].src, `${ORIGIN}/_inlay/embed/secret?renew=1`);
});

test("the theme and the language go to the request for a link and to the app, also when they change", async () => {
    const asked = [];
    const getUrl = (wanted) => (asked.push({ ...wanted }), `${ORIGIN}/_inlay/embed/secret`);
    const portal = await open({ getUrl, theme: "dark", locale: "de", data: { theme: "of data", locale: "xx" } });
    portal.hear(query("theme", "1"));
    portal.hear(query("locale", "2"));
    portal.embed.setTheme("light");
    portal.embed.setTheme("light");
    portal.embed.setLocale("pt-BR");
    portal.embed.update({ theme: "of data still" });
    portal.embed.setLocale(undefined);
    portal.embed.setTheme(undefined);
    assert.deepEqual(
        portal.sent.filter(({ data }) => data.type === "PARENT_WINDOW_RESULT").map(({ data }) => data.result),
        ["dark", "de", "light", "pt-BR", null, "of data still"],
    );
    portal.embed.setTheme("system");
    portal.embed.reload();
    await settled();
    assert.deepEqual(asked, [
        { path: undefined, theme: "dark", locale: "de" },
        { path: undefined, theme: "system", locale: undefined },
    ]);
});
