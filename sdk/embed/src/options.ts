// What a portal gives to embed(), and what it gets.

/** What Inlay answered to the portal's server, as it is; or an address by itself. */
export interface Link {
    readonly embedUrl?: string;
    readonly redirectUrl?: string;
    readonly url?: string;
    /** Of a strict app: it is posted to the address, so that no URL has it. */
    readonly secret?: string | null;
    /** How long its session will last. Inlay is asked otherwise. */
    readonly expiresInSeconds?: number;
}

/** What `getUrl` is told about the link. */
export interface Wanted {
    /** The page of the app to open, for the request that creates the link; undefined for the app's first page. */
    readonly path: string | undefined;
    /** As they are now, for the same request: the app's server, and Inlay's own pages, learn them from there. */
    readonly theme: Theme | undefined;
    readonly locale: string | undefined;
}

export type Theme = "light" | "dark" | "system";

export interface EmbedOptions {
    /** Asks the portal's server for a new link. */
    getUrl: (wanted: Wanted) => string | Link | Promise<string | Link>;
    /** The page of the app to open: path, query and fragment, such as "/orders/5". `getUrl` gets it. */
    path?: string | undefined;
    /** How the app is to look. `getUrl` gets it, and the app, if it has Inlay's SDK, hears it instead of `data.theme`. */
    theme?: Theme | undefined;
    /** The same for its language: a tag such as "de" or "pt-BR". */
    locale?: string | undefined;
    /** The app, if it has Inlay's SDK, shows another page of its own. */
    onNavigate?: ((path: string) => void) | undefined;
    /** Values for the app, by name. */
    data?: Readonly<Record<string, unknown>> | undefined;
    /** What the app sends. */
    onData?: ((data: unknown) => void) | undefined;
    onReady?: (() => void) | undefined;
    /** The app isn't shown: a code of Inlay's, "no_link", "portal_not_allowed" or "unreachable". */
    onError?: ((code: string, message: string) => void) | undefined;
    /** The session couldn't be renewed yet. Inlay keeps trying. */
    onExpiring?: ((left: { expiresInSeconds: number }) => void) | undefined;
    /** "loading", "ready" or "error". */
    onState?: ((state: State) => void) | undefined;
    /** For tools: each message between the page and the app, as it goes. */
    trace?: ((direction: "sent" | "received", message: unknown) => void) | undefined;
    autoHeight?: boolean | undefined;
    /** The app, if it has Inlay's SDK, is so many CSS pixels high. */
    onResize?: ((height: number) => void) | undefined;
    /** Of the iframe. What is given replaces the default. */
    allow?: string | undefined;
    /** The same; false for an iframe without. */
    sandbox?: string | false | undefined;
    referrerPolicy?: ReferrerPolicy | undefined;
    loading?: "eager" | "lazy" | undefined;
    title?: string | undefined;
}

export type State = "loading" | "ready" | "error";

export interface Embed {
    /** When the app is there for the first time. Rejected with the error, and its `code`, if it can't be shown. */
    readonly ready: Promise<void>;
    /** New values for the app. */
    update(data: Readonly<Record<string, unknown>> | undefined): void;
    /** Another theme or language, while the app stays as it is. */
    setTheme(theme: Theme | undefined): void;
    setLocale(locale: string | undefined): void;
    /** Opens the app again, with a new link, at the page that it shows or at another. */
    reload(path?: string): void;
    /** The user has signed out of the portal: ends the session and removes the iframe. */
    logout(): void;
    /** Removes the iframe and ends every timer. */
    destroy(): void;
}

export const isSeconds = (value: unknown): value is number =>
    typeof value === "number" && Number.isFinite(value) && value >= 0;

const PATH_MAX = 4096;

/** A path, query and fragment that stay on the app's origin, however a browser reads them. */
export const isPath = (value: unknown): value is string =>
    typeof value === "string" && value.length <= PATH_MAX && /^\/(?!\/)[^\\\p{Cc}]*$/u.test(value);
