#include "place.h"

#include <sqlite3.h>

#include "crypto/random.h"

void place_make(struct place *place)
{
    *place = (struct place){.fault = {.err = ERR_OK}};
    unit_folder_make(place->folder);
    snprintf(place->database, sizeof(place->database), "%s/inlay.db", place->folder);
    snprintf(place->copy, sizeof(place->copy), "%s/copy.db", place->folder);
}

struct store *place_open(struct place *place, enum store_mode mode)
{
    struct store *store = NULL;
    assert_int_equal(store_open(place->database, mode, &store, &place->fault), ERR_OK);
    return store;
}

void place_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

enum err place_add_workspace(struct store *store, const char *name)
{
    struct uuid id = random_uuid();
    return store_run(store, SQL_WORKSPACE_INSERT,
                     SQL_ARGS(sql_uuid(&id), sql_text(str_from(name)), sql_int(1)), NULL);
}

int64_t place_count_workspaces(struct store *store)
{
    struct uuid none = random_uuid();
    struct rows rows = store_query(store, SQL_WORKSPACE_OTHERS, SQL_ARGS(sql_uuid(&none)));
    assert_true(rows_next(&rows));
    int64_t count = rows_int(&rows, 0);
    assert_int_equal(rows_end(&rows), ERR_OK);
    return count;
}

struct str place_schema(const char *path, struct buf *buf)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT type, name, sql FROM sqlite_schema"
                                        " WHERE sql IS NOT NULL ORDER BY type, name",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        buf_printf(buf, "%s %s %s\n", (const char *)sqlite3_column_text(statement, 0),
                   (const char *)sqlite3_column_text(statement, 1),
                   (const char *)sqlite3_column_text(statement, 2));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return buf_str(buf);
}
