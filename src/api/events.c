#include "api/noun.h"

static json_t *event_json(const struct event_report *event)
{
    json_t *json = json_object();
    json_t *actor = json_object();
    api_json_set(actor, "kind", api_json_str(event->actor_kind));
    api_json_set(actor, "id", api_json_str(event->actor_id));
    api_json_set(actor, "name", api_json_str(event->actor_name));
    api_json_set(json, "id", json_integer(event->id));
    api_json_set(json, "at", api_json_time(event->at_ms));
    api_json_set(json, "type", api_json_str(event->type));
    api_json_set(json, "workspaceId", api_json_uuid(&event->workspace_id));
    api_json_set(json, "actor", actor);
    api_json_set(json, "userId", api_json_uuid(&event->user_id));
    api_json_set(json, "appId", api_json_uuid(&event->app_id));
    api_json_set(json, "grantId", api_json_uuid(&event->grant_id));
    api_json_set(json, "sessionId", api_json_uuid(&event->session_id));
    api_json_set(json, "address", api_json_str(event->address));
    api_json_set(json, "detail",
                 event->detail.ptr == NULL ? json_object() : api_json_parsed(event->detail));
    return json;
}

enum err events_list(struct api_call *call)
{
    struct api_query query = api_query_start(call);
    struct api_page page = api_page_by_number(&query);
    struct report_filter filter = {
        .user_id = api_query_uuid(&query, "userId"),
        .app_id = api_query_uuid(&query, "appId"),
        .session_id = api_query_uuid(&query, "sessionId"),
        .type = api_query_str(&query, "type"),
        .after_number = page.after_number,
        .limit = page_rows(&page),
    };
    size_t count = 0;
    enum err err = api_query_end(&query);
    if (err) {
        return err;
    }
    struct event_report *events =
        arena_alloc(call->access.arena, (size_t)filter.limit * sizeof(*events));
    err = report_events(&call->access, &filter, events, &count);
    if (err) {
        return err;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++) {
        append_item(items, event_json(&events[i]));
    }
    return api_reply_list(call, items, &page, "id");
}
