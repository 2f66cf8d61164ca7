// Holds src against the borders that CONTRIBUTING.md draws: which folder may include which, and what stays in its place.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { root } from "./codes.mjs";

const FILES_MAX = 30; // C files of one folder of src
const LINES_MAX = 700; // of a C file

/** Headers that the build makes; they have no folder. */
const GENERATED = ["app_js.h", "worker_js.h", "error_page.h", "nginx_conf_in.h"];

/** What only files at some place may have. */
const KEPT = [
    { what: "nginx's headers", where: /^src\/gate\//, pattern: /#\s*include\s*[<"]ngx_/ },
    { what: "SQLite's header", where: /^src\/store\/sqlite\//, pattern: /#\s*include\s*[<"]sqlite3/ },
    {
        what: "SQL",
        where: /^src\/store\//,
        pattern: /"[^"\n]*\b(SELECT |INSERT INTO |UPDATE \w+ SET |DELETE FROM |CREATE (TABLE|INDEX) |PRAGMA )/,
    },
];

const withoutComments = (text) =>
    text.replaceAll(/\/\*.*?\*\/|"(?:[^"\\\n]|\\.)*"/gs, (part) =>
        part.startsWith('"') ? part : part.replaceAll(/[^\n]/g, " "),
    );

/**
 * The rows of the table in "Repository layout": a Map of each folder of src to the folders and single headers that it may
 * include. A cell of the last column lists them with commas; "apps, model and what they may include" also takes in what
 * these two may include, "all of the above but serve" is what it says, and nothing counts after a semicolon.
 */
function readTable(markdown) {
    const allowed = new Map();
    for (const [, folder, cell] of markdown.matchAll(/^\| `src\/(\w+)` \|[^|\n]*\| ([^|\n]*) \|$/gm)) {
        allowed.set(folder, readCell(cell.split(";")[0], allowed));
    }
    return allowed;
}

function readCell(cell, allowed) {
    const [, except] = /^all of the above but (\w+)$/.exec(cell) ?? [];
    if (except !== undefined) {
        assert.ok(allowed.has(except), `"${cell}" names no folder above it`);
        return new Set([...allowed.keys()].filter((folder) => folder !== except));
    }
    const names = new Set();
    for (const part of cell === "nothing of ours" ? [] : cell.split(", ")) {
        const [, name, inherits] = /^`?(\w+(?:\/\w+\.h)?)`?( and what (?:it|they) may include)?$/.exec(part) ?? [];
        assert.ok(
            name !== undefined && allowed.has(name.split("/")[0]),
            `"${part}" in "${cell}" names no folder above it`,
        );
        names.add(name);
        if (inherits !== undefined) {
            [...names].flatMap((other) => [...(allowed.get(other) ?? [])]).forEach((other) => names.add(other));
        }
    }
    return names;
}

/** [{ file, line, header }]: our own headers that the files include. */
function includesOf(files) {
    return Object.entries(files).flatMap(([file, text]) =>
        text.split("\n").flatMap((content, index) => {
            const [, header] = /^\s*#\s*include\s*"([^"]+)"/.exec(content) ?? [];
            return header === undefined ? [] : [{ file, line: index + 1, header }];
        }),
    );
}

const folderOf = (file) => file.split("/")[1];

function forbiddenIncludes(files, allowed) {
    return includesOf(files).flatMap(({ file, line, header }) => {
        const folder = folderOf(file);
        const other = header.split("/")[0];
        const where = `${file}:${line}: ${header}`;
        if (!allowed.has(folder)) {
            return [`${where}: src/${folder} is not in the table`];
        }
        if (!header.includes("/")) {
            return GENERATED.includes(header) ? [] : [`${where}: has no folder`];
        }
        const may = other === folder || allowed.get(folder).has(other) || allowed.get(folder).has(header);
        return may ? [] : [`${where}: ${folder} may not include ${other}`];
    });
}

/** Cycles between the folders of src, and between the folders in each of them. */
function cycles(files) {
    const edges = new Map();
    for (const { file, header } of includesOf(files)) {
        const from = path.dirname(file).split("/");
        const to = path.dirname(`src/${header}`).split("/");
        const depth = from.findIndex((part, index) => part !== to[index]);
        if (depth > 0 && depth < to.length) {
            const [one, other] = [from, to].map((parts) => parts.slice(0, depth + 1).join("/"));
            edges.set(one, (edges.get(one) ?? new Set()).add(other));
        }
    }
    const reaches = (from, goal, seen = new Set()) =>
        [...(edges.get(from) ?? [])].some(
            (next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))),
        );
    return [...edges.keys()]
        .filter((folder) => reaches(folder, folder))
        .map((folder) => `${folder} includes itself through others`);
}

function misplaced(files) {
    return Object.entries(files).flatMap(([file, raw]) => {
        const text = withoutComments(raw);
        return KEPT.filter(({ where, pattern }) => !where.test(file) && pattern.test(text)).map(
            ({ what, pattern }) => `${file}:${text.slice(0, text.search(pattern)).split("\n").length}: ${what}`,
        );
    });
}

function tooLarge(files) {
    const sources = Object.keys(files).filter((file) => file.endsWith(".c"));
    const folders = sources.filter((file) => file.startsWith("src/")).map((file) => path.dirname(file));
    return [
        ...[...new Set(folders)]
            .map((folder) => [folder, folders.filter((other) => other === folder).length])
            .filter(([, count]) => count > FILES_MAX)
            .map(([folder, count]) => `${folder}: ${count} C files`),
        ...sources
            .map((file) => [file, files[file].split("\n").length - 1])
            .filter(([, lines]) => lines > LINES_MAX)
            .map(([file, lines]) => `${file}: ${lines} lines`),
    ];
}

