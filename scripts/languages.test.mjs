// Holds src/base/languages against the texts of the error page: every one of them in every language.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { readCodes, readEvents, root, rows } from "./codes.mjs";

const texts = new Set([
    ...readCodes()
        .filter(({ kind }) => kind === "PAGE")
        .flatMap(({ title, hint }) => [title, hint]),
    ...readEvents().ends.map(({ message }) => message),
    "Your session has ended.", // src/entry/session.c, for a reason of a newer release
    "Try again", // src/http/page.c
]);

const folder = "src/base/languages";
const files = fs.readdirSync(path.join(root, folder));

describe("the languages of Inlay's own pages", () => {
    test("are German, Spanish, French, Japanese and Portuguese, besides English", () => {
        assert.deepEqual(files, ["de.def", "es.def", "fr.def", "ja.def", "pt.def"]);
    });

    for (const file of files) {
        const sayings = rows(`${folder}/${file}`);
        const english = sayings.map(([, text]) => text);

        test(`${file} has each text of the pages once, and no other`, () => {
            assert.deepEqual(
                [...texts].filter((text) => !english.includes(text)),
                [],
                "missing",
            );
            assert.deepEqual(
                english.filter((text) => !texts.has(text)),
                [],
                "not on a page any more",
            );
            assert.equal(new Set(english).size, english.length, "a text has two rows");
        });

        test(`${file} translates, and ends sentences where English does`, () => {
            for (const [macro, text, other, ...more] of sayings) {
                assert.deepEqual([macro, more], ["SAY", []], text);
                assert.ok(other.trim() === other && other !== "" && other !== text, text);
                assert.equal(/[.。]$/.test(other), text.endsWith("."), other);
                for (const name of text.match(/\w+_url|https?:\/\/|iframe/g) ?? []) {
                    assert.ok(other.includes(name), `${other} lacks ${name}`);
                }
            }
        });
    }
});
