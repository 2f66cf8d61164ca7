/*
 * For the console: would a link open, and if not, why; and a link for the console's own page, which
 * shows the app as that user would see it.
 */
#include "model/app.h"
#include "model/row.h"
#include "model/user.h"
#include "api/mint.h"
#include "api/v1/noun.h"

struct preview {
    struct app app;
    struct user user; /* .id is UUID_NONE for an external one who is new */
    struct str app_id;
    struct str user_id;
    struct str email;
    struct str external_identifier;
    struct claims claims;
    struct str theme;
    struct str locale;
    struct str metadata; /* all of it */
    struct str portal;
    int64_t minutes;
    struct str path; /* where in the app the link leads; STR_NONE: to its start path */
};

static enum err preview_read(struct api_call *call, bool is_link, struct preview *out_preview)
{
    enum { MINUTES = 15, MINUTES_MAX = 60 };
    struct arena *arena = call->work.arena;
    struct fields in;
    enum err err = api_body_reader(call, &in);
    if (err) {
        return err;
    }
    struct preview preview = {
        .app_id = fields_str(&in, "appId", FIELD_REQUIRED, LIMIT_SLUG_BYTES),
        .user_id = mint_read_optional(&in, "userId", UUID_TEXT_SIZE - 1),
        .email = mint_read_optional(&in, "email", LIMIT_EMAIL_BYTES),
        .external_identifier =
            mint_read_optional(&in, "externalIdentifier", LIMIT_EXTERNAL_IDENTIFIER_BYTES),
        .claims = mint_read_claims(&in, arena, FIELD_OPTIONAL),
        .theme = is_link ? mint_read_theme(&in) : STR_NONE,
        .locale = is_link ? mint_read_locale(&in, arena) : STR_NONE,
        .portal = is_link ? STR_NONE : mint_read_portal(call, &in),
        .minutes = is_link ? fields_int(&in, "sessionMinutes", MINUTES, 1, MINUTES_MAX) : 0,
        .path = is_link ? mint_read_path(&in, "path", arena) : STR_NONE,
    };
    int users =
        (preview.user_id.len > 0) + (preview.email.len > 0) + (preview.external_identifier.len > 0);
    bool is_external = preview.external_identifier.len > 0;
    if (users != 1) {
        fields_refuse(&in, "userId", "or email or externalIdentifier is required, one of them.");
    }
    if (is_external && preview.claims.groups.ptr == NULL) {
        fields_refuse(&in, "groupIds", "are required with externalIdentifier.");
    }
    if (!is_external && (preview.claims.groups.len > 0 || preview.claims.metadata.len > 0)) {
        fields_refuse(&in, "groupIds",
                      "and metadata belong to an externalIdentifier: an internal user has "
                      "groups of their own.");
    }
    *out_preview = preview;
    return fields_end(&in, FIELDS_REFUSE_UNKNOWN);
}

static enum err find_user(struct api_call *call, struct preview *preview)
{
    struct work *work = &call->work;
    struct uuid id = UUID_NONE;
    enum err err = ERR_NOT_FOUND;
    if (preview->external_identifier.len > 0) {
        err = user_find_external(work, preview->external_identifier, &preview->user);
        if (err == ERR_NOT_FOUND) {
            preview->user = (struct user){.is_external = true,
                                          .is_active = true,
                                          .external_identifier = preview->external_identifier,
                                          .metadata = preview->metadata};
            return ERR_OK;
        }
    } else if (preview->email.len > 0) {
        err = user_find_by_email(work, preview->email, &preview->user);
    } else if (uuid_parse(preview->user_id, &id)) {
        err = user_find(work, &id, &preview->user);
        if (!err && !uuid_equal(&preview->user.workspace_id, &work->workspace_id)) {
            err = ERR_NOT_FOUND;
        }
    }
    return err == ERR_NOT_FOUND ? fault_set(&call->fault, ERR_NOT_FOUND, "user_unknown",
                                            "There is no such user in this workspace.")
                                : err;
}

/* What a mint would check, in its order and with its words. */
static enum err decide(struct api_call *call, struct preview *preview)
{
    enum err err = find_user(call, preview);
    if (!err && preview->claims.groups.ptr != NULL) {
        err = mint_check_groups(call, preview->claims.groups);
    }
    if (!err) {
        err = mint_decide(call, &preview->app.id, &preview->user.id,
                          uuid_is_none(&preview->user.id), &preview->claims);
    }
    return err ? err : mint_check_portal(call, &preview->app, preview->portal);
}

