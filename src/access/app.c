#include "access/app.h"

#include "base/limits.h"

void app_from_row(struct access *access, const struct rows *rows, struct app *out_app)
{
    *out_app = (struct app){
        .id = rows_uuid(rows, 0),
        .workspace_id = rows_uuid(rows, 1),
        .slug = arena_str(access->arena, rows_text(rows, 2)),
        .name = arena_str(access->arena, rows_text(rows, 3)),
        .kind = arena_str(access->arena, rows_text(rows, 4)),
        .frame_ancestors = arena_str(access->arena, rows_text(rows, 5)),
        .current_version =
            rows_is_null(rows, 6) ? STR_NONE : arena_str(access->arena, rows_text(rows, 6)),
        .created_at_ms = rows_int(rows, 7),
        .updated_at_ms = rows_int(rows, 8),
    };
}

static enum err app_from_query(struct access *access, struct rows rows, struct app *out_app)
{
    enum err err = access_one_row(&rows);
    if (!err) {
        app_from_row(access, &rows, out_app);
    }
    enum err end = rows_end(&rows);
    return access_store_fault(access, end ? end : err);
}

enum err app_find(struct access *access, const struct uuid *id, struct app *out_app)
{
    return app_from_query(access, store_query(access->store, SQL_APP_BY_ID, SQL_ARGS(sql_uuid(id))),
                          out_app);
}

enum err app_find_here(struct access *access, struct str id_or_slug, struct app *out_app)
{
    struct uuid id;
    struct app app;
    enum err err = ERR_NOT_FOUND;
    if (uuid_parse(id_or_slug, &id)) {
        err = app_find(access, &id, &app);
        if (!err && !uuid_equal(&app.workspace_id, &access->workspace_id)) {
            err = ERR_NOT_FOUND;
        }
    } else if (id_or_slug.len <= LIMIT_SLUG_BYTES) {
        err = app_from_query(
            access,
            store_query(access->store, SQL_APP_BY_SLUG,
                        SQL_ARGS(sql_uuid(&access->workspace_id), sql_text(id_or_slug))),
            &app);
    }
    if (!err) {
        *out_app = app;
    }
    return err;
}
