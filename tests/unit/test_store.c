#include "place.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "store/sqlite/migrations.h"

/* ---- statements and schema ---- */

static void every_statement_can_be_prepared(void **state)
{
    (void)state;
    struct place place;
    sqlite3 *db = NULL;
    place_make(&place);
    store_close(place_open(&place, STORE_CREATE));
    assert_int_equal(sqlite3_open(place.database, &db), SQLITE_OK);
    for (int i = 0; i < SQL_COUNT; i++) {
        sqlite3_stmt *statement = NULL;
        const char *tail = NULL;
        assert_non_null(sql_statements[i].sqlite);
        if (sqlite3_prepare_v2(db, sql_statements[i].sqlite, -1, &statement, &tail) != SQLITE_OK) {
            fail_msg("%s\n%s", sql_statements[i].sqlite, sqlite3_errmsg(db));
        }
        assert_string_equal(tail, "");
        sqlite3_finalize(statement);
    }
    sqlite3_close(db);
    unit_folder_remove(place.folder);
}

/* What SQLite would do, one step a line. */
static struct str plan_of(sqlite3 *db, enum sql sql, struct buf *buf)
{
    sqlite3_stmt *statement = NULL;
    char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql_statements[sql].sqlite);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        buf_printf(buf, "%s\n", (const char *)sqlite3_column_text(statement, 3));
    }
    sqlite3_finalize(statement);
    sqlite3_free(text);
    return buf_str(buf);
}

static void lists_and_look_ups_use_an_index(void **state)
{
    (void)state;
    static const struct {
        enum sql sql;
        const char *index;
    } cases[] = {
        {SQL_USER_LIST, "users_by_workspace (workspace_id=? AND id>?)"},
        {SQL_USER_LIST_BY_EMAIL, "users_by_any_email (workspace_id=? AND email_key=?"},
        {SQL_USER_LIST_BY_EXTERNAL_IDENTIFIER,
         "users_by_external_identifier (workspace_id=? AND external_identifier=?"},
        {SQL_USER_BY_EMAIL, "users_by_email (workspace_id=? AND email_key=?"},
        {SQL_APP_LIST, "apps_by_workspace (workspace_id=? AND id>?)"},
        {SQL_TOKEN_LIST, "api_tokens_by_workspace (workspace_id=? AND id>?)"},
        {SQL_GROUP_MEMBERS, "PRIMARY KEY (group_id=? AND user_id>?)"},
        {SQL_GROUP_APPS, "group_apps_by_group (group_id=? AND app_id>?)"},
        {SQL_RELEASE_LIST, "(app_id=?"},
        {SQL_LINK_LIST, "SEARCH g USING PRIMARY KEY (id<?)"},
        {SQL_LINK_LIST_BY_USER, "audiences_by_user (user_id=?)"},
        {SQL_LINK_LIST_BY_APP, "audiences_by_app (app_id=?)"},
        {SQL_SESSION_LIST, "SEARCH s USING PRIMARY KEY (id<?)"},
        {SQL_SESSION_LIST_BY_USER, "audiences_by_user (user_id=?)"},
        {SQL_SESSION_LIST_BY_APP, "audiences_by_app (app_id=?)"},
        {SQL_SESSIONS_OF_USER, "audiences_by_user (user_id=?)"},
        {SQL_SESSIONS_OF_APP, "audiences_by_app (app_id=?)"},
        {SQL_SESSIONS_OF_LINK, "sessions_by_link (link_id=?)"},
        {SQL_EVENT_LIST, "events_by_workspace (workspace_id=? AND id>? AND id<?)"},
        {SQL_EVENT_LIST_BY_USER, "events_by_user (user_id=? AND id>? AND id<?)"},
        {SQL_EVENT_LIST_BY_APP, "events_by_app (app_id=? AND id>? AND id<?)"},
        {SQL_EVENT_LIST_BY_SESSION, "events_by_session (session_id=? AND id>? AND id<?)"},
        {SQL_EVENT_LIST_SINCE, "PRIMARY KEY (rowid>? AND rowid<?)"},
        {SQL_EVENT_FLOOR_BY_APP, "COVERING INDEX events_by_app (app_id=? AND id<?)"},
        {SQL_USAGE, "PRIMARY KEY (workspace_id=? AND hour>? AND hour<?)"},
        {SQL_USAGE_BY_APP, "usage_by_app (app_id=? AND hour>? AND hour<?)"},
        {SQL_USAGE_BY_USER, "usage_by_user (user_id=? AND hour>? AND hour<?)"},
        {SQL_USAGE_APPS, "PRIMARY KEY (workspace_id=? AND hour>? AND hour<?)"},
        {SQL_USAGE_USERS_BY_APP, "usage_by_app (app_id=? AND hour>? AND hour<?)"},
    };
    struct place place;
    sqlite3 *db = NULL;
    place_make(&place);
    store_close(place_open(&place, STORE_CREATE));
    assert_int_equal(sqlite3_open(place.database, &db), SQLITE_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf buf = buf_make(4096);
        struct str plan = plan_of(db, cases[i].sql, &buf);
        if (strstr(plan.ptr, cases[i].index) == NULL) {
            fail_msg("%s\n%s\nis not by %s", sql_statements[cases[i].sql].sqlite, plan.ptr,
                     cases[i].index);
        }
        buf_done(&buf);
    }
    sqlite3_close(db);
    unit_folder_remove(place.folder);
}

