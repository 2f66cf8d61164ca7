// Everything the server says about this session, for those who build portals.
import { record } from "./account";
import { facts, h, type Child } from "./dom";
import { duration, label } from "./format";
import type { View } from "./navigation";
import type { Claims, Session } from "./session";

export function aboutView({ currentUser, app, session, config }: Session): View {
    return {
        title: "Session",
        content: h(
            "article",
            { class: "about" },
            h("h1", {}, "About this session"),
            h("p", { class: "lead" }, "What this app was told when it was opened. It asked nobody to log in."),
            section("Who you are", [
                ["Name", currentUser.fullName],
                ["Email", currentUser.email],
                ["External id", currentUser.externalIdentifier],
                ["User id", code(currentUser.id)],
                ["Groups", groups(currentUser.groups.map((group) => `${group.name} (${group.id})`))],
            ]),
            section("What your portal says about you", claims(currentUser.metadata ?? {})),
            section("What you see", [
                ["App", app.name],
                ["Release", app.release],
                ["Environment", app.environment],
                ["Served from", code(location.origin)],
                ...claims(config),
            ]),
            section("How long it lasts", [
                ["Session id", code(session.id)],
                ["Ends", new Date(session.expiresAt).toUTCString()],
                ["Time left when loaded", duration(session.expiresInSeconds)],
            ]),
        ),
    };
}

type Row = readonly [term: string, description: Child];

function section(title: string, rows: readonly Row[]): HTMLElement {
    return h(
        "section",
        {},
        h("h2", {}, title),
        rows.length > 0 ? facts(rows) : h("p", { class: "quiet" }, "Nothing: the link carries no metadata."),
    );
}

function claims(values: Claims): Row[] {
    return Object.entries(values).map(([name, value]) => [label(name), claim(value)]);
}

function claim(value: unknown): Child {
    if (typeof value === "boolean") {
        return value ? "Yes" : "No";
    }
    const members = Object.entries(record(value));
    return members.length === 0
        ? String(value)
        : h(
              "ul",
              { class: "members" },
              ...members.map(([name, member]) => h("li", {}, h("b", {}, name), " ", ...nested(member))),
          );
}

/** One line for what is deeper: that it arrived matters more than its layout. */
function nested(value: unknown): Child[] {
    const members = Object.entries(record(value));
    return members.length === 0
        ? [String(value)]
        : members.flatMap(([name, member], index) => [
              index === 0 ? "" : ", ",
              h("span", { class: "quiet" }, `${label(name).toLowerCase()} `),
              ...nested(member),
          ]);
}

function code(text: string): HTMLElement {
    return h("code", {}, text);
}

function groups(names: readonly string[]): Child {
    return names.length === 0
        ? "None"
        : h("span", { class: "chips" }, ...names.map((name) => h("span", { class: "chip" }, name)));
}