static enum err find_app(struct api_call *call, struct preview *preview)
{
    enum err err = app_find_here(&call->work, preview->app_id, &preview->app);
    if (!err) {
        err = api_check_app(call, &preview->app.id);
    }
    if (!err) {
        preview->metadata = preview->claims.metadata;
        claims_set_apart(&call->work, &preview->claims, preview->app.volatile_metadata);
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "app") : err;
}

/* ---- POST /api/v1/access-checks ---- */

struct group_between {
    int64_t id;
    struct str name;
    bool has_user;
    bool may_use;
};

static ROW_READER(between_from_row, group_between, GROUP_BETWEEN_ROW);

/* The groups that the user acts as, and those that may use the app. */
static enum err groups_json(struct api_call *call, const struct preview *preview,
                            json_t *out_groups)
{
    struct work *work = &call->work;
    struct rows rows =
        store_query(work->store, SQL_GROUPS_BETWEEN,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(&preview->app.id),
                             sql_uuid(&preview->user.id), sql_text(preview->claims.groups),
                             sql_int(LIMIT_PAGE_ITEMS)));
    while (rows_next(&rows)) {
        struct group_between between;
        json_t *group = json_object();
        between_from_row(work, &rows, &between);
        api_json_set(group, "id", json_integer(between.id));
        api_json_set(group, "name", api_json_str(between.name));
        api_json_set(group, "hasUser", json_boolean(between.has_user));
        api_json_set(group, "mayUseApp", json_boolean(between.may_use));
        noun_append_item(out_groups, group);
    }
    return work_store_fault(work, rows_end(&rows));
}

enum err previews_check(struct api_call *call)
{
    struct preview preview;
    enum err err = preview_read(call, false, &preview);
    if (!err) {
        err = find_app(call, &preview);
    }
    if (err) {
        return err;
    }
    err = decide(call, &preview);
    if (err == ERR_BUSY || err == ERR_STORAGE || err == ERR_INTERNAL) {
        return err;
    }
    bool is_allowed = err == ERR_OK;
    json_t *groups = json_array();
    json_t *json = json_object();
    api_json_set(json, "allowed", json_boolean(is_allowed));
    api_json_set(json, "reason", json_string(is_allowed ? "allowed" : call->fault.code));
    api_json_set(json, "message",
                 json_string(is_allowed ? "The link would open." : call->fault.message));
    api_json_set(json, "userId", api_json_uuid(&preview.user.id));
    api_json_set(json, "groups", groups);
    api_json_set(json, "warnings", mint_warnings(&preview.app, preview.portal));
    err = groups_json(call, &preview, groups);
    if (err) {
        json_decref(json);
        return err;
    }
    return api_reply_json(call, 200, json);
}

/* ---- POST /api/v1/previews ---- */

enum err previews_create(struct api_call *call)
{
    struct work *work = &call->work;
    struct preview preview;
    struct link link;
    struct secret secret;
    enum err err = preview_read(call, true, &preview);
    if (!err) {
        err = find_app(call, &preview);
    }
    if (!err) {
        work->subject.app_id = preview.app.id;
        preview.claims.is_preview = true;
        err = decide(call, &preview);
    }
    if (!err) {
        err = link_limit(work, preview.app_id, work->instance->settings->embed_limit_per_minute);
    }
    /* A user who is known stays as the portal has told. */
    if (!err && uuid_is_none(&preview.user.id)) {
        err = user_put_external(work, &preview.user);
    }
    if (err) {
        return err;
    }
    struct link_new new_link = {
        .is_reusable = false,
        .app_id = preview.app.id,
        .user_id = preview.user.id,
        .claims = preview.claims,
        .theme = preview.theme,
        .locale = preview.locale,
        .path = preview.path,
        .session_ms = preview.minutes * MINUTE_MS,
        .expires_at_ms = work->now_ms + work->instance->settings->embed_link_seconds * 1000,
    };
    err = link_create(work, &new_link, &link, &secret);
    if (err) {
        return err;
    }
    struct str origin = mint_origin(call, link.label);
    struct str url = arena_printf(work->arena, STR_FMT "/_inlay/embed/" STR_FMT, STR_ARG(origin),
                                  STR_ARG(mint_word(&preview.app, &secret)));
    json_t *json = json_object();
    api_json_set(json, "url", api_json_str(url));
    api_json_set(json, "secret",
                 preview.app.is_strict ? api_json_str(secret_str(&secret)) : json_null());
    secret_done(&secret);
    api_json_set(json, "origin", api_json_str(origin));
    api_json_set(json, "linkId", api_json_uuid(&link.id));
    api_json_set(json, "userId", api_json_uuid(&preview.user.id));
    api_json_set(json, "expiresAt", api_json_time(link.expires_at_ms));
    return api_reply_json(call, 201, json);
}
