#include "entry/revoke.h"
#include "api/v1/noun.h"

static const char *const grant_status_words[] = {"active",   "used",    "expired",
                                                 "replaced", "revoked", NULL};

void set_party(json_t *json, const struct uuid *app_id, const struct uuid *user_id,
               const struct party *party)
{
    json_t *app = json_object();
    json_t *user = json_object();
    api_json_set(app, "id", api_json_uuid(app_id));
    api_json_set(app, "slug", api_json_str(party->app_slug));
    api_json_set(user, "id", api_json_uuid(user_id));
    api_json_set(user, "email", api_json_str(party->user_email));
    api_json_set(user, "externalIdentifier", api_json_str(party->user_external_identifier));
    api_json_set(json, "app", app);
    api_json_set(json, "user", user);
}

json_t *claims_json(struct str claims)
{
    static const char *const members[] = {"groups", "metadata", "environment", "branch",
                                          "releaseVersion"};
    json_t *json = api_json_parsed(claims);
    REQUIRE(json_is_object(json));
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (json_object_get(json, members[i]) == NULL) {
            api_json_set(json, members[i], json_null());
        }
    }
    if (json_object_get(json, "preview") == NULL) {
        api_json_set(json, "preview", json_false());
    }
    return json;
}

static json_t *grant_json(const struct grant_report *report)
{
    const struct grant *grant = &report->grant;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&grant->id));
    api_json_set(json, "kind", json_string(grant->is_reusable ? "reusable" : "single-use"));
    api_json_set(json, "status", api_json_str(report->status));
    set_party(json, &grant->app_id, &grant->user_id, &report->party);
    api_json_set(json, "claims", claims_json(grant->claims));
    api_json_set(json, "sessionMinutes", json_integer(grant->session_ms / MINUTE_MS));
    api_json_set(json, "createdAt", api_json_time(grant->created_at_ms));
    api_json_set(json, "expiresAt", api_json_time(grant->expires_at_ms));
    api_json_set(json, "usedAt", api_json_time(grant->used_at_ms));
    api_json_set(json, "createdBy", api_json_str(grant->created_by));
    return json;
}

static enum err grant_param(struct api_call *call, struct grant_report *out_grant)
{
    struct uuid id;
    enum err err = api_query_none(call);
    if (!err) {
        err = api_param_uuid(call, 0, "grant", &id);
    }
    if (!err) {
        err = report_grant(&call->access, &id, out_grant);
    }
    if (!err && !enter_workspace(call, &out_grant->grant.workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "grant") : err;
}

enum err grants_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    struct report_filter filter = {
        .user_id = api_query_uuid(&query, "userId"),
        .app_id = api_query_uuid(&query, "appId"),
        .status = api_query_word(&query, "status", grant_status_words),
        .after = page.after_id,
        .limit = page_rows(&page),
    };
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct grant_report *grants =
        arena_alloc(call->access.arena, (size_t)filter.limit * sizeof(*grants));
    err = report_grants(&call->access, &filter, grants, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        append_item(items, grant_json(&grants[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

enum err grants_get(struct api_call *call)
{
    struct grant_report grant;
    enum err err = grant_param(call, &grant);
    return err ? err : api_reply_json(call, 200, grant_json(&grant));
}

enum err grants_revoke(struct api_call *call)
{
    struct grant_report grant;
    enum err err = grant_param(call, &grant);
    if (!err) {
        err = revoke_grant(&call->access, &grant.grant);
    }
    return err ? err : api_reply_empty(call);
}
