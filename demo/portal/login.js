// Passwords, and the portal's own login sessions. Nothing here knows about Inlay.
import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const deriveKey = promisify(
    /** @type {(password: string, salt: Buffer, length: number, done: (error: Error | null, key: Buffer) => void) => void} */ (
        scrypt
    ),
);

const KEY_BYTES = 32;
const SESSION_MS = 8 * 60 * 60 * 1000;
const SESSIONS_MAX = 1000;

/** @param {string} password */
export async function hashPassword(password) {
    const salt = randomBytes(16);
    const key = await deriveKey(password, salt, KEY_BYTES);
    return `${salt.toString("base64url")}.${key.toString("base64url")}`;
}

/**
 * @param {string} password
 * @param {string} hash made by hashPassword
 */
export async function isPassword(password, hash) {
    const [salt = "", key = ""] = hash.split(".");
    const expected = Buffer.from(key, "base64url");
    return timingSafeEqual(await deriveKey(password, Buffer.from(salt, "base64url"), KEY_BYTES), expected);
}

/** Who is logged in, in memory: a restart of the portal logs everybody out. Cookie values are kept as hashes only. */
export class LoginSessions {
    /** @type {Map<string, { customer: string, endsAt: number }>} oldest first */
    #sessions = new Map();

    /** @param {string} customer */
    open(customer) {
        const [oldest] = this.#sessions.keys();
        if (this.#sessions.size >= SESSIONS_MAX && oldest !== undefined) {
            this.#sessions.delete(oldest);
        }
        const value = randomBytes(32).toString("base64url");
        this.#sessions.set(digest(value), { customer, endsAt: Date.now() + SESSION_MS });
        return value;
    }

    /**
     * @param {string} value the cookie's
     * @param {string} customer whose pages it was sent to
     */
    isOpen(value, customer) {
        const session = this.#sessions.get(digest(value));
        return session !== undefined && session.customer === customer && session.endsAt > Date.now();
    }

    /** @param {string} value */
    close(value) {
        this.#sessions.delete(digest(value));
    }
}

/** Lets a few things happen per minute and key, and no more: guessing passwords is not one of the demo's features. */
export class PerMinute {
    /** @type {Map<string, number[]>} */
    #times = new Map();
    #limit;

    /** @param {number} limit */
    constructor(limit) {
        this.#limit = limit;
    }

    /** @param {string} key one of a few: keys are never forgotten */
    allows(key) {
        const recent = (this.#times.get(key) ?? []).filter((time) => time > Date.now() - 60_000);
        const allowed = recent.length < this.#limit;
        this.#times.set(key, allowed ? [...recent, Date.now()] : recent);
        return allowed;
    }
}

/** @param {string} value */
function digest(value) {
    return createHash("sha256").update(value).digest("base64url");
}
