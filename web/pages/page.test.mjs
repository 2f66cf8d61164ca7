import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { runInNewContext } from "node:vm";
import { transformSync } from "esbuild";
import { errorPage } from "./build.mjs";

const { template, csp } = await errorPage();

function element(name) {
    const found = [...template.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))];
    assert.equal(found.length, 1, `exactly one bare <${name}>`);
    return found[0][1];
}

/** Runs the page's script as a browser would, and returns what its parent was told. */
function told({
    code = "session_ended",
    portals,
    framed = true,
    ancestors,
    referrer = "",
    hello,
    message = "Your session has ended.",
}) {
    const messages = [];
    const window = {};
    window.parent = framed ? { postMessage: (data, origin) => messages.push({ data: { ...data }, origin }) } : window;
    runInNewContext(element("script"), {
        URL,
        window,
        addEventListener: (type, listener) => type === "message" && hello?.forEach((from) => listener(from(window))),
        location: { ancestorOrigins: ancestors },
        document: {
            title: "Your session has ended",
            referrer,
            body: { dataset: { code, portals } },
            querySelector: () => ({ textContent: message }),
        },
    });
    return messages;
}

test("the policy allows exactly the page's own style and script", () => {
    const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    assert.equal(
        csp,
        `default-src 'none'; connect-src 'self'; img-src 'self'; style-src ${hash(element("style"))}; ` +
            `script-src ${hash(element("script"))}; base-uri 'none'; form-action 'none'`,
    );
});

