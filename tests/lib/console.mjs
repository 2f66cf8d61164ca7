// An admin in the console: an Api with the cookie of a session instead of a token, and the headers of its own pages.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "./api.mjs";
import { setCookie } from "./browserlike.mjs";
import { unique } from "./world.mjs";

export const password = "a lamp, a kettle and two chairs";

/** What Chromium sends with a fetch of the console's own pages. */
const ownPage = (server) => ({
    Origin: new URL(server.url).origin,
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
});

export class Console extends Api {
    constructor(server, cookie, headers = ownPage(server)) {
        super(server, null);
        this.cookie = cookie;
        this.headers = headers;
    }

    send(method, pathname, call = {}) {
        const Cookie = this.cookie === undefined ? undefined : `__Host-inlay-console=${this.cookie}`;
        return super.send(method, pathname, { ...call, headers: { ...this.headers, Cookie, ...call.headers } });
    }

    /** The same admin from elsewhere. */
    from(headers) {
        return new Console(this.server, this.cookie, headers);
    }

    signIn(email, more = {}) {
        return this.call("POST", "/sign-in", { body: { email, password, ...more } });
    }

    /** An invited admin who has chosen a password. */
    async invite(role) {
        const { link } = await this.post("/admins", { email: `${unique(role)}@acme.example`, role });
        return useLink(this.server, link);
    }
}

/** Chooses a password by a link; email only for the first admin. */
export async function useLink(server, link, email) {
    const visitor = new Console(server);
    const answer = await visitor.call("POST", "/setup", {
        body: { code: new URL(link).hash.slice(1), password, email },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.notEqual(answer.json.signedInAt, null);
    const admin = new Console(server, setCookie(answer, "__Host-inlay-console"));
    admin.email = answer.json.email;
    return admin;
}

/** The link that the first start prints, a moment after it is ready; without the console's files only its code. */
export async function setupLink(server) {
    for (let tries = 0; tries < 500; tries += 1) {
        const code = /works once.*\n +(?:\S+\/setup#)?([\w-]{43})\n/.exec(server.output)?.[1];
        if (code !== undefined) {
            return `${server.url}/setup#${code}`;
        }
        await sleep(20);
    }
    throw new Error(`no code was printed:\n${server.output}`);
}

export const firstAdmin = async (server) => useLink(server, await setupLink(server), `${unique("first")}@acme.example`);
