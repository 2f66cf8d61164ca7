export { logout, onExpiring, session, SessionError } from "./session.js";
export type { CurrentUser, Session, Value } from "./session.js";
export { parent } from "./parent.js";
