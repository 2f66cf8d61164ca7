// Which pages may show a link: what a mint says about it, what a frame's Referer says, and portals that a link names.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, firefox } from "../lib/browserlike.mjs";
import { Api } from "../lib/api.mjs";
import { exit, expect } from "../lib/command.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin, unique } from "../lib/world.mjs";

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;

before(async () => {
    server = await startServer();
    world = await makeWorld(server);
});
after(() => server.discard());

const evil = "https://evil.example";
const embedBody = (more = {}) => ({
    landingPageUuid: world.app.id,
    groupIds: [world.group.id],
    externalIdentifier: unique("customer"),
    ...more,
});
const patBody = (more = {}) => ({ email: world.user.email, appId: world.app.id, ...more });
const linkCount = async () => (await world.api.get("/links", { appId: world.app.id, limit: 200 })).items.length;
/** Who may frame an answer. */
const ancestors = (answer) => /frame-ancestors ([^;]*)/.exec(answer.headers["content-security-policy"])?.[1];

describe("a link in a page that is no portal", () => {
    for (const kind of ["patLink", "embedLink"]) {
        it(`is refused and stays unspent, with an event that names the page (${kind})`, async () => {
            const link = await world[kind]();
            const browser = new Browserlike();
            const refused = await browser.navigate(link, { Referer: `${evil}/` });
            assert.equal(refused.status, 403);
            assert.match(refused.text, /portal_not_allowed/);
            assert.match(refused.text, /https:\/\/evil\.example/);
            assert.equal(ancestors(refused).split(" ")[0], portalOrigin, "its portals alone can show the error");
            assert.equal(refused.headers["set-cookie"], undefined);
            const event = await world.lastEvent("deny", { appId: world.app.id });
            assert.deepEqual(event.detail, { reason: "portal_not_allowed", portal: evil });
            assert.ok(event.linkId);
            const opened = await browser.navigate(link, { Referer: `${portalOrigin}/` });
            assert.equal(opened.status, 303, "it still opens where it may");
        });
    }

    it("is refused to who renews or comes back, too", async () => {
        const link = await world.embedLink();
        const { browser } = await world.opened(link);
        assert.equal((await browser.navigate(link, { Referer: `${evil}/` })).status, 403);
        const next = await world.embedLink();
        assert.equal((await browser.navigate(`${next}?renew=1`, { Referer: `${evil}/` })).status, 403);
    });

    it("is refused at the public address, before it is sent to its origin", async () => {
        const { personalAccessToken } = await world.pat();
        const url = `${server.url}/embed-apps/${world.app.slug}?personal-access-token=${personalAccessToken}`;
        const refused = await new Browserlike().navigate(url, { Referer: `${evil}/` });
        assert.deepEqual([refused.status, /portal_not_allowed/.test(refused.text)], [403, true]);
    });

    for (const [words, headers] of [
        ["says nothing", {}],
        ["is a portal", { Referer: `${portalOrigin}/orders` }],
        ["is a program, which can claim anything", { Referer: `${evil}/`, "Sec-Fetch-Dest": undefined }],
        ["is a page of the app itself", { Referer: `${evil}/`, "Sec-Fetch-Site": "same-origin" }],
    ]) {
        it(`opens if the page ${words}`, async () => {
            assert.equal((await new Browserlike().navigate(await world.embedLink(), headers)).status, 303);
        });
    }

    it("is not opened in any frame while the app has no portal", async () => {
        const bare = await makeWorld(server, { portals: [] });
        const link = await bare.embedLink();
        const refused = await new Browserlike().navigate(link);
        assert.deepEqual([refused.status, /portal_not_allowed/.test(refused.text)], [403, true]);
        assert.equal((await bare.lastEvent("deny", { appId: bare.app.id })).detail.reason, "portal_not_allowed");
        await bare.api.patch(`/apps/${bare.app.id}`, { portals: [portalOrigin] });
        assert.equal((await new Browserlike().navigate(link)).status, 303);
    });
});

