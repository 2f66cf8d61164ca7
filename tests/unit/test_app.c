#include "scene.h"

static void slugs_are_words_of_letters_and_digits_joined_by_hyphens(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "1", "orders", "my-app-2", "a-b-c"};
    static const char *const bad[] = {"",
                                      "A",
                                      "a b",
                                      "-a",
                                      "a-",
                                      "a--b",
                                      "a_b",
                                      "a.b",
                                      "\xc3\xa4",
                                      "a/b",
                                      "8ba8bf0e-6b8f-4e07-abb9-6fd2d816fabc"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(app_slug_is_valid(str_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(app_slug_is_valid(str_from(bad[i])));
    }
    struct str longest = STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    longest.len = LIMIT_SLUG_BYTES;
    assert_true(app_slug_is_valid(longest));
    longest.len++;
    assert_false(app_slug_is_valid(longest));
}

static struct str slug_made_from(struct world *world, const char *name)
{
    struct app app = {.name = str_from(name)};
    assert_int_equal(app_create(&world->work, &app), ERR_OK);
    assert_true(app_slug_is_valid(app.slug));
    return app.slug;
}

static void a_slug_is_made_from_the_name_and_made_free(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    assert_str_equal(slug_made_from(&world, "My First App!"), "my-first-app");
    assert_str_equal(slug_made_from(&world, "my first app"), "my-first-app-2");
    assert_str_equal(slug_made_from(&world, "My-First_App"), "my-first-app-3");
    assert_str_equal(slug_made_from(&world, "Gr\xc3\xb6\xc3\x9f"
                                            "e & 7"),
                     "gr-e-7");
    assert_str_equal(slug_made_from(&world, "\xe6\x97\xa5\xe6\x9c\xac"), "app");
    assert_str_equal(slug_made_from(&world, "---"), "app-2");
    assert_str_equal(slug_made_from(&world, "8BA8BF0E-6b8f-4e07-abb9-6fd2d816fabc"),
                     "app-8ba8bf0e-6b8f-4e07-abb9-6fd2d816fabc");
    static const char long_name[] =
        "abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdefgh abcdefghij";
    assert_str_equal(slug_made_from(&world, long_name),
                     "abcdefghij-abcdefghij-abcdefghij-abcdefghij-abcdefghij-abcdefgh");
    assert_str_equal(slug_made_from(&world, long_name),
                     "abcdefghij-abcdefghij-abcdefghij-abcdefghij-abcdefghij-abcdef-2");
    world_end(&world);
}

static void slugs_are_unique_in_a_workspace(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app first = world_app(&world, "orders");
    struct app twin = {.name = STR("Orders"), .slug = STR("orders")};
    assert_int_equal(app_create(&world.work, &twin), ERR_CONFLICT);
    assert_fault(&world, "app_exists");
    struct app other = world_app(&world, "other");
    struct app after = other;
    after.slug = STR("orders");
    assert_int_equal(app_update(&world.work, &other, &after), ERR_CONFLICT);
    assert_fault(&world, "app_exists");
    assert_int_equal(app_delete(&world.work, &first), ERR_OK);
    assert_int_equal(app_update(&world.work, &other, &after), ERR_OK);
    world_end(&world);
}

static void an_app_is_found_by_id_or_slug_in_its_workspace_only(void **state)
{
    (void)state;
    struct world world;
    struct app found;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct str id = work_uuid_text(&world.work, &app.id);
    assert_int_equal(app_find_here(&world.work, STR("orders"), &found), ERR_OK);
    assert_int_equal(app_find_here(&world.work, id, &found), ERR_OK);
    assert_str_equal(found.portals, "https://portal.example.com");
    assert_int_equal(found.kind, APP_BUNDLE);
    assert_null(found.current_version.ptr);
    world.work.workspace_id = world_workspace(&world, "other").id;
    assert_int_equal(app_find_here(&world.work, STR("orders"), &found), ERR_NOT_FOUND);
    assert_int_equal(app_find_here(&world.work, id, &found), ERR_NOT_FOUND);
    assert_int_equal(app_find(&world.work, &app.id, &found), ERR_OK);
    world_end(&world);
}

static void an_update_tells_what_changed(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app before = world_app(&world, "orders");
    struct app after = before;
    world_wait(&world, WORLD_SECOND_MS);
    assert_int_equal(app_update(&world.work, &before, &after), ERR_OK);
    assert_int_equal(world_events(&world, "app.update"), 0);
    after.name = STR("Orders");
    assert_int_equal(app_update(&world.work, &before, &after), ERR_OK);
    assert_str_equal(world_event_detail(&world, "app.update"), "{\"name\":\"Orders\"}");
    assert_false(world.work.raise_epoch);
    assert_int_equal(after.updated_at_ms, WORLD_START_MS + WORLD_SECOND_MS);
    before = after;
    after.portals = STR("");
    assert_int_equal(app_update(&world.work, &before, &after), ERR_OK);
    assert_str_equal(world_event_detail(&world, "app.update"), "{\"portals\":\"\"}");
    assert_true(world.work.raise_epoch); /* every response names the portals */
    world_end(&world);
}

static enum decision decide(struct scene *scene, const struct session *session)
{
    struct verdict verdict;
    struct question question = session_question(session);
    assert_int_equal(decision_find(scene->work, &question, &verdict), ERR_OK);
    return verdict.decision;
}

static void a_moved_app_leaves_its_groups_links_and_sessions_behind(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_session live = scene_session(scene, &link.link);
    struct app after = scene->app;
    struct link found;
    assert_int_equal(decide(scene, &live.session), DECISION_ALLOWED);
    after.workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(app_update(scene->work, &scene->app, &after), ERR_OK);
    assert_true(scene->work->raise_epoch);
    assert_int_equal(world_events(&scene->world, "app.move"), 2); /* one for each workspace */
    assert_int_equal(world_events(&scene->world, "app.update"), 0);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM group_apps"), 0);
    found = scene_link(scene, &link);
    assert_int_equal(found.revoked_at_ms, WORLD_START_MS);
    assert_int_equal(decide(scene, &live.session), DENIED_APP_MOVED);
    /* Back again: what was void stays void. */
    struct app back = after;
    back.workspace_id = scene->app.workspace_id;
    assert_int_equal(app_update(scene->work, &after, &back), ERR_OK);
    found = scene_link(scene, &link);
    assert_int_equal(found.revoked_at_ms, WORLD_START_MS);
    assert_int_equal(decide(scene, &live.session), DENIED_NO_ACCESS);
}

static void an_app_does_not_move_to_where_its_slug_is_taken(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app before = world_app(&world, "orders");
    struct app after = before;
    struct workspace other = world_workspace(&world, "other");
    world.work.workspace_id = other.id;
    world_app(&world, "orders");
    after.workspace_id = other.id;
    assert_int_equal(app_update(&world.work, &before, &after), ERR_CONFLICT);
    assert_fault(&world, "app_exists");
    after.slug = STR("orders-2");
    assert_int_equal(app_update(&world.work, &before, &after), ERR_OK);
    world_end(&world);
}

static void deleting_an_app_takes_all_of_it_but_the_audit_log(void **state)
{
    struct scene *scene = *state;
    struct scene_session live = scene_live_session(scene);
    struct session session;
    assert_int_equal(app_delete(scene->work, &scene->app), ERR_OK);
    assert_true(scene->work->raise_epoch);
    assert_int_equal(session_find(scene->work, &live.session.id, &session), ERR_NOT_FOUND);
    static const char *const tables[] = {"apps",      "releases", "group_apps",
                                         "audiences", "links",    "sessions"};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        assert_int_equal(scene_number(scene, "SELECT count(*) FROM %s", tables[i]), 0);
    }
    assert_int_equal(world_events(&scene->world, "app.delete"), 1);
    assert_int_equal(world_events(&scene->world, "app.create"), 1);
    assert_int_equal(world_events(&scene->world, "mint"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slugs_are_words_of_letters_and_digits_joined_by_hyphens),
        cmocka_unit_test(a_slug_is_made_from_the_name_and_made_free),
        cmocka_unit_test(slugs_are_unique_in_a_workspace),
        cmocka_unit_test(an_app_is_found_by_id_or_slug_in_its_workspace_only),
        cmocka_unit_test(an_update_tells_what_changed),
        scene_test(a_moved_app_leaves_its_groups_links_and_sessions_behind),
        cmocka_unit_test(an_app_does_not_move_to_where_its_slug_is_taken),
        scene_test(deleting_an_app_takes_all_of_it_but_the_audit_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
