// What the server's words mean, in sentences.
import type { Schemas } from "./api/client";
import { inWords } from "./api/json";

type Event = Schemas["Event"];
type EndReason = NonNullable<Schemas["Session"]["endReason"]>;

export const ENDS: Record<EndReason, string> = {
    expired: "Ran out",
    logout: "Logged out",
    revoked: "Ended by an admin",
    link_revoked: "Its link was revoked",
    user_archived: "The user was archived",
    user_deleted: "The user was deleted",
    no_access: "No group may use the app any more",
    app_deleted: "The app was deleted",
    app_moved: "The app moved to another workspace",
    workspace_archived: "The workspace was archived",
    workspace_deleted: "The workspace was deleted",
    release_gone: "The release was deleted",
    branch_gone: "The branch was deleted",
    environment_gone: "The environment was deleted",
};

interface Denial {
    /** For tables and charts. */
    short: string;
    /** What is wrong, and what would be right. */
    long: string;
}

const DENIALS: Record<string, Denial> = {
    app_deleted: { short: "No such app", long: "There is no app with this ID in the workspace of the API token." },
    app_moved: {
        short: "App moved away",
        long: "The app belongs to another workspace now. Ask for the link with an API token of that workspace.",
    },
    user_deleted: {
        short: "No such user",
        long: "There is no internal user with this address. Create the user first, or use the contract for external users.",
    },
    workspace_archived: {
        short: "Workspace archived",
        long: "The workspace is archived. Restore it to let anybody in.",
    },
    user_archived: { short: "User archived", long: "The user is archived. Restore the user to let them in." },
    environment_gone: { short: "No such environment", long: "The workspace has no environment of this name." },
    release_gone: { short: "No such release", long: "The app has no release with this version." },
    branch_gone: { short: "No such branch", long: "The app has no branch of this name." },
    no_access: {
        short: "In no group that may use the app",
        long: "The user is not in a group that may use this app. Add the user to such a group, or allow the app to one of the groups.",
    },
    not_released: { short: "Nothing released", long: "The app has no release yet. Upload one, or ask for a branch." },
    app_not_released: {
        short: "Nothing released",
        long: "The app has no release yet. Upload one, or ask for a branch.",
    },
    access_denied: { short: "No access", long: "The user may not use this app." },
    link_invalid: {
        short: "Unknown link",
        long: "There is no such link. It may have been cut off or belong to another server.",
    },
    link_expired: {
        short: "Link expired",
        long: "The link was opened too late. The portal has to ask for a new one just before it shows the frame.",
    },
    link_replaced: {
        short: "Link replaced",
        long: "A newer personal access token for the same user and app replaced this one.",
    },
    link_revoked: {
        short: "Link revoked",
        long: "The link was revoked by an admin. The portal has to ask for a new one.",
    },
    link_used: {
        short: "Link used twice",
        long: "The link opens once and was opened before, in another browser. The portal has to ask for a new one for each page.",
    },
    link_limit: { short: "Opened too often", long: "The link was opened too often within a minute." },
    link_top_level: {
        short: "Opened outside of a frame",
        long: "Somebody opened the link as a page of its own. It belongs in the portal's frame.",
    },
    link_prefetch: {
        short: "Fetched ahead",
        long: "A browser or scanner fetched the link ahead of time. That does not spend it.",
    },
    link_not_a_frame: {
        short: "Not opened by a frame",
        long: "The link was fetched by a script or an image. It belongs in the portal's frame.",
    },
    cookies_blocked: {
        short: "Cookies blocked",
        long: "The browser keeps no cookies for the app, not even partitioned ones.",
    },
    sibling_refused: {
        short: "Request from another app",
        long: "Another app's page tried to send a request to this one.",
    },
    session_missing: { short: "No session", long: "The request came without a session." },
    session_ended: { short: "Session ended", long: "The session was over. The portal has to ask for a new link." },
    api_token_missing: { short: "No API token", long: "The request came without an API token." },
    api_token_invalid: { short: "Wrong API token", long: "The API token is unknown or was revoked." },
    scope_missing: { short: "Scope missing", long: "The API token lacks the scope for this." },
    mint_limit: {
        short: "Too many links",
        long: "More links were asked for this user within a minute than mint_limit_per_minute allows.",
    },
};

export function denial(reason: string): Denial {
    return DENIALS[reason] ?? { short: inAWord(reason), long: `It was refused: ${inAWord(reason)}.` };
}

/** Reasons of denials, one of each name. */
export const denialChoices = Object.entries(DENIALS).map(([id, { short }]) => ({ id, name: short, note: id }));

/** "Api token missing" of api_token_missing, for codes that this page does not know. */
function inAWord(code: string): string {
    const words = code.replaceAll(/[_.-]+/g, " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}

export const EVENTS: Record<string, string> = {
    mint: "Link made",
    redeem: "App opened",
    renew: "Session renewed",
    resume: "App opened again",
    deny: "Refused",
    end: "Session ended",
    "session.revoke": "Sessions ended by an admin",
    "link.revoke": "Link revoked",
    "user.create": "User created",
    "user.update": "User changed",
    "user.archive": "User archived",
    "user.restore": "User restored",
    "user.delete": "User deleted",
    "app.create": "App created",
    "app.update": "App changed",
    "app.move": "App moved",
    "app.delete": "App deleted",
    "release.create": "Release uploaded",
    "release.rollback": "Release rolled back",
    "release.delete": "Release deleted",
    "branch.update": "Branch uploaded",
    "branch.delete": "Branch deleted",
    "group.create": "Group created",
    "group.update": "Group changed",
    "group.delete": "Group deleted",
    "group.member.add": "Added to a group",
    "group.member.remove": "Removed from a group",
    "group.app.add": "App allowed to a group",
    "group.app.remove": "App taken from a group",
    "environment.create": "Environment created",
    "environment.update": "Environment changed",
    "environment.delete": "Environment deleted",
    "api-token.create": "API token created",
    "api-token.update": "API token changed",
    "api-token.delete": "API token revoked",
    "workspace.create": "Workspace created",
    "workspace.update": "Workspace changed",
    "workspace.archive": "Workspace archived",
    "workspace.restore": "Workspace restored",
    "workspace.delete": "Workspace deleted",
    "admin.signin": "Admin signed in",
    "admin.signout": "Admin signed out",
    "admin.refuse": "Sign-in refused",
    "admin.create": "Admin invited",
    "admin.update": "Admin changed",
    "admin.delete": "Admin deleted",
    "admin.link": "Admin's link made",
    "admin.password": "Password chosen",
    "admin.totp.add": "Second factor added",
    "admin.totp.remove": "Second factor removed",
    "signing-key.create": "Signing key made",
    "upstream.fail": "App's server failed",
};

export const eventName = (type: string) => EVENTS[type] ?? inAWord(type);

const SELF_EVIDENT = new Set(["name", "slug", "version", "email"]);

/** What an event's detail says, in a few words. */
export function eventNote(event: Event): string {
    const detail = event.detail as Record<string, unknown>;
    const reason = detail["reason"];
    if (typeof reason === "string") {
        return event.type === "end" ? (ENDS[reason as EndReason] ?? inAWord(reason)) : denial(reason).short;
    }
    return Object.entries(detail)
        .filter(([, value]) => typeof value !== "object")
        .map(([name, value]) =>
            SELF_EVIDENT.has(name) ? inWords(value) : `${name.replace(/Id$/, "")} ${inWords(value)}`,
        )
        .join(", ");
}
