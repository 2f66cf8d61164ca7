// The sanitized build of "make build-asan": what it inherits, how tests set its clock, and what the sanitizers found.
import fs from "node:fs";
import path from "node:path";

/** What the sanitizers print, and what nginx logs of a process that crashed. */
const FOUND = /AddressSanitizer|runtime error:|exited on signal (?:4|6|7|8|11)\b/;

const CONTROL_BYTES = 24; // src/base/testing.h

/** The mistakes that src/base/testing.c makes when it is told to. */
export const mistakes = { none: 0, writesBehindItsMemory: 1, overflows: 2, isStuck: 3 };

/** Is this program of the sanitized build? @param {string} program */
export const isSanitized = (program) => path.basename(path.dirname(program)) === "asan";

/** The sanitizer's library, which has to be the first. @param {string} program */
const preload = (program) => fs.readFileSync(path.join(path.dirname(program), "preload"), "utf8").trim();

/** Where tests control a server, and what the sanitizers write of it: in a folder that its workers may write to, too. */
export class Control {
    /** @param {string} folder */
    constructor(folder) {
        this.folder = folder;
        this.file = path.join(folder, "control");
        fs.mkdirSync(folder, { recursive: true });
        fs.chmodSync(folder, 0o777);
        if (!fs.existsSync(this.file)) {
            fs.writeFileSync(this.file, Buffer.alloc(CONTROL_BYTES));
        }
    }

    /** @param {string} program @returns {Record<string, string>} */
    environment(program) {
        return {
            ...sanitizerOptions(`:log_path=${path.join(this.folder, "report")}`),
            LD_PRELOAD: preload(program),
            INLAY_TEST_CONTROL: this.file,
        };
    }

    /** @param {0 | 8 | 16} at @param {number} value */
    #write(at, value) {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(BigInt(value));
        const file = fs.openSync(this.file, "r+");
        fs.writeSync(file, bytes, 0, bytes.length, at);
        fs.closeSync(file);
    }

    /** By how much the server's clock is ahead of ours. */
    get aheadMs() {
        return Number(fs.readFileSync(this.file).readBigInt64LE(0));
    }

    set aheadMs(ms) {
        this.#write(0, Math.ceil(ms));
    }

    /** @param {number} mistake one of `mistakes`, made until another one is */
    make(mistake) {
        this.#write(8, mistake);
    }

    /** The deadline of every lane. */
    set deadlineMs(ms) {
        this.#write(16, ms);
    }

    /** What the sanitizers wrote into files, each report once. */
    takeReports() {
        const files = fs
            .readdirSync(this.folder)
            .filter((name) => name.startsWith("report"))
            .map((name) => path.join(this.folder, name));
        const text = files.map((file) => fs.readFileSync(file, "utf8")).join("\n");
        files.forEach((file) => fs.rmSync(file));
        return text;
    }
}

/**
 * nginx's pools look like leaks.
 * @returns {Record<string, string>}
 */
export const sanitizerOptions = (more = "") => ({
    ASAN_OPTIONS: `detect_leaks=0:quarantine_size_mb=16${more}`,
    UBSAN_OPTIONS: `print_stacktrace=1${more}`,
});

/**
 * What a server is started with that looks for leaks of a library's memory when its processes end. The library is loaded
 * first, because nginx unloads those of its modules before that.
 * @param {string} folder for what is found
 * @param {string} program
 * @param {string} library
 * @returns {Record<string, string>}
 */
export function leakOptions(folder, program, library) {
    fs.chmodSync(folder, 0o777);
    const { ASAN_OPTIONS } = sanitizerOptions(`:log_path=${path.join(folder, "leaks")}`);
    return {
        ASAN_OPTIONS: ASAN_OPTIONS.replace("detect_leaks=0", "detect_leaks=1"),
        LD_PRELOAD: `${preload(program)} ${library}`,
    };
}

/** The stacks that a library's leaks were allocated from; an error if nobody has looked. */
export function leaksOf(folder, library) {
    const reports = fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
    if (!reports.some((text) => text.includes("LeakSanitizer"))) {
        throw new Error(`Nobody has looked for leaks: nothing is in ${folder}`);
    }
    return reports
        .flatMap((text) => text.split(/\n(?=(?:Ind|D)irect leak of )/))
        .filter((text) => text.includes(library));
}

/** An error if something was found in this text. @param {string} text */
export function requireNothingFound(text) {
    if (FOUND.test(text)) {
        throw new Error(`The sanitizers found:\n${text}`);
    }
}
