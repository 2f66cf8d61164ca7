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

static void the_epoch_starts_at_one_and_goes_up(void **state)
{
    struct scene *scene = *state;
    int64_t epoch = 0;
    assert_int_equal(instance_epoch(scene->world.store, &epoch), ERR_OK);
    assert_int_equal(epoch, 1);
    assert_int_equal(store_run(scene->world.store, SQL_EPOCH_RAISE, SQL_NO_ARGS, NULL), ERR_OK);
    assert_int_equal(instance_epoch(scene->world.store, &epoch), ERR_OK);
    assert_int_equal(epoch, 2);
}

static void failures_of_the_store_get_words_and_others_pass(void **state)
{
    struct scene *scene = *state;
    static const struct {
        enum err err;
        const char *code;
    } cases[] = {
        {ERR_OK, ""},
        {ERR_NOT_FOUND, ""},
        {ERR_CONFLICT, ""},
        {ERR_BUSY, "store_busy"},
        {ERR_STORAGE, "store_unavailable"},
        {ERR_INTERNAL, "internal"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        scene->world.fault = (struct fault){.err = ERR_OK};
        assert_int_equal(work_store_fault(scene->work, cases[i].err), cases[i].err);
        assert_fault(&scene->world, cases[i].code);
        assert_int_equal(scene->world.fault.err, cases[i].code[0] == '\0' ? ERR_OK : cases[i].err);
    }
}

static void words_for_clients_do_not_quote_the_database(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(work_store_fault(scene->work, ERR_STORAGE), ERR_STORAGE);
    assert_null(strstr(scene->world.fault.message, "SQLite"));
    assert_null(strstr(scene->world.fault.message, scene->world.folder));
}

static void ids_and_times_have_a_text_unless_there_are_none(void **state)
{
    struct scene *scene = *state;
    struct uuid id;
    assert_true(uuid_parse(STR("01890a5d-ac96-774b-bcce-b302099a8057"), &id));
    assert_str_equal(work_uuid_text(scene->work, &id), "01890a5d-ac96-774b-bcce-b302099a8057");
    assert_null(work_uuid_text(scene->work, &UUID_NONE).ptr);
    assert_str_equal(work_time_text(scene->work, WORLD_START_MS), "2026-01-02T03:00:00.000Z");
    assert_null(work_time_text(scene->work, 0).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(the_key_of_an_instance_stays_the_same),
        scene_test(two_instances_have_different_keys),
        scene_test(loading_leaves_alone_what_is_not_stored),
        scene_test(a_database_that_was_not_set_up_has_no_instance),
        scene_test(the_default_workspace_is_the_oldest_one),
        scene_test(the_epoch_starts_at_one_and_goes_up),
        scene_test(failures_of_the_store_get_words_and_others_pass),
        scene_test(words_for_clients_do_not_quote_the_database),
        scene_test(ids_and_times_have_a_text_unless_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
