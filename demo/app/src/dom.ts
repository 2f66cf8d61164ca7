// Elements from calls instead of markup, so that no text can ever become markup.

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;
export type Child = Node | string | null;

export function h<Tag extends keyof HTMLElementTagNameMap>(
    tag: Tag,
    attributes: Attributes,
    ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") {
            element.addEventListener(name, value);
        } else if (typeof value === "string") {
            element.setAttribute(name, value);
        } else {
            element.toggleAttribute(name, value);
        }
    }
    element.append(...children.filter((child): child is Node | string => child !== null));
    return element;
}

/** A list of terms and their descriptions; rows without a description are left out. */
export function facts(rows: readonly (readonly [term: string, description: Child])[]): HTMLElement {
    return h(
        "dl",
        { class: "facts" },
        ...rows
            .filter(([, description]) => description !== null && description !== "")
            .map(([term, description]) => h("div", {}, h("dt", {}, term), h("dd", {}, description))),
    );
}
