#include "world.h"

static void emails_are_unique_among_the_internal_users_of_a_workspace(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    world_user(&world, "ann@acme.example");
    struct user twin = {.email = STR("ANN@acme.example")};
    assert_int_equal(user_create(&world.work, &twin), ERR_CONFLICT);
    assert_fault(&world, "user_exists");
    struct user external = {
        .email = STR("ann@acme.example"), .external_identifier = STR("7"), .is_external = true};
    assert_int_equal(user_put_external(&world.work, &external), ERR_OK);
    world.work.workspace_id = world_workspace(&world, "other").id;
    world_user(&world, "ann@acme.example");
    world_end(&world);
}

static void what_is_stored_comes_back(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user made = world_user(&world, "Ann@Acme.example");
    struct user found;
    assert_int_equal(user_find(&world.work, &made.id, &found), ERR_OK);
    assert_str_equal(found.email, "Ann@Acme.example");
    assert_str_equal(found.first_name, "Ann");
    assert_str_equal(found.last_name, "Lee");
    assert_true(found.is_active && !found.is_external);
    assert_null(found.external_identifier.ptr);
    assert_null(found.metadata.ptr);
    assert_int_equal(found.created_at_ms, WORLD_START_MS);
    assert_int_equal(user_find_by_email(&world.work, STR("ann@ACME.example"), &found), ERR_OK);
    assert_true(uuid_equal(&found.id, &made.id));
    assert_int_equal(user_find(&world.work, &world.instance.workspace_id, &found), ERR_NOT_FOUND);
    world_end(&world);
}

static void an_update_writes_what_differs_and_says_so_without_naming_the_person(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user before = world_user(&world, "ann@acme.example");
    struct user after = before;
    world_wait(&world, WORLD_SECOND_MS);
    assert_int_equal(user_update(&world.work, &before, &after), ERR_OK);
    assert_int_equal(world_events(&world, "user.update"), 0);
    assert_int_equal(after.updated_at_ms, WORLD_START_MS);
    after.email = STR("ann@new.example");
    after.first_name = STR_NONE;
    assert_int_equal(user_update(&world.work, &before, &after), ERR_OK);
    assert_int_equal(world_events(&world, "user.update"), 1);
    assert_str_equal(world_event_detail(&world, "user.update"),
                     "{\"changed\":[\"email\",\"firstName\"]}");
    assert_true(world.work.raise_epoch); /* servers are told the new address */
    struct user found;
    assert_int_equal(user_find_by_email(&world.work, STR("ann@new.example"), &found), ERR_OK);
    assert_null(found.first_name.ptr);
    assert_int_equal(found.updated_at_ms, WORLD_START_MS + WORLD_SECOND_MS);
    world_end(&world);
}

static void an_address_that_is_taken_cannot_be_changed_to(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    world_user(&world, "ann@acme.example");
    struct user before = world_user(&world, "bob@acme.example");
    struct user after = before;
    after.email = STR("Ann@acme.example");
    assert_int_equal(user_update(&world.work, &before, &after), ERR_CONFLICT);
    assert_fault(&world, "user_exists");
    world_end(&world);
}

