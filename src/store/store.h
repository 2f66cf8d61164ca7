/*
 * The store: one connection to the database, and the only way to it.
 *
 * A store belongs to one thread at a time. Statements are rows of the table in sql.c and are
 * prepared once per connection; no SQL text crosses this header. Writers of all processes take
 * turns by a lock on a file beside the database, which is fair and cheap where SQLite's own waiting
 * is neither. No wait is without an end: see store_set_wait().
 *
 * Errors: ERR_BUSY (somebody else holds the database, nothing was done), ERR_CONFLICT (a constraint
 * refused the row), ERR_STORAGE (full, read-only, damaged: store_error() says which).
 */
#ifndef INLAY_STORE_STORE_H
#define INLAY_STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/uuid.h"
#include "store/sql.h"

struct store;

enum store_mode {
    STORE_CREATE, /* make the database if it is absent, and bring it up to date */
    STORE_WRITE,
    STORE_READ,
};

MUST_CHECK enum err store_open(const char *path, enum store_mode mode, struct store **out_store,
                               struct fault *fault);
void store_close(struct store *store); /* NULL is fine */

/* Why the last call failed, for an operator. Never holds values. */
const char *store_error(const struct store *store);

/* How long store_begin() and a statement that another program's lock keeps out may wait before they
 * return ERR_BUSY; STORE_WAIT_MS from the start. */
enum { STORE_WAIT_MS = 5000 };
void store_set_wait(struct store *store, int64_t wait_ms);

/* Write transactions. store_begin() waits for its turn; every begin needs a commit or a rollback.
 * After store_commit() has returned ERR_OK the rows are on the disk. */
MUST_CHECK enum err store_begin(struct store *store);
MUST_CHECK enum err store_commit(struct store *store);
void store_rollback(struct store *store);

/* Room on the disk is kept for those who take access away when there is none left. After a failure:
 * true if the disk was full and the reserve has made room, so that a second try may succeed.
 * store_reserve_fill() then takes back what is left of it; it's also called now and then. */
bool store_reserve_use(struct store *store);
void store_reserve_fill(struct store *store);

/* Rows changed since the connection was opened: tells whether a step wrote anything. */
int64_t store_changes(const struct store *store);

/* Several reads that see one moment. */
MUST_CHECK enum err store_read_begin(struct store *store);
void store_read_end(struct store *store);

/* ---- values ---- */

struct sql_value {
    enum { SQL_VALUE_NULL, SQL_VALUE_INT, SQL_VALUE_TEXT, SQL_VALUE_BLOB } type;
    int64_t number;
    struct str bytes; /* borrowed until the call returns, or rows_end() */
};

static inline struct sql_value sql_null(void)
{
    return (struct sql_value){SQL_VALUE_NULL, 0, STR_NONE};
}

static inline struct sql_value sql_int(int64_t number)
{
    return (struct sql_value){SQL_VALUE_INT, number, STR_NONE};
}

static inline struct sql_value sql_text(struct str text) /* STR_NONE is NULL */
{
    return (struct sql_value){text.ptr == NULL ? SQL_VALUE_NULL : SQL_VALUE_TEXT, 0, text};
}

static inline struct sql_value sql_blob(struct str bytes) /* STR_NONE is NULL */
{
    return (struct sql_value){bytes.ptr == NULL ? SQL_VALUE_NULL : SQL_VALUE_BLOB, 0, bytes};
}

static inline struct sql_value sql_uuid(const struct uuid *uuid) /* none is NULL */
{
    struct str bytes = {(const char *)uuid->bytes, UUID_BYTES};
    return uuid_is_none(uuid) ? sql_null() : sql_blob(bytes);
}

struct sql_args { /* borrowed */
    const struct sql_value *values;
    size_t count;
};

#define SQL_ARGS(...)                                                                              \
    ((struct sql_args){(const struct sql_value[]){__VA_ARGS__},                                    \
                       sizeof((const struct sql_value[]){__VA_ARGS__}) /                           \
                           sizeof(struct sql_value)})
#define SQL_NO_ARGS ((struct sql_args){NULL, 0})

/* ---- statements ---- */

/* Runs a statement that returns no rows. *out_changes: how many it inserted, updated or deleted by
 * itself, not what went with them; only for these. out_changes may be NULL. */
MUST_CHECK enum err store_run(struct store *store, enum sql sql, struct sql_args args,
                              int64_t *out_changes);

/* Runs a change of the one row that was looked at before. ERR_NOT_FOUND: the row is gone, or no
 * longer as the statement wants it, and nothing was changed. Whoever looks first and changes
 * afterwards uses this, so that of two who do so at once only one succeeds. */
MUST_CHECK enum err store_run_one(struct store *store, enum sql sql, struct sql_args args);

/* Runs one that returns rows:
 *
 *     struct rows rows = store_query(store, SQL_USER_LIST, SQL_ARGS(sql_uuid(&id)));
 *     while (rows_next(&rows)) {
 *         … rows_text(&rows, 0) …            borrowed until the next rows_next()
 *     }
 *     err = rows_end(&rows);                 also ends early
 */
struct rows {
    struct store *store;
    void *statement;
    enum err err;
};

struct rows store_query(struct store *store, enum sql sql, struct sql_args args);
MUST_CHECK bool rows_next(struct rows *rows);
/* The first row: ERR_NOT_FOUND if there is none. Still has to be ended. */
MUST_CHECK enum err rows_one(struct rows *rows);
MUST_CHECK enum err rows_end(struct rows *rows);

/* Of the current row: the process ends unless the last rows_next() was true and the statement has
 * this column. */
bool rows_is_null(const struct rows *rows, int column);
int64_t rows_int(const struct rows *rows, int column);      /* 0 for NULL */
struct str rows_text(const struct rows *rows, int column);  /* STR_NONE for NULL; also for blobs */
struct uuid rows_uuid(const struct rows *rows, int column); /* UUID_NONE for NULL */

/* ---- the whole database ---- */

/* Brings the schema up to date; an older program than the database is refused. */
MUST_CHECK enum err store_migrate(struct store *store, struct fault *fault);
MUST_CHECK enum err store_migrate_to(struct store *store, int version, struct fault *fault);
int store_schema_version(void); /* the newest that this program knows */

/* Of SQLite, as it is loaded. */
const char *store_library_version(void);

/* A consistent copy while others read and write. target_path must not exist. */
MUST_CHECK enum err store_backup(const char *database_path, const char *target_path,
                                 void (*on_progress)(void *arg, int done, int total), void *arg,
                                 struct fault *fault);

/* Reads every page and index: is the database sound? */
MUST_CHECK enum err store_check(const char *database_path, struct fault *fault);

#endif
