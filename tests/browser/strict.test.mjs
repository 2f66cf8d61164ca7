// Strict apps in browsers: portals post their links into frames, by @inlay/embed or by a form of their own. https, unrelated
// sites.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../sdk/build.mjs";
import { startApart } from "../lib/apart.mjs";
import { framesOf, launchChromium, useWholeChromium } from "../lib/chromium.mjs";
import { eventually } from "../lib/eventually.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { Portal } from "../lib/portal.mjs";
import { root } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

useWholeChromium(); // the shell restores no tabs

const script = await bundle(path.join(root, "sdk/embed"), { format: "iife", globalName: "inlay" });

/** Shows its user, and all that it sees of how it was opened. */
const app = `<!doctype html><title>App</title><link rel="icon" href="data:,"><p></p><script type="module">
import { session } from "/_inlay/app.js";
const { currentUser, session: { id } } = await session();
document.body.dataset.seen = JSON.stringify([
    location.href, document.referrer, window.name, performance.getEntries().map(({ name }) => name),
    globalThis.navigation?.entries().map(({ url }) => url) ?? [],
]);
document.body.dataset.session = id;
document.querySelector("p").textContent = currentUser.externalIdentifier;
</script>`;

for (const browser of ["Chromium", "Firefox"]) {
    describe(`${browser} and a strict app`, () => {
        let apart, world, stranger;
        /** Goes to an address, reads in the page and in its frame, and counts windows. */
        let driver;
        const state = { asked: 0, secrets: [], more: {}, who: "" };

        before(async () => {
            apart = await startApart({ launch: browser === "Firefox" ? launchFirefox : launchChromium });
            const { portal, server } = apart;
            stranger = await new Portal("stranger.customer.example", apart.certificate).start();
            world = await makeWorld(server, {
                portals: [portal.origin],
                bundle: [
                    { path: "index.html", content: app },
                    { path: "second.html", content: app },
                ],
            });
            await world.api.patch(`/apps/${world.app.id}`, { strict: true });
            portal.pages.set("/link", async (_request, response) => {
                state.asked += 1;
                const link = await world.embed({ externalIdentifier: state.who });
                state.secrets.push(link.secret);
                response
                    .writeHead(200, { "Content-Type": "application/json", "Cache-Control": "no-store" })
                    .end(JSON.stringify({ ...link, ...state.more }));
            });
            driver = await (browser === "Firefox" ? driveFirefox(apart) : driveChromium(apart));
        });
        after(async () => {
            stranger?.close();
            await driver?.end();
            await apart?.close();
        });

        const inFrame = (what, fn, ...args) => eventually(what, () => driver.inFrame(fn, ...args), 30_000);
        const inPage = (what, fn, ...args) => eventually(what, () => driver.inPage(fn, ...args), 40_000);
        const user = () => inFrame("the app's user", () => document.querySelector("p")?.textContent);
        const session = () => inFrame("the session", () => document.body.dataset.session);

        /** A page of the portal with @inlay/embed. */
        async function embed(headers = {}, head = "") {
            const place = `/${unique("portal")}`;
            state.who = unique("ann");
            apart.portal.pages.set(place, (_request, response) => {
                response.writeHead(200, { "Content-Type": "text/html", "Cache-Control": "no-store", ...headers });
                response.end(`<!doctype html><title>Portal</title>${head}<body>
                    <div id="app" style="height: 300px"></div><script>${script}
                    const told = [];
                    const tell = (...what) => (told.push(what), (document.body.dataset.told = JSON.stringify(told)));
                    window.length0 = history.length;
                    inlay.embed(app, {
                        getUrl: async () => (await fetch("/link")).json(),
                        onReady: () => {
                            document.body.dataset.more = history.length - window.length0;
                            document.body.dataset.name = document.querySelector("iframe").name;
                            document.body.dataset.forms = document.forms.length;
                            tell("ready");
                        },
                        onError: (code, message) => tell("error", code, message),
                    });
                </script>`);
            });
            await driver.goto(apart.portal.origin + place);
        }
        const told = async () =>
            JSON.parse(await inPage("what the portal is told", () => document.body.dataset.told ?? null));

        it("is opened by @inlay/embed, and no secret is in any URL", async () => {
            await embed();
            assert.equal(await user(), state.who);
            assert.deepEqual(await told(), [["ready"]]);
            const seen = await inFrame("what the app sees", () => document.body.dataset.seen);
            const { origin } = new URL(JSON.parse(seen)[0]);
            assert.deepEqual(JSON.parse(seen).slice(0, 3), [`${origin}/`, "", ""], "address, referrer, and name");
            for (const text of [seen, ...driver.urls()]) {
                assert.ok(!state.secrets.some((secret) => text.includes(secret)), text);
            }
            const left = await inPage("what is left", () => ({ ...document.body.dataset }));
            assert.deepEqual([left.name, left.forms, left.more], ["", "0", "0"], "name, forms, and steps of Back");
            assert.equal(await driver.windows(), 1);
        });

        it("is renewed by a form, too", async () => {
            state.more = { expiresInSeconds: 3 };
            await embed();
            const id = await session();
            state.more = {};
            await eventually("the renewal", () => world.lastEvent("renew", { sessionId: id }), 30_000);
            assert.equal(await session(), id);
            assert.deepEqual(await told(), [["ready"]]);
            assert.equal(await driver.windows(), 1);
        });

        it("F5 in the frame loads the app, and posts nothing again", async () => {
            await embed();
            const id = await session();
            const before = state.asked;
            await driver.inFrame(() => delete document.body.dataset.session && location.reload());
            assert.equal(await session(), id);
            assert.equal(await user(), state.who);
            assert.equal(state.asked, before);
        });

        it("Back in the app, and back to the portal, lead to the app", async () => {
            // The browser may not keep the page as it was: it loads it again, and knows where its frames were.
            await embed({}, "<script>addEventListener('unload', () => {})</script>");
            const id = await session();
            await driver.inFrame(() => location.assign("/second.html"));
            await inFrame(
                "the second page",
                () => location.pathname === "/second.html" && document.body.dataset.session,
            );
            await driver.inFrame(() => history.back());
            await inFrame("the first page", () => location.pathname === "/" && document.body.dataset.session);
            assert.equal(await session(), id);
            await driver.goto(apart.portal.add("<!doctype html><title>Elsewhere</title>"));
            await driver.back();
            assert.equal(await user(), state.who);
            assert.equal(await inFrame("the path", () => location.pathname), "/");
        });

        it("F5 of the portal's page opens the app with another link", async () => {
            await embed();
            await session();
            const before = state.asked;
            await driver.reload();
            await eventually("another link", () => state.asked > before);
            assert.equal(await user(), state.who);
            assert.deepEqual(await told(), [["ready"]]);
        });

        it("a tab that is restored shows the app", async () => {
            await embed();
            await session();
            const before = state.asked;
            await driver.restore();
            await eventually("another link", () => state.asked > before, 30_000);
            assert.equal(await user(), state.who);
            assert.deepEqual(await told(), [["ready"]]);
        });

        for (const policy of [
            "",
            "origin",
            "origin-when-cross-origin",
            "strict-origin",
            "strict-origin-when-cross-origin",
            "no-referrer-when-downgrade",
            "unsafe-url",
        ]) {
            it(`a portal with Referrer-Policy: ${policy || "none"} opens it`, async () => {
                await embed(policy === "" ? {} : { "Referrer-Policy": policy });
                assert.deepEqual(await told(), [["ready"]]);
                assert.equal(await user(), state.who);
            });
        }

        for (const policy of ["no-referrer", "same-origin"]) {
            it(`a portal with Referrer-Policy: ${policy} is told that this hides its origin`, async () => {
                for (const [headers, head] of [
                    [{ "Referrer-Policy": policy }, ""],
                    [{}, `<meta name="referrer" content="${policy}">`],
                ]) {
                    await embed(headers, head);
                    const [[what, code, message], ...more] = await told();
                    assert.deepEqual([what, code, more], ["error", "portal_origin_hidden", []]);
                    assert.match(message, /Referrer-Policy/);
                }
            });
        }

        it("a portal whose own policy forbids the form is told what to add to form-action", async () => {
            const apps = `https://*.apps.vendor.example:${apart.server.port}`;
            await embed({ "Content-Security-Policy": `form-action 'self'` });
            const [[what, code, message]] = await told();
            assert.deepEqual([what, code], ["error", "unreachable"]);
            assert.ok(message.includes(`Add ${apps} to its form-action`), message);
            await embed({ "Content-Security-Policy": `form-action ${apps}; frame-src ${apps}` });
            assert.deepEqual(await told(), [["ready"]]);
        });

        /** A page with a form of its own, which posts into a frame. */
        const form = (portal, { embedUrl, secret }, target = "app") =>
            portal.add(`<!doctype html><title>Form</title><script>
                addEventListener("message", ({ data }) => data?.type === "inlay:error" && (document.body.dataset.code = data.code));
            </script><body><iframe name="app"></iframe>
            <form method="post" action="${embedUrl}" target="${target}"><input type="hidden" name="secret" value="${secret}"></form>
            <script>document.forms[0].submit()</script>`);

        it("a form of the portal's own page opens it", async () => {
            await driver.goto(form(apart.portal, await world.embed({ externalIdentifier: "by hand" })));
            assert.equal(await user(), "by hand");
        });

        it("a page that is no portal posts nobody into it, and spends nothing", async () => {
            const link = await world.embed({ externalIdentifier: "somebody else" });
            const denied = (await world.lastEvent("deny"))?.id;
            await driver.goto(form(stranger, link));
            const event = await eventually("the denial", async () => {
                const last = await world.lastEvent("deny");
                return last?.id !== denied && last;
            });
            assert.equal(event.detail.reason, "portal_not_allowed");
            await driver.goto(form(apart.portal, link));
            assert.equal(await user(), "somebody else");
        });

        it("a link of it in a URL says that it has to be posted, and is unspent", async () => {
            const link = await world.embed({ externalIdentifier: "later" });
            for (const url of [link.embedUrl, link.embedUrl.replace(/post$/, link.secret)]) {
                await driver.goto(apart.portal.framing([url]));
                const code = await inPage("the error", () => {
                    const found = window.wrappedJSObject?.messages ?? window.messages;
                    return found?.[0]?.data.code ?? null;
                });
                assert.equal(code, "link_post_required");
            }
            await driver.goto(form(apart.portal, link));
            assert.equal(await user(), "later");
        });
    });
}

