#include "store/sqlite/migrations.h"

#include "base/base.h"

/*
 * Conventions: ids are 16 bytes (UUID) but for groups and events, which count; times are
 * milliseconds since 1970; digests are SHA-256; JSON is canonical (members sorted, no spaces).
 * Rows of the audit log refer to others by id only, so that they outlive them.
 */
static const char version_1[] =
    /* One row. key makes labels; epoch counts changes that take access away. */
    "CREATE TABLE instance ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " key BLOB NOT NULL CHECK (length(key) = 32),"
    " epoch INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE workspaces ("
    " id BLOB PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " status TEXT NOT NULL CHECK (status IN ('active', 'archived')),"
    " created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE users ("
    " id BLOB PRIMARY KEY,"
    " workspace_id BLOB NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,"
    " kind TEXT NOT NULL CHECK (kind IN ('internal', 'external')),"
    " email TEXT,"
    " email_key TEXT," /* in lower case */
    " first_name TEXT,"
    " last_name TEXT,"
    " external_identifier TEXT,"
    " metadata TEXT,"
    " status TEXT NOT NULL CHECK (status IN ('active', 'archived')),"
    " created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX users_by_email ON users(workspace_id, email_key)"
    " WHERE kind = 'internal';"
    "CREATE INDEX users_by_any_email ON users(workspace_id, email_key)"
    " WHERE email_key IS NOT NULL;"
    "CREATE UNIQUE INDEX users_by_external_identifier ON users(workspace_id, external_identifier)"
    " WHERE external_identifier IS NOT NULL;"
    "CREATE INDEX users_by_workspace ON users(workspace_id, id);"

    "CREATE TABLE groups ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " workspace_id BLOB NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " UNIQUE (workspace_id, name)) STRICT;"

    "CREATE TABLE group_members ("
    " group_id INTEGER NOT NULL REFERENCES groups(id) ON DELETE CASCADE,"
    " user_id BLOB NOT NULL REFERENCES users(id) ON DELETE CASCADE,"
    " PRIMARY KEY (group_id, user_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX group_members_by_user ON group_members(user_id, group_id);"

    "CREATE TABLE apps ("
    " id BLOB PRIMARY KEY,"
    " workspace_id BLOB NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,"
    " slug TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " kind TEXT NOT NULL CHECK (kind IN ('bundle')),"
    " frame_ancestors TEXT NOT NULL," /* origins, separated by spaces */
    " current_version TEXT,"
    " created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL,"
    " UNIQUE (workspace_id, slug)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX apps_by_workspace ON apps(workspace_id, id);"

    "CREATE TABLE group_apps ("
    " group_id INTEGER NOT NULL REFERENCES groups(id) ON DELETE CASCADE,"
    " app_id BLOB NOT NULL REFERENCES apps(id) ON DELETE CASCADE,"
    " PRIMARY KEY (app_id, group_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX group_apps_by_group ON group_apps(group_id, app_id);"

    "CREATE TABLE blobs ("
    " digest BLOB PRIMARY KEY,"
    " bytes BLOB NOT NULL,"
    " gzip BLOB,"
    " brotli BLOB,"
    " created_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE contents ("
    " digest BLOB PRIMARY KEY,"
    " files INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE content_files ("
    " content_digest BLOB NOT NULL REFERENCES contents(digest) ON DELETE CASCADE,"
    " path TEXT NOT NULL,"
    " blob_digest BLOB NOT NULL REFERENCES blobs(digest),"
    " PRIMARY KEY (content_digest, path)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX content_files_by_blob ON content_files(blob_digest);"

    "CREATE TABLE releases ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT," /* their order */
    " app_id BLOB NOT NULL REFERENCES apps(id) ON DELETE CASCADE,"
    " version TEXT NOT NULL,"
    " content_digest BLOB NOT NULL REFERENCES contents(digest),"
    " created_at INTEGER NOT NULL,"
    " created_by TEXT,"
    " UNIQUE (app_id, version)) STRICT;"
    "CREATE INDEX releases_by_content ON releases(content_digest);"

    "CREATE TABLE branches ("
    " app_id BLOB NOT NULL REFERENCES apps(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " content_digest BLOB NOT NULL REFERENCES contents(digest),"
    " updated_at INTEGER NOT NULL,"
    " PRIMARY KEY (app_id, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX branches_by_content ON branches(content_digest);"

    "CREATE TABLE environments ("
    " id BLOB PRIMARY KEY,"
    " workspace_id BLOB NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " config TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL,"
    " UNIQUE (workspace_id, name)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE api_tokens ("
    " id BLOB PRIMARY KEY,"
    " workspace_id BLOB NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,"
    " name TEXT NOT NULL,"
    " description TEXT,"
    " scopes TEXT NOT NULL," /* separated by spaces */
    " digest BLOB NOT NULL UNIQUE,"
    " last4 TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " created_by TEXT,"
    " last_used_at INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE INDEX api_tokens_by_workspace ON api_tokens(workspace_id, id);"

    "CREATE TABLE audiences ("
    " label TEXT PRIMARY KEY,"
    " workspace_id BLOB NOT NULL,"
    " app_id BLOB NOT NULL REFERENCES apps(id) ON DELETE CASCADE,"
    " user_id BLOB NOT NULL REFERENCES users(id) ON DELETE CASCADE,"
    " claims TEXT NOT NULL,"
    " created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX audiences_by_app ON audiences(app_id);"
    "CREATE INDEX audiences_by_user ON audiences(user_id);"

    "CREATE TABLE grants ("
    " id BLOB PRIMARY KEY,"
    " kind TEXT NOT NULL CHECK (kind IN ('reusable', 'single-use')),"
    " label TEXT NOT NULL REFERENCES audiences(label) ON DELETE CASCADE,"
    " digest BLOB NOT NULL,"
    " session_ms INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " created_by TEXT,"
    " expires_at INTEGER NOT NULL,"
    " used_at INTEGER,"
    " used_client BLOB,"
    " replaced_at INTEGER,"
    " revoked_at INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX grants_by_digest ON grants(digest);"
    "CREATE INDEX grants_by_label ON grants(label);"
    "CREATE UNIQUE INDEX grants_current ON grants(label)"
    " WHERE kind = 'reusable' AND replaced_at IS NULL;"
    "CREATE INDEX grants_by_expiry ON grants(expires_at);"

    "CREATE TABLE sessions ("
    " id BLOB PRIMARY KEY,"
    " grant_id BLOB NOT NULL REFERENCES grants(id) ON DELETE CASCADE,"
    " label TEXT NOT NULL REFERENCES audiences(label) ON DELETE CASCADE,"
    " digest BLOB NOT NULL,"
    " address TEXT,"
    " user_agent TEXT,"
    " created_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " ended_at INTEGER,"
    " end_reason TEXT) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX sessions_by_digest ON sessions(digest);"
    "CREATE INDEX sessions_by_grant ON sessions(grant_id);"
    "CREATE INDEX sessions_by_label ON sessions(label);"
    "CREATE INDEX sessions_live ON sessions(expires_at) WHERE ended_at IS NULL;"
    "CREATE INDEX sessions_ended ON sessions(ended_at) WHERE ended_at IS NOT NULL;"

    "CREATE TABLE events ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL,"
    " type TEXT NOT NULL,"
    " workspace_id BLOB,"
    " actor_kind TEXT NOT NULL,"
    " actor_id TEXT,"
    " actor_name TEXT,"
    " user_id BLOB,"
    " app_id BLOB,"
    " grant_id BLOB,"
    " session_id BLOB,"
    " address TEXT,"
    " detail TEXT) STRICT;"
    "CREATE INDEX events_by_user ON events(user_id, id) WHERE user_id IS NOT NULL;"
    "CREATE INDEX events_by_app ON events(app_id, id) WHERE app_id IS NOT NULL;"
    "CREATE INDEX events_by_session ON events(session_id, id) WHERE session_id IS NOT NULL;"
    "CREATE INDEX events_by_workspace ON events(workspace_id, id);";

