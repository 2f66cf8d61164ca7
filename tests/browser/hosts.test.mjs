// What the embed SDKs of Superset, Looker and Metabase let a host page expect, as sentences about @inlay/embed. Their sources
// are public; each sentence names whose host expects it.
/* global inlay, place */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

const app = `<!doctype html><title>App</title><link rel="icon" href="data:,"><body style="margin: 0"><p style="height: 100px"></p>
<script type="module">
import { parent as portal } from "/_inlay/app.js";
window.portal = portal;
portal.watch("filter", (value) => (document.body.dataset.filter = JSON.stringify(value)));
document.body.dataset.born = String(Math.random());
</script>`;

describe("a host page", () => {
    let apart, world, page, asked, refuses;

    before(async () => {
        apart = await startApart();
        world = await makeWorld(apart.server, {
            portals: [apart.portal.origin],
            bundle: [{ path: "index.html", content: app }],
        });
        page = await (await apart.launched.browser.newContext()).newPage();
        apart.portal.pages.set("/token", async (request, response) => {
            const wanted = new URL(request.url, "https://x").searchParams.get("path") ?? undefined;
            asked.push(wanted ?? null);
            const link = refuses ? "" : await world.embedLink({ externalIdentifier: asked.who, path: wanted });
            response.writeHead(refuses ? 403 : 200, { "Content-Type": "text/plain" }).end(link);
        });
    });
    after(() => apart?.close());

    /** A page with the SDK, a place, and a function that asks the portal's server. */
    async function host(html = `<div id="place" style="height: 300px"></div>`) {
        await page.goto(
            apart.portal.add(`<!doctype html><title>Host</title><body>${html}<script>${script}
                window.told = [];
                window.fetchToken = async ({ path }) => {
                    const answer = await fetch("/token" + (path === undefined ? "" : "?path=" + encodeURIComponent(path)));
                    if (!answer.ok) throw new Error("the host's server says " + answer.status);
                    return answer.text();
                };
                window.listen = (element) => {
                    for (const type of ["ready", "error", "expiring", "navigate", "resize", "data"]) {
                        element.addEventListener(type, ({ detail }) => told.push([type, detail]));
                    }
                };
            </script>`),
        );
        asked = Object.assign([], { who: unique("ann") });
        refuses = false;
    }
    const frame = () =>
        eventually("the app", async () => {
            const [first] = framesOf(page);
            return (await first?.evaluate(() => document.body?.dataset.born)) && first;
        });
    const told = (type) =>
        eventually(`the event ${type}`, () =>
            page.evaluate((one) => window.told.filter(([name]) => name === one).at(-1), type),
        ).then(([, detail]) => detail);
    const element = `<inlay-embed id="place" title="Orders" style="height: 300px"></inlay-embed>`;
    const start = () => page.evaluate(() => (window.listen(place), void (place.getUrl = window.fetchToken)));

    describe("load", () => {
        it("gives a function that fetches the token, which is called once before the app is shown (Superset, Metabase)", async () => {
            await host();
            await page.evaluate(() => inlay.embed(place, { getUrl: window.fetchToken }).ready);
            assert.deepEqual([...asked], [null]);
        });

        it("gives the element to show the app in, and is told in words if there is none (Looker, Metabase)", async () => {
            await host();
            const message = await page.evaluate(() => {
                try {
                    inlay.embed(document.querySelector("#missing"), { getUrl: window.fetchToken });
                    return "";
                } catch (error) {
                    return `${error.name}: ${error.message}`;
                }
            });
            assert.match(message, /^TypeError: embed\(\) needs the element/);
        });

        it("is told in words if it gives no function (Metabase)", async () => {
            await host();
            const message = await page.evaluate(() => {
                try {
                    return String(inlay.embed(place, {}));
                } catch (error) {
                    return error.message;
                }
            });
            assert.match(message, /getUrl must be a function/);
        });

        it("names the frame, and sets its sandbox, permissions and referrer policy (all)", async () => {
            await host();
            await page.evaluate(() => {
                inlay.embed(place, {
                    getUrl: window.fetchToken,
                    title: "Sales",
                    sandbox: "allow-scripts allow-same-origin",
                    allow: "camera",
                    referrerPolicy: "origin",
                });
            });
            await frame();
            const set = await page.evaluate(() => {
                const { title, sandbox, allow, referrerPolicy } = document.querySelector("iframe");
                return [title, String(sandbox), allow, referrerPolicy];
            });
            assert.deepEqual(set, ["Sales", "allow-scripts allow-same-origin", "camera", "origin"]);
        });

        it("shows an app that is far below only when people come near (Looker, Metabase)", async () => {
            await host(`<div style="height: 9000px"></div><inlay-embed id="place" loading="lazy"></inlay-embed>`);
            await start();
            await eventually("the frame", () =>
                page.evaluate(() => document.querySelector("iframe")?.loading === "lazy"),
            );
        });
    });

    describe("ready", () => {
        it("waits for a promise that is kept when the app is there (Superset, Looker)", async () => {
            await host();
            await page.evaluate(() => inlay.embed(place, { getUrl: window.fetchToken }).ready);
            assert.ok(await framesOf(page)[0].evaluate(() => document.body.dataset.born));
        });

        it("hears an event of the element (Metabase)", async () => {
            await host(element);
            await start();
            assert.equal(await told("ready"), null);
            await page.evaluate(() => place.ready);
            assert.equal(await page.evaluate(() => place.getAttribute("state")), "ready");
        });
    });

    describe("error", () => {
        it("waits for a promise that is rejected if its server gives no token (Superset, Looker)", async () => {
            await host();
            refuses = true;
            const error = await page.evaluate(() =>
                inlay
                    .embed(place, { getUrl: window.fetchToken })
                    .ready.catch(({ code, message }) => ({ code, message })),
            );
            assert.deepEqual(error, { code: "no_link", message: "the host's server says 403" });
        });

        it("hears an event with a code and words (Looker)", async () => {
            await host(element);
            refuses = true;
            await start();
            assert.deepEqual(await told("error"), { code: "no_link", message: "the host's server says 403" });
            refuses = false;
            await page.evaluate(() => place.reload());
            await told("ready");
        });

        it("may leave errors alone: nothing goes unhandled (all)", async () => {
            await host();
            refuses = true;
            const unhandled = [];
            page.on("pageerror", (error) => unhandled.push(error.message));
            await page.evaluate(() => {
                const shown = inlay.embed(place, { getUrl: window.fetchToken });
                return new Promise((resolve) => setTimeout(resolve, 500)).then(() => shown.destroy());
            });
            assert.deepEqual(unhandled, []);
        });
    });

    describe("navigation", () => {
        it("hears where the app is (Looker)", async () => {
            await host(element);
            await start();
            await (await frame()).evaluate(() => history.pushState(null, "", "/orders/5?tab=1"));
            await eventually("the place", async () => (await told("navigate")).path === "/orders/5?tab=1");
        });

        it("leads the app elsewhere, by a call or by the attribute (Looker, Metabase)", async () => {
            await host(element);
            await start();
            await told("ready");
            const at = (wanted) => eventually(wanted, async () => new URL((await frame()).url()).pathname === wanted);
            await page.evaluate(() => place.reload("/orders/6"));
            await at("/orders/6");
            await page.evaluate(() => place.setAttribute("path", "/orders/7"));
            await at("/orders/7");
            assert.deepEqual([...asked], [null, "/orders/6", "/orders/7"]);
        });
    });

    describe("resize", () => {
        it("hears how high the app is (Looker, Superset)", async () => {
            await host(element);
            await start();
            const shown = await frame();
            await shown.evaluate(() => (document.querySelector("p").style.height = "640px"));
            await eventually("the height", async () => (await told("resize")).height >= 640);
        });

        it("lets the frame be as high as the app (Looker)", async () => {
            await host(`<inlay-embed id="place" auto-height></inlay-embed>`);
            await start();
            const shown = await frame();
            await shown.evaluate(() => (document.querySelector("p").style.height = "640px"));
            await eventually("the height", () =>
                page.evaluate(() => document.querySelector("iframe").getBoundingClientRect().height >= 640),
            );
        });
    });

    describe("messages", () => {
        it("gives the app values, changes them, and hears what it sends (all)", async () => {
            await host(element);
            await page.evaluate(() => (place.data = { filter: "a" }));
            await start();
            const shown = await frame();
            const seen = (value) =>
                eventually(`the value ${value}`, () =>
                    shown.evaluate((one) => document.body.dataset.filter === JSON.stringify(one), value),
                );
            await seen("a");
            await page.evaluate(() => (place.data = { filter: "b" }));
            await seen("b");
            await shown.evaluate(() => window.portal.post({ clicked: 5 }));
            assert.deepEqual(await told("data"), { clicked: 5 });
        });
    });

    describe("token refresh", () => {
        it("is asked for another token before the first ends, and the app stays as it is (all)", async () => {
            await host(element);
            await start();
            const shown = await frame();
            const born = await shown.evaluate(() => document.body.dataset.born);
            await eventually(
                "another token",
                async () => {
                    await shown.evaluate(() =>
                        parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*"),
                    );
                    return asked.length > 1;
                },
                30_000,
            );
            await eventually("the renewal", () => world.lastEvent("renew", { appId: world.app.id }));
            assert.equal(await shown.evaluate(() => document.body.dataset.born), born);
            assert.equal(framesOf(page)[0], shown);
        });

        it("hears that a session is about to end, if its server gives no other token (Looker)", async () => {
            await host(element);
            await start();
            const shown = await frame();
            refuses = true;
            await eventually(
                "the word",
                async () => {
                    await shown.evaluate(() =>
                        parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*"),
                    );
                    return page.evaluate(() => window.told.some(([type]) => type === "expiring"));
                },
                30_000,
            );
            assert.equal(typeof (await told("expiring")).expiresInSeconds, "number");
        });
    });

    describe("teardown", () => {
        it("takes the app away by a call, after which nothing is asked (Superset, Metabase)", async () => {
            await host();
            await page.evaluate(() => {
                window.shown = inlay.embed(place, { getUrl: window.fetchToken });
                return window.shown.ready;
            });
            await page.evaluate(() => {
                window.shown.destroy();
                window.shown.destroy(); // once more does nothing
                window.shown.reload();
                window.shown.update({});
                dispatchEvent(new Event("focus"));
            });
            assert.equal(await page.evaluate(() => document.querySelectorAll("iframe").length), 0);
            assert.equal(asked.length, 1);
        });

        it("takes the element away, and puts it back (Metabase)", async () => {
            await host(element);
            await start();
            await told("ready");
            await page.evaluate(() => {
                window.kept = place;
                window.kept.remove();
            });
            assert.equal(await page.evaluate(() => document.querySelectorAll("iframe").length), 0);
            await page.evaluate(() => {
                window.told.length = 0;
                document.body.append(window.kept);
            });
            await told("ready");
            assert.equal(await page.evaluate(() => document.querySelectorAll("iframe").length), 1);
        });

        it("shows several apps at once, each by its own (all)", async () => {
            await host(element + element.replace("place", "other"));
            await page.evaluate(() => {
                for (const one of document.querySelectorAll("inlay-embed")) {
                    one.getUrl = window.fetchToken;
                }
                return Promise.all([...document.querySelectorAll("inlay-embed")].map((one) => one.ready));
            });
            await page.evaluate(() => document.querySelector("#other").remove());
            assert.equal(await page.evaluate(() => place.getAttribute("state")), "ready");
        });
    });
});
