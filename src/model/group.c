#include "model/group.h"

#include "model/row.h"
#include "model/event.h"

static ROW_READER(group_from_row, group, GROUP_ROW);
static ROW_ONE(group_one, group, group_from_row);
static ROW_ALL(group_all, group, group_from_row);

enum err group_find(struct work *work, int64_t id, struct group *out_group)
{
    return group_one(work, store_query(work->store, SQL_GROUP_BY_ID, SQL_ARGS(sql_int(id))),
                     out_group);
}

static enum err group_exists(struct work *work)
{
    return fault_member(work->fault, ERR_CONFLICT, "group_exists", "name",
                        "There is a group of that name already.");
}

enum err group_create(struct work *work, struct str name, struct group *out_group)
{
    struct group group;
    enum err err = store_run(
        work->store, SQL_GROUP_INSERT,
        SQL_ARGS(sql_uuid(&work->workspace_id), sql_text(name), sql_int(work->now_ms)), NULL);
    if (err == ERR_CONFLICT) {
        return group_exists(work);
    }
    if (!err) {
        err = group_one(work,
                        store_query(work->store, SQL_GROUP_BY_NAME,
                                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_text(name))),
                        &group);
    }
    if (!err) {
        err = event_add_detail(
            work, &(struct event){.type = "group.create"},
            json_pack("{s:I, s:s%}", "groupId", (json_int_t)group.id, "name", name.ptr, name.len));
    }
    if (!err) {
        *out_group = group;
    }
    return work_store_fault(work, err);
}

enum err group_rename(struct work *work, struct group *group, struct str name)
{
    if (str_equal(group->name, name)) {
        return ERR_OK;
    }
    enum err err =
        store_run_one(work->store, SQL_GROUP_RENAME, SQL_ARGS(sql_int(group->id), sql_text(name)));
    if (err) {
        return err == ERR_CONFLICT ? group_exists(work) : work_changed_fault(work, err);
    }
    err = event_add_detail(
        work, &(struct event){.type = "group.update", .workspace_id = group->workspace_id},
        json_pack("{s:I, s:s%}", "groupId", (json_int_t)group->id, "name", name.ptr, name.len));
    if (!err) {
        group->name = name;
    }
    return work_store_fault(work, err);
}

enum err group_delete(struct work *work, const struct group *group)
{
    enum err err = work_run_one(work, SQL_GROUP_DELETE, SQL_ARGS(sql_int(group->id)));
    if (!err) {
        work->raise_epoch = true;
        err = event_add_detail(
            work, &(struct event){.type = "group.delete", .workspace_id = group->workspace_id},
            json_pack("{s:I, s:s%}", "groupId", (json_int_t)group->id, "name", group->name.ptr,
                      group->name.len));
    }
    return work_store_fault(work, err);
}

/* Adds or removes what event tells; *out_changed: it was not so before. */
static enum err group_change(struct work *work, const struct group *group, enum sql sql,
                             struct event event, const struct uuid *other_id, bool *out_changed)
{
    int64_t changes = 0;
    enum err err =
        store_run(work->store, sql, SQL_ARGS(sql_int(group->id), sql_uuid(other_id)), &changes);
    if (!err && changes > 0) {
        event.workspace_id = group->workspace_id;
        err = event_add_detail(work, &event, json_pack("{s:I}", "groupId", (json_int_t)group->id));
    }
    *out_changed = changes > 0;
    return work_store_fault(work, err);
}

enum err group_add_member(struct work *work, const struct group *group, const struct user *user)
{
    bool changed = false;
    return group_change(work, group, SQL_GROUP_MEMBER_ADD,
                        (struct event){.type = "group.member.add", .user_id = user->id}, &user->id,
                        &changed);
}

enum err group_remove_member(struct work *work, const struct group *group, const struct user *user)
{
    bool changed = false;
    enum err err = group_change(work, group, SQL_GROUP_MEMBER_REMOVE,
                                (struct event){.type = "group.member.remove", .user_id = user->id},
                                &user->id, &changed);
    work->raise_epoch |= changed;
    return err;
}

enum err group_allow_app(struct work *work, const struct group *group, const struct app *app)
{
    bool changed = false;
    return group_change(work, group, SQL_GROUP_APP_ADD,
                        (struct event){.type = "group.app.add", .app_id = app->id}, &app->id,
                        &changed);
}

enum err group_disallow_app(struct work *work, const struct group *group, const struct app *app)
{
    bool changed = false;
    enum err err = group_change(work, group, SQL_GROUP_APP_REMOVE,
                                (struct event){.type = "group.app.remove", .app_id = app->id},
                                &app->id, &changed);
    work->raise_epoch |= changed;
    return err;
}

enum err group_list(struct work *work, const struct group_filter *filter, struct group *out_groups,
                    size_t *out_count)
{
    return group_all(
        work,
        store_query(work->store, SQL_GROUP_LIST,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_int(filter->after),
                             sql_text(filter->name), sql_int(filter->limit),
                             sql_text(filter->search.text), sql_uuid(&filter->app_id))),
        out_groups, out_count);
}

enum err group_members(struct work *work, const struct group *group, const struct uuid *after,
                       int64_t limit, struct user *out_users, size_t *out_count)
{
    return user_all(work,
                    store_query(work->store, SQL_GROUP_MEMBERS,
                                SQL_ARGS(sql_int(group->id), sql_uuid(after), sql_int(limit))),
                    out_users, out_count);
}

enum err group_apps(struct work *work, const struct group *group, const struct uuid *after,
                    int64_t limit, struct app *out_apps, size_t *out_count)
{
    return app_all(work,
                   store_query(work->store, SQL_GROUP_APPS,
                               SQL_ARGS(sql_int(group->id), sql_uuid(after), sql_int(limit))),
                   out_apps, out_count);
}
