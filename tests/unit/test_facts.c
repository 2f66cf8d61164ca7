#include "scene.h"

static struct facts load_with(struct scene *scene, const struct claims *claims)
{
    struct facts facts;
    assert_int_equal(facts_load(scene->work, &scene->world.instance.workspace_id, &scene->app.id,
                                &scene->user.id, claims, &facts),
                     ERR_OK);
    return facts;
}

static enum decision decide_with(struct scene *scene, const struct claims *claims)
{
    struct facts facts = load_with(scene, claims);
    return decision_make(&facts);
}

static enum decision decide(struct scene *scene)
{
    return decide_with(scene, &(struct claims){.environment = STR("production")});
}

static void a_member_of_a_group_that_may_use_the_app_may(void **state)
{
    struct scene *scene = *state;
    struct facts facts = load_with(scene, &(struct claims){.environment = STR("production")});
    assert_int_equal(decision_make(&facts), DECISION_ALLOWED);
    assert_true(digest_equal(&facts.content.digest, &scene->content));
    assert_str_equal(facts.portals, "https://portal.example.com");
}

static void leaving_the_group_takes_away_access(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_int_equal(decide(scene), DENIED_NO_ACCESS);
}

static void a_group_that_may_not_use_the_app_any_more_gives_no_access(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(group_disallow_app(scene->work, &scene->group, &scene->app), ERR_OK);
    assert_int_equal(decide(scene), DENIED_NO_ACCESS);
}

static void being_in_a_group_with_other_apps_is_not_enough(void **state)
{
    struct scene *scene = *state;
    struct group sellers = world_group(&scene->world, "sellers");
    struct app stock = world_app(&scene->world, "stock");
    assert_int_equal(group_allow_app(scene->work, &sellers, &stock), ERR_OK);
    assert_int_equal(group_add_member(scene->work, &sellers, &scene->user), ERR_OK);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_int_equal(decide(scene), DENIED_NO_ACCESS);
}

static void an_archived_user_is_denied_and_a_restored_one_is_not(void **state)
{
    struct scene *scene = *state;
    struct user archived = scene->user;
    archived.is_active = false;
    assert_int_equal(user_update(scene->work, &scene->user, &archived), ERR_OK);
    assert_int_equal(decide(scene), DENIED_USER_ARCHIVED);
    assert_int_equal(user_update(scene->work, &archived, &scene->user), ERR_OK);
    assert_int_equal(decide(scene), DECISION_ALLOWED);
}

static void a_deleted_user_is_unknown(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(user_delete(scene->work, &scene->user), ERR_OK);
    assert_int_equal(decide(scene), DENIED_USER_UNKNOWN);
}

static void a_deleted_app_is_unknown(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(app_delete(scene->work, &scene->app), ERR_OK);
    assert_int_equal(decide(scene), DENIED_APP_UNKNOWN);
}

static void an_app_that_moved_is_denied_in_its_old_workspace(void **state)
{
    struct scene *scene = *state;
    struct app moved = scene->app;
    moved.workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(app_update(scene->work, &scene->app, &moved), ERR_OK);
    assert_int_equal(decide(scene), DENIED_APP_MOVED);
}

static void a_user_of_another_workspace_is_unknown_here(void **state)
{
    struct scene *scene = *state;
    struct workspace other = world_workspace(&scene->world, "other");
    scene->work->workspace_id = other.id;
    scene->user = world_user(&scene->world, "bob@example.com");
    scene_sql(scene, "INSERT INTO group_members VALUES (%lld, %s)", (long long)scene->group.id,
              scene_id(scene, &scene->user.id));
    assert_int_equal(decide(scene), DENIED_USER_UNKNOWN);
}

static void an_archived_workspace_denies(void **state)
{
    struct scene *scene = *state;
    scene_sql(scene, "UPDATE workspaces SET status = 'archived'");
    assert_int_equal(decide(scene), DENIED_WORKSPACE_ARCHIVED);
}

static void an_app_without_a_release_is_denied(void **state)
{
    struct scene *scene = *state;
    scene->app = world_app(&scene->world, "new");
    assert_int_equal(group_allow_app(scene->work, &scene->group, &scene->app), ERR_OK);
    assert_int_equal(decide(scene), DENIED_NOT_RELEASED);
}

static void without_a_wish_the_current_release_is_shown(void **state)
{
    struct scene *scene = *state;
    const struct claims claims = {.environment = STR("production")};
    struct digest second = scene_release(scene, &scene->app, "2.0.0");
    struct facts facts = load_with(scene, &claims);
    assert_true(digest_equal(&facts.content.digest, &second));
    scene_sql(scene, "UPDATE apps SET current_version = '1.0.0'");
    facts = load_with(scene, &claims);
    assert_true(digest_equal(&facts.content.digest, &scene->content));
}