static const char version_2[] =
    /* The private half is taken away when a key has signed its last. */
    "CREATE TABLE signing_keys ("
    " id TEXT PRIMARY KEY,"
    " public BLOB NOT NULL CHECK (length(public) = 65),"
    " private BLOB CHECK (length(private) = 32),"
    " created_at INTEGER NOT NULL,"
    " signs_at INTEGER NOT NULL,"
    " retires_at INTEGER) STRICT, WITHOUT ROWID;";

/* Apps that are a web server of their own. upstream is a JSON object, see apps/upstream/upstream.h.
 */
static const char version_3[] =
    "ALTER TABLE apps DROP COLUMN kind;"
    "ALTER TABLE apps ADD COLUMN kind TEXT NOT NULL DEFAULT 'bundle'"
    " CHECK (kind IN ('bundle', 'upstream'));"
    "ALTER TABLE apps ADD COLUMN upstream TEXT;"

    /* The address in an environment, where it is not that of the app. */
    "CREATE TABLE upstream_addresses ("
    " app_id BLOB NOT NULL REFERENCES apps(id) ON DELETE CASCADE,"
    " environment_id BLOB NOT NULL REFERENCES environments(id) ON DELETE CASCADE,"
    " url TEXT NOT NULL,"
    " PRIMARY KEY (app_id, environment_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX upstream_addresses_by_environment ON upstream_addresses(environment_id);";

