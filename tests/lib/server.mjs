// Starts the real thing: inlay serve with a data folder and a port of its own. The HTTP tests run the sanitized build,
// whose clock they can set; when a server ends, the sanitizers must have found nothing. Other tests run what is shipped.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "./browserlike.mjs";
import { Control, isSanitized, requireNothingFound, sanitizerOptions } from "./sanitized.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const shipped = path.join(root, "build/inlay");
export const sanitized = path.join(root, "build/asan/inlay");

const isHttpTest = path.dirname(process.argv[1] ?? "") === path.join(root, "tests/http");
export const command = process.env.INLAY_COMMAND ?? (isHttpTest ? sanitized : shipped);

/** The management token of every test server. */
export const adminToken = "inlay_test-admin-token-00000000000000000000000000";

const START_MS = 20_000;
const STOP_MS = 20_000;

/** A port that nobody listens on right now. */
export async function freePort() {
    const listener = net.createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = /** @type {net.AddressInfo} */ (listener.address());
    listener.close();
    await once(listener, "close");
    return port;
}

/** A fresh folder that other users may enter, since nginx's workers may be another user. */
export function freshFolder() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "inlay-test-"));
    fs.chmodSync(folder, 0o755);
    return folder;
}

/**
 * A setting that is undefined is left to the program.
 *
 * @param {Record<string, string | number | undefined>} settings
 * @returns {Record<string, string>}
 */
function asEnvironment(settings) {
    return Object.fromEntries(
        Object.entries(settings)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [`INLAY_${name.toUpperCase()}`, String(value)]),
    );
}

/** What a test's server inherits: nothing that would configure it behind the test's back. */
function cleanEnvironment() {
    return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("INLAY_")));
}

export class Server {
    /**
     * @param {Record<string, string | number>} settings as in inlay.yaml
     * @param {{ environment?: Record<string, string>, folder?: string, prefix?: string[], words?: string[], command?: string }} [options]
     *     prefix: words before the command, such as setpriv's; words: after "serve"; command: another program
     */
    constructor(settings, options = {}) {
        this.settings = settings;
        this.options = options;
        this.folder = options.folder ?? freshFolder();
        this.data = String(settings.data ?? path.join(this.folder, "data"));
        this.token = adminToken;
        this.output = "";
        this.checked = 0; // how much of it was looked at for what the sanitizers print
        /** @type {import("node:child_process").ChildProcess | null} */
        this.child = null;
        this.port = 0;
        this.program = options.command ?? command;
        this.control = isSanitized(this.program) ? new Control(path.join(this.folder, "asan")) : null;
    }

    /** What its clock says. */
    now() {
        return Date.now() + (this.control?.aheadMs ?? 0);
    }

    /** Sets its clock forward to this moment, for all its processes at once. A moment that is past changes nothing. */
    setClock(ms) {
        if (this.control === null) {
            throw new Error(`${this.program} keeps to the machine's clock: start it with { command: sanitized }`);
        }
        this.control.aheadMs = Math.max(this.control.aheadMs, ms - Date.now());
    }

    /** Sets its clock forward. */
    advance(ms) {
        this.setClock(this.now() + ms);
    }

    /** Where it is reached: `public_url` if that is set. */
    get url() {
        return String(this.settings.public_url ?? `http://localhost:${this.port}`);
    }

    get pid() {
        return /** @type {number} */ (this.child?.pid);
    }

    /** Starts it and waits until it is ready; a second call starts it again on the same port and data. */
    async start() {
        this.port ||= await freePort();
        this.launch();
        await this.untilReady();
        return this;
    }

