// The SDKs in Firefox, once: https, unrelated sites, and cookies kept apart as Firefox does by itself.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

const app = `<!doctype html><title>App</title><link rel="icon" href="data:,"><p></p><input><script type="module">
import { parent as portal, session } from "/_inlay/app.js";
const { currentUser, session: { id } } = await session();
portal.watch("theme", (theme) => (document.body.dataset.theme = theme));
portal.post({ hello: currentUser.externalIdentifier });
document.body.dataset.session = id;
document.querySelector("p").textContent = currentUser.externalIdentifier;
</script>`;

describe("Firefox", () => {
    let apart, firefox, world, who, id;
    const state = { asked: 0 };

    before(async () => {
        apart = await startApart({ launch: launchFirefox });
        const { portal, server } = apart;
        firefox = apart.launched;
        world = await makeWorld(server, {
            portals: [portal.origin],
            bundle: [{ path: "index.html", content: app }],
        });
        who = unique("ann");
        portal.pages.set("/link", async (request, response) => {
            state.asked += 1;
            const embedUrl = await world.embedLink({ externalIdentifier: who });
            response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ embedUrl }));
        });
        const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });
        const page =
            portal.add(`<!doctype html><title>Portal</title><body><div id="app" style="height: 300px"></div><script>${script}
            window.shown = inlay.embed(app, {
                getUrl: async () => (await fetch("/link")).json(),
                data: { theme: "dark" },
                onData: (data) => (document.body.dataset.heard = JSON.stringify(data)),
                onError: (code) => (document.body.dataset.error = code),
            });
        </script>`);
        await firefox.goto(page);
    });
    after(() => apart?.close());

    /** Reads inside of the app's frame. */
    async function inFrame(what, fn, ...args) {
        return eventually(
            what,
            async () => {
                await firefox.enter();
                await firefox.enter(0).catch(() => {});
                return firefox.read(fn, ...args);
            },
            30_000,
        );
    }

    it("shows the app as its user, which hears the portal and is heard by it", async () => {
        assert.equal(await inFrame("the app's user", () => document.querySelector("p")?.textContent), who);
        assert.equal(await inFrame("the value", () => document.body.dataset.theme), "dark");
        id = await inFrame("the session", () => document.body.dataset.session);
        await firefox.enter();
        const heard = await eventually("what the app says", () => firefox.read(() => document.body.dataset.heard));
        assert.deepEqual(JSON.parse(heard), { hello: who });
        assert.equal((await world.api.get(`/sessions/${id}`)).status, "active");
    });

    it("renews the session in place", async () => {
        await inFrame(
            "the form",
            () => (
                (document.querySelector("input").value = "half-"),
                (document.body.dataset.mark = "the same document")
            ),
        );
        await eventually(
            "the renewal",
            async () => {
                await inFrame("the app", () => document.body.dataset.mark);
                await firefox.run(`parent.postMessage({ type: "inlay:ready", v: 1, expiresInSeconds: 1 }, "*")`);
                return world.lastEvent("renew", { sessionId: id });
            },
            30_000,
        );
        assert.ok(state.asked >= 2);
        assert.equal(await inFrame("the form", () => document.querySelector("input").value), "half-");
        assert.equal(await inFrame("the document", () => document.body.dataset.mark), "the same document");
        await firefox.enter();
        assert.equal(await firefox.read(() => document.body.dataset.error ?? null), null);
    });

    it("ends the session when the person leaves the portal", async () => {
        await firefox.enter();
        await firefox.run("shown.logout()");
        await eventually("the end", async () => (await world.api.get(`/sessions/${id}`)).endReason === "logout");
    });

    it("shows the brand on pages of Inlay's own, in an opaque origin, too", async () => {
        const pixel =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
        const [{ id: workspace }] = (await world.api.get("/workspaces")).items;
        await world.api.patch(`/workspaces/${workspace}/brand`, {
            color: "#ffe600",
            logo: `data:image/png;base64,${pixel}`,
        });
        const link = await world.embedLink({ theme: "dark", locale: "de" });
        await world.opened(link);
        await firefox.goto(apart.portal.framing([link]));
        const seen = await inFrame("the page", () => {
            const image = document.querySelector("img");
            const { borderTopColor, backgroundColor } = getComputedStyle(document.body);
            return image?.complete === true && [window.origin, image.naturalWidth, borderTopColor, backgroundColor];
        });
        assert.deepEqual(seen, ["null", 1, "rgb(255, 230, 0)", "rgb(21, 25, 24)"]);
        assert.equal(await firefox.read(() => document.title), "Dieser Link wurde bereits verwendet");
    });
});
