#include "world.h"

static void versions_are_semantic(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0.0.0",         "1.2.3",           "10.20.30",
        "1.0.0-alpha",   "1.0.0-alpha.1",   "1.0.0-0.3.7",
        "1.0.0-x.7.z.9", "1.0.0-x-y-z.-",   "1.0.0-alpha+001",
        "1.0.0+2013",    "1.0.0--",         "1.0.0+a-b.-c",
        "1.0.0-0A.is",   "1.0.0-rc.1+b.11", "99999999999999999999.0.0",
    };
    static const char *const bad[] = {
        "",         "1",         "1.2",       "1.2.3.4",        "v1.2.3",   "01.2.3",
        "1.02.3",   "1.2.03",    "1.2.3-",    "1.2.3+",         "1.2.3-01", "1.2.3-a..b",
        "1.2.3-a.", "1.2.3+a..", "1.2.3+a+b", "1.2.3-\xc3\xa9", " 1.2.3",   "1.2.3 ",
        "1..3",     "1.2.",      ".1.2",      "-1.2.3",         "1.2.x",    "1.2.3-a/b",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!release_version_is_semantic(str_from(good[i]))) {
            fail_msg("\"%s\" was refused", good[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (release_version_is_semantic(str_from(bad[i]))) {
            fail_msg("\"%s\" was accepted", bad[i]);
        }
    }
    assert_false(release_version_is_semantic(STR_NONE));
    struct str longest = STR("1.0.0-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    longest.len = LIMIT_VERSION_BYTES;
    assert_true(release_version_is_semantic(longest));
    longest.len++;
    assert_false(release_version_is_semantic(longest));
}

static void names_of_branches_start_with_a_letter_or_digit(void **state)
{
    (void)state;
    static const char *const good[] = {"main", "feature/x", "1", "a.b-c_d", "A"};
    static const char *const bad[] = {"",    "../x", "/x",  "-x",       ".x",  "_x",
                                      "a b", "a%",   "a\n", "\xc3\xa9", "a?b", "a:b"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(branch_name_is_valid(str_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(branch_name_is_valid(str_from(bad[i])));
    }
}

static void a_new_release_becomes_current(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct release one = world_release(&world, &app, "1.0.0", "one");
    assert_true(one.is_current);
    assert_int_equal(one.files, 2);
    assert_int_equal(one.bytes, 3 + 15);
    assert_str_equal(one.created_by, "test");
    struct release two = world_release(&world, &app, "2.0.0", "two");
    assert_true(two.is_current);
    assert_true(two.number > one.number);
    assert_false(digest_equal(&one.content, &two.content));
    assert_int_equal(release_find(&world.work, &app.id, STR("1.0.0"), &one), ERR_OK);
    assert_false(one.is_current);
    assert_int_equal(app_find(&world.work, &app.id, &app), ERR_OK);
    assert_str_equal(app.current_version, "2.0.0");
    world_end(&world);
}

static void rolling_back_makes_another_release_current(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct release one = world_release(&world, &app, "1.0.0", "one");
    world_release(&world, &app, "2.0.0", "two");
    assert_int_equal(app_find(&world.work, &app.id, &app), ERR_OK);
    one.is_current = false;
    assert_int_equal(release_rollback(&world.work, &app, &one), ERR_OK);
    assert_true(one.is_current);
    assert_true(world.work.raise_epoch);
    assert_str_equal(world_event_detail(&world, "release.rollback"),
                     "{\"from\":\"2.0.0\",\"version\":\"1.0.0\"}");
    assert_int_equal(release_rollback(&world.work, &app, &one), ERR_OK);
    assert_int_equal(world_events(&world, "release.rollback"), 1);
    assert_int_equal(app_find(&world.work, &app.id, &app), ERR_OK);
    assert_str_equal(app.current_version, "1.0.0");
    world_end(&world);
}

static void the_current_release_stays(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct release one = world_release(&world, &app, "1.0.0", "one");
    struct release two = world_release(&world, &app, "2.0.0", "two");
    assert_int_equal(release_delete(&world.work, &app, &two), ERR_CONFLICT);
    assert_fault(&world, "release_current");
    assert_int_equal(release_find(&world.work, &app.id, STR("1.0.0"), &one), ERR_OK);
    assert_int_equal(release_delete(&world.work, &app, &one), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(release_find(&world.work, &app.id, STR("1.0.0"), &one), ERR_NOT_FOUND);
    world_end(&world);
}

static void releases_are_listed_by_age_and_branches_by_name(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct app other = world_app(&world, "other");
    struct release releases[4];
    struct branch branches[4];
    size_t count = 0;
    world_release(&world, &app, "2.0.0", "b");
    world_release(&world, &other, "9.0.0", "o");
    world_release(&world, &app, "10.0.0", "c");
    world_release(&world, &app, "1.0.0", "a");
    world_branch(&world, &app, "main", "b");
    world_branch(&world, &app, "feature/x", "x");
    assert_int_equal(release_list(&world.work, &app, 0, 2, releases, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_str_equal(releases[0].version, "1.0.0");
    assert_str_equal(releases[1].version, "10.0.0");
    assert_true(releases[0].is_current);
    assert_int_equal(release_list(&world.work, &app, releases[1].number, 4, releases, &count),
                     ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(releases[0].version, "2.0.0");
    assert_int_equal(branch_list(&world.work, &app, STR_NONE, 4, branches, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_str_equal(branches[0].name, "feature/x");
    assert_int_equal(branch_list(&world.work, &app, STR("feature/x"), 4, branches, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(branches[0].name, "main");
    world_end(&world);
}

static void a_branch_moves_and_goes(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct branch one = world_branch(&world, &app, "main", "one");
    world_wait(&world, WORLD_SECOND_MS);
    struct branch two = world_branch(&world, &app, "main", "two");
    assert_false(digest_equal(&one.content, &two.content));
    assert_int_equal(two.updated_at_ms, WORLD_START_MS + WORLD_SECOND_MS);
    assert_int_equal(world_events(&world, "branch.update"), 2);
    assert_int_equal(branch_delete(&world.work, &app, &two), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(branch_find(&world.work, &app.id, STR("main"), &two), ERR_NOT_FOUND);
    assert_int_equal(app_find(&world.work, &app.id, &app), ERR_OK);
    assert_null(app.current_version.ptr);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_semantic),
        cmocka_unit_test(names_of_branches_start_with_a_letter_or_digit),
        cmocka_unit_test(a_new_release_becomes_current),
        cmocka_unit_test(rolling_back_makes_another_release_current),
        cmocka_unit_test(the_current_release_stays),
        cmocka_unit_test(releases_are_listed_by_age_and_branches_by_name),
        cmocka_unit_test(a_branch_moves_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
