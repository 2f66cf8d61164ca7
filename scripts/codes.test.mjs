// Holds src/base/codes.def and events.def against the source code and against what is made from them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { documents, readCodes, readEvents, root } from "./codes.mjs";

/** Functions that take a code, an event's type or the reason of a session's end, and which argument that is. */
const TAKERS = {
    code: {
        fault_set: 2,
        fault_busy: 1,
        fault_member: 2,
        fault_limit: 2,
        query_refuse: 1,
        event_deny: 1,
        session_note_failure: 1,
        inlay_job_note_denial: 1,
        inlay_job_note_failure: 1,
    },
    event: { note: 1, environment_note: 1 },
    end: { session_end: 2, end_all: 2 },
};

/** Where code names them otherwise: a regular expression for the expression, whose literals all count. */
const PLACES = {
    code: [
        /\bfailure = ([^;]+);/g,
        /\bcode = ([^;]*"[a-z]+(?:_[a-z]+)+"[^;]*);/g,
        /\bconst char \*name = (code == json_[^;]+);/g,
        /\bcode, ("\w+")\) [=!]= 0/g,
        /\] = \{("\w+"), ERR_(?!OK)/g,
    ],
    event: [/\bstruct event\b[^;]*?\.type = ([^,};]+)[,};]/g, /\bevent\.type = ([^;]+);/g],
    end: [/\bend_reason = (?:STR\()?("[^;]+);/g],
};

/** Arguments that are no literals: their values come from one of the places above, or from another fault. */
const PASSED_ON = {
    code: /^(code|name|reason|note->reason|info->reason|const char \*\w+|(\w+->)*fault(->|\.)code)$/,
    event: /^(type|const char \*type)$/,
    end: /^(reason|const char \*reason|(\w+->)*view\.end_reason|decision_info\(verdict\.decision\)->reason)$/,
};

const withoutComments = (text) =>
    text.replaceAll(/\/\*.*?\*\/|"(?:[^"\\\n]|\\.)*"/gs, (part) =>
        part.startsWith('"') ? part : part.replaceAll(/[^\n]/g, " "),
    );

/** The arguments of a call; start is where they begin. */
function argumentsAt(text, start) {
    const list = [""];
    const token = /"(?:[^"\\]|\\.)*"|[()]|,|[^"(),]+/gy;
    token.lastIndex = start;
    for (let depth = 1, match; (match = token.exec(text)) !== null;) {
        depth += match[0] === "(" ? 1 : match[0] === ")" ? -1 : 0;
        if (depth === 0) {
            break;
        }
        if (match[0] === "," && depth === 1) {
            list.push("");
        } else {
            list[list.length - 1] += match[0];
        }
    }
    return list.map((argument) => argument.replaceAll(/\s+/g, " ").trim());
}

const literals = (text) => [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, literal]) => literal);

/** All uses in { name: text }: [{ kind, value, err, where }], and what could not be understood. */
function scan(files) {
    const uses = [];
    const unclear = [];
    for (const [file, raw] of Object.entries(files)) {
        const text = withoutComments(raw);
        const where = (index) => `${file}:${text.slice(0, index).split("\n").length}`;
        for (const [kind, takers] of Object.entries(TAKERS)) {
            for (const { 0: call, 1: name, index } of text.matchAll(/\b(\w+)\(/g)) {
                const position = Object.hasOwn(takers, name) ? takers[name] : undefined;
                const given = position === undefined ? undefined : argumentsAt(text, index + call.length);
                if (given === undefined || given.length <= position) {
                    continue;
                }
                const value = given[position];
                const found = literals(value);
                if (found.length === 0 && !PASSED_ON[kind].test(value)) {
                    unclear.push(`${where(index)}: ${name}(… ${value} …)`);
                }
                const err = kind === "code" && /^ERR_\w+$/.test(given[1]) ? given[1] : undefined;
                uses.push(...found.map((literal) => ({ kind, value: literal, err, where: where(index) })));
            }
        }
        for (const [kind, places] of Object.entries(PLACES)) {
            for (const { 1: expression, index } of places.flatMap((place) => [...text.matchAll(place)])) {
                uses.push(...literals(expression).map((value) => ({ kind, value, where: where(index) })));
            }
        }
    }
    return { uses, unclear };
}

function sources() {
    const names = fs
        .readdirSync(path.join(root, "src"), { recursive: true })
        .filter((name) => /\.[ch]$/.test(name))
        .map((name) => path.join("src", name));
    return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(root, name), "utf8")]));
}

const codes = readCodes();
const { events, ends } = readEvents();
const known = {
    code: new Set(codes.map(({ code }) => code)),
    event: new Set(events.map(({ type }) => type)),
    end: new Set(ends.map(({ reason }) => reason)),
};

