#include "store/sql.h"

#include "store/columns.h"

/* Is parameter n in the text, or is there none? See model/search.h. */
#define HAS(text, n) "instr(lower(" text "), ?" n ")"
#define FULL_NAME "coalesce(first_name || ' ', '') || coalesce(last_name, '')"
#define USER_SEARCH                                                                                \
    " AND (?8 IS NULL OR " HAS("email", "8") " OR " HAS(FULL_NAME, "8") " OR " HAS(                \
        "external_identifier", "8") " OR id = ?9)"
#define USER_LIST(condition)                                                                       \
    "SELECT " COLUMNS(                                                                             \
        USER_ROW) " FROM users WHERE " condition " AND id > coalesce(?2, x'')"                     \
                  " AND (?5 IS NULL OR kind = ?5) AND (?6 IS NULL OR status = ?6)" USER_SEARCH     \
                  " ORDER BY id LIMIT ?7"
#define RELEASE_JOIN                                                                               \
    " FROM releases r JOIN apps p ON p.id = r.app_id"                                              \
    " JOIN contents c ON c.digest = r.content_digest "
#define BRANCH_JOIN " FROM branches b JOIN contents c ON c.digest = b.content_digest "
/* Whom and what a link or session is about. */
#define PARTY_JOIN " JOIN apps p ON p.id = a.app_id JOIN users u ON u.id = a.user_id "
#define LINK_REPORT                                                                                \
    "SELECT " COLUMNS(LINK_ROW) ", " COLUMNS(                                                      \
        LINK_REPORT_ROW) " FROM links g JOIN audiences a ON a.label = g.label" PARTY_JOIN
/* Lists: ?1 now, ?2 workspace, ?3 user, ?4 app, ?5 after, ?6 status, ?7 limit; NULL for what is not
 * asked for. Newest first: version 7 UUIDs sort by time. A "+" keeps a term from choosing an
 * index. */
#define PARTY_FILTER                                                                               \
    "+a.workspace_id = ?2 AND (?3 IS NULL OR a.user_id = ?3) AND (?4 IS NULL OR a.app_id = ?4)"
#define AFTER_DESCENDING "coalesce(?5, x'ffffffffffffffffffffffffffffffffff')"
/* The ids of a page are found first: only its rows are joined with what they are about. */
#define LINK_LIST(condition)                                                                       \
    LINK_REPORT "WHERE g.id IN (SELECT g.id FROM links g JOIN audiences a ON a.label = g.label"    \
                " WHERE " condition PARTY_FILTER " AND g.id < " AFTER_DESCENDING                   \
                " AND (?6 IS NULL OR " LINK_STATUS " = ?6) ORDER BY g.id DESC LIMIT ?7)"           \
                " ORDER BY g.id DESC"
#define BRAND_JOIN " LEFT JOIN brands b ON b.workspace_id = w.id"
#define SESSION_JOIN                                                                               \
    " FROM sessions s JOIN links g ON g.id = s.link_id JOIN audiences a ON a.label = s.label "
#define SESSION_REPORT                                                                             \
    "SELECT " COLUMNS(SESSION_ROW) ", " COLUMNS(SESSION_REPORT_ROW) SESSION_JOIN PARTY_JOIN
#define SESSION_LIST(condition)                                                                    \
    SESSION_REPORT "WHERE s.id IN (SELECT s.id FROM sessions s JOIN audiences a"                   \
                   " ON a.label = s.label WHERE " condition PARTY_FILTER                           \
                   " AND s.id < " AFTER_DESCENDING " AND (?6 IS NULL OR " SESSION_STATUS " = ?6)"  \
                   " ORDER BY s.id DESC LIMIT ?7) ORDER BY s.id DESC"
/* ?1 workspace, ?2 user, ?3 app, ?4 session, ?5 type, ?6 the first id, ?7 the one after the last,
 * ?8 limit, ?9 actor, ?10 reason, ?11 from, ?12 until. */
#define EVENT_LIST(condition, order)                                                               \
    "SELECT " COLUMNS(                                                                             \
        EVENT_ROW) " FROM events WHERE " condition                                                 \
                   " AND (?2 IS NULL OR user_id = ?2) AND (?3 IS NULL OR app_id = ?3)"             \
                   " AND (?4 IS NULL OR session_id = ?4) AND (?5 IS NULL OR type = ?5)"            \
                   " AND id >= ?6 AND id < ?7 AND (?9 IS NULL OR actor_id = ?9 OR "                \
                   "lower(actor_name) = lower(?9))"                                                \
                   " AND (?10 IS NULL OR json_extract(detail, '$.reason') = ?10) AND at >= ?11 "   \
                   "AND at < ?12"                                                                  \
                   " ORDER BY id" order " LIMIT ?8"
#define EVENT_FLOOR(column)                                                                        \
    "SELECT id FROM events WHERE " column " = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3"
/* ?1 workspace, ?2 app, ?3 user, ?4 the first hour, ?5 the one after the last, ?6 a number; NULL
 * for what is not asked for. */
#define USAGE_FILTER(condition)                                                                    \
    " FROM usage WHERE " condition " AND hour >= ?4 AND hour < ?5"                                 \
    " AND (?2 IS NULL OR app_id = ?2) AND (?3 IS NULL OR user_id = ?3)"
#define USAGE(condition)                                                                           \
    "SELECT " COLUMNS(USAGE_SUM_ROW) USAGE_FILTER(condition) " GROUP BY hour / ?6, reason"
#define USAGE_SHARES(id, other, columns, joins, condition)                                         \
    "SELECT " columns " FROM (SELECT " id " AS id,"                                                \
    " coalesce(sum(count) FILTER (WHERE reason = ''), 0) AS views,"                                \
    " count(DISTINCT " other ") FILTER (WHERE reason = '') AS others,"                             \
    " coalesce(sum(count) FILTER (WHERE reason <> ''), 0) AS denials" USAGE_FILTER(                \
        condition) " AND " id                                                                      \
                   " <> x'' GROUP BY 1 ORDER BY views DESC, denials DESC, id LIMIT ?6) s " joins   \
                   " ORDER BY s.views DESC, s.denials DESC, s.id"
#define USAGE_APPS(condition)                                                                      \
    USAGE_SHARES("app_id", "user_id", COLUMNS(USAGE_APP_ROW), "LEFT JOIN apps p ON p.id = s.id",   \
                 condition)
#define USAGE_USERS(condition)                                                                     \
    USAGE_SHARES("user_id", "app_id", COLUMNS(USAGE_USER_ROW), "LEFT JOIN users u ON u.id = s.id", \
                 condition)

