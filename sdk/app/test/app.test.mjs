// @inlay/app as it is served, in a window made for the test, with hostile messages.
import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { bundle } from "../../build.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const script = await bundle(folder, { format: "iife", globalName: "sdk" });
const PORTAL = "https://portal.example.com";

/** The SDK in a frame of the portal, or by itself. `answers` maps paths to the text of JSON files. */
function open({ framed = true, hostname = "label.apps.example.com", answers = {}, ...more } = {}) {
    const ancestors = "ancestors" in more ? more.ancestors : [PORTAL];
    const sent = [];
    const timers = [];
    const listeners = new Map();
    const window = {};
    const parent = framed
        ? { postMessage: (data, origin) => sent.push({ data: structuredClone(data), origin }) }
        : window;
    window.parent = parent;
    const fetched = [];
    const context = createContext({
        window,
        location: { hostname, ancestorOrigins: ancestors },
        structuredClone,
        document: { addEventListener() {}, removeEventListener() {} },
        crypto: globalThis.crypto,
        addEventListener: (type, listener) => listeners.set(type, listener),
        removeEventListener: (type) => listeners.delete(type),
        setTimeout: (run, ms) => timers.push({ run, ms }),
        clearTimeout() {},
        queueMicrotask,
        fetch: async (path, init = {}) => {
            fetched.push(`${init.method ?? "GET"} ${path}`);
            const text = answers[path];
            return { ok: text !== undefined, status: text === undefined ? 404 : 200, text: async () => text ?? "no" };
        },
    });
    runInContext(script, context);
    return {
        sdk: runInContext("sdk", context),
        sent,
        timers,
        fetched,
        hear: (data, { source = parent, origin = PORTAL } = {}) => listeners.get("message")?.({ data, source, origin }),
        happens: (type) => listeners.get(type)?.({ type }),
        wait: (until) => timers.filter(({ ms }) => ms <= until).forEach(({ run }) => run()),
        context,
    };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const result = ({ id, pageName }, value) => ({ type: "PARENT_WINDOW_RESULT", id, pageName, result: value });

test("the package is small", () => {
    return bundle(folder).then((text) => {
        const size = gzipSync(text, { level: 9 }).length;
        assert.ok(size <= 4096, `${size} bytes gzipped`);
    });
});

test("an app that asks nothing sends nothing", async () => {
    const app = open();
    await settled();
    app.wait(10_000);
    assert.deepEqual(app.sent, []);
});

test("integers of 64 bits survive, and what only looks like one stays", async () => {
    const members = [
        '"big":9223372036854775807',
        '"low":-9223372036854775808',
        '"safe":9007199254740991',
        '"text":"9223372036854775807"',
        '"quote":"\\"12345678901234567890"',
        '"real":12345678901234567890.5',
    ];
    const text = `{"currentUser":{"metadata":{${members.join(",")}}}}`;
    const app = open({ answers: { "/_inlay/session": text } });
    const { metadata } = (await app.sdk.session()).currentUser;
    assert.deepEqual(
        { ...metadata },
        {
            big: 9223372036854775807n,
            low: -9223372036854775808n,
            safe: 9007199254740991,
            text: "9223372036854775807",
            quote: '"12345678901234567890',
            real: Number("12345678901234567890.5"),
        },
    );
});

test("a session that is over is an error with its code", async () => {
    const app = open();
    app.context.fetch = async () => ({
        ok: false,
        status: 401,
        text: async () => '{"code":"session_ended","detail":"Over."}',
    });
    await assert.rejects(app.sdk.session(), { name: "SessionError", code: "session_ended", message: "Over." });
});

test("the end is told once, as the server knows it, and not because a question failed", async () => {
    const left = (expiresInSeconds) => ({ session: { expiresInSeconds } });
    for (const [said, expected] of [
        [[left(600), left(300), left(50), left(40)], [50]],
        [[{ code: "session_limit" }, {}, left(30)], [30]],
        [[left(600), { code: "session_ended" }], [0]],
    ]) {
        const app = open();
        const told = [];
        app.context.fetch = async () => {
            const body = said.shift();
            return { ok: "session" in body, status: 200, text: async () => JSON.stringify(body) };
        };
        app.sdk.onExpiring(({ expiresInSeconds }) => told.push(expiresInSeconds), 60);
        await settled();
        for (let i = 0; i < 4; i++) {
            app.timers.splice(0).forEach(({ run }) => run());
            await settled();
        }
        assert.deepEqual(told, expected);
    }
});

test("queries of one moment go out at once, each once, to the portal alone", async () => {
    const app = open();
    app.sdk.parent.watch("a", () => {});
    app.sdk.parent.watch("b", () => {});
    app.sdk.parent.watch("a", () => {});
    await settled();
    assert.deepEqual(
        app.sent.map(({ data, origin }) => [data.type, data.selector, origin]),
        [
            ["PARENT_WINDOW_QUERY", "a", PORTAL],
            ["PARENT_WINDOW_QUERY", "b", PORTAL],
        ],
    );
    assert.notEqual(app.sent[0].data.id, app.sent[1].data.id);
});

test("falsy values arrive, undefined as null, equal ones once", async () => {
    const app = open();
    const seen = [];
    app.sdk.parent.watch("a", (value) => seen.push(value));
    await settled();
    for (const value of [0, 0, false, "", undefined, null, { x: [1] }, { x: [1] }, { x: [2] }]) {
        app.hear(result(app.sent[0].data, value));
    }
    assert.deepEqual(structuredClone(seen), [0, false, "", null, { x: [1] }, { x: [2] }]);
});

test("only what is unanswered is asked again, and null stands in after a second", async () => {
    const app = open();
    const seen = [];
    app.sdk.parent.watch("answered", (value) => seen.push(["answered", value]));
    app.sdk.parent.watch("late", (value) => seen.push(["late", value]));
    await settled();
    app.hear(result(app.sent[0].data, 1));
    app.wait(1000);
    assert.deepEqual(
        app.sent.slice(2).map(({ data }) => data.selector),
        ["late", "late"],
    );
    app.hear(result(app.sent[1].data, 2));
    assert.deepEqual(seen, [
        ["answered", 1],
        ["late", null],
        ["late", 2],
    ]);
});

test("hostile messages change nothing: other sources, origins, shapes, and a flood", async () => {
    const app = open({ answers: { "/_inlay/session": "{}" } });
    const seen = [];
    app.sdk.parent.watch("a", (value) => seen.push(value));
    await settled();
    const query = app.sent[0].data;
    app.hear(result(query, "sibling"), { source: {} });
    app.hear(result(query, "elsewhere"), { origin: "https://evil.test" });
    app.hear(result({ ...query, id: "other" }, "wrong id"));
    app.hear(result({ ...query, pageName: "other" }, "wrong page"));
    app.hear(result({ ...query, id: "__proto__" }, "prototype"));
    for (const data of [
        null,
        undefined,
        1,
        "PARENT_WINDOW_RESULT",
        [],
        {},
        { type: { toString: () => "x" } },
        { type: "PARENT_WINDOW_RESULT", id: {} },
    ]) {
        app.hear(data);
    }
    app.hear({ type: "inlay:logout", v: 1 }, { origin: "https://evil.test" });
    for (let i = 0; i < 100_000; i++) {
        app.hear(result({ ...query, id: `x${i}` }, i));
    }
    assert.deepEqual([seen, app.sent.length, app.fetched], [[], 1, []]);
    app.hear(result(query, "portal"));
    assert.deepEqual(seen, ["portal"]);
});

test("values that hold themselves do not hang the app", async () => {
    const app = open();
    const seen = [];
    app.sdk.parent.watch("a", (value) => seen.push(value));
    await settled();
    for (let i = 0; i < 2; i++) {
        const loop = {};
        loop.self = loop;
        app.hear(result(app.sent[0].data, loop));
    }
    assert.equal(seen.length, 2);
});

test("posts are addressed to the exact portal", () => {
    const app = open();
    app.sdk.parent.post({ chosen: 7 });
    app.sdk.parent.post("home", "");
    app.sdk.parent.post("orders", PORTAL);
    app.sdk.parent.post("secret", "https://evil.test");
    app.sdk.parent.post("secret", "*");
    assert.deepEqual(
        app.sent.map(({ data, origin }) => [data, origin]),
        [{ chosen: 7 }, "home", "orders"].map((data) => [data, PORTAL]),
    );
});

/** A frame in a browser that doesn't name the parent. `policy` is what Inlay's answers say about who may frame the app. */
function nameless(policy, more = {}) {
    const app = open({ ancestors: undefined, ...more });
    app.context.fetch = async (path, { method = "GET" } = {}) => {
        app.fetched.push(`${method} ${path}`);
        const headers = { get: (name) => (name === "Content-Security-Policy" ? policy : null) };
        return { ok: true, status: 200, headers, text: async () => '{"session":{"expiresInSeconds":90}}' };
    };
    return app;
}
const to = ({ sent }) => sent.map(({ data, origin }) => [data, origin]);

test("without a name for the parent, messages go to the exact origins that may frame the app, never to all", async () => {
    const app = nameless("frame-ancestors https://a.example https://b.example:8443 'self'");
    app.sdk.parent.post({ n: 1 });
    await settled();
    assert.deepEqual(to(app), [
        [{ n: 1 }, "https://a.example"],
        [{ n: 1 }, "https://b.example:8443"],
    ]);
    app.hear({ type: "inlay:hello", v: 1 }, { origin: "https://b.example:8443" });
    await settled();
    app.sdk.parent.post({ n: 2 });
    assert.deepEqual(to(app).slice(2), [
        [{ type: "inlay:ready", v: 1, expiresInSeconds: 90 }, "https://b.example:8443"],
        [{ n: 2 }, "https://b.example:8443"],
    ]);
    assert.deepEqual(app.fetched, ["HEAD /_inlay/session", "GET /_inlay/session"]);
});

test("what only a wildcard allows waits, as it was, until the portal has spoken", async () => {
    for (const policy of [
        "default-src 'none'; frame-ancestors https://*.customers.example https://a.example 'self'",
        "frame-ancestors 'none'",
        "",
    ]) {
        const app = nameless(policy);
        const message = { n: 1 };
        app.sdk.parent.post(message);
        message.n = 2;
        app.sdk.parent.watch("theme", () => {});
        await settled();
        assert.ok(!app.sent.some(({ origin }) => origin !== "https://a.example"));
        app.sent.length = 0;
        app.hear({ type: "inlay:hello", v: 1 }, { origin: "https://x.customers.example" });
        assert.deepEqual(
            app.sent.map(({ data, origin }) => [data.n ?? data.selector, origin]),
            [1, "theme"].map((what) => [what, "https://x.customers.example"]),
        );
    }
});

test("a flood that waits for the portal's name is bounded, and a target that the app names gets its message", async () => {
    const app = nameless("");
    for (let i = 0; i < 10_000; i++) {
        app.sdk.parent.post({ i });
    }
    app.sdk.parent.post("mine", PORTAL);
    app.sdk.parent.post("all", "*");
    assert.deepEqual(to(app), [["mine", PORTAL]]);
    app.sent.length = 0;
    app.hear({ type: "inlay:renewed", v: 1 });
    assert.equal(app.sent.length, 256);
});

test("where the app is, the portal hears if it asks, once for each move, at its exact origin", async () => {
    const app = open({ answers: { "/_inlay/session": '{"session":{"expiresInSeconds":90}}' } });
    Object.assign(app.context.location, { pathname: "/orders", search: "?a=1", hash: "#b" });
    const go = (_state, _title, path) => (app.context.location.pathname = path);
    const history = { pushState: go, replaceState: go };
    app.context.history = history;
    app.hear({ type: "inlay:hello", v: 1 });
    await settled();
    assert.equal(history.pushState, go, "a portal that doesn't ask changes nothing");
    app.hear({ type: "inlay:hello", v: 1, location: true });
    app.hear({ type: "inlay:hello", v: 1, location: true });
    history.pushState(null, "", "/orders/5");
    history.replaceState(null, "", "/orders/5");
    history.replaceState(null, "", "/orders/6");
    app.context.location.hash = "#c";
    app.happens("hashchange");
    app.context.location.pathname = "/orders";
    app.happens("popstate");
    const moves = app.sent.filter(({ data }) => data.type === "inlay:location");
    assert.deepEqual(
        moves.map(({ data, origin }) => [data.path, origin]),
        ["/orders?a=1#b", "/orders/5?a=1#b", "/orders/6?a=1#b", "/orders/6?a=1#c", "/orders?a=1#c"].map((path) => [
            path,
            PORTAL,
        ]),
    );
});

test("the portal's hello is answered with the time that is left", async () => {
    const app = open({ answers: { "/_inlay/session": '{"session":{"expiresInSeconds":90}}' } });
    app.hear({ type: "inlay:hello", v: 1 });
    await settled();
    assert.deepEqual(app.sent, [{ data: { type: "inlay:ready", v: 1, expiresInSeconds: 90 }, origin: PORTAL }]);
});

test("by itself on a developer's machine the app gets what its mock file says", async () => {
    const answers = {
        "/inlay.mock.json": '{"currentUser":{"firstName":"Ann","metadata":{"store":51}},"parent":{"theme":"dark"}}',
    };
    const app = open({ framed: false, hostname: "localhost", answers });
    const { currentUser } = await app.sdk.session();
    assert.deepEqual([currentUser.firstName, currentUser.email, currentUser.metadata.store], ["Ann", null, 51]);
    assert.equal(await app.sdk.parent.value("theme"), "dark");
    assert.equal(await app.sdk.parent.value("other"), null);
    assert.deepEqual(app.fetched, ["GET /inlay.mock.json"]);
});

test("nowhere else is a mock file asked for", async () => {
    for (const options of [{ hostname: "localhost" }, { framed: false }, { framed: false, hostname: "x.localhost" }]) {
        const app = open({ ...options, answers: { "/inlay.mock.json": "{}" } });
        await app.sdk.session().catch(() => {});
        assert.deepEqual(app.fetched, ["GET /_inlay/session"]);
    }
});

/** An app whose link said these; its session is asked for once somebody asks for either. */
const linked = (session, more = {}) => open({ answers: { "/_inlay/session": JSON.stringify({ session }) }, ...more });

test("the theme and the language of the link stand in for those that the portal doesn't offer", async () => {
    for (const offers of [true, false]) {
        const app = linked({ theme: "dark", locale: "pt-BR" });
        const seen = [];
        app.sdk.parent.watch("theme", (value) => seen.push(value));
        app.sdk.parent.watch("locale", (value) => seen.push(value));
        app.sdk.parent.watch("other", (value) => seen.push(value));
        await Promise.resolve();
        const [theme, locale, other] = app.sent.map(({ data }) => data);
        if (offers) {
            [theme, locale, other].forEach((asked) => app.hear(result(asked, null)));
        }
        await settled();
        app.wait(1000);
        assert.deepEqual(seen.sort(), ["dark", "pt-BR", null].sort(), "nothing is told before the answer is known");
    }
});

test("what the portal offers counts, and changes", async () => {
    const app = linked({ theme: "dark", locale: null });
    const seen = [];
    app.sdk.parent.watch("theme", (value) => seen.push(value));
    await Promise.resolve();
    const [{ data: asked }] = app.sent;
    app.hear(result(asked, "light"));
    await settled();
    app.hear(result(asked, "system"));
    app.hear(result(asked, null));
    await settled();
    assert.deepEqual(seen, ["light", "system", "dark"]);
});

test("without a session they are null", async () => {
    const app = open();
    const value = app.sdk.parent.value("locale");
    await settled();
    app.wait(1000);
    assert.equal(await value, null);
});
