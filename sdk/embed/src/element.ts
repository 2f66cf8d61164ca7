// <inlay-embed title="Orders" auto-height>: embed() as an element. Importing this on a server does nothing.
import { embed, type Embed, type EmbedOptions } from "./embed.js";

const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** The options without what is an attribute: `title`, `allow`, `sandbox`, `auto-height`. Its `state` is one, too. */
export class InlayEmbed extends Base {
    declare onData: EmbedOptions["onData"];
    declare onReady: EmbedOptions["onReady"];
    declare onError: EmbedOptions["onError"];
    declare onExpiring: EmbedOptions["onExpiring"];
    declare trace: EmbedOptions["trace"];
    #getUrl: EmbedOptions["getUrl"] | undefined;
    #data: EmbedOptions["data"];
    #embed: Embed | undefined;

    constructor() {
        super();
        // A block by a rule that the page's own CSS can change, unlike a style attribute.
        const shadow = this.attachShadow({ mode: "open" });
        shadow.append(document.createElement("slot"));
        // Safari before 16.4, and jsdom, in which portals test their pages, do without.
        if ("adoptedStyleSheets" in shadow) {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(":host{display:block}:host([hidden]){display:none}");
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

    reload(): void {
        this.#embed?.reload();
    }

    logout(): void {
        this.#embed?.logout();
        this.#embed = undefined;
    }

    #start(): void {
        if (this.#embed !== undefined || !this.isConnected || this.#getUrl === undefined) {
            return;
        }
        this.#embed = embed(this, {
            getUrl: () => (this.#getUrl as EmbedOptions["getUrl"])(),
            data: this.#data,
            onData: (data) => this.onData?.(data),
            onReady: () => this.onReady?.(),
            onError: (code, message) => this.onError?.(code, message),
            onExpiring: (left) => this.onExpiring?.(left),
            trace: (direction, message) => this.trace?.(direction, message),
            onState: (state) => this.setAttribute("state", state),
            autoHeight: this.hasAttribute("auto-height"),
            allow: this.getAttribute("allow") ?? undefined,
            sandbox: this.getAttribute("sandbox") ?? undefined,
            title: this.getAttribute("title") ?? undefined,
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
