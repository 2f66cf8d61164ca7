#include "world.h"

#include <sqlite3.h>

#include "access/setup.h"

void world_make(struct world *world)
{
    struct setup_result result;
    char database[SETTINGS_PATH_MAX];
    *world = (struct world){.arena = ARENA_NONE};
    clock_set_ms(WORLD_START_MS);
    unit_folder_make(world->folder);
    settings_init(&world->settings);
    assert_int_equal(
        settings_set(&world->settings, STR("data"), str_from(world->folder), &world->fault),
        ERR_OK);
    assert_int_equal(settings_finish(&world->settings, &world->fault), ERR_OK);
    unsetenv("INLAY_API_TOKEN");
    assert_int_equal(setup_instance(&world->settings, &result, &world->fault), ERR_OK);
    assert_true(settings_data_path(&world->settings, "inlay.db", database));
    assert_int_equal(store_open(database, STORE_WRITE, &world->store, &world->fault), ERR_OK);
    world->instance.settings = &world->settings;
    assert_int_equal(instance_load(&world->instance, world->store), ERR_OK);
    world->access = (struct access){
        .store = world->store,
        .arena = &world->arena,
        .instance = &world->instance,
        .fault = &world->fault,
        .now_ms = WORLD_START_MS,
        .actor = {.kind = ACTOR_SYSTEM, .name = STR("test")},
        .workspace_id = world->instance.workspace_id,
        .address = STR("192.0.2.1"),
        .user_agent = STR("test"),
    };
}

void world_end(struct world *world)
{
    store_close(world->store);
    arena_done(&world->arena);
    unit_folder_remove(world->folder);
    clock_set_ms(0);
}

void world_wait(struct world *world, int64_t ms)
{
    world->access.now_ms += ms;
    clock_set_ms(world->access.now_ms);
}

/* A connection of its own: what the trail says is no business of the statements under test. */
static sqlite3_stmt *query_events(struct world *world, const char *sql, const char *type,
                                  sqlite3 **out_db)
{
    char database[SETTINGS_PATH_MAX];
    sqlite3_stmt *statement = NULL;
    assert_true(settings_data_path(&world->settings, "inlay.db", database));
    assert_int_equal(sqlite3_open_v2(database, out_db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(*out_db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(statement, 1, type, -1, SQLITE_STATIC), SQLITE_OK);
    return statement;
}

int world_events(struct world *world, const char *type)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement =
        query_events(world, "SELECT count(*) FROM events WHERE type = ?1", type, &db);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

struct str world_event_detail(struct world *world, const char *type)
{
    sqlite3 *db = NULL;
    struct str detail = STR("");
    sqlite3_stmt *statement = query_events(
        world, "SELECT detail FROM events WHERE type = ?1 ORDER BY id DESC LIMIT 1", type, &db);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        detail = arena_str(&world->arena, text == NULL ? STR("") : str_from(text));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return detail;
}
