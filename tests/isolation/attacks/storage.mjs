// What a hostile app tries by storage, channels and messages.

/** Puts something everywhere; and stays there to answer. */
const keep = async (word) => {
    localStorage.setItem("kept", word);
    sessionStorage.setItem("kept", word);
    document.cookie = `kept=${word}; Path=/; Secure; SameSite=None; Partitioned`;
    await new Promise((resolve) => {
        const request = indexedDB.open("kept", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("kept").put(word, "kept");
        request.onsuccess = request.onerror = () => resolve(request.result?.close?.());
    });
    await (await caches.open("kept")).put("/kept", new Response(word));
    await navigator.storage
        ?.getDirectory?.()
        .then((folder) => folder.getFileHandle("kept", { create: true }))
        .catch(() => {});
    window.channel = new BroadcastChannel("kept");
    window.channel.onmessage = ({ data }) => data === "who?" && window.channel.postMessage(word);
    navigator.locks?.request("kept", () => new Promise(() => {})).catch(() => {});
    if (window.SharedWorker) {
        window.shared = new SharedWorker("/shared.js", "kept");
        window.shared.port.start();
        window.shared.port.postMessage(word);
    }
    addEventListener("storage", ({ newValue }) => (window.noticed ??= []).push(newValue));
    return "kept";
};

const look = async () => {
    const seen = [];
    const see = (how, what) => what && seen.push(`${how}: ${what}`);
    const soon = (start, ms = 700) =>
        new Promise((resolve) => {
            setTimeout(resolve, ms);
            start(resolve);
        });
    see("localStorage", localStorage.getItem("kept"));
    see("sessionStorage", sessionStorage.getItem("kept"));
    see("cookie", /\bkept=\w+/.exec(document.cookie)?.[0]);
    see("indexedDB", (await (indexedDB.databases?.() ?? [])).map(({ name }) => name).join());
    see("caches", (await caches.keys()).join());
    const folder = await navigator.storage?.getDirectory?.().catch(() => undefined);
    see(
        "files",
        await folder?.getFileHandle("kept").then(
            () => "kept",
            () => "",
        ),
    );
    const channel = new BroadcastChannel("kept");
    await soon((done) => {
        channel.onmessage = ({ data }) => done(see("channel", data));
        channel.postMessage("who?");
    });
    channel.close();
    const { held = [] } = (await navigator.locks?.query().catch(() => undefined)) ?? {};
    see("locks", held.map(({ name }) => name).join());
    if (window.SharedWorker) {
        await soon((done) => {
            const worker = new SharedWorker("/shared.js", "kept");
            worker.port.onmessage = ({ data }) =>
                done(see("shared worker", data.filter((one) => one !== "look").join()));
            worker.port.postMessage("look");
        });
    }
    see("workers", (await navigator.serviceWorker?.getRegistrations?.())?.length || "");
    await document.requestStorageAccess?.().catch(() => {});
    see("localStorage, with access", localStorage.getItem("kept"));
    return seen;
};

/** Messages as the portal and Inlay's own pages send them. */
const forge = async (at) => {
    const messages = [
        { type: "inlay:hello", v: 1 },
        { type: "inlay:logout", v: 1 },
        { type: "inlay:renewed", v: 1, expiresInSeconds: 1 },
        { type: "inlay:error", v: 1, code: "session_ended", message: "EVIL" },
        { type: "PARENT_WINDOW_RESULT", id: "1", pageName: "inlay-1-1", result: "EVIL" },
    ];
    for (let i = 0; i < 8; i++) {
        for (const message of messages) {
            parent.frames[at].postMessage(message, "*");
        }
    }
    await new Promise((resolve) => setTimeout(resolve, 800));
};

/** A page of the app whose SDK keeps what it hears. */
const withSdk = async () => {
    const { parent: portal } = await import("/_inlay/app.js");
    window.told = [];
    portal.watch("theme", (value) => window.told.push(value));
};

export const storage = [
    {
        name: "looks for what another app keeps in storage, caches, channels, locks and workers",
        async attack(scene) {
            await scene.stage();
            await scene.in(1, keep, "SECRET");
            await scene.in(2, keep, "SECRET");
            return scene.in(0, look);
        },
        async control(scene) {
            const [H] = await scene.show(["H"]);
            await scene.browser.goto(scene.page(scene.frames([`${H}/`, `${H}/second.html`])));
            await scene.answers(0);
            await scene.answers(1);
            await scene.in(0, keep, "SECRET");
            return scene.in(1, look);
        },
    },
    {
        name: "registers a service worker for another app",
        async attack(scene) {
            const { V } = await scene.stage();
            return scene.in(
                0,
                async (target) => {
                    const seen = [];
                    for (const [script, scope] of [
                        [`${target}/worker.js`, `${target}/`],
                        ["/worker.js", `${target}/`],
                        [`${target}/worker.js`, "/"],
                    ]) {
                        await navigator.serviceWorker.register(script, { scope }).then(
                            () => seen.push(script),
                            () => {},
                        );
                    }
                    return seen;
                },
                V,
            );
        },
    },
    {
        name: "speaks to another app as if it were the portal or Inlay",
        async attack(scene) {
            const { V } = await scene.stage();
            await scene.in(1, withSdk);
            await scene.in(0, forge, 1);
            const told = await scene.in(1, () => window.told.filter((value) => value !== undefined && value !== null));
            const works = await scene.works(1);
            await scene.browser.goto(scene.page(scene.frames([await scene.link("H"), `${V}/_inlay/renewed`])));
            await scene.answers(0);
            await scene.in(0, forge, 1);
            const hears = await scene.in(0, () => window.heard.map(({ data }) => JSON.stringify(data)));
            return [...told, ...hears, ...(works && (await scene.opens()) ? [] : ["V's session has ended"])];
        },
        async control(scene) {
            await scene.show(["V"]);
            await scene.in(0, withSdk);
            await scene.run(forge, 0); // the portal may
            return (await scene.works(0).catch(() => false)) ? [] : ["V's session has ended"];
        },
    },
    {
        name: "in another portal of another site, finds what the same person's app has kept",
        only: ({ setting }) => setting === "unrelated sites",
        async attack(scene) {
            await scene.show(["V"]);
            await scene.in(0, keep, "SECRET");
            await scene.show(["V"], { portal: scene.portal2 });
            return scene.in(0, look);
        },
    },
    {
        name: "in another portal of another site, signs the same person out of the first",
        only: ({ setting }) => setting !== "one site",
        async attack(scene) {
            const [V] = await scene.show(["V"]);
            await scene.show(["V"], { portal: scene.portal2 });
            await scene.in(0, () => fetch("/_inlay/logout", { method: "POST" }).then(() => true));
            await scene.browser.goto(scene.page(scene.frames([`${V}/`])));
            const origin = await scene.answers(0, 5000).catch(() => null);
            return origin !== null && (await scene.works(0)) ? [] : ["the first session has ended, too"];
        },
    },
    {
        name: "reads what another app has left in a frame that the portal uses again: history, storage, referrer",
        async attack(scene) {
            await scene.show(["V"]);
            await scene.in(0, () => {
                sessionStorage.setItem("left", "SECRET");
                history.replaceState({ left: "SECRET" }, "");
            });
            await reuse(scene);
            return scene.in(0, () =>
                [history.state?.left, sessionStorage.getItem("left"), document.referrer].filter(Boolean),
            );
        },
    },
    {
        name: "reads window.name in a frame that the portal uses again",
        async attack(scene) {
            await scene.show(["V"]);
            await scene.in(0, () => void (window.name = "SECRET"));
            await reuse(scene);
            return scene.in(0, () => (window.name ? [window.name] : []));
        },
    },
    {
        name: "in a frame that the portal uses again, goes back to another app and reads it",
        async attack(scene) {
            await scene.show(["V"]);
            await reuse(scene);
            const before = await scene.answers(0);
            await scene.in(0, () => void history.back());
            await new Promise((resolve) => setTimeout(resolve, 1500));
            const after = await scene.answers(0).catch(() => null);
            return after === before ? [] : (await scene.heard()).filter(({ data }) => data === "SECRET");
        },
    },
];

/** The portal's first frame goes to H. */
async function reuse(scene) {
    const before = await scene.answers(0);
    await scene.run((link) => void (document.querySelector("iframe").src = link), await scene.link("H"));
    for (let i = 0; i < 100 && (await scene.answers(0)) === before; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