/* The console: its admins, their sessions, the links that let somebody choose a password, and who
 * has failed to sign in how often. */
static const char version_4[] =
    "CREATE TABLE admins ("
    " id BLOB PRIMARY KEY,"
    " workspace_id BLOB REFERENCES workspaces(id) ON DELETE CASCADE," /* NULL for role admin */
    " email TEXT NOT NULL,"
    " email_key TEXT NOT NULL UNIQUE," /* in lower case */
    " role TEXT NOT NULL CHECK (role IN ('admin', 'builder', 'viewer')),"
    " password TEXT," /* NULL until the invitation was accepted */
    " totp_secret BLOB,"
    " totp_pending BLOB,"                    /* shown, but not confirmed yet */
    " totp_step INTEGER NOT NULL DEFAULT 0," /* of the last code that was used */
    " recovery TEXT," /* digests of recovery codes in hex, separated by spaces */
    " created_at INTEGER NOT NULL,"
    " created_by TEXT,"
    " signed_in_at INTEGER) STRICT, WITHOUT ROWID;"

    "CREATE TABLE admin_sessions ("
    " id BLOB PRIMARY KEY,"
    " admin_id BLOB NOT NULL REFERENCES admins(id) ON DELETE CASCADE,"
    " digest BLOB NOT NULL UNIQUE,"
    " address TEXT,"
    " user_agent TEXT,"
    " created_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX admin_sessions_by_admin ON admin_sessions(admin_id, id);"

    "CREATE TABLE admin_links ("
    " digest BLOB PRIMARY KEY,"
    " admin_id BLOB UNIQUE REFERENCES admins(id) ON DELETE CASCADE," /* NULL: the first admin */
    " expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE sign_in_failures ("
    " key BLOB PRIMARY KEY," /* keyed hash of an email address or of a client's address */
    " count INTEGER NOT NULL,"
    " at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX sign_in_failures_by_time ON sign_in_failures(at);";

/* How much apps are used, hour by hour; see model/usage.h. Events that are there are counted. */
static const char version_5[] =
    "CREATE TABLE usage ("
    " workspace_id BLOB NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,"
    " hour INTEGER NOT NULL," /* since 1970 */
    " app_id BLOB NOT NULL,"  /* this and the next: empty if there is none */
    " user_id BLOB NOT NULL,"
    " reason TEXT NOT NULL," /* of a denial; '' for a view */
    " count INTEGER NOT NULL,"
    " PRIMARY KEY (workspace_id, hour, app_id, user_id, reason)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX usage_by_app ON usage(app_id, hour);"
    "CREATE INDEX usage_by_user ON usage(user_id, hour);"
    "INSERT INTO usage SELECT e.workspace_id, e.at / 3600000, coalesce(e.app_id, x''),"
    " coalesce(e.user_id, x''), CASE e.type WHEN 'deny'"
    "  THEN coalesce(json_extract(e.detail, '$.reason'), 'undecided') ELSE '' END, count(*)"
    " FROM events e JOIN workspaces w ON w.id = e.workspace_id"
    " WHERE e.type IN ('redeem', 'resume', 'deny') GROUP BY 1, 2, 3, 4, 5;";

