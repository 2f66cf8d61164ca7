// Builds the package in the current folder: dist/index.js, its types, and dist/NAME.iife.js for script tags.
//     node ../build.mjs            the package
//     node sdk/build.mjs HEADER    /_inlay/app.js, as a C header
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export async function bundle(folder, options = {}) {
    const { outputFiles } = await build({
        entryPoints: [path.join(folder, "src/index.ts")],
        bundle: true,
        minify: true,
        format: "esm",
        target: "es2022",
        charset: "ascii",
        packages: "external",
        tsconfigRaw: "{}", // its paths lead to sources of other packages
        write: false,
        ...options,
    });
    return outputFiles[0].text;
}

async function buildPackage(folder) {
    const { name } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const short = name.replace("@inlay/", "");
    const dist = path.join(folder, "dist");
    await rm(dist, { recursive: true, force: true });
    // Types of what is shared stay behind: no type of a package's own is made of them.
    const types = path.join(folder, "types");
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", "..", "--outDir", types];
    execFileSync(process.execPath, [tsc, ...flags], { cwd: folder, stdio: "inherit" });
    await rename(path.join(types, short, "src"), dist);
    await rm(types, { recursive: true });
    await copyFile(fileURLToPath(new URL("../LICENSE", import.meta.url)), path.join(dist, "LICENSE"));
    await writeFile(path.join(dist, "index.js"), await bundle(folder));
    if (short === "embed") {
        const script = await bundle(folder, { format: "iife", globalName: "inlay" });
        await writeFile(path.join(dist, `${short}.iife.js`), script);
    }
}

async function writeHeader(file) {
    const script = Buffer.from(await bundle(fileURLToPath(new URL("app", import.meta.url))));
    const bytes = [...script].map((byte, at) => (at % 24 === 0 ? `\n    ${byte}` : byte)).join(",");
    const etag = createHash("sha256").update(script).digest("hex").slice(0, 16);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(
        file,
        `/* Written by sdk/build.mjs. /_inlay/app.js. */
#pragma once

#define APP_JS_ETAG "\\"${etag}\\""

static const unsigned char app_js[] = {${bytes}
};
`,
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await (process.argv[2] === undefined ? buildPackage(process.cwd()) : writeHeader(process.argv[2]));
}
