#include "scene.h"

#include "api/whoami.h"
#include "crypto/random.h"

/* What GET /_inlay/session says, kept as long as the world. */
static json_t *ask(struct scene *scene, const struct scene_session *opened)
{
    struct str text;
    assert_int_equal(whoami_json(scene->work, &opened->session.id, &text), ERR_OK);
    json_t *json = json_loadb(text.ptr, text.len, 0, NULL);
    assert_non_null(json);
    assert_int_equal(json_array_append_new(scene->world.replies, json), 0);
    return json;
}

static struct scene_session open_with(struct scene *scene, const struct claims *claims)
{
    struct scene_link link = scene_embed_with(scene, claims);
    return scene_session(scene, &link.link);
}

static const char *id_text(struct scene *scene, const struct uuid *id)
{
    return work_uuid_text(scene->work, id).ptr;
}

static void an_app_learns_who_its_user_is(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    json_t *json = ask(scene, &opened);
    struct world *world = &scene->world;
    assert_member(world, json, "currentUser.id", id_text(scene, &scene->user.id));
    assert_member(world, json, "currentUser.email", "ann@example.com");
    assert_member(world, json, "currentUser.firstName", "Ann");
    assert_member(world, json, "currentUser.lastName", "Lee");
    assert_member(world, json, "currentUser.fullName", "Ann Lee");
    assert_member(world, json, "currentUser.externalIdentifier", "null");
    assert_member(world, json, "currentUser.metadata", "{}");
    assert_member(world, json, "currentUser.groups",
                  arena_printf(&world->arena, "[{\"id\":%lld,\"name\":\"buyers\"}]",
                               (long long)scene->group.id)
                      .ptr);
}

static void an_app_learns_what_it_is_and_how_long(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, 1500);
    json_t *json = ask(scene, &opened);
    struct world *world = &scene->world;
    assert_member(world, json, "app.id", id_text(scene, &scene->app.id));
    assert_member(world, json, "app.slug", "orders");
    assert_member(world, json, "app.release", "1.0.0");
    assert_member(world, json, "app.branch", "null");
    assert_member(world, json, "app.environment", "production");
    assert_member(world, json, "session.id", id_text(scene, &opened.session.id));
    assert_member(world, json, "session.expiresAt", "2026-01-02T04:00:00.000Z");
    assert_member(world, json, "session.expiresInSeconds", "3598");
    assert_member(world, json, "session.theme", "null");
    assert_member(world, json, "session.locale", "null");
    assert_member(world, json, "config", "{}");
}

static void the_answer_has_only_what_the_contract_names(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    json_t *json = ask(scene, &opened);
    assert_int_equal(json_object_size(json), 4);
    assert_int_equal(json_object_size(json_object_get(json, "currentUser")), 8);
    assert_int_equal(json_object_size(json_object_get(json, "session")), 5);
}

static void no_secret_and_no_other_tenant_is_in_the_answer(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_session opened = scene_session(scene, &link.link);
    struct str text;
    assert_int_equal(whoami_json(scene->work, &opened.session.id, &text), ERR_OK);
    assert_null(memmem(text.ptr, text.len, opened.cookie.ptr, opened.cookie.len));
    assert_null(memmem(text.ptr, text.len, link.secret.ptr, link.secret.len));
    assert_null(memmem(text.ptr, text.len, scene->work->address.ptr, scene->work->address.len));
}

/* ---- claims ---- */

static void metadata_arrives_unchanged(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    claims.metadata =
        STR("{\"big\":9223372036854775807,\"deep\":{\"list\":[true,null,\"\\u00e4\"]},"
            "\"low\":-9223372036854775808}");
    struct scene_session opened = open_with(scene, &claims);
    struct str text;
    assert_int_equal(whoami_json(scene->work, &opened.session.id, &text), ERR_OK);
    struct str wanted = STR("\"metadata\":{\"big\":9223372036854775807,\"deep\":{\"list\":"
                            "[true,null,\"\xc3\xa4\"]},\"low\":-9223372036854775808}");
    assert_non_null(memmem(text.ptr, text.len, wanted.ptr, wanted.len));
}

static void metadata_is_that_of_the_link_and_not_the_newest_of_the_user(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    claims.metadata = STR("{\"shop\":1}");
    struct scene_session first = open_with(scene, &claims);
    claims.metadata = STR("{\"shop\":2}");
    struct scene_session second = open_with(scene, &claims);
    scene_sql(scene, "UPDATE users SET metadata = '{\"shop\":3}'");
    assert_member(&scene->world, ask(scene, &first), "currentUser.metadata", "{\"shop\":1}");
    assert_member(&scene->world, ask(scene, &second), "currentUser.metadata", "{\"shop\":2}");
}

static void groups_of_the_claims_stand_in_for_the_users_own(void **state)
{
    struct scene *scene = *state;
    struct group sellers = world_group(&scene->world, "sellers");
    struct claims claims = scene_claims(scene);
    claims.groups = arena_printf(&scene->world.arena, "[%lld,%lld]", (long long)scene->group.id,
                                 (long long)sellers.id);
    struct scene_session opened = open_with(scene, &claims);
    json_t *json = ask(scene, &opened);
    assert_member(&scene->world, json, "currentUser.groups.0.name", "buyers");
    assert_member(&scene->world, json, "currentUser.groups.1.name", "sellers");
    assert_member(&scene->world, json, "currentUser.groups.2", "");
    assert_int_equal(group_delete(scene->work, &sellers), ERR_OK);
    assert_member(&scene->world, ask(scene, &opened), "currentUser.groups.1", "");
}

