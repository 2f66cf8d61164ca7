// Links, sessions, storage and service workers in WebKitGTK: https, a portal of another site. It has no partitioned cookies, so
// with its defaults no app opens there; with third-party cookies allowed all of it works.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "../../sdk/build.mjs";
import { buildVitePwa, buildWorkbox } from "../clients/pwa.mjs";
import { startApart } from "../lib/apart.mjs";
import { eventually } from "../lib/eventually.mjs";
import { probeApp } from "../lib/portal.mjs";
import { root } from "../lib/server.mjs";
import { launchWebKit } from "../lib/webkit.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

async function start(allowsThirdParties) {
    const apart = await startApart({ launch: () => launchWebKit({ allowsThirdParties }) });
    const webkit = apart.launched;
    const inFrame = (what, fn, ...args) =>
        eventually(
            what,
            async () => {
                await webkit.enter();
                await webkit.enter(0).catch(() => {});
                return webkit.read(fn, ...args).catch(() => null);
            },
            20_000,
        ).finally(() => webkit.enter());
    return {
        apart,
        webkit,
        inFrame,
        open: (link) => webkit.goto(apart.portal.framing([link])),
        data: (name, value) =>
            inFrame(
                `data-${name}`,
                (key, wanted) => {
                    const found = document.body?.dataset[key];
                    return found !== undefined && (wanted === null || found === wanted) && found;
                },
                name,
                value ?? null,
            ),
    };
}

describe("WebKitGTK, as it is", () => {
    let place, world;

    before(async () => {
        place = await start(false);
        world = await makeWorld(place.apart.server, { portals: [place.apart.portal.origin], bundle: probeApp });
    });
    after(() => place?.apart.close());

    it("shows a page that says why, and the link is still good", async () => {
        const link = await world.embedLink();
        await place.open(link);
        const [{ data }] = await eventually("the error", () =>
            place.webkit.read(() => (window.messages.length > 0 ? window.messages : null)),
        );
        assert.deepEqual([data.type, data.code], ["inlay:error", "cookies_blocked"]);
        const opened = await world.opened(link);
        assert.equal(await opened.refusal(), null);
    });
});

describe("WebKitGTK, with third-party cookies allowed", () => {
    let place, apart, webkit;

    before(async () => {
        place = await start(true);
        ({ apart, webkit } = place);
    });
    after(() => apart?.close());

    const make = (content) => makeWorld(apart.server, { portals: [apart.portal.origin], bundle: content });

    it("a link opens, and the app's cookie is for no script", async () => {
        const world = await make(probeApp);
        const who = unique("ann");
        await place.open(await world.embedLink({ externalIdentifier: who }));
        const session = JSON.parse(await place.data("session"));
        assert.equal(session.currentUser.externalIdentifier, who);
        assert.equal(await place.inFrame("no cookie", () => document.cookie === "" && "none"), "none");
    });

    it("Back leads to the app's first page, long after its link was opened", async () => {
        const world = await make([
            { path: "index.html", content: "<!doctype html><body data-page='first'>" },
            { path: "second.html", content: "<!doctype html><body data-page='second'>" },
        ]);
        await place.open(await world.embedLink());
        await place.data("page", "first");
        await place.inFrame("the way", () => ((location.href = "/second.html"), true));
        await place.data("page", "second");
        await sleep(11_000);
        await place.inFrame("the way back", () => (history.back(), true));
        await place.data("page", "first");
    });

    it("the SDK shows an app, renews its session in place, and ends it", async () => {
        const world = await make([
            {
                path: "index.html",
                content: `<!doctype html><body><script type="module">
                    import { session } from "/_inlay/app.js";
                    document.body.dataset.session = (await session()).session.id;
                    document.body.dataset.born = String(Math.random());
                </script>`,
            },
        ]);
        const who = unique("ann");
        const link = `/${unique("link")}`;
        apart.portal.pages.set(link, async (_request, response) => {
            response.writeHead(200, { "Content-Type": "text/plain" });
            response.end(await world.embedLink({ externalIdentifier: who }));
        });
        await webkit.goto(
            apart.portal.add(`<!doctype html><title>Portal</title><body><div id="app"></div><script>${script}
                window.shown = inlay.embed(document.querySelector("#app"), {
                    getUrl: async () => (await fetch("${link}")).text(),
                    onError: (code) => (document.body.dataset.error = code),
                });</script>`),
        );
        const id = await place.data("session");
        const born = await place.data("born");
        await eventually(
            "the renewal",
            async () => {
                await place.inFrame("the app", () => {
                    parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*");
                    return true;
                });
                return world.lastEvent("renew", { sessionId: id });
            },
            30_000,
        );
        assert.equal(await place.data("born"), born);
        assert.equal(await webkit.read(() => document.body.dataset.error ?? null), null);
        await webkit.read(() => window.shown.logout());
        await eventually("the end", async () => (await world.api.get(`/sessions/${id}`)).endReason === "logout");
    });

    for (const [tool, build] of Object.entries({ "vite-plugin-pwa": buildVitePwa, Workbox: buildWorkbox })) {
        it(`a worker that ${tool} has built lets links open, and works offline`, async () => {
            const world = await make(await build());
            const who = unique("ann");
            const link = () => world.embedLink({ externalIdentifier: who });
            await place.open(await link());
            await place.data("worker", "ready");
            await place.open(await link());
            await place.data("controlled", "true");
            await place.data("user", who);
            await apart.server.stop();
            try {
                await place.inFrame("the app", () => (location.reload(), true));
                await place.data("user", "offline");
            } finally {
                await apart.server.start();
            }
            await place.open(await link());
            await place.data("user", who);
        });
    }
});
