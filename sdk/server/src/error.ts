export type ErrorCode =
    | "bad_request"
    | "unauthorized"
    | "forbidden"
    | "not_found"
    | "too_large"
    | "too_many_requests"
    | "unavailable"
    | "unreachable"
    | "unexpected"
    | "assertion_missing"
    | "assertion_malformed"
    | "assertion_algorithm"
    | "assertion_key"
    | "assertion_signature"
    | "assertion_issuer"
    | "assertion_audience"
    | "assertion_expired"
    | "assertion_early";

/** Inlay refused, did not answer, or did not say who the user is. */
export class InlayError extends Error {
    override readonly name = "InlayError";
    constructor(
        /** Of Inlay's answer; 503 if there was none, 401 if an assertion was refused. */
        readonly status: number,
        readonly code: ErrorCode,
        message: string,
        /** After too many requests: when to ask again. */
        readonly retryAfterSeconds?: number,
        options?: { cause?: unknown },
    ) {
        super(message, options);
    }
}
