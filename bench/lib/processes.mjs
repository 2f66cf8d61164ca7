// Programs that run beside the benchmark and end with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onLoadCore, processorSeconds } from "./machine.mjs";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

process.on("exit", () => {
    for (const child of running) {
        child.kill("SIGKILL");
    }
});

/** @param {string[]} words @param {import("node:child_process").SpawnOptions} [options] */
export function start(words, options = {}) {
    const [program, ...rest] = words;
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], ...options });
    const result = { child, pid: child.pid, stdout: "", stderr: "", ended: once(child, "close") };
    child.stdout?.setEncoding("utf8").on("data", (text) => (result.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (result.stderr += text));
    running.add(child);
    child.on("close", () => running.delete(child));
    return result;
}

/** Runs a command to its end; what it printed. */
export async function run(words, options) {
    const process = start(words, options);
    const [code, signal] = await process.ended;
    if (code !== 0) {
        throw new Error(`${words.join(" ")} ended with ${code ?? signal}:\n${process.stdout}${process.stderr}`);
    }
    return process.stdout;
}

/** @param {ReturnType<typeof start>} process */
export async function stop(process) {
    if (running.has(process.child)) {
        process.child.kill("SIGTERM");
        const killer = setTimeout(() => process.child.kill("SIGKILL"), 5000);
        await process.ended;
        clearTimeout(killer);
    }
}

/** Until somebody listens on the port. */
export async function listening(process, port) {
    for (let i = 0; i < 500 && running.has(process.child); i++) {
        const socket = net.connect(port, "127.0.0.1");
        const connected = await new Promise((resolve) => {
            socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
        });
        socket.destroy();
        if (connected) {
            return;
        }
        await sleep(20);
    }
    await stop(process);
    throw new Error(`a server did not start:\n${process.stdout}${process.stderr}`);
}

/**
 * Load by wrk: one thread, 64 connections unless told otherwise.
 * @param {string} url
 * @param {{ seconds: number, script: string[], headers?: Record<string, string>, connections?: number, signal?: Promise<void> }} options
 *     signal: ends it early
 */
export async function load(url, { seconds, script, headers = {}, connections = 64, signal }) {
    const process = start([
        ...onLoadCore,
        "wrk",
        "-t1",
        `-c${connections}`,
        `-d${seconds}s`,
        "--timeout",
        "10s",
        ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
        "-s",
        ...script.slice(0, 1),
        url,
        "--",
        ...script.slice(1),
    ]);
    signal?.then(() => process.child.kill("SIGINT"));
    let busySeconds = 0;
    const watch = setInterval(() => (busySeconds = Math.max(busySeconds, processorSeconds([process.pid]))), 50);
    const [code] = await process.ended;
    clearInterval(watch);
    const result = /^RESULT (.*)$/m.exec(process.stdout)?.[1];
    if (code !== 0 || result === undefined) {
        throw new Error(`wrk ended with ${code}:\n${process.stdout}${process.stderr}`);
    }
    const { requests, microseconds, bytes, refused, broken, p50, p99 } = JSON.parse(result);
    return {
        requests,
        seconds: microseconds / 1e6,
        bytes,
        failed: refused + broken,
        busySeconds,
        p50_ms: p50 / 1e3,
        p99_ms: p99 / 1e3,
    };
}
