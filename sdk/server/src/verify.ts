// Who the user of a request is: the identity assertion, a JWT that Inlay signs (ES256).
import { webcrypto } from "node:crypto";
import { InlayError, type ErrorCode } from "./error.js";
import { parse } from "../../common/json.js";
import { checkText, checkUrl } from "./options.js";
import type { Value } from "./client.js";

export interface Identity {
    /** The user's id in Inlay. */
    readonly sub: string;
    readonly email?: string;
    readonly name?: string;
    readonly given_name?: string;
    readonly family_name?: string;
    readonly externalIdentifier?: string;
    readonly groups: readonly string[];
    /** The groups did not fit and `groups` is empty. */
    readonly groupsOmitted?: true;
    readonly metadata: { readonly [name: string]: Value };
    readonly environment?: string;
    /** The session's id. */
    readonly sid: string;
    readonly jti: string;
    readonly iss: string;
    readonly aud: string;
    readonly iat: number;
    readonly nbf: number;
    readonly exp: number;
}

export interface VerifierOptions {
    /** Inlay's public URL, exactly as it is set there. */
    url: string;
    appId: string;
    /** Where the keys are, if not at `<url>/.well-known/jwks.json`. */
    keysUrl?: string;
}

/** Seconds that the clocks of the two servers may differ. */
export const CLOCK_TOLERANCE_S = 10;
const MAX_LENGTH = 16_384;
const FRESH_MS = 300_000;
const KEEP_MS = 3_600_000;
/** Assertions of strangers do not make us ask more often. */
const ASK_MS = 10_000;
const TIMEOUT_MS = 5_000;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

type Keys = Map<string, webcrypto.CryptoKey>;

function refuse(code: ErrorCode, message: string): never {
    throw new InlayError(401, code, message);
}

async function fetchKeys(url: string): Promise<Keys> {
    const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { keys } = (await response.json()) as { keys: (webcrypto.JsonWebKey & { kid?: unknown })[] };
    const found: Keys = new Map();
    for (const { kid, kty, crv, x, y } of keys) {
        if (typeof kid === "string" && kty === "EC" && crv === "P-256" && x !== undefined && y !== undefined) {
            found.set(kid, await webcrypto.subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, ["verify"]));
        }
    }
    return found;
}

/** Inlay's public keys: fresh for five minutes, asked for again when one is unknown, kept for an hour if Inlay is silent. */
function keyRing(url: string): (kid: string) => Promise<webcrypto.CryptoKey | undefined> {
    let keys: Keys = new Map();
    let fetched = -Infinity;
    let asked = -Infinity;
    let asking: Promise<void> | undefined;

    async function refresh(): Promise<void> {
        asked = performance.now();
        try {
            keys = await fetchKeys(url);
            fetched = performance.now();
        } catch {
            if (performance.now() - fetched > KEEP_MS) {
                keys = new Map();
            }
        } finally {
            asking = undefined;
        }
    }

    return async (kid) => {
        const isFresh = () => performance.now() - fetched < FRESH_MS;
        if (asking === undefined && performance.now() - asked > ASK_MS && !(keys.has(kid) && isFresh())) {
            asking = refresh();
        }
        if (asking !== undefined && !(keys.has(kid) && isFresh())) {
            await asking;
        }
        if (performance.now() - fetched > KEEP_MS) {
            throw new InlayError(503, "unreachable", `${url} did not answer with keys.`);
        }
        return keys.get(kid);
    };
}

function decode(part: string): Buffer {
    return /^[\w-]+$/.test(part)
        ? Buffer.from(part, "base64url")
        : refuse("assertion_malformed", "The assertion is no JWT.");
}

function decodeObject(part: string, read: (text: string) => unknown): Record<string, unknown> {
    const bytes = decode(part);
    try {
        const value = read(bytes.toString("utf8"));
        if (typeof value === "object" && value !== null && !Array.isArray(value)) {
            return value as Record<string, unknown>;
        }
    } catch {
        // Refused below.
    }
    return refuse("assertion_malformed", "The assertion is no JWT.");
}

/** Gives back a function that verifies the header X-Inlay-Assertion, or rejects with an InlayError. */
export function verifier(
    options: VerifierOptions,
): (assertion: string | readonly string[] | null | undefined) => Promise<Identity> {
    const { url, appId, keysUrl } = options ?? {};
    checkUrl("url", url, "Inlay's public URL, such as https://inlay.example.com");
    checkText("appId", appId, "APP_ID");
    if (keysUrl !== undefined) {
        checkUrl("keysUrl", keysUrl, "where the keys are, such as https://inlay.example.com/.well-known/jwks.json");
    }
    const find = keyRing(keysUrl ?? `${url}/.well-known/jwks.json`);

    return async (assertion) => {
        if (assertion === undefined || assertion === null || assertion === "") {
            return refuse("assertion_missing", "The request has no assertion.");
        }
        const parts = typeof assertion === "string" && assertion.length <= MAX_LENGTH ? assertion.split(".") : [];
        if (parts.length !== 3) {
            return refuse("assertion_malformed", "The assertion is no JWT.");
        }
        const [head, body, signature] = parts as [string, string, string];
        const header = decodeObject(head, JSON.parse);
        if (header["alg"] !== "ES256" || header["crit"] !== undefined) {
            return refuse("assertion_algorithm", "The assertion is not signed by ES256.");
        }
        const key = typeof header["kid"] === "string" ? await find(header["kid"]) : undefined;
        if (key === undefined) {
            return refuse("assertion_key", "Inlay does not know the key of the assertion.");
        }
        const signed = Buffer.from(`${head}.${body}`);
        if (!(await webcrypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, decode(signature), signed))) {
            return refuse("assertion_signature", "The assertion's signature is wrong.");
        }
        return check(decodeObject(body, parse), url, appId);
    };
}

function check(claims: Record<string, unknown>, issuer: string, audience: string): Identity {
    const now = Date.now() / 1000;
    const { iss, aud, sub, exp, nbf } = claims;
    if (iss !== issuer) {
        return refuse("assertion_issuer", "The assertion is of another server.");
    }
    if (aud !== audience) {
        return refuse("assertion_audience", "The assertion is for another app.");
    }
    if (typeof exp !== "number" || now >= exp + CLOCK_TOLERANCE_S) {
        return refuse("assertion_expired", "The assertion has expired.");
    }
    if (nbf !== undefined && (typeof nbf !== "number" || now < nbf - CLOCK_TOLERANCE_S)) {
        return refuse("assertion_early", "The assertion is not valid yet.");
    }
    if (typeof sub !== "string" || sub === "") {
        return refuse("assertion_malformed", "The assertion names no user.");
    }
    return claims as unknown as Identity;
}