static void a_branch_or_an_old_release_says_so(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    scene_branch(scene, &scene->app, "next");
    scene_release(scene, &scene->app, "2.0.0");
    claims.branch = STR("next");
    struct scene_session branch = open_with(scene, &claims);
    assert_member(&scene->world, ask(scene, &branch), "app.branch", "next");
    assert_member(&scene->world, ask(scene, &branch), "app.release", "null");
    claims.branch = STR_NONE;
    claims.release_version = STR("1.0.0");
    struct scene_session old = open_with(scene, &claims);
    assert_member(&scene->world, ask(scene, &old), "app.release", "1.0.0");
    claims.release_version = STR_NONE;
    struct scene_session newest = open_with(scene, &claims);
    assert_member(&scene->world, ask(scene, &newest), "app.release", "2.0.0");
}

static void the_config_is_that_of_the_links_environment_and_workspace(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    world_workspace(&scene->world, "other");
    scene_sql(scene, "UPDATE environments SET config = '{\"api\":\"theirs\"}'");
    scene_sql(scene,
              "UPDATE environments SET config = '{\"api\":\"live\"}' WHERE workspace_id = %s",
              scene_id(scene, &scene->world.instance.workspace_id));
    scene_sql(scene,
              "INSERT INTO environments VALUES (randomblob(16), %s, 'staging',"
              " '{\"api\":\"test\"}', 0, 0)",
              scene_id(scene, &scene->world.instance.workspace_id));
    struct scene_session live = open_with(scene, &claims);
    claims.environment = STR("staging");
    struct scene_session staging = open_with(scene, &claims);
    assert_member(&scene->world, ask(scene, &live), "config.api", "live");
    assert_member(&scene->world, ask(scene, &staging), "config.api", "test");
    assert_member(&scene->world, ask(scene, &staging), "app.environment", "staging");
}

/* ---- users ---- */

static void a_full_name_is_made_of_what_there_is(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *first;
        const char *last;
        const char *full;
    } cases[] = {
        {"'Ann'", "'Lee'", "Ann Lee"}, {"'Ann'", "NULL", "Ann"}, {"NULL", "'Lee'", "Lee"},
        {"NULL", "NULL", "null"},      {"''", "'Lee'", "Lee"},
    };
    struct scene_session opened = scene_live_session(scene);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        scene_sql(scene, "UPDATE users SET first_name = %s, last_name = %s", cases[i].first,
                  cases[i].last);
        assert_member(&scene->world, ask(scene, &opened), "currentUser.fullName", cases[i].full);
    }
}

static void an_external_user_is_known_by_its_identifier(void **state)
{
    struct scene *scene = *state;
    struct user user = {.external_identifier = STR("customer \"1\" \xc3\xa4")};
    assert_int_equal(user_put_external(scene->work, &user), ERR_OK);
    scene->user = user;
    struct claims claims = scene_claims(scene);
    struct scene_session opened = open_with(scene, &claims);
    json_t *json = ask(scene, &opened);
    assert_member(&scene->world, json, "currentUser.externalIdentifier", "customer \"1\" \xc3\xa4");
    assert_member(&scene->world, json, "currentUser.email", "null");
    assert_member(&scene->world, json, "currentUser.firstName", "null");
}

/* ---- the end ---- */

static void the_time_left_is_never_less_than_none(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, SCENE_SESSION_MS + MINUTE_MS);
    assert_member(&scene->world, ask(scene, &opened), "session.expiresInSeconds", "0");
}

static void a_session_that_is_gone_has_ended(void **state)
{
    struct scene *scene = *state;
    struct str text = STR("untouched");
    struct uuid unknown = random_uuid();
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(whoami_json(scene->work, &unknown, &text), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "session_ended");
    assert_int_equal(app_delete(scene->work, &scene->app), ERR_OK);
    assert_int_equal(whoami_json(scene->work, &opened.session.id, &text), ERR_UNAUTHENTICATED);
    assert_str_equal(text, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(an_app_learns_who_its_user_is),
        scene_test(an_app_learns_what_it_is_and_how_long),
        scene_test(the_answer_has_only_what_the_contract_names),
        scene_test(no_secret_and_no_other_tenant_is_in_the_answer),
        scene_test(metadata_arrives_unchanged),
        scene_test(metadata_is_that_of_the_link_and_not_the_newest_of_the_user),
        scene_test(groups_of_the_claims_stand_in_for_the_users_own),
        scene_test(a_branch_or_an_old_release_says_so),
        scene_test(the_config_is_that_of_the_links_environment_and_workspace),
        scene_test(a_full_name_is_made_of_what_there_is),
        scene_test(an_external_user_is_known_by_its_identifier),
        scene_test(the_time_left_is_never_less_than_none),
        scene_test(a_session_that_is_gone_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
