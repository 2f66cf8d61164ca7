// Cookies of an app's server: a sibling on the same site must not replace them.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { request } from "../lib/browserlike.mjs";
import { eventually } from "../lib/eventually.mjs";
import { startServer } from "../lib/server.mjs";
import { close, listen, upstreamWorld } from "../lib/upstream.mjs";

describe("cookies of an app's server", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;
    /** @type {import("../lib/world.mjs").Opened} */ let opened;
    let upstream;

    before(async () => {
        // Sets the cookies that the query names, and tells which ones it got.
        upstream = await listen((incoming, response) => {
            const set = new URL(incoming.url, "http://x").searchParams.getAll("set");
            response.writeHead(200, { "Content-Type": "text/plain", ...(set.length > 0 ? { "Set-Cookie": set } : {}) });
            response.end(incoming.headers.cookie ?? "");
        });
        server = await startServer({ workers: 2 });
        world = await upstreamWorld(server, { url: `http://127.0.0.1:${upstream.address().port}` });
        opened = await world.opened();
    });
    after(async () => {
        close(upstream);
        await server.discard();
    });

    const set = (...lines) => opened.fetch(`/?${lines.map((line) => `set=${encodeURIComponent(line)}`).join("&")}`);
    const jar = () => opened.browser.cookies(opened.origin);
    const nameOf = (ending) => [...jar().keys()].find((name) => name.endsWith(ending)) ?? "";
    const got = async (...pairs) => {
        const own = [...jar()].map(([name, value]) => `${name}=${value}`);
        return (await request(`${opened.origin}/`, { headers: { Cookie: [...pairs, ...own].join("; ") } })).text;
    };

    it("cause an event when they grow near to what browsers keep for a site, and no other", async () => {
        const large = await upstreamWorld(server, { url: `http://127.0.0.1:${upstream.address().port}` });
        const frame = await large.opened();
        const events = async () =>
            (await large.api.get("/events", { type: "upstream.cookies", appId: large.app.id })).items;
        const grow = (name, bytes) =>
            frame.fetch(`/?set=${encodeURIComponent(`${name}=${"x".repeat(bytes)}; Path=/; HttpOnly`)}`);
        await grow("a", 3900);
        await grow("b", 3900);
        await grow("b", 3900);
        assert.deepEqual(await events(), []);
        await grow("c", 900);
        const [event] = await eventually("the event", async () => {
            const found = await events();
            return found.length > 0 ? found : undefined;
        });
        assert.ok(event.detail.bytes > 8700 && event.detail.bytes < 9000, `${event.detail.bytes}`);
        assert.ok(event.sessionId && event.userId && event.linkId);
        await grow("d", 900);
        await grow("c", 1);
        assert.equal((await events()).length, 1, "told when it happens, not with every response");
    });

    it("that scripts can't read are called otherwise in the browser, and come back by their name", async () => {
        await set("sid=GOOD; Path=/; HttpOnly");
        assert.match(nameOf("sid"), /^inlay-[0-9a-f]{16}-sid$/);
        assert.equal(jar().get("sid"), undefined);
        assert.equal(await got(), "sid=GOOD");
        assert.equal(await got("sid=EVIL", "sid=EVIL2"), "sid=GOOD", "whatever a sibling sets");
        assert.equal(await got("inlay-0000000000000000-sid=EVIL"), "inlay-0000000000000000-sid=EVIL; sid=GOOD");
    });

    it("go when the server expires them, with HttpOnly or without", async () => {
        for (const line of ["sid=; Max-Age=0; Path=/", "sid=; Max-Age=0; HttpOnly"]) {
            await set("sid=GOOD; Path=/; HttpOnly");
            assert.equal(await got(), "sid=GOOD");
            await set(line);
            assert.equal(await got(), "", line);
        }
        await set("sid=GOOD; Path=/; HttpOnly");
        await set("sid=NEW; Path=/");
        assert.equal(await got(), "sid=NEW", "or replaces them by one that scripts may read");
        await set("sid=; Max-Age=0; Path=/");
        assert.equal(await got(), "");
    });

    it("that scripts read keep their names, and the server's own comes through beside a sibling's", async () => {
        await set("csrftoken=GOOD; Path=/", "theme=dark");
        assert.equal(jar().get("csrftoken"), "GOOD");
        assert.equal(await got("csrftoken=EVIL"), "csrftoken=GOOD; theme=dark");
        await set("csrftoken=BETTER; Path=/");
        assert.equal(await got("csrftoken=GOOD"), "csrftoken=BETTER; theme=dark", "the last one that it set");
        jar().set("csrftoken", "changed");
        assert.equal(await got(), "csrftoken=changed; theme=dark", "a script may change it");
        assert.equal(await got("csrftoken=EVIL"), "theme=dark", "then it can't be told from a sibling's");
    });

    it("of another session have other names", async () => {
        const other = await world.opened(await world.embedLink());
        await other.fetch(`/?set=${encodeURIComponent("sid=1; HttpOnly")}`);
        await set("sid=1; HttpOnly");
        const names = [...other.browser.cookies(other.origin).keys()].filter((name) => name.endsWith("-sid"));
        assert.notEqual(names[0], nameOf("-sid"));
    });
});
