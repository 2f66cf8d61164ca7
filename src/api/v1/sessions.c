#include "entry/revoke.h"
#include "api/mint.h"
#include "api/v1/noun.h"

static const char *const session_status_words[] = {"active", "ended", NULL};

static json_t *session_json(struct api_call *call, const struct listed_session *report)
{
    const struct session *session = &report->session;
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&session->id));
    api_json_set(json, "status", api_json_str(report->status));
    links_set_party(json, &session->app_id, &session->user_id, &report->party);
    api_json_set(json, "linkId", api_json_uuid(&session->link_id));
    api_json_set(json, "claims", links_claims_json(session->claims));
    api_json_set(json, "origin", api_json_str(mint_origin(call, session->label)));
    api_json_set(json, "address", api_json_str(session->address));
    api_json_set(json, "userAgent", api_json_str(session->user_agent));
    api_json_set(json, "createdAt", api_json_time(session->created_at_ms));
    api_json_set(json, "expiresAt", api_json_time(session->expires_at_ms));
    api_json_set(json, "endedAt", api_json_time(session->ended_at_ms));
    api_json_set(json, "endReason", api_json_str(session->end_reason));
    return json;
}

static enum err session_param(struct api_call *call, struct listed_session *out_session)
{
    struct uuid id;
    enum err err = api_query_none(call);
    if (!err) {
        err = api_param_uuid(call, 0, "session", &id);
    }
    if (!err) {
        err = listing_session(&call->work, &id, out_session);
    }
    if (!err && !noun_enter_workspace(call, &out_session->session.workspace_id)) {
        err = ERR_NOT_FOUND;
    }
    return err == ERR_NOT_FOUND ? api_not_found(call, "session") : err;
}

enum err sessions_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_id(&query);
    struct listing_filter filter = {
        .user_id = api_query_uuid(&query, "userId"),
        .app_id = api_query_uuid(&query, "appId"),
        .status = api_query_word(&query, "status", session_status_words),
        .after = page.after_id,
        .limit = noun_page_rows(&page),
    };
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct listed_session *sessions =
        arena_alloc(call->work.arena, (size_t)filter.limit * sizeof(*sessions));
    err = listing_sessions(&call->work, &filter, sessions, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        noun_append_item(items, session_json(call, &sessions[i]));
    }
    return api_reply_list(call, items, &page, "id");
}

enum err sessions_end(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct uuid user_id = api_query_uuid(&query, "userId");
    struct uuid app_id = api_query_uuid(&query, "appId");
    int64_t ended = 0;
    if (uuid_is_none(&user_id) && uuid_is_none(&app_id)) {
        api_query_refuse(&query, "userId", "or \"appId\" must say whose sessions end");
    }
    enum err err = api_query_end(&query);
    if (!err) {
        err = revoke_sessions(&call->work, &user_id, &app_id, &ended);
    }
    return err ? err : api_reply_json(call, 200, json_pack("{s:I}", "ended", (json_int_t)ended));
}

enum err sessions_get(struct api_call *call)
{
    struct listed_session session;
    enum err err = session_param(call, &session);
    return err ? err : api_reply_json(call, 200, session_json(call, &session));
}

enum err sessions_revoke(struct api_call *call)
{
    struct listed_session session;
    enum err err = session_param(call, &session);
    if (!err) {
        err = revoke_session(&call->work, &session.session);
    }
    return err ? err : api_reply_empty(call);
}
