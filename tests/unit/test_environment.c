#include "world.h"

#include "model/environment.h"

static struct environment make(struct world *world, const char *name, const char *config)
{
    struct environment environment = {.name = str_from(name), .config = str_from(config)};
    assert_int_equal(environment_create(&world->work, &environment), ERR_OK);
    return environment;
}

static struct environment production(struct world *world)
{
    struct environment environment;
    assert_int_equal(environment_find_by_name(&world->work, STR("production"), &environment),
                     ERR_OK);
    return environment;
}

static void names_are_plain_words_and_no_ids(void **state)
{
    (void)state;
    static const char *const good[] = {"staging", "a", "1", "eu-west_1.b", "Prod"};
    static const char *const bad[] = {
        "", "-a", ".a", "_a", "a b", "a/b", "\xc3\xa4", "8ba8bf0e-6b8f-4e07-abb9-6fd2d816fabc"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(environment_name_is_valid(str_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(environment_name_is_valid(str_from(bad[i])));
    }
    struct str longest = STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    longest.len = LIMIT_ENVIRONMENT_BYTES;
    assert_true(environment_name_is_valid(longest));
    longest.len++;
    assert_false(environment_name_is_valid(longest));
}

static void names_are_unique_in_a_workspace(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct environment twin = {.name = STR("production"), .config = STR("{}")};
    assert_int_equal(environment_create(&world.work, &twin), ERR_CONFLICT);
    assert_fault(&world, "environment_exists");
    struct environment before = make(&world, "staging", "{}");
    make(&world, "test", "{}");
    struct environment after = before;
    after.name = STR("test");
    assert_int_equal(environment_update(&world.work, &before, &after), ERR_CONFLICT);
    assert_fault(&world, "environment_exists");
    world_end(&world);
}

static void production_keeps_its_name_and_stays(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct environment before = production(&world);
    struct environment after = before;
    after.name = STR("live");
    assert_int_equal(environment_update(&world.work, &before, &after), ERR_CONFLICT);
    assert_fault(&world, "environment_required");
    assert_int_equal(environment_delete(&world.work, &before), ERR_CONFLICT);
    assert_fault(&world, "environment_required");
    after = before;
    after.config = STR("{\"a\":1}");
    assert_int_equal(environment_update(&world.work, &before, &after), ERR_OK);
    assert_str_equal(production(&world).config, "{\"a\":1}");
    world_end(&world);
}

static void what_running_sessions_see_raises_the_epoch(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct environment before = make(&world, "staging", "{}");
    struct environment after = before;
    assert_false(world.work.raise_epoch);
    assert_int_equal(environment_update(&world.work, &before, &after), ERR_OK);
    assert_false(world.work.raise_epoch);
    assert_int_equal(world_events(&world, "environment.update"), 0);
    after.config = STR("{\"key\":\"confidential\"}");
    assert_int_equal(environment_update(&world.work, &before, &after), ERR_OK);
    assert_true(world.work.raise_epoch);
    struct str detail = world_event_detail(&world, "environment.update");
    assert_null(strstr(detail.ptr, "confidential"));
    assert_non_null(strstr(detail.ptr, "staging"));
    world.work.raise_epoch = false;
    assert_int_equal(environment_delete(&world.work, &after), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(environment_find(&world.work, &after.id, &after), ERR_NOT_FOUND);
    world_end(&world);
}

static void lists_are_of_one_workspace(void **state)
{
    (void)state;
    struct world world;
    struct environment found[4];
    size_t count = 0;
    world_make(&world);
    world_wait(&world, 1);
    make(&world, "staging", "{}");
    assert_int_equal(environment_list(&world.work, &UUID_NONE, 4, found, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_str_equal(found[0].name, "production");
    assert_int_equal(environment_list(&world.work, &found[0].id, 4, found, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(found[0].name, "staging");
    world.work.workspace_id = world_workspace(&world, "other").id;
    assert_int_equal(environment_list(&world.work, &UUID_NONE, 4, found, &count), ERR_OK);
    assert_int_equal(count, 1);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_plain_words_and_no_ids),
        cmocka_unit_test(names_are_unique_in_a_workspace),
        cmocka_unit_test(production_keeps_its_name_and_stays),
        cmocka_unit_test(what_running_sessions_see_raises_the_epoch),
        cmocka_unit_test(lists_are_of_one_workspace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
