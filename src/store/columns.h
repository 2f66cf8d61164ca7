/*
 * What a row has: one macro for each type of row, which makes both the columns of its statements
 * and its reader, so that nobody counts positions and the two cannot differ.
 *
 *     #define PET_ROW(FIRST, NEXT)                                                   a list of
 *         FIRST(UUID, id, "p.id")                                                    type, member,
 *         NEXT(BOOL, is_cat, "p.kind = 'cat'")                                       and SQL
 *
 *     [SQL_PET_LIST] = {.sqlite = "SELECT " COLUMNS(PET_ROW) " FROM pets p …"},      in sql.c
 *     static ROW_READER(pet_from_row, pet, PET_ROW);                                 see
 * model/row.h
 *
 * Types: UUID, INT, BOOL (not 0), TEXT (or bytes; copied), BORROWED (the same, valid until the next
 * row), and DIGEST. Further columns may follow those of a row: the first of them is number
 * COLUMN_COUNT(PET_ROW).
 */
#ifndef INLAY_STORE_COLUMNS_H
#define INLAY_STORE_COLUMNS_H

#define COLUMNS(row) row(COLUMN_FIRST, COLUMN_NEXT)
#define COLUMN_FIRST(type, member, sql) sql
#define COLUMN_NEXT(type, member, sql) ", " sql

#define COLUMN_COUNT(row) (row(COLUMN_ONE, COLUMN_ONE) 0)
#define COLUMN_ONE(type, member, sql) 1 +

/* clang-format off */

#define WORKSPACE_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "id") \
    NEXT(TEXT, name, "name") \
    NEXT(TEXT, status, "status") \
    NEXT(INT, created_at_ms, "created_at")

#define ENVIRONMENT_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "id") \
    NEXT(UUID, workspace_id, "workspace_id") \
    NEXT(TEXT, name, "name") \
    NEXT(TEXT, config, "config") \
    NEXT(INT, created_at_ms, "created_at") \
    NEXT(INT, updated_at_ms, "updated_at")

#define SIGNING_KEY_ROW(FIRST, NEXT) \
    FIRST(BORROWED, id, "id") \
    NEXT(BORROWED, public_bytes, "public") \
    NEXT(INT, created_at_ms, "created_at") \
    NEXT(INT, signs_at_ms, "signs_at") \
    NEXT(INT, retires_at_ms, "retires_at")

#define SIGNING_PAIR_ROW(FIRST, NEXT) \
    FIRST(BORROWED, id, "id") \
    NEXT(BORROWED, public_bytes, "public") \
    NEXT(BORROWED, private_bytes, "private")

#define TOKEN_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "t.id") \
    NEXT(UUID, workspace_id, "t.workspace_id") \
    NEXT(TEXT, name, "t.name") \
    NEXT(TEXT, description, "t.description") \
    NEXT(TEXT, scopes, "t.scopes") \
    NEXT(TEXT, last4, "t.last4") \
    NEXT(INT, created_at_ms, "t.created_at") \
    NEXT(TEXT, created_by, "t.created_by") \
    NEXT(INT, last_used_at_ms, "t.last_used_at") \
    NEXT(TEXT, portals, "t.portals") \
    NEXT(TEXT, apps, "t.apps") \
    NEXT(INT, expires_at_ms, "t.expires_at") \
    NEXT(TEXT, last_used_address, "t.last_used_address")

#define ADMIN_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "a.id") \
    NEXT(UUID, workspace_id, "a.workspace_id") \
    NEXT(TEXT, email, "a.email") \
    NEXT(TEXT, role, "a.role") \
    NEXT(TEXT, password, "a.password") \
    NEXT(TEXT, totp_secret, "a.totp_secret") \
    NEXT(TEXT, totp_pending, "a.totp_pending") \
    NEXT(INT, totp_step, "a.totp_step") \
    NEXT(TEXT, recovery, "a.recovery") \
    NEXT(INT, created_at_ms, "a.created_at") \
    NEXT(TEXT, created_by, "a.created_by") \
    NEXT(INT, signed_in_at_ms, "a.signed_in_at")

#define ADMIN_SESSION_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "s.id") \
    NEXT(TEXT, address, "s.address") \
    NEXT(TEXT, user_agent, "s.user_agent") \
    NEXT(INT, created_at_ms, "s.created_at") \
    NEXT(INT, used_at_ms, "s.used_at") \
    NEXT(INT, expires_at_ms, "s.expires_at") \
    NEXT(UUID, admin_id, "s.admin_id") \
    NEXT(TEXT, email, "a.email") \
    NEXT(TEXT, role, "a.role") \
    NEXT(UUID, workspace_id, "a.workspace_id")