/* What the API calls them: links and portals. */
static const char version_6[] =
    "DROP INDEX grants_by_digest;"
    "DROP INDEX grants_by_label;"
    "DROP INDEX grants_current;"
    "DROP INDEX grants_by_expiry;"
    "DROP INDEX sessions_by_grant;"
    "ALTER TABLE grants RENAME TO links;"
    "ALTER TABLE sessions RENAME COLUMN grant_id TO link_id;"
    "ALTER TABLE events RENAME COLUMN grant_id TO link_id;"
    "ALTER TABLE apps RENAME COLUMN frame_ancestors TO portals;"
    "CREATE UNIQUE INDEX links_by_digest ON links(digest);"
    "CREATE INDEX links_by_label ON links(label);"
    "CREATE UNIQUE INDEX links_current ON links(label)"
    " WHERE kind = 'reusable' AND replaced_at IS NULL;"
    "CREATE INDEX links_by_expiry ON links(expires_at);"
    "CREATE INDEX sessions_by_link ON sessions(link_id);"

    /* Grows when somebody asks whether the database takes writes. */
    "ALTER TABLE instance ADD COLUMN probes INTEGER NOT NULL DEFAULT 0;"

    "UPDATE api_tokens SET scopes = replace(scopes, 'grants:', 'links:');"
    "UPDATE sessions SET end_reason = 'link_revoked' WHERE end_reason = 'grant_revoked';"
    "INSERT INTO usage (workspace_id, hour, app_id, user_id, reason, count)"
    " SELECT workspace_id, hour, app_id, user_id, 'link_' || substr(reason, 7), count"
    " FROM usage WHERE substr(reason, 1, 6) = 'grant_'"
    " ON CONFLICT DO UPDATE SET count = count + excluded.count;"
    "DELETE FROM usage WHERE substr(reason, 1, 6) = 'grant_';"
    "UPDATE events SET type = 'link.revoke' WHERE type = 'grant.revoke';"
    "UPDATE events SET detail ="
    " json_set(detail, '$.reason', 'link_' || substr(json_extract(detail, '$.reason'), 7))"
    " WHERE type IN ('deny', 'end') AND substr(json_extract(detail, '$.reason'), 1, 6) = 'grant_';"
    "UPDATE events SET detail = json_set(json_remove(detail, '$.frameAncestors'),"
    " '$.portals', json_extract(detail, '$.frameAncestors'))"
    " WHERE type IN ('app.create', 'app.update')"
    " AND json_type(detail, '$.frameAncestors') IS NOT NULL;"
    "UPDATE events SET detail ="
    " json_set(detail, '$.scopes', replace(json_extract(detail, '$.scopes'), 'grants:', 'links:'))"
    " WHERE type IN ('api-token.create', 'api-token.update')"
    " AND json_type(detail, '$.scopes') = 'text';";

/* Responses of calls with an Idempotency-Key; see api/idempotency.h. */
static const char version_7[] =
    "CREATE TABLE idempotency_keys ("
    " key BLOB PRIMARY KEY,"  /* keyed hash of the caller and their key */
    " request BLOB NOT NULL," /* keyed hash */
    " status INTEGER NOT NULL,"
    " response BLOB NOT NULL," /* sealed */
    " etag TEXT,"
    " created_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX idempotency_keys_by_time ON idempotency_keys(created_at);";

/* Where in an app a link leads; NULL: to the app's start_path. */
static const char version_8[] = "ALTER TABLE apps ADD COLUMN start_path TEXT NOT NULL DEFAULT '/';"
                                "ALTER TABLE links ADD COLUMN path TEXT;";

/* What an app's service workers may do; see the words in model/app.h. */
static const char version_9[] =
    "ALTER TABLE apps ADD COLUMN service_workers TEXT NOT NULL DEFAULT 'guarded'"
    " CHECK (service_workers IN ('guarded', 'unguarded-imports', 'off'));";

/* What the portal has asked for; NULL: nothing. */
static const char version_10[] = "ALTER TABLE links ADD COLUMN theme TEXT;"
                                 "ALTER TABLE links ADD COLUMN locale TEXT;"
                                 "ALTER TABLE sessions ADD COLUMN theme TEXT;"
                                 "ALTER TABLE sessions ADD COLUMN locale TEXT;";

