// Strict apps: no secret in a URL. The portal's page posts the link into its frame, and only a portal can.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, frameHeaders, setCookie } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin } from "../lib/world.mjs";

const wildcard = "https://*.customers.example";

describe("a strict app", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;

    before(async () => {
        server = await startServer({ access_log: "on" });
        world = await makeWorld(server, { portals: [portalOrigin, wildcard, "capacitor://localhost"] });
        await world.api.patch(`/apps/${world.app.id}`, { strict: true });
    });
    after(() => server.discard());

    const codeOf = (answer) => answer.json?.code ?? /data-code="([a-z_]+)"/.exec(answer.text)?.[1];
    const contracts = [
        ["Retool's", () => world.postedLink()],
        ["ToolJet's", () => world.postedPat()],
    ];

    /** It was neither spent nor counted: a portal opens it. */
    async function assertUnspent(link) {
        const page = await new Browserlike().post(link, portalOrigin);
        assert.equal(page.status, 200, `${page.status} ${codeOf(page)}`);
    }

    it("is one because an admin says so, and others answer as the contracts say", async () => {
        const other = await makeWorld(server);
        assert.equal(other.app.strict, false);
        assert.deepEqual(Object.keys(await other.embed()), ["embedUrl"]);
        assert.deepEqual(Object.keys(await other.pat()), ["personalAccessToken", "redirectUrl"]);
        const event = await world.lastEvent("app.update", { appId: world.app.id });
        assert.equal(event.detail.strict, true);
        const answer = await world.api.call("PATCH", `/apps/${world.app.id}`, { body: { strict: "yes" } });
        assert.deepEqual([answer.status, answer.json.member], [400, "strict"]);
        assert.equal((await world.api.post("/apps", { name: "born strict", strict: true })).strict, true);
    });

    it("gives the secret apart from the URL, by both contracts", async () => {
        const embed = await world.embed();
        assert.match(embed.embedUrl, /^http:\/\/[a-z2-7]{26}\.localhost:\d+\/_inlay\/embed\/post$/);
        assert.match(embed.secret, /^[\w-]{43}$/);
        const pat = await world.pat();
        assert.equal(pat.secret, pat.personalAccessToken);
        assert.equal(
            new URL(pat.redirectUrl).pathname + new URL(pat.redirectUrl).search,
            `/embed-apps/${world.app.id}?appSlug=${world.app.slug}`,
        );
    });

    for (const [whose, mint] of contracts) {
        it(`opens by a form of the portal and puts no secret into any URL, with ${whose} links`, async () => {
            const browser = new Browserlike();
            const link = await mint();
            const page = await browser.post(link, portalOrigin);
            assert.deepEqual(
                page.hops.map(({ status }) => status),
                [307, 303, 200],
            );
            const [posted, entered] = page.hops;
            assert.equal(posted.headers.location, "/_inlay/enter");
            assert.equal(entered.headers.location, "/");
            for (const hop of [posted, entered]) {
                assert.equal(hop.headers["cache-control"], "no-store");
                assert.equal(hop.headers["cross-origin-resource-policy"], "cross-origin");
            }
            assert.equal(posted.headers["referrer-policy"], "strict-origin", "or the second Origin would be null");
            assert.equal(entered.headers["referrer-policy"], "no-referrer");
            assert.match(posted.headers["set-cookie"].join(), /^__Host-inlay-pending=1; .*SameSite=None; Partitioned/);
            assert.match(entered.headers["set-cookie"].join(), /^__Host-inlay=.*SameSite=None; Partitioned/);
            assert.equal((await browser.fetch(`${new URL(link.url).origin}/_inlay/session`)).status, 200);
        });

        it(`renews by a form, too, and resumes, with ${whose} links`, async () => {
            const browser = new Browserlike();
            await browser.post(await mint(), portalOrigin);
            const pat = await world.postedPat();
            const first = await browser.post(pat, portalOrigin);
            const cookie = setCookie(first.hops.at(-2));
            const again = await browser.post(pat, portalOrigin);
            assert.deepEqual(
                again.hops.map(({ status }) => status),
                [303, 200],
            );
            assert.equal(setCookie(again.hops[0]), undefined, "the session goes on");
            const next = await world.postedPat();
            const url = new URL(next.url);
            url.searchParams.set("renew", "1");
            const renewed = await browser.post({ url: url.href, secret: next.secret }, portalOrigin);
            assert.equal(new URL(renewed.url).pathname, "/_inlay/renewed");
            assert.equal(setCookie(renewed.hops[0]), cookie, "it is the same session");
            const elsewhere = new Browserlike();
            const opened = await elsewhere.post({ url: url.href, secret: next.secret }, portalOrigin);
            assert.deepEqual(
                opened.hops.map(({ status }) => status),
                [307, 303, 200],
            );
            assert.equal(opened.hops[0].headers.location, "/_inlay/enter?renew=1");
        });

        it(`refuses links in URLs before anything is spent, with ${whose} links`, async () => {
            const link = await mint();
            const url = new URL(link.url);
            const byHand =
                whose === "Retool's"
                    ? [`${url.origin}/_inlay/embed/${link.secret}`]
                    : ["", server.url].map((base) => {
                          const made = new URL(url.pathname, base || url.origin);
                          made.searchParams.set("personal-access-token", link.secret);
                          return made.href;
                      });
            for (const at of [link.url, ...byHand]) {
                const page = await new Browserlike().open(at);
                assert.deepEqual([page.status, codeOf(page)], [403, "link_post_required"], at);
                assert.equal(page.headers["set-cookie"], undefined);
                if (!at.startsWith(server.url)) {
                    assert.match(page.headers["content-security-policy"], /frame-ancestors http:\/\/localhost:5173 /);
                }
            }
            await assertUnspent(link);
        });
    }

    it("refuses a proof in a URL as well, and a link that was made before the app was strict", async () => {
        const other = await makeWorld(server);
        const link = await other.embedLink();
        const browser = new Browserlike();
        const first = await browser.navigate(link);
        assert.match(first.headers.location, /^\/_inlay\/enter\?link=/);
        await other.api.patch(`/apps/${other.app.id}`, { strict: true });
        for (const at of [link, new URL(first.headers.location, link).href]) {
            const page = await browser.open(at);
            assert.deepEqual([page.status, codeOf(page)], [403, "link_post_required"]);
        }
        await other.api.patch(`/apps/${other.app.id}`, { strict: false });
        assert.equal((await browser.open(link)).status, 200);
    });

    it("takes a form from portals only, and says which Referrer-Policy hides one, before anything is spent", async () => {
        const link = await world.postedLink();
        const own = new URL(link.url).origin;
        const sibling = new URL((await world.postedLink()).url).origin;
        const refused = [
            ["null", "portal_origin_hidden"],
            ...[
                undefined,
                "",
                own,
                sibling,
                server.url,
                "http://localhost:5174",
                "https://customers.example",
                "https://evilcustomers.example",
                "http://a.customers.example",
                "https://a.customers.example:8443",
                "https://a.customers.example.evil.example",
                `${portalOrigin} ${wildcard}`,
                "*",
                wildcard.replace("*", ""),
            ].map((origin) => [origin, "portal_not_allowed"]),
        ];
        const browser = new Browserlike();
        await browser.send(link.url, {
            method: "POST",
            body: `secret=${link.secret}`,
            headers: {
                ...frameHeaders(),
                Origin: portalOrigin,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        });
        for (const at of [link.url, `${own}/_inlay/enter`, `${own}/_inlay/enter?renew=1`]) {
            for (const [origin, code] of refused) {
                const page = await browser.post({ url: at, secret: link.secret }, origin);
                assert.deepEqual([page.status, codeOf(page)], [403, code], `${at} from ${origin}`);
                assert.equal(setCookie(page), undefined);
            }
        }
        assert.match(
            (await browser.post(link, "null")).text,
            /Referrer-Policy must be strict-origin-when-cross-origin/,
            "it names the policy",
        );
        assert.equal((await world.lastEvent("deny")).detail.reason, "portal_origin_hidden");
        for (const origin of [portalOrigin, "https://a.customers.example", "capacitor://localhost"]) {
            assert.equal((await new Browserlike().post(await world.postedLink(), origin)).status, 200, origin);
        }
        await assertUnspent(link);
    });

    it("lets a page that is no portal make nobody somebody else: what a browser has stays", async () => {
        const victim = new Browserlike();
        await victim.post(await world.postedLink({ externalIdentifier: "victim" }), portalOrigin);
        const attack = await world.postedLink({ externalIdentifier: "victim" });
        const session = `${new URL(attack.url).origin}/_inlay/session`;
        const before = (await victim.fetch(session)).json.session.id;
        for (const url of [attack.url, new URL("/_inlay/enter", attack.url).href]) {
            await victim.post({ url, secret: attack.secret }, "https://evil.example");
            await victim.post({ url, secret: attack.secret }, "null");
        }
        assert.equal((await victim.fetch(session)).json.session.id, before);
    });

    it("takes a form for a frame only: not by a script, nor as a page of its own, nor ahead of time", async () => {
        const link = await world.postedLink();
        for (const [headers, code] of [
            [{ "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "no-cors" }, "link_not_a_frame"],
            [{ "Sec-Fetch-Dest": "document" }, "link_top_level"],
            [{ "Sec-Purpose": "prefetch" }, "link_prefetch"],
        ]) {
            const page = await new Browserlike().post(link, portalOrigin, headers);
            assert.deepEqual([page.status, codeOf(page)], [403, code]);
        }
        await assertUnspent(link);
    });

    it("says what is wrong with a form", async () => {
        const { url, secret } = await world.postedLink();
        const pat = await world.postedPat();
        const post = (body, type, at = url) =>
            new Browserlike().send(at, {
                method: "POST",
                body,
                headers: { ...frameHeaders(), Origin: portalOrigin, "Content-Type": type },
            });
        const form = "application/x-www-form-urlencoded";
        for (const [answer, status, code] of [
            [await post(JSON.stringify({ secret }), "application/json"), 400, "bad_request"],
            [await post(`secret=${secret}`, "text/plain"), 400, "bad_request"],
            [await post(`secret=${secret}`, undefined), 400, "bad_request"],
            [await post("secret=%zz", form), 400, "bad_request"],
            [await post("", form), 401, "link_missing"],
            [await post("token=x", form), 401, "link_missing"],
            [await post("secret=", form), 401, "link_missing"],
            [await post(`secret=${secret}&secret=${secret}`, form), 401, "link_invalid"],
            [await post(`secret=${secret}x`, form), 401, "link_invalid"],
            [await post(`secret=${pat.secret}`, form), 401, "link_invalid"],
            [await post(`secret=${pat.secret}`, form, `${server.url}/embed-apps/${world.app.id}`), 401, "link_invalid"],
            [await post(`secret=${secret}&x=${"x".repeat(5000)}`, form), 413, "body_too_large"],
        ]) {
            assert.deepEqual([answer.status, codeOf(answer)], [status, code], answer.text.slice(0, 400));
        }
        assert.equal((await post(`a=b&secret=${secret}&c`, `${form}; charset=UTF-8`)).status, 307);
        await assertUnspent({ url, secret });
    });

    it("leads to where the mint says, and takes what the portal puts behind the URL", async () => {
        const ends = async (link) => {
            const page = await new Browserlike().post(link, portalOrigin);
            const { pathname, search } = new URL(page.url);
            return pathname + search;
        };
        assert.equal(await ends(await world.postedLink({ path: "/orders/5" })), "/orders/5");
        const link = await world.postedLink();
        assert.equal(await ends({ ...link, url: `${link.url}/orders/6?tab=a%26b` }), "/orders/6?tab=a%26b");
        const pat = await world.postedPat();
        assert.equal(await ends({ ...pat, url: `${pat.url}&page=2` }), "/?page=2");
    });

    it("opens in a portal of the same site as well, whose redirects carry no Referer", async () => {
        const page = await new Browserlike().post(await world.postedLink(), portalOrigin, {
            "Sec-Fetch-Site": "same-site",
        });
        assert.equal(page.status, 200, `${page.status} ${codeOf(page)}`);
    });

    it("says that cookies are blocked, and the link is unspent", async () => {
        const link = await world.postedLink();
        const enter = new URL("/_inlay/enter", link.url).href;
        const page = await new Browserlike().post({ url: enter, secret: link.secret }, portalOrigin);
        assert.deepEqual([page.status, codeOf(page)], [403, "cookies_blocked"]);
        await assertUnspent(link);
    });

    it("heals a browser whose cookies are too many, and posts again", async () => {
        for (const count of [8, 12]) {
            const browser = new Browserlike();
            const link = await world.postedLink();
            for (let i = 0; i < count; i++) {
                browser.cookies(link.url).set(`w${i}`, "x".repeat(4000));
            }
            const page = await browser.post(link, portalOrigin);
            assert.equal(page.status, 200, `${count}: ${page.status} ${codeOf(page)}`);
            assert.ok(browser.cookies(link.url).size < 6, "most cookies are gone");
            assert.equal(page.hops[0].headers["referrer-policy"], "strict-origin");
        }
    });

    it("exempts no other unsafe request from what keeps siblings out", async () => {
        const browser = new Browserlike();
        const link = await world.postedLink();
        await browser.post(link, portalOrigin);
        const { origin } = new URL(link.url);
        const form = { Origin: portalOrigin, "Content-Type": "application/x-www-form-urlencoded" };
        for (const at of ["/", "/any", "/_inlay/logout", "/_inlay/session", "/_inlay/renewed", "/embed-app/x"]) {
            const answer = await browser.send(origin + at, {
                method: "POST",
                body: `secret=${link.secret}`,
                headers: { ...frameHeaders(), ...form },
            });
            assert.deepEqual([answer.status, codeOf(answer)], [403, "sibling_refused"], at);
        }
        const fresh = await world.postedLink();
        for (const method of ["PUT", "PATCH", "DELETE", "REPORT"]) {
            for (const at of [fresh.url, `${new URL(fresh.url).origin}/_inlay/enter`]) {
                const answer = await browser.send(at, {
                    method,
                    body: `secret=${fresh.secret}`,
                    headers: { ...frameHeaders(), ...form },
                });
                assert.ok(answer.status >= 400, `${method} ${at}: ${answer.status}`);
                assert.equal(setCookie(answer), undefined);
            }
        }
        await assertUnspent(fresh);
    });

    it("leaves no secret in the log", async () => {
        const link = await world.postedLink();
        await new Browserlike().post(link, portalOrigin);
        await eventually("the log", () => server.logs().includes("_inlay/enter"));
        assert.ok(!server.logs().includes(link.secret));
    });
});

describe("an app that isn't strict", () => {
    it("takes a posted link, too, from its portals", async (t) => {
        const server = await startServer();
        t.after(() => server.discard());
        const world = await makeWorld(server);
        const link = await world.embedLink();
        const posted = { url: new URL("/_inlay/embed/post", link).href, secret: link.split("/").at(-1) };
        assert.equal((await new Browserlike().post(posted, "https://evil.example")).status, 403);
        assert.equal((await new Browserlike().post(posted, portalOrigin)).status, 200);
    });
});
