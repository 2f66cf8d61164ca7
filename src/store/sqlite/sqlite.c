/*
 * The store on SQLite: WAL, synchronous=FULL. The only file that knows SQLite.
 *
 * Invariant: a write transaction is open if and only if turn_held, and turn_held means that this
 * connection holds the lock on "<database>.turn".
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "store/sqlite/migrations.h"
#include "store/sqlite/reserve.h"

enum {
    PATH_BYTES = 4096,
    CHECKPOINT_PAGES = 4000,
    APPLICATION_ID = 0x496e6c79, /* "Inly", shown by file(1) */
};

struct store {
    sqlite3 *db;                         /* owned */
    sqlite3_stmt *statements[SQL_COUNT]; /* owned, prepared on first use */
    int turn_fd;                         /* owned, -1 for readers */
    bool turn_held;
    int64_t wait_ms;
    char error[256];
    int reserve_fd; /* owned; -1 without one */
    bool is_full;   /* the last failure was for want of room */
};

static enum err store_fail(struct store *store, int code)
{
    snprintf(store->error, sizeof(store->error), "%s (SQLite %d)", sqlite3_errstr(code & 0xff),
             code);
    store->is_full = (code & 0xff) == SQLITE_FULL ||
                     ((code & 0xff) == SQLITE_IOERR && sqlite3_system_errno(store->db) == ENOSPC);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CONSTRAINT:
        return ERR_CONFLICT;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return ERR_STORAGE;
    default:
        return ERR_INTERNAL;
    }
}

const char *store_error(const struct store *store)
{
    return store->error;
}

static enum err store_exec(struct store *store, const char *sql)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_OK : store_fail(store, sqlite3_extended_errcode(store->db));
}

/* In plain words, for the person who starts the server. */
static enum err fault_from_store(struct fault *fault, const struct store *store, enum err err,
                                 const char *path)
{
    int code = store->db == NULL ? SQLITE_CANTOPEN : sqlite3_errcode(store->db) & 0xff;
    const char *advice =
        code == SQLITE_CORRUPT || code == SQLITE_NOTADB
            ? "It is damaged or no database of Inlay: restore it from a backup."
        : code == SQLITE_FULL ? "The disk is full: make room, then try again."
        : code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM
            ? "It cannot be opened for writing: check the owner and mode of the file and its "
              "folder."
        : code == SQLITE_IOERR
            ? "Reading or writing failed: check the disk, its free space and the system's log."
            : "Another program may hold it.";
    return fault_set(fault, err, "store", "Database %.150s: %.100s. %s", path, store->error,
                     advice);
}

