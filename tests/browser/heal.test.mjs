// What siblings and browsers can do to an app and its links on one site, over https: seen in a real browser that allows
// third-party cookies, where a sibling can do most.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startApart } from "../lib/apart.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { Portal, probeApp } from "../lib/portal.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";
import { makeWorld } from "../lib/world.mjs";

/** @type {Awaited<ReturnType<typeof startApart>>} */ let apart;
/** @type {Portal} on the site of the apps */ let portal;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {any} */ let context;

const userIn = (page, index = 0) =>
    eventually("the app's session", async () => {
        const text = await framesOf(page)[index]?.evaluate(() => document.body?.dataset.session ?? "");
        return text ? JSON.parse(text).currentUser?.externalIdentifier : null;
    });

async function visit(t, url) {
    const page = await context.newPage();
    t.after(() => page.close());
    await page.goto(url, { waitUntil: "load" });
    return page;
}

const errors = (page) => page.evaluate(() => window.messages.filter(({ data }) => data?.type === "inlay:error"));

describe("on one site", () => {
    before(async () => {
        apart = await startApart();
        portal = await new Portal("portal.vendor.example", apart.certificate).start();
        world = await makeWorld(apart.server, { portals: [portal.origin], bundle: probeApp });
        context = await apart.launched.browser.newContext();
    });
    after(async () => {
        portal?.close();
        await context?.close();
        await apart?.close();
    });

    it("a new link opens an app whose sibling has filled the cookies of both, and the console lives on", async (t) => {
        const page = await visit(
            t,
            portal.framing([
                await world.embedLink({ externalIdentifier: "hostile" }),
                await world.embedLink({ externalIdentifier: "victim" }),
            ]),
        );
        assert.deepEqual([await userIn(page, 0), await userIn(page, 1)], ["hostile", "victim"]);
        const hostile = await eventually("the hostile app", () =>
            framesOf(page).find((frame) => frame.url().startsWith("https://") && frame === framesOf(page)[0]),
        );
        const victim = new URL(framesOf(page)[1].url()).origin;
        for (const [domain, count] of [
            ["apps.vendor.example", 20],
            ["vendor.example", 20],
        ]) {
            await hostile.evaluate(
                ([of, many]) => {
                    for (let i = 0; i < many; i++) {
                        document.cookie = `w${i}=${"x".repeat(4000)}; Path=/; Secure; SameSite=None; Max-Age=34560000; Domain=${of}`;
                    }
                },
                [domain, count],
            );
            const sent = await hostile.evaluate(() => document.cookie.length);
            assert.ok(sent > 4000 * 12, `the browser sends ${sent} bytes`);
        }
        const again = await visit(t, portal.framing([await world.embedLink({ externalIdentifier: "victim" })]));
        assert.equal(await userIn(again), "victim");
        const bytes = (await context.cookies(victim)).reduce(
            (sum, { name, value }) => sum + name.length + value.length,
            0,
        );
        assert.ok(bytes < 17_000, `${bytes} bytes are left`);
        const consolePage = await context.newPage();
        t.after(() => consolePage.close());
        const answer = await consolePage.goto(`${apart.server.url}/`);
        assert.equal(answer.status(), 200);
    });

    it("Back asks again for what the frame showed, after the session was ended", async (t) => {
        const page = await visit(t, portal.framing([await world.embedLink({ externalIdentifier: "back" })]));
        assert.equal(await userIn(page), "back");
        await framesOf(page)[0].evaluate(() => location.assign("/second"));
        await eventually("the second page", () => framesOf(page)[0].url().endsWith("/second"));
        const { items } = await world.api.get("/sessions", { appId: world.app.id });
        const found = items.find((session) => session.user?.externalIdentifier === "back") ?? items[0];
        await world.api.delete(`/sessions/${found.id}`);
        await framesOf(page)[0].evaluate(() => history.back());
        await eventually("the error", async () =>
            (await errors(page)).some(({ data }) => data.code.startsWith("session_")),
        );
    });

    it("a page of Inlay's at the address of a link has no origin", async (t) => {
        const link = await world.embedLink();
        const page = await visit(t, portal.framing([link.replace(/.$/, (last) => (last === "A" ? "B" : "A"))]));
        const [{ origin, data }] = await eventually("the error", async () => {
            const found = await errors(page);
            return found.length > 0 ? found : null;
        });
        assert.deepEqual([origin, data.code], ["null", "link_invalid"]);
    });

    it("a portal that embeds only what allows it shows links, apps that allow it, and our pages", async (t) => {
        const upstream = await listen((_request, response) => {
            response.writeHead(200, {
                "Content-Type": "text/html",
                "Cross-Origin-Embedder-Policy": "require-corp",
                "Cross-Origin-Resource-Policy": "cross-origin",
            });
            response.end("<!doctype html><p id=app>app</p>");
        });
        t.after(() => close(upstream));
        const address = /** @type {import("node:net").AddressInfo} */ (upstream.address());
        const proxied = await upstreamWorld(apart.server, { url: `http://127.0.0.1:${address.port}` });
        await proxied.api.patch(`/apps/${proxied.app.id}`, { portals: [portal.origin] });
        for (const policy of ["require-corp", "credentialless"]) {
            for (const [link, expected] of [
                [await proxied.embedLink(), "app"],
                [`${await proxied.embedLink()}x`, "link_invalid"],
            ]) {
                const name = `/coep-${portal.pages.size}`;
                portal.pages.set(name, (_request, response) => {
                    response.writeHead(200, {
                        "Content-Type": "text/html",
                        "Cross-Origin-Embedder-Policy": policy,
                    });
                    response.end(`<!doctype html><iframe src="${link}"></iframe>`);
                });
                const page = await visit(t, portal.origin + name);
                assert.equal(
                    await eventually(`${policy}: ${expected}`, () =>
                        framesOf(page)[0]?.evaluate(
                            () => document.querySelector("#app")?.textContent ?? document.body.dataset.code ?? null,
                        ),
                    ),
                    expected,
                );
            }
        }
    });
});
