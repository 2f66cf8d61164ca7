// What the app knows about the person in front of it: GET /_inlay/session, and how to end it.

export interface Group {
    readonly id: number;
    readonly name: string;
}

export type Claims = { readonly [name: string]: unknown };

export interface Session {
    readonly currentUser: {
        readonly id: string;
        readonly email: string | null;
        readonly firstName: string | null;
        readonly lastName: string | null;
        readonly fullName: string | null;
        readonly externalIdentifier: string | null;
        readonly groups: readonly Group[];
        readonly metadata: Claims | null;
    };
    readonly app: {
        readonly id: string;
        readonly slug: string;
        readonly name: string;
        readonly release: string | null;
        readonly environment: string;
    };
    readonly session: {
        readonly id: string;
        readonly expiresAt: string;
        readonly expiresInSeconds: number;
    };
    readonly config: Claims;
}

export class SessionEnded extends Error {}

export async function readSession(): Promise<Session> {
    const response = await fetch("/_inlay/session", {
        headers: { accept: "application/json" },
        cache: "no-store",
    });
    if (response.status === 401) {
        throw new SessionEnded(await explanation(response));
    }
    if (!response.ok) {
        throw new Error(await explanation(response));
    }
    return (await response.json()) as Session;
}

export async function logOut(): Promise<void> {
    const response = await fetch("/_inlay/logout", { method: "POST" });
    if (!response.ok && response.status !== 401) {
        throw new Error(await explanation(response));
    }
}

/** The `detail` of an RFC 9457 problem. */
async function explanation(response: Response): Promise<string> {
    try {
        const { detail, title } = (await response.json()) as { detail?: string; title?: string };
        return detail ?? title ?? "";
    } catch {
        return "";
    }
}

/**
 * Counts down from the server's `expiresInSeconds`. The computer's own clock may be wrong or be set while the app
 * is open, so it is never asked for the time of day.
 */
export class Countdown {
    readonly #endsAt: number;

    constructor(seconds: number) {
        this.#endsAt = performance.now() + seconds * 1000;
    }

    get secondsLeft(): number {
        return Math.max(0, Math.ceil((this.#endsAt - performance.now()) / 1000));
    }
}
