// The script that a service worker gets where there must be none: it takes the place of the one before, lets pages go,
// and unregisters. Caches and databases stay as they are. A worker that wasn't there before doesn't start.
declare const self: ServiceWorkerGlobalScope;

if (self.registration.active === null) {
    throw new Error("Inlay: there is no script for this service worker, or it isn't allowed");
}

/** A link that the worker before has answered in Inlay's place is opened again. */
async function leave(): Promise<void> {
    await self.registration.unregister();
    for (const client of await self.clients.matchAll({ type: "window" })) {
        const { pathname } = new URL(client.url);
        if (pathname.startsWith("/_inlay/") || pathname.startsWith("/embed-apps/")) {
            await client.navigate(client.url).catch(() => {});
        }
    }
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

export {};
