// Holds src/http/response_headers.def against the names of header fields that are registered or known to browsers.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { root, rows } from "./codes.mjs";

/** IANA's "HTTP Field Name Registry", and what browsers know that isn't in it. */
const known = fs.readFileSync(path.join(root, "scripts/field-names.txt"), "utf8").trim().split("\n");
const table = rows("src/http/response_headers.def");
const names = table.filter(([macro]) => macro !== "REASON").map(([, name]) => name);
const reasons = table.filter(([macro]) => macro === "REASON").map(([, id]) => id);

const covers = (row, name) =>
    row.endsWith("*")
        ? name.toLowerCase().startsWith(row.slice(0, -1).toLowerCase())
        : name.toLowerCase() === row.toLowerCase();

describe("response headers", () => {
    test("each known name has one row, and one answer", () => {
        for (const name of known) {
            assert.equal(names.filter((row) => covers(row, name)).length, 1, name);
        }
    });

    test("each row stands for a known name", () => {
        for (const row of names) {
            assert.ok(
                known.some((name) => covers(row, name)),
                row,
            );
        }
    });

    test("each row has a reason, and each reason a row", () => {
        const used = table.filter(([macro]) => macro === "DROP" || macro === "KEEP").map(([, , reason]) => reason);
        assert.deepEqual([...new Set(used)].sort(), [...reasons].sort());
        for (const [macro, name, ...rest] of table) {
            assert.equal(rest.length, macro === "REWRITE" ? 2 : 1, name);
        }
    });
});
