/*
 * What somebody else changed or deleted between a look and the change that it allowed: the change
 * is refused, nothing is noted, and nothing is taken from anybody.
 */
#include "scene.h"

#include "model/admin.h"
#include "model/environment.h"
#include "model/release.h"
#include "model/signin.h"
#include "model/signingkey.h"
#include "model/token.h"

static const char email[] = "ada@example.com";

/* ---- changes ---- */

static enum err change_user(struct scene *scene)
{
    struct user after = scene->user;
    after.first_name = STR("Ada");
    return user_update(scene->work, &scene->user, &after);
}

static enum err archive_user(struct scene *scene)
{
    struct user after = scene->user;
    after.is_active = false;
    return user_update(scene->work, &scene->user, &after);
}

static enum err delete_user(struct scene *scene)
{
    return user_delete(scene->work, &scene->user);
}

static enum err rename_group(struct scene *scene)
{
    return group_rename(scene->work, &scene->group, STR("sellers"));
}

static enum err delete_group(struct scene *scene)
{
    return group_delete(scene->work, &scene->group);
}

static enum err change_app(struct scene *scene)
{
    struct app after = scene->app;
    after.portals = STR("https://other.example.com");
    return app_update(scene->work, &scene->app, &after);
}

static enum err delete_app(struct scene *scene)
{
    return app_delete(scene->work, &scene->app);
}

static struct environment production(struct scene *scene)
{
    struct environment environment;
    assert_int_equal(environment_find_by_name(scene->work, STR("production"), &environment),
                     ERR_OK);
    return environment;
}

static enum err change_environment(struct scene *scene)
{
    struct environment before = production(scene);
    struct environment after = before;
    after.config = STR("{\"a\":1}");
    return environment_update(scene->work, &before, &after);
}

static enum err delete_environment(struct scene *scene)
{
    struct environment environment = production(scene);
    environment.name = STR("staging");
    return environment_delete(scene->work, &environment);
}

static struct workspace workspace(struct scene *scene)
{
    struct workspace found[2];
    size_t count = 0;
    assert_int_equal(
        workspace_list(scene->work, &UUID_NONE, &UUID_NONE, COUNT_OF(found), found, &count),
        ERR_OK);
    for (size_t i = 0; i < count; i++) {
        if (str_equal(found[i].name, STR("two"))) {
            return found[i];
        }
    }
    return world_workspace(&scene->world, "two");
}

static enum err archive_workspace(struct scene *scene)
{
    struct workspace before = workspace(scene);
    struct workspace after = before;
    after.status = STR("archived");
    return workspace_update(scene->work, &before, &after);
}

static enum err delete_workspace(struct scene *scene)
{
    struct workspace two = workspace(scene);
    return workspace_delete(scene->work, &two);
}

static enum err roll_back(struct scene *scene)
{
    struct release release = {.app_id = scene->app.id, .version = STR("1.0.0")};
    return release_rollback(scene->work, &scene->app, &release);
}

static enum err delete_release(struct scene *scene)
{
    const struct release release = {.app_id = scene->app.id, .version = STR("0.9.0")};
    return release_delete(scene->work, &scene->app, &release);
}

static enum err delete_branch(struct scene *scene)
{
    const struct branch branch = {.app_id = scene->app.id, .name = STR("main")};
    return branch_delete(scene->work, &scene->app, &branch);
}

static enum err change_token(struct scene *scene)
{
    const struct token before = {.id = scene->app.id, .name = STR("old"), .scopes = STR("embed")};
    struct token after = before;
    after.name = STR("new");
    return token_update(scene->work, &before, &after);
}

static enum err delete_token(struct scene *scene)
{
    const struct token token = {.id = scene->app.id, .name = STR("old"), .scopes = STR("embed")};
    return token_delete(scene->work, &token);
}

static struct admin admin(struct scene *scene)
{
    struct admin found = {.email = str_from(email), .role = STR("viewer")};
    enum err err = admin_find_by_email(scene->work, found.email, &found);
    if (err == ERR_NOT_FOUND) {
        err = admin_create(scene->work, &found);
    }
    assert_int_equal(err, ERR_OK);
    return found;
}