/* How a workspace's pages of our own look. NULL: as they are. */
static const char version_11[] =
    "CREATE TABLE brands ("
    " workspace_id BLOB PRIMARY KEY REFERENCES workspaces(id) ON DELETE CASCADE,"
    " name TEXT,"
    " color TEXT,"
    " support TEXT,"
    " logo_name TEXT," /* made of the logo's bytes */
    " logo BLOB) STRICT;"
    "CREATE INDEX brands_by_logo ON brands(logo_name) WHERE logo_name IS NOT NULL;";

/* Names of metadata, a JSON array, that take no part in an app's origins; and what they are: of a
 * link, and of the newest session of an origin. */
static const char version_12[] =
    "ALTER TABLE apps ADD COLUMN volatile_metadata TEXT NOT NULL DEFAULT '[]';"
    "ALTER TABLE links ADD COLUMN volatile_metadata TEXT;"
    "ALTER TABLE audiences ADD COLUMN volatile_metadata TEXT;";

/* Who may frame what a link opens, if the app's portals are not meant; and whom a token may name.
 */
static const char version_13[] =
    "ALTER TABLE links ADD COLUMN portal TEXT;"
    "ALTER TABLE api_tokens ADD COLUMN portals TEXT NOT NULL DEFAULT '';";

/* How long an app's sessions may stay unused, and how many a user may have of it; 0: no limit. */
static const char version_14[] =
    "ALTER TABLE apps ADD COLUMN idle_minutes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE apps ADD COLUMN sessions_per_user INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE sessions ADD COLUMN used_at INTEGER;";

/* Tokens that expire, and whether that was announced; where they were used; and the apps that they
 * are limited to: ids in capital hex digits, separated by spaces, or '' for all. */
static const char version_15[] = "ALTER TABLE api_tokens ADD COLUMN expires_at INTEGER;"
                                 "ALTER TABLE api_tokens ADD COLUMN announced_at INTEGER;"
                                 "ALTER TABLE api_tokens ADD COLUMN last_used_address TEXT;"
                                 "ALTER TABLE api_tokens ADD COLUMN apps TEXT NOT NULL DEFAULT '';"
                                 "CREATE INDEX api_tokens_by_expiry ON api_tokens(expires_at)"
                                 " WHERE expires_at IS NOT NULL;";

/* Links to the app are posted: no secret is in a URL. */
static const char version_16[] = "ALTER TABLE apps ADD COLUMN is_strict INTEGER NOT NULL DEFAULT 0"
                                 " CHECK (is_strict IN (0, 1));";

/* Whose origins are to clear what browsers keep of them: those of an app, of a user, or of a user
 * in an app; what is not named is x''. Each does it when it is entered next; see entry/clearing.h.
 */
static const char version_17[] = "CREATE TABLE clearings ("
                                 " app_id BLOB NOT NULL,"
                                 " user_id BLOB NOT NULL,"
                                 " asked_at INTEGER NOT NULL,"
                                 " PRIMARY KEY (app_id, user_id)) STRICT, WITHOUT ROWID;"
                                 "CREATE INDEX clearings_by_user ON clearings(user_id);"
                                 "CREATE TRIGGER clearings_of_app AFTER DELETE ON apps BEGIN"
                                 " DELETE FROM clearings WHERE app_id = old.id; END;"
                                 "CREATE TRIGGER clearings_of_user AFTER DELETE ON users BEGIN"
                                 " DELETE FROM clearings WHERE user_id = old.id; END;"
                                 "ALTER TABLE audiences ADD COLUMN cleared_at INTEGER;";

/* What may show an app as a page of its own; see the words in model/app.h. */
static const char version_18[] =
    "ALTER TABLE apps ADD COLUMN top_level TEXT NOT NULL DEFAULT 'own-pages'"
    " CHECK (top_level IN ('own-pages', 'any-page'));";

const char *const migrations[] = {
    version_1,  version_2,  version_3,  version_4,  version_5,  version_6,
    version_7,  version_8,  version_9,  version_10, version_11, version_12,
    version_13, version_14, version_15, version_16, version_17, version_18,
};

const int migration_count = COUNT_OF(migrations);
