#include "access/event.h"

const char *actor_kind_name(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_API_TOKEN:
        return "api_token";
    case ACTOR_USER:
        return "user";
    case ACTOR_LOCAL:
        return "local";
    case ACTOR_SYSTEM:
        break;
    }
    return "system";
}

enum err event_add(struct access *access, const struct event *event)
{
    const struct uuid *workspace_id =
        uuid_is_none(&event->workspace_id) ? &access->workspace_id : &event->workspace_id;
    return store_run(
        access->store, SQL_EVENT_INSERT,
        SQL_ARGS(sql_int(access->now_ms), sql_text(str_from(event->type)), sql_uuid(workspace_id),
                 sql_text(str_from(actor_kind_name(access->actor.kind))),
                 sql_text(access->actor.id), sql_text(access->actor.name),
                 sql_uuid(&event->user_id), sql_uuid(&event->app_id), sql_uuid(&event->grant_id),
                 sql_uuid(&event->session_id), sql_text(access->address), sql_text(event->detail)),
        NULL);
}

struct str event_reason(struct access *access, const char *reason)
{
    return arena_printf(access->arena, "{\"reason\":\"%s\"}", reason);
}
