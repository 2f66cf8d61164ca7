// Somebody else's program, which serves HTTP on a port of its own: started by a test, and gone with it.
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "./browserlike.mjs";
import { freePort } from "./server.mjs";

const START_MS = 60_000; // Python and Node.js programs read thousands of files first
const STOP_MS = 5_000;

/** @type {Set<Program>} */
const running = new Set();

process.on("exit", () => running.forEach((program) => program.signal("SIGKILL")));

export class Program {
    /**
     * @param {(port: number) => string[]} words
     * @param {{ cwd?: string, env?: Record<string, string> }} [options]
     */
    static async start(words, { cwd, env } = {}) {
        const program = new Program();
        program.port = await freePort();
        const [command, ...rest] = words(program.port);
        // A group of its own, so that whatever it starts ends with it.
        program.child = spawn(command, rest, {
            cwd,
            env: { ...process.env, ...env },
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        program.output = "";
        for (const stream of [program.child.stdout, program.child.stderr]) {
            stream.setEncoding("utf8").on("data", (text) => (program.output += text));
        }
        program.child.on("error", (error) => (program.output += error.message));
        program.ended = new Promise((resolve) => program.child.on("close", resolve));
        running.add(program);
        return program;
    }

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    /** Until it answers with anything but an error of its own. */
    async untilReady(pathname = "/") {
        for (const end = Date.now() + START_MS; ; await sleep(50)) {
            const answer = await request(this.url + pathname).catch(() => null);
            if (answer !== null && answer.status < 500) {
                return;
            }
            if (this.child.exitCode !== null || this.child.signalCode !== null || Date.now() > end) {
                throw new Error(`it did not start:\n${this.output}`);
            }
        }
    }

    signal(name) {
        try {
            process.kill(-(/** @type {number} */ (this.child.pid)), name);
        } catch {
            // It was gone already.
        }
    }

    async stop() {
        this.signal("SIGTERM");
        const killer = setTimeout(() => this.signal("SIGKILL"), STOP_MS);
        await this.ended;
        clearTimeout(killer);
        running.delete(this);
    }
}
