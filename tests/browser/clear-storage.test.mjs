// What browsers keep of an app, and of no other, is gone after an admin has asked for it: https, unrelated sites.
import assert from "node:assert/strict";
import { it } from "node:test";
import { startApart } from "../lib/apart.mjs";
import { framesOf, launchChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { makeWorld } from "../lib/world.mjs";

/** Counts its visits where a browser keeps things, and says what it finds. */
const app = [
    {
        path: "index.html",
        content: `<!doctype html><title>App</title><link rel="icon" href="data:,"><script type="module">
const visits = Number(localStorage.getItem("visits") ?? 0) + 1;
localStorage.setItem("visits", visits);
const caches = (await self.caches.keys()).length;
await (await self.caches.open("kept")).put("/kept", new Response("kept"));
const workers = (await navigator.serviceWorker.getRegistrations()).length;
await navigator.serviceWorker.register("/sw.js");
const databases = (await indexedDB.databases()).length;
await new Promise((resolve) => (indexedDB.open("kept").onsuccess = resolve));
document.body.dataset.found = JSON.stringify({ visits, caches, workers, databases });
</script>`,
    },
    { path: "sw.js", content: `addEventListener("fetch", () => {});` },
];

for (const browser of ["Chromium", "Firefox"]) {
    it(`${browser} clears an app's storage, caches and workers once, and another app's never`, async (t) => {
        const apart = await startApart({ launch: browser === "Firefox" ? launchFirefox : launchChromium });
        t.after(() => apart.close());
        const { launched, portal, server } = apart;
        const portals = [portal.origin];
        const [one, other] = [
            await makeWorld(server, { portals, bundle: app }),
            await makeWorld(server, { portals, bundle: app }),
        ];
        const page = browser === "Firefox" ? null : await (await launched.browser.newContext()).newPage();

        async function found(index) {
            const read = () => document.body?.dataset.found ?? null;
            const text = await eventually("what the app has found", async () => {
                if (page !== null) {
                    return framesOf(page)[index]?.evaluate(read);
                }
                await launched.enter();
                await launched.enter(index).catch(() => {});
                return launched.read(read).catch(() => null);
            });
            return JSON.parse(text);
        }
        async function visit() {
            const links = [
                await one.embedLink({ externalIdentifier: "ann" }),
                await other.embedLink({ externalIdentifier: "ann" }),
            ];
            if (page === null) {
                await launched.enter();
            }
            await (page ?? launched).goto(portal.framing(links));
            return [await found(0), await found(1)];
        }
        const fresh = { visits: 1, caches: 0, workers: 0, databases: 0 };
        const kept = (visits) => ({ visits, caches: 1, workers: 1, databases: 1 });

        assert.deepEqual(await visit(), [fresh, fresh]);
        assert.deepEqual(await visit(), [kept(2), kept(2)]);
        await one.api.delete("/browser-storage", { appId: one.app.id });
        assert.deepEqual(await visit(), [fresh, kept(3)]);
        assert.deepEqual(await visit(), [kept(2), kept(4)]);
    });
}
