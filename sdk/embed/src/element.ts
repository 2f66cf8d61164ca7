// <inlay-embed title="Orders" auto-height>: embed() as an element. Importing this on a server does nothing.
import { embed, type Embed, type EmbedOptions } from "./embed.js";

const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** What is shown in its slots instead of the app. */
const SLOTS = { placeholder: "loading", error: "error" } as const;

const CSS = `
:host { display: block; position: relative }
:host([hidden]), [hidden] { display: none }
slot[name]:not([hidden]) { display: block; position: absolute; inset: 0 }
`;

/** What the element tells, each as an event of this name with what `detail` has; a property such as `onReady` hears it, too. */
export interface InlayEmbedEvents {
    ready: CustomEvent<null>;
    error: CustomEvent<{ code: string; message: string }>;
    expiring: CustomEvent<{ expiresInSeconds: number }>;
    navigate: CustomEvent<{ path: string }>;
    resize: CustomEvent<{ height: number }>;
    data: CustomEvent<unknown>;
}

/**
 * The options without what is an attribute: `title`, `path`, `theme`, `locale`, `allow`, `sandbox`, `referrerpolicy`,
 * `loading`, `auto-height`. Its `state` is one, too.
 */
export class InlayEmbed extends Base {
    static readonly observedAttributes = ["path", "theme", "locale"];
    declare onData: EmbedOptions["onData"];
    declare onReady: EmbedOptions["onReady"];
    declare onError: EmbedOptions["onError"];
    declare onExpiring: EmbedOptions["onExpiring"];
    declare onNavigate: EmbedOptions["onNavigate"];
    declare onResize: EmbedOptions["onResize"];
    declare trace: EmbedOptions["trace"];
    #getUrl: EmbedOptions["getUrl"] | undefined;
    #data: EmbedOptions["data"];
    #embed: Embed | undefined;

    constructor() {
        super();
        // A block by a rule that the page's own CSS can change, unlike a style attribute.
        const shadow = this.attachShadow({ mode: "open" });
        const slots = Object.keys(SLOTS).map((name) => Object.assign(document.createElement("slot"), { name }));
        shadow.append(...slots, document.createElement("slot"));
        shadow.addEventListener("slotchange", () => this.#arrange());
        this.#arrange();
        // Safari before 16.4, and jsdom, in which portals test their pages, do without.
        if ("adoptedStyleSheets" in shadow) {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(CSS);
            shadow.adoptedStyleSheets = [sheet];
        }
    }

    get getUrl(): EmbedOptions["getUrl"] | undefined {
        return this.#getUrl;
    }

    set getUrl(getUrl: EmbedOptions["getUrl"] | undefined) {
        this.#getUrl = getUrl;
        this.#start();
    }

    get data(): EmbedOptions["data"] {
        return this.#data;
    }

    set data(data: EmbedOptions["data"]) {
        this.#data = data;
        this.#embed?.update(data);
    }

    connectedCallback(): void {
        // Properties that were set before the element was known.
        for (const name of ["getUrl", "data"] as const) {
            if (Object.hasOwn(this, name)) {
                const value: unknown = this[name];
                Reflect.deleteProperty(this, name);
                Reflect.set(this, name, value);
            }
        }
        this.#start();
    }

    disconnectedCallback(): void {
        this.#embed?.destroy();
        this.#embed = undefined;
    }

    attributeChangedCallback(name: string): void {
        const value = this.#text(name);
        if (name === "path") {
            this.#embed?.reload(value);
        } else if (name === "theme") {
            this.#embed?.setTheme(value as EmbedOptions["theme"]);
        } else {
            this.#embed?.setLocale(value);
        }
    }

    /** When the app is there, or the error for which it can't be shown: of what the element shows now. */
    get ready(): Promise<void> | undefined {
        return this.#embed?.ready;
    }

    reload(path?: string): void {
        this.#embed?.reload(path);
    }

    logout(): void {
        this.#embed?.logout();
        this.#embed = undefined;
    }

    /** The placeholder lies over the app while it loads; where there is a message for errors, nothing else is shown. */
    #arrange(): void {
        const state = this.getAttribute("state") ?? "loading";
        const has = (name: string) => [...this.children].some(({ slot }) => slot === name);
        for (const slot of this.shadowRoot?.querySelectorAll("slot") ?? []) {
            slot.hidden =
                slot.name === ""
                    ? state === "error" && has("error")
                    : state !== SLOTS[slot.name as keyof typeof SLOTS] || !has(slot.name);
        }
    }

    #text(name: string): string | undefined {
        return this.getAttribute(name) ?? undefined;
    }

    #tell(type: keyof InlayEmbedEvents, detail: unknown = null): void {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }

    #start(): void {
        if (this.#embed !== undefined || !this.isConnected || this.#getUrl === undefined) {
            return;
        }
        const text = (name: string) => this.#text(name);
        this.#embed = embed(this, {
            getUrl: (wanted) => (this.#getUrl as EmbedOptions["getUrl"])(wanted),
            data: this.#data,
            onData: (data) => (this.#tell("data", data), this.onData?.(data)),
            onReady: () => (this.#tell("ready"), this.onReady?.()),
            onError: (code, message) => (this.#tell("error", { code, message }), this.onError?.(code, message)),
            onExpiring: (left) => (this.#tell("expiring", left), this.onExpiring?.(left)),
            onNavigate: (path) => (this.#tell("navigate", { path }), this.onNavigate?.(path)),
            onResize: (height) => (this.#tell("resize", { height }), this.onResize?.(height)),
            trace: (direction, message) => this.trace?.(direction, message),
            onState: (state) => {
                this.setAttribute("state", state);
                this.#arrange();
            },
            path: text("path"),
            theme: text("theme") as EmbedOptions["theme"],
            locale: text("locale"),
            autoHeight: this.hasAttribute("auto-height"),
            allow: text("allow"),
            sandbox: text("sandbox") === "none" ? false : text("sandbox"),
            referrerPolicy: text("referrerpolicy") as EmbedOptions["referrerPolicy"],
            loading: text("loading") as EmbedOptions["loading"],
            title: text("title"),
        });
    }
}

if (typeof customElements !== "undefined" && customElements.get("inlay-embed") === undefined) {
    customElements.define("inlay-embed", InlayEmbed);
}

declare global {
    interface HTMLElementTagNameMap {
        "inlay-embed": InlayEmbed;
    }
}
