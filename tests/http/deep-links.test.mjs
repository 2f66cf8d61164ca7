// Where in an app a link leads: by the mint, by the app, and by what a portal puts behind the link.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Browserlike } from "../lib/browserlike.mjs";
import { startServer } from "../lib/server.mjs";
import { makeWorld } from "../lib/world.mjs";

describe("deep links", () => {
    /** @type {import("../lib/server.mjs").Server} */ let server;
    /** @type {import("../lib/world.mjs").World} */ let world;

    before(async () => {
        server = await startServer();
        world = await makeWorld(server);
    });
    after(() => server.discard());

    /** The path, query and fragment that a browser ends at. */
    async function ends(link, browser = new Browserlike()) {
        const page = await browser.open(link);
        const { pathname, search } = new URL(page.url);
        return pathname + search;
    }
    const patMint = async (more) => (await world.pat(more)).redirectUrl;

    it("lead where the mint says, by both contracts", async () => {
        for (const mint of [patMint, (more) => world.embedLink(more)]) {
            assert.equal(await ends(await mint({})), "/");
            assert.equal(await ends(await mint({ path: "" })), "/");
            assert.equal(await ends(await mint({ path: "/orders/5?tab=items&x=%26" })), "/orders/5?tab=items&x=%26");
            assert.equal(await ends(await mint({ path: "/a/../b/./c d" })), "/b/c%20d");
        }
    });

    it("take part in neither the label nor the session", async () => {
        const identifier = { externalIdentifier: "the same" };
        const one = new URL(await world.embedLink({ ...identifier, path: "/one" }));
        const two = new URL(await world.embedLink({ ...identifier, path: "/two" }));
        assert.equal(one.origin, two.origin);
        const browser = new Browserlike();
        assert.equal(await ends(one.href, browser), "/one");
        assert.equal(await ends(two.href, browser), "/two");
    });

    it("lead to the app's start path where the mint says nothing", async () => {
        const startPath = "/home/?a=b";
        assert.equal((await world.api.patch(`/apps/${world.app.id}`, { startPath })).startPath, startPath);
        try {
            assert.equal(await ends(await world.embedLink()), startPath);
            assert.equal(await ends(await world.embedLink({ path: "/x" })), "/x");
            assert.equal(await ends(`${await world.embedLink()}?c=d`), "/home/?a=b&c=d");
        } finally {
            await world.api.patch(`/apps/${world.app.id}`, { startPath: "/" });
        }
    });

    it("take what the portal puts behind them", async () => {
        assert.equal(await ends(`${await world.embedLink()}?page=orders&page=2`), "/?page=orders&page=2");
        assert.equal(await ends(`${await world.embedLink()}/orders/5?x=%2526`), "/orders/5?x=%2526");
        assert.equal(await ends(`${await world.embedLink({ path: "/a?b=c" })}?d=e`), "/a?b=c&d=e");
        assert.equal(await ends(`${await patMint()}&page=orders`), "/?page=orders");
        const pat = new URL(await patMint());
        pat.pathname += "/orders/5";
        assert.equal(await ends(pat.href), "/orders/5");
        const byHand = new URL(pat.pathname + pat.search, server.url);
        byHand.searchParams.append("q", "a&b=c#d");
        assert.equal(await ends(byHand.href), "/orders/5?q=a%26b%3Dc%23d");
    });

    it("resume a session at another place", async () => {
        const browser = new Browserlike();
        const link = await patMint();
        assert.equal(await ends(`${link}&page=1`, browser), "/?page=1");
        assert.equal(await ends(`${link}&page=2`, browser), "/?page=2");
    });

    it("lead to no other origin and to no address of Inlay's own", async () => {
        const payloads = [
            "//evil.example",
            "/\\evil.example",
            "/.//evil.example",
            "/%2e//evil.example",
            "/a/..//evil.example",
            "https://evil.example",
            "evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/x\r\nSet-Cookie: a=b",
            "/_inlay/logout",
            "/%5finlay/session",
            "/embed-apps/x",
            `/${"a".repeat(2048)}`,
        ];
        for (const path of payloads) {
            for (const [mint, body] of [
                ["mintEmbed", { landingPageUuid: world.app.id, groupIds: [world.group.id], externalIdentifier: "x" }],
                ["mintPat", { email: world.user.email, appId: world.app.id }],
            ]) {
                const answer = await world.api[mint]({ ...body, path });
                assert.equal(answer.status, 400, `${mint} ${JSON.stringify(path)}: ${answer.text}`);
                assert.match([answer.json.message].flat().join(), /^path /);
            }
            const answer = await world.api.call("PATCH", `/apps/${world.app.id}`, { body: { startPath: path } });
            assert.equal(answer.json.member, "startPath", answer.text);
        }
    });

    it("refuse such a path behind a link before anything is spent", async () => {
        const link = await world.embedLink();
        for (const behind of [
            "//evil.example",
            "/.//evil.example",
            "/_inlay/logout",
            "?to=%2F%2Fevil.example",
            "?to=https%3A%2F%2Fevil.example",
            "?to=%2F%5Cevil.example",
            "?to=%2Fa%0d%0aSet-Cookie:%20x=1",
            `/${"a".repeat(2050)}`,
        ]) {
            const page = await new Browserlike().open(link + behind);
            assert.equal(page.status, 400, `${behind}: ${page.status} ${page.url}`);
            assert.match(page.text, /path_invalid/);
        }
        assert.equal(await ends(link), "/");
    });
});
