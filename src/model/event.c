#include "model/event.h"

#include "base/jsontext.h"
#include "model/usage.h"

#ifdef INLAY_TESTING
#include "base/testing.h"
#endif

const char *event_actor_kind_name(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_API_TOKEN:
        return "api_token";
    case ACTOR_USER:
        return "user";
    case ACTOR_ADMIN:
        return "admin";
    case ACTOR_LOCAL:
        return "local";
    case ACTOR_SYSTEM:
        break;
    }
    return "system";
}

enum err event_add(struct work *work, const struct event *event)
{
    const struct uuid *workspace_id =
        uuid_is_none(&event->workspace_id) ? &work->workspace_id : &event->workspace_id;
#ifdef INLAY_TESTING
    testing_write_event();
#endif
    enum err err = store_run(
        work->store, SQL_EVENT_INSERT,
        SQL_ARGS(sql_int(work->now_ms), sql_text(str_from(event->type)), sql_uuid(workspace_id),
                 sql_text(str_from(event_actor_kind_name(work->actor.kind))),
                 sql_text(work->actor.id), sql_text(work->actor.name), sql_uuid(&event->user_id),
                 sql_uuid(&event->app_id), sql_uuid(&event->link_id), sql_uuid(&event->session_id),
                 sql_text(work->address), sql_text(event->detail)),
        NULL);
    return err || !event->is_counted
               ? err
               : usage_count(work, workspace_id, &event->app_id, &event->user_id, event->reason);
}

enum err event_add_detail(struct work *work, const struct event *event, json_t *detail)
{
    struct event with_detail = *event;
    REQUIRE(json_is_object(detail));
    with_detail.detail = jsontext_canonical(detail, work->arena);
    json_decref(detail);
    return event_add(work, &with_detail);
}

void event_note_change(json_t *changes, const char *member, struct str before, struct str after)
{
    if (!str_equal(before, after)) {
        json_t *value = after.ptr == NULL ? json_null() : json_stringn(after.ptr, after.len);
        REQUIRE(json_object_set_new(changes, member, value) == 0);
    }
}

struct str event_reason(struct work *work, const char *reason)
{
    return arena_printf(work->arena, "{\"reason\":\"%s\"}", reason);
}

static bool denial_is_kept(const struct work *work)
{
    enum { ANONYMOUS_DENIALS_PER_MINUTE = 60 };
    const struct str parts[] = {STR("denial"), work->address};
    int64_t retry_after_s = 0;
    return work->actor.kind != ACTOR_SYSTEM ||
           work_rate_allow(work, parts, COUNT_OF(parts), ANONYMOUS_DENIALS_PER_MINUTE,
                           &retry_after_s);
}

static struct str denial_detail(struct work *work, const char *reason)
{
    struct str portal = work->subject.portal; /* an origin: nothing to escape */
    return portal.len == 0
               ? event_reason(work, reason)
               : arena_printf(work->arena, "{\"portal\":\"" STR_FMT "\",\"reason\":\"%s\"}",
                              STR_ARG(portal), reason);
}

enum err event_deny(struct work *work, const char *reason)
{
    struct event event = {
        .type = "deny",
        .user_id = work->subject.user_id,
        .app_id = work->subject.app_id,
        .link_id = work->subject.link_id,
        .session_id = work->subject.session_id,
        .detail = denial_detail(work, reason),
        .is_counted = true,
        .reason = str_from(reason),
    };
    return denial_is_kept(work) ? event_add(work, &event) : ERR_OK;
}
