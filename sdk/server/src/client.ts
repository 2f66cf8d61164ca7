// A client for both calls that create links: ToolJet's and Retool's.
import { InlayError, type ErrorCode } from "./error.js";
import { checkToken, checkUrl } from "./options.js";
import { stringify } from "../../common/json.js";

/** Integers beyond a number's are a bigint. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export interface PatRequest {
    /** The internal user; this or `userId`. */
    email?: string;
    userId?: string;
    /** The app; this or `appSlug`. */
    appId?: string;
    appSlug?: string;
    /** Minutes that a session lasts. */
    sessionExpiry?: number;
    /** Seconds that the token lives. */
    patExpiry?: number;
    /** The origin of the page that is going to show it: a portal of the app, or one that the API token may name. */
    portalOrigin?: string;
}

export interface EmbedRequest {
    /** The app's id. */
    landingPageUuid: string;
    groupIds: readonly (number | string)[];
    /** Who it is in the portal's own words. */
    externalIdentifier: string | number | bigint;
    sessionDurationMinutes?: number;
    userInfo?: { email?: string; firstName?: string; lastName?: string };
    metadata?: { readonly [name: string]: Value };
    environment?: string;
    /** This or `releaseVersion`. */
    branch?: string;
    releaseVersion?: string;
    /** The origin of the page that is going to show it: a portal of the app, or one that the API token may name. */
    portalOrigin?: string;
}

/** What will keep a link from being shown. It is also written to the console, once. */
export interface Warning {
    code: string;
    message: string;
}

/** Only of a strict app: what the portal's page posts to the URL. `@inlay/embed` does it with the answer as it is. */
export interface Posted {
    secret?: string;
}

export interface Client {
    /** ToolJet's contract: somebody whom Inlay knows; the link opens until it expires. */
    personalAccessToken(request: PatRequest): Promise<{ personalAccessToken: string; redirectUrl: string } & Posted>;
    /** Retool's contract: somebody whom the portal knows; the link opens once. */
    embedUrl(request: EmbedRequest): Promise<{ embedUrl: string } & Posted>;
}

const TIMEOUT_MS = 10_000;
const CODES: Readonly<Record<number, ErrorCode>> = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    429: "too_many_requests",
    503: "unavailable",
};

const warned = new Set<string>();

function warn(warnings: unknown): void {
    for (const { message } of Array.isArray(warnings) ? (warnings as Warning[]) : []) {
        if (!warned.has(message)) {
            warned.add(message);
            console.warn(`Inlay: ${message}`);
        }
    }
}

/** `url` is Inlay's public URL, `token` an API token with the scope `embed`. */
export function createClient(options: { url: string; token: string | undefined }): Client {
    const { url, token } = options ?? {};
    checkUrl("url", url, "Inlay's public URL, such as https://inlay.example.com");
    checkToken("token", token);
    async function ask(path: string, body: object): Promise<Record<string, unknown>> {
        const text = stringify(body);
        let response: Response;
        let answer: Record<string, unknown> | null;
        try {
            response = await fetch(new URL(path, url), {
                method: "POST",
                headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
                body: text,
                redirect: "error",
                signal: AbortSignal.timeout(TIMEOUT_MS),
            });
            const said = await response.text();
            answer = /json/.test(response.headers.get("Content-Type") ?? "") ? JSON.parse(said) : null;
        } catch (cause) {
            throw new InlayError(503, "unreachable", `${url} did not answer.`, undefined, { cause });
        }
        if (response.ok && typeof answer === "object" && answer !== null) {
            warn(answer["warnings"]);
            return answer;
        }
        // A list of strings where ToolJet's validation would find something.
        const message = [answer?.["message"]].flat().filter((part) => typeof part === "string");
        const retry = response.headers.get("Retry-After");
        throw new InlayError(
            response.status,
            CODES[response.status] ?? "unexpected",
            message.join(" ") || `${url} answered ${response.status}.`,
            retry === null ? undefined : Number(retry),
        );
    }
    return {
        personalAccessToken: (request) => ask("/api/ext/users/personal-access-token", request) as never,
        embedUrl: (request) => ask("/api/embed-url/external-user", request) as never,
    };
}