static enum err store_open_turn(struct store *store, const char *path)
{
    char turn_path[PATH_BYTES];
    struct str text;
    if (!str_print_fits(turn_path, sizeof(turn_path), &text, "%s.turn", path)) {
        return store_fail(store, SQLITE_CANTOPEN);
    }
    store->turn_fd = open(turn_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return store->turn_fd < 0 ? store_fail(store, SQLITE_CANTOPEN) : ERR_OK;
}

static enum err store_configure(struct store *store, enum store_mode mode)
{
    enum err err = ERR_OK;
    sqlite3_extended_result_codes(store->db, 1);
    store_set_wait(store, STORE_WAIT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    err = store_exec(store, "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                            "PRAGMA cache_size=-32000; PRAGMA synchronous=FULL;");
    if (!err && mode == STORE_CREATE) {
        err = store_exec(store, "PRAGMA journal_mode=WAL;");
    }
    if (!err && mode != STORE_READ) {
        sqlite3_wal_autocheckpoint(store->db, CHECKPOINT_PAGES);
    }
    if (!err && mode == STORE_READ) {
        err = store_exec(store, "PRAGMA query_only=ON;");
    }
    return err;
}

/* An empty file, for its owner only, unless there is one. SQLite gives the files beside it the same
 * mode. If it cannot be made, opening it says why. */
static void make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
    }
}

/*
 * flock() has no time limit, so a timer interrupts the thread that waits in it. The timer goes off
 * again and again, because its first signal may come just before the thread begins to wait.
 */
#define TURN_SIGNAL (SIGRTMIN + 4)
enum { TURN_SIGNAL_AGAIN_NS = 20 * 1000 * 1000 };

static void on_turn_signal(int signal)
{
    (void)signal;
}

/* For the whole process, before its first database: nobody asks how much memory SQLite has, and
 * counting it takes a lock that all threads share at each allocation. */
static void configure_process(void)
{
    struct sigaction interrupt = {.sa_handler = on_turn_signal};
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    REQUIRE(sigaction(TURN_SIGNAL, &interrupt, NULL) == 0);
}

enum err store_open(const char *path, enum store_mode mode, struct store **out_store,
                    struct fault *fault)
{
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    REQUIRE(pthread_once(&configured, configure_process) == 0);
    struct store *store = calloc(1, sizeof(*store));
    REQUIRE(store != NULL);
    store->turn_fd = -1;
    store->reserve_fd = -1;
    if (mode == STORE_CREATE) {
        make_private(path);
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &store->db, flags, NULL);
    enum err err = code == SQLITE_OK ? ERR_OK : store_fail(store, code);
    if (!err) {
        err = store_configure(store, mode);
    }
    if (!err && mode != STORE_READ) {
        err = store_open_turn(store, path);
        store->reserve_fd = reserve_open(path);
    }
    if (err) {
        fault_from_store(fault, store, err, path);
    } else if (mode == STORE_CREATE) {
        err = store_migrate(store, fault);
        store_reserve_fill(store);
    }
    if (err) {
        store_close(store);
        return err;
    }
    *out_store = store;
    return ERR_OK;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
    }
    sqlite3_close(store->db);
    if (store->turn_fd >= 0) {
        close(store->turn_fd);
    }
    if (store->reserve_fd >= 0) {
        close(store->reserve_fd);
    }
    free(store);
}

/* ---- transactions ---- */

void store_set_wait(struct store *store, int64_t wait_ms)
{
    store->wait_ms = wait_ms > 0 ? wait_ms : 0;
    sqlite3_busy_timeout(store->db, (int)store->wait_ms);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* A timer that signals this thread after wait_ms, and from then on. */
static timer_t turn_timer_start(int64_t wait_ms)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TURN_SIGNAL};
    struct itimerspec time = {
        .it_value = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000},
        .it_interval = {.tv_nsec = TURN_SIGNAL_AGAIN_NS},
    };
    event._sigev_un._tid = gettid();
    REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    REQUIRE(timer_settime(timer, 0, &time, NULL) == 0);
    return timer;
}

/* flock() with an end: 0, or an errno, which is EINTR when the time is over. */
static int turn_wait(int fd, int64_t wait_ms)
{
    int64_t until_ms = monotonic_ms() + wait_ms;
    int error = 0;
    sigset_t signals;
    sigset_t before;
    sigemptyset(&signals);
    sigaddset(&signals, TURN_SIGNAL);
    REQUIRE(pthread_sigmask(SIG_UNBLOCK, &signals, &before) == 0);
    timer_t timer = turn_timer_start(wait_ms);
    do {
        error = flock(fd, LOCK_EX) == 0 ? 0 : errno;
    } while (error == EINTR && monotonic_ms() < until_ms);
    REQUIRE(timer_delete(timer) == 0);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return error;
}