describe("a mint", () => {
    it("warns at once when an app has no portal, and otherwise answers as documented", async () => {
        const bare = await makeWorld(server, { portals: [] });
        const embed = { landingPageUuid: bare.app.id, groupIds: [bare.group.id], externalIdentifier: "a" };
        const pat = { email: bare.user.email, appId: bare.app.id };
        for (const answer of [await bare.api.mintEmbed(embed), await bare.api.mintPat(pat)]) {
            assert.ok(answer.status === 200 || answer.status === 201);
            assert.deepEqual(
                answer.json.warnings.map(({ code }) => code),
                ["portal_not_allowed"],
            );
        }
        const environment = { INLAY_URL: server.url, INLAY_TOKEN: server.token };
        const ran = await expect(exit.done, ["embed", bare.app.slug, "--user", bare.user.email], { environment });
        assert.match(ran.stderr, /no portals/);
        assert.match(ran.stdout, /^http\S+\n$/);
        assert.deepEqual(Object.keys((await world.api.mintEmbed(embedBody())).json), ["embedUrl"]);
        assert.deepEqual(Object.keys((await world.api.mintPat(patBody())).json), [
            "personalAccessToken",
            "redirectUrl",
        ]);
    });

    it("refuses a portalOrigin that is no portal, and makes nothing", async () => {
        const before = await linkCount();
        for (const answer of [
            await world.api.mintEmbed(embedBody({ portalOrigin: evil, externalIdentifier: "nobody-yet" })),
            await world.api.mintPat(patBody({ portalOrigin: evil })),
        ]) {
            assert.equal(answer.status, 403, answer.text);
            assert.match(answer.text, /https:\/\/evil\.example is not one of the app's portals/);
        }
        assert.equal(await linkCount(), before);
        assert.deepEqual((await world.api.get("/users", { externalIdentifier: "nobody-yet" })).items, []);
        const event = await world.lastEvent("deny", { appId: world.app.id });
        assert.deepEqual(event.detail, { reason: "portal_not_allowed", portal: evil });
    });

    it("refuses a portalOrigin that is none", async () => {
        for (const bad of [
            "evil",
            "https://*.example.com",
            "http://portal.example.com",
            "https://a.example/path",
            5,
            [],
        ]) {
            const answer = await world.api.mintEmbed(embedBody({ portalOrigin: bad }));
            assert.equal(answer.status, 400, JSON.stringify(bad));
            assert.match(answer.json.message, /portalOrigin/);
        }
        for (const none of [null, "", undefined]) {
            assert.equal((await world.api.mintEmbed(embedBody({ portalOrigin: none }))).status, 200);
        }
    });

    it("takes a portal of the app, and only its pages can show the link", async () => {
        const two = await makeWorld(server, { portals: [portalOrigin, "https://*.acme.example"] });
        const link = await two.embedLink({ portalOrigin: "https://EU.acme.example:443/" });
        const refused = await new Browserlike().navigate(link, { Referer: `${portalOrigin}/` });
        assert.equal(refused.status, 403);
        const { page, browser, origin } = await two.opened(link);
        assert.equal(ancestors(page), "https://eu.acme.example 'self'");
        const again = await browser.navigate(`${origin}/`, { "Sec-Fetch-Site": "same-origin" });
        assert.equal(ancestors(again), "https://eu.acme.example 'self'", "from memory, too");
        const other = await two.opened(await two.embedLink());
        assert.equal(ancestors(other.page), `${portalOrigin} https://*.acme.example 'self'`);
    });
});

describe("the access check", () => {
    it("says of a portal whether it may show the app, and warns when there is none", async () => {
        const check = (more, of = world) =>
            world.api.expect(200, "POST", "/access-checks", {
                body: { appId: of.app.id, email: of.user.email, ...more },
            });
        assert.deepEqual((await check({})).warnings, []);
        assert.equal((await check({ portalOrigin })).allowed, true);
        const denied = await check({ portalOrigin: evil });
        assert.deepEqual([denied.allowed, denied.reason], [false, "portal_not_allowed"]);
        const bare = await makeWorld(server, { portals: [] });
        const warned = await check({}, bare);
        assert.deepEqual([warned.allowed, warned.warnings.length], [true, 1]);
        assert.match(warned.warnings[0].message, /no portals/);
    });
});

describe("portals that an API token may name", () => {
    const customers = ["https://*.customers.example", "https://one.example"];

    async function tokenApi(body) {
        const token = await world.api.post("/api-tokens", { name: unique("vendor"), scopes: ["embed"], ...body });
        return new Api(server, token.token);
    }

    it("show its links although they are none of the app's, each link its own", async () => {
        const api = await tokenApi({ portals: customers });
        const link = async (portalOrigin, more) =>
            (
                await api.expect(200, "POST", "/api/embed-url/external-user", {
                    body: embedBody({ portalOrigin, ...more }),
                })
            ).embedUrl;
        const same = { externalIdentifier: "same" };
        const acme = await world.opened(await link("https://acme.customers.example", same));
        const other = await world.opened(await link("https://other.customers.example", same), new Browserlike(firefox));
        const own = await world.opened(await link(undefined, same), new Browserlike(firefox));
        assert.equal(ancestors(acme.page), "https://acme.customers.example 'self'");
        assert.equal(ancestors(other.page), "https://other.customers.example 'self'");
        assert.equal(ancestors(own.page), `${portalOrigin} 'self'`);
        assert.deepEqual(
            new Set([acme.origin, other.origin, own.origin]).size,
            1,
            "it belongs to link and session, not to the app's origin",
        );
        for (const one of [acme, other, acme]) {
            assert.equal(ancestors(await one.navigate()), ancestors(one.page));
        }
        const stranger = await new Browserlike().navigate(`${acme.origin}/`);
        assert.equal(ancestors(stranger), `${portalOrigin} 'self'`, "without a session the app's own list counts");

        const [session] = (await world.api.get("/sessions", { appId: world.app.id, limit: 3 })).items.slice(-1);
        assert.equal(session.portalOrigin, "https://acme.customers.example");
        const listed = await world.api.get(`/links/${session.linkId}`);
        assert.equal(listed.portalOrigin, "https://acme.customers.example");
    });

    it("follow the newest link of a session that is renewed", async () => {
        const api = await tokenApi({ portals: customers });
        const mint = async (portalOrigin) =>
            (
                await api.expect(200, "POST", "/api/embed-url/external-user", {
                    body: embedBody({ portalOrigin, externalIdentifier: "renews" }),
                })
            ).embedUrl;
        const opened = await world.opened(await mint("https://one.example"));
        await opened.browser.open(`${await mint("https://two.customers.example")}?renew=1`);
        assert.equal(ancestors(await opened.navigate()), "https://two.customers.example 'self'");
    });

    it("are no portals of other tokens, nor of the app", async () => {
        const portal = "https://acme.customers.example";
        assert.equal((await world.api.mintEmbed(embedBody({ portalOrigin: portal }))).status, 403);
        const api = await tokenApi({ portals: ["https://one.example"] });
        assert.equal((await api.mintEmbed(embedBody({ portalOrigin: portal }))).status, 403);
        assert.equal((await api.mintEmbed(embedBody({ portalOrigin: "https://customers.example" }))).status, 403);
        assert.equal((await api.mintEmbed(embedBody({ portalOrigin: "https://one.example" }))).status, 200);
        assert.equal((await api.mintPat(patBody({ portalOrigin: "https://one.example" }))).status, 201);
    });

    it("are given by an admin alone, and never anybody's to have", async () => {
        const builder = await tokenApi({ scopes: ["api-tokens:write", "embed"] });
        const body = { name: "x", scopes: ["embed"], portals: customers };
        const refused = await builder.expect(403, "POST", "/api-tokens", { body });
        assert.deepEqual([refused.code, refused.member], ["scope_missing", "portals"]);
        const made = await builder.post("/api-tokens", { name: "x", scopes: ["embed"] });
        assert.deepEqual(made.portals, []);
        await builder.expect(403, "PATCH", `/api-tokens/${made.id}`, { body: { portals: customers } });
        assert.deepEqual((await world.api.patch(`/api-tokens/${made.id}`, { portals: customers })).portals, customers);
        const renamed = await builder.patch(`/api-tokens/${made.id}`, { name: "y" });
        assert.deepEqual(renamed.portals, customers, "who may not change them keeps them");
        for (const bad of ["https://*.com", "https://*.github.io", "http://portal.example", "*", "https://*.co.uk"]) {
            const answer = await world.api.expect(400, "POST", "/api-tokens", { body: { ...body, portals: [bad] } });
            assert.match(JSON.stringify(answer), /portals\[0\]/);
        }
    });
});
