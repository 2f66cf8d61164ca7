import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { transform } from "esbuild";

const typescript = await readFile(new URL("portals.ts", import.meta.url), "utf8");
const { code } = await transform(typescript, { loader: "ts", format: "esm" });
const { audience, matches } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const PORTALS = "https://portal.example.com http://localhost:5173 https://*.example.org";

test("an exact entry matches only itself", () => {
    assert.ok(matches("https://portal.example.com", "https://portal.example.com"));
    assert.ok(!matches("https://portal.example.com", "http://portal.example.com"));
    assert.ok(!matches("https://portal.example.com", "https://portal.example.com:8443"));
    assert.ok(!matches("https://portal.example.com", "https://portal.example.com.evil.test"));
});

test("a wildcard matches subdomains of any depth, with the same scheme and port", () => {
    assert.ok(matches("https://*.example.org", "https://a.example.org"));
    assert.ok(matches("https://*.example.org", "https://a.b.example.org"));
    assert.ok(matches("https://*.example.org:8443", "https://a.example.org:8443"));
    assert.ok(!matches("https://*.example.org", "http://a.example.org"));
    assert.ok(!matches("https://*.example.org", "https://a.example.org:8443"));
});

test("a wildcard matches neither the bare domain nor a domain that only ends alike", () => {
    assert.ok(!matches("https://*.example.org", "https://example.org"));
    assert.ok(!matches("https://*.example.org", "https://.example.org"));
    assert.ok(!matches("https://*.example.org", "https://evilexample.org"));
});

test("a bare wildcard matches nothing", () => {
    assert.ok(!matches("*", "https://a.example.org"));
    assert.ok(!matches("https://*.", "https://a.example.org"));
    assert.ok(!matches("https://*", "https://a.example.org"));
});

test("a parent that the browser names is addressed alone", () => {
    assert.deepEqual(audience(PORTALS, "http://localhost:5173", ""), ["http://localhost:5173"]);
    assert.deepEqual(audience(PORTALS, "https://a.example.org", ""), ["https://a.example.org"]);
});

test("a parent that is not on the list hears nothing", () => {
    assert.deepEqual(audience(PORTALS, "https://evil.test", ""), []);
    assert.deepEqual(audience(PORTALS, "https://evil.test", "https://a.example.org/"), []);
    assert.deepEqual(audience(PORTALS, "null", ""), []);
    assert.deepEqual(audience("", "https://evil.test", ""), []);
});

test("without a named parent every exact portal is addressed", () => {
    assert.deepEqual(audience(PORTALS, undefined, ""), ["https://portal.example.com", "http://localhost:5173"]);
});

test("without a named parent the referrer's origin stands in for a wildcard", () => {
    assert.deepEqual(audience("https://*.example.org", undefined, "https://a.example.org/x?y"), [
        "https://a.example.org",
    ]);
    assert.deepEqual(audience("https://*.example.org", undefined, "https://evil.test/"), []);
    assert.deepEqual(audience("https://*.example.org", undefined, "about:blank"), []);
});

test("an origin is addressed once", () => {
    assert.deepEqual(audience("https://a.example.org https://*.example.org", undefined, "https://a.example.org/"), [
        "https://a.example.org",
    ]);
});
