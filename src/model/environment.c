#include "model/environment.h"

#include "model/row.h"
#include "model/event.h"
#include "base/limits.h"
#include "crypto/random.h"

bool environment_name_is_valid(struct str name)
{
    struct uuid id;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool is_mark = c == '.' || c == '_' || c == '-';
        if (!is_plain && !(is_mark && i > 0)) {
            return false;
        }
    }
    return name.len > 0 && name.len <= LIMIT_ENVIRONMENT_BYTES && !uuid_parse(name, &id);
}

static bool is_production(const struct environment *environment)
{
    return str_equal(environment->name, STR("production"));
}

static ROW_READER(environment_from_row, environment, ENVIRONMENT_ROW);
static ROW_ONE(environment_one, environment, environment_from_row);
static ROW_ALL(environment_all, environment, environment_from_row);

enum err environment_find(struct work *work, const struct uuid *id,
                          struct environment *out_environment)
{
    return environment_one(work,
                           store_query(work->store, SQL_ENVIRONMENT_BY_ID, SQL_ARGS(sql_uuid(id))),
                           out_environment);
}

enum err environment_find_by_name(struct work *work, struct str name,
                                  struct environment *out_environment)
{
    return environment_one(work,
                           store_query(work->store, SQL_ENVIRONMENT_BY_NAME,
                                       SQL_ARGS(sql_uuid(&work->workspace_id), sql_text(name))),
                           out_environment);
}

static enum err environment_exists(struct work *work)
{
    return fault_member(work->fault, ERR_CONFLICT, "environment_exists", "name",
                        "There is an environment of that name already.");
}

/* config may hold what must not get into the audit log, so only names are told. */
static enum err environment_note(struct work *work, const char *type,
                                 const struct environment *environment)
{
    struct str id = work_uuid_text(work, &environment->id);
    struct event event = {.type = type, .workspace_id = environment->workspace_id};
    return event_add_detail(work, &event,
                            json_pack("{s:s%, s:s%}", "environmentId", id.ptr, id.len, "name",
                                      environment->name.ptr, environment->name.len));
}

enum err environment_create(struct work *work, struct environment *environment)
{
    environment->id = random_uuid();
    environment->workspace_id = work->workspace_id;
    environment->created_at_ms = work->now_ms;
    environment->updated_at_ms = work->now_ms;
    enum err err = store_run(
        work->store, SQL_ENVIRONMENT_INSERT,
        SQL_ARGS(sql_uuid(&environment->id), sql_uuid(&environment->workspace_id),
                 sql_text(environment->name), sql_text(environment->config), sql_int(work->now_ms)),
        NULL);
    if (err == ERR_CONFLICT) {
        return environment_exists(work);
    }
    if (!err) {
        err = environment_note(work, "environment.create", environment);
    }
    return work_store_fault(work, err);
}

enum err environment_update(struct work *work, const struct environment *before,
                            struct environment *after)
{
    bool is_renamed = !str_equal(before->name, after->name);
    if (!is_renamed && str_equal(before->config, after->config)) {
        return ERR_OK;
    }
    if (is_renamed && is_production(before)) {
        return fault_member(work->fault, ERR_CONFLICT, "environment_required", "name",
                            "The environment \"production\" keeps its name.");
    }
    after->updated_at_ms = work->now_ms;
    enum err err = store_run_one(work->store, SQL_ENVIRONMENT_UPDATE,
                                 SQL_ARGS(sql_uuid(&after->id), sql_text(after->name),
                                          sql_text(after->config), sql_int(after->updated_at_ms)));
    if (err) {
        return err == ERR_CONFLICT ? environment_exists(work) : work_changed_fault(work, err);
    }
    work->raise_epoch = true;
    return work_store_fault(work, environment_note(work, "environment.update", after));
}

enum err environment_delete(struct work *work, const struct environment *environment)
{
    if (is_production(environment)) {
        return fault_set(work->fault, ERR_CONFLICT, "environment_required",
                         "The environment \"production\" cannot be deleted.");
    }
    enum err err = work_run_one(work, SQL_ENVIRONMENT_DELETE, SQL_ARGS(sql_uuid(&environment->id)));
    if (!err) {
        work->raise_epoch = true;
        err = environment_note(work, "environment.delete", environment);
    }
    return work_store_fault(work, err);
}

enum err environment_list(struct work *work, const struct uuid *after, int64_t limit,
                          struct environment *out_environments, size_t *out_count)
{
    return environment_all(
        work,
        store_query(work->store, SQL_ENVIRONMENT_LIST,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(after), sql_int(limit))),
        out_environments, out_count);
}
