#include "scene.h"

static void claims_come_back_as_they_were_stored(void **state)
{
    struct scene *scene = *state;
    const struct claims claims = {
        .groups = STR("[1,2]"),
        .metadata = STR("{\"n\":9223372036854775807,\"s\":\"\\u00e4\"}"),
        .environment = STR("staging"),
        .branch = STR("feature/x"),
    };
    struct claims again;
    struct str text = claims_format(scene->work, &claims);
    assert_int_equal(claims_parse(scene->work, text, &again), ERR_OK);
    assert_str_equal(again.groups, "[1,2]");
    assert_str_equal(again.metadata, "{\"n\":9223372036854775807,\"s\":\"\xc3\xa4\"}");
    assert_str_equal(again.environment, "staging");
    assert_str_equal(again.branch, "feature/x");
    assert_null(again.release_version.ptr);
    assert_str_equal(claims_format(scene->work, &again), arena_cstr(&scene->world.arena, text));
}

static void absent_claims_come_back_absent(void **state)
{
    struct scene *scene = *state;
    struct claims again;
    struct str text =
        claims_format(scene->work, &(struct claims){.environment = STR("production")});
    assert_str_equal(text, "{\"environment\":\"production\"}");
    assert_int_equal(claims_parse(scene->work, text, &again), ERR_OK);
    assert_null(again.groups.ptr);
    assert_null(again.metadata.ptr);
    assert_null(again.branch.ptr);
    assert_null(again.release_version.ptr);
    assert_str_equal(again.environment, "production");
}

static void claims_that_mean_the_same_are_one_text(void **state)
{
    struct scene *scene = *state;
    struct claims one = {.metadata = STR("{\"a\":1,\"b\":{\"c\":2,\"d\":3}}"),
                         .environment = STR("production")};
    struct claims other = one;
    other.metadata = STR("{ \"b\": {\"d\":3, \"c\":2}, \"a\":1 }");
    struct str text = claims_format(scene->work, &one);
    assert_str_equal(claims_format(scene->work, &other), text.ptr);
}

static void no_groups_and_empty_groups_are_different_claims(void **state)
{
    struct scene *scene = *state;
    struct claims none = {.environment = STR("production")};
    struct claims empty = {.groups = STR("[]"), .environment = STR("production")};
    struct claims again;
    struct str text = claims_format(scene->work, &empty);
    assert_false(str_equal(text, claims_format(scene->work, &none)));
    assert_int_equal(claims_parse(scene->work, text, &again), ERR_OK);
    assert_str_equal(again.groups, "[]");
}

static void damaged_claims_are_an_error_and_not_a_decision(void **state)
{
    struct scene *scene = *state;
    static const char *const damaged[] = {"", "{", "{\"environment\":\"production\"", "no"};
    struct claims claims;
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        assert_int_equal(claims_parse(scene->work, str_from(damaged[i]), &claims), ERR_STORAGE);
    }
}

static void metadata_that_an_app_names_is_set_apart_and_put_back(void **state)
{
    struct scene *scene = *state;
    struct claims claims = {.metadata = STR("{\"latestLogin\":1,\"n\":{\"a\":2},\"storeId\":51}"),
                            .environment = STR("production")};
    claims_set_apart(scene->work, &claims, STR("[\"latestLogin\",\"n\",\"absent\"]"));
    assert_str_equal(claims.metadata, "{\"storeId\":51}");
    assert_str_equal(claims.volatile_metadata, "{\"latestLogin\":1,\"n\":{\"a\":2}}");
    assert_str_equal(claims_metadata(scene->work, &claims, claims.volatile_metadata),
                     "{\"latestLogin\":1,\"n\":{\"a\":2},\"storeId\":51}");
    assert_str_equal(claims_metadata(scene->work, &claims, STR_NONE), "{\"storeId\":51}");
}

static void metadata_of_which_nothing_is_left_is_none(void **state)
{
    struct scene *scene = *state;
    struct claims none = {.environment = STR("production")};
    struct claims claims = none;
    claims.metadata = STR("{\"latestLogin\":1}");
    claims_set_apart(scene->work, &claims, STR("[\"latestLogin\"]"));
    assert_null(claims.metadata.ptr);
    struct str text = claims_format(scene->work, &claims);
    assert_str_equal(claims_format(scene->work, &none), text.ptr);
    claims_set_apart(scene->work, &none, STR("[\"latestLogin\"]"));
    assert_null(none.metadata.ptr);
    assert_null(none.volatile_metadata.ptr);
    assert_null(claims_metadata(scene->work, &none, STR_NONE).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(claims_come_back_as_they_were_stored),
        scene_test(absent_claims_come_back_absent),
        scene_test(claims_that_mean_the_same_are_one_text),
        scene_test(no_groups_and_empty_groups_are_different_claims),
        scene_test(metadata_that_an_app_names_is_set_apart_and_put_back),
        scene_test(metadata_of_which_nothing_is_left_is_none),
        scene_test(damaged_claims_are_an_error_and_not_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
