#include "scene.h"

static void the_key_of_an_instance_stays_the_same(void **state)
{
    struct scene *scene = *state;
    struct instance again = {.settings = &scene->world.settings};
    assert_int_equal(instance_load(&again, scene->world.store), ERR_OK);
    assert_memory_equal(again.key, scene->world.instance.key, DIGEST_BYTES);
    assert_true(uuid_equal(&again.workspace_id, &scene->world.instance.workspace_id));
}

static void two_instances_have_different_keys(void **state)
{
    struct scene *scene = *state;
    struct world other;
    world_make(&other);
    assert_memory_not_equal(other.instance.key, scene->world.instance.key, DIGEST_BYTES);
    world_end(&other);
}

static void loading_leaves_alone_what_is_not_stored(void **state)
{
    struct scene *scene = *state;
    struct instance instance = {
        .settings = &scene->world.settings,
        .has_environment_token = true,
        .rate_arg = scene,
    };
    assert_int_equal(instance_load(&instance, scene->world.store), ERR_OK);
    assert_ptr_equal(instance.settings, &scene->world.settings);
    assert_true(instance.has_environment_token);
    assert_ptr_equal(instance.rate_arg, scene);
}

static void a_database_that_was_not_set_up_has_no_instance(void **state)
{
    struct scene *scene = *state;
    struct instance instance = {0};
    struct store *empty = NULL;
    int64_t epoch = -1;
    char path[SETTINGS_PATH_MAX];
    assert_true(settings_data_path(&scene->world.settings, "empty.db", path));
    assert_int_equal(store_open(path, STORE_CREATE, &empty, &scene->world.fault), ERR_OK);
    assert_int_equal(instance_load(&instance, empty), ERR_NOT_FOUND);
    assert_int_equal(instance_epoch(empty, &epoch), ERR_NOT_FOUND);
    assert_int_equal(epoch, -1);
    store_close(empty);
}

static void the_default_workspace_is_the_oldest_one(void **state)
{
    struct scene *scene = *state;
    struct instance again = {0};
    world_wait(&scene->world, 1);
    world_workspace(&scene->world, "a second one");
    assert_int_equal(instance_load(&again, scene->world.store), ERR_OK);
    assert_true(uuid_equal(&again.workspace_id, &scene->world.instance.workspace_id));
}

static int64_t raise_epoch(struct scene *scene)
{
    int64_t raised = 0;
    int64_t stored = 0;
    assert_int_equal(instance_raise_epoch(scene->world.store, &raised), ERR_OK);
    assert_int_equal(instance_epoch(scene->world.store, &stored), ERR_OK);
    assert_int_equal(raised, stored);
    return raised;
}

static void the_epoch_starts_at_one_and_is_raised_to_the_time(void **state)
{
    struct scene *scene = *state;
    int64_t epoch = 0;
    assert_int_equal(instance_epoch(scene->world.store, &epoch), ERR_OK);
    assert_int_equal(epoch, 1);
    assert_int_equal(raise_epoch(scene), WORLD_START_MS);
    world_wait(&scene->world, MINUTE_MS);
    assert_int_equal(raise_epoch(scene), WORLD_START_MS + MINUTE_MS);
}

static void two_raises_within_a_millisecond_still_grow(void **state)
{
    struct scene *scene = *state;
    int64_t first = raise_epoch(scene);
    assert_int_equal(raise_epoch(scene), first + 1);
    assert_int_equal(raise_epoch(scene), first + 2);
}

static void a_clock_that_was_set_back_does_not_lower_the_epoch(void **state)
{
    struct scene *scene = *state;
    int64_t first = raise_epoch(scene);
    world_wait(&scene->world, -DAY_MS);
    assert_int_equal(raise_epoch(scene), first + 1);
}

/* Workers, and whoever else remembers an epoch, know the last one before the disaster. */
static void after_a_backup_was_restored_the_next_epoch_is_newer_than_any_before(void **state)
{
    struct scene *scene = *state;
    struct store *restored = NULL;
    char database[SETTINGS_PATH_MAX];
    char copy[SETTINGS_PATH_MAX];
    int64_t epoch = 0;
    assert_true(settings_data_path(&scene->world.settings, "inlay.db", database));
    assert_true(settings_data_path(&scene->world.settings, "copy.db", copy));
    raise_epoch(scene);
    assert_int_equal(store_backup(database, copy, NULL, NULL, &scene->world.fault), ERR_OK);
    int64_t newest = 0;
    for (int i = 0; i < 10; i++) {
        world_wait(&scene->world, 1000);
        newest = raise_epoch(scene);
    }
    world_wait(&scene->world, 1000);
    assert_int_equal(store_open(copy, STORE_WRITE, &restored, &scene->world.fault), ERR_OK);
    assert_int_equal(instance_raise_epoch(restored, &epoch), ERR_OK);
    assert_true(epoch > newest);
    store_close(restored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(the_key_of_an_instance_stays_the_same),
        scene_test(two_instances_have_different_keys),
        scene_test(loading_leaves_alone_what_is_not_stored),
        scene_test(a_database_that_was_not_set_up_has_no_instance),
        scene_test(the_default_workspace_is_the_oldest_one),
        scene_test(the_epoch_starts_at_one_and_is_raised_to_the_time),
        scene_test(two_raises_within_a_millisecond_still_grow),
        scene_test(a_clock_that_was_set_back_does_not_lower_the_epoch),
        scene_test(after_a_backup_was_restored_the_next_epoch_is_newer_than_any_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