static enum err turn_take(struct store *store)
{
    REQUIRE(store->turn_fd >= 0 && !store->turn_held);
    int error = flock(store->turn_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    if (error == EWOULDBLOCK) {
        error = store->wait_ms > 0 ? turn_wait(store->turn_fd, store->wait_ms) : EINTR;
    }
    if (error != 0) {
        return store_fail(store, error == EINTR ? SQLITE_BUSY : SQLITE_IOERR);
    }
    store->turn_held = true;
    return ERR_OK;
}

static void turn_give(struct store *store)
{
    REQUIRE(flock(store->turn_fd, LOCK_UN) == 0);
    store->turn_held = false;
}

enum err store_begin(struct store *store)
{
    int64_t until_ms = monotonic_ms() + store->wait_ms;
    enum err err = turn_take(store);
    if (err) {
        return err;
    }
    /* Programs that know nothing of turns, like sqlite3, get what is left of the time. */
    int64_t left_ms = until_ms - monotonic_ms();
    sqlite3_busy_timeout(store->db, left_ms > 0 ? (int)left_ms : 0);
    err = store_run(store, SQL_BEGIN, SQL_NO_ARGS, NULL);
    sqlite3_busy_timeout(store->db, (int)store->wait_ms);
    if (err) {
        turn_give(store);
    }
    return err;
}

enum err store_commit(struct store *store)
{
    REQUIRE(store->turn_held);
    enum err err = store_run(store, SQL_COMMIT, SQL_NO_ARGS, NULL);
    if (err) {
        store_rollback(store);
        return err;
    }
    turn_give(store);
    return ERR_OK;
}

void store_rollback(struct store *store)
{
    REQUIRE(store->turn_held);
    /* After some errors SQLite has rolled back by itself; then there is nothing left to do. */
    if (sqlite3_get_autocommit(store->db) == 0) {
        char error[sizeof(store->error)];
        memcpy(error, store->error, sizeof(error));
        if (store_run(store, SQL_ROLLBACK, SQL_NO_ARGS, NULL) == ERR_OK) {
            memcpy(store->error, error, sizeof(error));
        }
    }
    REQUIRE(sqlite3_get_autocommit(store->db) != 0);
    turn_give(store);
}

bool store_reserve_use(struct store *store)
{
    return store->is_full && reserve_use(store->reserve_fd);
}

void store_reserve_fill(struct store *store)
{
    reserve_fill(store->reserve_fd);
}

int64_t store_changes(const struct store *store)
{
    return sqlite3_total_changes64(store->db);
}

enum err store_read_begin(struct store *store)
{
    return store_run(store, SQL_READ_BEGIN, SQL_NO_ARGS, NULL);
}

void store_read_end(struct store *store)
{
    if (sqlite3_get_autocommit(store->db) == 0) {
        REQUIRE(store_run(store, SQL_ROLLBACK, SQL_NO_ARGS, NULL) == ERR_OK);
    }
}

/* ---- statements ---- */

static int bind_value(sqlite3_stmt *statement, int index, const struct sql_value *value)
{
    switch (value->type) {
    case SQL_VALUE_INT:
        return sqlite3_bind_int64(statement, index, value->number);
    case SQL_VALUE_TEXT:
        return sqlite3_bind_text64(statement, index, value->bytes.ptr, value->bytes.len,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case SQL_VALUE_BLOB:
        return sqlite3_bind_blob64(statement, index, value->bytes.ptr, value->bytes.len,
                                   SQLITE_STATIC);
    case SQL_VALUE_NULL:
        break;
    }
    return sqlite3_bind_null(statement, index);
}

static enum err statement_get(struct store *store, enum sql sql, struct sql_args args,
                              sqlite3_stmt **out_statement)
{
    sqlite3_stmt **statement = &store->statements[sql];
    if (*statement == NULL) {
        int code = sqlite3_prepare_v3(store->db, sql_statements[sql].sqlite, -1,
                                      SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK) {
            return store_fail(store, code);
        }
    }
    REQUIRE(!sqlite3_stmt_busy(*statement)); /* a statement is not used twice at a time */
    REQUIRE(sqlite3_bind_parameter_count(*statement) == (int)args.count);
    for (size_t i = 0; i < args.count; i++) {
        int code = bind_value(*statement, (int)i + 1, &args.values[i]);
        if (code != SQLITE_OK) {
            return store_fail(store, code);
        }
    }
    *out_statement = *statement;
    return ERR_OK;
}

enum err store_run(struct store *store, enum sql sql, struct sql_args args, int64_t *out_changes)
{
    sqlite3_stmt *statement = NULL;
    enum err err = statement_get(store, sql, args, &statement);
    if (err) {
        return err;
    }
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        err = store_fail(store, code);
    }
    sqlite3_reset(statement);
    if (!err && out_changes != NULL) {
        *out_changes = sqlite3_changes64(store->db);
    }
    return err;
}

struct rows store_query(struct store *store, enum sql sql, struct sql_args args)
{
    sqlite3_stmt *statement = NULL;
    struct rows rows = {.store = store};
    rows.err = statement_get(store, sql, args, &statement);
    rows.statement = rows.err ? NULL : statement;
    return rows;
}

bool rows_next(struct rows *rows)
{
    if (rows->err) {
        return false;
    }
    int code = sqlite3_step(rows->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        rows->err = store_fail(rows->store, code);
    }
    return code == SQLITE_ROW;
}

enum err rows_end(struct rows *rows)
{
    if (rows->statement != NULL) {
        sqlite3_reset(rows->statement);
        rows->statement = NULL;
    }
    return rows->err;
}

/* Without a current row there are no columns: before the first row, after the last one, when
 * reading it failed, and after rows_end(). */
static sqlite3_stmt *row_with(const struct rows *rows, int column)
{
    REQUIRE(column >= 0 && column < sqlite3_data_count(rows->statement));
    return rows->statement;
}

bool rows_is_null(const struct rows *rows, int column)
{
    return sqlite3_column_type(row_with(rows, column), column) == SQLITE_NULL;
}

int64_t rows_int(const struct rows *rows, int column)
{
    return sqlite3_column_int64(row_with(rows, column), column);
}

struct str rows_text(const struct rows *rows, int column)
{
    if (rows_is_null(rows, column)) {
        return STR_NONE;
    }
    const void *bytes = sqlite3_column_blob(rows->statement, column);
    return (struct str){bytes == NULL ? "" : bytes,
                        (size_t)sqlite3_column_bytes(rows->statement, column)};
}

struct uuid rows_uuid(const struct rows *rows, int column)
{
    struct uuid uuid = UUID_NONE;
    struct str bytes = rows_text(rows, column);
    if (bytes.len == UUID_BYTES) {
        memcpy(uuid.bytes, bytes.ptr, UUID_BYTES);
    }
    return uuid;
}

/* ---- the whole database ---- */

static enum err query_int(struct store *store, const char *sql, int64_t *out_value)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        *out_value = sqlite3_column_int64(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_OK ? ERR_OK : store_fail(store, code);
}

static enum err migrate_one(struct store *store, int version)
{
    char stamp[96];
    snprintf(stamp, sizeof(stamp), "PRAGMA user_version=%d; PRAGMA application_id=%d;", version,
             APPLICATION_ID);
    enum err err = store_begin(store);
    if (err) {
        return err;
    }
    err = store_exec(store, migrations[version - 1]);
    if (!err) {
        err = store_exec(store, stamp);
    }
    if (err) {
        store_rollback(store);
        return err;
    }
    return store_commit(store);
}

enum err store_migrate_to(struct store *store, int version, struct fault *fault)
{
    const char *path = sqlite3_db_filename(store->db, "main");
    int64_t present = 0;
    int64_t application = 0;
    int64_t tables = 0;
    enum err err = query_int(store, "PRAGMA user_version", &present);
    if (!err) {
        err = query_int(store, "PRAGMA application_id", &application);
    }
    if (!err) {
        err = query_int(store, "SELECT count(*) FROM sqlite_schema", &tables);
    }
    if (err) {
        return fault_from_store(fault, store, err, path);
    }
    if ((present > 0 || tables > 0) && application != APPLICATION_ID) {
        return fault_set(fault, ERR_STORAGE, "store_foreign",
                         "%.200s is the database of another program.", path);
    }
    if (present > migration_count) {
        return fault_set(fault, ERR_STORAGE, "store_newer",
                         "The database has version %lld, this program knows up to %d: it was "
                         "written by a newer Inlay. Run that one.",
                         (long long)present, migration_count);
    }
    REQUIRE(version <= migration_count);
    for (int next = (int)present + 1; next <= version; next++) {
        err = migrate_one(store, next);
        if (err) {
            return fault_from_store(fault, store, err, path);
        }
    }
    return ERR_OK;
}

enum err store_migrate(struct store *store, struct fault *fault)
{
    return store_migrate_to(store, migration_count, fault);
}

int store_schema_version(void)
{
    return migration_count;
}

const char *store_library_version(void)
{
    return sqlite3_libversion();
}

/* An empty file that was not there: in one step, or somebody could put one there in between. */
static enum err make_target(const char *path, struct fault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) {
        return fault_set(fault, ERR_CONFLICT, "backup_exists",
                         "%.200s exists already; a backup overwrites nothing.", path);
    }
    if (fd < 0) {
        return fault_set(fault, ERR_STORAGE, "backup_unwritable", "%.200s cannot be made: %s.",
                         path, strerror(errno));
    }
    close(fd);
    return ERR_OK;
}

