// Service workers that want to see links: they redefine what a guard may call, and listen in every way there is. What they
// have caught they say on /caught, and each page of theirs shows it as document.body.dataset.caught.

const trap = `<!doctype html><title>Trap</title><link rel="icon" href="data:,"><body><script>
setInterval(async () => (document.body.dataset.caught = await (await fetch("/caught")).text()), 100);
</script>`;

const tools = `
self.caught ??= [];
const apply = self.kept ?? Reflect.apply;
const { stringify } = JSON;
const requestOf = Object.getOwnPropertyDescriptor(FetchEvent.prototype, "request").get;
const urlOf = Object.getOwnPropertyDescriptor(Request.prototype, "url").get;
const see = (how, event) => {
    const url = apply(urlOf, apply(requestOf, event, []), []);
    if (url.slice(-7) !== "/caught") caught[caught.length] = how + " " + url;
    return url;
};`;

/** Whatever a guard may call without having kept it. */
const redefine = `
const define = Reflect.defineProperty;
const replacements = [
    [Event.prototype, "stopImmediatePropagation", () => {}],
    [Event.prototype, "stopPropagation", () => {}],
    [Event.prototype, "preventDefault", () => {}],
    [EventTarget.prototype, "addEventListener", EventTarget.prototype.addEventListener],
    [Reflect, "apply", () => 0],
    [Function.prototype, "call", () => 0],
    [Function.prototype, "apply", () => 0],
    [Function.prototype, "bind", () => () => 0],
    [String.prototype, "indexOf", () => -1],
    [String.prototype, "startsWith", () => false],
    [String.prototype, "includes", () => false],
    [RegExp.prototype, "test", () => false],
    [Array.prototype, "some", () => false],
    [Object.prototype, "once", true],
    [Object.prototype, "not", { urlPattern: { pathname: "/*" } }],
    [Object, "getOwnPropertyDescriptor", () => undefined],
    [Object, "defineProperty", (object) => object],
    [self, "URL", class { pathname = "/"; }],
    [Array.prototype, Symbol.iterator, function* () {}],
];
for (let i = 0; i < replacements.length; i++) {
    define(replacements[i][0], replacements[i][1], { value: replacements[i][2], configurable: true, writable: true });
}
define(FetchEvent.prototype, "request", { get: () => ({ url: "https://elsewhere.example/" }), configurable: true });
define(Request.prototype, "url", { get: () => "https://elsewhere.example/", configurable: true });
define(Client.prototype, "frameType", { get: () => "none", configurable: true });`;

/** page: what it answers navigations with. */
const listen = (page) => `
const { matchAll, claim } = clients;
const answer = (event) => {
    const url = see("listener", event);
    if (url.slice(-7) === "/caught") {
        event.respondWith(new Response(stringify(caught)));
    } else if (apply(requestOf, event, []).mode === "navigate") {
        event.respondWith(new Response(${JSON.stringify(page)}, { headers: { "Content-Type": "text/html" } }));
    }
};
addEventListener("fetch", (event) => void see("capture", event), true);
addEventListener("fetch", (event) => void see("capture", event), { capture: true });
addEventListener("fetch", answer);
self.onfetch = (event) => void see("onfetch", event);
addEventListener("install", () => void self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
const note = (text) => {
    if (caught.indexOf(text) < 0) caught[caught.length] = text;
};
addEventListener("fetch", (event) => {
    const ids = [event.clientId, event.resultingClientId, event.replacesClientId];
    for (let i = 0; i < ids.length; i++) {
        if (ids[i]) clients.get(ids[i]).then((client) => client && note("client " + client.url), () => {});
    }
    note("referrer " + apply(requestOf, event, []).referrer);
});
setInterval(async () => {
    const entries = performance.getEntries();
    for (let i = 0; i < entries.length; i++) note("entry " + entries[i].name);
    const keys = await caches.keys();
    for (let i = 0; i < keys.length; i++) {
        const requests = await (await caches.open(keys[i])).keys();
        for (let j = 0; j < requests.length; j++) note("cached " + requests[j].url);
    }
}, 100);
setInterval(async () => {
    const list = await clients.matchAll({ includeUncontrolled: true, type: "all" });
    for (let i = 0; i < list.length; i++) {
        note("client " + list[i].url);
    }
}, 50);`;

const routes = `
addEventListener("install", (event) => {
    if (!event.addRoutes) return;
    for (const pathname of ["/_inlay/*", "/embed-apps/*"]) {
        event.addRoutes([
            { condition: { urlPattern: { pathname } }, source: { cacheName: "routes" } },
            { condition: { urlPattern: { pathname } }, source: "fetch-event" },
        ]);
    }
}, true);`;

const preload = `
addEventListener("activate", (event) => event.waitUntil(registration.navigationPreload?.enable()));
addEventListener("fetch", (event) => void event.preloadResponse?.then((early) => early && (caught[caught.length] = "preload " + early.url)));`;

const early = `self.caught ??= [];
self.kept ??= Reflect.apply;
Event.prototype.stopImmediatePropagation = () => {};
Reflect.apply = () => 0;
const { get: requestOf } = Object.getOwnPropertyDescriptor(FetchEvent.prototype, "request");
const { get: urlOf } = Object.getOwnPropertyDescriptor(Request.prototype, "url");
addEventListener("fetch", (event) => void (caught[caught.length] = "import " + kept(urlOf, kept(requestOf, event, []), [])), true);`;

/** The page of an app that registers its worker and says what became of it. */
const index = (type) => `<!doctype html><title>App</title><link rel="icon" href="data:,"><body><script>
const { dataset } = document.body;
navigator.serviceWorker.register("/sw.js", { type: "${type}", updateViaCache: "all" }).then(
    () => (dataset.state = "registered"),
    (error) => (dataset.state = String(error)),
);
navigator.serviceWorker.oncontrollerchange = () => (dataset.controlled = "true");
</script>`;

/** Bundles by the trick that they try. evil: the address of a module on another origin; page: what the workers show. */
export function hostileBundles(evil, page = trap) {
    const trapping = listen(page);
    const bundle = (script, { type = "classic", files = [] } = {}) => [
        { path: "index.html", content: index(type) },
        { path: "sw.js", content: script },
        ...files,
    ];
    return {
        classic: bundle(tools + redefine + trapping),
        "a script that imports": bundle(`${tools}importScripts("/imported.js");`, {
            files: [{ path: "imported.js", content: redefine + trapping }],
        }),
        "static routes": bundle(tools + redefine + routes + trapping),
        "navigation preload": bundle(tools + preload + trapping),
        "a module that imports text": bundle(
            `import "data:text/javascript,${encodeURIComponent(early)}"; ${tools + redefine + trapping}`,
            { type: "module" },
        ),
        "a module that imports from elsewhere": bundle(`import "${evil}"; ${tools + redefine + trapping}`, {
            type: "module",
        }),
    };
}

/** What evil answers. */
export const evilModule = early;
