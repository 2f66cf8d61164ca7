// Waiting for what a browser or a server does in its own time.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Polls until check gives something.
 * @param {string | (() => Promise<string>)} what
 * @param {() => unknown} check
 */
export async function eventually(what, check, timeout = 15_000) {
    let last;
    for (const end = Date.now() + timeout; Date.now() < end; await sleep(40)) {
        try {
            last = await check();
        } catch (error) {
            last = undefined; // a frame that is being replaced
            if (!/detached|destroyed|navigat|closed/i.test(String(error))) {
                throw error;
            }
        }
        if (last) {
            return last;
        }
    }
    assert.fail(`${typeof what === "string" ? what : await what()} did not happen in ${timeout} ms`);
}

/**
 * Polls until a value stays the same: for what has no other end, and for what must not happen.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} read
 * @returns {Promise<T>} the value
 */
export async function settled(what, read, quiet = 500) {
    let [last, since] = [await read(), Date.now()];
    await eventually(`an end of ${what}`, async () => {
        const now = await read();
        if (now !== last) {
            [last, since] = [now, Date.now()];
        }
        return Date.now() - since >= quiet;
    });
    return last;
}
