#include "entry/clearing.h"
#include "entry/revoke.h"
#include "api/mint.h"
#include "api/v1/noun.h"

static const char *const session_status_words[] = {"active", "ended", NULL};

static json_t *sessions_json(struct api_call *call, const void *row)
{
    const struct listed_session *report = row;
    const struct session *session = &report->session;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&session->id));
    api_json_set(json, "status", api_json_str(report->status));
    links_set_party(json, &session->app_id, &session->user_id, &report->party);
    api_json_set(json, "linkId", api_json_uuid(&session->link_id));
    api_json_set(json, "claims", links_claims_json(session->claims));
    api_json_set(json, "origin", api_json_str(mint_origin(call, session->label)));
    api_json_set(json, "portalOrigin", api_json_str(session->portal));
    api_json_set(json, "address", api_json_str(session->address));
    api_json_set(json, "userAgent", api_json_str(session->user_agent));
    api_json_set(json, "theme", api_json_str(session->theme));
    api_json_set(json, "locale", api_json_str(session->locale));
    api_json_set(json, "createdAt", api_json_time(session->created_at_ms));
    api_json_set(json, "lastUsedAt", api_json_time(session->used_at_ms));
    api_json_set(json, "expiresAt", api_json_time(session->expires_at_ms));
    api_json_set(json, "endedAt", api_json_time(session->ended_at_ms));
    api_json_set(json, "endReason", api_json_str(session->end_reason));
    return json;
}

static enum err sessions_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? listing_session(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static enum err sessions_list(struct api_query *query, const struct api_page *page, void *out_rows,
                              size_t *out_count)
{
    struct listing_filter filter = {
        .user_id = api_query_uuid(query, "userId"),
        .app_id = api_query_uuid(query, "appId"),
        .status = api_query_word(query, "status", session_status_words),
        .after = page->after_id,
        .limit = noun_page_rows(page),
    };
    enum err err = api_query_end(query);
    return err ? err : listing_sessions(&query->call->work, &filter, out_rows, out_count);
}

/* "true" or "false". */
static bool read_clears(struct api_query *query)
{
    static const char *const words[] = {"true", "false", NULL};
    return str_equal(api_query_word(query, "clearStorage", words), STR("true"));
}

enum err sessions_end_one(struct api_call *call)
{
    struct listed_session report;
    struct api_query query = api_query_start(call);
    bool clears = read_clears(&query);
    enum err err = api_query_end(&query);
    if (!err) {
        err = noun_find(call, &sessions_noun, 0, &report);
    }
    if (!err) {
        err = noun_check_version(call, &sessions_noun, &report);
    }
    if (!err) {
        err = revoke_session(&call->work, &report.session);
    }
    if (!err && clears) {
        err = clearing_ask(&call->work, &report.session.user_id, &report.session.app_id);
    }
    return err ? err : api_reply_empty(call);
}

const struct noun sessions_noun = {
    .name = "session",
    .size = sizeof(struct listed_session),
    .workspace_at = offsetof(struct listed_session, session.workspace_id),
    .list = sessions_list,
    .page = api_page_by_id,
    .find = sessions_find,
    .json = sessions_json,
};

static enum err ask_clearing(struct api_call *call, const struct uuid *user_id,
                             const struct uuid *app_id)
{
    enum err err = clearing_ask(&call->work, user_id, app_id);
    return err == ERR_NOT_FOUND ? api_not_found(call, uuid_is_none(app_id) ? "user" : "app or user")
                                : err;
}

enum err storage_clear(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct uuid user_id = api_query_uuid(&query, "userId");
    struct uuid app_id = api_query_uuid(&query, "appId");
    if (uuid_is_none(&user_id) && uuid_is_none(&app_id)) {
        api_query_refuse(&query, "userId", "or \"appId\" must say whose storage is cleared");
    }
    enum err err = api_query_end(&query);
    if (!err) {
        err = ask_clearing(call, &user_id, &app_id);
    }
    return err ? err : api_reply_empty(call);
}

enum err sessions_end(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct uuid user_id = api_query_uuid(&query, "userId");
    struct uuid app_id = api_query_uuid(&query, "appId");
    bool clears = read_clears(&query);
    int64_t ended = 0;
    if (uuid_is_none(&user_id) && uuid_is_none(&app_id)) {
        api_query_refuse(&query, "userId", "or \"appId\" must say whose sessions end");
    }
    enum err err = api_query_end(&query);
    if (!err && clears) {
        err = ask_clearing(call, &user_id, &app_id);
    }
    if (!err) {
        err = revoke_sessions(&call->work, &user_id, &app_id, &ended);
    }
    return err ? err : api_reply_json(call, 200, json_pack("{s:I}", "ended", (json_int_t)ended));
}
