// The page itself, of the files that the server's is made of, in a frame of its own.
import { useEffect, useRef } from "react";
import { properties } from "../../../pages/color";
import css from "../../../pages/page.css?inline";
import html from "../../../pages/page.html?raw";

export type Width = "320" | "full";

interface Shown {
    readonly name: string;
    readonly color: string;
    readonly support: string;
    readonly logo: string;
}

/** One of the pages that has a button. */
const SAMPLE = {
    lang: "en",
    title: "Temporarily unavailable",
    message: "The server cannot answer this request. Try again later.",
    hint: "Try again in a few minutes.",
    again: "Try again",
    code: "unavailable",
    request_id: "1-1",
    portals: "",
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Without the head's style and the script, which the console's policy refuses. */
const markup = html.slice(html.indexOf("<body"), html.indexOf("<script>"));

/** As src/http/page.c does. */
function fill(texts: Record<string, string>): Document {
    const text = markup
        .replace(/\{\{\?(\w+)\}\}(.*?)\{\{\/\}\}/gs, (_, name: string, part: string) => (texts[name] ? part : ""))
        .replace(/\{\{(\w+)\}\}/g, (_, name: string) => escaped(texts[name] ?? ""))
        .replace(/>\s+</g, "><");
    return new DOMParser().parseFromString(text, "text/html");
}

function draw(frame: HTMLIFrameElement, theme: "light" | "dark", brand: Shown): void {
    const { contentDocument: page, contentWindow: window } = frame;
    if (page === null || window === null) {
        return;
    }
    const filled = fill({ ...SAMPLE, ...brand, theme });
    const sheet = new (window as Window & typeof globalThis).CSSStyleSheet();
    sheet.replaceSync(css);
    page.adoptedStyleSheets = [sheet];
    const root = page.documentElement;
    root.lang = SAMPLE.lang;
    root.dataset["theme"] = theme;
    root.removeAttribute("style");
    for (const [name, value] of Object.entries(brand.color === "" ? {} : properties(brand.color))) {
        root.style.setProperty(name, value);
    }
    Object.assign(page.body.dataset, filled.body.dataset);
    const main = page.importNode(filled.querySelector("main")!, true);
    main.querySelector("a")?.removeAttribute("href");
    page.body.replaceChildren(main);
}

export function BrandPreview({ theme, width, brand }: { theme: "light" | "dark"; width: Width; brand: Shown }) {
    const frame = useRef<HTMLIFrameElement>(null);
    const { name, color, support, logo } = brand;
    useEffect(() => {
        const { current } = frame;
        if (current !== null) {
            const show = () => draw(current, theme, { name, color, support, logo });
            show();
            current.addEventListener("load", show); // Firefox makes the empty document anew
            return () => current.removeEventListener("load", show);
        }
        return undefined;
    }, [theme, name, color, support, logo]);
    return <iframe ref={frame} className={`brand-preview width-${width}`} title="Preview of an Inlay page" />;
}
