// What a portal with @inlay/embed is told when its browser shows nothing of the app: https, unrelated sites.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { launchChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

for (const browser of ["Chromium", "Firefox"]) {
    describe(browser, () => {
        let apart, world, unlisted, goto, read;

        before(async () => {
            apart = await startApart({ launch: browser === "Firefox" ? launchFirefox : launchChromium });
            const { launched, portal, server } = apart;
            world = await makeWorld(server, { portals: [portal.origin] });
            unlisted = await makeWorld(server, { portals: ["https://another.customer.example"] });
            if (browser === "Firefox") {
                ({ goto } = launched);
                read = async (fn) => (await launched.enter(), launched.read(fn));
            } else {
                const page = await (await launched.browser.newContext()).newPage();
                goto = (url) => page.goto(url);
                read = (fn) => page.evaluate(fn);
            }
        });
        after(() => apart?.close());

        /** The state of an embed, after which nothing else is expected, and what it was told. */
        async function show(link, headers = {}) {
            const place = `/${unique("silent")}`;
            apart.portal.pages.set(place, (_request, response) => {
                response.writeHead(200, { "Content-Type": "text/html", ...headers });
                response.end(`<!doctype html><title>Portal</title><div id="app" style="height: 300px"></div><script>${script}
                    const told = [];
                    const tell = (...what) => (told.push(what), (document.body.dataset.told = JSON.stringify(told)));
                    inlay.embed(app, {
                        getUrl: async () => ${JSON.stringify(link)},
                        onReady: () => tell("ready"),
                        onError: (code, message) => tell("error", code, message),
                    });
                </script>`);
            });
            await goto(apart.portal.origin + place);
            const told = await eventually(
                "what the portal is told",
                () => read(() => document.body.dataset.told ?? null),
                40_000,
            );
            return JSON.parse(told);
        }

        it("an app without the SDK is ready when Inlay says that its session has begun", async () => {
            assert.deepEqual(await show(await world.embedLink()), [["ready"]]);
        });

        it("an address put together by hand is ready too", async () => {
            const { personalAccessToken } = await world.pat();
            const address = `${apart.server.url}/embed-apps/${world.app.id}?personal-access-token=${personalAccessToken}`;
            assert.deepEqual(await show(address), [["ready"]]);
        });

        it("a portal that only a wildcard names, and whose page sends no Referer, is understood", async () => {
            const portals = [apart.portal.origin.replace("portal.", "*.")];
            const other = await makeWorld(apart.server, { portals });
            const headers = { "Referrer-Policy": "no-referrer" };
            assert.deepEqual(await show(await other.embedLink(), headers), [["ready"]]);
        });

        it("a portal that the app doesn't list is an error that says what to add, and where", async () => {
            const [[what, code, message], ...more] = await show(await unlisted.embedLink());
            assert.deepEqual([what, code, more], ["error", "portal_not_allowed", []]);
            assert.ok(message.includes(apart.portal.origin), message);
            assert.match(message, /portals/);
        });

        it("a port at which nobody listens is an error that names it", async () => {
            const { origin } = new URL(await world.embedLink());
            const dead = new URL(origin);
            dead.port = "9";
            const [[what, code, message], ...more] = await show(`${dead.origin}/_inlay/embed/secret`);
            assert.deepEqual([what, code, more], ["error", "unreachable", []]);
            assert.ok(message.includes(dead.origin), message);
        });

        it("a policy of the portal's own page that forbids the frame is an error that says what to add", async () => {
            const link = await world.embedLink();
            const policy = `frame-src ${apart.server.url}`;
            const [[what, code, message], ...more] = await show(link, { "Content-Security-Policy": policy });
            assert.deepEqual([what, code, more], ["error", "unreachable", []]);
            assert.ok(
                message.includes(`Add https://*.apps.vendor.example:${apart.server.port} to its frame-src`),
                message,
            );
        });

        it("a policy that lets the page ask nothing leaves both reasons", async () => {
            const policy = "connect-src 'self'";
            const [[what, code, message]] = await show(await unlisted.embedLink(), {
                "Content-Security-Policy": policy,
            });
            assert.deepEqual([what, code], ["error", "portal_not_allowed"]);
            assert.match(message, /can't be reached/);
        });
    });
}
