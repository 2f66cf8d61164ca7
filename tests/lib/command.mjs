// Runs the inlay command, and looks at what it prints, where, and with which exit code.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { freshFolder, run } from "./server.mjs";

export const exit = { done: 0, refused: 1, usage: 2, notFound: 3, notAllowed: 4, unreachable: 5, local: 6 };

/** Runs it and requires an exit code. */
export async function expect(code, words, options) {
    const result = await run(words, options);
    assert.equal(result.code, code, `inlay ${words.join(" ")}\n${result.stdout}${result.stderr}`);
    return result;
}

/** Runs body with a folder of its own, in which these files are: {"dist/index.html": "…"}. */
export async function withFolder(files, body) {
    const folder = freshFolder();
    try {
        for (const [name, content] of Object.entries(files)) {
            const file = path.join(folder, name);
            fs.mkdirSync(path.dirname(file), { recursive: true });
            fs.writeFileSync(file, content);
        }
        await body(folder);
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}
