// The whole way in a real browser, with third-party cookies blocked: over plain http on *.localhost, and over https
// between sites that have nothing to do with each other.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { httpsServer } from "../lib/apart.mjs";
import { makeCertificate } from "../lib/certificate.mjs";
import { framesOf, launchChromium } from "../lib/chromium.mjs";
import { eventually, settled } from "../lib/eventually.mjs";
import { Portal, probeApp } from "../lib/portal.mjs";
import { freshFolder, startServer } from "../lib/server.mjs";
import { makeWorld, unique } from "../lib/world.mjs";

/** @type {Awaited<ReturnType<typeof launchChromium>>} */ let chrome;
/** @type {ReturnType<typeof makeCertificate>} */ let certificate;
const folder = freshFolder();

/** One of the two ways in which portal and app can be apart. */
class Setting {
    constructor(server, portal, stranger, world) {
        /** @type {import("../lib/server.mjs").Server} */
        this.server = server;
        /** @type {Portal} */
        this.portal = portal;
        /** @type {Portal} a site that is no portal of the app */
        this.stranger = stranger;
        /** @type {import("../lib/world.mjs").World} */
        this.world = world;
    }

    static async start(kind) {
        const https = kind === "https";
        const portal = await new Portal(
            https ? "portal.customer.example" : "localhost",
            https ? certificate : null,
        ).start();
        const stranger = await new Portal(
            https ? "stranger.example.net" : "stranger.localhost",
            https ? certificate : null,
        ).start();
        const server = https ? await httpsServer(certificate) : await startServer();
        const world = await makeWorld(server, { portals: [portal.origin], bundle: probeApp });
        return new Setting(server, portal, stranger, world);
    }

    async stop() {
        this.portal.close();
        this.stranger.close();
        await this.server.discard();
    }

    /** A link for a customer who is named in the app. */
    link(more = {}) {
        const { userInfo, ...rest } = more;
        return this.world.embedLink({ userInfo: { first_name: "Ann", last_name: "Lee", ...userInfo }, ...rest });
    }
}

/** A visitor with a profile of its own, gone after the test. */
async function visitor(t, options = {}) {
    const context = await chrome.browser.newContext(options);
    t.after(() => context.close());
    return context;
}

/** A page of the portal, open. */
async function visit(context, url) {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: "load" });
    return page;
}

/** What an app in a frame was told about its session, once it asked. */
const shown = (frame) =>
    eventually("the app's session", async () => {
        const text = await frame.evaluate(() => document.body?.dataset.session ?? "");
        return text === "" ? null : JSON.parse(text);
    });

/** The session shown in the page's nth frame. */
const sessionIn = async (page, index = 0) => shown(await eventually(`frame ${index}`, () => framesOf(page)[index]));

/** The code of the error page in a frame. */
const errorIn = (page, index = 0) =>
    eventually("an error page", async () => framesOf(page)[index]?.evaluate(() => document.body?.dataset.code ?? null));

/** Chromium shows its own error page instead of what may not be framed there. */
const isBlocked = async (frame) => (await frame?.evaluate(() => location.href))?.startsWith("chrome-error:");

/** The portal's messages of a type. */
const messagesOf = (page, type) =>
    page.evaluate((wanted) => window.messages.filter(({ data }) => data?.type === wanted), type);

const sessionsOf = async ({ world }) => (await world.api.all("/sessions", { appId: world.app.id })).length;

/** @type {Map<string, Setting>} */
const settings = new Map();
/** @type {Map<string, { context: any, page: any, id: string }>} */
const expirings = new Map();

before(async () => {
    certificate = makeCertificate(folder, [
        "*.customer.example",
        "*.vendor.example",
        "*.apps.vendor.example",
        "*.example.net",
    ]);
    chrome = await launchChromium({ trusted: [certificate.hash] });
    for (const kind of ["http", "https"]) {
        const setting = await Setting.start(kind);
        settings.set(kind, setting);
        // The last test of each setting sees it end.
        const context = await chrome.browser.newContext();
        const page = await visit(context, setting.portal.framing([await setting.world.patLink({ sessionExpiry: 1 })]));
        const { session } = await sessionIn(page);
        expirings.set(kind, { context, page, id: session.id });
    }
});
after(async () => {
    await chrome?.close();
    for (const setting of settings.values()) {
        await setting.stop();
    }
});