/** { path: text } of the C files below a folder. */
function read(folder) {
    const names = fs
        .readdirSync(path.join(root, folder), { recursive: true })
        .filter((name) => /\.(c|h|def)$/.test(name))
        .map((name) => path.join(folder, name));
    return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(root, name), "utf8")]));
}

describe("the borders in src", () => {
    const files = read("src");
    const allowed = readTable(fs.readFileSync(path.join(root, "CONTRIBUTING.md"), "utf8"));

    test("are drawn in CONTRIBUTING.md for every folder", () => {
        assert.deepEqual([...allowed.keys()].sort(), [...new Set(Object.keys(files).map(folderOf))].sort());
    });

    test("let a folder include those that the table names", () => {
        assert.ok(includesOf(files).length > 500);
        assert.deepEqual(forbiddenIncludes(files, allowed), []);
    });

    test("leave no cycle between folders", () => {
        assert.deepEqual(cycles(files), []);
    });

    test("keep nginx in src/gate, SQLite in src/store/sqlite, and SQL in src/store", () => {
        assert.deepEqual(misplaced(files), []);
    });

    test("keep folders and files small enough to read", () => {
        assert.deepEqual(tooLarge({ ...files, ...read("tests/unit") }), []);
    });
});

describe("the check of borders", () => {
    const table = [
        "| folder | holds | may include |",
        "| `src/base` | bytes | nothing of ours |",
        "| `src/store` | rows | base |",
        "| `src/model` | things | store, base |",
        "| `src/apps` | apps | model and what it may include |",
        "| `src/gate` | nginx | all of the above but apps |",
        "| `src/cli` | the command | `model/setup.h`, base; nothing else |",
        "| `web/pages` | pages | |",
    ].join("\n");
    const allowed = readTable(table);
    const include = (file, header) => forbiddenIncludes({ [file]: `/* x */\n#include "${header}"\n` }, allowed);

    test("reads the table", () => {
        assert.deepEqual(Object.fromEntries([...allowed].map(([folder, names]) => [folder, [...names]])), {
            base: [],
            store: ["base"],
            model: ["store", "base"],
            apps: ["model", "store", "base"],
            gate: ["base", "store", "model"],
            cli: ["model/setup.h", "base"],
        });
    });

    test("does not let a table pass that names a folder further down, or none", () => {
        for (const cell of ["cli", "somewhat", "all of the above but cli", "base and some"]) {
            assert.throws(() => readTable(`| \`src/base\` | x | nothing of ours |\n| \`src/x\` | x | ${cell} |`), cell);
        }
    });

    test("finds an include that the table does not allow", () => {
        assert.deepEqual(include("src/store/store.c", "model/user.h"), [
            "src/store/store.c:2: model/user.h: store may not include model",
        ]);
        assert.equal(include("src/gate/door/link.c", "apps/kind.h").length, 1);
        assert.equal(include("src/cli/main.c", "model/user.h").length, 1);
        assert.equal(include("src/new/file.c", "base/str.h").length, 1);
        assert.equal(include("src/base/str.c", "somewhere.h").length, 1);
    });

    test("lets pass what it allows", () => {
        assert.deepEqual(include("src/cli/main.c", "model/setup.h"), []);
        assert.deepEqual(include("src/apps/bundle/pack.c", "store/store.h"), []);
        assert.deepEqual(include("src/store/sqlite/sqlite.c", "store/store.h"), []);
        assert.deepEqual(include("src/gate/respond.c", "error_page.h"), []);
    });

    test("finds cycles between folders, and between folders in one", () => {
        const cycle = (from, to) => cycles({ [`src/${from}/a.c`]: `#include "${to}/b.h"\n`, ...backwards(from, to) });
        const backwards = (from, to) => ({ [`src/${to}/b.h`]: `#include "${from}/a.h"\n` });
        assert.equal(cycle("model", "entry").length, 2);
        assert.equal(cycle("apps/bundle", "apps/upstream").length, 2);
        assert.deepEqual(cycle("api", "api/v1"), []);
        assert.deepEqual(cycles({ "src/api/a.c": '#include "base/b.h"\n', "src/base/b.h": "" }), []);
    });

    test("finds what is not in its place", () => {
        assert.deepEqual(misplaced({ "src/api/x.c": "\n#include <ngx_http.h>\n" }), ["src/api/x.c:2: nginx's headers"]);
        assert.deepEqual(misplaced({ "src/store/x.c": "#include <sqlite3.h>\n" }), [
            "src/store/x.c:1: SQLite's header",
        ]);
        assert.deepEqual(misplaced({ "src/model/x.c": 'x = "SELECT 1";\n' }), ["src/model/x.c:1: SQL"]);
        assert.deepEqual(misplaced({ "src/model/x.c": '/* "SELECT 1" */ x("pick SELECTED rows");\n' }), []);
    });

    test("finds what is too large", () => {
        const many = Object.fromEntries([...Array(31).keys()].map((i) => [`src/x/${i}.c`, ""]));
        assert.deepEqual(tooLarge(many), ["src/x: 31 C files"]);
        assert.deepEqual(tooLarge({ "tests/unit/x.c": "\n".repeat(701) }), ["tests/unit/x.c: 701 lines"]);
        assert.deepEqual(tooLarge({ "src/x.c": "\n".repeat(700) }), []);
    });
});
