// What @inlay/embed lets an app do in its frame, and what it keeps it from: https, unrelated sites.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { framesOf, useWholeChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

useWholeChromium();

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

const pdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;
/** Says hello at once, without being asked; and does what its buttons say. */
const app = `<!doctype html><title>App</title><link rel="icon" href="data:,"><p>app</p>
<button id="top">top</button><button id="popup">popup</button><button id="copy">copy</button>
<button id="print">print</button><button id="confirm">confirm</button><a id="pdf" href="/a.pdf" target="_blank">pdf</a>
<script type="module">
import { parent as portal } from "/_inlay/app.js";
window.done = [];
const on = (id, act) => (document.getElementById(id).onclick = async () => {
    try {
        done.push([id, await act()]);
    } catch (error) {
        done.push([id, error.name]);
    }
});
on("top", () => (top.location.href = "https://stranger.customer.example/"));
on("popup", () => void (window.popup = open("SIGN_IN")));
on("copy", () => navigator.clipboard.writeText("copied"));
on("print", () => new Promise((resolve) => { addEventListener("beforeprint", () => resolve("printed")); print(); }));
on("confirm", () => confirm("Sure?"));
addEventListener("message", ({ data, source }) => source === window.popup && done.push(["signed in", data]));
portal.post({ hello: "portal" });
</script>`;
/** Of an identity provider, on a site of its own. */
const signInPage = `<!doctype html><title>Sign in</title><script>opener.postMessage({ token: 1, origin }, "*");</script>`;
const content = (signIn) => [
    { path: "index.html", content: app.replace("SIGN_IN", signIn) },
    { path: "a.pdf", content: pdf },
];

function portalPage(link, options = "") {
    return `<!doctype html><title>Portal</title><div id="app" style="height: 300px"></div><script>${script}
        const { dataset } = document.body;
        const tell = (name, value) => (dataset[name] = JSON.stringify([...JSON.parse(dataset[name] ?? "[]"), value]));
        addEventListener("pageshow", ({ persisted }) => tell("shows", persisted));
        window.shown = inlay.embed(app, {
            getUrl: async (wanted) => (tell("asked", wanted.path ?? null), (await fetch("${link}")).text()),
            onReady: () => tell("ready", true),
            onError: (code) => tell("errors", code),
            onNavigate: (path) => tell("paths", path),
            onData: (data) => tell("heard", data),
            ${options}
        });
    </script>`;
}

function serveLinks(apart, world) {
    const place = `/${unique("link")}`;
    const who = unique("ann");
    apart.portal.pages.set(place, async (_request, response) => {
        response.writeHead(200, { "Content-Type": "text/plain", "Cache-Control": "no-store" });
        response.end(await world.embedLink({ externalIdentifier: who }));
    });
    return place;
}

const endSessions = async ({ api, app }) => {
    const sessions = await api.all("/sessions", { appId: app.id, status: "active" });
    for (const { id } of sessions) {
        await api.delete(`/sessions/${id}`);
    }
    return sessions.length;
};

