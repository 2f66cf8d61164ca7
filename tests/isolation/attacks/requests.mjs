// What a hostile app tries by requests to another app's origin.

/** Runs in the hostile page. */
const readEverything = async (target) => {
    const seen = [];
    const see = (how, what) => seen.push(`${how}: ${String(what).slice(0, 60)}`);
    const soon = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 4000))]);
    const element = (tag, more) =>
        soon(
            new Promise((resolve) => {
                const made = Object.assign(document.createElement(tag), more);
                made.onload = () => resolve(made);
                made.onerror = () => resolve(undefined);
                document.head.append(made);
            }),
        );
    const kept = performance.getEntriesByType("resource").length;
    for (const mode of ["cors", "no-cors"]) {
        for (const credentials of ["omit", "include"]) {
            for (const path of ["/", "/secret.txt", "/_inlay/session"]) {
                const answer = await soon(fetch(target + path, { mode, credentials }).catch(() => undefined));
                const text = await answer?.text();
                if (text) {
                    see(`fetch ${mode}`, text);
                }
            }
        }
    }
    await soon(fetch(`${target}/secret.txt`, { headers: { "X-A": "1" }, method: "POST", credentials: "include" })).then(
        async (answer) => answer && see("POST", await answer.text()),
        () => {},
    );
    await soon(
        new Promise((resolve) => {
            const request = new XMLHttpRequest();
            request.withCredentials = true;
            request.onload = () => resolve(see("XHR", request.responseText));
            request.onerror = () => resolve();
            request.open("GET", `${target}/secret.txt`);
            request.send();
        }),
    );
    await element("script", { src: `${target}/secret.js` });
    if (globalThis.stolen) {
        see("script", globalThis.stolen);
        delete globalThis.stolen;
    }
    await soon(
        import(`${target}/module.js`).then(
            (module) => see("module", module.default),
            () => {},
        ),
    );
    await element("link", { rel: "stylesheet", href: `${target}/secret.css` });
    const stolen = getComputedStyle(document.body).getPropertyValue("--stolen");
    if (stolen) {
        see("stylesheet", stolen);
    }
    const image = await element("img", { src: `${target}/secret.svg` });
    if (image?.naturalWidth > 0) {
        see("image", image.naturalWidth);
    }
    try {
        const worker = new Worker(`${target}/worker.js`);
        await soon(
            new Promise((resolve) => {
                worker.onmessage = ({ data }) => resolve(see("worker", data));
                worker.onerror = () => resolve();
            }),
        );
    } catch {
        // Other origins aren't allowed.
    }
    const source = `try { importScripts("${target}/worker.js"); } catch { } postMessage(globalThis.stolen ?? "")`;
    const importing = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    await soon(
        new Promise((resolve) => {
            importing.onmessage = ({ data }) => resolve(data && see("importScripts", data));
        }),
    );
    for (const entry of performance.getEntriesByType("resource").slice(kept)) {
        if (entry.name.startsWith(target) && (entry.transferSize || entry.decodedBodySize || entry.responseStatus)) {
            see("performance", `${entry.name} ${entry.decodedBodySize} ${entry.responseStatus}`);
        }
    }
    return seen;
};

/** Sends what signs people out. */
const signOut = async (target) => {
    await fetch(`${target}/_inlay/logout`, { method: "POST", mode: "no-cors", credentials: "include" }).catch(() => {});
    navigator.sendBeacon(`${target}/_inlay/logout`, "");
    const frame = Object.assign(document.createElement("iframe"), { name: "out" });
    document.body.append(frame);
    const form = Object.assign(document.createElement("form"), {
        method: "post",
        action: `${target}/_inlay/logout`,
        target: "out",
    });
    document.body.append(form);
    form.submit();
    await new Promise((resolve) => setTimeout(resolve, 800));
    frame.remove();
    form.remove();
};

/** What can be told of a frame with another app: when it loaded, what is in it, what its requests weighed. */
const lookAt = async (target) => {
    const frame = Object.assign(document.createElement("iframe"), { src: `${target}/` });
    let loads = 0;
    frame.onload = () => (loads += 1);
    document.body.append(frame);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const entries = performance
        .getEntriesByName(`${target}/`)
        .map(({ transferSize, decodedBodySize, responseStatus, nextHopProtocol }) =>
            [transferSize, decodedBodySize, responseStatus, nextHopProtocol].join(),
        );
    const found = { loads, frames: frame.contentWindow.length, last: entries.at(-1) ?? null };
    try {
        found.text = frame.contentDocument?.body.innerText ?? "";
    } catch {
        // Another origin.
    }
    frame.remove();
    return found;
};

const stream = async (target) => {
    const seen = [];
    const soon = (start) =>
        new Promise((resolve) => {
            setTimeout(resolve, 2500);
            try {
                start(resolve);
            } catch {
                resolve();
            }
        });
    for (const path of ["/socket", "/_inlay/session"]) {
        await soon((done) => {
            const socket = new WebSocket(target.replace("https", "wss") + path);
            socket.onopen = () => socket.send("ping");
            socket.onmessage = ({ data }) => done(seen.push(`WebSocket ${data}`));
            socket.onerror = done;
        });
    }
    for (const withCredentials of [false, true]) {
        await soon((done) => {
            const source = new EventSource(`${target}/events`, { withCredentials });
            source.onmessage = ({ data }) => done(source.close(), seen.push(`EventSource ${data}`));
            source.onerror = () => done(source.close());
        });
    }
    return seen;
};