    /** Starts the process only. */
    launch() {
        const settings = {
            workers: 1,
            mint_limit_per_minute: 0,
            session_memory: "8m", // each start writes to all of it
            embed_limit_per_minute: 0,
            ...this.settings,
            data: this.data,
            listen: this.settings.listen ?? `127.0.0.1:${this.port}`,
        };
        const [program, ...words] = [
            ...(this.options.prefix ?? []),
            this.program,
            "serve",
            ...(this.options.words ?? []),
        ];
        const child = spawn(program, words, {
            cwd: this.folder,
            env: {
                ...cleanEnvironment(),
                INLAY_API_TOKEN: this.token,
                ...this.control?.environment(this.program),
                ...this.options.environment,
                ...asEnvironment(settings),
            },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true, // a Ctrl-C at the tests' terminal is for the tests
        });
        for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8");
            stream.on("data", (text) => {
                this.output += text;
            });
        }
        child.on("error", (error) => {
            this.output += `${error.message}\n`;
        });
        this.exited = new Promise((resolve) => {
            child.on("close", (code, signal) => resolve({ code, signal }));
        });
        this.child = child;
        running.add(this);
    }

    async untilReady() {
        const end = Date.now() + START_MS;
        while (Date.now() < end) {
            if (this.child?.exitCode !== null || this.child?.signalCode !== null) {
                throw new Error(
                    `inlay serve ended with ${this.child?.exitCode ?? this.child?.signalCode}:\n${this.output}`,
                );
            }
            const ready = await request(`${this.url}/readyz`).catch(() => null);
            if (ready?.status === 200) {
                return;
            }
            await sleep(20);
        }
        await this.kill();
        throw new Error(`inlay serve was not ready in ${START_MS} ms:\n${this.output}`);
    }

    /** @param {NodeJS.Signals} [signal] */
    async stop(signal = "SIGTERM") {
        if (this.child === null) {
            return { code: null, signal: null };
        }
        this.child.kill(signal);
        try {
            return await this.ended();
        } finally {
            running.delete(this);
        }
    }

    /** The exit of the process, however it comes; a process that does not end is killed and an error. */
    async ended() {
        const timer = new AbortController();
        const ended = await Promise.race([
            this.exited,
            sleep(STOP_MS, null, { signal: timer.signal }).catch(() => null),
        ]);
        timer.abort();
        if (ended === null) {
            await this.kill();
            throw new Error(`inlay serve did not stop in ${STOP_MS} ms:\n${this.output}`);
        }
        this.requireNothingFound();
        return ended;
    }

    /** An error if the sanitizers found something since the last time this was asked. */
    requireNothingFound() {
        const text = this.output.slice(this.checked) + (this.control?.takeReports() ?? "");
        this.checked = this.output.length;
        requireNothingFound(text);
    }

    /** kill -9 of all its processes. */
    async kill() {
        // Whoever starts others goes first, so that nothing is started behind our back.
        for (let left = this.processes(); left.length > 0; left = left.filter(({ pid }) => isAlive(pid))) {
            for (const { pid } of left) {
                signalIfAlive(pid, "SIGKILL");
            }
            await sleep(5);
        }
        await this.exited;
        running.delete(this);
        this.requireNothingFound();
    }

    /** Every process of the server, parents before children. */
    processes() {
        /** @type {{ pid: number, words: string }[]} */
        const found = [];
        const visit = (pid) => {
            try {
                const words = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
                const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
                found.push({ pid, words });
                children.trim().split(/\s+/).filter(Boolean).map(Number).forEach(visit);
            } catch {
                // It ended in the meantime.
            }
        };
        visit(this.pid);
        return found;
    }

    /** The process ids of nginx's workers, but for those that finish their last requests. */
    workers() {
        return this.processes()
            .filter(({ words }) => /worker process/.test(words) && !/shutting down/.test(words))
            .map(({ pid }) => pid);
    }

    /** Everything that was logged: the output, and whatever log files there are. */
    logs() {
        const files = fs.existsSync(this.data) ? fs.readdirSync(this.data, { recursive: true }) : [];
        const logs = files
            .map((name) => path.join(this.data, String(name)))
            .filter((name) => name.endsWith(".log") && fs.statSync(name).isFile())
            .map((name) => fs.readFileSync(name, "utf8"));
        return [this.output, ...logs].join("\n");
    }

    /** Stops it if it runs, and removes its folder. */
    async discard() {
        if (running.has(this)) {
            await this.stop();
        }
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

/** @type {Set<Server>} */
const running = new Set();

process.on("exit", () => {
    for (const server of running) {
        for (const { pid } of server.processes()) {
            signalIfAlive(pid, "SIGKILL");
        }
        try {
            server.requireNothingFound();
        } catch (error) {
            console.error(error);
            process.exitCode = 1;
        }
    }
});

// A test that is stopped from outside ends as one that ends by itself: what it started is ended too.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, () => process.exit(1));
}

/** @param {number} pid @param {NodeJS.Signals | 0} signal @returns {boolean} was there such a process? */
function signalIfAlive(pid, signal) {
    try {
        return process.kill(pid, signal);
    } catch {
        return false;
    }
}

/** @param {number} pid */
export const isAlive = (pid) => signalIfAlive(pid, 0);

/**
 * @param {Record<string, string | number>} [settings]
 * @param {ConstructorParameters<typeof Server>[1]} [options]
 */
export function startServer(settings = {}, options = {}) {
    return new Server(settings, options).start();
}

/**
 * Runs the command to its end.
 * @param {string[]} words
 * @param {{ environment?: Record<string, string>, cwd?: string, prefix?: string[], timeout?: number }} [options]
 */
export async function run(words, options = {}) {
    const [program, ...rest] = [...(options.prefix ?? []), command, ...words];
    const child = spawn(program, rest, {
        cwd: options.cwd,
        env: { ...cleanEnvironment(), ...sanitizerOptions(), ...options.environment },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: options.timeout ?? 20_000,
        killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const [code] = await once(child, "close");
    requireNothingFound(stderr);
    return { code, stdout, stderr };
}
