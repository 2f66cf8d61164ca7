// How much of a time is left, on machines that sleep and whose clocks are set; and timers.

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

/** Timers that end together. */
export interface Timers {
    /** Gives back what ends this one. */
    later(run: () => void, ms: number): () => void;
    end(): void;
}

export function createTimers(): Timers {
    const running = new Set<() => void>();
    return {
        later(run, ms) {
            const cancel = () => {
                clearTimeout(timer);
                running.delete(cancel);
            };
            const timer = setTimeout(() => {
                running.delete(cancel);
                run();
            }, ms);
            running.add(cancel);
            return cancel;
        },
        end: () => running.forEach((cancel) => cancel()),
    };
}
