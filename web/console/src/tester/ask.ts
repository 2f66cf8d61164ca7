// Asks for a link just as a portal's server does: by the contract's own call, with an API token that lives as long.
import { api, ApiError, need } from "../api/client";
import { denial } from "../words";
import type { Request } from "./code";

/** Why a mint was refused, in words; the answer of the mint itself has a sentence, the trail the reason. */
async function explain(tokenId: string, message: string): Promise<string> {
    const { items } = await need(api.GET("/api/v1/events", { params: { query: { type: "deny", actor: tokenId, limit: 1 } } }));
    const { reason } = (items[0]?.detail ?? {}) as { reason?: unknown };
    return typeof reason === "string" ? denial(reason).long : message;
}

export async function askForLink({ url, body, answer }: Request): Promise<string> {
    const description = "Made by the embed tester for one link, and revoked after it.";
    const { id, token } = await need(api.POST("/api/v1/api-tokens", { body: { name: "Embed tester", description, scopes: ["embed"] } }));
    try {
        const response = await fetch(url, {
            method: "POST",
            credentials: "omit",
            headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
            body: JSON.stringify(body),
        });
        const told = (await response.json()) as Record<string, unknown>;
        if (!response.ok) {
            const { status, code, message } = ApiError.from(response.status, told);
            throw new ApiError(status, code, await explain(id, message), undefined);
        }
        return String(told[answer]);
    } finally {
        await need(api.DELETE("/api/v1/api-tokens/{id}", { params: { path: { id } } }));
    }
}
