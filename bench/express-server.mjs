// The mint of a personal access token as one writes it with Express and better-sqlite3: the checks, rows, indexes
// and durability of Inlay's, on a copy of its database.
//     node express-server.mjs DATABASE PORT
import crypto from "node:crypto";
import Database from "better-sqlite3";
import express from "express";

const [file, port] = process.argv.slice(2);
const db = new Database(file, { fileMustExist: true });
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.pragma("foreign_keys = ON");
db.pragma("cache_size = -32000");
db.pragma("wal_autocheckpoint = 4000");

const instanceKey = db.prepare("SELECT key FROM instance").pluck().get();
const tokenByDigest = db.prepare(
    `SELECT t.id, t.workspace_id, t.name, t.scopes, t.last_used_at, w.status
     FROM api_tokens t JOIN workspaces w ON w.id = t.workspace_id WHERE t.digest = ?`,
);
const touchToken = db.prepare("UPDATE api_tokens SET last_used_at = ? WHERE id = ?");
const userByEmail = db.prepare(
    "SELECT id, status FROM users WHERE workspace_id = ? AND email_key = ? AND kind = 'internal'",
);
const appById = db.prepare("SELECT id, workspace_id FROM apps WHERE id = ?");
const facts = db.prepare(
    `SELECT p.workspace_id AS appWorkspace, w.status AS workspaceStatus, u.workspace_id AS userWorkspace,
       u.status AS userStatus,
       EXISTS (SELECT 1 FROM group_members m JOIN group_apps ga ON ga.app_id = p.id AND ga.group_id = m.group_id
               WHERE m.user_id = :user) AS mayUse,
       EXISTS (SELECT 1 FROM environments e WHERE e.workspace_id = p.workspace_id AND e.name = 'production') AS environment,
       (SELECT r.content_digest FROM releases r WHERE r.app_id = p.id AND r.version = p.current_version) AS content
     FROM apps p JOIN workspaces w ON w.id = p.workspace_id LEFT JOIN users u ON u.id = :user WHERE p.id = :app`,
);
const addAudience = db.prepare(
    `INSERT INTO audiences (label, workspace_id, app_id, user_id, claims, created_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (label) DO NOTHING`,
);
const replaceLinks = db.prepare(
    "UPDATE links SET replaced_at = ? WHERE label = ? AND kind = 'reusable' AND replaced_at IS NULL",
);
const addLink = db.prepare(
    `INSERT INTO links (id, kind, label, digest, session_ms, created_at, created_by, expires_at)
     VALUES (?, 'reusable', ?, ?, ?, ?, ?, ?)`,
);
const addEvent = db.prepare(
    `INSERT INTO events (at, type, workspace_id, actor_kind, actor_id, actor_name, user_id, app_id, link_id, address)
     VALUES (?, 'mint', ?, 'api_token', ?, ?, ?, ?, ?, ?)`,
);

const sha256 = (text) => crypto.createHash("sha256").update(text).digest();
const uuidBytes = (text) => Buffer.from(text.replaceAll("-", ""), "hex");
const uuidText = (bytes) => bytes.toString("hex").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const emailForm = /^[^\s@]+@[^\s@]+$/;
const claims = '{"environment":"production"}';

function labelOf(...parts) {
    const mac = crypto.createHmac("sha256", instanceKey);
    parts.forEach((part) => mac.update(part));
    let bits = 0n;
    for (const byte of mac.digest().subarray(0, 17)) {
        bits = (bits << 8n) | BigInt(byte);
    }
    return (bits >> 6n).toString(32).padStart(26, "0");
}

const store = db.transaction((token, userId, appId, label, digest, linkId, sessionMinutes, patSeconds, address) => {
    const now = Date.now();
    if (now - (token.last_used_at ?? 0) >= 60_000) {
        touchToken.run(now, token.id);
    }
    addAudience.run(label, token.workspace_id, appId, userId, claims, now);
    replaceLinks.run(now, label);
    addLink.run(linkId, label, digest, sessionMinutes * 60_000, now, token.name, now + patSeconds * 1000);
    addEvent.run(now, token.workspace_id, uuidText(token.id), token.name, userId, appId, linkId, address);
}).immediate;

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use(express.json());

app.post("/api/ext/users/personal-access-token", (request, response) => {
    const refuse = (statusCode, message) =>
        response
            .status(statusCode)
            .json({ statusCode, timestamp: new Date().toISOString(), path: request.path, message });
    const [scheme, secret] = (request.get("authorization") ?? "").split(" ");
    const token = scheme === "Bearer" && secret ? tokenByDigest.get(sha256(secret)) : undefined;
    if (token === undefined || token.status !== "active") {
        return refuse(401, "The API token is not valid.");
    }
    if (!token.scopes.split(" ").some((scope) => scope === "embed" || scope === "admin")) {
        return refuse(403, "The API token lacks the scope embed.");
    }
    const { email, appId, sessionExpiry = 60, patExpiry = 3600 } = request.body ?? {};
    if (typeof email !== "string" || !emailForm.test(email)) {
        return refuse(400, "email must be an email address.");
    }
    if (typeof appId !== "string" || !uuidForm.test(appId)) {
        return refuse(400, "appId must be a UUID.");
    }
    if (!Number.isInteger(sessionExpiry) || sessionExpiry < 1 || !Number.isInteger(patExpiry) || patExpiry < 1) {
        return refuse(400, "sessionExpiry and patExpiry must be integers.");
    }
    const user = userByEmail.get(token.workspace_id, email.toLowerCase());
    if (user === undefined) {
        return refuse(404, "There is no such user.");
    }
    const wanted = appById.get(uuidBytes(appId));
    if (wanted === undefined || !wanted.workspace_id.equals(token.workspace_id)) {
        return refuse(404, "There is no such app.");
    }
    const known = facts.get({ app: wanted.id, user: user.id });
    if (
        known.workspaceStatus !== "active" ||
        known.userStatus !== "active" ||
        !known.mayUse ||
        !known.environment ||
        known.content === null ||
        !known.userWorkspace.equals(known.appWorkspace)
    ) {
        return refuse(403, "This user may not use this app.");
    }
    const pat = `pat_${crypto.randomBytes(32).toString("hex")}`;
    const label = labelOf(token.workspace_id, wanted.id, user.id, claims);
    const linkId = uuidBytes(crypto.randomUUID());
    store(token, user.id, wanted.id, label, sha256(pat), linkId, sessionExpiry, patExpiry, request.ip);
    return response.status(201).json({
        personalAccessToken: pat,
        redirectUrl: `http://${label}.localhost:${port}/embed-apps/${appId}?personal-access-token=${pat}`,
    });
});

app.listen(Number(port), "127.0.0.1");
