// What a hostile app tries to see of links, its own and others', and what it can do with one that it has.
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { agent } from "../../lib/agent.mjs";
import { hostileBundles } from "../../lib/hostile.mjs";
import { makeWorld, unique } from "../../lib/world.mjs";

const isOurs = (text) => /\/_inlay\/(embed|enter)|\/embed-apps\/.|pat_|personal-access-token/.test(text);

/** Whatever a document knows about addresses. */
const addresses = () => {
    const seen = [
        location.href,
        document.URL,
        document.baseURI,
        document.referrer,
        ...(location.ancestorOrigins ?? []),
        JSON.stringify(history.state),
        ...performance.getEntries().map(({ name }) => name),
        JSON.stringify(performance.getEntriesByType("navigation")),
        ...(window.navigation?.entries?.() ?? []).map(({ url }) => url),
        window.navigation?.currentEntry?.url,
        window.navigation?.activation?.from?.url,
        window.navigation?.activation?.entry?.url,
        window.navigation?.transition?.from?.url,
        document.cookie,
        ...Object.values(localStorage),
    ];
    return seen.filter(Boolean).map(String);
};

/** Keeps what the Navigation API and other events say of what comes next. */
const watchNavigation = () => {
    const keep = (what) => localStorage.setItem(`seen${Math.random()}`, what);
    window.navigation?.addEventListener("navigate", (event) =>
        keep(`navigate ${event.destination.url} ${event.userInitiated}`),
    );
    window.navigation?.addEventListener("currententrychange", () =>
        keep(`entry ${window.navigation.currentEntry.url}`),
    );
    addEventListener("pagehide", () => keep(`pagehide ${addresses()}`));
    addEventListener("beforeunload", () => keep(`beforeunload ${document.activeElement?.href ?? ""}`));
    addEventListener("pagereveal", (event) => keep(`pagereveal ${event.viewTransition?.types}`));
    addEventListener("pageswap", (event) => keep(`pageswap ${event.activation?.entry?.url}`));
    new PerformanceObserver((list) => list.getEntries().forEach(({ name }) => keep(`entry ${name}`))).observe({
        type: "resource",
    });
};

/** Hints to fetch, prepare or render an address before anybody goes there. */
const hint = async (link) => {
    for (const rel of ["prefetch", "prerender", "preload", "modulepreload", "dns-prefetch", "preconnect"]) {
        for (const as of ["", "document", "fetch", "script"]) {
            document.head.append(Object.assign(document.createElement("link"), { rel, as, href: link }));
        }
    }
    for (const kind of ["prefetch", "prerender"]) {
        const rules = document.createElement("script");
        rules.type = "speculationrules";
        rules.textContent = JSON.stringify({ [kind]: [{ source: "list", urls: [link], eagerness: "immediate" }] });
        document.head.append(rules);
    }
    await fetch(link, { mode: "no-cors", credentials: "include" }).catch(() => {});
    await fetch(link, { mode: "no-cors", keepalive: true, method: "POST" }).catch(() => {});
    navigator.sendBeacon(link);
    new Image().src = link;
    document.body.append(Object.assign(document.createElement("script"), { src: link }));
    document.body.append(Object.assign(document.createElement("video"), { src: link }));
    await new Promise((resolve) => setTimeout(resolve, 1500));
};

/** A program with the same address asks for a link. */
function copy(link, agentName) {
    return new Promise((resolve, reject) => {
        const { port, host, pathname, search } = new URL(link);
        const asked = request(
            {
                host: "127.0.0.1",
                port,
                path: pathname + search,
                rejectUnauthorized: false,
                headers: {
                    Host: host,
                    "User-Agent": agentName,
                    "Sec-Fetch-Dest": "iframe",
                    "Sec-Fetch-Mode": "navigate",
                },
            },
            (answer) => resolve(answer.resume().statusCode),
        );
        asked.on("error", reject).end();
    });
}

