// Many sessions at once, written into the database of a server that does not run.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const AUDIENCES = 1000;
const HOURS = 3_600_000;
const BATCH = 20_000;

/**
 * As redeeming would have left them: a thousand origins with a link each, and sessions spread over them.
 * @param {string[]} [appIds] whose origins they are, in turn; otherwise all are of the first app
 */
export function writeSessions(Database, folder, count, appIds) {
    const db = new Database(path.join(folder, "data", "inlay.db"));
    const now = Date.now();
    const random = crypto.randomBytes;
    const [first] = db.prepare("SELECT id, workspace_id FROM apps").all();
    const apps = appIds?.map((id) => Buffer.from(id.replaceAll("-", ""), "hex")) ?? [first.id];
    const users = db.prepare("SELECT id FROM users").pluck().all();

    // The indexes are made anew at the end, which is quicker, and the file is not worth its durability yet.
    const indexes = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'sessions' AND sql NOTNULL")
        .all();
    db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -262144;");
    indexes.forEach(({ name }) => db.exec(`DROP INDEX ${name}`));

    const audiences = Array.from({ length: AUDIENCES }, (_, i) => ({
        label: Array.from(random(26), (byte) => "abcdefghijklmnopqrstuvwxyz234567"[byte % 32]).join(""),
        link: random(16),
        app: apps[i % apps.length],
        user: users[i % users.length],
    }));
    const addAudience = db.prepare('INSERT INTO audiences VALUES (?, ?, ?, ?, \'{"environment":"production"}\', ?)');
    const addLink = db.prepare(
        `INSERT INTO links (id, kind, label, digest, session_ms, created_at, created_by, expires_at)
         VALUES (?, 'single-use', ?, ?, ?, ?, 'bench', ?)`,
    );
    const addSession = db.prepare(
        `INSERT INTO sessions (id, link_id, label, digest, address, user_agent, created_at, expires_at)
         VALUES (?, ?, ?, ?, '127.0.0.1', 'bench', ?, ?)`,
    );
    db.transaction(() => {
        for (const { label, link, app, user } of audiences) {
            addAudience.run(label, first.workspace_id, app, user, now);
            addLink.run(link, label, random(32), 6 * HOURS, now, now + 6 * HOURS);
        }
    })();

    const cookies = Buffer.alloc(22 * count);
    const addBatch = db.transaction((first, end) => {
        const bytes = random(26 * (end - first));
        for (let i = first; i < end; i++) {
            const own = bytes.subarray(26 * (i - first));
            const cookie = own.subarray(0, 16).toString("base64url");
            // In rising order, for quick insertion; the rest is random, as the table of sessions wants it.
            const id = Buffer.alloc(16);
            id.writeUIntBE(i, 0, 6);
            own.copy(id, 6, 16, 26);
            const { label, link } = audiences[i % AUDIENCES];
            addSession.run(id, link, label, crypto.createHash("sha256").update(cookie).digest(), now, now + 6 * HOURS);
            cookies.write(cookie, 22 * i, "latin1");
        }
    });
    for (let first = 0; first < count; first += BATCH) {
        addBatch(first, Math.min(count, first + BATCH));
    }
    indexes.forEach(({ sql }) => db.exec(sql));
    db.exec("PRAGMA journal_mode = WAL;");
    db.close();

    const files = { cookies: path.join(folder, "cookies"), labels: path.join(folder, "labels") };
    fs.writeFileSync(files.cookies, cookies);
    fs.writeFileSync(files.labels, audiences.map(({ label }) => label).join(""));
    return { ...files, firstHost: audiences[0].label, firstCookie: cookies.toString("latin1", 0, 22) };
}