for (const kind of ["http", "https"]) {
    describe(kind === "http" ? "plain http on *.localhost" : "https between unrelated sites", () => {
        /** @type {Setting} */ let setting;

        before(() => {
            setting = /** @type {Setting} */ (settings.get(kind));
        });

        it("third-party cookies really are blocked", async (t) => {
            const context = await visitor(t);
            let received;
            setting.stranger.pages.set("/track", (request, response) => {
                received = request.headers.cookie ?? "";
                response.writeHead(200, {
                    "Content-Type": "text/html",
                    "Set-Cookie": "tracker=1; Path=/; Secure; SameSite=None",
                });
                response.end("tracker");
            });
            const page = await visit(context, setting.portal.framing([`${setting.stranger.origin}/track`]));
            await page.reload({ waitUntil: "load" });
            assert.equal(received, "");
        });

        for (const mint of ["embed URL", "personal access token"]) {
            it(`a first load by ${mint} shows the app as its user`, async (t) => {
                const context = mint === "embed URL" ? chrome.browser.contexts()[0] : await visitor(t);
                const link =
                    mint === "embed URL"
                        ? await setting.link({ metadata: { storeId: 51 } })
                        : await setting.world.patLink();
                const page = await visit(context, setting.portal.framing([link]));
                const session = await sessionIn(page);
                assert.equal(session.currentUser.fullName, "Ann Lee");
                assert.deepEqual(session.currentUser.metadata, mint === "embed URL" ? { storeId: 51 } : {});
                const [frame] = framesOf(page);
                assert.equal(frame.url(), `${new URL(link).origin}/`, "nothing of the link is left in the address");
                assert.equal(await frame.evaluate(() => document.cookie), "", "scripts cannot read the cookie");
                assert.ok(!(await frame.evaluate(() => document.referrer)).includes("_inlay"));
                const [message] = await messagesOf(page, "probe");
                assert.equal(message.origin, new URL(link).origin);
                await page.close();
            });
        }

        it("a link built by hand on the public URL works too", async (t) => {
            const { personalAccessToken } = await setting.world.pat();
            const link = `${setting.server.url}/embed-apps/${setting.world.app.id}?personal-access-token=${personalAccessToken}`;
            const page = await visit(await visitor(t), setting.portal.framing([link]));
            assert.equal((await sessionIn(page)).currentUser.fullName, "Ann Lee");
        });

        it("F5 on the portal resumes the session, with the link it has", async (t) => {
            const page = await visit(await visitor(t), setting.portal.framing([await setting.link()]));
            const first = await sessionIn(page);
            const count = await sessionsOf(setting);
            for (let n = 0; n < 3; n++) {
                await page.reload({ waitUntil: "load" });
                assert.equal((await sessionIn(page)).session.id, first.session.id);
            }
            assert.equal(await sessionsOf(setting), count);
        });

        it("F5 on a portal that mints for each page keeps the origin and the app's storage", async (t) => {
            const externalIdentifier = unique("storage");
            const context = await visitor(t);
            const page = await visit(context, setting.portal.framing([await setting.link({ externalIdentifier })]));
            await sessionIn(page);
            await framesOf(page)[0].evaluate(() => localStorage.setItem("kept", "yes"));
            await page.goto(setting.portal.framing([await setting.link({ externalIdentifier })]));
            await sessionIn(page);
            assert.equal(await framesOf(page)[0].evaluate(() => localStorage.getItem("kept")), "yes");
        });

        it("a frame that is mounted twice, as React's StrictMode does, shows the app", async (t) => {
            const link = await setting.link();
            const page = await visit(
                await visitor(t),
                setting.portal.scripted(`
                    const mount = () => Object.assign(document.createElement("iframe"), { src: ${JSON.stringify(link)} });
                    const first = mount();
                    root.append(first);
                    setTimeout(() => { first.remove(); root.append(mount()); window.isMountedAgain = true; }, 20);
                `),
            );
            await eventually("the second mount", () =>
                page.evaluate(() => window.isMountedAgain && document.readyState === "complete"),
            );
            assert.equal((await sessionIn(page)).currentUser.fullName, "Ann Lee");
        });

        for (const [what, links] of Object.entries({
            "one link": async () => Array(2).fill(await setting.link()),
            "two links of one origin": async () => [await setting.link(), await setting.link()],
        })) {
            it(`${what} in two frames at once shows the app in both, whichever is faster at each step`, async (t) => {
                for (let round = 0; round < 8; round++) {
                    const context = await visitor(t);
                    const page = await visit(context, setting.portal.framing(await links()));
                    for (const index of [0, 1]) {
                        const frame = await eventually(`frame ${index}`, () => framesOf(page)[index]);
                        const outcome = await eventually("the app or an error page", () =>
                            frame.evaluate(() => document.body?.dataset.session ?? document.body?.dataset.code),
                        );
                        assert.match(outcome, /"Ann Lee"/, `round ${round}, frame ${index}`);
                    }
                }
            });
        }

        it("two tabs of one customer both show the app", async (t) => {
            const context = await visitor(t);
            const portalPage = setting.portal.framing([await setting.link()]);
            const [one, two] = [await visit(context, portalPage), await visit(context, portalPage)];
            assert.equal((await sessionIn(two)).session.id, (await sessionIn(one)).session.id);
        });

        it("two customers in two tabs of one browser each see their own", async (t) => {
            const context = await visitor(t);
            const pages = [];
            for (const [name, store] of [
                ["Acme", 1],
                ["Globex", 2],
            ]) {
                pages.push(
                    await visit(
                        context,
                        setting.portal.framing([
                            await setting.link({ userInfo: { last_name: name }, metadata: { store } }),
                        ]),
                    ),
                );
            }
            for (const round of ["first", "after a reload"]) {
                const [acme, globex] = [await sessionIn(pages[0]), await sessionIn(pages[1])];
                assert.deepEqual([acme.currentUser.lastName, acme.currentUser.metadata], ["Acme", { store: 1 }], round);
                assert.deepEqual(
                    [globex.currentUser.lastName, globex.currentUser.metadata],
                    ["Globex", { store: 2 }],
                    round,
                );
                await pages[0].reload();
                await pages[1].reload();
            }
        });

        it("a copied link in another profile is 410 and tells that portal", async (t) => {
            const link = await setting.link();
            await sessionIn(await visit(await visitor(t), setting.portal.framing([link])));
            // Another browser: within the first seconds an equal one at the same address would be let in.
            const other = await visitor(t, { userAgent: "Mozilla/5.0 Another browser" });
            const page = await other.newPage();
            const statuses = [];
            page.on("response", (response) => statuses.push(response.status()));
            await page.goto(setting.portal.framing([link]));
            assert.equal(await errorIn(page), "link_used");
            assert.ok(statuses.includes(410), String(statuses));
            const [message] = await eventually("the message", async () => {
                const messages = await messagesOf(page, "inlay:error");
                return messages.length > 0 && messages;
            });
            assert.equal(message.data.code, "link_used");
            assert.ok(message.data.message.length > 10);
            // Inlay's own pages at an address with a secret have no origin of their own.
            assert.equal(message.origin, "null");
        });

        it("a prefetched link is not spent", async (t) => {
            const link = await setting.link();
            const context = await visitor(t);
            const hints = [
                `<link rel="prefetch" href="${link}">`,
                `<link rel="preload" as="fetch" crossorigin="use-credentials" href="${link}">`,
                `<script type="speculationrules">{"prefetch":[{"source":"list","urls":["${link}"],"eagerness":"immediate"}]}</script>`,
            ];
            const before = setting.server.logs().length;
            for (const head of hints) {
                await visit(context, setting.portal.framing([], { head }));
            }
            await eventually("a prefetch that is refused", () =>
                /"status":403/.test(setting.server.logs().slice(before)),
            );
            await settled("prefetches", () => setting.server.logs().length);
            const page = await visit(context, setting.portal.framing([link]));
            assert.equal((await sessionIn(page)).currentUser.fullName, "Ann Lee");
        });

        it("a link opened as a page of its own says where it belongs, and is not spent", async (t) => {
            const link = await setting.link();
            const context = await visitor(t);
            const page = await context.newPage();
            const answer = await page.goto(link);
            assert.equal(answer.status(), 403);
            assert.equal(await page.evaluate(() => document.body.dataset.code), "link_top_level");
            assert.match(await page.innerText("body"), /portal|frame|page/i);
            const portal = await visit(context, setting.portal.framing([link]));
            assert.equal((await sessionIn(portal)).currentUser.fullName, "Ann Lee");
        });

        it("a revoked session is refused on its next request, and the portal can open a new one", async (t) => {
            const page = await visit(await visitor(t), setting.portal.framing([await setting.link()]));
            const { session } = await sessionIn(page);
            const [frame] = framesOf(page);
            await setting.world.api.delete(`/sessions/${session.id}`);
            const { status, body } = await frame.evaluate(async () => {
                const answer = await fetch("/_inlay/session");
                return { status: answer.status, body: await answer.json() };
            });
            assert.deepEqual([status, body.code], [401, "session_ended"]);
            await frame.evaluate(() => location.reload()).catch(() => {});
            assert.equal(await errorIn(page), "session_ended");
            const [message] = await eventually("the message", async () => {
                const messages = await messagesOf(page, "inlay:error");
                return messages.length > 0 && messages;
            });
            assert.equal(message.data.code, "session_ended");

            await page.evaluate((link) => (document.querySelector("iframe").src = link), await setting.link());
            assert.equal((await sessionIn(page)).currentUser.fullName, "Ann Lee");
        });

        it("logout ends the session, in the app and for the browser", async (t) => {
            const page = await visit(await visitor(t), setting.portal.framing([await setting.world.patLink()]));
            const { session } = await sessionIn(page);
            const status = await framesOf(page)[0].evaluate(
                async () => (await fetch("/_inlay/logout", { method: "POST" })).status,
            );
            assert.equal(status, 204);
            assert.equal((await setting.world.api.get(`/sessions/${session.id}`)).endReason, "logout");
            await framesOf(page)[0]
                .evaluate(() => location.reload())
                .catch(() => {});
            assert.equal(await errorIn(page), "session_missing");
        });

        it("a site that is no portal of the app cannot frame it", async (t) => {
            const page = await visit(await visitor(t), setting.stranger.framing([await setting.link()]));
            await eventually("the refusal", () => isBlocked(framesOf(page)[0]));
            assert.deepEqual(await page.evaluate(() => window.messages), []);
        });

        describe("two frames of one app with different metadata on one page", () => {
            let context, page, mine, other, otherOrigin;

            before(async () => {
                context = await chrome.browser.newContext();
                const links = [
                    await setting.link({ metadata: { store: 1 } }),
                    await setting.link({ metadata: { store: 2 } }),
                ];
                page = await visit(context, setting.portal.framing(links));
                await sessionIn(page, 0);
                await sessionIn(page, 1);
                [mine, other] = framesOf(page);
                otherOrigin = new URL(links[1]).origin;
            });
            after(() => context?.close());

            it("each have their own origin, session and data", async () => {
                const [one, two] = [await shown(mine), await shown(other)];
                assert.deepEqual([one.currentUser.metadata, two.currentUser.metadata], [{ store: 1 }, { store: 2 }]);
                assert.notEqual(one.session.id, two.session.id);
                assert.notEqual(new URL(mine.url()).origin, otherOrigin);
            });

            it("can frame pages of their own", async () => {
                await mine.evaluate(() =>
                    document.body.append(Object.assign(document.createElement("iframe"), { src: "/pixel.svg" })),
                );
                await eventually(
                    "the page in it",
                    async () => (await mine.childFrames()[0]?.evaluate(() => location.pathname)) === "/pixel.svg",
                );
                await mine.evaluate(() => document.querySelector("iframe").remove());
            });

            it("cannot fetch from each other, with or without CORS", async () => {
                const outcome = await mine.evaluate(async (origin) => {
                    const attempt = (init) =>
                        fetch(`${origin}/_inlay/session`, init).then(
                            async (answer) => `${answer.type} ${answer.status} ${await answer.text()}`,
                            (error) => error.name,
                        );
                    return {
                        cors: await attempt({ credentials: "include" }),
                        post: await attempt({ method: "POST", credentials: "include", headers: { "X-Mine": "1" } }),
                        noCors: await attempt({ mode: "no-cors", credentials: "include" }),
                    };
                }, otherOrigin);
                assert.deepEqual(outcome, { cors: "TypeError", post: "TypeError", noCors: "opaque 0 " });
            });

            it("cannot load each other's scripts, pictures or frames", async () => {
                const outcome = await mine.evaluate(async (origin) => {
                    const load = (name, attributes) =>
                        new Promise((resolve) => {
                            const element = Object.assign(document.createElement(name), attributes);
                            element.onload = () => resolve("loaded");
                            element.onerror = () => resolve("refused");
                            document.body.append(element);
                        });
                    return {
                        script: await load("script", { src: `${origin}/classic.js` }),
                        module: await load("script", { src: `${origin}/probe-Q7x2mK9d.js`, type: "module" }),
                        picture: await load("img", { src: `${origin}/pixel.svg` }),
                        stolen: window.stolen ?? null,
                    };
                }, otherOrigin);
                assert.deepEqual(outcome, { script: "refused", module: "refused", picture: "refused", stolen: null });

                await mine.evaluate(
                    (origin) => document.body.append(Object.assign(document.createElement("iframe"), { src: origin })),
                    otherOrigin,
                );
                await eventually("the nested frame is refused", () => isBlocked(mine.childFrames()[0]));
            });

            it("cannot open a WebSocket to each other", async () => {
                const outcome = await mine.evaluate(
                    (origin) =>
                        new Promise((resolve) => {
                            const socket = new WebSocket(`${origin.replace(/^http/, "ws")}/socket`);
                            socket.onopen = () => resolve("open");
                            socket.onerror = () => resolve("refused");
                        }),
                    otherOrigin,
                );
                assert.equal(outcome, "refused");
            });

            it("cannot reach each other's DOM, storage, channels or cookies", async () => {
                await other.evaluate(() => {
                    localStorage.setItem("secret", "of the other");
                    window.heard = [];
                    window.channel = new BroadcastChannel("all");
                    window.channel.onmessage = ({ data }) => window.heard.push(data);
                });
                const outcome = await mine.evaluate((origin) => {
                    const attempt = (action) => {
                        try {
                            return String(action());
                        } catch (error) {
                            return error.name;
                        }
                    };
                    new BroadcastChannel("all").postMessage("hello");
                    const results = {
                        dom: attempt(() => parent.frames[1].document.body.innerHTML),
                        variable: attempt(() => parent.frames[1].stolen),
                        portal: attempt(() => parent.document.body.innerHTML),
                        navigate: attempt(() => parent.frames[1].location.href),
                        storage: attempt(() => localStorage.getItem("secret")),
                    };
                    const { hostname } = new URL(origin);
                    const site = hostname.split(".").slice(1).join(".");
                    document.cookie = `__Host-inlay=EVIL; Path=/; Secure; SameSite=None; Domain=${site}`;
                    document.cookie = `inlay=EVIL; Path=/; Secure; SameSite=None; Partitioned; Domain=${site}`;
                    try {
                        document.domain = site;
                    } catch {
                        // Origin-keyed, as it should be.
                    }
                    results.domAfterDomain = attempt(() => parent.frames[1].document.body.innerHTML);
                    return results;
                }, otherOrigin);
                assert.deepEqual(outcome, {
                    dom: "SecurityError",
                    variable: "SecurityError",
                    portal: "SecurityError",
                    navigate: "SecurityError",
                    storage: "null",
                    domAfterDomain: "SecurityError",
                });
                await settled("messages", () => other.evaluate(() => window.heard.length), 100);
                assert.deepEqual(await other.evaluate(() => window.heard), []);
            });

            it("cannot end each other's sessions", async () => {
                await mine.evaluate(async (origin) => {
                    await fetch(`${origin}/_inlay/logout`, {
                        method: "POST",
                        mode: "no-cors",
                        credentials: "include",
                    }).catch(() => {});
                    navigator.sendBeacon(`${origin}/_inlay/logout`);
                    const form = Object.assign(document.createElement("form"), {
                        method: "post",
                        action: `${origin}/_inlay/logout`,
                        target: "sink",
                    });
                    document.body.append(Object.assign(document.createElement("iframe"), { name: "sink" }), form);
                    form.submit();
                }, otherOrigin);
                await settled("requests", () => setting.server.logs().length);
                assert.equal(await other.evaluate(async () => (await fetch("/_inlay/session")).status), 200);
            });

            it("still work after all of that", async () => {
                await page.reload({ waitUntil: "load" });
                assert.deepEqual((await sessionIn(page, 0)).currentUser.metadata, { store: 1 });
                assert.deepEqual((await sessionIn(page, 1)).currentUser.metadata, { store: 2 });
            });
        });

        it("an expired session says so in its frame and to the portal", async () => {
            const expiring = expirings.get(kind);
            await setting.world.setEnd(expiring.id, -1);
            const [frame] = framesOf(expiring.page);
            assert.equal(await frame.evaluate(async () => (await fetch("/_inlay/session")).status), 401);
            await frame.evaluate(() => location.reload()).catch(() => {});
            // Its cookie has ended by the browser's clock too, so that it may not be sent any more.
            assert.match(await errorIn(expiring.page), /^session_(ended|missing)$/);
            const [message] = await eventually("the message", async () => {
                const messages = await messagesOf(expiring.page, "inlay:error");
                return messages.length > 0 && messages;
            });
            assert.match(message.data.code, /^session_(ended|missing)$/);
            assert.equal((await setting.world.api.get(`/sessions/${expiring.id}`)).status, "ended");
        });
    });
}