static void archiving_takes_access_away_and_restoring_does_not(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user before = world_user(&world, "ann@acme.example");
    struct user after = before;
    after.is_active = false;
    assert_int_equal(user_update(&world.work, &before, &after), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(world_events(&world, "user.archive"), 1);
    world.work.raise_epoch = false;
    assert_int_equal(user_update(&world.work, &after, &before), ERR_OK);
    assert_false(world.work.raise_epoch);
    assert_int_equal(world_events(&world, "user.restore"), 1);
    assert_int_equal(world_events(&world, "user.update"), 0);
    world_end(&world);
}

static void deleting_forgets_the_person_and_frees_the_address(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user user = world_user(&world, "ann@acme.example");
    struct group group = world_group(&world, "team");
    assert_int_equal(group_add_member(&world.work, &group, &user), ERR_OK);
    assert_int_equal(user_delete(&world.work, &user), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(world_events(&world, "user.delete"), 1);
    assert_int_equal(user_find(&world.work, &user.id, &user), ERR_NOT_FOUND);
    assert_int_equal(group_find(&world.work, group.id, &group), ERR_OK);
    assert_int_equal(group.member_count, 0);
    world_user(&world, "ann@acme.example");
    world_end(&world);
}

static int64_t put_writes(struct world *world, struct user user)
{
    int64_t before = store_changes(world->store);
    assert_int_equal(user_put_external(&world->work, &user), ERR_OK);
    return store_changes(world->store) - before;
}

static void an_external_user_is_written_only_if_the_link_says_something_new(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user user = {
        .is_external = true,
        .external_identifier = STR("7"),
        .email = STR("ann@acme.example"),
        .last_name = STR(""),
        .metadata = STR("{\"plan\":\"pro\"}"),
    };
    assert_int_equal(user_put_external(&world.work, &user), ERR_OK);
    world_wait(&world, WORLD_SECOND_MS);
    assert_int_equal(put_writes(&world, user), 0);
    struct user found;
    assert_int_equal(user_find(&world.work, &user.id, &found), ERR_OK);
    assert_int_equal(found.updated_at_ms, WORLD_START_MS);

    user.email = STR("Ann@acme.example");
    assert_int_equal(put_writes(&world, user), 1);
    user.first_name = STR(""); /* was NULL, which is something else */
    assert_int_equal(put_writes(&world, user), 1);
    user.last_name = STR_NONE;
    assert_int_equal(put_writes(&world, user), 1);
    user.metadata = STR("{\"plan\":\"free\"}");
    assert_int_equal(put_writes(&world, user), 1);
    assert_int_equal(put_writes(&world, user), 0);
    assert_int_equal(user_find(&world.work, &user.id, &found), ERR_OK);
    assert_str_equal(found.email, "Ann@acme.example");
    assert_true(found.first_name.ptr != NULL && found.last_name.ptr == NULL);
    assert_int_equal(found.updated_at_ms, WORLD_START_MS + WORLD_SECOND_MS);

    assert_int_equal(user_delete(&world.work, &found), ERR_OK);
    assert_int_equal(user_put_external(&world.work, &user), ERR_CONFLICT);
    assert_fault(&world, "changed_meanwhile");
    world_end(&world);
}

static size_t count_users(struct world *world, const struct user_filter *filter)
{
    struct user users[8];
    struct user_filter limited = *filter;
    size_t count = 0;
    limited.limit = COUNT_OF(users);
    assert_int_equal(user_list(&world->work, &limited, users, &count), ERR_OK);
    return count;
}

static void lists_are_filtered_by_every_part_together(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user ann = world_user(&world, "ann@acme.example");
    struct user archived = world_user(&world, "bob@acme.example");
    struct user external = {
        .email = STR("ANN@acme.example"), .external_identifier = STR("7"), .is_external = true};
    archived.is_active = false;
    assert_int_equal(user_put_external(&world.work, &external), ERR_OK);
    struct user bob = archived;
    bob.is_active = true;
    assert_int_equal(user_update(&world.work, &bob, &archived), ERR_OK);
    const struct {
        struct user_filter filter;
        size_t count;
    } cases[] = {
        {{.limit = 0}, 3},
        {{.email = STR("Ann@Acme.example")}, 2},
        {{.email = STR("ann@acme.example"), .kind = STR("internal")}, 1},
        {{.email = STR("nobody@acme.example")}, 0},
        {{.external_identifier = STR("7")}, 1},
        {{.external_identifier = STR("7"), .email = STR("ann@acme.example")}, 1},
        {{.external_identifier = STR("7"), .email = STR("bob@acme.example")}, 0},
        {{.external_identifier = STR("7"), .kind = STR("internal")}, 0},
        {{.kind = STR("external")}, 1},
        {{.status = STR("archived")}, 1},
        {{.status = STR("active"), .kind = STR("internal")}, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(count_users(&world, &cases[i].filter), cases[i].count);
    }
    (void)ann;
    world.work.workspace_id = world_workspace(&world, "other").id;
    assert_int_equal(count_users(&world, &cases[0].filter), 0);
    world_end(&world);
}

static void lists_go_on_after_a_user_that_was_deleted_meanwhile(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user made[3];
    for (int i = 0; i < 3; i++) {
        char email[] = "a@acme.example";
        email[0] = (char)('a' + i);
        made[i] = world_user(&world, arena_cstr(&world.arena, str_from(email)));
        world_wait(&world, 1);
    }
    struct user users[2];
    size_t count = 0;
    struct user_filter filter = {.limit = 2};
    assert_int_equal(user_list(&world.work, &filter, users, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_true(uuid_equal(&users[0].id, &made[0].id));
    filter.after = users[1].id;
    assert_int_equal(user_delete(&world.work, &users[1]), ERR_OK);
    assert_int_equal(user_list(&world.work, &filter, users, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(uuid_equal(&users[0].id, &made[2].id));
    world_end(&world);
}

static void addresses_are_something_at_somewhere(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b.c", "a+b@localhost", "ä@b.example", "a'b@x.y.z"};
    static const char *const bad[] = {"",      "a",       "@",    "a@",   "@b.c",   "a@b",
                                      "a@b@c", "a b@c.d", "a@.c", "a@c.", "a@b\t.c"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(user_email_is_plausible(str_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(user_email_is_plausible(str_from(bad[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emails_are_unique_among_the_internal_users_of_a_workspace),
        cmocka_unit_test(what_is_stored_comes_back),
        cmocka_unit_test(an_update_writes_what_differs_and_says_so_without_naming_the_person),
        cmocka_unit_test(an_address_that_is_taken_cannot_be_changed_to),
        cmocka_unit_test(archiving_takes_access_away_and_restoring_does_not),
        cmocka_unit_test(deleting_forgets_the_person_and_frees_the_address),
        cmocka_unit_test(an_external_user_is_written_only_if_the_link_says_something_new),
        cmocka_unit_test(lists_are_filtered_by_every_part_together),
        cmocka_unit_test(lists_go_on_after_a_user_that_was_deleted_meanwhile),
        cmocka_unit_test(addresses_are_something_at_somewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
