// Our own SDKs, as npm packs them: an app with @inlay/app in portals with @inlay/embed. https, unrelated sites,
// third-party cookies blocked.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { transform } from "esbuild";
import { bundle } from "../../sdk/build.mjs";
import { buildClients } from "../clients/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { eventually, settled } from "../lib/eventually.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

let apart, chrome, portal, world, script;

/** Shows its user and the parent's values; posts what it is told to. It is long, and has a form. */
const app = `<!doctype html><title>App</title><link rel="icon" href="data:,"><p></p><input><div style="height:3000px"></div>
<script type="module">
import { session, parent } from "/_inlay/app.js";
window.sdk = { session, parent };
window.seen = [];
parent.watch("theme", (value) => seen.push(value));
document.querySelector("p").textContent = (await session()).currentUser.externalIdentifier;
parent.post({ hello: document.querySelector("p").textContent });
</script>`;

before(async () => {
    script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });
    apart = await startApart();
    ({ launched: chrome, portal } = apart);
    world = await makeWorld(apart.server, {
        portals: [portal.origin],
        bundle: [{ path: "index.html", content: app }],
    });
});
after(() => apart?.close());

/** A portal's page with embeds; its server gives links by the name of who is looking, unless it is told to fail. */
async function open(t, names, options = "", from = { world, script }) {
    const context = await chrome.browser.newContext();
    t.after(() => context.close());
    const state = { asked: 0, fails: false, more: {}, pat: false };
    const place = `/${unique("link")}`;
    portal.pages.set(place, async (request, response) => {
        state.asked += 1;
        if (state.fails) {
            response.writeHead(500).end();
            return;
        }
        const link = state.pat
            ? await from.world.patLink({ sessionExpiry: 1 })
            : await from.world.embedLink({
                  externalIdentifier: new URL(request.url, portal.origin).searchParams.get("name"),
                  ...state.more,
              });
        response.writeHead(200, { "Content-Type": "text/plain" }).end(link);
    });
    const page = await context.newPage();
    const embeds = names.map(
        (name) => `{
        window["${name}"] = { data: [], errors: [], ready: 0, expiring: [] };
        const box = { id: "${name}", style: "height: 300px" };
        const place = document.body.appendChild(Object.assign(document.createElement("div"), box));
        window["${name}"].embed = inlay.embed(place, {
            getUrl: async () => {
                const answer = await fetch("${place}?name=${name}");
                if (!answer.ok) throw new Error("no");
                return { url: await answer.text(), ...window.lifetime };
            },
            data: { theme: "${name}" },
            onData: (data) => window["${name}"].data.push(data),
            onReady: () => window["${name}"].ready++,
            onError: (code) => window["${name}"].errors.push(code),
            onExpiring: (left) => window["${name}"].expiring.push(left),
            ${options}
        }); }`,
    );
    const url = portal.add(
        `<!doctype html><title>Portal</title><body><script>${from.script}\nwindow.lifetime = {};${embeds.join("")}</script>`,
    );
    await page.goto(url);
    return { page, state };
}

const frameOf = (page, id) =>
    eventually(`the frame of ${id}`, async () => (await (await page.$(`#${id} > iframe`))?.contentFrame()) ?? null);
const shows = (page, id, check) =>
    eventually(`what ${id} shows`, async () => (await frameOf(page, id)).evaluate(check));