#define IDEMPOTENCY_ROW(FIRST, NEXT) \
    FIRST(TEXT, request, "request") \
    NEXT(INT, status, "status") \
    NEXT(TEXT, sealed, "response") \
    NEXT(TEXT, etag, "etag")

#define USER_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "id") \
    NEXT(BOOL, is_external, "kind = 'external'") \
    NEXT(TEXT, email, "email") \
    NEXT(TEXT, first_name, "first_name") \
    NEXT(TEXT, last_name, "last_name") \
    NEXT(TEXT, external_identifier, "external_identifier") \
    NEXT(TEXT, metadata, "metadata") \
    NEXT(BOOL, is_active, "status = 'active'") \
    NEXT(INT, created_at_ms, "created_at") \
    NEXT(INT, updated_at_ms, "updated_at") \
    NEXT(UUID, workspace_id, "workspace_id")

#define BRAND_ROW(FIRST, NEXT) \
    FIRST(UUID, workspace_id, "w.id") \
    NEXT(TEXT, look.name, "b.name") \
    NEXT(TEXT, look.color, "b.color") \
    NEXT(TEXT, look.support, "b.support") \
    NEXT(TEXT, look.logo, "b.logo_name")

#define GROUP_ROW(FIRST, NEXT) \
    FIRST(INT, id, "g.id") \
    NEXT(UUID, workspace_id, "g.workspace_id") \
    NEXT(TEXT, name, "g.name") \
    NEXT(INT, created_at_ms, "g.created_at") \
    NEXT(INT, member_count, "(SELECT count(*) FROM group_members m WHERE m.group_id = g.id)") \
    NEXT(INT, app_count, "(SELECT count(*) FROM group_apps ga WHERE ga.group_id = g.id)")

/* Between an app and a user. */
#define GROUP_BETWEEN_ROW(FIRST, NEXT) \
    FIRST(INT, id, "id") \
    NEXT(BORROWED, name, "name") \
    NEXT(BOOL, has_user, "has_user") \
    NEXT(BOOL, may_use, "may_use")

#define APP_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "id") \
    NEXT(UUID, workspace_id, "workspace_id") \
    NEXT(TEXT, slug, "slug") \
    NEXT(TEXT, name, "name") \
    NEXT(KIND, kind, "kind") \
    NEXT(TEXT, portals, "portals") \
    NEXT(TEXT, start_path, "start_path") \
    NEXT(TEXT, service_workers, "service_workers") \
    NEXT(TEXT, volatile_metadata, "volatile_metadata") \
    NEXT(INT, idle_minutes, "idle_minutes") \
    NEXT(INT, sessions_per_user, "sessions_per_user") \
    NEXT(BOOL, is_strict, "is_strict") \
    NEXT(TEXT, top_level, "top_level") \
    NEXT(TEXT, current_version, "current_version") \
    NEXT(INT, created_at_ms, "created_at") \
    NEXT(INT, updated_at_ms, "updated_at") \
    NEXT(TEXT, upstream, "upstream") \
    NEXT(TEXT, upstream_addresses, \
         "(SELECT json_group_object(e.name, x.url) FROM upstream_addresses x" \
         " JOIN environments e ON e.id = x.environment_id WHERE x.app_id = apps.id)")

#define RELEASE_ROW(FIRST, NEXT) \
    FIRST(INT, number, "r.id") \
    NEXT(UUID, app_id, "r.app_id") \
    NEXT(TEXT, version, "r.version") \
    NEXT(BOOL, is_current, "r.version IS p.current_version") \
    NEXT(DIGEST, content, "r.content_digest") \
    NEXT(INT, files, "c.files") \
    NEXT(INT, bytes, "c.bytes") \
    NEXT(INT, created_at_ms, "r.created_at") \
    NEXT(TEXT, created_by, "r.created_by")

#define BRANCH_ROW(FIRST, NEXT) \
    FIRST(UUID, app_id, "b.app_id") \
    NEXT(TEXT, name, "b.name") \
    NEXT(DIGEST, content, "b.content_digest") \
    NEXT(INT, files, "c.files") \
    NEXT(INT, bytes, "c.bytes") \
    NEXT(INT, updated_at_ms, "b.updated_at")

#define CONTENT_FILE_ROW(FIRST, NEXT) \
    FIRST(BORROWED, path, "f.path") \
    NEXT(DIGEST, digest, "b.digest") \
    NEXT(BORROWED, bytes, "b.bytes") \
    NEXT(BORROWED, gzip, "b.gzip") \
    NEXT(BORROWED, brotli, "b.brotli")

/* What the access decision is made from: ?1 app, ?2 user, ?3 groups as a JSON array or NULL for the
 * user's own, ?4 environment, ?5 branch or NULL, ?6 release or NULL. */
