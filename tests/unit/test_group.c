#include "world.h"

static void names_are_unique_in_a_workspace(void **state)
{
    (void)state;
    struct world world;
    struct group group;
    world_make(&world);
    world_group(&world, "team");
    assert_int_equal(group_create(&world.work, STR("team"), &group), ERR_CONFLICT);
    assert_fault(&world, "group_exists");
    group = world_group(&world, "Team");
    assert_int_equal(group_rename(&world.work, &group, STR("team")), ERR_CONFLICT);
    assert_fault(&world, "group_exists");
    assert_str_equal(group.name, "Team");
    world.work.workspace_id = world_workspace(&world, "other").id;
    world_group(&world, "team");
    world_end(&world);
}

static void members_and_apps_are_counted_and_told_once(void **state)
{
    (void)state;
    struct world world;
    struct group found;
    world_make(&world);
    struct group group = world_group(&world, "team");
    struct user user = world_user(&world, "ann@acme.example");
    struct app app = world_app(&world, "orders");
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(group_add_member(&world.work, &group, &user), ERR_OK);
        assert_int_equal(group_allow_app(&world.work, &group, &app), ERR_OK);
    }
    assert_int_equal(group_find(&world.work, group.id, &found), ERR_OK);
    assert_int_equal(found.member_count, 1);
    assert_int_equal(found.app_count, 1);
    assert_int_equal(world_events(&world, "group.member.add"), 1);
    assert_int_equal(world_events(&world, "group.app.add"), 1);
    assert_str_equal(world_event_detail(&world, "group.app.add"), "{\"groupId\":1}");
    assert_false(world.work.raise_epoch);
    world_end(&world);
}

static void whatever_takes_a_member_or_an_app_away_raises_the_epoch(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct group group = world_group(&world, "team");
    struct user user = world_user(&world, "ann@acme.example");
    struct app app = world_app(&world, "orders");
    assert_int_equal(group_remove_member(&world.work, &group, &user), ERR_OK);
    assert_int_equal(group_disallow_app(&world.work, &group, &app), ERR_OK);
    assert_false(world.work.raise_epoch); /* nothing was there to be taken */
    assert_int_equal(world_events(&world, "group.member.remove"), 0);
    assert_int_equal(group_add_member(&world.work, &group, &user), ERR_OK);
    assert_int_equal(group_allow_app(&world.work, &group, &app), ERR_OK);
    assert_int_equal(group_remove_member(&world.work, &group, &user), ERR_OK);
    assert_true(world.work.raise_epoch);
    world.work.raise_epoch = false;
    assert_int_equal(group_disallow_app(&world.work, &group, &app), ERR_OK);
    assert_true(world.work.raise_epoch);
    world.work.raise_epoch = false;
    assert_int_equal(group_rename(&world.work, &group, STR("crew")), ERR_OK);
    assert_false(world.work.raise_epoch);
    assert_int_equal(group_delete(&world.work, &group), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(group_find(&world.work, group.id, &group), ERR_NOT_FOUND);
    world_end(&world);
}

static void ids_are_never_given_twice(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct group first = world_group(&world, "one");
    assert_int_equal(group_delete(&world.work, &first), ERR_OK);
    struct group second = world_group(&world, "two");
    assert_true(second.id > first.id);
    world_end(&world);
}

static void lists_are_of_one_workspace_or_one_group(void **state)
{
    (void)state;
    struct world world;
    struct group groups[4];
    struct user users[4];
    struct app apps[4];
    size_t count = 0;
    world_make(&world);
    struct group team = world_group(&world, "team");
    struct group crew = world_group(&world, "crew");
    struct user ann = world_user(&world, "ann@acme.example");
    world_wait(&world, 1);
    struct user bob = world_user(&world, "bob@acme.example");
    struct app app = world_app(&world, "orders");
    assert_int_equal(group_add_member(&world.work, &team, &bob), ERR_OK);
    assert_int_equal(group_add_member(&world.work, &team, &ann), ERR_OK);
    assert_int_equal(group_allow_app(&world.work, &team, &app), ERR_OK);
    assert_int_equal(group_list(&world.work,
                                &(struct group_filter){.name = STR_NONE, .after = 0, .limit = 4},
                                groups, &count),
                     ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(groups[0].id, team.id);
    assert_int_equal(
        group_list(&world.work,
                   &(struct group_filter){.name = STR_NONE, .after = team.id, .limit = 4}, groups,
                   &count),
        ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(groups[0].id, crew.id);
    assert_int_equal(group_list(&world.work,
                                &(struct group_filter){.name = STR("crew"), .after = 0, .limit = 4},
                                groups, &count),
                     ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(group_members(&world.work, &team, &UUID_NONE, 4, users, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_true(uuid_equal(&users[0].id, &ann.id));
    assert_int_equal(group_members(&world.work, &team, &ann.id, 4, users, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(uuid_equal(&users[0].id, &bob.id));
    assert_int_equal(group_members(&world.work, &crew, &UUID_NONE, 4, users, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(group_apps(&world.work, &team, &UUID_NONE, 4, apps, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(apps[0].slug, "orders");
    world.work.workspace_id = world_workspace(&world, "other").id;
    assert_int_equal(group_list(&world.work,
                                &(struct group_filter){.name = STR_NONE, .after = 0, .limit = 4},
                                groups, &count),
                     ERR_OK);
    assert_int_equal(count, 0);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_in_a_workspace),
        cmocka_unit_test(members_and_apps_are_counted_and_told_once),
        cmocka_unit_test(whatever_takes_a_member_or_an_app_away_raises_the_epoch),
        cmocka_unit_test(ids_are_never_given_twice),
        cmocka_unit_test(lists_are_of_one_workspace_or_one_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
