#include "entry/clearing.h"

#include "model/app.h"
#include "model/event.h"
#include "model/user.h"

static enum err check_app(struct work *work, const struct uuid *id)
{
    struct app app;
    enum err err = uuid_is_none(id) ? ERR_OK : app_find(work, id, &app);
    bool is_here = uuid_is_none(id) || (!err && uuid_equal(&app.workspace_id, &work->workspace_id));
    return !err && !is_here ? ERR_NOT_FOUND : err;
}

static enum err check_user(struct work *work, const struct uuid *id)
{
    struct user user;
    enum err err = uuid_is_none(id) ? ERR_OK : user_find(work, id, &user);
    bool is_here =
        uuid_is_none(id) || (!err && uuid_equal(&user.workspace_id, &work->workspace_id));
    return !err && !is_here ? ERR_NOT_FOUND : err;
}

enum err clearing_ask(struct work *work, const struct uuid *user_id, const struct uuid *app_id)
{
    REQUIRE(!uuid_is_none(user_id) || !uuid_is_none(app_id));
    enum err err = check_app(work, app_id);
    if (!err) {
        err = check_user(work, user_id);
    }
    if (err) {
        return err;
    }
    err = store_run(work->store, SQL_CLEARING_PUT,
                    SQL_ARGS(sql_uuid(app_id), sql_uuid(user_id), sql_int(work->now_ms)), NULL);
    if (!err) {
        err = event_add(
            work, &(struct event){.type = "storage.clear", .user_id = *user_id, .app_id = *app_id});
    }
    return work_store_fault(work, err);
}

enum err clearing_take(struct work *work, const struct link *link, bool *out_is_due)
{
    int64_t changes = 0;
    enum err err = store_run(work->store, SQL_AUDIENCE_CLEAR,
                             SQL_ARGS(sql_text(link->label), sql_int(work->now_ms)), &changes);
    *out_is_due = changes > 0;
    return work_store_fault(work, err);
}
