// Siblings are hostile: other labels' pages can send requests that carry this origin's cookie.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike, request } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld, portalOrigin } from "../lib/world.mjs";

describe("an app's origin", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {import("../lib/world.mjs").Opened} */ let opened;
    /** @type {string} */ let sibling;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
        opened = await world.opened();
        sibling = (await world.opened(await world.embedLink())).origin;
    });
    after(() => server.discard());

    /** With the session's cookie, and exactly these headers otherwise. */
    const send = (path, headers, method = "GET") =>
        request(opened.origin + path, {
            method,
            headers: {
                Cookie: `__Host-inlay=${opened.browser.cookies(opened.origin).get("__Host-inlay")}`,
                ...headers,
            },
        });

    /** @param {import("../lib/browserlike.mjs").Answer} answer */
    const assertSiblingRefused = (answer) => {
        assert.equal(answer.status, 403, answer.text.slice(0, 300));
        assert.equal(answer.json.code, "sibling_refused");
        assert.equal(answer.headers["access-control-allow-origin"], undefined);
    };

    for (const method of ["POST", "PUT", "PATCH", "DELETE", "REPORT"]) {
        it(`refuses ${method} without Origin and with any other`, async () => {
            const foreign = [
                undefined,
                sibling,
                "http://localhost:5173",
                "null",
                `${opened.origin}.evil.example`,
                opened.origin.replace("http:", "https:"),
                opened.origin.replace(/:\d+$/, ""),
                "",
            ];
            for (const Origin of foreign) {
                for (const path of ["/_inlay/logout", "/", "/any"]) {
                    assertSiblingRefused(await send(path, { Origin }, method));
                }
            }
            assert.equal(await opened.refusal(), null, "and does nothing");
        });
    }

    it("takes a form that hides where it is from only from the app's own page", async () => {
        const form = { Origin: "null", "Sec-Fetch-Mode": "navigate" };
        assert.equal(
            (await send("/", { ...form, "Sec-Fetch-Site": "same-origin" }, "POST")).status,
            405,
            "a bundle takes no form",
        );
        for (const site of [undefined, "same-site", "cross-site", "none"]) {
            assertSiblingRefused(await send("/", { ...form, "Sec-Fetch-Site": site }, "POST"));
        }
    });

    it("refuses a WebSocket without Origin and with any other", async () => {
        const upgrade = {
            Connection: "Upgrade",
            Upgrade: "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        };
        for (const Origin of [undefined, sibling, "http://localhost:5173", "null"]) {
            assertSiblingRefused(await send("/socket", { ...upgrade, Origin }));
            assertSiblingRefused(await send("/socket", { ...upgrade, Upgrade: "WebSocket", Origin }));
        }
        const own = await send("/socket", { ...upgrade, Origin: opened.origin });
        assert.notEqual(own.status, 403, "its own is a question for the app");
    });

    for (const site of ["same-site", "cross-site"]) {
        it(`refuses what a ${site} page loads as a resource`, async () => {
            for (const [mode, dest] of [
                ["no-cors", "script"],
                ["no-cors", "image"],
                ["no-cors", "empty"],
                ["cors", "empty"],
                ["no-cors", "style"],
                ["websocket", "websocket"],
            ]) {
                for (const path of ["/", "/_inlay/session", "/assets/main-Bx7dK2p9.js"]) {
                    assertSiblingRefused(
                        await send(path, { "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest }),
                    );
                }
            }
        });

        it(`lets a ${site} portal navigate a frame there`, async () => {
            const answer = await send("/", {
                "Sec-Fetch-Site": site,
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": "iframe",
                Accept: "text/html",
                Referer: `${portalOrigin}/`,
            });
            assert.equal(answer.status, 200);
        });

        it(`answers a ${site} page that is neither portal nor app by a page that asks again where portals show it`, async () => {
            const answer = await send("/", {
                "Sec-Fetch-Site": site,
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": "iframe",
                Accept: "text/html",
                Referer: "https://sign-in.example/",
            });
            assert.equal(answer.status, 403);
            assert.match(answer.text, /data-code="app_sibling"/);
            assert.match(answer.headers["content-security-policy"], /frame-ancestors [^;]*http:\/\/localhost:5173/);
            assert.doesNotMatch(answer.headers["content-security-policy"], /sandbox/);
        });
    }

    const frame = { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" };

    for (const site of ["same-site", "cross-site"]) {
        it(`refuses a frame that another ${site} app leads there, or somebody who hides it`, async () => {
            for (const dest of ["iframe", "frame", "object", "embed"]) {
                for (const Referer of [`${sibling}/`, sibling, `${sibling}/a/b?c`, undefined, "", "about:blank"]) {
                    const own = site === "same-site" ? ["/_inlay/session", "/_inlay/renewed"] : [];
                    for (const path of ["/", "/docs/", ...own]) {
                        const how = { ...frame, "Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest };
                        const answer = await send(path, { ...how, Referer });
                        assert.equal(answer.status, 403, `${path} from ${Referer}`);
                        assert.match(answer.text, /data-code="app_sibling"/);
                    }
                }
            }
        });
    }

    it("tells a portal whose pages have no Referer about its session", async () => {
        const answer = await send("/_inlay/renewed", { ...frame, "Sec-Fetch-Site": "cross-site" });
        assert.equal(answer.status, 200);
        assert.match(answer.text, /data-code="renewed"/);
    });

    it("lets a link of a portal of the same site in, whose redirects carry no Referer", async () => {
        const page = await new Browserlike().open(await world.embedLink(), frame);
        assert.equal(page.status, 200, page.text.slice(0, 300));
        const link = await world.patLink();
        const browser = new Browserlike();
        assert.equal((await browser.open(link, frame)).status, 200);
        assert.equal((await browser.open(link, frame)).status, 200, "resumed");
        const renewed = await browser.open(`${await world.patLink()}&renew=1`, frame);
        assert.equal(renewed.status, 200);
        assert.match(renewed.url, /renewed$/);
    });

    it("is shown at top level only when its own pages open it there", async () => {
        const tab = { "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", Accept: "text/html" };
        for (const site of ["none", "same-site", "cross-site"]) {
            const answer = await send("/", {
                ...tab,
                "Sec-Fetch-Site": site,
                Referer: "http://portal.localhost:5173/",
            });
            assert.equal(answer.status, 403);
            assert.match(answer.text, /data-code="app_top_level"/);
            assert.match(answer.text, /Go back to the site that embeds the app/);
        }
        assert.equal((await send("/", { ...tab, "Sec-Fetch-Site": "same-origin" })).status, 200);
        const lost = await request(`${opened.origin}/`, { headers: { ...tab, "Sec-Fetch-Site": "same-origin" } });
        assert.equal(lost.status, 401, "a new tab, where the frame's cookie isn't");
        assert.match(lost.text, /data-code="app_top_level"/);
        assert.match(lost.text, /A tab of its own/);
    });

    it("is shown at top level from any page if its setting says so, at once, and still in no sibling's frame", async () => {
        const from = (dest, site) =>
            send("/", {
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": dest,
                "Sec-Fetch-Site": site,
                Accept: "text/html",
            });
        assert.equal(world.app.topLevel, "own-pages");
        assert.equal((await from("document", "none")).status, 403);
        await world.api.patch(`/apps/${world.app.id}`, { topLevel: "any-page" });
        try {
            for (const site of ["none", "same-site", "cross-site"]) {
                assert.equal((await from("document", site)).status, 200, site);
            }
            assert.equal((await from("iframe", "same-site")).status, 403);
            const answer = await send("/any", { Origin: sibling }, "POST");
            assertSiblingRefused(answer);
        } finally {
            await world.api.patch(`/apps/${world.app.id}`, { topLevel: "own-pages" });
        }
        assert.equal((await from("document", "none")).status, 403);
        const wrong = await world.api.call("PATCH", `/apps/${world.app.id}`, { body: { topLevel: "never" } });
        assert.deepEqual([wrong.status, wrong.json.member], [400, "topLevel"]);
    });

    it("serves its own pages' requests, and those of clients without Fetch Metadata", async () => {
        assert.equal(
            (
                await send("/_inlay/session", {
                    "Sec-Fetch-Site": "same-origin",
                    "Sec-Fetch-Mode": "cors",
                    "Sec-Fetch-Dest": "empty",
                })
            ).status,
            200,
        );
        assert.equal(
            (
                await send("/_inlay/session", {
                    "Sec-Fetch-Site": "same-origin",
                    "Sec-Fetch-Mode": "navigate",
                    "Sec-Fetch-Dest": "document",
                })
            ).status,
            200,
            "a new tab of the app's own",
        );
        assert.equal((await send("/_inlay/session", {})).status, 200);
    });

    it("answers no CORS preflight and never reflects an origin", async () => {
        for (const Origin of [sibling, "http://localhost:5173", opened.origin, "null"]) {
            const preflight = await send(
                "/_inlay/session",
                { Origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x" },
                "OPTIONS",
            );
            assert.ok(preflight.status >= 400, String(preflight.status));
            for (const answer of [preflight, await send("/", { Origin }), await send("/_inlay/session", { Origin })]) {
                for (const name of Object.keys(answer.headers)) {
                    assert.ok(!name.startsWith("access-control-"), name);
                }
            }
        }
    });

    it("refuses TRACE and CONNECT", async () => {
        assert.ok((await send("/", { Origin: opened.origin }, "TRACE")).status >= 400);
    });

    it("ends the session on logout from its own page only", async () => {
        assertSiblingRefused(await send("/_inlay/logout", { Origin: sibling }, "POST"));
        assert.equal(await opened.refusal(), null);
        assert.equal((await send("/_inlay/logout", {}, "GET")).status, 405);
        assert.equal((await send("/_inlay/logout", { Origin: opened.origin }, "POST")).status, 204);
        assert.equal((await send("/_inlay/session", {})).json.code, "session_ended");
    });
});