/** The app says that its session is about to end; again after a while, since its true answer may come later. */
async function expire(frame, what, check) {
    let said = 0;
    return eventually(what, async () => {
        const done = await check();
        if (!done && Date.now() - said > 3000) {
            said = Date.now();
            await frame.evaluate(() => parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*"));
        }
        return done;
    });
}
const name = () => unique("Who").replaceAll("-", "_");

describe("the SDKs", () => {
    it("several embeds on a page never cross: user, values and data are each one's own", async (t) => {
        const names = [name(), name()];
        const { page } = await open(t, names);
        for (const one of names) {
            await shows(page, one, () => window.seen?.length > 0 && document.querySelector("p").textContent !== "");
            const frame = await frameOf(page, one);
            assert.deepEqual(await frame.evaluate(() => [document.querySelector("p").textContent, ...window.seen]), [
                one,
                one,
            ]);
            await eventually("data", () => page.evaluate((id) => window[id].data.length > 0, one));
            assert.deepEqual(await page.evaluate((id) => window[id].data, one), [{ hello: one }]);
            await eventually("ready", () => page.evaluate((id) => window[id].ready > 0, one));
            assert.deepEqual(await page.evaluate((id) => [window[id].ready, window[id].errors], one), [1, []]);
        }
    });

    it("changed values arrive once, falsy ones too", async (t) => {
        const who = name();
        const { page } = await open(t, [who]);
        await shows(page, who, () => window.seen?.length === 1);
        for (const value of [0, 0, false, "", null]) {
            await page.evaluate(([id, theme]) => window[id].embed.update({ theme }), [who, value]);
        }
        await shows(page, who, () => window.seen.length === 5);
        assert.deepEqual(await (await frameOf(page, who)).evaluate(() => window.seen.slice(1)), [0, false, "", null]);
    });

    it("the height follows the app's, if the portal wants that", async (t) => {
        const who = name();
        const { page } = await open(t, [who], "autoHeight: true,");
        await eventually("the height", () =>
            page.evaluate((id) => document.querySelector(`#${id} > iframe`)?.clientHeight > 3000, who),
        );
        // And margins: always higher than the frame.
        await (await frameOf(page, who)).evaluate(() => (document.body.style.minHeight = "100vh"));
        const height = () => page.evaluate((id) => document.querySelector(`#${id} > iframe`).clientHeight, who);
        await settled("growing", height, 1000);
        assert.ok((await height()) < 4000);
    });

    it("a session is renewed in place: same session, same document, same scroll position, same half-typed form", async (t) => {
        const who = name();
        const { page, state } = await open(t, [who]);
        // The name above moves what is below it, so it has to be there first.
        await shows(page, who, () => window.seen?.length === 1 && document.querySelector("p").textContent !== "");
        const frame = await frameOf(page, who);
        const before = await frame.evaluate(async () => {
            document.querySelector("input").value = "half-";
            scrollTo(0, 1200);
            window.mark = "the same document";
            return (await window.sdk.session()).session;
        });
        state.fails = true;
        await expire(frame, "the word about it", () => page.evaluate((id) => window[id].expiring.length > 0, who));
        state.fails = false;
        await page.evaluate(() => dispatchEvent(new Event("online")));
        const renewed = await eventually("a later end", () =>
            frame.evaluate(async ({ expiresAt }) => {
                const { session } = await window.sdk.session();
                return session.expiresAt > expiresAt && session;
            }, before),
        );
        assert.equal(renewed.id, before.id);
        assert.deepEqual(await frame.evaluate(() => [window.mark, scrollY, document.querySelector("input").value]), [
            "the same document",
            1200,
            "half-",
        ]);
        await eventually("the hidden frame to go", () =>
            page.evaluate((one) => document.querySelectorAll(`#${one} > iframe`).length === 1, who),
        );
        assert.deepEqual(await page.evaluate((one) => window[one].errors, who), []);
    });

    it("the first SDKs, as they were built, go on working: values, messages, renewal", async (t) => {
        const frozen = (name) => fs.readFileSync(path.join(root, "sdk/fixtures/v1", name), "utf8");
        const from = {
            world: await makeWorld(apart.server, {
                portals: [portal.origin],
                bundle: [
                    { path: "index.html", content: app.replace("/_inlay/app.js", "/first.js") },
                    { path: "first.js", content: frozen("app.js") },
                ],
            }),
            script: (await transform(frozen("embed.js"), { format: "iife", globalName: "inlay" })).code,
        };
        const who = name();
        const { page } = await open(t, [who], "", from);
        await shows(page, who, () => window.seen?.length === 1);
        const frame = await frameOf(page, who);
        const before = await frame.evaluate(async () => (await window.sdk.session()).session);
        await expire(frame, "a later end", () =>
            frame.evaluate(async (end) => (await window.sdk.session()).session.expiresAt > end, before.expiresAt),
        );
        assert.equal(await frame.evaluate(async () => (await window.sdk.session()).session.id), before.id);
        await page.evaluate((id) => window[id].embed.update({ theme: "light" }), who);
        await shows(page, who, () => window.seen.length === 2);
        assert.deepEqual(await page.evaluate((id) => [window[id].data, window[id].errors], who), [
            [{ hello: who }],
            [],
        ]);
    });

    it("a renewal whose claims are others shows the app anew, at its other origin", async (t) => {
        const who = name();
        const { page, state } = await open(t, [who]);
        await shows(page, who, () => window.seen?.length === 1);
        const frame = await frameOf(page, who);
        const { origin } = new URL(frame.url());
        state.more = { metadata: { other: true } };
        await expire(frame, "the other origin", async () => {
            const url = (await frameOf(page, who)).url();
            return url.startsWith("https:") && new URL(url).origin !== origin;
        });
    });

    it("a session that was ended is opened anew, and a second time it is an error", async (t) => {
        const who = name();
        const { page, state } = await open(t, [who]);
        for (const round of [1, 2]) {
            await shows(page, who, () => window.seen?.length === 1);
            const frame = await frameOf(page, who);
            await frame.evaluate(async () => {
                await fetch("/_inlay/logout", { method: "POST" });
                location.reload();
            });
            if (round === 1) {
                await eventually("another link", () => state.asked === 2);
            }
        }
        await eventually("the error", () => page.evaluate((id) => window[id].errors.length === 1, who));
        assert.deepEqual(await page.evaluate((id) => window[id].errors, who), ["session_missing"]);
    });

    it("logout ends the session and takes the frame away", async (t) => {
        const who = name();
        const { page } = await open(t, [who]);
        await shows(page, who, () => window.seen?.length === 1);
        const { session } = await (await frameOf(page, who)).evaluate(() => window.sdk.session());
        await page.evaluate((id) => window[id].embed.logout(), who);
        await eventually(
            "the end",
            async () => (await world.api.get(`/sessions/${session.id}`)).endReason === "logout",
        );
        await eventually("no frame", () => page.evaluate(() => document.querySelectorAll("iframe").length === 0));
    });

    it("the element is an embed, too", async (t) => {
        const context = await chrome.browser.newContext();
        t.after(() => context.close());
        const page = await context.newPage();
        const link = await world.embedLink({ externalIdentifier: "element" });
        const css = "iframe { display: block; height: 700px } #one[state=ready] { display: flex }";
        await page.goto(
            portal.add(
                `<!doctype html><style>${css}</style><body><inlay-embed id="one" title="Orders"></inlay-embed><script>
                    const one = document.getElementById("one");
                    one.getUrl = async () => ({ embedUrl: "${link}" });
                    one.data = { theme: "blue" };
                    window.traced = [];
                    one.trace = (way, { type }) => traced.push(way + " " + type);
                    ${script}</script>`,
            ),
        );
        const element = (look) => page.locator("inlay-embed").evaluate(look);
        await shows(page, "one", () => window.seen?.length === 1);
        assert.deepEqual(await (await frameOf(page, "one")).evaluate(() => window.seen), ["blue"]);
        await eventually("what was traced", () =>
            page.evaluate(() =>
                ["sent inlay:hello", "received inlay:ready"].every((what) => window.traced.includes(what)),
            ),
        );
        assert.deepEqual(await element((one) => [one.getAttribute("state"), one.firstChild.title]), [
            "ready",
            "Orders",
        ]);
        const display = () => element((one) => getComputedStyle(one).display);
        assert.equal(await display(), "flex", "the page's CSS knows the state, and decides");
        await element((one) => void (one.id = "other"));
        assert.equal(await display(), "block");
        await element((one) => void (one.hidden = true));
        assert.equal(await display(), "none");
    });

    it("the React component shows the app once in StrictMode, and hands on what changes", async (t) => {
        const context = await chrome.browser.newContext();
        t.after(() => context.close());
        const page = await context.newPage();
        const { inlay } = await buildClients();
        await page.goto(portal.add(`<!doctype html><div id="root"></div><script>${inlay}</script>`));
        await page.evaluate(
            (url) => window.show(url, { theme: "blue" }),
            await world.embedLink({ externalIdentifier: "react" }),
        );
        await shows(
            page,
            "root > .orders",
            () => window.seen?.length === 1 && document.querySelector("p").textContent !== "",
        );
        const frame = await frameOf(page, "root > .orders");
        await page.evaluate(() => window.setData({ theme: "green" }));
        await eventually("the new value", () => frame.evaluate(() => window.seen.length === 2));
        assert.deepEqual(await frame.evaluate(() => window.seen), ["blue", "green"]);
        await frame.evaluate(() => window.sdk.parent.post({ click: 1 }));
        await eventually("what the app sends", () => page.evaluate(() => window.received.length === 2));
        assert.deepEqual(await page.evaluate(() => window.received), [
            { sent: { hello: "react" }, data: { theme: "blue" } },
            { sent: { click: 1 }, data: { theme: "green" } },
        ]);
        const place = () =>
            page.evaluate(() => [
                window.asked,
                window.ready,
                document.querySelector(".orders").dataset.state,
                document.querySelectorAll("iframe").length,
            ]);
        await eventually("ready", () =>
            page.evaluate(() => window.ready > 0 && document.querySelector(".orders").dataset.state !== "loading"),
        );
        assert.deepEqual(await place(), [1, 1, "ready", 1]);
        await page.evaluate(() => window.setTheme("dark"));
        await eventually("the theme", () => frame.evaluate(() => window.seen.at(-1) === "dark"));
        assert.deepEqual(await place(), [1, 1, "ready", 1]);
        await page.evaluate(() => window.hide());
        assert.equal(await page.evaluate(() => document.querySelectorAll("iframe").length), 0);
    });
});