static enum err change_role(struct scene *scene)
{
    struct admin before = admin(scene);
    struct admin after = before;
    after.role = STR("builder");
    return admin_set_role(scene->work, &before, &after);
}

static enum err delete_admin(struct scene *scene)
{
    struct admin gone = admin(scene);
    return admin_delete(scene->work, &gone);
}

static enum err set_password(struct scene *scene)
{
    struct admin changed = admin(scene);
    return admin_set_password(scene->work, &changed, STR("kept"), &UUID_NONE);
}

static enum err begin_totp(struct scene *scene)
{
    struct admin changed = admin(scene);
    unsigned char secret[TOTP_SECRET_BYTES];
    return admin_totp_begin(scene->work, &changed, secret);
}

static enum err rotate_key(struct scene *scene)
{
    struct signingkey key;
    return signingkey_rotate(scene->work, &key);
}

static const struct {
    const char *name;
    const char *verb; /* of the statement, and its table */
    const char *table;
    enum err (*change)(struct scene *scene);
} changes[] = {
    {"change a user", "UPDATE", "users", change_user},
    {"archive a user", "UPDATE", "users", archive_user},
    {"delete a user", "DELETE", "users", delete_user},
    {"rename a group", "UPDATE", "groups", rename_group},
    {"delete a group", "DELETE", "groups", delete_group},
    {"change an app", "UPDATE", "apps", change_app},
    {"delete an app", "DELETE", "apps", delete_app},
    {"change an environment", "UPDATE", "environments", change_environment},
    {"delete an environment", "DELETE", "environments", delete_environment},
    {"archive a workspace", "UPDATE", "workspaces", archive_workspace},
    {"delete a workspace", "DELETE", "workspaces", delete_workspace},
    {"make a release current", "UPDATE", "apps", roll_back},
    {"delete a release", "DELETE", "releases", delete_release},
    {"delete a branch", "DELETE", "branches", delete_branch},
    {"change a token", "UPDATE", "api_tokens", change_token},
    {"delete a token", "DELETE", "api_tokens", delete_token},
    {"change a role", "UPDATE", "admins", change_role},
    {"delete an admin", "DELETE", "admins", delete_admin},
    {"set a password", "UPDATE", "admins", set_password},
    {"begin a second factor", "UPDATE", "admins", begin_totp},
    {"rotate the signing key", "UPDATE", "signing_keys", rotate_key},
};

static int64_t events(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM events");
}

static void what_was_changed_meanwhile_is_not_changed_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct scene *scene = NULL;
        void *any = NULL;
        scene_setup(&any);
        scene = any;
        workspace(scene); /* both are there before anything is counted */
        admin(scene);
        assert_int_equal(signingkey_ensure(scene->work), ERR_OK);
        int64_t before = events(scene);
        scene_others_are_faster(scene, changes[i].verb, changes[i].table);
        scene->world.fault = (struct fault){.err = ERR_OK};
        enum err err = changes[i].change(scene);
        if (err != ERR_CONFLICT || strcmp(scene->world.fault.code, "changed_meanwhile") != 0) {
            fail_msg("%s: %s, %s", changes[i].name, err_name(err), scene->world.fault.code);
        }
        assert_int_equal(events(scene), before);
        assert_false(scene->work->raise_epoch);
        scene_teardown(&any);
    }
}

/* ---- that a statement looks at more than the id ---- */

static void a_release_that_became_current_meanwhile_is_not_deleted(void **state)
{
    struct scene *scene = *state;
    const struct release release = {.app_id = scene->app.id, .version = STR("1.0.0")};
    assert_int_equal(release_delete(scene->work, &scene->app, &release), ERR_CONFLICT);
    assert_fault(&scene->world, "changed_meanwhile");
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM releases"), 1);
}