/** What is wrong with the uses, a line for each. */
const unknown = ({ uses, unclear }) => [
    ...unclear,
    ...uses
        .filter(({ kind, value }) => value !== "" && !known[kind].has(value))
        .map(({ kind, value, where }) => `${where}: "${value}" is no row (${kind})`),
];

describe("codes.def and events.def", () => {
    const found = scan(sources());

    test("have a row for every code, event type and end of a session in src", () => {
        assert.deepEqual(unknown(found), []);
        assert.ok(found.uses.length > 300, `only ${found.uses.length} uses were found`);
    });

    test("have no row that nothing in src uses", () => {
        const used = (kind) => new Set(found.uses.filter((use) => use.kind === kind).map(({ value }) => value));
        const unused = (kind, also = []) =>
            [...known[kind]].filter((value) => !used(kind).has(value) && !also.includes(value));
        assert.deepEqual(unused("code"), []);
        assert.deepEqual(unused("event"), []);
        // A decision that says no ends a session with its reason.
        const decisions = scan({ "src/entry/decision.c": sources()["src/entry/decision.c"] });
        assert.deepEqual(
            unused(
                "end",
                decisions.uses.map(({ value }) => value),
            ),
            [],
        );
    });

    test("give each code the errors that src gives it", () => {
        const errs = new Map(codes.map(({ code, errs }) => [code, errs]));
        const wrong = found.uses.filter(
            ({ kind, value, err }) =>
                kind === "code" && err !== undefined && value !== "" && !errs.get(value)?.includes(err),
        );
        assert.deepEqual(
            wrong.map(({ value, err, where }) => `${where}: ${value} with ${err}`),
            [],
        );
    });

    test("are sorted and have each row once", () => {
        for (const list of [
            codes.map(({ code }) => code),
            events.map(({ type }) => type),
            ends.map(({ reason }) => reason),
        ]) {
            assert.deepEqual(list, [...new Set(list)].sort());
        }
    });

    test("have a label for every reason that an event can have", () => {
        const denials = ["ERR_UNAUTHENTICATED", "ERR_DENIED", "ERR_LIMITED"];
        const without = codes.filter(
            ({ code, kind, errs, label }) =>
                kind !== "LOCAL" &&
                label === "" &&
                (errs.some((err) => denials.includes(err)) || /^upstream_/.test(code)),
        );
        assert.deepEqual(without, []);
    });

    test("have texts in all columns", () => {
        for (const { code, kind, meaning, title, hint } of codes) {
            assert.ok(kind === "LOCAL" || meaning.endsWith("."), `${code}: ${meaning}`);
            assert.ok(kind !== "PAGE" || (/[^.]$/.test(title) && hint.endsWith(".")), `${code}: ${title} ${hint}`);
        }
        for (const { label, message = "." } of [...events, ...ends]) {
            assert.ok(/[^.]$/.test(label) && message.endsWith("."), label);
        }
    });

    test("are in docs/ as they are; otherwise run: make docs", () => {
        for (const [file, text] of Object.entries(documents())) {
            assert.ok(fs.readFileSync(path.join(root, file), "utf8") === text, `${file}: run make docs`);
        }
    });
});

describe("the search for codes", () => {
    const problems = (text) => unknown(scan({ "x.c": text }));

    test("finds what is no row, wherever it is written", () => {
        for (const text of [
            'fault_set(fault, ERR_GONE, "bogus", "x (%s)", f(1));',
            'fault_member(f(a, b), ERR_GONE,\n    "bogus", "member", "x");',
            'x = fault_set(fault, is_new ? ERR_GONE : ERR_DENIED, is_new ? "link_used" : "bogus", "x");',
            'event_deny(work, "bogus");',
            'ctx->failure = "bogus";',
            'if (strcmp(fault->code, "bogus") == 0) {',
            '[DENIED_X] = {"bogus", ERR_DENIED, "x"},',
            'event_add(work, &(struct event){.type = "bogus", .app_id = id});',
            'struct event event = {\n .app_id = id, .type = a ? "mint" : "bogus"};',
            'event.type = "bogus";',
            'note(work, "bogus", admin);',
            'session_end(work, &id, "bogus");',
            'view.end_reason = "bogus";',
        ]) {
            assert.deepEqual(problems(text).length, 1, text);
            assert.match(problems(text)[0], /^x\.c:\d: "bogus" is no row/);
        }
    });

    test("does not let a code pass that it cannot follow", () => {
        assert.deepEqual(problems("fault_set(fault, ERR_GONE, pick(code), text);"), [
            "x.c:1: fault_set(… pick(code) …)",
        ]);
    });

    test("leaves comments and other texts alone", () => {
        assert.deepEqual(problems('/* fault_set(fault, ERR_GONE, "bogus", "x"); */ say("fault_set(");'), []);
        assert.deepEqual(problems('fault_set(fault, ERR_GONE, "link_used", "bogus, \\"so\\" (x)");'), []);
    });
});
