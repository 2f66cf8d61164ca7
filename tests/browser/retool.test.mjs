// Retool's own clients, as npm has them, show apps of Inlay and talk to them: https, unrelated sites, third-party cookies
// blocked. What the clients themselves get wrong is told in docs/moving-from-retool.md; the app works around it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { buildClients } from "../clients/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { makeWorld } from "../lib/world.mjs";

/** @type {Awaited<ReturnType<typeof startApart>>} */ let apart;
/** @type {typeof apart.launched} */ let chrome;
/** @type {typeof apart.portal} */ let portal;
/** @type {import("../lib/world.mjs").World} */ let world;
/** @type {import("../lib/world.mjs").World} the same, by an app with the SDK */ let worldWithSdk;
/** @type {Awaited<ReturnType<typeof buildClients>>} */ let scripts;

const bundleOf = (script) => [
    {
        path: "index.html",
        content: `<!doctype html><title>App</title><link rel="icon" href="data:,"><p>…</p>
<script type="module" src="/app.js"></script>\n`,
    },
    { path: "app.js", content: script },
];

before(async () => {
    scripts = await buildClients();
    apart = await startApart();
    ({ launched: chrome, portal } = apart);
    [world, worldWithSdk] = await Promise.all(
        [scripts.app, scripts.appWithSdk].map((script) =>
            makeWorld(apart.server, { portals: [portal.origin], bundle: bundleOf(script) }),
        ),
    );
});

after(() => apart?.close());

/**
 * What a portal gives to a client: a link to an app that asks for some values, and its data. Two names are two sets of
 * claims, and so two origins, by which the clients tell frames apart.
 */
async function embed(ask, data, name = "the app", from = world) {
    const link = await from.embedLink({
        userInfo: { first_name: "Ann", last_name: "Lee" },
        metadata: { ask: ask.join(","), name },
    });
    return data === undefined ? { url: link, name } : { url: link, name, data };
}

