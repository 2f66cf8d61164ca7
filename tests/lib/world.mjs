// What most tests begin with: an app with a release, a group that may use it, a user in the group.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { Browserlike } from "./browserlike.mjs";
import { smallApp, tarGz } from "./bundle.mjs";
import { Api } from "./api.mjs";

let count = 0;

/** A name that no other object of this run has. */
export function unique(word) {
    count += 1;
    return `${word}-${process.pid}-${count}`;
}

export const portalOrigin = "http://localhost:5173";

/**
 * @param {import("./server.mjs").Server} server
 * @param {{ portals?: string[], bundle?: import("./bundle.mjs").Entry[], version?: string }} [options]
 */
export async function makeWorld(server, options = {}) {
    const api = new Api(server, server.token);
    const name = unique("app");
    const app = await api.post("/apps", {
        name,
        slug: name,
        portals: options.portals ?? [portalOrigin],
    });
    const version = options.version ?? "1.0.0";
    const release = await deploy(api, app.id, version, options.bundle ?? smallApp(name));
    const group = await api.post("/groups", { name: unique("group") });
    await api.put(`/groups/${group.id}/apps/${app.id}`);
    return new World(server, api, app, release, group, await makeUser(api, group));
}

/** @param {Api} api */
async function makeUser(api, group) {
    const user = await api.post("/users", {
        email: `${unique("ann")}@acme.example`,
        firstName: "Ann",
        lastName: "Lee",
    });
    await api.put(`/groups/${group.id}/members/${user.id}`);
    return user;
}

/** @param {Api} api */
export function deploy(api, appId, version, entries) {
    return api.expect(201, "POST", `/apps/${appId}/releases`, {
        query: { version },
        raw: tarGz(entries),
        type: "application/gzip",
    });
}

export class World {
    constructor(server, api, app, release, group, user) {
        this.server = server;
        /** @type {Api} */
        this.api = api;
        this.app = app;
        this.release = release;
        this.group = group;
        this.user = user;
    }

    /** Another user of the same name who may use the app. */
    newUser() {
        return makeUser(this.api, this.group);
    }

    /** A PAT for the world's user: {personalAccessToken, redirectUrl}. */
    pat(more = {}) {
        return this.api.expect(201, "POST", "/api/ext/users/personal-access-token", {
            body: { email: this.user.email, appId: this.app.id, ...more },
        });
    }

    /** A PAT's link. */
    async patLink(more = {}) {
        return (await this.pat(more)).redirectUrl;
    }

    /** A single-use link for some external user. */
    async embedLink(more = {}) {
        return (await this.embed(more)).embedUrl;
    }

    /** The same with all that the mint answers. */
    embed(more = {}) {
        const body = {
            landingPageUuid: this.app.id,
            groupIds: [this.group.id],
            externalIdentifier: unique("customer"),
            ...more,
        };
        return this.api.expect(200, "POST", "/api/embed-url/external-user", { body });
    }

    /** Of an app that is strict: what a portal's page posts, by either contract. */
    async postedLink(more = {}) {
        const { embedUrl, secret } = await this.embed(more);
        return { url: embedUrl, secret };
    }

    async postedPat(more = {}) {
        const { redirectUrl, secret } = await this.pat(more);
        return { url: redirectUrl, secret };
    }

    /** A browser in which a link of this world was opened and works. */
    async opened(link, browser = new Browserlike()) {
        const page = await browser.open(await (link ?? this.patLink()));
        if (page.status !== 200) {
            throw new Error(`the link did not open: ${page.status} ${page.text.slice(0, 500)}`);
        }
        const origin = new URL(page.url).origin;
        return new Opened(browser, origin, page);
    }

    /**
     * Lets a session end in so many seconds; the shortest that can be asked for lasts a minute. What the server keeps in
     * its memory gives way when access was taken away from anybody. Gives back the end.
     */
    async setEnd(sessionId, seconds) {
        const stranger = await this.api.post("/users", { email: `${unique("eve")}@acme.example` });
        const end = this.server.now() + seconds * 1000;
        const statement = `UPDATE sessions SET expires_at = ${end} WHERE lower(hex(id)) = '${sessionId.replaceAll("-", "")}'`;
        execFileSync("sqlite3", [path.join(this.server.data, "inlay.db"), ".timeout 5000", statement]);
        await this.api.patch(`/users/${stranger.id}`, { status: "archived" });
        return end;
    }

    /** The newest event of a type in the workspace. */
    async lastEvent(type, query = {}) {
        const { items } = await this.api.get("/events", { type, limit: 1, ...query });
        return items[0];
    }
}

export class Opened {
    constructor(browser, origin, page) {
        /** @type {Browserlike} */
        this.browser = browser;
        this.origin = origin;
        this.page = page;
    }
    /** A fetch by the app itself. */
    fetch(path, options) {
        return this.browser.fetch(this.origin + path, options);
    }
    /** The frame loads a page of the app. */
    navigate(path = "/", headers = {}) {
        return this.browser.navigate(this.origin + path, { "Sec-Fetch-Site": "same-origin", ...headers });
    }
    session() {
        return this.fetch("/_inlay/session");
    }
    /** The code of the refusal that the next request meets; null when it is served. */
    async refusal() {
        const answer = await this.session();
        return answer.status === 200 ? null : (answer.json?.code ?? `status ${answer.status}`);
    }
}
