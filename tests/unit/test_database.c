#include "place.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/random.h"
#include "store/sqlite/migrations.h"

/* ---- what is no database of ours ---- */

static void expect_no_open(struct place *place, enum store_mode mode, const char *words)
{
    struct store *store = NULL;
    assert_int_equal(store_open(place->database, mode, &store, &place->fault), ERR_STORAGE);
    assert_null(store);
    if (strstr(place->fault.message, words) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", place->fault.message, words);
    }
}

static void a_newer_database_is_refused(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    store_close(place_open(&place, STORE_CREATE));
    place_sql(place.database, "PRAGMA user_version=999;");
    expect_no_open(&place, STORE_CREATE, "written by a newer Inlay");
    assert_string_equal(place.fault.code, "store_newer");
    unit_folder_remove(place.folder);
}

static void the_database_of_another_program_is_refused_and_left_alone(void **state)
{
    (void)state;
    struct place place;
    struct buf before = buf_make(4096);
    struct buf after = buf_make(4096);
    place_make(&place);
    place_sql(place.database, "CREATE TABLE theirs (id INTEGER); PRAGMA user_version=3;"
                              "PRAGMA application_id=7;");
    place_schema(place.database, &before);
    expect_no_open(&place, STORE_CREATE, "another program");
    assert_str_equal(place_schema(place.database, &after), buf_str(&before).ptr);
    buf_done(&before);
    buf_done(&after);
    unit_folder_remove(place.folder);
}

static void a_database_of_another_program_without_a_version_is_refused_too(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    place_sql(place.database, "CREATE TABLE theirs (id INTEGER);");
    expect_no_open(&place, STORE_CREATE, "another program");
    unit_folder_remove(place.folder);
}

static void overwrite(const char *path, off_t offset, const char *bytes, size_t count)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, count, offset), (ssize_t)count);
    close(fd);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    store_close(place_open(&place, STORE_CREATE));
    overwrite(place.database, 0, "This is no database at all.", 27);
    expect_no_open(&place, STORE_CREATE, "restore it from a backup");
    unit_folder_remove(place.folder);
}

static void a_damaged_page_is_found_by_the_check(void **state)
{
    (void)state;
    struct place place;
    char noise[4096];
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "w%d", i);
        assert_int_equal(place_add_workspace(store, name), ERR_OK);
    }
    store_close(store);
    assert_int_equal(store_check(place.database, &place.fault), ERR_OK);
    memset(noise, 0xa5, sizeof(noise));
    for (off_t page = 1; page < 40; page++) {
        overwrite(place.database, page * 4096, noise, sizeof(noise));
    }
    assert_int_equal(store_check(place.database, &place.fault), ERR_STORAGE);
    assert_non_null(strstr(place.fault.message, "restore it from a backup"));
    unit_folder_remove(place.folder);
}

static void a_database_that_is_absent_is_only_made_when_asked(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    expect_no_open(&place, STORE_WRITE, "cannot be opened");
    expect_no_open(&place, STORE_READ, "cannot be opened");
    assert_int_not_equal(access(place.database, F_OK), 0);
    unit_folder_remove(place.folder);
}

static void a_folder_that_is_absent_is_named(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    snprintf(place.database, sizeof(place.database), "%s/no/inlay.db", place.folder);
    expect_no_open(&place, STORE_CREATE, "/no/inlay.db");
    unit_folder_remove(place.folder);
}

/* ---- backup ---- */

static void add_one(void *arg, int done, int total)
{
    struct store *store = arg;
    static int number;
    char name[32];
    assert_true(done <= total);
    snprintf(name, sizeof(name), "meanwhile %d", ++number);
    assert_int_equal(place_add_workspace(store, name), ERR_OK);
}

static void a_backup_is_whole_while_others_write(void **state)
{
    (void)state;
    struct place place;
    struct store *copy = NULL;
    char name[2000];
    place_make(&place);
    struct store *store = place_open(&place, STORE_CREATE);
    assert_int_equal(store_begin(store), ERR_OK);
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "%01990d", i);
        assert_int_equal(place_add_workspace(store, name), ERR_OK);
    }
    assert_int_equal(store_commit(store), ERR_OK);
    assert_int_equal(store_backup(place.database, place.copy, add_one, store, &place.fault),
                     ERR_OK);
    assert_true(place_count_workspaces(store) > 2001);
    assert_int_equal(store_check(place.copy, &place.fault), ERR_OK);
    assert_int_equal(store_open(place.copy, STORE_CREATE, &copy, &place.fault), ERR_OK);
    assert_int_equal(place_count_workspaces(copy), 2000);
    store_close(copy);
    store_close(store);
    unit_folder_remove(place.folder);
}

static void a_backup_is_one_file_and_overwrites_none(void **state)
{
    (void)state;
    struct place place;
    char wal[UNIT_FOLDER_SIZE + 32];
    struct stat status;
    place_make(&place);
    store_close(place_open(&place, STORE_CREATE));
    assert_int_equal(store_backup(place.database, place.copy, NULL, NULL, &place.fault), ERR_OK);
    snprintf(wal, sizeof(wal), "%s-wal", place.copy);
    assert_int_not_equal(access(wal, F_OK), 0);
    assert_int_equal(stat(place.copy, &status), 0);
    assert_int_equal(status.st_mode & 0077, 0);
    assert_int_equal(store_backup(place.database, place.copy, NULL, NULL, &place.fault),
                     ERR_CONFLICT);
    assert_string_equal(place.fault.code, "backup_exists");
    snprintf(place.copy, sizeof(place.copy), "%s/no/copy", place.folder);
    assert_int_equal(store_backup(place.database, place.copy, NULL, NULL, &place.fault),
                     ERR_STORAGE);
    unit_folder_remove(place.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_database_is_refused),
        cmocka_unit_test(the_database_of_another_program_is_refused_and_left_alone),
        cmocka_unit_test(a_database_of_another_program_without_a_version_is_refused_too),
        cmocka_unit_test(a_file_that_is_no_database_is_refused),
        cmocka_unit_test(a_damaged_page_is_found_by_the_check),
        cmocka_unit_test(a_database_that_is_absent_is_only_made_when_asked),
        cmocka_unit_test(a_folder_that_is_absent_is_named),
        cmocka_unit_test(a_backup_is_whole_while_others_write),
        cmocka_unit_test(a_backup_is_one_file_and_overwrites_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
