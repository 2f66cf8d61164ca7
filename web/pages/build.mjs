// Writes the error page as one C header: node build.mjs <path of the header>
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { build, transform } from "esbuild";

/** What page.html leaves open. {{name}} stands for a text; what is between {{?name}} and {{/}} is there if it has one. */
const FIELDS = [
    ...["lang", "theme", "title", "message", "hint", "again", "code", "request_id", "portals"],
    ...["color", "name", "logo", "support"],
];

/** C17 5.2.4.1: no compiler has to take a longer string literal. */
const LITERAL_MAX_BYTES = 4095;

const source = (name) => fileURLToPath(new URL(name, import.meta.url));

async function minifiedScript() {
    const { outputFiles } = await build({
        entryPoints: [source("page.ts")],
        bundle: true,
        minify: true,
        format: "iife",
        target: "es2022",
        write: false,
        charset: "ascii",
    });
    return outputFiles[0].text.trim();
}

async function minifiedStyle() {
    const css = await readFile(source("page.css"), "utf8");
    return (await transform(css, { loader: "css", minify: true })).code.trim();
}

/** Enough for a page of ours: no `pre`, and words never touch a line break that matters. */
function minifiedMarkup(html) {
    return html
        .replace(/>\s+</g, "><")
        .replace(/\s*\n\s*/g, "")
        .replace(/ \/>/g, "/>");
}

function cspHash(text) {
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function put(html, marker, text) {
    const [before, after, ...more] = html.split(marker);
    if (after === undefined || more.length > 0) {
        throw new Error(`page.html must hold ${marker} exactly once`);
    }
    if (/<\/|\{\{/.test(text)) {
        throw new Error(`${marker} would end its element or be taken for a placeholder`);
    }
    return before + text + after;
}

export async function errorPage() {
    const [script, style, html] = await Promise.all([
        minifiedScript(),
        minifiedStyle(),
        readFile(source("page.html"), "utf8"),
    ]);
    const template = put(put(minifiedMarkup(html), "/* page.css */", style), "/* page.ts */", script);
    const csp = [
        "default-src 'none'",
        "connect-src 'self'",
        "img-src 'self'",
        `style-src ${cspHash(style)}`,
        `script-src ${cspHash(script)}`,
        "base-uri 'none'",
        "form-action 'none'",
    ].join("; ");

    const used = new Set([...template.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]));
    if (used.size !== FIELDS.length || FIELDS.some((field) => !used.has(field))) {
        throw new Error(`page.html must use exactly the placeholders ${FIELDS.join(", ")}`);
    }
    return { template, csp, pieces: pieces(template) };
}

/** The page in pieces: each a text, then a field; both only when another field isn't empty, if `when` names one. */
function pieces(template) {
    const all = [];
    let when = "";
    let text = "";
    for (const [, words, mark, name] of template.matchAll(/(.*?)(?:\{\{([?/]?)(\w*)\}\}|$)/gs)) {
        text += words;
        if (Buffer.byteLength(text) > LITERAL_MAX_BYTES) {
            throw new Error(`a piece of the page has ${Buffer.byteLength(text)} bytes, more than ${LITERAL_MAX_BYTES}`);
        }
        const field = mark === "" ? (name ?? "") : "";
        if (field !== "" || text !== "") {
            all.push({ when, text, field });
            text = "";
        }
        when = mark === "?" ? name : mark === "/" ? "" : when;
    }
    return all;
}

function literal(text) {
    if (/[^\x20-\x7e]/.test(text)) {
        throw new Error("the page must be printable ASCII");
    }
    return `"${text.replace(/[\\"]/g, "\\$&").replace(/\?\?/g, '?""?')}"`;
}

const constant = (field) => `PAGE_FIELD_${(field || "none").toUpperCase()}`;

function header({ csp, pieces }) {
    return `/* Written by web/pages/build.mjs. The page shown where an app cannot be, in pieces: a text, and a
 * field, which is HTML-escaped; both are left out if \`when\` names a field that is empty.
 * portals is the app's list of portal origins, separated by spaces. */
#pragma once

#define ERROR_PAGE_CSP ${literal(csp)}

enum page_field {
${["none", ...FIELDS, "count"].map((field) => `    ${constant(field)},`).join("\n")}
};

#define ERROR_PAGE_PIECES(PIECE) \\
${pieces.map(({ when, text, field }) => `    PIECE(${constant(when)}, ${literal(text)}, ${constant(field)})`).join(" \\\n")}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const path = process.argv[2];
    if (path === undefined) {
        console.error("usage: node build.mjs <path of the header>");
        process.exit(2);
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, header(await errorPage()));
}