#define FACTS_ROW(FIRST, NEXT) \
    FIRST(UUID, app_workspace_id, "p.workspace_id") \
    NEXT(BOOL, workspace_active, "w.status = 'active'") \
    NEXT(UUID, user_workspace_id, "u.workspace_id") \
    NEXT(BOOL, user_active, "u.status = 'active'") \
    NEXT(BOOL, may_use, \
         "CASE WHEN ?3 IS NULL" \
         "  THEN EXISTS (SELECT 1 FROM group_members m JOIN group_apps ga" \
         "   ON ga.app_id = p.id AND ga.group_id = m.group_id WHERE m.user_id = ?2)" \
         "  ELSE EXISTS (SELECT 1 FROM json_each(?3) j JOIN group_apps ga" \
         "   ON ga.app_id = p.id AND ga.group_id = j.value) END") \
    NEXT(BOOL, environment_exists, \
         "EXISTS (SELECT 1 FROM environments e" \
         "  WHERE e.workspace_id = p.workspace_id AND e.name = ?4)") \
    NEXT(BORROWED, content, \
         "CASE WHEN ?5 IS NOT NULL" \
         "  THEN (SELECT b.content_digest FROM branches b WHERE b.app_id = p.id AND b.name = ?5)" \
         "  ELSE (SELECT r.content_digest FROM releases r WHERE r.app_id = p.id" \
         "   AND r.version = coalesce(?6, p.current_version)) END") \
    NEXT(TEXT, portals, "p.portals") \
    NEXT(TEXT, service_workers, "p.service_workers") \
    NEXT(INT, idle_minutes, "p.idle_minutes") \
    NEXT(TEXT, top_level, "p.top_level") \
    NEXT(KIND, kind, "p.kind") \
    NEXT(BORROWED, upstream, "p.upstream") \
    NEXT(BORROWED, upstream_url, \
         "(SELECT x.url FROM upstream_addresses x JOIN environments e" \
         "  ON e.id = x.environment_id WHERE x.app_id = p.id AND e.name = ?4)")

#define LINK_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "g.id") \
    NEXT(BOOL, is_reusable, "g.kind = 'reusable'") \
    NEXT(TEXT, label, "g.label") \
    NEXT(INT, session_ms, "g.session_ms") \
    NEXT(TEXT, volatile_metadata, "g.volatile_metadata") \
    NEXT(TEXT, portal, "g.portal") \
    NEXT(TEXT, path, "coalesce(g.path, (SELECT p.start_path FROM apps p WHERE p.id = a.app_id))") \
    NEXT(TEXT, theme, "g.theme") \
    NEXT(TEXT, locale, "g.locale") \
    NEXT(BOOL, is_strict, "(SELECT p.is_strict FROM apps p WHERE p.id = a.app_id)") \
    NEXT(INT, created_at_ms, "g.created_at") \
    NEXT(TEXT, created_by, "g.created_by") \
    NEXT(INT, expires_at_ms, "g.expires_at") \
    NEXT(INT, used_at_ms, "g.used_at") \
    NEXT(DIGEST, used_client, "g.used_client") \
    NEXT(INT, replaced_at_ms, "g.replaced_at") \
    NEXT(INT, revoked_at_ms, "g.revoked_at") \
    NEXT(UUID, workspace_id, "a.workspace_id") \
    NEXT(UUID, app_id, "a.app_id") \
    NEXT(UUID, user_id, "a.user_id") \
    NEXT(TEXT, claims, "a.claims")

#define SESSION_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "s.id") \
    NEXT(UUID, link_id, "s.link_id") \
    NEXT(TEXT, label, "s.label") \
    NEXT(TEXT, address, "s.address") \
    NEXT(TEXT, user_agent, "s.user_agent") \
    NEXT(INT, created_at_ms, "s.created_at") \
    NEXT(INT, used_at_ms, "s.used_at") \
    NEXT(INT, expires_at_ms, "s.expires_at") \
    NEXT(INT, ended_at_ms, "s.ended_at") \
    NEXT(TEXT, end_reason, "s.end_reason") \
    NEXT(TEXT, theme, "s.theme") \
    NEXT(TEXT, locale, "s.locale") \
    NEXT(BOOL, link_revoked, "g.revoked_at") \
    NEXT(TEXT, portal, "g.portal") \
    NEXT(UUID, workspace_id, "a.workspace_id") \
    NEXT(UUID, app_id, "a.app_id") \
    NEXT(UUID, user_id, "a.user_id") \
    NEXT(TEXT, claims, "a.claims") \
    NEXT(TEXT, volatile_metadata, "a.volatile_metadata")

