// The customer's account, as the portal claimed it in the link's metadata. Nothing else in this app says whose
// orders these are, so a link for another customer shows other orders.
import type { Claims } from "./session";

export const STATUSES = ["preparing", "shipped", "delivered", "on hold"] as const;
export type Status = (typeof STATUSES)[number];

export interface Order {
    readonly number: string;
    readonly item: string;
    readonly quantity: number;
    readonly unit: string;
    readonly totalCents: number;
    readonly status: Status;
    readonly placed: string;
}

export interface Account {
    readonly company: string;
    readonly plan: string;
    readonly currency: string;
    readonly ordersPerMonth: number;
    readonly ordersThisMonth: number;
    readonly orders: readonly Order[];
}

/** Null if the link carries no account, as links made from a personal access token never do. */
export function readAccount(metadata: Claims | null): Account | null {
    const company = text(metadata?.["company"]);
    if (metadata === null || company === "") {
        return null;
    }
    return {
        company,
        plan: text(metadata["plan"]),
        currency: currencyCode(metadata["currency"]),
        ordersPerMonth: count(metadata["ordersPerMonth"]),
        ordersThisMonth: count(metadata["ordersThisMonth"]),
        orders: Object.entries(record(metadata["orders"]))
            .map(([number, fields]) => readOrder(number, record(fields)))
            .sort((a, b) => b.placed.localeCompare(a.placed)),
    };
}

function readOrder(number: string, fields: Claims): Order {
    const status = STATUSES.find((known) => known === fields["status"]);
    return {
        number,
        item: text(fields["item"]),
        quantity: count(fields["quantity"]),
        unit: text(fields["unit"]),
        totalCents: count(fields["total"]),
        status: status ?? "preparing",
        placed: text(fields["placed"]),
    };
}

export function record(value: unknown): Claims {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Claims) : {};
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
    return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Intl refuses anything but three letters. */
function currencyCode(value: unknown): string {
    return typeof value === "string" && /^[A-Z]{3}$/.test(value) ? value : "EUR";
}
