#include "access/workspace.h"

#include "access/event.h"
#include "crypto/random.h"

enum err workspace_create(struct access *access, struct str name, struct workspace *out_workspace)
{
    struct uuid environment_id = random_uuid();
    struct workspace workspace = {
        .id = random_uuid(),
        .name = name,
        .status = STR("active"),
        .created_at_ms = access->now_ms,
    };
    enum err err =
        store_run(access->store, SQL_WORKSPACE_INSERT,
                  SQL_ARGS(sql_uuid(&workspace.id), sql_text(name), sql_int(access->now_ms)), NULL);
    if (err == ERR_CONFLICT) {
        return fault_member(access->fault, err, "workspace_exists", "name",
                            "There is a workspace of that name already.");
    }
    if (!err) {
        err = store_run(access->store, SQL_ENVIRONMENT_INSERT,
                        SQL_ARGS(sql_uuid(&environment_id), sql_uuid(&workspace.id),
                                 sql_text(STR("production")), sql_text(STR("{}")),
                                 sql_int(access->now_ms)),
                        NULL);
    }
    if (!err) {
        err = event_add(access,
                        &(struct event){.type = "workspace.create", .workspace_id = workspace.id});
    }
    if (!err) {
        *out_workspace = workspace;
    }
    return access_store_fault(access, err);
}
