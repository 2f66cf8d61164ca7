// Writes the scripts of service workers as one C header: node build.mjs <path of the header>
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {"guard" | "leave"} name */
export async function workerScript(name) {
    const { outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2022",
        charset: "ascii",
        write: false,
    });
    // In front of a script of the app, the directive would be that of the whole script.
    return outputFiles[0].text.trim().replace(/^"use strict";/, "");
}

function bytes(name, text) {
    const numbers = [...Buffer.from(text)].map((byte, at) => (at % 24 === 0 ? `\n    ${byte}` : byte)).join(",");
    return `static const char ${name}[] = {${numbers}\n};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const file = process.argv[2];
    if (file === undefined) {
        console.error("usage: node build.mjs <path of the header>");
        process.exit(2);
    }
    const guard = await workerScript("guard");
    const leave = await workerScript("leave");
    const etag = createHash("sha256").update(guard).digest("hex").slice(0, 16);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(
        file,
        `/* Written by web/worker/build.mjs. The guard is also /_inlay/worker.js. */
#pragma once

#define WORKER_GUARD_ETAG "\\"${etag}\\""

${bytes("worker_guard", guard)}
${bytes("worker_leave", leave)}`,
    );
}
