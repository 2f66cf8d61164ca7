// The frame around every page: where one can go, who one is, and how long that lasts.
import { h } from "./dom";
import { duration, initials } from "./format";
import type { View } from "./navigation";
import { Countdown, logOut, readSession, SessionEnded, type Session } from "./session";
import markUrl from "./mark.svg";

const SOON_SECONDS = 120;

export class Shell {
    readonly elements: readonly Node[];
    readonly #main = h("main", { tabindex: "-1" });
    readonly #timeLeft = h("span", { class: "time-left", title: "Time left in this session" });
    readonly #endButton = h(
        "button",
        { type: "button", class: "end", click: () => void this.#logOut() },
        "End session",
    );
    readonly #links: readonly HTMLAnchorElement[];
    readonly #end: (message: string) => void;
    #countdown: Countdown;
    #timer = 0;
    #shown = false;

    constructor(session: Session, end: (message: string) => void) {
        const name = session.currentUser.fullName || session.currentUser.email || "Signed in";
        this.#end = (message) => {
            this.#stop();
            end(message);
        };
        this.#countdown = new Countdown(session.session.expiresInSeconds);
        this.#links = [h("a", { href: "/" }, "Orders"), h("a", { href: "/about-session" }, "Session")];
        this.elements = [
            h(
                "header",
                { class: "bar" },
                h("img", { src: markUrl, alt: "", width: "26", height: "26" }),
                h("nav", { "aria-label": "Pages" }, ...this.#links),
                this.#timeLeft,
                h(
                    "span",
                    { class: "person", title: session.currentUser.email ?? name },
                    h("span", { class: "avatar", "aria-hidden": "true" }, initials(name)),
                    h("span", { class: "name" }, name),
                ),
                this.#endButton,
            ),
            this.#main,
        ];
        document.addEventListener("visibilitychange", this.#onVisible);
        this.#tick();
    }

    show(view: View, path: string): void {
        document.title = `${view.title} · Orders`;
        for (const link of this.#links) {
            const current = link.pathname === path || (link.pathname === "/" && path.startsWith("/orders/"));
            link.ariaCurrent = current ? "page" : null;
        }
        this.#main.replaceChildren(view.content);
        if (this.#shown) {
            this.#main.focus({ preventScroll: true });
            // A page that costs no request would not notice that the session was revoked meanwhile.
            void this.#refresh();
        }
        this.#shown = true;
    }

    /** A computer that slept has not counted; the server knows. */
    readonly #onVisible = (): void => {
        if (document.visibilityState === "visible") {
            void this.#refresh();
        }
    };

    #tick(): void {
        const left = this.#countdown.secondsLeft;
        this.#timeLeft.textContent = `${duration(left)} left`;
        this.#timeLeft.classList.toggle("soon", left <= SOON_SECONDS);
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => {
            if (this.#countdown.secondsLeft > 0) {
                this.#tick();
            } else {
                void this.#refresh();
            }
        }, 1000);
    }

    async #refresh(): Promise<void> {
        try {
            const { session } = await readSession();
            this.#countdown = new Countdown(session.expiresInSeconds);
        } catch (error) {
            if (error instanceof SessionEnded) {
                this.#end(error.message);
                return;
            }
        }
        this.#tick();
    }

    async #logOut(): Promise<void> {
        try {
            await logOut();
            this.#end("You ended it. Open it again whenever you like.");
        } catch {
            this.#endButton.textContent = "Not ended. Try again";
        }
    }

    #stop(): void {
        clearTimeout(this.#timer);
        document.removeEventListener("visibilitychange", this.#onVisible);
    }
}