for (const client of ["react-retool", "retool-embed"]) {
    describe(client, () => {
        const isReact = client === "react-retool";

        /** A page of the portal with some embeds, in a profile of its own. */
        async function open(t, embeds, options = {}) {
            const context = await chrome.browser.newContext();
            t.after(() => context.close());
            const page = await context.newPage();
            const errors = [];
            page.on("pageerror", (error) => errors.push(error.message));
            await page.goto(
                portal.add(
                    `<!doctype html><title>Portal</title><link rel="icon" href="data:,"><div id="root"></div>
                    <script src="/${client}.js"></script>`,
                ),
            );
            await page.evaluate(([list, more]) => window.show(list, more), /** @type {const} */ ([embeds, options]));
            return { page, errors };
        }

        before(() => {
            portal.pages.set(`/${client}.js`, (request, response) => {
                response.writeHead(200, { "Content-Type": "text/javascript; charset=utf-8" });
                response.end(isReact ? scripts.react : scripts.element);
            });
        });

        const ready = (page, index = 0) =>
            eventually(`the app in frame ${index}`, async () => {
                const frame = framesOf(page)[index];
                return (await frame?.evaluate(() => document.body?.dataset.ready)) === "yes" && frame;
            });
        const shows = async (page, values, index = 0) => {
            let seen = "";
            await eventually(`values ${JSON.stringify(values)} in frame ${index}`, async () => {
                seen = (await framesOf(page)[index]?.evaluate(() => document.body?.dataset.values)) ?? "";
                return seen !== "" && isDeepStrictEqual(JSON.parse(seen), values);
            }).catch((error) => assert.fail(`${error.message}; seen: ${seen}`));
        };
        const received = (page, count) =>
            eventually(`${count} messages`, async () => {
                const list = await page.evaluate(() => window.received);
                return list.length >= count && list;
            });

        it("shows the app as its user and hands what the app posts to onData, and nothing else", async (t) => {
            const { page, errors } = await open(t, [await embed(["tab"], { tab: "home" })]);
            const frame = await ready(page);
            assert.equal(await frame.innerText("p"), "Ann Lee");
            await shows(page, { tab: "home" });
            await frame.evaluate(() => [{ order: 7 }, "home", 0, false, ""].forEach((value) => window.tell(value)));
            assert.deepEqual(
                (await received(page, 5)).map(({ value }) => value),
                [{ order: 7 }, "home", 0, false, ""],
            );
            assert.deepEqual(errors, []);
        });

        it("brings each change of data to the app, falsy values too", async (t) => {
            const { page } = await open(t, [
                await embed(["flag", "count", "text"], { flag: true, count: 3, text: "a" }),
            ]);
            await shows(page, { flag: true, count: 3, text: "a" });
            for (const data of [
                { flag: false, count: 0, text: "" },
                { flag: true, count: -1, text: "ü" },
                { flag: null, count: 2 ** 40, text: { nested: [0] } },
            ]) {
                await page.evaluate((value) => window.setData(0, value), data);
                await shows(page, data);
            }
            await page.evaluate(() => window.setData(0, {}));
            await shows(page, { flag: null, count: null, text: null });
        });

        for (const [what, value] of [
            ["false", false],
            ["zero", 0],
            ["an empty text", ""],
        ]) {
            it(`answers the app's question with ${what} at the first load`, async (t) => {
                const { page } = await open(t, [await embed(["value"], { value })]);
                await shows(page, { value });
            });
        }

        it("answers null for what data does not have", async (t) => {
            const { page } = await open(t, [await embed(["absent"], { other: 1 })]);
            await shows(page, { absent: null });
        });

        it("works without data for an app that asks for none", async (t) => {
            const { page, errors } = await open(t, [await embed([])]);
            const frame = await ready(page);
            await frame.evaluate(() => window.tell("hello"));
            assert.deepEqual(await received(page, 1), [{ name: "the app", value: "hello" }]);
            assert.deepEqual(errors, []);
        });

        it("two embeds on a page each get their own data and their own messages", async (t) => {
            const { page } = await open(t, [
                await embed(["store"], { store: "Oslo" }, "one"),
                await embed(["store"], { store: "Lima" }, "two"),
            ]);
            const [one, two] = [await ready(page, 0), await ready(page, 1)];
            await shows(page, { store: "Oslo" }, 0);
            await shows(page, { store: "Lima" }, 1);
            await page.evaluate(() => window.setData(0, { store: "Rome" }));
            await shows(page, { store: "Rome" }, 0);
            await shows(page, { store: "Lima" }, 1);
            await one.evaluate(() => window.tell("from one"));
            await two.evaluate(() => window.tell("from two"));
            const messages = await received(page, 2);
            assert.deepEqual(messages.map(({ name, value }) => `${name}: ${value}`).sort(), [
                "one: from one",
                "two: from two",
            ]);
        });

        it("talks to an app with Inlay's SDK", async (t) => {
            const { page, errors } = await open(t, [
                await embed(["flag", "count"], { flag: true, count: 3 }, "the app", worldWithSdk),
            ]);
            const frame = await ready(page);
            assert.equal(await frame.innerText("p"), "Ann Lee");
            await shows(page, { flag: true, count: 3 });
            for (const data of [
                { flag: false, count: 0 },
                { flag: "", count: null },
                { flag: { a: [1] }, count: -1 },
            ]) {
                await page.evaluate((value) => window.setData(0, value), data);
                await shows(page, data);
            }
            await frame.evaluate(() => [{ order: 7 }, false, ""].forEach((value) => window.tell(value)));
            assert.deepEqual(
                (await received(page, 3)).map(({ value }) => value),
                [{ order: 7 }, false, ""],
            );
            assert.deepEqual(errors, []);
        });

        if (isReact) {
            it("works in StrictMode, which mounts everything twice", async (t) => {
                const { page, errors } = await open(t, [await embed(["tab", "open"], { tab: "home", open: true })], {
                    strict: true,
                });
                const frame = await ready(page);
                await shows(page, { tab: "home", open: true });
                await page.evaluate(() => window.setData(0, { tab: "orders", open: false }));
                await shows(page, { tab: "orders", open: false });
                await frame.evaluate(() => window.tell("once"));
                assert.equal((await received(page, 1)).length, 1);
                assert.deepEqual(errors, []);
            });
        } else {
            it("data that comes later answers an app that asked before", async (t) => {
                const { page } = await open(t, [await embed(["late"])]);
                await ready(page);
                await page.evaluate(() => window.setData(0, { late: "here" }));
                await shows(page, { late: "here" });
            });
        }
    });
}
