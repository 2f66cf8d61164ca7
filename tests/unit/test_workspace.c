#include "scene.h"

#include "model/environment.h"

static void a_new_workspace_has_production(void **state)
{
    (void)state;
    struct world world;
    struct environment environment;
    world_make(&world);
    struct workspace workspace = world_workspace(&world, "north");
    assert_str_equal(workspace.status, "active");
    world.work.workspace_id = workspace.id;
    assert_int_equal(environment_find_by_name(&world.work, STR("production"), &environment),
                     ERR_OK);
    assert_str_equal(environment.config, "{}");
    assert_str_equal(world_event_detail(&world, "workspace.create"), "{\"name\":\"north\"}");
    world_end(&world);
}

static void names_are_unique(void **state)
{
    (void)state;
    struct world world;
    struct workspace workspace;
    world_make(&world);
    world_workspace(&world, "north");
    assert_int_equal(workspace_create(&world.work, STR("north"), &workspace), ERR_CONFLICT);
    assert_fault(&world, "workspace_exists");
    struct workspace before = world_workspace(&world, "south");
    struct workspace after = before;
    after.name = STR("north");
    assert_int_equal(workspace_update(&world.work, &before, &after), ERR_CONFLICT);
    assert_fault(&world, "workspace_exists");
    world_end(&world);
}

static void archiving_takes_access_away_and_restoring_does_not(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct workspace before = world_workspace(&world, "north");
    struct workspace after = before;
    after.status = STR("archived");
    assert_int_equal(workspace_update(&world.work, &before, &after), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(world_events(&world, "workspace.archive"), 1);
    world.work.raise_epoch = false;
    assert_int_equal(workspace_update(&world.work, &after, &before), ERR_OK);
    assert_false(world.work.raise_epoch);
    assert_int_equal(world_events(&world, "workspace.restore"), 1);
    assert_int_equal(world_events(&world, "workspace.update"), 0);
    world_end(&world);
}

static struct workspace default_workspace(struct world *world)
{
    struct workspace workspace;
    assert_int_equal(workspace_find(&world->work, &world->instance.workspace_id, &workspace),
                     ERR_OK);
    return workspace;
}

static void the_last_active_workspace_is_neither_archived_nor_deleted(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct workspace first = default_workspace(&world);
    struct workspace archived = first;
    archived.status = STR("archived");
    assert_int_equal(workspace_update(&world.work, &first, &archived), ERR_CONFLICT);
    assert_fault(&world, "workspace_required");
    assert_int_equal(workspace_delete(&world.work, &first), ERR_CONFLICT);
    assert_fault(&world, "workspace_last");
    struct workspace second = world_workspace(&world, "north");
    assert_int_equal(workspace_update(&world.work, &first, &archived), ERR_OK);
    assert_int_equal(workspace_delete(&world.work, &second), ERR_CONFLICT);
    assert_fault(&world, "workspace_required");
    world_end(&world);
}

static void the_default_workspace_is_not_deleted(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct workspace first = default_workspace(&world);
    world_workspace(&world, "north");
    assert_int_equal(workspace_delete(&world.work, &first), ERR_CONFLICT);
    assert_fault(&world, "workspace_required");
    world_end(&world);
}

static void deleting_takes_all_it_holds_but_the_audit_log(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct workspace workspace = world_workspace(world, "north");
    scene->work->workspace_id = workspace.id;
    scene->app = world_app(world, "orders");
    scene->user = world_user(world, "bob@acme.example");
    scene->group = world_group(world, "team");
    scene_release(scene, &scene->app, "1.0.0");
    world_token(world, &workspace.id, "embed");
    scene_live_session(scene);
    assert_int_equal(workspace_delete(scene->work, &workspace), ERR_OK);
    assert_true(scene->work->raise_epoch);
    static const char *const tables[] = {"users",        "groups",     "apps",
                                         "environments", "api_tokens", "audiences"};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        assert_int_equal(scene_number(scene, "SELECT count(*) FROM %s WHERE workspace_id = %s",
                                      tables[i], scene_id(scene, &workspace.id)),
                         0);
    }
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM sessions"), 0);
    assert_true(scene_number(scene, "SELECT count(*) FROM events WHERE workspace_id = %s",
                             scene_id(scene, &workspace.id)) >= 5);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM users"), 1);
}

static void lists_are_of_all_or_of_one(void **state)
{
    (void)state;
    struct world world;
    struct workspace found[4];
    size_t count = 0;
    world_make(&world);
    world_wait(&world, 1);
    struct workspace north = world_workspace(&world, "north");
    assert_int_equal(workspace_list(&world.work, &UUID_NONE, &UUID_NONE, 4, found, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_str_equal(found[0].name, "default");
    assert_int_equal(workspace_list(&world.work, &UUID_NONE, &found[0].id, 4, found, &count),
                     ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(found[0].name, "north");
    assert_int_equal(workspace_list(&world.work, &north.id, &UUID_NONE, 4, found, &count), ERR_OK);
    assert_int_equal(count, 1);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_workspace_has_production),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(archiving_takes_access_away_and_restoring_does_not),
        cmocka_unit_test(the_last_active_workspace_is_neither_archived_nor_deleted),
        cmocka_unit_test(the_default_workspace_is_not_deleted),
        scene_test(deleting_takes_all_it_holds_but_the_audit_log),
        cmocka_unit_test(lists_are_of_all_or_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
