#include "model/branch.h"

#include "model/row.h"
#include "model/event.h"
#include "base/limits.h"

static ROW_READER(branch_from_row, branch, BRANCH_ROW);
static ROW_ONE(branch_one, branch, branch_from_row);
static ROW_ALL(branch_all, branch, branch_from_row);

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool branch_name_is_valid(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_mark = c == '.' || c == '_' || c == '/' || c == '-';
        if (!is_letter_or_digit(c) && !(is_mark && i > 0)) {
            return false;
        }
    }
    return name.len > 0 && name.len <= LIMIT_BRANCH_BYTES;
}

enum err branch_find(struct work *work, const struct uuid *app_id, struct str name,
                     struct branch *out_branch)
{
    return branch_one(
        work, store_query(work->store, SQL_BRANCH_GET, SQL_ARGS(sql_uuid(app_id), sql_text(name))),
        out_branch);
}

enum err branch_list(struct work *work, const struct app *app, struct str after, int64_t limit,
                     struct branch *out_branches, size_t *out_count)
{
    return branch_all(work,
                      store_query(work->store, SQL_BRANCH_LIST,
                                  SQL_ARGS(sql_uuid(&app->id), sql_text(after), sql_int(limit))),
                      out_branches, out_count);
}

enum err branch_delete(struct work *work, const struct app *app, const struct branch *branch)
{
    struct event event = {
        .type = "branch.delete", .workspace_id = app->workspace_id, .app_id = app->id};
    enum err err =
        work_run_one(work, SQL_BRANCH_DELETE, SQL_ARGS(sql_uuid(&app->id), sql_text(branch->name)));
    if (!err) {
        work->raise_epoch = true;
        err = event_add_detail(work, &event,
                               json_pack("{s:s%}", "name", branch->name.ptr, branch->name.len));
    }
    return work_store_fault(work, err);
}
