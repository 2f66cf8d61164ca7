// Pages of this app have addresses of their own; the history API moves between them without a request. A page
// that is opened or reloaded directly comes from the server, which answers every such path with index.html.

export interface View {
    readonly title: string;
    readonly content: Node;
}

let show: ((path: string) => void) | null = null;

/** Shows the current page, and each one that is navigated to from now on; null stops that. */
export function onNavigate(handler: ((path: string) => void) | null): void {
    show = handler;
    show?.(location.pathname);
}

addEventListener("popstate", () => show?.(location.pathname));

document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (show === null || link === null || !plain || link.origin !== location.origin) {
        return;
    }
    event.preventDefault();
    history.pushState(null, "", link.pathname);
    scrollTo(0, 0);
    show(link.pathname);
});
