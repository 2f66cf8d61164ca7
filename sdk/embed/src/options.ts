// What a portal gives to embed(), and what it gets.

/** What Inlay answered to the portal's server, as it is; or an address by itself. */
export interface Link {
    readonly embedUrl?: string;
    readonly redirectUrl?: string;
    readonly url?: string;
    /** How long its session will last. Inlay is asked otherwise. */
    readonly expiresInSeconds?: number;
}

export interface EmbedOptions {
    /** Asks the portal's server for a new link. */
    getUrl: () => string | Link | Promise<string | Link>;
    /** Values for the app, by name. */
    data?: Readonly<Record<string, unknown>> | undefined;
    /** What the app sends. */
    onData?: ((data: unknown) => void) | undefined;
    onReady?: (() => void) | undefined;
    /** The app isn't shown: a code of Inlay's, or "no_link" if getUrl failed. */
    onError?: ((code: string, message: string) => void) | undefined;
    /** The session couldn't be renewed yet. Inlay keeps trying. */
    onExpiring?: ((left: { expiresInSeconds: number }) => void) | undefined;
    /** "loading", "ready" or "error". */
    onState?: ((state: State) => void) | undefined;
    /** For tools: each message between the page and the app, as it goes. */
    trace?: ((direction: "sent" | "received", message: unknown) => void) | undefined;
    autoHeight?: boolean | undefined;
    allow?: string | undefined;
    sandbox?: string | undefined;
    title?: string | undefined;
}

export type State = "loading" | "ready" | "error";

export interface Embed {
    /** New values for the app. */
    update(data: Readonly<Record<string, unknown>> | undefined): void;
    /** Opens the app again, with a new link. */
    reload(): void;
    /** The user has signed out of the portal: ends the session and removes the iframe. */
    logout(): void;
    /** Removes the iframe and ends every timer. */
    destroy(): void;
}

export const isSeconds = (value: unknown): value is number =>
    typeof value === "number" && Number.isFinite(value) && value >= 0;
