/*
 * The part of the store that is the same for every database.
 */
#include "store/store.h"

enum err store_run_one(struct store *store, enum sql sql, struct sql_args args)
{
    int64_t changes = 0;
    enum err err = store_run(store, sql, args, &changes);
    if (err) {
        return err;
    }
    return changes == 1 ? ERR_OK : changes == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
}

enum err rows_one(struct rows *rows)
{
    return rows_next(rows) ? ERR_OK : rows->err ? rows->err : ERR_NOT_FOUND;
}
