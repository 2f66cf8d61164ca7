// What a process holds, as the kernel tells it.
import fs from "node:fs";

/** Bytes of memory that belong to this process alone. @param {number} pid */
export function privateMemory(pid) {
    const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return [...text.matchAll(/^Private_\w+:\s+(\d+) kB$/gm)].reduce(
        (sum, [, kilobytes]) => sum + Number(kilobytes) * 1024,
        0,
    );
}

/** @param {number} pid */
export const openDescriptors = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
