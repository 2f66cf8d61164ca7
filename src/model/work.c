#include "model/work.h"

void work_say_store_fault(const struct work *work, enum err err)
{
    switch (err) {
    case ERR_BUSY:
        fault_busy(work->fault, "store_busy",
                   "The database is busy. Nothing was changed. Try again later.");
        break;
    case ERR_STORAGE:
        fault_set(work->fault, err, "store_unavailable",
                  "The database cannot be read or written. Nothing was changed. Try again later.");
        break;
    case ERR_INTERNAL:
        fault_set(work->fault, err, "internal", "Something went wrong on the server.");
        break;
    default:
        break;
    }
}

enum err work_begin(struct work *work, struct work_transaction *out_transaction)
{
    *out_transaction = (struct work_transaction){work->raise_epoch, work->ended, work->renewed};
    return work_store_fault(work, store_begin(work->store));
}

enum err work_end(struct work *work, const struct work_transaction *transaction, enum err err)
{
    if (err) {
        store_rollback(work->store);
    } else {
        err = store_commit(work->store);
    }
    if (err) {
        work->raise_epoch = transaction->raise_epoch;
        work->ended = transaction->ended;
        work->renewed = transaction->renewed;
    }
    return work_store_fault(work, err);
}

enum err work_changed_fault(const struct work *work, enum err err)
{
    return err == ERR_NOT_FOUND
               ? fault_set(work->fault, ERR_CONFLICT, "changed_meanwhile",
                           "This was changed or deleted at the same moment. Nothing was done: look "
                           "at it again, then decide.")
               : work_store_fault(work, err);
}

enum err work_run_one(struct work *work, enum sql sql, struct sql_args args)
{
    return work_changed_fault(work, store_run_one(work->store, sql, args));
}

struct str work_column(const struct work *work, const struct rows *rows, int column)
{
    struct str text = rows_text(rows, column);
    return text.ptr == NULL ? STR_NONE : arena_str(work->arena, text);
}

struct str work_lower(const struct work *work, struct str text)
{
    if (text.ptr == NULL) {
        return STR_NONE;
    }
    char *lower = arena_alloc(work->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        lower[i] = str_lower_char(text.ptr[i]);
    }
    return (struct str){lower, text.len};
}

struct str work_uuid_text(const struct work *work, const struct uuid *uuid)
{
    if (uuid_is_none(uuid)) {
        return STR_NONE;
    }
    char *text = arena_alloc(work->arena, UUID_TEXT_SIZE);
    uuid_format(uuid, text);
    return (struct str){text, UUID_TEXT_SIZE - 1};
}

struct str work_time_text(const struct work *work, int64_t at_ms)
{
    if (at_ms == 0) {
        return STR_NONE;
    }
    char *text = arena_alloc(work->arena, CLOCK_TEXT_SIZE);
    clock_format(at_ms, text);
    return (struct str){text, CLOCK_TEXT_SIZE - 1};
}

bool work_rate_allow(const struct work *work, const struct str *parts, size_t count,
                     int64_t per_minute, int64_t *out_retry_after_s)
{
    const struct instance *instance = work->instance;
    if (instance->rate_allow == NULL) {
        return true;
    }
    struct digest key = digest_hmac(instance->key, parts, count);
    return instance->rate_allow(instance->rate_arg, &key, work->now_ms, per_minute,
                                out_retry_after_s);
}