/** An app with a hostile service worker, opened once so that the worker is there. */
async function withWorker(scene) {
    const page = `<!doctype html><title>Trap</title>${agent(scene.masters)}<p id="secret">TRAP</p>`;
    const [, { content: worker }] = hostileBundles("", page).classic;
    const bundle = [
        { path: "index.html", content: page },
        { path: "sw.js", content: worker },
    ];
    scene.worlds.S ??= await makeWorld(scene.server, { portals: [scene.portal.origin, scene.portal2.origin], bundle });
    await scene.show(["S"]);
    await scene.in(0, async () => {
        await navigator.serviceWorker.register("/sw.js");
        await navigator.serviceWorker.ready;
        while (navigator.serviceWorker.controller === null) {
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    });
}

export const links = [
    {
        name: "sees another app's link, or its origin",
        async attack(scene) {
            const { V } = await scene.stage();
            const label = new URL(V).host.split(".")[0];
            return (await scene.in(0, addresses)).filter((one) => one.includes(label));
        },
    },
    {
        name: "sees its own link in its own document",
        async attack(scene) {
            await scene.show(["H"]);
            return (await scene.in(0, addresses)).filter(isOurs);
        },
        // The portal that has put it into its page sees it there.
        async control(scene) {
            await scene.show(["H"]);
            return (await scene.run(addresses)).filter(isOurs);
        },
    },
    {
        name: "sees its own token's link in its own document",
        async attack(scene) {
            const user = await scene.worlds.H.newUser();
            const link = await scene.worlds.H.patLink({ email: user.email });
            await scene.browser.goto(scene.page(scene.frames([link])));
            await scene.answers(0);
            return (await scene.in(0, addresses)).filter(isOurs);
        },
    },
    {
        name: "hears of the next link by the Navigation API, by events or observers",
        async attack(scene) {
            const user = await scene.worlds.H.newUser();
            const link = () => scene.worlds.H.patLink({ email: user.email });
            await scene.browser.goto(scene.page(scene.frames([await link()])));
            await scene.answers(0);
            await scene.in(0, new Function(`const addresses = ${addresses}; (${watchNavigation})()`));
            await scene.run((next) => void (document.querySelector("iframe").src = next), await link());
            await sleep(2000);
            await scene.answers(0);
            const kept = await scene.in(0, addresses);
            return [...kept, ...(await scene.in(0, () => performance.getEntries().map(({ name }) => name)))].filter(
                isOurs,
            );
        },
        async control(scene) {
            await scene.show(["H"]);
            await scene.in(0, new Function(`const addresses = ${addresses}; (${watchNavigation})()`));
            await scene.in(0, () => void (location.href = "/second.html"));
            await sleep(1500);
            await scene.answers(0);
            return (await scene.in(0, addresses)).filter((one) => /navigate|pagehide|second/.test(one));
        },
    },
    {
        name: "spends another's link, or the portal does, by hints: prefetch, prerender, preload, images",
        async attack(scene) {
            await scene.show(["H"]);
            const link = await scene.link("V");
            await scene.in(0, hint, link);
            await scene.run(hint, link);
            await scene.browser.goto(scene.page(scene.frames([link])));
            return (await scene.answers(0, 5000).catch(() => null)) === null ? ["the link was spent"] : [];
        },
    },
    {
        name: "spends a link in a page of the portal that is rendered before anybody looks at it",
        async attack(scene) {
            const link = await scene.link("V");
            const page = scene.page(scene.frames([link]));
            const rules = JSON.stringify({ prerender: [{ source: "list", urls: [page], eagerness: "immediate" }] });
            await scene.browser.goto(scene.page(`<script type="speculationrules">${rules}</script>`));
            await sleep(1500);
            await scene.browser.goto(page);
            return (await scene.answers(0, 8000).catch(() => null)) === null ? ["the link was spent"] : [];
        },
    },
    {
        name: "opens an app's address in a tab, with its session in a frame of the portal",
        async attack(scene) {
            const { V, U } = await scene.stage();
            const seen = [];
            for (const url of [`${V}/`, `${V}/second.html`, `${V}/secret.txt`, `${U}/`, `${U}/secret.txt`]) {
                await scene.browser.goto(url);
                const text = await scene.browser.text();
                seen.push(...(/SECRET|SECOND/.test(text) ? [`${url}: ${text}`] : []));
            }
            return seen;
        },
    },
    {
        name: "opens a link in a tab",
        async attack(scene) {
            const link = await scene.link("V");
            await scene.browser.goto(link);
            const text = await scene.browser.text();
            await scene.browser.goto(scene.page(scene.frames([link])));
            const opens = (await scene.answers(0, 5000).catch(() => null)) !== null;
            return [...(/SECRET/.test(text) ? [text] : []), ...(opens ? [] : ["the link was spent"])];
        },
    },
    {
        name: "has another's link, and loads it into a frame of its own",
        async attack(scene) {
            await scene.show(["H"]);
            const link = await scene.link("V");
            await scene.in(
                0,
                async (src) => {
                    const frame = Object.assign(document.createElement("iframe"), { src });
                    document.body.append(frame);
                    await new Promise((resolve) => setTimeout(resolve, 1500));
                },
                link,
            );
            const origin = await scene.answers([0, 0], 1000).catch(() => null);
            return origin === null ? [] : [`shows ${origin}`];
        },
    },
    {
        name: "has a copy of a link that was opened: another program, with another User-Agent",
        async attack(scene) {
            const link = await spent(scene);
            return (await copy(link, "Another/1.0")) < 400 ? ["it opens"] : [];
        },
    },
    {
        name: "has a copy of a link that was opened: another program, with the same User-Agent, within five seconds",
        async attack(scene) {
            const link = await spent(scene);
            return (await copy(link, await scene.run(() => navigator.userAgent))) < 400 ? ["it opens"] : [];
        },
    },
    {
        name: "has a copy of a link that was opened: another program, with the same User-Agent, later",
        async attack(scene) {
            const link = await spent(scene);
            await sleep(6000);
            return (await copy(link, await scene.run(() => navigator.userAgent))) < 400 ? ["it opens"] : [];
        },
    },
    {
        name: "has a copy of a link that was opened, in another portal of another site, later",
        only: ({ setting }) => setting !== "one site",
        async attack(scene) {
            const link = await spent(scene);
            await sleep(6000);
            await scene.browser.goto(scene.page(scene.frames([link]), scene.portal2));
            const origin = await scene.answers(0, 3000).catch(() => null);
            return origin === null ? [] : [`shows ${origin}`];
        },
    },
    {
        name: "sees links by its service worker: its own, its tokens', and those made by hand",
        only: (cell) => hasWorkers(cell),
        async attack(scene) {
            await scene.fresh();
            await withWorker(scene);
            const world = scene.worlds.S;
            const seen = [];
            const hand = async () => {
                const { personalAccessToken } = await world.pat({ email: world.user.email });
                return `${scene.consoleUrl}/embed-apps/${world.app.id}?personal-access-token=${personalAccessToken}`;
            };
            await scene.show(["S"]); // its own, with the worker there
            seen.push(...(await trapped(scene)));
            const user = await world.newUser();
            await scene.browser.goto(scene.page(scene.frames([await world.patLink({ email: user.email })])));
            await scene.answers(0);
            await scene.in(0, async () => {
                await navigator.serviceWorker.register("/sw.js");
                await navigator.serviceWorker.ready;
                await new Promise((resolve) => setTimeout(resolve, 500));
            });
            for (const link of [await world.patLink({ email: user.email }), await hand()]) {
                await scene.browser.goto(scene.page(scene.frames([link])));
                await sleep(1000);
            }
            await scene.browser.goto(scene.page(scene.frames([await world.patLink({ email: user.email })])));
            await scene.answers(0);
            seen.push(...(await trapped(scene)));
            return seen.filter(isOurs);
        },
        async control(scene) {
            await scene.fresh();
            await withWorker(scene);
            await scene.show(["S"]);
            return (await trapped(scene)).filter((one) => /^listener/.test(one));
        },
    },
    {
        name: "sees its own link in a document that its service worker has made",
        only: (cell) => hasWorkers(cell),
        async attack(scene) {
            await scene.fresh();
            await withWorker(scene);
            await scene.show(["S"]);
            return (await scene.in(0, addresses)).filter(isOurs);
        },
    },
    {
        name: "sees another app's links by its service worker",
        only: (cell) => hasWorkers(cell),
        async attack(scene) {
            await scene.fresh();
            await withWorker(scene);
            const links = [await scene.link("S"), await scene.link("V"), await scene.link("U")];
            await scene.browser.goto(scene.page(scene.frames(links)));
            await scene.answers(0);
            const others = links.slice(1).map((link) => new URL(link).host);
            return (await trapped(scene)).filter((one) => others.some((host) => one.includes(host)));
        },
    },
    {
        name: "meets the service worker of another person with the same app",
        only: (cell) => hasWorkers(cell),
        async attack(scene) {
            await scene.fresh();
            await withWorker(scene);
            scene.people = unique("p");
            await scene.show(["S"]);
            return scene.in(0, async () => {
                const all = await navigator.serviceWorker.getRegistrations();
                return navigator.serviceWorker.controller === null && all.length === 0 ? [] : ["there is one"];
            });
        },
    },
    {
        name: "meets its own service worker in another portal of another site",
        only: ({ setting }) => setting === "unrelated sites",
        async attack(scene) {
            await scene.fresh();
            await withWorker(scene);
            await scene.show(["S"], { portal: scene.portal2 });
            return scene.in(0, () => (navigator.serviceWorker.controller === null ? [] : ["there is one"]));
        },
    },
    {
        name: "keeps its service worker after a logout",
        only: (cell) => hasWorkers(cell),
        async attack(scene) {
            await scene.fresh();
            await withWorker(scene);
            await scene.in(0, () => fetch("/_inlay/logout", { method: "POST" }).then(() => true));
            await sleep(500);
            await scene.show(["S"]);
            return scene.in(0, async () => {
                const all = await navigator.serviceWorker.getRegistrations();
                return navigator.serviceWorker.controller === null && all.length === 0 ? [] : ["there is one"];
            });
        },
    },
];

/**
 * A worker's script is asked for with the cookies of no partition where Firefox is told to allow all cookies: it doesn't get
 * there, then.
 */
const hasWorkers = ({ browser, place }) => browser !== "Firefox" || !place.allowsThirdParties;

async function spent(scene) {
    const link = await scene.link("V");
    await scene.browser.goto(scene.page(scene.frames([link])));
    await scene.answers(0);
    return link;
}

/** What the hostile worker of the first frame has caught. */
const trapped = (scene) => scene.in(0, async () => JSON.parse(await (await fetch("/caught")).text()));
