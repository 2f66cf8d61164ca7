// A link becomes a session: the rules of docs/life-of-a-link.md.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, chrome, firefox, frameHeaders, request, setCookie } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin } from "../lib/world.mjs";

/** A Set-Cookie line that works in a frame of another site. */
const cookieLine = (name, value) =>
    new RegExp(
        `^${name}=${value}; (?=.*\\bPath=/(;|$))(?=.*\\bSecure\\b)(?=.*\\bHttpOnly\\b)(?=.*\\bSameSite=None\\b)` +
            "(?=.*\\bPartitioned\\b)(?=.*\\bMax-Age=\\d+)(?!.*\\bDomain\\b)",
    );
const pendingLine = cookieLine("__Host-inlay-pending", "1");
const sessionLine = cookieLine("__Host-inlay", "[A-Za-z0-9_-]{22}");

/** @type {import("../lib/server.mjs").Server} */ let server;
/** @type {import("../lib/world.mjs").World} */ let world;

/** @param {import("../lib/browserlike.mjs").Answer} answer */
function assertRefused(answer, status, code) {
    const found = answer.json?.code ?? /data-code="([a-z_]+)"/.exec(answer.text)?.[1];
    assert.deepEqual({ status: answer.status, code: found }, { status, code }, answer.text.slice(0, 300));
}

/** Still good: somebody who was never seen before can open it. */
async function assertUnspent(link) {
    const page = await new Browserlike("A visitor of its own").open(link);
    assert.equal(page.status, 200, `the link was spent: ${page.status} ${page.text.slice(0, 300)}`);
}

const sessionsOf = async () => (await world.api.all("/sessions", { appId: world.app.id })).length;

