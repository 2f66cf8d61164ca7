// Light, dark, or what the system says; kept in this browser.
export type Theme = "system" | "light" | "dark";

const KEY = "theme";

export function theme(): Theme {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(next: Theme): void {
    if (next === "system") {
        localStorage.removeItem(KEY);
        delete document.documentElement.dataset["theme"];
    } else {
        localStorage.setItem(KEY, next);
        document.documentElement.dataset["theme"] = next;
    }
}
