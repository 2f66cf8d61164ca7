/*
 * Clearing what browsers keep of an app: when it was asked for, once for each origin.
 */
#include "browser.h"

#include "entry/clearing.h"

static const struct uuid nobody;

/* Opens a new link of the scene's user: does the answer clear? */
static bool opening_clears(struct scene *scene)
{
    struct scene_link link = scene_embed(scene);
    browser_redeem(scene, &link);
    return browser.result.clears;
}

static void ask(struct scene *scene, const struct uuid *user_id, const struct uuid *app_id)
{
    world_wait(&scene->world, 1000);
    assert_int_equal(clearing_ask(scene->work, user_id, app_id), ERR_OK);
}

static void nothing_is_cleared_unasked(void **state)
{
    struct scene *scene = *state;
    assert_false(opening_clears(scene));
    assert_false(opening_clears(scene));
}

static void an_origin_clears_once_for_each_time_that_it_was_asked(void **state)
{
    struct scene *scene = *state;
    const struct uuid *app = &scene->app.id;
    const struct uuid *user = &scene->user.id;
    const struct uuid *asked[][2] = {{&nobody, app}, {user, &nobody}, {user, app}};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        ask(scene, asked[i][0], asked[i][1]);
        assert_true(opening_clears(scene));
        assert_false(opening_clears(scene));
    }
    assert_int_equal(world_events(&scene->world, "storage.clear"), COUNT_OF(asked));
}

static void others_clear_nothing(void **state)
{
    struct scene *scene = *state;
    struct app app = world_app(&scene->world, "other");
    struct user user = world_user(&scene->world, "other@acme.example");
    ask(scene, &nobody, &app.id);
    ask(scene, &user.id, &nobody);
    ask(scene, &user.id, &scene->app.id);
    ask(scene, &scene->user.id, &app.id);
    assert_false(opening_clears(scene));
}

static void an_origin_that_comes_back_clears_if_it_never_has(void **state)
{
    struct scene *scene = *state;
    assert_false(opening_clears(scene));
    ask(scene, &nobody, &scene->app.id);
    scene_sql(scene, "DELETE FROM sessions");
    scene_sql(scene, "DELETE FROM links");
    scene_sql(scene, "DELETE FROM audiences");
    assert_true(opening_clears(scene));
    assert_false(opening_clears(scene));
}

static void what_is_not_of_the_workspace_is_not_found(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(clearing_ask(scene->work, &scene->app.id, &nobody), ERR_NOT_FOUND);
    assert_int_equal(clearing_ask(scene->work, &nobody, &scene->user.id), ERR_NOT_FOUND);
    struct workspace other = world_workspace(&scene->world, "other");
    scene->work->workspace_id = other.id;
    assert_int_equal(clearing_ask(scene->work, &nobody, &scene->app.id), ERR_NOT_FOUND);
    assert_int_equal(clearing_ask(scene->work, &scene->user.id, &nobody), ERR_NOT_FOUND);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM clearings"), 0);
}

static void what_was_asked_goes_with_its_app_and_its_user(void **state)
{
    struct scene *scene = *state;
    ask(scene, &nobody, &scene->app.id);
    ask(scene, &scene->user.id, &nobody);
    scene_sql(scene, "DELETE FROM apps");
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM clearings"), 1);
    scene_sql(scene, "DELETE FROM users");
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM clearings"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(nothing_is_cleared_unasked),
        scene_test(an_origin_clears_once_for_each_time_that_it_was_asked),
        scene_test(others_clear_nothing),
        scene_test(an_origin_that_comes_back_clears_if_it_never_has),
        scene_test(what_is_not_of_the_workspace_is_not_found),
        scene_test(what_was_asked_goes_with_its_app_and_its_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
