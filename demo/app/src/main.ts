import "./style.css";
import { readAccount } from "./account";
import { h } from "./dom";
import { onNavigate, type View } from "./navigation";
import { aboutView } from "./about";
import { failedView, endedView, missingView } from "./notices";
import { orderView, ordersView } from "./orders";
import { readSession, SessionEnded, type Session } from "./session";
import { Shell } from "./shell";

function route(path: string, session: Session): View {
    const account = readAccount(session.currentUser.metadata);
    const number = /^\/orders\/([^/]+)$/.exec(path)?.[1];
    if (path === "/") {
        return ordersView(session, account);
    }
    if (path === "/about-session") {
        return aboutView(session);
    }
    return (number !== undefined && account !== null && orderView(number, account)) || missingView();
}

async function start(): Promise<void> {
    try {
        const session = await readSession();
        const shell = new Shell(session, end);
        document.body.replaceChildren(...shell.elements);
        onNavigate((path) => shell.show(route(path, session), path));
    } catch (error) {
        stop(error);
    }
}

function end(message: string): void {
    onNavigate(null);
    document.body.replaceChildren(endedView(message));
}

function stop(error: unknown): void {
    if (error instanceof SessionEnded) {
        end(error.message);
    } else {
        document.body.replaceChildren(failedView(error, () => void start()));
    }
}

document.body.replaceChildren(h("p", { class: "notice", role: "status" }, "Loading your orders…"));
void start();
