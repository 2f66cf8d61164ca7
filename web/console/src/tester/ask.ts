// Whether a link would open, and a link that opens in this page; both without an API token.
import { api, need, type Schemas } from "../api/client";
import { contentOf, type lookOf, parseMetadata, type Form } from "./form";

/** Who opens what, in the words of the two calls. */
export function subjectOf(form: Form) {
    if (form.contract === "tooljet") {
        return { appId: form.appId, userId: form.userId };
    }
    return {
        appId: form.appId,
        externalIdentifier: form.externalIdentifier,
        groupIds: form.groups.map(({ id }) => Number(id)),
        metadata: (parseMetadata(form).value ?? {}) as Schemas["Metadata"],
        environment: form.environment,
        ...contentOf(form),
    };
}

export type Subject = ReturnType<typeof subjectOf>;

export const checkAccess = (body: Subject) => need(api.POST("/api/v1/access-checks", { body }));

/** What @inlay/embed takes. */
export const askForLink = (subject: Subject, look: ReturnType<typeof lookOf>, path: string) =>
    need(api.POST("/api/v1/previews", { body: { ...subject, ...look, ...(path === "" ? {} : { path }) } }));
