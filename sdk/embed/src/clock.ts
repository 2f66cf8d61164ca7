// How much of a time is left, on machines that sleep and whose clocks are set.

/** Seconds since the call. The wall clock knows of sleep, the other one cannot be set back. */
export function stopwatch(): () => number {
    const [wall, steady] = [Date.now(), performance.now()];
    return () => Math.max(Date.now() - wall, performance.now() - steady) / 1000;
}

/** Milliseconds before the nth retry: 1 s, doubled up to a minute, and up to half of it less by chance. */
export function backoff(attempt: number): number {
    const longest = Math.min(60_000, 1000 * 2 ** Math.min(attempt, 10));
    return longest * (1 - Math.random() / 2);
}