/* ?1 workspace, ?2 app, ?3 user, ?4 since when, ?5 limit. Without those of previews. */
#define USAGE_ORIGINS(condition)                                                                   \
    "SELECT " COLUMNS(                                                                             \
        USAGE_ORIGINS_ROW) " FROM (SELECT app_id, user_id, count(*) AS origins"                    \
                           " FROM audiences WHERE " condition " AND created_at >= ?4"              \
                           " AND (?2 IS NULL OR app_id = ?2) AND (?3 IS NULL OR user_id = ?3)"     \
                           " AND json_extract(claims, '$.preview') IS NULL"                        \
                           " GROUP BY app_id, user_id ORDER BY origins DESC, app_id, user_id"      \
                           " LIMIT ?5) s JOIN apps p ON p.id = s.app_id"                           \
                           " JOIN users u ON u.id = s.user_id"                                     \
                           " ORDER BY s.origins DESC, s.app_id, s.user_id"

const struct sql_statement sql_statements[SQL_COUNT] = {
    [SQL_BEGIN] = {.sqlite = "BEGIN IMMEDIATE"},
    [SQL_READ_BEGIN] = {.sqlite = "BEGIN"},
    [SQL_COMMIT] = {.sqlite = "COMMIT"},
    [SQL_ROLLBACK] = {.sqlite = "ROLLBACK"},

    [SQL_INSTANCE_INSERT] = {.sqlite = "INSERT INTO instance (id, key, epoch, created_at)"
                                       " VALUES (1, ?1, 1, ?2)"},
    [SQL_INSTANCE_GET] = {.sqlite = "SELECT key, epoch FROM instance"},
    [SQL_INSTANCE_TOUCH] = {.sqlite = "UPDATE instance SET probes = probes + 1"},
    [SQL_EPOCH_RAISE] = {.sqlite = "UPDATE instance SET epoch = max(epoch + 1, ?1)"},

    [SQL_SIGNING_KEY_INSERT] = {.sqlite =
                                    "INSERT INTO signing_keys (id, public, private, created_at,"
                                    " signs_at) VALUES (?1, ?2, ?3, ?4, ?5)"},
    [SQL_SIGNING_KEY_NEWEST] = {.sqlite = "SELECT signs_at FROM signing_keys"
                                          " WHERE retires_at IS NULL"},
    [SQL_SIGNING_KEY_CURRENT] =
        {.sqlite =
             "SELECT " COLUMNS(SIGNING_PAIR_ROW) " FROM signing_keys"
                                                 " WHERE signs_at <= ?1 AND private IS NOT NULL"
                                                 " AND (retires_at IS NULL OR retires_at > ?1)"
                                                 " ORDER BY signs_at DESC LIMIT 1"},
    [SQL_SIGNING_KEYS_PUBLISHED] =
        {.sqlite = "SELECT " COLUMNS(SIGNING_KEY_ROW) " FROM signing_keys"
                                                      " WHERE retires_at IS NULL OR retires_at > ?1"
                                                      " ORDER BY signs_at DESC"},
    [SQL_SIGNING_KEY_RETIRE] = {.sqlite = "UPDATE signing_keys SET retires_at = ?1"
                                          " WHERE retires_at IS NULL AND signs_at = ?2"},
    [SQL_SIGNING_KEYS_WIPE] = {.sqlite = "UPDATE signing_keys SET private = NULL"
                                         " WHERE retires_at <= ?1 AND private IS NOT NULL"},
    [SQL_SIGNING_KEY_REVOKE] = {.sqlite = "DELETE FROM signing_keys WHERE id = ?1"},
    [SQL_SIGNING_KEY_GO_ON] = {.sqlite = "UPDATE signing_keys SET retires_at = NULL"
                                         " WHERE signs_at <= ?1 AND retires_at > ?1"
                                         " AND private IS NOT NULL"},
    [SQL_SIGNING_KEY_SIGN_NOW] = {.sqlite = "UPDATE signing_keys SET signs_at = ?1"
                                            " WHERE retires_at IS NULL AND signs_at = ?2"},
    [SQL_SIGNING_KEYS_DELETE] = {.sqlite = "DELETE FROM signing_keys WHERE retires_at <= ?1"},

    [SQL_WORKSPACE_INSERT] = {.sqlite = "INSERT INTO workspaces (id, name, status, created_at)"
                                        " VALUES (?1, ?2, 'active', ?3)"},
    [SQL_WORKSPACE_FIRST] = {.sqlite = "SELECT id FROM workspaces"
                                       " ORDER BY created_at, id LIMIT 1"},
    [SQL_WORKSPACE_BY_ID] = {.sqlite = "SELECT " COLUMNS(WORKSPACE_ROW) " FROM workspaces"
                                                                        " WHERE id = ?1"},
    /* ?1 is NULL for all. */
    [SQL_WORKSPACE_LIST] =
        {.sqlite = "SELECT " COLUMNS(
             WORKSPACE_ROW) " FROM workspaces"
                            " WHERE (?1 IS NULL OR id = ?1) AND id > coalesce(?2, x'')"
                            " ORDER BY id LIMIT ?3"},
    [SQL_WORKSPACE_OTHERS] = {.sqlite = "SELECT count(*), count(*) FILTER (WHERE status = 'active')"
                                        " FROM workspaces WHERE id <> ?1"},
    [SQL_WORKSPACE_UPDATE] = {.sqlite = "UPDATE workspaces SET name = ?2, status = ?3"
                                        " WHERE id = ?1"},
    [SQL_BRAND_OF_WORKSPACE] = {.sqlite = "SELECT " COLUMNS(
                                    BRAND_ROW) " FROM workspaces w" BRAND_JOIN " WHERE w.id = ?1"},
    [SQL_BRAND_OF_LABEL] = {.sqlite = "SELECT " COLUMNS(
                                BRAND_ROW) " FROM audiences a"
                                           " JOIN workspaces w ON w.id = a.workspace_id" BRAND_JOIN
                                           " WHERE a.label = ?1"},
    [SQL_BRAND_OF_APP] = {.sqlite = "SELECT " COLUMNS(
                              BRAND_ROW) " FROM apps p"
                                         " JOIN workspaces w ON w.id = p.workspace_id" BRAND_JOIN
                                         " WHERE p.id = ?1"},
    /* ?6 is the new logo, or NULL: then it stays, if its name does. */
    [SQL_BRAND_PUT] =
        {.sqlite = "INSERT INTO brands (workspace_id, name, color, support, logo_name, logo)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (workspace_id) DO UPDATE"
                   " SET name = ?2, color = ?3, support = ?4, logo_name = ?5,"
                   " logo = CASE WHEN ?5 IS NULL THEN NULL ELSE coalesce(?6, logo) END"},
    [SQL_LOGO_BY_NAME] = {.sqlite = "SELECT logo FROM brands WHERE logo_name = ?1 LIMIT 1"},
    [SQL_WORKSPACE_DELETE] = {.sqlite = "DELETE FROM workspaces WHERE id = ?1"},

    [SQL_ENVIRONMENT_INSERT] =
        {.sqlite = "INSERT INTO environments (id, workspace_id, name, config, created_at,"
                   " updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"},
    [SQL_ENVIRONMENT_CONFIG] = {.sqlite = "SELECT config FROM environments"
                                          " WHERE workspace_id = ?1 AND name = ?2"},
    [SQL_ENVIRONMENT_BY_ID] = {.sqlite = "SELECT " COLUMNS(
                                   ENVIRONMENT_ROW) " FROM environments WHERE id = ?1"},
    [SQL_ENVIRONMENT_BY_NAME] = {.sqlite = "SELECT " COLUMNS(
                                     ENVIRONMENT_ROW) " FROM environments"
                                                      " WHERE workspace_id = ?1 AND name = ?2"},
    [SQL_ENVIRONMENT_LIST] =
        {.sqlite = "SELECT " COLUMNS(
             ENVIRONMENT_ROW) " FROM environments"
                              " WHERE workspace_id = ?1 AND id > coalesce(?2, x'')"
                              " ORDER BY id LIMIT ?3"},
    [SQL_ENVIRONMENT_UPDATE] = {.sqlite = "UPDATE environments SET name = ?2, config = ?3,"
                                          " updated_at = ?4 WHERE id = ?1"},
    [SQL_ENVIRONMENT_DELETE] = {.sqlite = "DELETE FROM environments WHERE id = ?1"},

    [SQL_TOKEN_INSERT] =
        {.sqlite = "INSERT INTO api_tokens (id, workspace_id, name, description, scopes, digest,"
                   " last4, created_at, created_by, portals, apps, expires_at)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, nullif(?12, 0))"},
    [SQL_TOKEN_BY_DIGEST] =
        {.sqlite = "SELECT " COLUMNS(
             TOKEN_ROW) ", w.status = 'active'"
                        " FROM api_tokens t JOIN workspaces w ON w.id = t.workspace_id"
                        " WHERE t.digest = ?1"},
    [SQL_TOKEN_TOUCH] = {.sqlite = "UPDATE api_tokens SET last_used_at = ?2,"
                                   " last_used_address = ?3 WHERE id = ?1"},
    /* At ?2, which was told then; never later than before. */
    [SQL_TOKEN_EXPIRE] = {.sqlite = "UPDATE api_tokens SET announced_at = ?3,"
                                    " expires_at = min(coalesce(expires_at, ?2), ?2)"
                                    " WHERE id = ?1"},
    /* Those that expire between ?1 and ?2. */
    [SQL_TOKENS_TO_ANNOUNCE] =
        {.sqlite = "SELECT " COLUMNS(
             TOKEN_ROW) " FROM api_tokens t WHERE t.expires_at > ?1"
                        " AND t.expires_at <= ?2 AND t.announced_at IS NULL LIMIT ?3"},
    [SQL_TOKEN_ANNOUNCED] = {.sqlite = "UPDATE api_tokens SET announced_at = ?2 WHERE id = ?1"},
    [SQL_TOKEN_BY_ID] = {.sqlite = "SELECT " COLUMNS(TOKEN_ROW) " FROM api_tokens t WHERE id = ?1"},
    [SQL_TOKEN_LIST] = {.sqlite = "SELECT " COLUMNS(
                            TOKEN_ROW) " FROM api_tokens t WHERE workspace_id = ?1"
                                       " AND id > coalesce(?2, x'') AND (?4 IS NULL OR " HAS(
                                           "name",
                                           "4") " OR " HAS("description",
                                                           "4") " OR lower(last4) = ?4 OR id = ?5)"
                                                                " ORDER BY id LIMIT ?3"},
    [SQL_TOKEN_UPDATE] = {.sqlite = "UPDATE api_tokens SET name = ?2, description = ?3,"
                                    " portals = ?4 WHERE id = ?1"},
    [SQL_TOKEN_DELETE] = {.sqlite = "DELETE FROM api_tokens WHERE id = ?1"},

    [SQL_ADMIN_INSERT] =
        {.sqlite = "INSERT INTO admins (id, workspace_id, email, email_key, role, created_at,"
                   " created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
    [SQL_ADMIN_BY_ID] = {.sqlite = "SELECT " COLUMNS(ADMIN_ROW) " FROM admins a WHERE a.id = ?1"},
    [SQL_ADMIN_BY_EMAIL] = {.sqlite = "SELECT " COLUMNS(
                                ADMIN_ROW) " FROM admins a WHERE a.email_key = ?1"},
    [SQL_ADMIN_LIST] = {.sqlite = "SELECT " COLUMNS(
                            ADMIN_ROW) " FROM admins a"
                                       " WHERE a.id > coalesce(?1, x'') AND (?3 IS NULL OR " HAS(
                                           "a.email", "3") " OR a.id = ?4) ORDER BY a.id LIMIT ?2"},
    [SQL_ADMIN_OTHERS] = {.sqlite = "SELECT count(*) FROM admins WHERE id IS NOT ?1"
                                    " AND role = 'admin' AND password IS NOT NULL"},
    [SQL_ADMIN_UPDATE] = {.sqlite = "UPDATE admins SET role = ?2, workspace_id = ?3 WHERE id = ?1"
                                    " AND role = ?4"},
    [SQL_ADMIN_DELETE] = {.sqlite = "DELETE FROM admins WHERE id = ?1"},
    [SQL_ADMIN_SET_PASSWORD] = {.sqlite = "UPDATE admins SET password = ?2 WHERE id = ?1"},
    [SQL_ADMIN_SET_TOTP] = {.sqlite = "UPDATE admins SET totp_secret = ?2, totp_pending = ?3,"
                                      " totp_step = ?4, recovery = ?5 WHERE id = ?1"
                                      " AND totp_secret IS ?6 AND totp_pending IS ?7"},
    [SQL_ADMIN_SET_RECOVERY] = {.sqlite = "UPDATE admins SET recovery = ?3"
                                          " WHERE id = ?1 AND recovery IS ?2"},
    /* A code counts once: whoever comes second with the same step changes nothing. */
    [SQL_ADMIN_SIGNED_IN] = {.sqlite = "UPDATE admins SET signed_in_at = ?2, totp_step = ?3"
                                       " WHERE id = ?1 AND (totp_secret IS NULL OR totp_step < ?3"
                                       " OR ?4)"},
    [SQL_ADMIN_LINK_PUT] = {.sqlite = "INSERT INTO admin_links (digest, admin_id, expires_at)"
                                      " VALUES (?1, ?2, ?3)"},
    [SQL_ADMIN_LINK_GET] = {.sqlite = "SELECT admin_id FROM admin_links"
                                      " WHERE digest = ?1 AND expires_at > ?2"},
    [SQL_ADMIN_LINK_DELETE] = {.sqlite = "DELETE FROM admin_links WHERE digest = ?1"},
    [SQL_ADMIN_LINK_FORGET] = {.sqlite = "DELETE FROM admin_links WHERE admin_id IS ?1"},
    [SQL_ADMIN_SESSION_INSERT] =
        {.sqlite = "INSERT INTO admin_sessions (id, admin_id, digest, address, user_agent,"
                   " created_at, used_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)"},
    [SQL_ADMIN_SESSION_BY_DIGEST] =
        {.sqlite = "SELECT " COLUMNS(
             ADMIN_SESSION_ROW) ", w.status = 'archived'"
                                " FROM admin_sessions s JOIN admins a ON a.id = s.admin_id"
                                " LEFT JOIN workspaces w ON w.id = a.workspace_id WHERE s.digest = "
                                "?1"},
    [SQL_ADMIN_SESSION_TOUCH] = {.sqlite = "UPDATE admin_sessions SET used_at = ?2 WHERE id = ?1"},
    /* ?1 admin or NULL, ?2 after or NULL, ?3 now, ?4 not used since, ?5 limit; newest first. */
    [SQL_ADMIN_SESSION_LIST] =
        {.sqlite = "SELECT " COLUMNS(
             ADMIN_SESSION_ROW) " FROM admin_sessions s"
                                " JOIN admins a ON a.id = s.admin_id WHERE (?1 IS NULL OR "
                                "s.admin_id = ?1)"
                                " AND s.id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')"
                                " AND s.expires_at > ?3 AND s.used_at > ?4 ORDER BY s.id DESC "
                                "LIMIT ?5"},
    [SQL_ADMIN_SESSION_DELETE] = {.sqlite = "DELETE FROM admin_sessions WHERE id = ?1"
                                            " AND (?2 IS NULL OR admin_id = ?2)"},
    [SQL_ADMIN_SESSIONS_DELETE] = {.sqlite = "DELETE FROM admin_sessions WHERE admin_id = ?1"
                                             " AND id IS NOT ?2"},
    [SQL_SIGN_IN_FAILURES] = {.sqlite = "SELECT count, at FROM sign_in_failures WHERE key = ?1"},
    [SQL_SIGN_IN_COUNT] = {.sqlite = "INSERT INTO sign_in_failures (key, count, at)"
                                     " VALUES (?1, 1, ?2) ON CONFLICT (key) DO UPDATE"
                                     " SET count = min(count + 1, 1000), at = excluded.at"
                                     " WHERE count = ?3"},
    [SQL_SIGN_IN_UNCOUNT] = {.sqlite = "UPDATE sign_in_failures SET count = max(count - 1, 0)"
                                       " WHERE key = ?1"},
    [SQL_SIGN_IN_FORGET] = {.sqlite = "DELETE FROM sign_in_failures WHERE key = ?1"},

    [SQL_IDEMPOTENCY_GET] =
        {.sqlite = "SELECT " COLUMNS(
             IDEMPOTENCY_ROW) " FROM idempotency_keys WHERE key = ?1 AND created_at > ?2"},
    [SQL_IDEMPOTENCY_PUT] = {.sqlite = "INSERT INTO idempotency_keys (key, request, status,"
                                       " response, etag, created_at)"
                                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO"
                                       " UPDATE SET request = excluded.request,"
                                       " status = excluded.status, response = excluded.response,"
                                       " etag = excluded.etag, created_at = excluded.created_at"},

    [SQL_USER_INSERT] =
        {.sqlite = "INSERT INTO users (id, workspace_id, kind, email, email_key, first_name,"
                   " last_name, external_identifier, metadata, status, created_at, updated_at)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'active', ?10, ?10)"},
    [SQL_USER_BY_ID] = {.sqlite = "SELECT " COLUMNS(USER_ROW) " FROM users WHERE id = ?1"},
    [SQL_USER_BY_EMAIL] = {.sqlite = "SELECT " COLUMNS(
                               USER_ROW) " FROM users WHERE workspace_id = ?1 AND email_key = ?2"
                                         " AND kind = 'internal'"},
    [SQL_USER_BY_EXTERNAL_IDENTIFIER] = {.sqlite = "SELECT " COLUMNS(
                                             USER_ROW) " FROM users WHERE workspace_id = ?1"
                                                       " AND external_identifier = ?2"},
    [SQL_USER_REFRESH_EXTERNAL] =
        {.sqlite = "UPDATE users SET email = ?2, email_key = ?3, first_name = ?4, last_name = ?5,"
                   " metadata = ?6, updated_at = ?7 WHERE id = ?1"},
    [SQL_USER_UPDATE] =
        {.sqlite = "UPDATE users SET email = ?2, email_key = ?3, first_name = ?4, last_name = ?5,"
                   " status = ?6, updated_at = ?7 WHERE id = ?1"},
    [SQL_USER_DELETE] = {.sqlite = "DELETE FROM users WHERE id = ?1"},
    /* Lists: ?1 workspace, ?2 after, ?3 email_key, ?4 external_identifier, ?5 kind, ?6 status, ?7
     * limit; NULL for what is not asked for. One statement for each index that helps. */
    [SQL_USER_LIST] = {.sqlite = USER_LIST("workspace_id = ?1 AND (?3 IS NULL OR email_key = ?3)"
                                           " AND (?4 IS NULL OR external_identifier = ?4)")},
    [SQL_USER_LIST_BY_EMAIL] = {.sqlite =
                                    USER_LIST("workspace_id = ?1 AND email_key = ?3"
                                              " AND (?4 IS NULL OR external_identifier = ?4)")},
    [SQL_USER_LIST_BY_EXTERNAL_IDENTIFIER] = {.sqlite = USER_LIST(
                                                  "workspace_id = ?1 AND external_identifier = ?4"
                                                  " AND (?3 IS NULL OR email_key = ?3)")},

    [SQL_GROUP_EXISTS] = {.sqlite = "SELECT 1 FROM groups WHERE id = ?1 AND workspace_id = ?2"},
    [SQL_GROUPS_OF_USER] =
        {.sqlite = "SELECT g.id, g.name FROM group_members m JOIN groups g ON g.id = m.group_id"
                   " WHERE m.user_id = ?1 ORDER BY g.id"},
    [SQL_GROUPS_BY_IDS] = {.sqlite = "SELECT id, name FROM groups WHERE id IN"
                                     " (SELECT value FROM json_each(?1)) ORDER BY id"},
    /* Between an app and a user: ?1 workspace, ?2 app, ?3 user, ?4 groups as a JSON array or NULL
     * for the user's own, ?5 limit. */
    [SQL_GROUPS_BETWEEN] =
        {.sqlite = "SELECT " COLUMNS(
             GROUP_BETWEEN_ROW) " FROM (SELECT g.id, g.name, CASE WHEN ?4 IS NULL THEN EXISTS"
                                " (SELECT 1 FROM group_members m WHERE m.group_id = g.id AND "
                                "m.user_id = ?3)"
                                " ELSE g.id IN (SELECT value FROM json_each(?4)) END AS has_user,"
                                " EXISTS (SELECT 1 FROM group_apps ga"
                                "  WHERE ga.app_id = ?2 AND ga.group_id = g.id) AS may_use"
                                " FROM groups g WHERE g.workspace_id = ?1) WHERE has_user OR "
                                "may_use"
                                " ORDER BY id LIMIT ?5"},
    [SQL_GROUP_INSERT] = {.sqlite = "INSERT INTO groups (workspace_id, name, created_at)"
                                    " VALUES (?1, ?2, ?3)"},
    [SQL_GROUP_BY_ID] = {.sqlite = "SELECT " COLUMNS(GROUP_ROW) " FROM groups g WHERE g.id = ?1"},
    [SQL_GROUP_BY_NAME] =
        {.sqlite = "SELECT " COLUMNS(
             GROUP_ROW) " FROM groups g WHERE g.workspace_id = ?1 AND g.name = ?2"},
    [SQL_GROUP_LIST] =
        {.sqlite = "SELECT " COLUMNS(
             GROUP_ROW) " FROM groups g WHERE g.workspace_id = ?1"
                        " AND g.id > ?2 AND (?3 IS NULL OR g.name = ?3) AND (?5 IS NULL OR " HAS(
                            "g.name", "5") " OR CAST(g.id AS TEXT) = ?5)"
                                           " AND (?6 IS NULL OR EXISTS (SELECT 1 FROM group_apps"
                                           " WHERE group_id = g.id AND app_id = ?6))"
                                           " ORDER BY g.id LIMIT ?4"},
    [SQL_GROUP_RENAME] = {.sqlite = "UPDATE groups SET name = ?2 WHERE id = ?1"},
    [SQL_GROUP_DELETE] = {.sqlite = "DELETE FROM groups WHERE id = ?1"},
    [SQL_GROUP_MEMBERS] =
        {.sqlite = "SELECT " COLUMNS(
             USER_ROW) " FROM group_members"
                       " JOIN users ON id = user_id WHERE group_id = ?1"
                       " AND user_id > coalesce(?2, x'') ORDER BY user_id LIMIT ?3"},
    [SQL_GROUP_MEMBER_ADD] = {.sqlite = "INSERT INTO group_members (group_id, user_id)"
                                        " VALUES (?1, ?2) ON CONFLICT DO NOTHING"},
    [SQL_GROUP_MEMBER_REMOVE] = {.sqlite = "DELETE FROM group_members"
                                           " WHERE group_id = ?1 AND user_id = ?2"},
    [SQL_GROUP_APPS] = {.sqlite = "SELECT " COLUMNS(
                            APP_ROW) " FROM group_apps"
                                     " JOIN apps ON id = app_id WHERE group_id = ?1"
                                     " AND app_id > coalesce(?2, x'') ORDER BY app_id LIMIT ?3"},
    [SQL_GROUP_APP_ADD] = {.sqlite = "INSERT INTO group_apps (group_id, app_id)"
                                     " VALUES (?1, ?2) ON CONFLICT DO NOTHING"},
    [SQL_GROUP_APP_REMOVE] = {.sqlite = "DELETE FROM group_apps"
                                        " WHERE group_id = ?1 AND app_id = ?2"},

    [SQL_APP_BY_ID] = {.sqlite = "SELECT " COLUMNS(APP_ROW) " FROM apps WHERE id = ?1"},
    [SQL_APP_BY_SLUG] = {.sqlite = "SELECT " COLUMNS(APP_ROW) " FROM apps WHERE workspace_id = ?1"
                                                              " AND slug = ?2"},
    [SQL_APP_INSERT] = {.sqlite = "INSERT INTO apps (id, workspace_id, slug, name, kind, portals,"
                                  " created_at, updated_at, upstream, start_path, service_workers,"
                                  " volatile_metadata, idle_minutes, sessions_per_user, is_strict,"
                                  " top_level)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11,"
                                  " ?12, ?13, ?14, ?15)"},
    [SQL_PORTALS_OF_APPS] =
        {.sqlite = "SELECT slug, portals FROM apps WHERE portals <> '' ORDER BY slug"},
    [SQL_APP_LIST] = {.sqlite = "SELECT " COLUMNS(
                          APP_ROW) " FROM apps WHERE workspace_id = ?1"
                                   " AND id > coalesce(?2, x'') AND (?3 IS NULL OR slug = ?3)"
                                   " AND (?5 IS NULL OR " HAS("name", "5") " OR " HAS(
                                       "slug", "5") " OR id = ?6)"
                                                    " AND (?7 = '' OR instr(?7, hex(id)))"
                                                    " ORDER BY id LIMIT ?4"},
    [SQL_APP_UPDATE] = {.sqlite =
                            "UPDATE apps SET workspace_id = ?2, slug = ?3, name = ?4, portals = ?5,"
                            " updated_at = ?6, upstream = ?7, start_path = ?8,"
                            " service_workers = ?9, volatile_metadata = ?10,"
                            " idle_minutes = ?11, sessions_per_user = ?12, is_strict = ?13,"
                            " top_level = ?14 WHERE id = ?1"},
    [SQL_UPSTREAM_ADDRESSES_DELETE] = {.sqlite = "DELETE FROM upstream_addresses"
                                                 " WHERE app_id = ?1"},
    /* ?1 app, ?2 workspace, ?3 name of the environment, ?4 address */
    [SQL_UPSTREAM_ADDRESS_PUT] = {.sqlite =
                                      "INSERT INTO upstream_addresses (app_id, environment_id, url)"
                                      " SELECT ?1, id, ?4 FROM environments"
                                      " WHERE workspace_id = ?2 AND name = ?3"},
    [SQL_APP_DELETE] = {.sqlite = "DELETE FROM apps WHERE id = ?1"},
    [SQL_APP_LEAVE_GROUPS] = {.sqlite = "DELETE FROM group_apps WHERE app_id = ?1"},
    [SQL_APP_REVOKE_LINKS] = {.sqlite =
                                  "UPDATE links SET revoked_at = ?2 WHERE revoked_at IS NULL"
                                  " AND label IN (SELECT label FROM audiences WHERE app_id = ?1)"},
    [SQL_FACTS] = {.sqlite = "SELECT " COLUMNS(
                       FACTS_ROW) " FROM apps p JOIN workspaces w ON w.id = p.workspace_id"
                                  " LEFT JOIN users u ON u.id = ?2 WHERE p.id = ?1"},

    [SQL_AUDIENCE_INSERT] =
        {.sqlite = "INSERT INTO audiences (label, workspace_id, app_id, user_id, claims,"
                   " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (label) DO NOTHING"},
    [SQL_AUDIENCE_SET_METADATA] = {.sqlite = "UPDATE audiences SET volatile_metadata = ?2"
                                             " WHERE label = ?1 AND volatile_metadata IS NOT ?2"},
    [SQL_AUDIENCE_PORTALS] = {.sqlite = "SELECT p.portals, a.claims FROM audiences a"
                                        " JOIN apps p ON p.id = a.app_id WHERE a.label = ?1"},
    [SQL_AUDIENCE_IS_STRICT] = {.sqlite = "SELECT p.is_strict FROM audiences a"
                                          " JOIN apps p ON p.id = a.app_id WHERE a.label = ?1"},
    /* ?1 label, ?2 time: if somebody has asked since it was done last */
    [SQL_AUDIENCE_CLEAR] = {.sqlite = "UPDATE audiences SET cleared_at = ?2 WHERE label = ?1"
                                      " AND EXISTS (SELECT 1 FROM clearings c"
                                      "  WHERE c.app_id IN (audiences.app_id, x'')"
                                      "  AND c.user_id IN (audiences.user_id, x'')"
                                      "  AND c.asked_at > coalesce(audiences.cleared_at, 0))"},
    /* ?1 app and ?2 user, one of which may be NULL, ?3 time */
    [SQL_CLEARING_PUT] = {.sqlite = "INSERT INTO clearings (app_id, user_id, asked_at)"
                                    " VALUES (coalesce(?1, x''), coalesce(?2, x''), ?3)"
                                    " ON CONFLICT DO UPDATE SET asked_at = excluded.asked_at"},
    [SQL_APP_PORTALS] = {.sqlite = "SELECT portals FROM apps WHERE id = ?1"},

    [SQL_LINK_INSERT] = {.sqlite =
                             "INSERT INTO links (id, kind, label, digest, session_ms, created_at,"
                             " created_by, expires_at, path, theme, locale, volatile_metadata,"
                             " portal)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"},
    [SQL_LINK_REPLACE] =
        {.sqlite = "UPDATE links SET replaced_at = ?2 WHERE label = ?1 AND kind = 'reusable'"
                   " AND replaced_at IS NULL"},
    [SQL_LINK_BY_DIGEST] = {.sqlite =
                                "SELECT " COLUMNS(LINK_ROW) " FROM links g"
                                                            " JOIN audiences a ON a.label = g.label"
                                                            " WHERE g.digest = ?1"},
    [SQL_LINK_SPEND] = {.sqlite = "UPDATE links SET used_at = ?2, used_client = ?3"
                                  " WHERE id = ?1 AND used_at IS NULL"},

    [SQL_LINK_REVOKE] = {.sqlite = "UPDATE links SET revoked_at = ?2"
                                   " WHERE id = ?1 AND revoked_at IS NULL"},
    [SQL_LINK_REPORT] = {.sqlite = LINK_REPORT "WHERE g.id = ?2"},
    [SQL_LINK_LIST] = {.sqlite = LINK_LIST("")},
    [SQL_LINK_LIST_BY_USER] = {.sqlite = LINK_LIST("a.user_id = ?3 AND ")},
    [SQL_LINK_LIST_BY_APP] = {.sqlite = LINK_LIST("a.app_id = ?4 AND ")},

    [SQL_SESSION_INSERT] =
        {.sqlite = "INSERT INTO sessions (id, link_id, label, digest, address, user_agent,"
                   " created_at, expires_at, theme, locale)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
    [SQL_SESSION_BY_DIGEST] = {.sqlite = "SELECT " COLUMNS(SESSION_ROW) SESSION_JOIN
                               "WHERE s.digest = ?1"},
    /* All of them, and those that live. */
    [SQL_SESSIONS_COUNT_OF_LINK] = {.sqlite = "SELECT count(*), count(*) - count(ended_at)"
                                              " FROM sessions WHERE link_id = ?1"},
    [SQL_SESSION_BY_ID] = {.sqlite = "SELECT " COLUMNS(SESSION_ROW) SESSION_JOIN "WHERE s.id = ?1"},
    [SQL_SESSION_RENEW] = {.sqlite = "UPDATE sessions SET link_id = ?2, expires_at = ?3,"
                                     " theme = coalesce(?4, theme), locale = coalesce(?5, locale)"
                                     " WHERE id = ?1 AND ended_at IS NULL"},
    [SQL_SESSION_END] = {.sqlite = "UPDATE sessions SET ended_at = ?2, end_reason = ?3"
                                   " WHERE id = ?1 AND ended_at IS NULL"},
    [SQL_SESSION_USE] = {.sqlite = "UPDATE sessions SET used_at = ?2"
                                   " WHERE id = ?1 AND ended_at IS NULL"},
    [SQL_SESSIONS_USE_ALL] = {.sqlite =
                                  "UPDATE sessions SET used_at = ?2 WHERE ended_at IS NULL"
                                  " AND label IN (SELECT label FROM audiences WHERE app_id = ?1)"},
    /* The oldest ones of user ?2 in app ?3, so that one more may be there. Those of link ?4 are
     * left out, or NULL; and previews. */
    [SQL_SESSIONS_ABOVE_LIMIT] =
        {.sqlite = "SELECT s.id FROM audiences a JOIN sessions s ON s.label = a.label"
                   " WHERE a.user_id = ?2 AND a.app_id = ?3"
                   " AND s.ended_at IS NULL AND s.expires_at > ?1"
                   " AND (?4 IS NULL OR s.link_id <> ?4)"
                   " AND json_extract(a.claims, '$.preview') IS NULL"
                   " AND EXISTS (SELECT 1 FROM apps WHERE id = ?3 AND sessions_per_user > 0)"
                   " ORDER BY s.created_at DESC, s.id DESC"
                   " LIMIT ?5 OFFSET (SELECT sessions_per_user - 1 FROM apps WHERE id = ?3)"},
    /* Live ones, as ids. ?1 now. */
    [SQL_SESSIONS_OF_LINK] = {.sqlite = "SELECT id FROM sessions WHERE link_id = ?2"
                                        " AND ended_at IS NULL AND expires_at > ?1"},
    [SQL_SESSIONS_OF_LABEL] = {.sqlite = "SELECT id FROM sessions WHERE label = ?2"
                                         " AND ended_at IS NULL AND expires_at > ?1"},
    [SQL_SESSIONS_OF_USER] =
        {.sqlite = "SELECT s.id FROM audiences a JOIN sessions s ON s.label = a.label"
                   " WHERE a.user_id = ?3 AND " PARTY_FILTER
                   " AND s.ended_at IS NULL AND s.expires_at > ?1"},
    [SQL_SESSIONS_OF_APP] = {.sqlite =
                                 "SELECT s.id FROM audiences a JOIN sessions s ON s.label = a.label"
                                 " WHERE a.app_id = ?4 AND " PARTY_FILTER
                                 " AND s.ended_at IS NULL AND s.expires_at > ?1"},
    [SQL_SESSION_REPORT] = {.sqlite = SESSION_REPORT "WHERE s.id = ?2"},
    [SQL_SESSION_LIST] = {.sqlite = SESSION_LIST("")},
    [SQL_SESSION_LIST_BY_USER] = {.sqlite = SESSION_LIST("a.user_id = ?3 AND ")},
    [SQL_SESSION_LIST_BY_APP] = {.sqlite = SESSION_LIST("a.app_id = ?4 AND ")},

    [SQL_RELEASE_INSERT] =
        {.sqlite = "INSERT INTO releases (app_id, version, content_digest, created_at, created_by)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)"},
    [SQL_RELEASE_GET] = {.sqlite = "SELECT " COLUMNS(RELEASE_ROW) RELEASE_JOIN
                         "WHERE r.app_id = ?1 AND r.version = ?2"},
    [SQL_RELEASE_LIST] = {.sqlite = "SELECT " COLUMNS(RELEASE_ROW) RELEASE_JOIN
                          "WHERE r.app_id = ?1 AND r.id < ?2 ORDER BY r.id DESC LIMIT ?3"},
    [SQL_RELEASE_DELETE] = {.sqlite = "DELETE FROM releases WHERE app_id = ?1 AND version = ?2"
                                      " AND NOT EXISTS (SELECT 1 FROM apps"
                                      " WHERE id = ?1 AND current_version = ?2)"},
    [SQL_RELEASE_MAKE_CURRENT] = {.sqlite = "UPDATE apps SET current_version = ?2, updated_at = ?3"
                                            " WHERE id = ?1 AND EXISTS (SELECT 1 FROM releases"
                                            " WHERE app_id = ?1 AND version = ?2)"},
    [SQL_BRANCH_PUT] = {.sqlite = "INSERT INTO branches (app_id, name, content_digest, updated_at)"
                                  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (app_id, name) DO UPDATE"
                                  " SET content_digest = excluded.content_digest,"
                                  " updated_at = excluded.updated_at"},
    [SQL_BRANCH_GET] = {.sqlite = "SELECT " COLUMNS(BRANCH_ROW) BRANCH_JOIN
                        "WHERE b.app_id = ?1 AND b.name = ?2"},
    [SQL_BRANCH_LIST] = {.sqlite = "SELECT " COLUMNS(BRANCH_ROW) BRANCH_JOIN
                         "WHERE b.app_id = ?1 AND b.name > coalesce(?2, '')"
                         " ORDER BY b.name LIMIT ?3"},
    [SQL_BRANCH_DELETE] = {.sqlite = "DELETE FROM branches WHERE app_id = ?1 AND name = ?2"},

    /* A file that is there already, but has not been used for long, counts as new again: the sweep
     * must not take it away before the release that is being made names it. */
    [SQL_BLOB_PUT] = {.sqlite = "INSERT INTO blobs (digest, bytes, gzip, brotli, created_at)"
                                " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (digest) DO UPDATE"
                                " SET created_at = excluded.created_at"
                                " WHERE created_at < excluded.created_at - 1800000"},
    [SQL_CONTENT_INSERT] = {.sqlite = "INSERT INTO contents (digest, files, bytes, created_at)"
                                      " VALUES (?1, ?2, ?3, ?4)"},
    [SQL_CONTENT_FILE_INSERT] = {.sqlite = "INSERT INTO content_files"
                                           " (content_digest, path, blob_digest)"
                                           " VALUES (?1, ?2, ?3)"},
    [SQL_CONTENT_FILES] =
        {.sqlite = "SELECT " COLUMNS(
             CONTENT_FILE_ROW) " FROM content_files f JOIN blobs b ON b.digest = f.blob_digest"
                               " WHERE f.content_digest = ?1 ORDER BY f.path"},

    [SQL_CONTENT_EXISTS] = {.sqlite = "SELECT 1 FROM contents WHERE digest = ?1"},

    [SQL_EVENT_INSERT] =
        {.sqlite = "INSERT INTO events (at, type, workspace_id, actor_kind, actor_id, actor_name,"
                   " user_id, app_id, link_id, session_id, address, detail)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
    [SQL_EVENT_LIST] = {.sqlite = EVENT_LIST("workspace_id = ?1", " DESC")},
    [SQL_EVENT_LIST_BY_USER] = {.sqlite =
                                    EVENT_LIST("user_id = ?2 AND +workspace_id = ?1", " DESC")},
    [SQL_EVENT_LIST_BY_APP] = {.sqlite = EVENT_LIST("app_id = ?3 AND +workspace_id = ?1", " DESC")},
    [SQL_EVENT_LIST_BY_SESSION] = {.sqlite = EVENT_LIST("session_id = ?4 AND +workspace_id = ?1",
                                                        " DESC")},
    [SQL_EVENT_LIST_SINCE] = {.sqlite = EVENT_LIST("+workspace_id = ?1", "")},
    [SQL_EVENT_FLOOR] = {.sqlite = EVENT_FLOOR("workspace_id")},
    [SQL_EVENT_FLOOR_BY_USER] = {.sqlite = EVENT_FLOOR("user_id")},
    [SQL_EVENT_FLOOR_BY_APP] = {.sqlite = EVENT_FLOOR("app_id")},
    [SQL_EVENT_FLOOR_BY_SESSION] = {.sqlite = EVENT_FLOOR("session_id")},
    [SQL_EVENT_RANGE] = {.sqlite = "SELECT (SELECT min(id) FROM events),"
                                   " (SELECT max(id) FROM events)"},
    [SQL_EVENT_FROM] = {.sqlite = "SELECT id, at FROM events WHERE id >= ?1 ORDER BY id LIMIT 1"},

    /* Nothing is counted for a workspace that is gone. */
    [SQL_USAGE_COUNT] =
        {.sqlite = "INSERT INTO usage (workspace_id, hour, app_id, user_id, reason, count)"
                   " SELECT id, ?2, coalesce(?3, x''), coalesce(?4, x''), ?5, 1 FROM workspaces"
                   " WHERE id = ?1 ON CONFLICT (workspace_id, hour, app_id, user_id, reason)"
                   " DO UPDATE SET count = count + 1"},
    [SQL_USAGE] = {.sqlite = USAGE("workspace_id = ?1")},
    [SQL_USAGE_BY_APP] = {.sqlite = USAGE("app_id = ?2 AND +workspace_id = ?1")},
    [SQL_USAGE_BY_USER] = {.sqlite = USAGE("user_id = ?3 AND +workspace_id = ?1")},
    [SQL_USAGE_APPS] = {.sqlite = USAGE_APPS("workspace_id = ?1")},
    [SQL_USAGE_APPS_BY_APP] = {.sqlite = USAGE_APPS("app_id = ?2 AND +workspace_id = ?1")},
    [SQL_USAGE_APPS_BY_USER] = {.sqlite = USAGE_APPS("user_id = ?3 AND +workspace_id = ?1")},
    [SQL_USAGE_USERS] = {.sqlite = USAGE_USERS("workspace_id = ?1")},
    [SQL_USAGE_USERS_BY_APP] = {.sqlite = USAGE_USERS("app_id = ?2 AND +workspace_id = ?1")},
    [SQL_USAGE_USERS_BY_USER] = {.sqlite = USAGE_USERS("user_id = ?3 AND +workspace_id = ?1")},

    [SQL_USAGE_ORIGINS] = {.sqlite = USAGE_ORIGINS("workspace_id = ?1")},
    [SQL_USAGE_ORIGINS_BY_APP] = {.sqlite = USAGE_ORIGINS("app_id = ?2 AND +workspace_id = ?1")},
    [SQL_USAGE_ORIGINS_BY_USER] = {.sqlite = USAGE_ORIGINS("user_id = ?3 AND +workspace_id = ?1")},

    [SQL_STARTED] = {.sqlite = "SELECT " COLUMNS(STARTED_ROW)},

    [SQL_SWEEP_SESSIONS_EXPIRED] = {.sqlite = "SELECT " COLUMNS(SESSION_ROW) SESSION_JOIN
                                    "WHERE s.ended_at IS NULL AND s.expires_at <= ?1 LIMIT ?2"},
    /* ?3 is how long a use may take to be written down. */
    [SQL_SWEEP_SESSIONS_IDLE] =
        {.sqlite = "SELECT s.id FROM apps p CROSS JOIN audiences a ON a.app_id = p.id"
                   " CROSS JOIN sessions s ON s.label = a.label"
                   " WHERE p.idle_minutes > 0 AND s.ended_at IS NULL"
                   " AND max(coalesce(s.used_at, 0), s.created_at)"
                   " <= ?1 - p.idle_minutes * 60000 - ?3 LIMIT ?2"},
    [SQL_SWEEP_SESSIONS_LIVE] = {.sqlite = "SELECT " COLUMNS(SESSION_ROW) SESSION_JOIN
                                 "WHERE s.ended_at IS NULL AND s.id > ?1 ORDER BY s.id LIMIT ?2"},
    [SQL_SWEEP_SESSIONS_DELETE] = {.sqlite =
                                       "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions"
                                       " WHERE ended_at IS NOT NULL AND ended_at < ?1 LIMIT ?2)"},
    [SQL_SWEEP_LINKS] =
        {.sqlite = "SELECT " COLUMNS(
             SWEEP_LINK_ROW) " FROM links g WHERE g.expires_at > ?1 AND g.expires_at < ?2"
                             " ORDER BY g.expires_at LIMIT ?3"},
    [SQL_SWEEP_LINK_DELETE] = {.sqlite = "DELETE FROM links WHERE id = ?1 AND NOT EXISTS"
                                         " (SELECT 1 FROM sessions WHERE link_id = ?1)"},
    [SQL_SWEEP_AUDIENCE_DELETE] =
        {.sqlite = "DELETE FROM audiences WHERE label = ?1"
                   " AND cleared_at IS NULL AND NOT EXISTS (SELECT 1 FROM links WHERE label = ?1)"},
    [SQL_SWEEP_EVENTS_DELETE] = {.sqlite = "DELETE FROM events WHERE at < ?1"
                                           " AND id < (SELECT min(id) FROM events) + ?2"},
    [SQL_SWEEP_USAGE_DELETE] =
        {.sqlite = "DELETE FROM usage WHERE (workspace_id, hour, app_id, user_id, reason) IN"
                   " (SELECT u.workspace_id, u.hour, u.app_id, u.user_id, u.reason"
                   " FROM workspaces w JOIN usage u ON u.workspace_id = w.id"
                   " AND u.hour < ?1 / 3600000 LIMIT ?2)"},
    [SQL_SWEEP_ADMIN_SESSIONS] = {.sqlite = "DELETE FROM admin_sessions"
                                            " WHERE expires_at <= ?1 OR used_at <= ?2"},
    [SQL_SWEEP_SIGN_IN_FAILURES] = {.sqlite = "DELETE FROM sign_in_failures WHERE at < ?1"},
    [SQL_SWEEP_IDEMPOTENCY_DELETE] =
        {.sqlite = "DELETE FROM idempotency_keys WHERE key IN (SELECT key FROM idempotency_keys"
                   " WHERE created_at < ?1 LIMIT ?2)"},
    [SQL_SWEEP_CONTENTS_DELETE] =
        {.sqlite = "DELETE FROM contents WHERE digest IN (SELECT c.digest FROM contents c"
                   " WHERE c.created_at < ?1"
                   " AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.content_digest = c.digest)"
                   " AND NOT EXISTS (SELECT 1 FROM branches b WHERE b.content_digest = c.digest)"
                   " LIMIT ?2)"},
    [SQL_SWEEP_BLOBS_DELETE] =
        {.sqlite = "DELETE FROM blobs WHERE digest IN (SELECT b.digest FROM blobs b"
                   " WHERE b.created_at < ?1 AND NOT EXISTS"
                   " (SELECT 1 FROM content_files f WHERE f.blob_digest = b.digest) LIMIT ?2)"},
};
