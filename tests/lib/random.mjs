// Numbers that look random and can be had again: the same seed, the same numbers.

/** A small generator of good quality (mulberry32): below(n) is an integer from 0 to n - 1. @param {number} seed */
export function seeded(seed) {
    let state = seed;
    const random = () => {
        state = (state + 0x6d2b79f5) | 0;
        let value = Math.imul(state ^ (state >>> 15), 1 | state);
        value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
        return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
    };
    return { random, below: (/** @type {number} */ limit) => Math.floor(random() * limit) };
}
