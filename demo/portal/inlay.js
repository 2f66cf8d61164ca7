// Asks Inlay for links. Both of its contracts, and what the portal's page may see of each request.

/**
 * @typedef {import("./customers.js").Customer} Customer
 *
 * @typedef {object} Exchange a request and its answer, with every secret masked, to be shown on the page
 * @property {{ method: string, url: string, headers: Record<string, string>, body: unknown }} request
 * @property {{ status: number, body: unknown } | null} response null if none came
 * @property {number} milliseconds
 *
 * @typedef {object} Minted
 * @property {string} link
 * @property {Exchange} exchange
 */

const SESSION_MINUTES = 60;
const LINK_SECONDS = 3600;
const ANSWER_MS = 10_000;

/** Inlay gave no link. `status` is what the portal's own caller is answered. */
export class NoLink extends Error {
    /**
     * @param {number} status
     * @param {string} message
     * @param {Exchange} exchange
     * @param {string | null} [retryAfter] seconds
     */
    constructor(status, message, exchange, retryAfter = null) {
        super(message);
        this.status = status;
        this.exchange = exchange;
        this.retryAfter = retryAfter;
    }
}

export class Inlay {
    #url;
    #token;
    #appId;

    /** @param {{ url: string, token: string, appId: string }} options */
    constructor({ url, token, appId }) {
        this.#url = url.replace(/\/+$/, "");
        this.#token = token;
        this.#appId = appId;
    }

    /**
     * ToolJet's contract. The link says who the person is; Inlay knows the person and their groups already.
     * @param {Customer} customer
     */
    personalAccessToken({ person }) {
        return this.#mint("/api/ext/users/personal-access-token", "Basic", "redirectUrl", {
            email: person.email,
            appId: this.#appId,
            sessionExpiry: SESSION_MINUTES,
            patExpiry: LINK_SECONDS,
        });
    }

    /**
     * Retool's contract. The link carries the person, their groups and the customer's data; Inlay need not know them.
     * @param {Customer} customer
     * @param {readonly number[]} groupIds
     */
    embedUrl({ person, externalIdentifier, metadata }, groupIds) {
        return this.#mint("/api/embed-url/external-user", "Bearer", "embedUrl", {
            landingPageUuid: this.#appId,
            groupIds,
            externalIdentifier,
            sessionDurationMinutes: SESSION_MINUTES,
            userInfo: {
                email: person.email,
                first_name: person.firstName,
                last_name: person.lastName,
            },
            metadata,
        });
    }

    /**
     * @param {string} path
     * @param {"Basic" | "Bearer"} scheme
     * @param {string} member of the answer that holds the link
     * @param {unknown} body
     * @returns {Promise<Minted>}
     */
    async #mint(path, scheme, member, body) {
        const url = this.#url + path;
        const json = { "Content-Type": "application/json" };
        /** @type {Exchange} */
        const exchange = {
            request: {
                method: "POST",
                url,
                headers: { Authorization: `${scheme} inlay_${MASK}`, ...json },
                body,
            },
            response: null,
            milliseconds: 0,
        };
        const started = performance.now();
        let response;
        let answer;
        try {
            response = await fetch(url, {
                method: "POST",
                headers: { Authorization: `${scheme} ${this.#token}`, ...json },
                body: JSON.stringify(body),
                redirect: "error",
                signal: AbortSignal.timeout(ANSWER_MS),
            });
            answer = /** @type {Record<string, unknown>} */ (await response.json());
        } catch {
            throw new NoLink(502, `Inlay did not answer at ${this.#url}.`, exchange);
        }
        exchange.milliseconds = Math.round(performance.now() - started);
        exchange.response = { status: response.status, body: masked(answer) };

        const link = answer[member];
        if (response.ok && typeof link === "string") {
            return { link, exchange };
        }
        throw refusal(response, answer, exchange);
    }
}

/**
 * @param {Response} response
 * @param {Record<string, unknown>} answer
 * @param {Exchange} exchange
 */
function refusal(response, answer, exchange) {
    const reason = typeof answer["message"] === "string" ? answer["message"] : "";
    switch (response.status) {
        case 400:
            return new NoLink(400, `Inlay did not accept the portal’s request. ${reason}`.trim(), exchange);
        case 403:
            return new NoLink(403, "You may not use this app.", exchange);
        case 404:
            return new NoLink(404, "Inlay knows no such person, group or app.", exchange);
        case 429:
            return new NoLink(
                429,
                "Too many links were asked for in a minute.",
                exchange,
                response.headers.get("retry-after"),
            );
        default:
            return new NoLink(
                502,
                response.status === 401
                    ? "Inlay does not accept the portal’s API token."
                    : `Inlay answered ${response.status}.`,
                exchange,
            );
    }
}

const MASK = "••••••••";

/**
 * @param {unknown} answer
 * @returns {unknown}
 */
function masked(answer) {
    return JSON.parse(
        JSON.stringify(answer)
            .replace(/pat_[0-9a-f]+/gi, `pat_${MASK}`)
            .replace(/(\/_inlay\/embed\/)[\w-]+/g, `$1${MASK}`),
    );
}
