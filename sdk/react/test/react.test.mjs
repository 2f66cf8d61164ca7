// @inlay/react: its size, and that a server renders it. What it does is tested in a browser.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { bundle } from "../../build.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("the package is small, and brings neither React nor the rest of the SDK", async () => {
    const text = await bundle(folder);
    const size = gzipSync(text, { level: 9 }).length;
    assert.ok(size <= 1024, `${size} bytes gzipped`);
    assert.match(text, /^"use client";/);
    assert.deepEqual([...text.matchAll(/from"([^"]+)"/g)].map(([, name]) => name).sort(), ["@inlay/embed", "react"]);
});

test("a server renders a place for the app, and asks for no link", async () => {
    const page = `
        import { createElement } from "react";
        import { renderToString } from "react-dom/server";
        import { Inlay } from "./src/index.ts";
        export let asked = 0;
        export const html = renderToString(createElement(Inlay, { getUrl: () => asked++, className: "orders" }));`;
    const { outputFiles } = await build({
        stdin: { contents: page, resolveDir: folder },
        bundle: true,
        platform: "node",
        format: "cjs",
        write: false,
    });
    const module = { exports: {} };
    new Function("module", "exports", "require", outputFiles[0].text)(
        module,
        module.exports,
        createRequire(import.meta.url),
    );
    assert.deepEqual(
        [module.exports.html, module.exports.asked],
        ['<div class="orders" data-state="loading"></div>', 0],
    );
});
