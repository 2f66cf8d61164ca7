// What the tester's form holds, and the request that comes of it in each contract.
import type { Schemas } from "../api/client";
import { parse } from "../api/json";
import type { Choice } from "../ui/fields";
import type { Request } from "./code";

export type Contract = "retool" | "tooljet";

export interface Form {
    contract: Contract;
    appId: string;
    /** Of ToolJet's contract: an internal user. */
    userId: string;
    externalIdentifier: string;
    groups: Choice[];
    email: string;
    firstName: string;
    lastName: string;
    metadata: string;
    environment: string;
    /** "", "release:1.0.0" or "branch:next". */
    content: string;
    minutes: string;
    /** Where in the app the link leads; "" for its start path. */
    path: string;
    linkSeconds: string;
    /** "" for none. */
    theme: string;
    locale: string;
}

export const emptyForm: Form = {
    contract: "retool",
    appId: "",
    userId: "",
    externalIdentifier: "test-user",
    groups: [],
    email: "",
    firstName: "",
    lastName: "",
    metadata: "",
    environment: "production",
    content: "",
    minutes: "",
    path: "",
    linkSeconds: "",
    theme: "",
    locale: "",
};

const METADATA_MAX = 1024;

export type Parsed = { value: Record<string, unknown>; wrong?: undefined } | { value?: undefined; wrong: string };

/** A JSON object that was typed; nothing typed is an empty one. */
export function parseObject(text: string, read: (text: string) => unknown = JSON.parse, maxBytes = Infinity): Parsed {
    if (text.trim() === "") {
        return { value: {} };
    }
    let value: unknown;
    try {
        value = read(text);
    } catch (error) {
        return { wrong: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return { wrong: 'This has to be an object, such as {"storeId": 51}.' };
    }
    const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
    return bytes > maxBytes
        ? { wrong: `This has ${bytes} bytes; ${maxBytes} are allowed.` }
        : { value: value as Record<string, unknown> };
}

export const parseMetadata = (form: Form) => parseObject(form.metadata, parse, METADATA_MAX);

const given = (object: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== "" && value !== undefined));
const number = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : undefined);

/** How the app is to look, as far as something was chosen. */
export function lookOf({ theme, locale }: Form): { theme?: Schemas["Theme"]; locale?: string } {
    return given({ theme, locale: locale.trim() });
}

export function contentOf({ content }: Form): { releaseVersion?: string; branch?: string } {
    const [kind, ...rest] = content.split(":");
    const name = rest.join(":");
    return kind === "release" ? { releaseVersion: name } : kind === "branch" ? { branch: name } : {};
}

/** email is that of the chosen internal user. */
export function requestOf(form: Form, origin: string, email: string): Request {
    if (form.contract === "tooljet") {
        return {
            url: `${origin}/api/ext/users/personal-access-token`,
            body: given({
                email: email || "ann@acme.example",
                appId: form.appId || "…",
                sessionExpiry: number(form.minutes),
                patExpiry: number(form.linkSeconds),
                path: form.path.trim(),
                ...lookOf(form),
            }),
            answer: "redirectUrl",
        };
    }
    const metadata = parseMetadata(form).value ?? {};
    const userInfo = given({
        email: form.email.trim(),
        first_name: form.firstName.trim(),
        last_name: form.lastName.trim(),
    });
    return {
        url: `${origin}/api/embed-url/external-user`,
        body: given({
            landingPageUuid: form.appId || "…",
            groupIds: form.groups.map(({ id }) => Number(id)),
            externalIdentifier: form.externalIdentifier,
            sessionDurationMinutes: number(form.minutes),
            userInfo: Object.keys(userInfo).length > 0 ? userInfo : undefined,
            metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
            path: form.path.trim(),
            environment: form.environment === "production" ? undefined : form.environment,
            ...contentOf(form),
            ...lookOf(form),
        }),
        answer: "embedUrl",
    };
}

/** What is still missing, in words; null when it can be sent. */
export function missing(form: Form, email: string): string | null {
    if (form.appId === "") {
        return "Choose an app first.";
    }
    if (form.contract === "tooljet") {
        return form.userId === "" || email === "" ? "Choose a user first." : null;
    }
    return form.externalIdentifier === ""
        ? "Give the user an external identifier."
        : (parseMetadata(form).wrong ?? null);
}
