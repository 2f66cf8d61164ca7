import { STATUSES, type Account, type Order, type Status } from "./account";
import { facts, h } from "./dom";
import { day, money } from "./format";
import type { View } from "./navigation";
import type { Session } from "./session";

const STAGES: readonly Status[] = STATUSES.filter((status) => status !== "on hold");

export function ordersView(session: Session, account: Account | null): View {
    return {
        title: account?.company ?? "Orders",
        content: account === null ? unknownCustomer(session) : overview(account),
    };
}

export function orderView(order: Order, account: Account): View {
    return { title: order.number, content: detail(order, account) };
}

function overview(account: Account): Node {
    const open = account.orders.filter((order) => order.status !== "delivered");
    const openCents = open.reduce((sum, order) => sum + order.totalCents, 0);
    return h(
        "article",
        {},
        h(
            "div",
            { class: "summary" },
            h(
                "div",
                {},
                h("h1", {}, account.company),
                account.plan === "" ? null : h("p", { class: "quiet" }, `${account.plan} plan`),
            ),
            facts([
                [open.length === 1 ? "1 open order" : `${open.length} open orders`, money(openCents, account.currency)],
                ["Orders this month", quota(account)],
            ]),
        ),
        account.orders.length === 0 ? h("p", { class: "quiet" }, "No orders yet.") : table(account),
    );
}

function quota({ ordersThisMonth, ordersPerMonth }: Account): HTMLElement {
    const text = `${ordersThisMonth} of ${ordersPerMonth}`;
    return h(
        "span",
        { class: "quota" },
        text,
        h("meter", {
            min: "0",
            max: String(ordersPerMonth),
            high: String(ordersPerMonth * 0.9),
            value: String(ordersThisMonth),
            "aria-label": "Share of this month’s orders used",
        }),
    );
}

function table(account: Account): HTMLElement {
    const headings = ["Order", "Item", "Placed", "Status", "Total"];
    return h(
        "table",
        { class: "orders" },
        h("thead", {}, h("tr", {}, ...headings.map((text) => h("th", { scope: "col" }, text)))),
        h(
            "tbody",
            {},
            ...account.orders.map((order) =>
                h(
                    "tr",
                    {},
                    h("td", { class: "number" }, h("a", { href: `/orders/${order.number}` }, order.number)),
                    h("td", { class: "item" }, order.item, h("span", { class: "quiet" }, amount(order))),
                    h("td", { class: "placed" }, day(order.placed)),
                    h("td", { class: "state" }, badge(order.status)),
                    h("td", { class: "total" }, money(order.totalCents, account.currency)),
                ),
            ),
        ),
    );
}

function amount(order: Order): string {
    return `${order.quantity} × ${order.unit}`;
}

function badge(status: Status): HTMLElement {
    return h("span", { class: `badge ${status.replace(" ", "-")}` }, status);
}

function detail(order: Order, account: Account): Node {
    const each = order.quantity > 0 ? money(order.totalCents / order.quantity, account.currency) : "";
    return h(
        "article",
        { class: "detail" },
        h("a", { href: "/", class: "back" }, "All orders"),
        h("p", { class: "quiet" }, order.number),
        h("h1", {}, order.item),
        order.status === "on hold"
            ? h("p", { class: "hold" }, badge(order.status), " We will call you before we pack it.")
            : progress(order.status),
        facts([
            ["Ordered by", account.company],
            ["Placed", day(order.placed)],
            ["Quantity", amount(order)],
            ["Price each", each],
            ["Total", h("strong", {}, money(order.totalCents, account.currency))],
        ]),
    );
}

function progress(status: Status): HTMLElement {
    const reached = STAGES.indexOf(status);
    return h(
        "ol",
        { class: "stages" },
        ...STAGES.map((stage, index) =>
            h(
                "li",
                { class: index <= reached ? "reached" : "", "aria-current": index === reached ? "step" : false },
                stage,
            ),
        ),
    );
}

function unknownCustomer({ currentUser }: Session): Node {
    const name = currentUser.fullName || currentUser.email || "you";
    return h(
        "article",
        {},
        h("h1", {}, `Hello, ${currentUser.firstName || name}`),
        h(
            "p",
            { class: "lead" },
            "Orders knows who you are, but not which customer you buy for. The link that opened it names a person " +
                "and carries no customer data, as is usual for a personal access token. Opened by an embed URL, " +
                "it gets the company, the plan and the orders from your portal.",
        ),
        facts([
            ["Name", currentUser.fullName],
            ["Email", currentUser.email],
            ["Groups", currentUser.groups.map((group) => group.name).join(", ")],
        ]),
        h("a", { href: "/about-session", class: "button" }, "All about this session"),
    );
}