static void an_asked_release_stays_when_another_becomes_current(void **state)
{
    struct scene *scene = *state;
    struct claims claims = {.environment = STR("production"), .release_version = STR("1.0.0")};
    scene_release(scene, &scene->app, "2.0.0");
    struct facts facts = load_with(scene, &claims);
    assert_int_equal(decision_make(&facts), DECISION_ALLOWED);
    assert_true(digest_equal(&facts.content.digest, &scene->content));
    claims.release_version = STR("3.0.0");
    assert_int_equal(decide_with(scene, &claims), DENIED_RELEASE_UNKNOWN);
}

static void an_asked_branch_is_shown_until_it_is_gone(void **state)
{
    struct scene *scene = *state;
    const struct claims claims = {.environment = STR("production"), .branch = STR("next")};
    assert_int_equal(decide_with(scene, &claims), DENIED_BRANCH_UNKNOWN);
    struct digest content = scene_branch(scene, &scene->app, "next");
    struct facts facts = load_with(scene, &claims);
    assert_int_equal(decision_make(&facts), DECISION_ALLOWED);
    assert_true(digest_equal(&facts.content.digest, &content));
}

static void releases_and_branches_of_other_apps_do_not_count(void **state)
{
    struct scene *scene = *state;
    struct app other = world_app(&scene->world, "other");
    scene_release(scene, &other, "9.0.0");
    scene_branch(scene, &other, "next");
    assert_int_equal(decide_with(scene, &(struct claims){.environment = STR("production"),
                                                         .release_version = STR("9.0.0")}),
                     DENIED_RELEASE_UNKNOWN);
    assert_int_equal(decide_with(scene, &(struct claims){.environment = STR("production"),
                                                         .branch = STR("next")}),
                     DENIED_BRANCH_UNKNOWN);
}

static void an_unknown_environment_is_denied(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(decide_with(scene, &(struct claims){.environment = STR("staging")}),
                     DENIED_ENVIRONMENT_UNKNOWN);
    assert_int_equal(decide_with(scene, &(struct claims){.environment = STR("PRODUCTION")}),
                     DENIED_ENVIRONMENT_UNKNOWN);
}

static void the_groups_of_the_claims_stand_in_for_the_users_own(void **state)
{
    struct scene *scene = *state;
    struct group others = world_group(&scene->world, "others");
    struct claims claims = scene_claims(scene);
    claims.groups = arena_printf(&scene->world.arena, "[%lld]", (long long)others.id);
    assert_int_equal(decide_with(scene, &claims), DENIED_NO_ACCESS);
    claims = scene_claims(scene);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_int_equal(decide_with(scene, &claims), DECISION_ALLOWED);
}

static void no_groups_in_the_claims_are_no_access(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(
        decide_with(scene, &(struct claims){.groups = STR("[]"), .environment = STR("production")}),
        DENIED_NO_ACCESS);
}

static void one_good_group_among_many_is_enough(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    claims.groups =
        arena_printf(&scene->world.arena, "[%lld,9223372036854775807]", (long long)scene->group.id);
    assert_int_equal(decide_with(scene, &claims), DECISION_ALLOWED);
}

static void a_deleted_group_of_the_claims_gives_no_access(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    assert_int_equal(group_delete(scene->work, &scene->group), ERR_OK);
    assert_int_equal(decide_with(scene, &claims), DENIED_NO_ACCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_member_of_a_group_that_may_use_the_app_may),
        scene_test(leaving_the_group_takes_away_access),
        scene_test(a_group_that_may_not_use_the_app_any_more_gives_no_access),
        scene_test(being_in_a_group_with_other_apps_is_not_enough),
        scene_test(an_archived_user_is_denied_and_a_restored_one_is_not),
        scene_test(a_deleted_user_is_unknown),
        scene_test(a_deleted_app_is_unknown),
        scene_test(an_app_that_moved_is_denied_in_its_old_workspace),
        scene_test(a_user_of_another_workspace_is_unknown_here),
        scene_test(an_archived_workspace_denies),
        scene_test(an_app_without_a_release_is_denied),
        scene_test(without_a_wish_the_current_release_is_shown),
        scene_test(an_asked_release_stays_when_another_becomes_current),
        scene_test(an_asked_branch_is_shown_until_it_is_gone),
        scene_test(releases_and_branches_of_other_apps_do_not_count),
        scene_test(an_unknown_environment_is_denied),
        scene_test(the_groups_of_the_claims_stand_in_for_the_users_own),
        scene_test(no_groups_in_the_claims_are_no_access),
        scene_test(one_good_group_among_many_is_enough),
        scene_test(a_deleted_group_of_the_claims_gives_no_access),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
