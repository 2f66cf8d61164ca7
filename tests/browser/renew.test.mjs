// The session of an app that knows nothing of Inlay, renewed by the portal's SDK: https, unrelated sites, third-party
// cookies blocked, and a clock that is a year late.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { Api } from "../lib/api.mjs";
import { startApart } from "../lib/apart.mjs";
import { framesOf } from "../lib/chromium.mjs";
import { eventually, settled } from "../lib/eventually.mjs";
import { root, sanitized } from "../lib/server.mjs";
import { unique, World } from "../lib/world.mjs";

/** A long page with a form, which hears something from its server five times a second. */
const page_ = `<!doctype html><title>Plain</title><link rel="icon" href="data:,"><p>plain</p><input><div style="height:3000px"></div>
<script>
const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket");
window.heard = 0;
window.closed = false;
socket.onmessage = () => window.heard++;
socket.onclose = () => (window.closed = true);
</script>`;

function startPlainApp() {
    const server = http.createServer((request, response) => {
        response.writeHead(200, { "Content-Type": "text/html" }).end(page_);
    });
    server.on("upgrade", (request, socket) => {
        const accept = crypto
            .createHash("sha1")
            .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
            .digest("base64");
        socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        const timer = setInterval(() => socket.write(Buffer.from("\x81\x04tick", "latin1")), 200);
        socket
            .on("close", () => clearInterval(timer))
            .on("error", () => {})
            .resume();
    });
    server.listen(0, "127.0.0.1");
    return once(server, "listening").then(() => server);
}

describe("an app that knows nothing of Inlay", () => {
    let apart, backend, world, context, page, frame, who, id;
    const state = { asked: 0, fails: false };

    before(async () => {
        const [script, started, plain] = await Promise.all([
            bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" }),
            startApart({ command: sanitized }),
            startPlainApp(),
        ]);
        [apart, backend] = [started, plain];
        const { launched: chrome, portal, server } = apart;
        const api = new Api(server, server.token);
        const app = await api.post("/apps", {
            name: unique("plain"),
            kind: "upstream",
            portals: [portal.origin],
            upstream: { url: `http://127.0.0.1:${backend.address().port}` },
        });
        const group = await api.post("/groups", { name: unique("group") });
        await api.put(`/groups/${group.id}/apps/${app.id}`);
        world = new World(server, api, app, null, group, null);
        who = unique("ann");

        portal.pages.set("/link", async (request, response) => {
            state.asked += 1;
            const link = state.fails
                ? ""
                : await world.embedLink({ externalIdentifier: who, sessionDurationMinutes: 30 });
            response.writeHead(state.fails ? 500 : 200, { "Content-Type": "text/plain" }).end(link);
        });
        context = await chrome.browser.newContext();
        await context.addInitScript(() => {
            const now = Date.now;
            window.late = 365 * 86_400_000;
            Date.now = () => now() - window.late;
        });
        page = await context.newPage();
        await page.goto(
            portal.add(`<!doctype html><title>Portal</title><div id="app" style="height: 300px"></div><script>${script}
            window.errors = [];
            window.told = [];
            addEventListener("message", ({ data }) => data.type === "inlay:renewed" && told.push(data.expiresInSeconds));
            window.shown = inlay.embed(app, {
                getUrl: async () => {
                    const answer = await fetch("/link");
                    if (!answer.ok) throw new Error("no link");
                    return answer.text();
                },
                onError: (code) => errors.push(code),
                onReady: () => (window.isReady = true),
            });
        </script>`),
        );
        await eventually("the app", () => page.evaluate(() => window.isReady));
        frame = await eventually("its frame", async () => {
            const [first] = framesOf(page);
            return (await first?.evaluate(() => window.heard > 0)) && first;
        });
        await frame.evaluate(() => {
            window.mark = "the same document";
            document.querySelector("input").value = "half-";
            scrollTo(0, 1200);
        });
        id = await session();
    });

    after(async () => {
        await apart?.close();
        backend?.closeAllConnections?.();
        backend?.close();
    });

    /** The id of the session that the app's origin has. */
    const session = () => frame.evaluate(async () => (await (await fetch("/_inlay/session")).json()).session?.id);
    /** The portal's machine has slept for an hour, or its page was hidden. */
    const sleepAnHour = () => page.evaluate(() => (window.late -= 3_600_000));
    const wakeUp = () => page.evaluate(() => dispatchEvent(new Event("focus")));
    async function assertSameDocument() {
        assert.deepEqual(await frame.evaluate(() => [window.mark, document.querySelector("input").value, scrollY]), [
            "the same document",
            "half-",
            1200,
        ]);
        await eventually("no hidden frame", async () => framesOf(page).length === 1);
        assert.deepEqual(await page.evaluate(() => window.errors), []);
    }

    it("keeps session, document, scroll position, half-typed form and WebSocket beyond the old end", async () => {
        const end = await world.setEnd(id, 60);
        await wakeUp(); // it asks Inlay how long the session lasts, unless it has done so by itself
        await eventually("the answer", () => page.evaluate(() => window.told.length > 0));
        await sleepAnHour(); // what is left of it is less than a renewal may take on a busy machine
        await wakeUp();
        const event = await eventually("the renewal", () => world.lastEvent("renew", { sessionId: id }));
        assert.equal(event.sessionId, id);
        apart.server.setClock(end + 1000);
        await eventually("the end as it was", async () => apart.server.now() > end + 1500);
        const heard = await frame.evaluate(() => window.heard);
        await eventually("the WebSocket goes on", () => frame.evaluate((before) => window.heard > before, heard));
        assert.equal(await frame.evaluate(() => window.closed), false);
        assert.equal(await session(), id);
        assert.equal(state.asked, 2);
        await assertSameDocument();
    });

    it("after the machine slept, and one failed try, is still renewed in place", async () => {
        state.fails = true;
        await sleepAnHour();
        await wakeUp();
        await eventually("the failed try", () => state.asked >= 3);
        state.fails = false;
        await eventually("the next one, by itself", () => state.asked >= 4);
        await eventually(
            "the renewal",
            async () => (await world.api.all("/events", { type: "renew", sessionId: id })).length === 2,
        );
        assert.equal(await session(), id);
        await assertSameDocument();
    });

    it("after an hour without a network gets a new session in place, as soon as the network is back", async () => {
        await context.setOffline(true);
        await sleepAnHour();
        await world.setEnd(id, -1);
        await wakeUp();
        const asked = state.asked;
        assert.equal(await settled("asking", () => state.asked), asked, "nothing reaches the portal");
        await context.setOffline(false);
        const other = await eventually("another session", async () => {
            const now = await session();
            return now !== undefined && now !== id && now;
        });
        await assertSameDocument();
        id = other;
    });

    it("is signed out with the portal, and nothing is asked for any more", async () => {
        await page.evaluate(() => window.shown.logout());
        await eventually("the end", async () => (await world.api.get(`/sessions/${id}`)).endReason === "logout");
        await eventually("no frame", () => page.evaluate(() => document.querySelectorAll("iframe").length === 0));
        const asked = state.asked;
        await sleepAnHour();
        await wakeUp();
        await page.evaluate(() => dispatchEvent(new Event("online")));
        assert.equal(await settled("asking", () => state.asked), asked);
    });
});
