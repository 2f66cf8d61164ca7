// What a hostile app tries by windows, frames and documents.

/** Whatever a page may ask of the window of another. */
const touch = async (path) => {
    const seen = [];
    let other = parent;
    if (path === "opener") {
        other = opener;
    } else {
        for (const index of path) {
            other = other.frames[index];
        }
    }
    const reads = {
        document: () => other.document.body.innerText,
        location: () => other.location.href,
        name: () => other.name,
        storage: () => other.localStorage.length,
        cookie: () => other.document.cookie,
        variable: () => other.heard.length,
        fetch: () => other.fetch.name,
        history: () => other.history.length,
        element: () => other.frameElement.tagName,
        origin: () => other.origin,
    };
    for (const [what, read] of Object.entries(reads)) {
        try {
            seen.push(`${what}: ${read()}`);
        } catch {
            // As it should be.
        }
    }
    return seen;
};

const lead = async (path, url) => {
    const seen = [];
    let other = path === "opener" ? opener : path === "top" ? top : parent;
    for (const index of Array.isArray(path) ? path : []) {
        other = other.frames[index];
    }
    for (const [how, act] of Object.entries({
        location: () => (other.location = url),
        assign: () => other.location.assign(url),
        replace: () => other.location.replace(url),
        href: () => (other.location.href = url),
    })) {
        try {
            act();
            seen.push(how);
        } catch {
            // As it should be.
        }
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    return seen;
};

const shareDomain = (domain) => {
    try {
        document.domain = domain;
        return document.domain;
    } catch (error) {
        return String(error);
    }
};

/** A window of its own that goes to an address. Needs a click. */
const popup = (url) => {
    window.popup = open(url, "_blank");
    return window.popup !== null;
};

const lookIntoPopup = (at) => {
    const seen = [];
    const windows = { popup: window.popup, frame: at === undefined ? undefined : window.popup?.frames[at] };
    for (const [name, one] of Object.entries(windows)) {
        if (one === undefined || one === null) {
            continue;
        }
        for (const [what, read] of Object.entries({
            document: () => one.document.body.innerText,
            location: () => one.location.href,
            storage: () => one.localStorage.length,
        })) {
            try {
                const value = read();
                if (value !== "about:blank" && value !== "") {
                    seen.push(`${name}.${what}: ${value}`);
                }
            } catch {
                // As it should be.
            }
        }
    }
    return seen;
};

/** The window that a click of the app has opened, and what it shows. */
async function opened(scene, fn, ...args) {
    const before = await scene.browser.windows();
    await scene.click(0, fn, ...args);
    for (let i = 0; i < 50 && (await scene.browser.windows()) === before; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if ((await scene.browser.windows()) === before) {
        throw new Error("no window was opened");
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await scene.browser.enterWindow(before);
    return before;
}

const showsApp = (text) => (/SECRET|SECOND/.test(text) ? [`shown: ${text}`] : []);

export const documents = [
    {
        name: "reads the window of another app, of the portal, and of the top",
        async attack(scene) {
            await scene.stage();
            const seen = [];
            for (const path of [[1], [2], []]) {
                seen.push(...(await scene.in(0, touch, path)));
            }
            return seen;
        },
        async control(scene) {
            await scene.browser.goto(scene.page(scene.frames([await scene.link("H")])));
            const origin = await scene.answers(0);
            await scene.browser.goto(scene.page(scene.frames([`${origin}/`, `${origin}/second.html`])));
            await scene.answers(0);
            await scene.answers(1);
            return scene.in(0, touch, [1]);
        },
    },
    {
        name: "leads another app's frame to a page of its own",
        async attack(scene) {
            const { H } = await scene.stage();
            const seen = await scene.in(0, lead, [1], `${H}/second.html`);
            return (await scene.works(1)) ? seen : [...seen, "V is gone"];
        },
    },
    {
        name: "leads the portal's page elsewhere without a click",
        async attack(scene) {
            await scene.fresh();
            await scene.stage();
            await scene.in(0, lead, "top", `${scene.stranger.origin}/`).catch(() => {});
            return (await scene.works(1).catch(() => false)) ? [] : ["the portal is gone"];
        },
    },
    {
        name: "leads the portal's page elsewhere after a click, where the page sets no sandbox",
        async attack(scene) {
            await scene.show(["H"]);
            scene.stranger.pages.set("/elsewhere", "ELSEWHERE");
            await scene.click(0, (url) => void (top.location = url), `${scene.stranger.origin}/elsewhere`);
            await new Promise((resolve) => setTimeout(resolve, 1500));
            return /ELSEWHERE/.test(await scene.browser.text()) ? ["the portal is gone"] : [];
        },
    },
    {
        name: "leads the portal's page elsewhere after a click, where the page has the sandbox of the SDK",
        async attack(scene) {
            const sandbox =
                "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals";
            await scene.show(["H"], { more: `sandbox="${sandbox}"` });
            scene.stranger.pages.set("/elsewhere", "ELSEWHERE");
            await scene.click(0, (url) => void (top.location = url), `${scene.stranger.origin}/elsewhere`);
            await new Promise((resolve) => setTimeout(resolve, 1500));
            return /ELSEWHERE/.test(await scene.browser.text()) ? ["the portal is gone"] : [];
        },
    },
    {
        name: "sets document.domain, as does its victim and the portal",
        async attack(scene) {
            await scene.stage();
            const domain = scene.place.apps;
            await scene.in(1, shareDomain, domain);
            await scene.in(0, shareDomain, domain);
            for (const above of scene.place.above) {
                await scene.in(1, shareDomain, above);
                await scene.in(0, shareDomain, above);
                await scene.run(shareDomain, above);
            }
            return [...(await scene.in(0, touch, [1])), ...(await scene.in(0, touch, []))];
        },
    },
    {
        name: "opens another app in a window of its own",
        async attack(scene) {
            await scene.fresh();
            const [, V] = await scene.show(["H", "V"]);
            await opened(scene, popup, `${V}/`);
            const shown = showsApp(await scene.browser.text());
            await scene.browser.enterWindow(0);
            const seen = [...shown, ...(await scene.in(0, lookIntoPopup))];
            await scene.fresh();
            return seen;
        },
        async control(scene) {
            const [H] = await scene.show(["H"]);
            await opened(scene, popup, `${H}/`);
            const shown = showsApp(await scene.browser.text());
            await scene.browser.enterWindow(0);
            await scene.fresh();
            return shown;
        },
        // Elsewhere the session is not there in a tab.
        controlOnly: ({ setting }) => setting === "one site",
    },
    {
        name: "is a page that another app has opened, and leads that app or the portal elsewhere",
        async attack(scene) {
            await scene.fresh();
            await scene.show(["V", "H"]);
            const evil = scene.page("EVIL", scene.stranger);
            await opened(scene, popup, evil);
            const seen = [
                ...(await scene.run(touch, "opener")),
                ...(await scene.run(async (url) => {
                    const led = [];
                    for (const other of [opener?.parent, opener?.parent?.frames?.[1], opener?.top]) {
                        try {
                            other.location.replace(url);
                            led.push("led");
                        } catch {
                            // As it should be.
                        }
                    }
                    return led;
                }, evil)),
            ];
            await scene.browser.enterWindow(0);
            seen.push(...((await scene.works(0)) && (await scene.works(1)) ? [] : ["V is gone"]));
            await scene.fresh();
            return seen;
        },
    },
    {
        name: "is what a plain link of another app opens, and learns where it came from",
        async attack(scene) {
            await scene.fresh();
            await scene.show(["V"]);
            const evil = scene.page("EVIL", scene.stranger);
            await opened(
                scene,
                (url) => {
                    const a = Object.assign(document.createElement("a"), { href: url, target: "_blank" });
                    document.body.append(a);
                    a.click();
                },
                evil,
            );
            const { hasOpener, referrer } = await scene.run(() => ({
                hasOpener: opener !== null,
                referrer: document.referrer,
            }));
            await scene.fresh();
            return [...(hasOpener ? ["an opener"] : []), ...(referrer ? [referrer] : [])];
        },
    },
    {
        name: "opens the portal in a window of its own, and reads or leads the app in it",
        async attack(scene) {
            await scene.fresh();
            await scene.show(["H"]);
            const framing = scene.page(scene.frames([await scene.link("V")]));
            await opened(scene, popup, framing);
            await scene.answers(0);
            await scene.browser.enterWindow(0);
            const seen = await scene.in(0, lookIntoPopup, 0);
            const led = await scene.in(
                0,
                (url) => {
                    try {
                        window.popup.frames[0].location.replace(url);
                        return ["led"];
                    } catch {
                        return [];
                    }
                },
                `${scene.stranger.origin}/`,
            );
            await scene.browser.enterWindow(1);
            const works = await scene.works(0);
            await scene.browser.enterWindow(0);
            await scene.fresh();
            return [...seen, ...(works ? [] : ["V is gone", ...led])];
        },
    },
    {
        name: "frames another app itself, in each way there is",
        async attack(scene) {
            const { V } = await scene.stage();
            const frames = await scene.in(
                0,
                async (origin) => {
                    const holders = [
                        `<iframe src="${origin}/"></iframe>`,
                        `<object data="${origin}/"></object>`,
                        `<embed src="${origin}/">`,
                        `<iframe srcdoc="<iframe src='${origin}/'></iframe>"></iframe>`,
                        `<iframe src="data:text/html,<iframe src='${origin}/'></iframe>"></iframe>`,
                        `<iframe sandbox="allow-scripts" src="${origin}/"></iframe>`,
                    ];
                    const place = document.createElement("div");
                    place.innerHTML = holders.join("");
                    document.body.append(place);
                    await new Promise((resolve) => setTimeout(resolve, 2000));
                    window.place = place;
                    return window.frames.length;
                },
                V,
            );
            const seen = [];
            for (let i = 0; i < frames; i++) {
                for (const at of [
                    [0, i],
                    [0, i, 0],
                ]) {
                    const origin = await scene.answers(at, 600).catch(() => null);
                    seen.push(...(origin === null ? [] : [`frame ${at} shows ${origin}`]));
                }
            }
            await scene.in(0, () => window.place.remove());
            return seen;
        },
    },
    {
        name: "as a stranger, frames an app or its link",
        async attack(scene) {
            const { V } = await scene.stage();
            const link = await scene.link("V");
            await scene.browser.goto(scene.page(scene.frames([`${V}/`, link]), scene.stranger));
            const seen = [];
            for (const at of [0, 1]) {
                const origin = await scene.answers(at, 2500).catch(() => null);
                seen.push(...(origin === null ? [] : [`frame ${at} shows ${origin}`]));
            }
            return seen;
        },
        async control(scene) {
            const [V] = await scene.show(["V"]);
            return [V];
        },
    },
    {
        name: "as a stranger, frames a portal that shows an app",
        async attack(scene) {
            const framing = scene.page(scene.frames([await scene.link("V")]));
            await scene.browser.goto(scene.page(scene.frames([framing]), scene.stranger));
            const origin = await scene.answers([0, 0], 3000).catch(() => null);
            return origin === null ? [] : [`shows ${origin}`];
        },
    },
];