describe("redeeming", () => {
    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    for (const kind of ["personal access token", "embed URL"]) {
        const mint = () => (kind === "embed URL" ? world.embedLink() : world.patLink());

        describe(`of a ${kind}`, () => {
            it("goes link, enter, app, with a pending cookie and then a session cookie", async () => {
                const browser = new Browserlike();
                const link = await mint();

                const first = await browser.navigate(link);
                assert.equal(first.status, 303, first.text);
                assert.match(first.headers.location, /^(http:\/\/[^/]+)?\/_inlay\/enter\?link=[\w-]{43}$/);
                assert.match(first.headers["set-cookie"][0], pendingLine);

                const enter = await browser.navigate(new URL(first.headers.location, link).href);
                assert.equal(enter.status, 303, enter.text);
                assert.equal(new URL(enter.headers.location, link).pathname, "/");
                assert.match(enter.headers["set-cookie"][0], sessionLine);

                for (const hop of [first, enter]) {
                    assert.equal(hop.headers["cache-control"], "no-store");
                    assert.equal(hop.headers["referrer-policy"], "no-referrer");
                }
                const app = await browser.navigate(new URL("/", link).href);
                assert.equal(app.status, 200);
                assert.match(app.text, new RegExp(world.app.name));
            });

            it("with renew=1 ends at a page that tells the portals how long the session lasts", async () => {
                const browser = new Browserlike();
                const renewing = async () => `${await mint()}${kind === "embed URL" ? "?" : "&"}renew=1`;
                await browser.open(await mint());
                for (const who of [browser, new Browserlike()]) {
                    const page = await who.open(await renewing());
                    assert.deepEqual([page.status, new URL(page.url).pathname], [200, "/_inlay/renewed"]);
                    assert.match(page.text, /data-code="renewed"/);
                    assert.match(page.text, /\d{4,} seconds are left/);
                    assert.match(
                        page.headers["content-security-policy"],
                        /frame-ancestors http:\/\/localhost:5173 'self'$/,
                    );
                }
                assertRefused(
                    await new Browserlike().navigate(new URL("/_inlay/renewed", await mint()).href),
                    401,
                    "session_missing",
                );
            });

            it("gives the session cookie the age of the session", async () => {
                const link =
                    kind === "embed URL"
                        ? await world.embedLink({ sessionDurationMinutes: 15 })
                        : await world.patLink({ sessionExpiry: 15 });
                const { hops } = await new Browserlike().open(link);
                const age = Number(/Max-Age=(\d+)/.exec(hops[1].headers["set-cookie"][0])?.[1]);
                assert.ok(age > 890 && age <= 900, String(age));
            });

            it("does not let a pending cookie into the app", async () => {
                const browser = new Browserlike();
                const link = await mint();
                await browser.navigate(link);
                assertRefused(await browser.navigate(new URL("/", link).href), 401, "session_missing");
                assertRefused(await browser.fetch(new URL("/_inlay/session", link).href), 401, "session_missing");
            });

            it("does not adopt a cookie value that the client brought", async () => {
                const browser = new Browserlike();
                const link = await mint();
                const planted = "AAAAAAAAAAAAAAAAAAAAAA";
                browser.cookies(link).set("__Host-inlay", planted);
                const { hops, status } = await browser.open(link);
                assert.equal(status, 200);
                assert.ok(hops.every((hop) => setCookie(hop) !== planted));
            });

            it("says that cookies are blocked when the cookie does not come back, and keeps the link", async () => {
                const link = await mint();
                const browser = new Browserlike();
                const first = await browser.navigate(link);
                const enter = new URL(first.headers.location, link).href;
                assertRefused(await new Browserlike().navigate(enter), 403, "cookies_blocked");
                await assertUnspent(link);
            });

            it("refuses enter to who knows no more than the link's id", async () => {
                const link = await mint();
                const browser = new Browserlike();
                const first = await browser.navigate(link);
                const enter = new URL(first.headers.location, link);
                const [shown] = (await world.api.get("/links?limit=1")).items;
                for (const query of [
                    "",
                    `?id=${shown.id}`,
                    `?link=${shown.id}`,
                    `?link=${link.slice(-43)}`,
                    `?link=${"A".repeat(43)}`,
                ]) {
                    assertRefused(
                        await browser.navigate(`${enter.origin}${enter.pathname}${query}`),
                        401,
                        "link_invalid",
                    );
                }
                await assertUnspent(link);
            });

            it("lets two links of one origin in that open at the same moment", async () => {
                const links = [await mint(), await mint()];
                if (kind === "personal access token") {
                    links.shift(); // a new one replaces the one before
                }
                const browser = new Browserlike();
                const firsts = await Promise.all(links.map((link) => browser.navigate(link)));
                const enters = await Promise.all(
                    firsts.map((first, i) => browser.navigate(new URL(first.headers.location, links[i]).href)),
                );
                for (const enter of enters) {
                    assert.equal(enter.status, 303, enter.text);
                }
                assert.equal((await browser.navigate(new URL("/", links[0]).href)).status, 200);
            });

            for (const [what, headers, code] of [
                ["a page of its own", { "Sec-Fetch-Dest": "document" }, "link_top_level"],
                ["a prefetch", { "Sec-Purpose": "prefetch" }, "link_prefetch"],
                ["a prerender", { "Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "document" }, "link_prefetch"],
                ["a fetch or preload", { "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors" }, "link_not_a_frame"],
                ["an image", { "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors" }, "link_not_a_frame"],
                ["a script", { "Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors" }, "link_not_a_frame"],
                ["a kind that does not exist yet", { "Sec-Fetch-Dest": "hologram" }, "link_not_a_frame"],
            ]) {
                it(`is not done for ${what}`, async () => {
                    const link = await mint();
                    const browser = new Browserlike();
                    const answer = await browser.navigate(link, headers);
                    assertRefused(answer, 403, code);
                    assert.equal(answer.headers["set-cookie"], undefined);
                    await assertUnspent(link);
                });

                it(`is not done at enter for ${what}`, async () => {
                    const link = await mint();
                    const browser = new Browserlike("The one who prefetches");
                    const first = await browser.navigate(link);
                    const answer = await browser.navigate(new URL(first.headers.location, link).href, headers);
                    assert.equal(answer.status, 403, answer.text);
                    await assertUnspent(link);
                });
            }

            for (const dest of ["iframe", "frame", "object", "embed"]) {
                it(`is done for ${dest}`, async () => {
                    assert.equal((await new Browserlike().open(await mint(), { "Sec-Fetch-Dest": dest })).status, 200);
                });
            }

            it("is not done for HEAD, and other methods are refused", async () => {
                const link = await mint();
                const head = await request(link, { method: "HEAD", headers: frameHeaders() });
                assert.equal(head.status, 403);
                assert.equal(head.headers["set-cookie"], undefined);
                for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
                    const answer = await request(link, {
                        method,
                        headers: { ...frameHeaders(), Origin: new URL(link).origin },
                    });
                    assert.ok([403, 405].includes(answer.status), `${method}: ${answer.status}`);
                }
                await assertUnspent(link);
            });

            it("is done for a client that sends no Fetch Metadata", async () => {
                const none = { "Sec-Fetch-Dest": undefined, "Sec-Fetch-Mode": undefined, "Sec-Fetch-Site": undefined };
                assert.equal((await new Browserlike().open(await mint(), none)).status, 200);
            });

            it("resumes the session it opened and opens no second one", async () => {
                const link = await mint();
                const { browser, origin } = await world.opened(link);
                const before = await sessionsOf();
                const cookie = browser.cookies(link).get("__Host-inlay");
                for (let reload = 0; reload < 3; reload++) {
                    const page = await browser.open(link);
                    assert.equal(page.status, 200);
                    assert.equal(page.hops.length, 2, "link, then the app");
                    assert.equal(page.hops[0].status, 303);
                    assert.equal(new URL(page.hops[0].headers.location, link).pathname, "/");
                }
                assert.equal(browser.cookies(link).get("__Host-inlay"), cookie);
                assert.equal(await sessionsOf(), before);
                assert.equal(
                    (await world.lastEvent("resume")).sessionId,
                    (await browser.fetch(`${origin}/_inlay/session`)).json.session.id,
                );
            });

            it("answers 401 to an unknown secret", async () => {
                const link = await mint();
                const wrong =
                    kind === "embed URL" ? link.replace(/.{5}$/, "AAAAA") : link.replace(/[0-9a-f]{5}(?=&|$)/, "00000");
                const answer = await new Browserlike().navigate(wrong);
                assertRefused(answer, 401, "link_invalid");
                assert.match(
                    answer.headers["content-security-policy"],
                    new RegExp(`frame-ancestors ${portalOrigin}\\b`),
                    "the portal may show it",
                );
                await assertUnspent(link);
            });

            it("answers 401 to a secret on another label's origin", async () => {
                const link = await mint();
                const elsewhere = new URL(kind === "embed URL" ? await world.patLink() : await world.embedLink());
                const moved = new URL(link);
                moved.host = elsewhere.host;
                assertRefused(await new Browserlike().navigate(moved.href), 401, "link_invalid");
                await assertUnspent(link);
            });

            it("shows a document that says why, and a problem to what is no document", async () => {
                const link = `${new URL(await mint()).origin}/`;
                const page = await new Browserlike().navigate(link);
                assert.match(page.headers["content-type"], /^text\/html/);
                assert.match(page.text, /data-code="session_missing"/);
                assert.doesNotMatch(page.text, /<form|<input/);
                const problem = await new Browserlike().fetch(`${link}data.json`);
                assert.match(problem.headers["content-type"], /^application\/problem\+json/);
                assert.equal(problem.json.code, "session_missing");
            });
        });
    }

    describe("of a personal access token", () => {
        it("opens as many sessions as it is asked to until it expires", async () => {
            const link = await world.patLink({ patExpiry: 2 });
            const before = await sessionsOf();
            for (const agent of [chrome, firefox, "A third"]) {
                assert.equal((await new Browserlike(agent).open(link)).status, 200);
            }
            assert.equal(await sessionsOf(), before + 3);
            const opened = await world.opened(link);
            server.advance(2100);
            assertRefused(await new Browserlike().navigate(link), 401, "link_expired");
            assert.equal(await opened.refusal(), null, "its own expiry does not end what it opened");
        });

        it("is not redeemed once replaced, while its sessions go on", async () => {
            const link = await world.patLink();
            const pending = new Browserlike();
            const first = await pending.navigate(link);
            const opened = await world.opened(link, new Browserlike(firefox));
            await world.patLink();
            assertRefused(await new Browserlike().navigate(link), 401, "link_replaced");
            assertRefused(await pending.navigate(new URL(first.headers.location, link).href), 401, "link_replaced");
            assert.equal(await opened.refusal(), null);
        });

        it("is not redeemed once revoked", async () => {
            const link = await world.patLink();
            const pending = new Browserlike();
            const first = await pending.navigate(link);
            const [shown] = (await world.api.get("/links", { limit: 1 })).items;
            await world.api.delete(`/links/${shown.id}`);
            assertRefused(await new Browserlike().navigate(link), 401, "link_revoked");
            assertRefused(await pending.navigate(new URL(first.headers.location, link).href), 401, "link_revoked");
        });

        for (const form of ["id", "slug"]) {
            it(`hops from the public URL to the label's origin, with the app's ${form}`, async () => {
                const { personalAccessToken, redirectUrl } = await world.pat();
                const link = `${server.url}/embed-apps/${world.app[form]}?personal-access-token=${personalAccessToken}`;
                const { hops, status } = await new Browserlike().open(link);
                assert.equal(status, 200);
                assert.equal(hops.length, 4);
                assert.equal(hops[0].status, 303);
                assert.equal(new URL(hops[0].headers.location).origin, new URL(redirectUrl).origin);
                assert.equal(hops[0].headers["set-cookie"], undefined);
                assert.equal(hops[0].headers["cache-control"], "no-store");
                assert.equal(hops[0].headers["referrer-policy"], "no-referrer");
            });
        }

        it("is refused on the public URL when wrong, without a hop", async () => {
            const wrong = `${server.url}/embed-apps/${world.app.id}?personal-access-token=pat_${"0".repeat(64)}`;
            assertRefused(await new Browserlike().navigate(wrong), 401, "link_invalid");
            for (const query of ["", "?personal-access-token=", "?personal-access-token=pat_x", "?other=1"]) {
                const answer = await new Browserlike().navigate(`${server.url}/embed-apps/${world.app.id}${query}`);
                assert.ok([400, 401].includes(answer.status), `${query}: ${answer.status}`);
            }
        });

        it("is refused under another app's path", async () => {
            const other = await makeWorld(server);
            const { personalAccessToken, redirectUrl } = await world.pat();
            for (const origin of [server.url, new URL(redirectUrl).origin]) {
                const link = `${origin}/embed-apps/${other.app.id}?personal-access-token=${personalAccessToken}`;
                assertRefused(await new Browserlike().navigate(link), 401, "link_invalid");
            }
        });

        it("is told a top-level visit on the public URL as well", async () => {
            const { personalAccessToken } = await world.pat();
            const link = `${server.url}/embed-apps/${world.app.id}?personal-access-token=${personalAccessToken}`;
            assertRefused(
                await new Browserlike().navigate(link, { "Sec-Fetch-Dest": "document" }),
                403,
                "link_top_level",
            );
        });
    });

    describe("of an embed URL", () => {
        it("happens once: a copy in another client is 410", async () => {
            const link = await world.embedLink();
            await world.opened(link);
            assertRefused(await new Browserlike(firefox).navigate(link), 410, "link_used");
        });

        it("happens once: of two that had begun, the second to come back is 410", async () => {
            const link = await world.embedLink();
            const [one, two] = [new Browserlike(chrome), new Browserlike(firefox)];
            const enter = new URL((await one.navigate(link)).headers.location, link).href;
            await two.navigate(link);
            assert.equal((await one.navigate(enter)).status, 303);
            assertRefused(await two.navigate(enter), 410, "link_used");
        });

        it("happens again within 5 s for the same client, and not after", async () => {
            const link = await world.embedLink();
            const [one, two, late] = [new Browserlike(), new Browserlike(), new Browserlike()];
            const enter = new URL((await one.navigate(link)).headers.location, link).href;
            await two.navigate(link);
            await late.navigate(link);
            assert.equal((await one.open(enter)).status, 200);
            assert.equal((await two.open(enter)).status, 200, "the second of two frames that began together");
            const overtaken = new Browserlike();
            assert.equal(
                (await overtaken.open(link)).status,
                200,
                "one whose first request the other frame's second overtook",
            );
            assertRefused(await new Browserlike(firefox).navigate(link), 410, "link_used");
            server.advance(5300);
            assertRefused(await late.navigate(enter), 410, "link_used");
            assertRefused(await new Browserlike().navigate(link), 410, "link_used");
            assert.equal((await one.open(link)).status, 200, "the one who opened it resumes");
        });

        it("does not happen again within the 5 s once its session was revoked", async () => {
            const link = await world.embedLink();
            const opened = await world.opened(link);
            const { session } = (await opened.session()).json;
            await world.api.delete(`/sessions/${session.id}`);
            const again = await new Browserlike().open(link);
            assert.notEqual(again.status, 200, "a revoked session must not come back by its link");
        });

        it("happens exactly once among many at the same moment", async () => {
            const link = await world.embedLink();
            const clients = Array.from({ length: 40 }, (_, n) => new Browserlike(`Client ${n}`));
            const firsts = await Promise.all(clients.map((client) => client.navigate(link)));
            assert.ok(firsts.every((first) => first.status === 303));
            const enter = new URL(firsts[0].headers.location, link).href;
            const seconds = await Promise.all(clients.map((client) => client.navigate(enter)));
            const statuses = seconds.map((second) => second.status).sort();
            assert.deepEqual(statuses, [303, ...Array(39).fill(410)]);
        });

        it("is revoked", async () => {
            const link = await world.embedLink();
            const [shown] = (await world.api.get("/links", { limit: 1 })).items;
            await world.api.delete(`/links/${shown.id}`);
            assertRefused(await new Browserlike().navigate(link), 401, "link_revoked");
        });

        it("does not happen on the public URL, which only knows the way", async () => {
            const link = new URL(await world.embedLink());
            const answer = await new Browserlike().navigate(`${server.url}${link.pathname}`);
            assert.equal(answer.status, 303);
            assert.equal(new URL(answer.headers.location).origin, link.origin);
            assert.equal(answer.headers["set-cookie"], undefined);
            await assertUnspent(link.href);
        });

        it("is shown as used, and when", async () => {
            await world.opened(await world.embedLink());
            const [shown] = (await world.api.get("/links", { limit: 1 })).items;
            assert.equal(shown.status, "used");
            assert.ok(Math.abs(Date.now() - Date.parse(shown.usedAt)) < 10_000);
        });
    });

    describe("checks access again", () => {
        for (const moment of ["at the link", "at enter"]) {
            it(`${moment}: a group that lost the app opens nothing`, async () => {
                const own = await makeWorld(server);
                for (const link of [await own.embedLink(), await own.patLink()]) {
                    const browser = new Browserlike();
                    let next = link;
                    if (moment === "at enter") {
                        next = new URL((await browser.navigate(link)).headers.location, link).href;
                    }
                    await own.api.delete(`/groups/${own.group.id}/apps/${own.app.id}`);
                    assertRefused(await browser.navigate(next), 403, "access_denied");
                    await own.api.put(`/groups/${own.group.id}/apps/${own.app.id}`);
                }
            });
        }

        it("voids the links of an app that moved to another workspace, also after it came back", async () => {
            const own = await makeWorld(server);
            const links = [await own.embedLink(), await own.patLink()];
            const workspace = await own.api.post("/workspaces", { name: "elsewhere" });
            await own.api.patch(`/apps/${own.app.id}`, { workspaceId: workspace.id });
            for (const link of links) {
                const answer = await new Browserlike().navigate(link);
                assert.ok([401, 403].includes(answer.status), String(answer.status));
            }
            await own.api.patch(`/apps/${own.app.id}`, { workspaceId: own.app.workspaceId });
            await own.api.put(`/groups/${own.group.id}/apps/${own.app.id}`);
            for (const link of links) {
                const answer = await new Browserlike().navigate(link);
                assert.ok([401, 403].includes(answer.status), String(answer.status));
            }
        });
    });

    describe("hosts", () => {
        it("answers 421 to a host that is none of ours", async () => {
            for (const host of [
                "evil.example",
                "127.0.0.2",
                `${"a".repeat(26)}.evil.example`,
                `short.localhost:${server.port}`,
                `a.${"b".repeat(26)}.localhost:${server.port}`,
            ]) {
                const answer = await request(server.url, { headers: { Host: host } });
                assertRefused(answer, 421, "host_unknown");
            }
        });

        it("answers 401 on an origin that nobody has, as on any without a session", async () => {
            const origin = `http://${"a".repeat(26)}.localhost:${server.port}`;
            assertRefused(await new Browserlike().navigate(`${origin}/`), 401, "session_missing");
        });

        it("does not know a session's cookie on another origin", async () => {
            const [one, two] = [
                await world.opened(await world.embedLink()),
                await world.opened(await world.embedLink()),
            ];
            assert.notEqual(one.origin, two.origin);
            const stolen = one.browser.cookies(one.origin).get("__Host-inlay");
            const answer = await request(`${two.origin}/`, {
                headers: { ...frameHeaders(), Cookie: `__Host-inlay=${stolen}` },
            });
            assert.equal(answer.status, 401);
        });

        it("does not serve the API or the mints on an app's origin", async () => {
            const { origin, browser } = await world.opened();
            for (const path of ["/api/v1/apps", "/api/ext/users/personal-access-token", "/readyz", "/metrics"]) {
                const answer = await browser.fetch(origin + path, {
                    headers: { Authorization: `Bearer ${server.token}` },
                });
                assert.deepEqual(
                    [answer.status, answer.json?.detail],
                    [404, "The app has no file with this URL."],
                    `${path} is the app's own path there`,
                );
            }
        });

        it("takes two different cookies of our name for none", async () => {
            const { origin, browser } = await world.opened();
            const good = browser.cookies(origin).get("__Host-inlay");
            const answer = await request(`${origin}/`, {
                headers: { ...frameHeaders(), Cookie: `__Host-inlay=${good}; __Host-inlay=AAAAAAAAAAAAAAAAAAAAAA` },
            });
            assert.equal(answer.status, 401);
        });
    });
});

describe("an embed URL that nobody opened", () => {
    it("is 410 after embed_link_seconds", async () => {
        const short = await startServer({ embed_link_seconds: 1 });
        try {
            const own = await makeWorld(short);
            const link = await own.embedLink();
            const browser = new Browserlike();
            const first = await browser.navigate(link);
            short.advance(1200);
            assertRefused(await new Browserlike(firefox).navigate(link), 410, "link_expired");
            assertRefused(await browser.navigate(new URL(first.headers.location, link).href), 410, "link_expired");
        } finally {
            await short.discard();
        }
    });
});

it("a proof enters only as often as its link may be opened, and a used link only a handful of times", async () => {
    const server = await startServer({ redeem_limit_per_minute: 10 });
    try {
        const world = await makeWorld(server);
        const enter = async (link, times) => {
            const browser = new Browserlike();
            const proof = new URL((await browser.navigate(link)).headers.location, link).href;
            const pending = { Cookie: "__Host-inlay-pending=1" };
            const answers = await Promise.all(
                Array.from({ length: times }, () => request(proof, { headers: { ...frameHeaders(), ...pending } })),
            );
            return answers.map(({ status }) => status);
        };
        const count = (statuses, status) => statuses.filter((one) => one === status).length;
        const reusable = await enter(await world.patLink(), 30);
        assert.deepEqual([count(reusable, 303), count(reusable, 429)], [10, 20]);
        const single = await enter(await world.embedLink(), 10);
        assert.deepEqual([count(single, 303), count(single, 410)], [4, 6]);
    } finally {
        await server.discard();
    }
});

it("what looks like a link and holds no token, or two, is told so, and opens nothing", async () => {
    const server = await startServer();
    try {
        const world = await makeWorld(server);
        for (const origin of [server.url, (await world.opened()).origin]) {
            for (const headers of [frameHeaders(), { ...frameHeaders(), "Sec-Fetch-Dest": "document" }]) {
                const page = await request(`${origin}/embed-apps/${world.app.id}`, { headers });
                assert.equal(page.status, 401);
                assert.match(page.text, /data-code="link_missing"/);
                assert.match(
                    page.text,
                    /This is an app&#39;s address, not a link|This is an app's address, not a link/,
                );
            }
        }
        const link = await world.patLink();
        for (const doubled of [
            `${link}&personal-access-token=pat_other`,
            `${link}&Personal-Access-Token=`,
            link.replace("?", "?personal-access-token=x&a=b&"),
        ]) {
            const page = await new Browserlike().navigate(doubled);
            assert.equal(page.status, 401, doubled);
            assert.match(page.text, /data-code="link_invalid"/);
            assert.match(page.headers["content-security-policy"], /frame-ancestors http/);
        }
        await world.opened(link);
    } finally {
        await server.discard();
    }
});

it("a link that is opened too often is 429 for a while: a page in a frame, a problem otherwise", async () => {
    const server = await startServer({ redeem_limit_per_minute: 2, workers: 2 });
    try {
        const world = await makeWorld(server);
        const link = await world.patLink();
        await world.opened(link);
        await world.opened(link);
        const page = await new Browserlike().navigate(link);
        assert.equal(page.status, 429);
        assert.match(page.text, /opened too many times/);
        const wait = Number(page.headers["retry-after"]);
        assert.ok(wait >= 1 && wait <= 60, `Retry-After: ${wait}`);
        const problem = await request(link);
        assert.deepEqual([problem.status, problem.json.code, problem.json.limit], [429, "link_limit", 2]);
        await world.opened(await world.patLink());
    } finally {
        await server.discard();
    }
});