static void a_release_that_was_deleted_meanwhile_does_not_become_current(void **state)
{
    struct scene *scene = *state;
    struct release release = {.app_id = scene->app.id, .version = STR("2.0.0")};
    assert_int_equal(release_rollback(scene->work, &scene->app, &release), ERR_CONFLICT);
    assert_fault(&scene->world, "changed_meanwhile");
    assert_str_equal(scene_text(scene, "SELECT current_version FROM apps"), "1.0.0");
}

static void of_two_new_roles_at_once_the_second_is_refused(void **state)
{
    struct scene *scene = *state;
    struct admin before = admin(scene);
    struct admin after = before;
    after.role = STR("builder");
    assert_int_equal(admin_set_role(scene->work, &before, &after), ERR_OK);
    after.role = STR("admin");
    assert_int_equal(admin_set_role(scene->work, &before, &after), ERR_CONFLICT);
    assert_str_equal(admin(scene).role, "builder");
}

static void a_second_factor_that_was_begun_twice_is_the_one_that_came_first(void **state)
{
    struct scene *scene = *state;
    unsigned char first[TOTP_SECRET_BYTES];
    unsigned char second[TOTP_SECRET_BYTES];
    struct admin before = admin(scene);
    assert_int_equal(admin_totp_begin(scene->work, &before, first), ERR_OK);
    assert_int_equal(admin_totp_begin(scene->work, &before, second), ERR_CONFLICT);
    struct admin after = admin(scene);
    assert_int_equal(after.totp_pending.len, TOTP_SECRET_BYTES);
    assert_memory_equal(after.totp_pending.ptr, first, TOTP_SECRET_BYTES);
}

static void of_two_who_follow_a_setup_link_at_once_one_is_refused(void **state)
{
    struct scene *scene = *state;
    char url[ADMIN_URL_SIZE];
    struct admin invited = admin(scene);
    assert_int_equal(admin_link_make(scene->work, &invited, url), ERR_OK);
    struct str code = str_from(strchr(url, '#') + 1);
    assert_int_equal(admin_link_find(scene->work, code, &invited), ERR_OK);
    assert_int_equal(admin_link_spend(scene->work, code), ERR_OK);
    assert_int_equal(admin_link_spend(scene->work, code), ERR_GONE);
    assert_fault(&scene->world, "setup_link_invalid");
}

static void a_token_that_was_revoked_meanwhile_does_not_count_as_used(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct str authorization =
        arena_printf(&scene->world.arena, "Bearer " STR_FMT, STR_ARG(scene->world.token));
    scene_others_are_faster(scene, "UPDATE", "api_tokens");
    world_wait(&scene->world, MINUTE_MS);
    assert_int_equal(token_authenticate(scene->work, authorization, true, &token),
                     ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "api_token_invalid");
}

static void tries_to_sign_in_at_the_same_moment_are_not_let_through(void **state)
{
    struct scene *scene = *state;
    struct admin found;
    struct secret cookie;
    const struct signin signin_of = {.email = str_from(email), .password = STR("wrong")};
    assert_int_equal(signin(scene->work, &signin_of, &found, &cookie), ERR_UNAUTHENTICATED);
    scene_others_are_faster(scene, "UPDATE", "sign_in_failures");
    assert_int_equal(signin(scene->work, &signin_of, &found, &cookie), ERR_LIMITED);
    assert_fault(&scene->world, "sign_in_slowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_changed_meanwhile_is_not_changed_again),
        scene_test(a_release_that_became_current_meanwhile_is_not_deleted),
        scene_test(a_release_that_was_deleted_meanwhile_does_not_become_current),
        scene_test(of_two_new_roles_at_once_the_second_is_refused),
        scene_test(a_second_factor_that_was_begun_twice_is_the_one_that_came_first),
        scene_test(of_two_who_follow_a_setup_link_at_once_one_is_refused),
        scene_test(a_token_that_was_revoked_meanwhile_does_not_count_as_used),
        scene_test(tries_to_sign_in_at_the_same_moment_are_not_let_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
