// The machine: which core does what, what it is made of, and how busy a process keeps it.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";

/** The cores that this process may use. */
function allowedCores() {
    const list = /Cpus_allowed_list:\s*(\S+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
    return list.split(",").flatMap((part) => {
        const [first, last = first] = part.split("-").map(Number);
        return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

const cores = allowedCores();
export const hasTwoCores = cores.length >= 2;

/** Words before a command that keep it on a core; none on a machine that has but one. */
const onCore = (core) => (hasTwoCores ? ["taskset", "-c", String(core)] : []);
export const onServerCore = onCore(cores[0]);
export const onLoadCore = onCore(cores[1]);

/** From now on this process is load as well. */
export function moveToLoadCore() {
    if (hasTwoCores) {
        execFileSync("taskset", ["-a", "-c", "-p", String(cores[1]), String(process.pid)], { stdio: "ignore" });
    }
}

const output = (program, ...words) => {
    const { stdout, stderr } = spawnSync(program, words, { encoding: "utf8" });
    return `${stdout ?? ""}${stderr ?? ""}`.trim();
};

/** The text of a file of /proc, whose process may have ended. */
function readIfThere(file) {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

const TMPFS = 0x01021994;

/** @param {string} folder @param {string} sqliteOfExpress */
export function machineFacts(folder, sqliteOfExpress) {
    const release = /PRETTY_NAME="(.*)"/.exec(fs.readFileSync("/etc/os-release", "utf8"))?.[1] ?? os.type();
    const { type } = fs.statfsSync(folder);
    return {
        system: `${release}, kernel ${os.release()}`,
        processor: `${os.cpus()[0]?.model.trim()}, ${cores.length} core${cores.length === 1 ? "" : "s"} to use`,
        memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
        cores: hasTwoCores
            ? `servers on core ${cores[0]}, load on core ${cores[1]}`
            : "one core only: servers and load share it, so every figure is too low and ratios are blurred",
        disk:
            type === TMPFS
                ? "memory (tmpfs): durable writes cost nothing here"
                : output("stat", "-f", "-c", "%T", folder),
        load: os
            .loadavg()
            .map((value) => value.toFixed(1))
            .join(" "),
        nginx: output("/usr/sbin/nginx", "-v").replace(/^.*nginx\//, ""),
        sqlite: `${output("dpkg-query", "-W", "-f", "${Version}", "libsqlite3-0")} (Inlay, bare), ${sqliteOfExpress} (better-sqlite3)`,
        node: process.versions.node,
        wrk: /wrk\s+(\S+)/.exec(output("wrk", "-v"))?.[1] ?? "",
    };
}

/** Seconds of processor time that these processes have used; one that has ended counts no more. */
export function processorSeconds(pids) {
    const ticks = pids.reduce((sum, pid) => {
        const stat = readIfThere(`/proc/${pid}/stat`);
        const fields = stat.replace(/^.*\) /s, "").split(" ");
        return stat === "" ? sum : sum + Number(fields[11]) + Number(fields[12]);
    }, 0);
    return ticks / 100;
}

/** A process and everything below it. */
export function processTree(pid) {
    const children = readIfThere(`/proc/${pid}/task/${pid}/children`).trim();
    return [
        pid,
        ...children
            .split(/\s+/)
            .filter(Boolean)
            .flatMap((child) => processTree(Number(child))),
    ];
}

/** Bytes of the largest piece of memory that this process shares. */
export function sharedMemory(pid) {
    const sizes = fs
        .readFileSync(`/proc/${pid}/maps`, "utf8")
        .split("\n")
        .filter((line) => / rw-s /.test(line))
        .map((line) => {
            const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+)/.exec(line) ?? [];
            return Number(`0x${to}`) - Number(`0x${from}`);
        });
    return Math.max(...sizes);
}
