#include "model/workspace.h"

#include "model/row.h"
#include "model/event.h"
#include "crypto/random.h"

static ROW_READER(workspace_from_row, workspace, WORKSPACE_ROW);
static ROW_ONE(workspace_one, workspace, workspace_from_row);
static ROW_ALL(workspace_all, workspace, workspace_from_row);

enum err workspace_find(struct work *work, const struct uuid *id, struct workspace *out_workspace)
{
    return workspace_one(
        work, store_query(work->store, SQL_WORKSPACE_BY_ID, SQL_ARGS(sql_uuid(id))), out_workspace);
}

static enum err workspace_exists(struct work *work)
{
    return fault_member(work->fault, ERR_CONFLICT, "workspace_exists", "name",
                        "There is a workspace of that name already.");
}

enum err workspace_create(struct work *work, struct str name, struct workspace *out_workspace)
{
    struct uuid environment_id = random_uuid();
    struct workspace workspace = {
        .id = random_uuid(),
        .name = name,
        .status = STR("active"),
        .created_at_ms = work->now_ms,
    };
    enum err err =
        store_run(work->store, SQL_WORKSPACE_INSERT,
                  SQL_ARGS(sql_uuid(&workspace.id), sql_text(name), sql_int(work->now_ms)), NULL);
    if (err == ERR_CONFLICT) {
        return workspace_exists(work);
    }
    if (!err) {
        err = store_run(work->store, SQL_ENVIRONMENT_INSERT,
                        SQL_ARGS(sql_uuid(&environment_id), sql_uuid(&workspace.id),
                                 sql_text(STR("production")), sql_text(STR("{}")),
                                 sql_int(work->now_ms)),
                        NULL);
    }
    if (!err) {
        err = event_add_detail(
            work, &(struct event){.type = "workspace.create", .workspace_id = workspace.id},
            json_pack("{s:s%}", "name", name.ptr, name.len));
    }
    if (!err) {
        *out_workspace = workspace;
    }
    return work_store_fault(work, err);
}

static enum err count_others(struct work *work, const struct workspace *workspace,
                             int64_t *out_others, int64_t *out_active)
{
    struct rows rows =
        store_query(work->store, SQL_WORKSPACE_OTHERS, SQL_ARGS(sql_uuid(&workspace->id)));
    enum err err = rows_one(&rows);
    if (!err) {
        *out_others = rows_int(&rows, 0);
        *out_active = rows_int(&rows, 1);
    }
    enum err end = rows_end(&rows);
    return work_store_fault(work, end ? end : err);
}

static bool is_archived(const struct workspace *workspace)
{
    return str_equal(workspace->status, STR("archived"));
}

static enum err check_archive(struct work *work, const struct workspace *workspace)
{
    int64_t others = 0;
    int64_t active = 0;
    enum err err = count_others(work, workspace, &others, &active);
    if (!err && active == 0) {
        err = fault_member(work->fault, ERR_CONFLICT, "workspace_required", "status",
                           "The last active workspace cannot be archived.");
    }
    return err;
}

static enum err workspace_write(struct work *work, const struct workspace *workspace)
{
    enum err err = store_run_one(
        work->store, SQL_WORKSPACE_UPDATE,
        SQL_ARGS(sql_uuid(&workspace->id), sql_text(workspace->name), sql_text(workspace->status)));
    return err == ERR_CONFLICT ? workspace_exists(work) : work_changed_fault(work, err);
}

static enum err note_update(struct work *work, const struct workspace *before,
                            const struct workspace *after)
{
    struct event event = {.workspace_id = after->id};
    enum err err = ERR_OK;
    if (!str_equal(before->name, after->name)) {
        event.type = "workspace.update";
        err = event_add_detail(work, &event,
                               json_pack("{s:s%}", "name", after->name.ptr, after->name.len));
    }
    if (!err && is_archived(before) != is_archived(after)) {
        event.type = is_archived(after) ? "workspace.archive" : "workspace.restore";
        err = event_add(work, &event);
    }
    return err;
}

enum err workspace_update(struct work *work, const struct workspace *before,
                          const struct workspace *after)
{
    bool archives = is_archived(after) && !is_archived(before);
    enum err err = archives ? check_archive(work, before) : ERR_OK;
    if (!err) {
        err = workspace_write(work, after);
    }
    if (!err) {
        work->raise_epoch |= archives;
        err = note_update(work, before, after);
    }
    return work_store_fault(work, err);
}

enum err workspace_delete(struct work *work, const struct workspace *workspace)
{
    int64_t others = 0;
    int64_t active = 0;
    enum err err = count_others(work, workspace, &others, &active);
    if (err) {
        return err;
    }
    if (others == 0) {
        return fault_set(work->fault, ERR_CONFLICT, "workspace_last",
                         "The last workspace cannot be deleted.");
    }
    if (uuid_equal(&workspace->id, &work->instance->workspace_id) ||
        (active == 0 && !is_archived(workspace))) {
        return fault_set(work->fault, ERR_CONFLICT, "workspace_required",
                         "The default workspace and the last active one cannot be deleted.");
    }
    err = work_run_one(work, SQL_WORKSPACE_DELETE, SQL_ARGS(sql_uuid(&workspace->id)));
    if (!err) {
        work->raise_epoch = true;
        err = event_add_detail(
            work, &(struct event){.type = "workspace.delete", .workspace_id = workspace->id},
            json_pack("{s:s%}", "name", workspace->name.ptr, workspace->name.len));
    }
    return work_store_fault(work, err);
}

enum err workspace_list(struct work *work, const struct uuid *only, const struct uuid *after,
                        int64_t limit, struct workspace *out_workspaces, size_t *out_count)
{
    return workspace_all(work,
                         store_query(work->store, SQL_WORKSPACE_LIST,
                                     SQL_ARGS(sql_uuid(only), sql_uuid(after), sql_int(limit))),
                         out_workspaces, out_count);
}