/** A frame in the hostile page goes to another app, in each way there is. */
const nest = async (target, how, detour) => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const url = `${target}/danger-${how}?do=1`;
    if (how === "post") {
        const form = Object.assign(document.createElement("form"), { method: "post", action: url, target: "nested" });
        frame.name = "nested";
        document.body.append(form);
        form.submit();
        form.remove();
    } else if (how === "object" || how === "embed") {
        const made = document.createElement(how);
        made[how === "object" ? "data" : "src"] = url;
        document.body.append(made);
        setTimeout(() => made.remove(), 1200);
    } else {
        frame.referrerPolicy = how === "hidden" || how === "detour" ? "no-referrer" : "unsafe-url";
        const by = { detour: "/detour", stranger: "/step" }[how];
        frame.src = by === undefined ? url : `${detour}${by}?to=${encodeURIComponent(url)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 1200));
    frame.remove();
};

const reached = (requests, mark) =>
    requests
        .filter(({ url }) => url.startsWith(mark))
        .map(
            ({ method, url, headers }) =>
                `${method} ${url} as ${headers["x-inlay-user-id"] ?? headers["x-inlay-user"]}`,
        );

/** Which ways of nesting come to the server of U. */
async function nested(scene, ways) {
    const { U } = await scene.stage();
    const detour = scene.stranger.origin;
    scene.stranger.pages.set(
        "/step",
        `<!doctype html><script>location.replace(new URL(location).searchParams.get("to"));</script>`,
    );
    scene.stranger.pages.set("/detour", (request, response) => {
        const to = new URL(request.url, "https://x").searchParams.get("to");
        response.writeHead(302, { Location: to, "Referrer-Policy": "no-referrer" }).end();
    });
    scene.u.requests.length = 0;
    for (const way of ways) {
        await scene.in(0, nest, U, way, detour);
    }
    return reached(scene.u.requests, "/danger");
}

export const requests = [
    {
        name: "reads files of another app by fetch, XHR, scripts, modules, styles, images, workers",
        async attack(scene) {
            const { V, U } = await scene.stage();
            return [...(await scene.in(0, readEverything, V)), ...(await scene.in(0, readEverything, U))];
        },
        async control(scene) {
            const { H } = await scene.stage();
            return scene.in(0, readEverything, H);
        },
    },
    {
        name: "signs somebody out of another app",
        async attack(scene) {
            const { V } = await scene.stage();
            await scene.in(0, signOut, V);
            return (await scene.works(1)) ? [] : ["V's session has ended"];
        },
        async control(scene) {
            const [H] = await scene.show(["H"]);
            await scene.in(0, signOut, H);
            return (await scene.works(0)) ? [] : ["its own session has ended"];
        },
    },
    {
        name: "finds out whether another app has a session, from a frame with it",
        async attack(scene) {
            const { V } = await scene.stage();
            const withSession = await scene.in(0, lookAt, V);
            const label = new URL(V).host.split(".")[0];
            const without = await scene.in(0, lookAt, V.replace(label, `a${label.slice(1, -1)}0`));
            const [one, other] = [JSON.stringify(withSession), JSON.stringify(without)];
            return one === other ? [] : [one, other];
        },
        async control(scene) {
            const { H } = await scene.stage();
            const { text } = await scene.in(0, lookAt, H);
            return text === undefined ? [] : [text];
        },
    },
    {
        name: "opens WebSockets and streams of another app",
        async attack(scene) {
            const { U } = await scene.stage();
            scene.u.requests.length = 0;
            return [...(await scene.in(0, stream, U)), ...reached(scene.u.requests, "/")];
        },
        async control(scene) {
            const { U } = await scene.stage();
            return scene.in(2, stream, U);
        },
    },
    {
        name: "leads a frame of its own to another app, whose server then does something",
        attack: (scene) => nested(scene, ["frame", "object", "embed"]),
        async control(scene) {
            const { HU } = await scene.stage();
            scene.hu.requests.length = 0;
            await scene.in(3, nest, HU, "frame");
            return reached(scene.hu.requests, "/danger");
        },
    },
    {
        name: "leads a frame of its own to another app without a Referer",
        attack: (scene) => nested(scene, ["hidden"]),
    },
    {
        name: "leads a frame of its own to another app by a stranger's redirect",
        attack: (scene) => nested(scene, ["detour"]),
    },
    {
        name: "leads a frame of its own to another app by a page of a stranger's, which says who it is",
        attack: (scene) => nested(scene, ["stranger"]),
        // An app's own frame may go there and come back, as people do who sign in somewhere.
        async control(scene) {
            const [U] = await scene.show(["U"]);
            await new Promise((resolve) => setTimeout(resolve, 11_000));
            scene.u.requests.length = 0;
            await scene.in(0, (url) => void (location.href = url), `${scene.stranger.origin}/step?to=${U}/danger.html`);
            await new Promise((resolve) => setTimeout(resolve, 2500));
            return reached(scene.u.requests, "/danger");
        },
    },
    {
        name: "posts a form to another app",
        attack: (scene) => nested(scene, ["post"]),
    },
];
