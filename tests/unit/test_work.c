#include "scene.h"

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
        scene_test(failures_of_the_store_get_words_and_others_pass),
        scene_test(words_for_clients_do_not_quote_the_database),
        scene_test(ids_and_times_have_a_text_unless_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
