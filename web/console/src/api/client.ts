// The API, typed by docs/openapi.yaml. The session cookie goes along by itself; a refusal becomes an ApiError.
import createClient from "openapi-fetch";
import { parse } from "./json";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** An answer that is no success, in the API's own words. */
export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        detail: string,
        readonly member: string | undefined,
    ) {
        super(detail);
        this.name = "ApiError";
    }

    static from(status: number, body: unknown): ApiError {
        const problem = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
        const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : undefined);
        const words = text("detail") ?? text("message") ?? `The server answered ${status}.`;
        return new ApiError(status, text("code") ?? `status_${status}`, words, text("member"));
    }
}

export const api = createClient<paths>({ baseUrl: location.origin });

api.use({
    onResponse({ response }) {
        response.json = async () => parse(await response.text());
        return undefined;
    },
});

interface Answer<T> {
    data?: T;
    error?: unknown;
    response: Response;
}

/** What the call gives, or an ApiError. */
export async function need<T>(call: Promise<Answer<T>>): Promise<T> {
    let answer: Answer<T>;
    try {
        answer = await call;
    } catch {
        throw new ApiError(
            0,
            "unreachable",
            "The server cannot be reached. Check your connection and try again.",
            undefined,
        );
    }
    if (!answer.response.ok) {
        throw ApiError.from(answer.response.status, answer.error);
    }
    return answer.data as T;
}

/** An error's words for people. */
export function wordsOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