test("the page needs nothing that its policy refuses", () => {
    assert.doesNotMatch(template, /\s(style|on\w+|srcset)=|url\(|@import|<link|<form/);
    assert.deepEqual(template.match(/\ssrc="[^"]*"/g), [' src="/_inlay/logo/{{logo}}"']);
});

test("placeholders stand only in text and in quoted attributes", () => {
    assert.doesNotMatch(element("script"), /\{\{/);
    assert.doesNotMatch(element("style"), /\{\{/);
    for (const [, before, after] of template.matchAll(/(.)\{\{\w+\}\}(.)/g)) {
        assert.ok(/^["/]"$/.test(`${before}${after}`) || /[> ]/.test(before), `${before}…${after}`);
    }
});

test("a framed page tells each portal, addressed by its origin", () => {
    const data = { type: "inlay:error", code: "session_ended", message: "Your session has ended." };
    assert.deepEqual(told({ portals: "https://a.example.com http://localhost:5173" }), [
        { data, origin: "https://a.example.com" },
        { data, origin: "http://localhost:5173" },
    ]);
    assert.deepEqual(told({ portals: "https://*.example.com", ancestors: ["https://a.example.com"] }), [
        { data, origin: "https://a.example.com" },
    ]);
});

test("a portal that only a wildcard names is told once it says hello, and nobody else is", () => {
    const hello =
        (origin, more = {}) =>
        (window) => ({
            source: window.parent,
            origin,
            data: { type: "inlay:hello", v: 1 },
            ...more,
        });
    const portals = "https://*.example.com https://b.test";
    assert.deepEqual(
        told({
            portals,
            hello: [
                hello("https://evil.test"),
                hello("https://a.example.com", { source: {} }),
                hello("https://a.example.com", { data: null }),
                hello("https://a.example.com"),
                hello("https://a.example.com"),
                hello("https://b.test"),
            ],
        }).map(({ origin }) => origin),
        ["https://b.test", "https://a.example.com"],
    );
});

test("the page of a request that nobody could read tells its code, and no more, to whoever frames it", () => {
    const expected = [{ data: { type: "inlay:error", code: "uri_too_long" }, origin: "*" }];
    assert.deepEqual(told({ code: "uri_too_long", portals: "*" }), expected);
    assert.deepEqual(
        told({
            code: "uri_too_long",
            portals: "*",
            ancestors: ["https://a.example.com"],
            referrer: "https://b.example/",
        }),
        expected,
    );
});

test("only the nearest ancestor is told", () => {
    assert.deepEqual(
        told({
            portals: "https://a.example.com",
            ancestors: ["https://middle.test", "https://a.example.com"],
        }),
        [],
    );
});

test("the page behind a renewal ends the session when a portal says so, and nobody else", () => {
    const listeners = [];
    const fetched = [];
    const parent = { postMessage() {} };
    runInNewContext(element("script"), {
        URL,
        window: { parent },
        location: { ancestorOrigins: ["https://a.example.com"] },
        document: {
            referrer: "",
            body: { dataset: { code: "renewed", portals: "https://*.example.com" } },
            querySelector: () => ({ textContent: "60 seconds are left." }),
        },
        addEventListener: (type, listener) => listeners.push([type, listener]),
        fetch: async (path, { method }) => void fetched.push(`${method} ${path}`),
    });
    const [[type, hear]] = listeners;
    const message = { source: parent, origin: "https://a.example.com", data: { type: "inlay:logout", v: 1 } };
    for (const change of [
        { source: {} },
        { origin: "https://evil.test" },
        { origin: "https://a.example.com.evil.test" },
        { origin: "null" },
        { data: null },
        { data: "inlay:logout" },
        { data: { type: "inlay:renewed" } },
    ]) {
        hear({ ...message, ...change });
    }
    assert.deepEqual([type, fetched], ["message", []]);
    hear(message);
    assert.deepEqual(fetched, ["POST /_inlay/logout"]);
});

test("a page without portals, or not in a frame, tells nobody", () => {
    assert.deepEqual(told({ portals: "" }), []);
    assert.deepEqual(told({ portals: "https://a.example.com", framed: false }), []);
});

test("a page without a message in its language tells its title", () => {
    const [{ data }] = told({ portals: "https://a.example.com", message: "" });
    assert.equal(data.message, "Your session has ended");
});

const { code: colorModule } = transformSync(readFileSync(new URL("color.ts", import.meta.url)), { loader: "ts" });
const { contrast, PAPERS, properties, shade } = await import(`data:text/javascript,${encodeURIComponent(colorModule)}`);

test("every color can be told from the paper, and read on, in both themes", () => {
    const parts = ["00", "1d", "33", "66", "80", "99", "cc", "ff"];
    assert.ok(Object.values(PAPERS).every((paper) => element("style").includes(`--paper: ${paper}`)));
    for (const color of parts.flatMap((r) => parts.flatMap((g) => parts.map((b) => `#${r}${g}${b}`)))) {
        const { "--on": on, "--light": light, "--dark": dark } = properties(color);
        assert.ok(contrast(light, PAPERS.light) >= 3, `${color} as ${light}`);
        assert.ok(contrast(dark, PAPERS.dark) >= 3, `${color} as ${dark}`);
        assert.ok(contrast(color, on.replace(/[0f]/g, "$&$&")) >= 4.5, `${on} on ${color}`);
    }
});

test("a color that can be told from the paper stays as it is", () => {
    assert.equal(shade("#0F6B5C", PAPERS.light), "#0f6b5c");
    assert.equal(shade("#ffee00", PAPERS.dark), "#ffee00");
    assert.equal(contrast("#000000", "#ffffff"), 21);
});

test("a page of a brand shows its color by its own script", () => {
    const set = {};
    const window = {};
    window.parent = window;
    runInNewContext(element("script"), {
        window,
        document: {
            body: { dataset: { color: "#ffee00" } },
            documentElement: { style: { setProperty: (name, value) => (set[name] = value) } },
        },
    });
    assert.deepEqual(set, properties("#ffee00"));
    assert.ok(Object.keys(set).every((name) => element("style").includes(`var(${name}`)));
});
test("an app's own first page is shown again by Back, by a reload, and where people come back from elsewhere, unless another app had led there", () => {
    const done = (type, state, { code = "app_sibling", referrer = "" } = {}) => {
        const acts = [];
        const window = {};
        window.parent = { postMessage: () => acts.push("tells") };
        runInNewContext(element("script"), {
            URL,
            window,
            addEventListener() {},
            performance: { getEntriesByType: () => [{ type }] },
            history: { state, replaceState: (marked) => acts.push(`marks ${marked}`) },
            location: {
                origin: "https://label.apps.example",
                host: "label.apps.example",
                pathname: "//evil.test/",
                search: "?a",
                ancestorOrigins: ["https://a.example.com"],
                reload: () => acts.push("reloads"),
                replace: (url) => acts.push(`goes to ${url}`),
            },
            document: {
                referrer,
                body: { dataset: { code, portals: "https://a.example.com" } },
                querySelector: () => ({ textContent: "Another app has led here." }),
            },
        });
        return acts;
    };
    assert.deepEqual(done("back_forward", { page: 1 }), ["reloads"]);
    assert.deepEqual(done("reload", null), ["goes to https://label.apps.example//evil.test/?a"]);
    assert.deepEqual(done("navigate", null), ["marks app_sibling", "tells"]);
    assert.deepEqual(done("back_forward", "app_sibling"), ["tells"]);
    assert.deepEqual(done("reload", "app_sibling"), ["tells"]);
    assert.deepEqual(done("back_forward", null, { code: "session_ended" }), ["tells"]);
    for (const referrer of ["https://sign-in.example/", "https://evil.example/apps.example"]) {
        assert.deepEqual(done("navigate", null, { referrer }), ["reloads"]);
    }
    for (const referrer of ["https://evil.apps.example/", "about:blank", "file:///x"]) {
        assert.deepEqual(done("navigate", null, { referrer }), ["marks app_sibling", "tells"]);
    }
});
