export { InlayError } from "./error.js";
export type { ErrorCode } from "./error.js";
export { mint } from "./mint.js";
export type { EmbedRequest, Mint, PatRequest, Value } from "./mint.js";
export { CLOCK_TOLERANCE_S, verifier } from "./verify.js";
export type { Identity, VerifierOptions } from "./verify.js";
