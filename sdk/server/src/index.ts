export { createClient } from "./client.js";
export type { Client, EmbedRequest, PatRequest, Posted, Value, Warning } from "./client.js";
export { InlayError } from "./error.js";
export type { ErrorCode } from "./error.js";
export { CLOCK_TOLERANCE_S, verifier } from "./verify.js";
export type { Identity, VerifierOptions } from "./verify.js";