static void every_earlier_version_leads_to_the_schema_of_a_new_database(void **state)
{
    (void)state;
    struct place fresh;
    struct buf fresh_schema = buf_make(64 * 1024);
    place_make(&fresh);
    store_close(place_open(&fresh, STORE_CREATE));
    struct str expected = place_schema(fresh.database, &fresh_schema);
    assert_true(expected.len > 1000);
    for (int version = 0; version <= store_schema_version(); version++) {
        struct place old;
        struct buf schema = buf_make(64 * 1024);
        place_make(&old);
        place_sql(old.database, "PRAGMA journal_mode=WAL;");
        struct store *store = place_open(&old, STORE_WRITE);
        assert_int_equal(store_migrate_to(store, version, &old.fault), ERR_OK);
        assert_int_equal(store_migrate(store, &old.fault), ERR_OK);
        store_close(store);
        assert_str_equal(place_schema(old.database, &schema), expected.ptr);
        buf_done(&schema);
        unit_folder_remove(old.folder);
    }
    buf_done(&fresh_schema);
    unit_folder_remove(fresh.folder);
}

static void opening_again_changes_nothing(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(place_add_workspace(store, "one"), ERR_OK);
    store_close(store);
    store = place_open(&place, STORE_CREATE);
    assert_int_equal(place_count_workspaces(store), 1);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void only_the_owner_may_read_the_database(void **state)
{
    (void)state;
    struct place place;
    struct stat status;
    mode_t umask_before = umask(0);
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(place_add_workspace(store, "one"), ERR_OK);
    static const char *const suffixes[] = {"", "-wal", "-shm", ".turn"};
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        char path[UNIT_FOLDER_SIZE + 32];
        snprintf(path, sizeof(path), "%s%s", place.database, suffixes[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    store_close(store);
    umask(umask_before);
    unit_folder_remove(place.folder);
}

/* ---- transactions ---- */

static void a_turn_that_another_holds_is_waited_for_and_not_for_ever(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *one = place_open(&place, STORE_CREATE);
    struct store *two = place_open(&place, STORE_WRITE);
    assert_int_equal(store_begin(one), ERR_OK);
    for (int64_t wait_ms = 0; wait_ms <= 200; wait_ms += 100) {
        int64_t started_ms = clock_now_ms();
        store_set_wait(two, wait_ms);
        assert_int_equal(store_begin(two), ERR_BUSY);
        assert_true(clock_now_ms() - started_ms >= wait_ms);
        assert_true(clock_now_ms() - started_ms < wait_ms + 5000);
    }
    store_rollback(one);
    assert_int_equal(store_begin(two), ERR_OK);
    store_rollback(two);
    store_close(two);
    store_close(one);
    unit_folder_remove(place.folder);
}

static void a_program_without_a_turn_is_not_waited_for_for_ever_either(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(place.database, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    store_set_wait(store, 100);
    assert_int_equal(store_begin(store), ERR_BUSY);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_begin(store), ERR_OK);
    store_rollback(store);
    sqlite3_close(other);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(place_add_workspace(store, "one"), ERR_OK);
    store_rollback(store);
    assert_int_equal(place_count_workspaces(store), 0);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(place_add_workspace(store, "two"), ERR_OK);
    assert_int_equal(store_commit(store), ERR_OK);
    assert_int_equal(place_count_workspaces(store), 1);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_conflict_leaves_the_transaction_open(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(place_add_workspace(store, "one"), ERR_OK);
    int64_t changes = store_changes(store);
    assert_int_equal(place_add_workspace(store, "one"), ERR_CONFLICT);
    assert_int_equal(store_changes(store), changes);
    assert_int_equal(place_add_workspace(store, "two"), ERR_OK);
    assert_int_equal(store_commit(store), ERR_OK);
    assert_int_equal(place_count_workspaces(store), 2);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_change_of_one_row_says_when_the_row_is_gone(void **state)
{
    (void)state;
    struct place place;
    struct uuid id = random_uuid();
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    const struct sql_args delete = SQL_ARGS(sql_uuid(&id));
    assert_int_equal(store_run_one(store, SQL_WORKSPACE_INSERT,
                                   SQL_ARGS(sql_uuid(&id), sql_text(STR("one")), sql_int(1))),
                     ERR_OK);
    assert_int_equal(store_run_one(store, SQL_WORKSPACE_INSERT,
                                   SQL_ARGS(sql_uuid(&id), sql_text(STR("two")), sql_int(1))),
                     ERR_CONFLICT);
    assert_int_equal(store_run_one(store, SQL_WORKSPACE_DELETE, delete), ERR_OK);
    assert_int_equal(store_run_one(store, SQL_WORKSPACE_DELETE, delete), ERR_NOT_FOUND);
    assert_int_equal(place_count_workspaces(store), 0);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_change_of_one_row_that_changes_more_is_our_mistake(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    place_sql(place.database, "INSERT INTO sign_in_failures VALUES (x'01', 1, 1), (x'02', 1, 1)");
    assert_int_equal(store_run_one(store, SQL_SWEEP_SIGN_IN_FAILURES, SQL_ARGS(sql_int(2))),
                     ERR_INTERNAL);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_foreign_key_that_names_nothing_is_a_conflict(void **state)
{
    (void)state;
    struct place place;
    struct uuid id = random_uuid();
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(store_run(store, SQL_GROUP_INSERT,
                               SQL_ARGS(sql_uuid(&id), sql_text(STR("team")), sql_int(1)), NULL),
                     ERR_CONFLICT);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void readers_cannot_write(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    store_close(place_open(&place, STORE_CREATE));
    struct store *store = place_open(&place, STORE_READ);
    assert_int_equal(place_add_workspace(store, "one"), ERR_STORAGE);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_reader_sees_one_moment(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct store *writer = place_open(&place, STORE_CREATE);
    struct store *reader = place_open(&place, STORE_READ);
    assert_int_equal(store_read_begin(reader), ERR_OK);
    assert_int_equal(place_count_workspaces(reader), 0);
    assert_int_equal(place_add_workspace(writer, "one"), ERR_OK);
    assert_int_equal(place_count_workspaces(reader), 0);
    store_read_end(reader);
    assert_int_equal(place_count_workspaces(reader), 1);
    store_close(reader);
    store_close(writer);
    unit_folder_remove(place.folder);
}

static void a_disk_that_takes_no_more_is_storage_and_goes_on_when_there_is_room(void **state)
{
    (void)state;
    struct place place;
    struct rlimit before;
    char large[256 * 1024];
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tight = {.rlim_cur = 32 * 1024, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(place_add_workspace(store, large), ERR_OK);
    assert_int_equal(store_commit(store), ERR_STORAGE);
    assert_true(strlen(store_error(store)) > 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(place_count_workspaces(store), 0);
    assert_int_equal(store_begin(store), ERR_OK);
    assert_int_equal(place_add_workspace(store, "small"), ERR_OK);
    assert_int_equal(store_commit(store), ERR_OK);
    store_close(store);
    unit_folder_remove(place.folder);
}

/* ---- values ---- */

static void values_come_back_as_they_went_in(void **state)
{
    (void)state;
    struct place place;
    struct uuid workspace_id = random_uuid();
    struct uuid user_id = random_uuid();
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(store_run(store, SQL_WORKSPACE_INSERT,
                               SQL_ARGS(sql_uuid(&workspace_id), sql_text(STR("w")), sql_int(1)),
                               NULL),
                     ERR_OK);
    assert_int_equal(
        store_run(store, SQL_USER_INSERT,
                  SQL_ARGS(sql_uuid(&user_id), sql_uuid(&workspace_id), sql_text(STR("external")),
                           sql_text(STR("")), sql_null(), sql_text(STR("a\"b'c;--")), sql_null(),
                           sql_text(STR("\xf0\x9f\x99\x82")), sql_null(), sql_int(INT64_MAX)),
                  NULL),
        ERR_OK);
    struct rows rows = store_query(store, SQL_USER_BY_ID, SQL_ARGS(sql_uuid(&user_id)));
    assert_true(rows_next(&rows));
    struct uuid found = rows_uuid(&rows, 0);
    struct uuid none = rows_uuid(&rows, 3); /* a text is no id */
    assert_true(uuid_equal(&found, &user_id));
    assert_true(uuid_is_none(&none));
    assert_non_null(rows_text(&rows, 2).ptr);
    assert_int_equal(rows_text(&rows, 2).len, 0);
    assert_str_equal(rows_text(&rows, 3), "a\"b'c;--");
    assert_true(rows_is_null(&rows, 4));
    assert_null(rows_text(&rows, 4).ptr);
    assert_str_equal(rows_text(&rows, 5), "\xf0\x9f\x99\x82");
    assert_true(rows_int(&rows, 8) == INT64_MAX);
    assert_int_equal(rows_int(&rows, 4), 0);
    assert_false(rows_next(&rows));
    assert_int_equal(rows_end(&rows), ERR_OK);
    store_close(store);
    unit_folder_remove(place.folder);
}

/* Ends the process at the first read that has no row; status 0 if there was none. */
static int read_without_a_row(struct store *store, int64_t (*read)(const struct rows *rows),
                              bool is_over)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr); /* the complaint is expected */
        struct uuid id = random_uuid();
        struct rows rows = store_query(store, SQL_WORKSPACE_OTHERS, SQL_ARGS(sql_uuid(&id)));
        while (is_over && rows_next(&rows)) {
        }
        read(&rows);
        _exit(0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

static int64_t read_null(const struct rows *rows)
{
    return rows_is_null(rows, 0);
}

static int64_t read_int(const struct rows *rows)
{
    return rows_int(rows, 0);
}

static int64_t read_text(const struct rows *rows)
{
    return (int64_t)rows_text(rows, 0).len;
}

static int64_t read_uuid(const struct rows *rows)
{
    return rows_uuid(rows, 0).bytes[0];
}

static void a_column_without_a_row_ends_the_process(void **state)
{
    (void)state;
    int64_t (*const reads[])(const struct rows *rows) = {read_null, read_int, read_text, read_uuid};
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        for (int is_over = 0; is_over <= 1; is_over++) {
            int status = read_without_a_row(store, reads[i], is_over != 0);
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        }
    }
    store_close(store);
    unit_folder_remove(place.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_can_be_prepared),
        cmocka_unit_test(lists_and_look_ups_use_an_index),
        cmocka_unit_test(every_earlier_version_leads_to_the_schema_of_a_new_database),
        cmocka_unit_test(opening_again_changes_nothing),
        cmocka_unit_test(only_the_owner_may_read_the_database),
        cmocka_unit_test(a_turn_that_another_holds_is_waited_for_and_not_for_ever),
        cmocka_unit_test(a_program_without_a_turn_is_not_waited_for_for_ever_either),
        cmocka_unit_test(a_rollback_leaves_nothing),
        cmocka_unit_test(a_conflict_leaves_the_transaction_open),
        cmocka_unit_test(a_change_of_one_row_says_when_the_row_is_gone),
        cmocka_unit_test(a_change_of_one_row_that_changes_more_is_our_mistake),
        cmocka_unit_test(a_foreign_key_that_names_nothing_is_a_conflict),
        cmocka_unit_test(readers_cannot_write),
        cmocka_unit_test(a_reader_sees_one_moment),
        cmocka_unit_test(a_disk_that_takes_no_more_is_storage_and_goes_on_when_there_is_room),
        cmocka_unit_test(values_come_back_as_they_went_in),
        cmocka_unit_test(a_column_without_a_row_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
