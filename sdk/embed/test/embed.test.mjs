// @inlay/embed: its size, and that a server may import it. What it does is tested in a browser.
import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle } from "../../build.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("the package is small", async () => {
    const size = gzipSync(await bundle(folder), { level: 9 }).length;
    assert.ok(size <= 6656, `${size} bytes gzipped`);
});

test("a server that renders pages may import it", async () => {
    const text = await bundle(folder);
    const { embed, InlayEmbed } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
    assert.deepEqual([typeof embed, typeof InlayEmbed], ["function", "function"]);
});
