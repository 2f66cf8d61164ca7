// What stands in front of every script of a service worker, so that none sees a link: requests of the paths that are
// Inlay's own go to the network, past the app's listeners. The app's code runs after this in the same realm and is
// taken to be hostile: whatever is needed later is held here, and nothing that it can redefine is called.
declare const self: ServiceWorkerGlobalScope;

interface Rule {
    condition: { urlPattern: { pathname: string } };
    source: "network";
}

const { apply } = Reflect;
const { defineProperty, getOwnPropertyDescriptor } = Object;
const { stopImmediatePropagation } = Event.prototype;
const { indexOf } = String.prototype;
const { origin } = self.location;

function getter(prototype: object, name: string): () => string {
    return getOwnPropertyDescriptor(prototype, name)?.get as () => string;
}

const requestOf = getter(FetchEvent.prototype, "request");
const addressOf = getter(Request.prototype, "url");
const clientAddressOf = getter(Client.prototype, "url");

const links = `${origin}/_inlay/`;
const tokens = `${origin}/embed-apps/`;

function isOurs(address: string): boolean {
    return apply(indexOf, address, [links]) === 0 || apply(indexOf, address, [tokens]) === 0;
}

/** Listeners that capture run before all others, and this one before those that are added later. */
const first = { capture: true };

self.addEventListener(
    "fetch",
    (event) => {
        if (isOurs(apply(addressOf, apply(requestOf, event, []), []))) {
            apply(stopImmediatePropagation, event, []);
        }
    },
    first,
);

// A page of Inlay's own may be a client whose address is a link.
defineProperty(Client.prototype, "url", {
    configurable: true,
    enumerable: true,
    get() {
        const address = apply(clientAddressOf, this, []);
        return isOurs(address) ? links : address;
    },
});

// Static routes are asked before any listener, in the order of their making. The rules have no prototype, from which
// members could be inherited that the app has put there.
const { addRoutes } =
    ((self as { InstallEvent?: { prototype: object } }).InstallEvent?.prototype as {
        addRoutes?: (rule: Rule) => unknown;
    }) ?? {};

function networkFor(pathname: string): Rule {
    const urlPattern = { __proto__: null, pathname };
    const condition = { __proto__: null, urlPattern };
    return { __proto__: null, condition, source: "network" } as Rule;
}

const rules = { links: networkFor("/_inlay/*"), tokens: networkFor("/embed-apps/*") };

if (addRoutes !== undefined) {
    self.addEventListener(
        "install",
        (event) => {
            apply(addRoutes, event, [rules.links]);
            apply(addRoutes, event, [rules.tokens]);
        },
        first,
    );
}

export {};