describe("Chromium", () => {
    let apart, world, page, frame, provider;

    before(async () => {
        apart = await startApart();
        provider = `https://provider.customer.example:${apart.portal.port}`;
        apart.portal.pages.set("/sign-in", signInPage);
        const bundle = content(`${provider}/sign-in`);
        world = await makeWorld(apart.server, { portals: [apart.portal.origin], bundle });
        page = await (await apart.launched.browser.newContext()).newPage();
        await page.goto(apart.portal.add(portalPage(serveLinks(apart, world))));
        frame = await eventually("the app", async () => {
            const [first] = framesOf(page);
            return (await first?.evaluate(() => document.querySelector("#top")?.onclick != null)) && first;
        });
    });
    after(() => apart?.close());

    /** What a click in the app comes to. */
    async function click(id) {
        await frame.click(`#${id}`);
        return eventually(`what "${id}" does`, () =>
            frame.evaluate((one) => window.done.find(([what]) => what === one), id),
        );
    }

    it("the app cannot take the portal's page elsewhere, even after a click", async () => {
        const url = page.url();
        assert.deepEqual(await click("top"), ["top", "SecurityError"]);
        assert.equal(page.url(), url);
    });

    it("a popup that signs somebody in is a page of its own, and tells the app", async () => {
        const opened = page.context().waitForEvent("page");
        await frame.click("#popup");
        const popup = await opened;
        const [, said] = await eventually("the popup's word", () =>
            frame.evaluate(() => window.done.find(([what]) => what === "signed in")),
        );
        assert.deepEqual(said, { token: 1, origin: provider });
        await popup.close();
    });

    it("the app may copy, ask, and print", async () => {
        assert.deepEqual(await click("copy"), ["copy", undefined]);
        page.once("dialog", (dialog) => dialog.accept());
        assert.deepEqual(await click("confirm"), ["confirm", true]);
        assert.deepEqual(await click("print"), ["print", "printed"]);
        assert.equal(await frame.evaluate(() => document.fullscreenEnabled), true);
    });

    it("Chromium's own PDF viewer is shown without a sandbox, and in none", async () => {
        for (const [options, isShown] of [
            ["", false],
            ["sandbox: false,", true],
        ]) {
            const other = await page.context().newPage();
            await other.goto(apart.portal.add(portalPage(serveLinks(apart, world), options)));
            const outer = await eventually("the app", async () => {
                const [first] = framesOf(other);
                return (await first?.evaluate(() => document.querySelector("#top")?.onclick != null)) && first;
            });
            await outer.evaluate(async () => {
                const inner = Object.assign(document.createElement("iframe"), { src: "/a.pdf" });
                await new Promise((resolve) => ((inner.onload = resolve), document.body.append(inner)));
            });
            const urls = other.frames().map((one) => one.url());
            assert.equal(urls.includes("chrome-error://chromewebdata/"), !isShown, `${options} ${urls}`);
            await other.close();
        }
    });

    it("the portal hears where the app is, and a link is asked for at that page", async () => {
        const read = (name) => page.evaluate((one) => JSON.parse(document.body.dataset[one] ?? "[]"), name);
        await eventually("the first page", async () => (await read("paths")).includes("/"));
        await frame.evaluate(() => history.pushState(null, "", "/orders/5?tab=1#top"));
        await eventually("the next", async () => (await read("paths")).at(-1) === "/orders/5?tab=1#top");
        await page.evaluate(() => window.shown.reload());
        await eventually("another link", async () => (await read("asked")).length === 2);
        assert.deepEqual(await read("asked"), [null, "/orders/5?tab=1#top"]);
    });

    it("the element shows its placeholder until the app is ready, and its message instead of what failed", async () => {
        const slots = `<b slot="placeholder" id="wait">Wait</b><b slot="error" id="sorry">Sorry</b>`;
        const unlisted = await makeWorld(apart.server, { portals: ["https://another.customer.example"] });
        for (const [one, expected] of [
            [world, [false, false, true]],
            [unlisted, [false, true, false]],
        ]) {
            await page.goto(
                apart.portal
                    .add(`<!doctype html><inlay-embed style="height: 300px">${slots}</inlay-embed><script>${script}
                    window.go = () => (document.querySelector("inlay-embed").getUrl = async () => "${await one.embedLink()}");
                </script>`),
            );
            const seen = () =>
                page.evaluate(() =>
                    ["#wait", "#sorry", "inlay-embed > iframe"].map(
                        (what) => document.querySelector(what)?.checkVisibility() ?? false,
                    ),
                );
            assert.deepEqual(await seen(), [true, false, false]);
            await page.evaluate(() => window.go());
            await eventually("its end", () =>
                page.evaluate(() => !/loading/.test(document.querySelector("inlay-embed").getAttribute("state"))),
            );
            assert.deepEqual(await seen(), expected);
        }
    });
});

describe("Firefox", () => {
    let apart, world;

    before(async () => {
        apart = await startApart({ launch: launchFirefox });
        world = await makeWorld(apart.server, { portals: [apart.portal.origin], bundle: content("about:blank") });
    });
    after(() => apart?.close());

    const read = async (name) => {
        await apart.launched.enter();
        return JSON.parse((await apart.launched.read((one) => document.body?.dataset[one] ?? null, name)) ?? "[]");
    };

    it("an app that speaks first is heard, though the browser doesn't name the parent", async () => {
        await apart.launched.goto(
            apart.portal.add(`<!doctype html><title>Portal</title><body><script>
                addEventListener("message", ({ data }) => (document.body.dataset.heard = JSON.stringify([data])));
            </script><iframe src="${await world.embedLink()}"></iframe>`),
        );
        await eventually("its word", async () => (await read("heard")).length > 0);
        assert.deepEqual(await read("heard"), [{ hello: "portal" }]);
    });

    it("a page that the browser kept asks for another link, if the session was ended meanwhile", async () => {
        const other = apart.portal.add("<!doctype html><title>Elsewhere</title>");
        const place = `/${unique("kept")}`;
        apart.portal.pages.set(place, (_request, response) => {
            response.writeHead(200, { "Content-Type": "text/html" }).end(portalPage(serveLinks(apart, world)));
        });
        await apart.launched.goto(apart.portal.origin + place);
        await eventually("the app", async () => (await read("ready")).length === 1);
        await apart.launched.goto(other);
        assert.ok((await endSessions(world)) > 0);
        await apart.launched.back();
        await eventually("another link", async () => (await read("asked")).length === 2);
        assert.deepEqual(await read("shows"), [false, true]);
        await eventually("the app", async () => (await read("ready")).length === 2);
        assert.deepEqual(await read("errors"), []);
    });

    it("a page that is looked at again does so too", async () => {
        await apart.launched.goto(apart.portal.add(portalPage(serveLinks(apart, world))));
        await eventually("the app", async () => (await read("ready")).length === 1);
        await endSessions(world);
        await apart.launched.run(`document.dispatchEvent(new Event("visibilitychange"))`);
        await eventually("another link", async () => (await read("asked")).length === 2);
    });

    it("the app cannot take the portal's page elsewhere", async () => {
        await eventually("the app", async () => {
            await apart.launched.enter();
            await apart.launched.enter(0).catch(() => {});
            return apart.launched.read(() => document.querySelector("#top") !== null);
        });
        await apart.launched.run("document.querySelector('#top').click()");
        const done = await eventually("what it comes to", () =>
            apart.launched.read(() => document.defaultView.wrappedJSObject?.done?.[0]?.[1] ?? "refused"),
        );
        assert.match(done, /SecurityError|refused/);
        assert.equal((await read("ready")).length > 0, true);
    });
});
