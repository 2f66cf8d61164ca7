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
    if (path === "/") {
        return ordersView(session, account);
    }
    if (path === "/about-session") {
        return aboutView(session);
    }
    const number = /^\/orders\/([^/]+)$/.exec(path)?.[1];
    if (number === undefined) {
        return missingView("Orders has no page at this address.");
    }
    const order = account?.orders.find((candidate) => candidate.number === number);
    return account === null || order === undefined
        ? missingView("This order does not exist, or it is not one of yours.")
        : orderView(order, account);
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