async function driveChromium(apart) {
    const urls = [];
    let page, restored;
    const use = (now) => {
        page = now;
        page.on("request", (request) => urls.push(request.url(), JSON.stringify(request.headers())));
    };
    use(apart.launched.browser.contexts()[0].pages()[0]);
    return {
        end: () => restored?.close(),
        urls: () => urls,
        goto: (url) => page.goto(url),
        back: () => page.goBack({ waitUntil: "commit" }),
        reload: () => page.reload(),
        windows: () => page.context().pages().length,
        inPage: (fn, ...args) => page.evaluate(fn, ...args),
        inFrame: (fn, ...args) => framesOf(page)[0]?.evaluate(fn, ...args),
        async restore() {
            await new Promise((resolve) => setTimeout(resolve, 4000)); // it writes its tabs down every few seconds
            const profile = await apart.launched.leave();
            restored = await launchChromium({ trusted: [apart.certificate.hash], restored: profile });
            const found = await eventually("the tab", () =>
                restored.browser
                    .contexts()
                    .flatMap((context) => context.pages())
                    .find((one) => one.url().startsWith("https://portal.")),
            );
            use(found);
        },
    };
}

async function driveFirefox({ launched }) {
    const inPage = async (fn, ...args) => (await launched.enter(), launched.read(fn, ...args));
    return {
        ...launched,
        end() {},
        urls: () => [],
        goto: async (url) => (await launched.enter(), launched.goto(url)),
        back: async () => (await launched.enter(), launched.back()),
        reload: async () => (await launched.enter(), launched.reload()),
        windows: async () => (await launched.windows()).length,
        inPage,
        async inFrame(fn, ...args) {
            await launched.enter();
            await launched.enter(0).catch(() => {});
            return launched.read(fn, ...args).catch(() => null);
        },
    };
}
