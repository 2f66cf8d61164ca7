#include "access/access.h"

enum err instance_load(struct instance *instance, struct store *store)
{
    struct rows rows = store_query(store, SQL_INSTANCE_GET, SQL_NO_ARGS);
    enum err err = access_one_row(&rows);
    if (!err) {
        struct str key = rows_text(&rows, 0);
        REQUIRE(key.len == sizeof(instance->key));
        memcpy(instance->key, key.ptr, key.len);
    }
    enum err end = rows_end(&rows);
    if (err || end) {
        return err ? err : end;
    }
    rows = store_query(store, SQL_WORKSPACE_FIRST, SQL_NO_ARGS);
    err = access_one_row(&rows);
    if (!err) {
        instance->workspace_id = rows_uuid(&rows, 0);
    }
    end = rows_end(&rows);
    return err ? err : end;
}

enum err instance_epoch(struct store *store, int64_t *out_epoch)
{
    struct rows rows = store_query(store, SQL_INSTANCE_GET, SQL_NO_ARGS);
    enum err err = access_one_row(&rows);
    if (!err) {
        *out_epoch = rows_int(&rows, 1);
    }
    enum err end = rows_end(&rows);
    return err ? err : end;
}

void access_say_store_fault(const struct access *access, enum err err)
{
    switch (err) {
    case ERR_BUSY:
        fault_set(access->fault, err, "store_busy", "The database is busy. Try again.");
        break;
    case ERR_STORAGE:
        fault_set(access->fault, err, "store_unavailable",
                  "The database cannot be read or written at the moment. Nothing was changed.");
        break;
    case ERR_INTERNAL:
        fault_set(access->fault, err, "internal", "Something went wrong on the server.");
        break;
    default:
        break;
    }
}

enum err access_one_row(struct rows *rows)
{
    return rows_next(rows) ? ERR_OK : rows->err ? rows->err : ERR_NOT_FOUND;
}

struct str access_uuid_text(const struct access *access, const struct uuid *uuid)
{
    if (uuid_is_none(uuid)) {
        return STR_NONE;
    }
    char *text = arena_alloc(access->arena, UUID_TEXT_SIZE);
    uuid_format(uuid, text);
    return (struct str){text, UUID_TEXT_SIZE - 1};
}

struct str access_time_text(const struct access *access, int64_t at_ms)
{
    if (at_ms == 0) {
        return STR_NONE;
    }
    char *text = arena_alloc(access->arena, CLOCK_TEXT_SIZE);
    clock_format(at_ms, text);
    return (struct str){text, CLOCK_TEXT_SIZE - 1};
}
