// Who is looking. Only the server says so; nothing here comes from the page around the frame.
import { parse } from "../../common/json.js";

/** A value of metadata. An integer that a number cannot hold exactly is a bigint. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export interface CurrentUser {
    readonly id: string;
    readonly email: string | null;
    readonly firstName: string | null;
    readonly lastName: string | null;
    readonly fullName: string | null;
    readonly externalIdentifier: string | null;
    readonly groups: readonly { readonly id: number; readonly name: string }[];
    readonly metadata: { readonly [name: string]: Value };
}

export interface Session {
    readonly currentUser: CurrentUser;
    readonly app: {
        readonly id: string;
        readonly slug: string;
        readonly name: string;
        readonly release: string | null;
        readonly branch: string | null;
        readonly environment: string;
    };
    readonly session: {
        readonly id: string;
        readonly expiresAt: string;
        readonly expiresInSeconds: number;
        /** As the link said; `parent` knows what the portal's page says now. */
        readonly theme: "light" | "dark" | "system" | null;
        /** The same: a language tag, such as "pt-BR". */
        readonly locale: string | null;
    };
    readonly config: { readonly [name: string]: Value };
}

/** Why there is no session: `code` is one of docs/life-of-a-link.md, or "unreachable". */
export class SessionError extends Error {
    override readonly name = "SessionError";
    constructor(
        readonly code: string,
        message: string,
    ) {
        super(message);
    }
}

/** An app that a developer opens by itself, outside of Inlay. Labels of Inlay are below localhost, never localhost. */
export const isMock =
    typeof window !== "undefined" &&
    window.parent === window &&
    /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);

async function read(path: string): Promise<Record<string, unknown>> {
    let response: Response;
    try {
        response = await fetch(path, { headers: { Accept: "application/json" }, cache: "no-store" });
    } catch {
        throw new SessionError("unreachable", "The server did not answer.");
    }
    const body = (await response
        .text()
        .then(parse)
        .catch(() => null)) as Record<string, unknown> | null;
    if (!response.ok || body === null || typeof body !== "object") {
        const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
        throw new SessionError(
            typeof code === "string" ? code : "unreachable",
            typeof detail === "string" ? detail : `${path} answered ${response.status}.`,
        );
    }
    return body;
}

let mocked: Promise<Record<string, unknown>> | undefined;

/** The file inlay.mock.json beside the app's index.html, on a developer's machine only. */
export function mock(): Promise<Record<string, unknown>> {
    mocked ??= read("/inlay.mock.json");
    return mocked;
}

/** Who is looking, and as what: asks the server on each call. */
export async function session(): Promise<Session> {
    if (!isMock) {
        return (await read("/_inlay/session")) as unknown as Session;
    }
    const { currentUser, app, config } = (await mock()) as Partial<Session>;
    return {
        currentUser: {
            id: "mock",
            email: null,
            firstName: null,
            lastName: null,
            fullName: null,
            externalIdentifier: null,
            groups: [],
            metadata: {},
            ...currentUser,
        },
        app: { id: "mock", slug: "mock", name: "Mock", release: null, branch: null, environment: "mock", ...app },
        session: {
            id: "mock",
            expiresAt: "9999-12-31T23:59:59.999Z",
            expiresInSeconds: 2 ** 31,
            theme: null,
            locale: null,
        },
        config: config ?? {},
    };
}

/** Ends the session, and clears what the browser stored for the app. */
export async function logout(): Promise<void> {
    if (!isMock) {
        await fetch("/_inlay/logout", { method: "POST", keepalive: true }); // the portal may leave its page now
    }
}

const LONGEST_MS = 3_600_000;

/**
 * Calls fn once, when the session ends in so many seconds or less; gives back what stops that. The server is asked
 * again before, since the session may have been renewed, the clock of this machine may be wrong, or it has slept.
 */
export function onExpiring(fn: (left: { expiresInSeconds: number }) => void, seconds = 60): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    const stop = () => {
        stopped = true;
        clearTimeout(timer);
        removeEventListener("online", check);
        document.removeEventListener("visibilitychange", check);
    };
    const check = () => {
        clearTimeout(timer);
        timer = undefined;
        session().then(
            ({ session: { expiresInSeconds } }) => tell(expiresInSeconds),
            (error: unknown) => {
                const code = error instanceof SessionError ? error.code : "unreachable";
                if (/^session_(ended|missing)$/.test(code)) {
                    tell(0);
                } else if (!stopped) {
                    again(5_000);
                }
            },
        );
    };
    const again = (ms: number) => {
        clearTimeout(timer);
        timer = setTimeout(check, Math.min(ms, LONGEST_MS));
    };
    const tell = (left: number) => {
        if (stopped) {
            return;
        }
        if (left > seconds) {
            again((left - seconds) * 1000);
        } else {
            stop();
            fn({ expiresInSeconds: left });
        }
    };
    addEventListener("online", check);
    document.addEventListener("visibilitychange", check);
    check();
    return stop;
}