enum err store_backup(const char *database_path, const char *target_path,
                      void (*on_progress)(void *arg, int done, int total), void *arg,
                      struct fault *fault)
{
    enum { PAGES_PER_STEP = 500 };
    struct store *source = NULL;
    struct store target = {.turn_fd = -1};
    sqlite3_backup *backup = NULL;
    int64_t tables = 0;
    int code = SQLITE_OK;
    enum err err = store_open(database_path, STORE_READ, &source, fault);
    if (err) {
        return err;
    }
    err = make_target(target_path, fault);
    if (err) {
        store_close(source);
        return err;
    }
    code = sqlite3_open_v2(target_path, &target.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE,
                           NULL);
    if (code == SQLITE_OK) {
        backup = sqlite3_backup_init(target.db, "main", source->db, "main");
        code = backup == NULL ? sqlite3_errcode(target.db) : SQLITE_OK;
    }
    /* Without a read transaction over all steps the copy would start again whenever somebody
     * writes. It begins with its first read. */
    if (code == SQLITE_OK) {
        err = store_read_begin(source);
        if (!err) {
            err = query_int(source, "SELECT count(*) FROM sqlite_schema", &tables);
        }
        code = err ? SQLITE_BUSY : SQLITE_OK;
    }
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, PAGES_PER_STEP);
        if (on_progress != NULL && code != SQLITE_BUSY) {
            int total = sqlite3_backup_pagecount(backup);
            on_progress(arg, total - sqlite3_backup_remaining(backup), total);
        }
    }
    if (backup != NULL) {
        int finish = sqlite3_backup_finish(backup);
        code = code == SQLITE_DONE ? finish : code;
    }
    store_read_end(source);
    store_close(source);
    if (code == SQLITE_OK) {
        /* One file, not three: the copy must be complete by itself. */
        code = sqlite3_exec(target.db, "PRAGMA journal_mode=DELETE;", NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        err = store_fail(&target, code);
        fault_from_store(fault, &target, err, target_path);
    }
    sqlite3_close(target.db);
    if (err) {
        unlink(target_path);
    }
    return err;
}

enum err store_check(const char *database_path, struct fault *fault)
{
    struct store *store = NULL;
    sqlite3_stmt *statement = NULL;
    enum err err = store_open(database_path, STORE_READ, &store, fault);
    if (err) {
        return err;
    }
    /* Not quick_check: SQLite 3.40's finds NULLs that are none in a table WITHOUT ROWID whose
     * primary key is not in the order of its columns. */
    int code = sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_ROW) {
        err = store_fail(store, code);
        fault_from_store(fault, store, err, database_path);
    } else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
        err = fault_set(fault, ERR_STORAGE, "store_damaged",
                        "Database %.200s is damaged: restore it from a backup.", database_path);
    }
    sqlite3_finalize(statement);
    store_close(store);
    return err;
}
