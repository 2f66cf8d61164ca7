// Runs groups of tests and ends with one line that counts them all. One program more than there are cores runs at once, since
// they wait, too, for disks and timers: the longest first, as durations.json says, so that no core is idle at the end. What one
// of several prints is shown when it has ended. Groups that need the whole machine come last, one program after the other.
//
//     node tests/run.mjs [group…]
//     node tests/run.mjs --record group…      and writes into durations.json how many seconds the programs took
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { settings } from "./isolation/settings.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Files of a folder (which may be missing) whose names match, below the root. */
function files(folder, pattern) {
    const full = path.join(root, folder);
    return fs.existsSync(full)
        ? fs
              .readdirSync(full)
              .filter((name) => pattern.test(name))
              .sort()
              .map((name) => path.join(folder, name))
        : [];
}

/** The suites of these folders, a program for each file. */
const suites = (...folders) => folders.flatMap((folder) => files(folder, /\.test\.m?js$/)).map((file) => suite(file));

const suite = (file, env = {}) => ({
    command: [process.execPath, "--test", "--test-reporter=./tests/lib/reporter.mjs", file],
    counts: "summary",
    env,
});

const script = (file, words) => ({ command: [process.execPath, file, ...words], counts: "summary" });
const load = (...words) => script("tests/load/load.mjs", words);
const streams = (...words) => script("tests/load/streams.mjs", words);
const crash = (...words) => script("tests/crash/crash.mjs", words);

/** Memory that was freed is kept from use for so long; the default of 256 MiB costs a third of the processor time. */
const ASAN_OPTIONS = ["quarantine_size_mb=16", process.env.ASAN_OPTIONS].filter(Boolean).join(":");

/**
 * The groups, each a list of commands. How a command counts: "summary" ends with a line "N passed, N failed", "tap"
 * prints "ok" and "not ok" lines, "exit" is one test that passes if it ends with 0.
 * @type {Record<string, () => { command: string[], counts: "summary" | "tap" | "exit", env?: Record<string, string> }[]>}
 */
const groups = {
    unit: () =>
        ["unit-gcc", "unit-clang"].flatMap((build) =>
            files(`build/${build}`, /^test_\w+$/).map((program) => ({
                command: [`./${program}`],
                counts: "tap",
                env: { ASAN_OPTIONS },
            })),
        ),
    pages: () => suites("web/pages", "scripts"),
    demo: () => suites("demo/portal"),
    sdk: () => suites("sdk", ...["app", "embed", "react", "server"].map((name) => `sdk/${name}/test`)),
    "test-asan": () => suites("tests/http"),
    browser: () => suites("tests/browser"),
    "whole-browser": () =>
        ["embed", "sdk"].map((name) => suite(`tests/browser/${name}.test.mjs`, { CHROMIUM: "/usr/bin/chromium" })),
    // A program for each cell of the table: a browser, and where portal and apps are.
    isolation: () =>
        ["chromium", "firefox"].flatMap((browser) =>
            Object.keys(settings).map((SETTING) => suite(`tests/isolation/${browser}.test.mjs`, { SETTING })),
        ),
    webkit: () => [
        ...suites("tests/webkit"),
        ...Object.keys(settings)
            .filter((name) => name !== "unrelated sites" && name !== "a public suffix")
            .map((SETTING) => suite("tests/isolation/webkit.test.mjs", { SETTING })),
    ],
    fuzz: () =>
        files("build/fuzz", /^replay_\w+$/).map((program) => ({
            command: [`./${program}`, path.join("tests/fuzz/corpus", path.basename(program).replace(/^replay_/, ""))],
            counts: "tap",
        })),
    lint: () => [{ command: ["make", "--no-print-directory", "lint"], counts: "exit" }],
    "fuzz-short": () => [{ command: ["make", "--no-print-directory", "fuzz", "SECONDS=20"], counts: "exit" }],
    trouble: () => [load("--rounds", "6", "--requests", "0")],
    load: () => [load(), streams()],
    "load-short": () => [load("--rounds", "20", "--requests", "20000")],
    crash: () => [crash()],
    "crash-short": () => [crash("--rounds", "20")],
};

