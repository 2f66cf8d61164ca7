// Inside src/gate, calls go one way. CONTRIBUTING.md has the order of its files; this holds includes and calls
// against it, and the lengths of files and functions against what one reads comfortably.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import test from "node:test";

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const folder = path.join(root, "src/gate");

const functionLinesMax = 80;
const fileLinesMax = 700;

// The names in backticks of the table's second column, in their order: "conf", "door/link".
function orderIn(text) {
    const section = text.split(/^### Inside `src\/gate`$/m)[1]?.split(/^##/m)[0] ?? "";
    const rows = section.split("\n").filter((line) => /^\| (?!layer|---)/.test(line));
    return rows.flatMap((row) => [...row.split("|")[2].matchAll(/`([^`]+)`/g)].map((match) => match[1]));
}

function filesBelow(top, inside = "") {
    return fs.readdirSync(path.join(top, inside), { withFileTypes: true }).flatMap((entry) => {
        const name = path.posix.join(inside, entry.name);
        return entry.isDirectory() ? filesBelow(top, name) : /\.[ch]$/.test(name) ? [name] : [];
    });
}

function sources() {
    return Object.fromEntries(
        filesBelow(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]),
    );
}

// Comments and texts name functions without calling them.
function withoutWords(text) {
    return text.replace(/\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"/g, (match) => match.replace(/[^\n]/g, " "));
}

const unitOf = (file) => file.replace(/\.[ch]$/, "");

// A function's name starts its line, the line before has its type, and "}" alone ends it.
function functionsIn(text) {
    const lines = withoutWords(text).split("\n");
    const found = [];
    for (let i = 1; i < lines.length; i++) {
        const name = lines[i].match(/^(\w+)\(/)?.[1];
        if (!name) continue;
        const begin = lines.findIndex((line, at) => at >= i && /^[{}]|;$/.test(line));
        if (begin < 0 || lines[begin] !== "{") continue;
        const end = lines.findIndex((line, at) => at > begin && line === "}");
        found.push({ name, isStatic: /^static\b/.test(lines[i - 1]), lines: end - i + 2 });
    }
    return found;
}

// What is wrong, one sentence each.
function breaches(order, files) {
    const wrong = [];
    const place = new Map(order.map((unit, index) => [unit, index]));
    const units = new Set(Object.keys(files).map(unitOf));

    for (const unit of units) {
        if (!place.has(unit)) wrong.push(`${unit} is not in the table`);
    }
    for (const unit of order) {
        if (!units.has(unit)) wrong.push(`${unit} is in the table, but not in src/gate`);
    }
    if (place.size !== order.length) wrong.push("the table names a file twice");

    const owners = new Map();
    for (const [file, text] of Object.entries(files)) {
        for (const { name, isStatic } of functionsIn(text)) {
            if (!isStatic || file.endsWith(".h")) owners.set(name, unitOf(file));
        }
    }

    for (const [file, text] of Object.entries(files)) {
        const unit = unitOf(file);
        const isAbove = (other) => other !== undefined && other !== unit && !(place.get(other) < place.get(unit));

        for (const [, included] of text.matchAll(/^#include "gate\/([^"]+)\.h"$/gm)) {
            if (isAbove(included)) wrong.push(`${file} includes gate/${included}.h, which stands above it`);
        }
        for (const name of new Set(withoutWords(text).match(/\binlay_\w+/g) ?? [])) {
            if (isAbove(owners.get(name)))
                wrong.push(`${file} uses ${name}() of ${owners.get(name)}, which stands above it`);
        }
    }
    return wrong;
}

test("in src/gate a file includes and calls only files that stand before it in the table of CONTRIBUTING.md", () => {
    const order = orderIn(fs.readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8"));
    assert.ok(order.length > 20, "the table was found");
    assert.deepEqual(breaches(order, sources()), []);
});

test("a call and an include that go upwards are found, and a file that is not in the table", () => {
    const low = '#include "gate/low.h"\n\n\nvoid\ninlay_low(void)\n{\n}\n';
    const high = '#include "gate/low.h"\n\n\nvoid\ninlay_high(void)\n{\n    inlay_low();\n}\n';
    const order = ["low", "door/high"];

    assert.deepEqual(breaches(order, { "low.h": "", "low.c": low, "door/high.c": high }), []);
    assert.deepEqual(breaches(order, { "low.c": low.replace("{\n", "{\n    inlay_high();\n"), "door/high.c": high }), [
        "low.c uses inlay_high() of door/high, which stands above it",
    ]);
    assert.deepEqual(breaches(order, { "low.c": `#include "gate/door/high.h"\n${low}`, "door/high.c": high }), [
        "low.c includes gate/door/high.h, which stands above it",
    ]);
    assert.deepEqual(breaches(order, { "low.c": `/* inlay_high() "calls" us */\n${low}`, "door/high.c": high }), []);
    assert.deepEqual(breaches(["low"], { "low.c": low, "door/high.c": high })[0], "door/high is not in the table");
    assert.deepEqual(breaches([...order, "gone"], { "low.c": low, "door/high.c": high }), [
        "gone is in the table, but not in src/gate",
    ]);
});

test(`in src/gate no function is longer than ${functionLinesMax} lines, and no file longer than ${fileLinesMax}`, () => {
    const long = [];
    let count = 0;
    for (const [file, text] of Object.entries(sources())) {
        if (text.split("\n").length > fileLinesMax) long.push(file);
        for (const { name, lines } of functionsIn(text)) {
            count++;
            if (lines > functionLinesMax) long.push(`${file}: ${name}() has ${lines} lines`);
        }
    }
    assert.ok(count > 200, "functions were found");
    assert.deepEqual(long, []);
});