/* As decision_make() ranks them. ?1 is the time. */
#define LINK_STATUS \
    "CASE WHEN g.revoked_at IS NOT NULL THEN 'revoked'" \
    " WHEN g.replaced_at IS NOT NULL THEN 'replaced'" \
    " WHEN g.kind = 'single-use' AND g.used_at IS NOT NULL THEN 'used'" \
    " WHEN g.expires_at <= ?1 THEN 'expired' ELSE 'active' END"

/* ?1 is the time: who is past it has ended, even if nobody has written that down yet. */
#define SESSION_STATUS \
    "CASE WHEN s.ended_at IS NULL AND s.expires_at > ?1 THEN 'active' ELSE 'ended' END"

/* What a list has besides the link or session: its status, and whom and what it is about. */
#define REPORT_ROW(FIRST, NEXT, status_sql) \
    FIRST(TEXT, status, status_sql) \
    NEXT(TEXT, party.app_slug, "p.slug") \
    NEXT(TEXT, party.user_email, "u.email") \
    NEXT(TEXT, party.user_external_identifier, "u.external_identifier")
#define LINK_REPORT_ROW(FIRST, NEXT) REPORT_ROW(FIRST, NEXT, LINK_STATUS)
#define SESSION_REPORT_ROW(FIRST, NEXT) REPORT_ROW(FIRST, NEXT, SESSION_STATUS)

#define SWEEP_LINK_ROW(FIRST, NEXT) \
    FIRST(UUID, id, "g.id") \
    NEXT(TEXT, label, "g.label") \
    NEXT(INT, expires_at_ms, "g.expires_at") \
    NEXT(BOOL, in_use, "EXISTS (SELECT 1 FROM sessions s WHERE s.link_id = g.id)")

#define EVENT_ROW(FIRST, NEXT) \
    FIRST(INT, id, "id") \
    NEXT(INT, at_ms, "at") \
    NEXT(TEXT, type, "type") \
    NEXT(UUID, workspace_id, "workspace_id") \
    NEXT(TEXT, actor_kind, "actor_kind") \
    NEXT(TEXT, actor_id, "actor_id") \
    NEXT(TEXT, actor_name, "actor_name") \
    NEXT(UUID, user_id, "user_id") \
    NEXT(UUID, app_id, "app_id") \
    NEXT(UUID, link_id, "link_id") \
    NEXT(UUID, session_id, "session_id") \
    NEXT(TEXT, address, "address") \
    NEXT(TEXT, detail, "detail")

/* ?6 is how many hours a step has. */
#define USAGE_SUM_ROW(FIRST, NEXT) \
    FIRST(INT, step, "hour / ?6") \
    NEXT(BORROWED, reason, "reason") \
    NEXT(INT, count, "sum(count)") \
    NEXT(INT, users, "count(DISTINCT user_id)")

#define USAGE_SHARE_ROW(FIRST, NEXT, name_sql, other_name_sql) \
    FIRST(UUID, id, "s.id") \
    NEXT(TEXT, name, name_sql) \
    NEXT(TEXT, other_name, other_name_sql) \
    NEXT(INT, views, "s.views") \
    NEXT(INT, others, "s.others") \
    NEXT(INT, denials, "s.denials")
#define USAGE_APP_ROW(FIRST, NEXT) USAGE_SHARE_ROW(FIRST, NEXT, "p.slug", "p.name")
#define USAGE_USER_ROW(FIRST, NEXT) USAGE_SHARE_ROW(FIRST, NEXT, "u.email", "u.external_identifier")

/* How many origins a user has had in an app. */
#define USAGE_ORIGINS_ROW(FIRST, NEXT) \
    FIRST(UUID, app_id, "s.app_id") \
    NEXT(TEXT, app_slug, "p.slug") \
    NEXT(UUID, user_id, "s.user_id") \
    NEXT(TEXT, user_email, "u.email") \
    NEXT(TEXT, user_external_identifier, "u.external_identifier") \
    NEXT(INT, origins, "s.origins")

/* Which of the first steps were done in workspace ?1. */
#define STARTED_ROW(FIRST, NEXT) \
    FIRST(BOOL, app, "EXISTS (SELECT 1 FROM apps WHERE workspace_id = ?1)") \
    NEXT(BOOL, portal, "EXISTS (SELECT 1 FROM apps WHERE workspace_id = ?1 AND portals <> '')") \
    NEXT(BOOL, api_token, \
         "EXISTS (SELECT 1 FROM api_tokens WHERE workspace_id = ?1" \
         "  AND created_by IS NOT 'setup')") \
    NEXT(BOOL, link, \
         "EXISTS (SELECT 1 FROM apps p JOIN audiences a ON a.app_id = p.id" \
         "  WHERE p.workspace_id = ?1)") \
    NEXT(BOOL, view, "EXISTS (SELECT 1 FROM usage WHERE workspace_id = ?1 AND reason = '')")

/* clang-format on */

#endif
