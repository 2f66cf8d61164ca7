// Two or more sides, measured by turns in the same run, so that whatever else the machine does meets all of them.

/** @param {number[]} values */
export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {number[]} values @param {number} part */
export function percentile(values, part) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

/** @param {number[]} values */
export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });

/**
 * @typedef {{ perSecond: number, busy: number, loadBusy: number, failed: number }} Round
 *     busy, loadBusy: the part of the time in which the server and the load used their cores
 *
 * @typedef {object} Side
 * @property {string} name
 * @property {() => Promise<Round>} measure
 */

/**
 * @param {Side[]} sides @param {number} rounds @param {(line: string) => void} log
 * @returns {Promise<Record<string, { perSecond: number[], perBusySecond: number[], failed: number, rounds: Round[] }>>} by name
 */
export async function takeTurns(sides, rounds, log) {
    const percent = (part) => `${Math.round(part * 100)} %`;
    const results = Object.fromEntries(
        sides.map(({ name }) => [name, { perSecond: [], perBusySecond: [], failed: 0, rounds: [] }]),
    );
    for (const side of sides) {
        await side.measure(); // so that caches are filled and programs compiled
    }
    for (let number = 1; number <= rounds; number++) {
        // There and back, so that none is always the first.
        for (const side of number % 2 === 1 ? sides : [...sides].reverse()) {
            const round = await side.measure();
            const result = results[side.name];
            result.perSecond.push(round.perSecond);
            result.perBusySecond.push(round.perSecond / round.busy);
            result.failed += round.failed;
            result.rounds.push(round);
            log(
                `    ${number}. ${side.name}: ${Math.round(round.perSecond)}/s, busy: server ${percent(round.busy)}, ` +
                    `load ${percent(round.loadBusy)}${round.failed > 0 ? `, ${round.failed} FAILED` : ""}`,
            );
        }
    }
    return results;
}

/** The ratios of the rounds. @param {"perSecond" | "perBusySecond"} [by] */
export function ratio(results, of, to, by = "perSecond") {
    return spread(results[of][by].map((value, round) => value / results[to][by][round]));
}
