#include "model/instance.h"

#include "base/clock.h"

enum err instance_load(struct instance *instance, struct store *store)
{
    struct rows rows = store_query(store, SQL_INSTANCE_GET, SQL_NO_ARGS);
    enum err err = rows_one(&rows);
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
    err = rows_one(&rows);
    if (!err) {
        instance->workspace_id = rows_uuid(&rows, 0);
    }
    end = rows_end(&rows);
    return err ? err : end;
}

enum err instance_epoch(struct store *store, int64_t *out_epoch)
{
    struct rows rows = store_query(store, SQL_INSTANCE_GET, SQL_NO_ARGS);
    enum err err = rows_one(&rows);
    if (!err) {
        *out_epoch = rows_int(&rows, 1);
    }
    enum err end = rows_end(&rows);
    return err ? err : end;
}

enum err instance_raise_epoch(struct store *store, int64_t *out_epoch)
{
    enum err err = store_run_one(store, SQL_EPOCH_RAISE, SQL_ARGS(sql_int(clock_now_ms())));
    return err ? err : instance_epoch(store, out_epoch);
}

enum err instance_touch(struct store *store)
{
    return store_run(store, SQL_INSTANCE_TOUCH, SQL_NO_ARGS, NULL);
}
