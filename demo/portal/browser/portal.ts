// The customer's page: asks the portal's backend for a link, frames it, and asks again when the frame says that its
// session or link is over.
import { exchangeView, type Exchange } from "./exchange.js";

/** What another link can mend. Access that was taken away it cannot. */
const RENEWABLE = new Set(["link_expired", "link_replaced", "link_used", "session_ended", "session_missing"]);

/** A frame whose link fails at once would otherwise be renewed for ever. */
const RENEWALS_APART_MS = 30_000;

interface Answer {
    readonly redirectUrl?: string;
    readonly embedUrl?: string;
    readonly error?: string;
    readonly exchange?: Exchange;
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
    const found = document.getElementById(id);
    if (!(found instanceof type)) {
        throw new Error(`#${id} is missing`);
    }
    return found;
}

const form = element("contract", HTMLFormElement);
const problem = element("problem", HTMLParagraphElement);
const place = element("frame", HTMLDivElement);
const exchange = element("exchange", HTMLDivElement);
const { api = "", login = "" } = document.body.dataset;

let frame: HTMLIFrameElement | null = null;
let asked = 0;
let renewedAt = -RENEWALS_APART_MS;

async function open(): Promise<void> {
    const turn = ++asked;
    const contract = String(new FormData(form).get("contract"));
    const answer = await ask(contract);
    // Somebody chose the other contract meanwhile.
    if (turn !== asked) {
        return;
    }
    exchange.replaceChildren(...(answer.exchange === undefined ? [] : [exchangeView(answer.exchange)]));
    const link = answer.redirectUrl ?? answer.embedUrl;
    tell(link === undefined ? (answer.error ?? "The portal gave no link.") : null);
    show(link);
}

async function ask(contract: string): Promise<Answer> {
    try {
        const response = await fetch(`${api}/${contract}`, { method: "POST" });
        if (response.status === 401) {
            location.assign(login);
        }
        const answer = (await response.json()) as Answer;
        const wait = response.headers.get("retry-after");
        return wait === null ? answer : { ...answer, error: `${answer.error} Try again in ${wait} s.` };
    } catch {
        return { error: "The portal did not answer." };
    }
}

/** Without a link nothing stays: what was there may be somebody's former access. */
function show(link: string | undefined): void {
    frame = null;
    place.replaceChildren();
    if (link === undefined) {
        return;
    }
    frame = document.createElement("iframe");
    frame.title = "Orders";
    frame.src = link;
    place.append(frame);
}

function tell(message: string | null): void {
    problem.textContent = message;
    problem.hidden = message === null;
}

/** Only the frame shown now may speak: from the origin that its link led to, or as a page of Inlay's that has none. */
function isFromFrame(event: MessageEvent): boolean {
    return (
        frame !== null &&
        event.source === frame.contentWindow &&
        (event.origin === new URL(frame.src).origin || event.origin === "null")
    );
}

addEventListener("message", (event: MessageEvent<unknown>) => {
    const data = event.data as { type?: unknown; code?: unknown; message?: unknown } | null;
    if (!isFromFrame(event) || data?.type !== "inlay:error") {
        return;
    }
    const again = performance.now() - renewedAt >= RENEWALS_APART_MS;
    if (RENEWABLE.has(String(data.code)) && again) {
        renewedAt = performance.now();
        void open();
    } else {
        tell(String(data.message));
    }
});

form.addEventListener("submit", (event) => {
    event.preventDefault();
    void open();
});
form.addEventListener("change", () => void open());

void open();
