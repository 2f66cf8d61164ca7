#include "entry/revoke.h"

#include "model/event.h"

struct id {
    struct uuid id;
    struct id *next;
};

/* Reads all ids first: ending a session writes to the table that they come from. */
static enum err end_all(struct work *work, struct rows rows, const char *reason, int64_t *out_ended)
{
    struct id *ids = NULL;
    int64_t count = 0;
    while (rows_next(&rows)) {
        struct id *id = arena_alloc(work->arena, sizeof(*id));
        *id = (struct id){.id = rows_uuid(&rows, 0), .next = ids};
        ids = id;
        count++;
    }
    enum err err = work_store_fault(work, rows_end(&rows));
    for (; ids != NULL && !err; ids = ids->next) {
        err = session_end(work, &ids->id, reason);
    }
    *out_ended = count;
    return err;
}

enum err revoke_link(struct work *work, const struct link *link)
{
    int64_t changes = 0;
    int64_t ended = 0;
    enum err err = store_run(work->store, SQL_LINK_REVOKE,
                             SQL_ARGS(sql_uuid(&link->id), sql_int(work->now_ms)), &changes);
    if (err || changes == 0) {
        return work_store_fault(work, err);
    }
    struct event event = {
        .type = "link.revoke",
        .workspace_id = link->workspace_id,
        .user_id = link->user_id,
        .app_id = link->app_id,
        .link_id = link->id,
    };
    work->raise_epoch = true;
    err = event_add(work, &event);
    if (err) {
        return work_store_fault(work, err);
    }
    return end_all(work,
                   store_query(work->store, SQL_SESSIONS_OF_LINK,
                               SQL_ARGS(sql_int(work->now_ms), sql_uuid(&link->id))),
                   "link_revoked", &ended);
}

enum err revoke_session(struct work *work, const struct session *session)
{
    if (session->ended_at_ms != 0 || session->expires_at_ms <= work->now_ms) {
        return ERR_OK;
    }
    struct event event = {
        .type = "session.revoke",
        .workspace_id = session->workspace_id,
        .user_id = session->user_id,
        .app_id = session->app_id,
        .link_id = session->link_id,
        .session_id = session->id,
    };
    enum err err = work_store_fault(work, event_add(work, &event));
    return err ? err : session_end(work, &session->id, "revoked");
}

enum err revoke_sessions(struct work *work, const struct uuid *user_id, const struct uuid *app_id,
                         int64_t *out_ended)
{
    enum sql sql = uuid_is_none(user_id) ? SQL_SESSIONS_OF_APP : SQL_SESSIONS_OF_USER;
    int64_t ended = 0;
    REQUIRE(!uuid_is_none(user_id) || !uuid_is_none(app_id));
    enum err err =
        end_all(work,
                store_query(work->store, sql,
                            SQL_ARGS(sql_int(work->now_ms), sql_uuid(&work->workspace_id),
                                     sql_uuid(user_id), sql_uuid(app_id))),
                "revoked", &ended);
    if (!err && ended > 0) {
        struct event event = {.type = "session.revoke", .user_id = *user_id, .app_id = *app_id};
        err = work_store_fault(
            work, event_add_detail(work, &event, json_pack("{s:I}", "ended", (json_int_t)ended)));
    }
    *out_ended = ended;
    return err;
}
