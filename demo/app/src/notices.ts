import { h } from "./dom";
import type { View } from "./navigation";

function notice(title: string, message: string, action: Node | null): HTMLElement {
    return h("section", { class: "notice" }, h("h1", {}, title), h("p", {}, message), action);
}

/** The server answers the reload with a page that tells the portal, which can then ask for a new link. */
export function endedView(message: string): Node {
    return h(
        "main",
        {},
        notice(
            "Your session has ended",
            message || "Open Orders again from your portal to continue.",
            h("button", { type: "button", click: () => location.assign("/") }, "Open again"),
        ),
    );
}

export function failedView(error: unknown, retry: () => void): Node {
    const reason = error instanceof Error && error.message !== "" ? error.message : "No answer came.";
    return h(
        "main",
        {},
        notice("Orders could not be loaded", reason, h("button", { type: "button", click: retry }, "Try again")),
    );
}

export function missingView(message: string): View {
    return {
        title: "Not found",
        content: notice("There is nothing here", message, h("a", { href: "/", class: "button" }, "All orders")),
    };
}
