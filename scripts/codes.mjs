// What src/base/codes.def, events.def and src/http/response_headers.def are made into: enums and tables of docs/, and the
// console's texts.
//
//     node scripts/codes.mjs docs        writes the generated parts of docs/openapi.yaml, life-of-a-link.md and upstream.md
//     node scripts/codes.mjs console     prints web/console/src/api/codes.ts
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

const read = (file) => fs.readFileSync(path.join(root, file), "utf8");

/** The rows of a .def file: [macro, ...arguments], literals without their quotes and put together. */
export function rows(file) {
    const text = read(file).replaceAll(/\/\*.*?\*\//gs, "");
    const row = /^([A-Z]+)\(((?:"(?:[^"\\]|\\.)*"|[^")])*)\)$/gm;
    const rest = text.replaceAll(row, "").trim();
    if (rest !== "") {
        throw new Error(`${file}: this is no row: ${rest.slice(0, 200)}`);
    }
    return [...text.matchAll(row)].map(([, macro, list]) => [
        macro,
        ...[...list.matchAll(/((?:"(?:[^"\\]|\\.)*"\s*)+)|([^\s,"]+)/g)].map(([, literals, word]) =>
            literals === undefined
                ? word
                : [...literals.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => JSON.parse(`"${part}"`)).join(""),
        ),
    ]);
}

/** The usual statuses of errors, as src/base/codes.c has them. */
const STATUSES = Object.fromEntries(
    [...read("src/base/codes.c").matchAll(/\[(ERR_\w+)\] = (\d+)/g)].map(([, err, status]) => [err, Number(status)]),
);

/**
 * Every code: { code, kind: "PAGE" | "CODE" | "LOCAL", errs, statuses, label, meaning, title, hint }. Of codes that are
 * never sent, only the first three.
 */
export function readCodes() {
    const codes = [];
    for (const [kind, code, err, status, label, meaning, title, hint] of rows("src/base/codes.def")) {
        if (kind === "ALSO") {
            const row = codes.at(-1);
            if (row?.code !== code) {
                throw new Error(`codes.def: ALSO(${code}, …) does not follow its row`);
            }
            row.errs.push(err);
            row.statuses.push(STATUSES[err]);
        } else {
            codes.push({
                ...{ code, kind, errs: [err], statuses: [Number(status) || STATUSES[err]] },
                ...{ label, meaning, title, hint },
            });
        }
    }
    return codes;
}

/** { events: [{ type, label }], ends: [{ reason, label, message }] } */
export function readEvents() {
    const all = rows("src/base/events.def");
    const of = (macro) => all.filter(([name]) => name === macro);
    return {
        events: of("EVENT").map(([, type, label]) => ({ type, label })),
        ends: of("END").map(([, reason, label, message]) => ({ reason, label, message })),
    };
}

const codes = readCodes();
const { events, ends } = readEvents();
const sent = codes.filter(({ kind }) => kind !== "LOCAL");

// ---- docs ----

/** Rows of a table, sorted by status and code. */
const table = (list, row) =>
    [...list].sort((a, b) => a.statuses[0] - b.statuses[0] || (a.code < b.code ? -1 : 1)).map(row);

/** The lines of an enum in YAML, at most 120 columns wide. */
function yamlEnum(indent, words) {
    const lines = [];
    for (const word of words) {
        const last = lines.at(-1);
        if (last !== undefined && last.length + word.length + 2 <= 118) {
            lines[lines.length - 1] = `${last} ${word},`;
        } else {
            lines.push(`${indent}  ${word},`);
        }
    }
    return [`${indent}enum: [`, ...lines, `${indent}]`];
}

/** Puts lines between the marks "make docs: NAME" and "make docs: end". */
function put(text, name, lines) {
    const marked = new RegExp(`(make docs: ${name}[^\\n]*\\n)(.*?)(\\n[^\\n]*make docs: end)`, "s");
    if (!marked.test(text)) {
        throw new Error(`no part "make docs: ${name}"`);
    }
    return text.replace(marked, (_, start, before, end) => start + lines.join("\n") + end);
}

/** What becomes of response headers: a line for each one that is rewritten, and for each reason. */
function headerTable() {
    const all = rows("src/http/response_headers.def");
    const code = (name) => `\`${name}\``;
    const because = (macro, verb) =>
        all
            .filter(([name]) => name === "REASON")
            .map(([, id, text]) => [all.filter(([name, , reason]) => name === macro && reason === id), text])
            .filter(([list]) => list.length > 0)
            .map(([list, text]) => `| ${list.map(([, name]) => code(name)).join(", ")} | ${verb}: ${text} |`);
    return [
        "",
        "| header | what happens |",
        "| --- | --- |",
        ...because("DROP", "dropped"),
        ...all.filter(([name]) => name === "REWRITE").map(([, name, , text]) => `| ${code(name)} | ${text} |`),
        ...because("KEEP", "kept"),
        "",
    ];
}

/** The documents as they have to be: { file: text } */
export function documents() {
    const openapi = [
        [
            "errors",
            [
                "",
                "    | status | code | when |",
                "    | --- | --- | --- |",
                ...table(
                    sent,
                    ({ statuses, code, meaning }) => `    | ${statuses.join(", ")} | \`${code}\` | ${meaning} |`,
                ),
                "",
            ],
        ],
        [
            "enums",
            [
                "    Code:",
                "      type: string",
                "      description: What an error is; the table above has all. New ones may come.",
                ...yamlEnum(
                    "      ",
                    sent.map(({ code }) => code),
                ),
                "    EventType:",
                "      type: string",
                ...yamlEnum(
                    "      ",
                    events.map(({ type }) => type),
                ),
                "    EndReason:",
                "      type: [string, 'null']",
                ...yamlEnum("      ", [...ends.map(({ reason }) => reason), "null"]),
            ],
        ],
    ].reduce((text, [name, lines]) => put(text, name, lines), read("docs/openapi.yaml"));
    const pages = codes.filter(({ kind }) => kind === "PAGE");
    const life = put(read("docs/life-of-a-link.md"), "codes", [
        "",
        "| code | status | when |",
        "| --- | --- | --- |",
        ...table(pages, ({ code, statuses, meaning }) => `| \`${code}\` | ${statuses.join(", ")} | ${meaning} |`),
        "",
    ]);
    const upstream = put(read("docs/upstream.md"), "response headers", headerTable());
    return { "docs/openapi.yaml": openapi, "docs/life-of-a-link.md": life, "docs/upstream.md": upstream };
}

// ---- the console ----

const plain = (text) => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");

function consoleTexts() {
    const object = (list) => JSON.stringify(Object.fromEntries(list), null, 4);
    return [
        "// Made by scripts/codes.mjs from src/base/codes.def and events.def.",
        "",
        `export const CODES: Record<string, { label: string; meaning: string }> = ${object(
            sent.map(({ code, label, meaning }) => [code, { label, meaning: plain(meaning) }]),
        )};`,
        "",
        `export const EVENTS = ${object(events.map(({ type, label }) => [type, label]))};`,
        "",
        `export const ENDS = ${object(ends.map(({ reason, label }) => [reason, label]))};`,
        "",
    ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [what] = process.argv.slice(2);
    if (what === "docs") {
        for (const [file, text] of Object.entries(documents())) {
            fs.writeFileSync(path.join(root, file), text);
        }
    } else if (what === "console") {
        process.stdout.write(consoleTexts());
    } else {
        throw new Error('say what: "docs" or "console"');
    }
}