/** They measure, or keep all cores busy by themselves. */
const needTheMachine = new Set(["fuzz-short", "trouble", "load", "load-short", "crash", "crash-short"]);

const SLOW_SECONDS = 20;

/** What is not among the durations took less. */
const RECORDED_SECONDS = 4;
const durationsFile = path.join(root, "tests/durations.json");
/** @type {Record<string, number>} */
const durations = JSON.parse(fs.readFileSync(durationsFile, "utf8"));
/** @type {Map<string, number>} */
const took = new Map();

/** Keeps what was known of programs that did not run, unless they are gone. */
function record() {
    const known = Object.entries({ ...durations, ...Object.fromEntries(took) })
        .filter(([file, seconds]) => seconds >= RECORDED_SECONDS && fs.existsSync(path.join(root, file)))
        .filter(([file]) => file.startsWith("tests/"))
        .sort(([one], [other]) => (one < other ? -1 : 1));
    fs.writeFileSync(durationsFile, `${JSON.stringify(Object.fromEntries(known), null, 4)}\n`);
}

/** Runs a command, shows what it prints, and gives back how many tests passed and failed. */
function count({ command, counts, env }, isAlone) {
    const started = Date.now();
    return new Promise((resolve) => {
        const child = spawn(command[0], command.slice(1), {
            cwd: root,
            env: { ...process.env, CMOCKA_MESSAGE_OUTPUT: "TAP", ...env },
            stdio: ["ignore", "pipe", "pipe"],
        });
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8");
            stream.on("data", (text) => {
                output += text;
                process.stdout.write(isAlone ? text : "");
            });
        }
        child.on("error", (error) => {
            output += `${error.message}\n`;
        });
        child.on("close", (code) => {
            const result = counts === "exit" ? { passed: +(code === 0), failed: 0 } : tally(output, counts);
            process.stdout.write(isAlone ? "" : output);
            const seconds = Math.round((Date.now() - started) / 1000);
            took.set(command.at(-1), seconds);
            if (seconds >= SLOW_SECONDS) {
                console.log(`== ${command.slice(-1)} took ${seconds} s`);
            }
            // A program that dies before its last test has failed, whatever it had counted until then.
            if (code !== 0 && result.failed === 0) {
                result.failed = 1;
                console.log(`${command.join(" ")} ended with ${code}`);
            }
            resolve(result);
        });
    });
}

function tally(output, counts) {
    if (counts === "tap") {
        return {
            passed: output.match(/^ok\b/gm)?.length ?? 0,
            failed: output.match(/^not ok\b/gm)?.length ?? 0,
        };
    }
    const last = [...output.matchAll(/^(?:\d+ skipped, )?(\d+) passed, (\d+) failed$/gm)].pop();
    return last === undefined ? { passed: 0, failed: 1 } : { passed: Number(last[1]), failed: Number(last[2]) };
}

const isRecording = process.argv[2] === "--record";
const wanted = process.argv.slice(isRecording ? 3 : 2);
const unknown = wanted.filter((name) => groups[name] === undefined);
if (unknown.length > 0 || wanted.length === 0) {
    console.error(`usage: node tests/run.mjs [--record] ${Object.keys(groups).join("|")}…`);
    process.exit(2);
}
const total = { passed: 0, failed: 0 };
const [together, alone] = [[], []];
for (const name of wanted) {
    const commands = groups[name]();
    (needTheMachine.has(name) ? alone : together).push(...commands);
    if (commands.length === 0) {
        total.failed += 1;
        console.log(`nothing was built for ${name}`);
    }
}
const isAlone = together.length + alone.length === 1;
const started = Date.now();

/** @param {typeof together} commands @param {number} atOnce */
async function work(commands, atOnce) {
    const worker = async () => {
        for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
            const { passed, failed } = await count(command, isAlone);
            total.passed += passed;
            total.failed += failed;
        }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
}
const duration = ({ command }) => durations[command.at(-1)] ?? 0;
await work(
    together.sort((one, other) => duration(other) - duration(one)),
    os.cpus().length + 1,
);
await work(alone, 1);
if (isRecording) {
    record();
}
console.log(`== ${wanted.join(" ")} took ${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
