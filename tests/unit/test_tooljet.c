#include "scene.h"

#include "crypto/secret.h"

#define PATH "/api/ext/users/personal-access-token"

/* ---- calls ---- */

static struct world_reply mint_body(struct scene *scene, const char *body)
{
    return world_call(&scene->world, API_POST, PATH, body);
}

/* For the scene's user and app, with these members besides. */
static struct world_reply mint_with(struct scene *scene, const char *members)
{
    struct str app = work_uuid_text(scene->work, &scene->app.id);
    struct str body = arena_printf(&scene->world.arena,
                                   "{\"email\":\"ann@example.com\",\"appId\":\"" STR_FMT "\"%s%s}",
                                   STR_ARG(app), members[0] == '\0' ? "" : ",", members);
    return mint_body(scene, body.ptr);
}

static struct world_reply mint(struct scene *scene)
{
    return mint_with(scene, "");
}

/* For this user and app: "email":"…" and "appId":"…" as they stand. */
static struct world_reply mint_for(struct scene *scene, const char *user, const char *app)
{
    struct str body = arena_printf(&scene->world.arena, "{%s,%s}", user, app);
    return mint_body(scene, body.ptr);
}

static const char *member(struct scene *scene, const char *name, struct str value)
{
    return arena_printf(&scene->world.arena, "\"%s\":\"" STR_FMT "\"", name, STR_ARG(value)).ptr;
}

static const char *this_app(struct scene *scene)
{
    return member(scene, "appId", work_uuid_text(scene->work, &scene->app.id));
}

static const char *this_user(struct scene *scene)
{
    return member(scene, "email", scene->user.email);
}

static void assert_minted(struct world_reply reply)
{
    if (reply.status != 201) {
        fail_msg("%d " STR_FMT, reply.status, STR_ARG(reply.body));
    }
}

static void assert_error(struct scene *scene, struct world_reply reply, int status,
                         const char *message_part)
{
    if (reply.status != status) {
        fail_msg("not %d but %d " STR_FMT, status, reply.status, STR_ARG(reply.body));
    }
    /* ToolJet's validation answers with a list */
    json_t *list = json_object_get(reply.json, "message");
    const char *message = json_string_value(json_is_array(list) ? json_array_get(list, 0) : list);
    assert_non_null(message);
    assert_int_equal(json_integer_value(json_object_get(reply.json, "statusCode")), status);
    assert_member(&scene->world, reply.json, "timestamp", "2026-01-02T03:00:00.000Z");
    assert_member(&scene->world, reply.json, "path", PATH);
    assert_int_equal(json_object_size(reply.json), 4);
    if (strstr(message, message_part) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", message_part, message);
    }
}

static int64_t links(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM links");
}

/* A column of the only link. */
static int64_t of_link(struct scene *scene, const char *column)
{
    assert_int_equal(links(scene), 1);
    return scene_number(scene, "SELECT %s FROM links", column);
}

/* ---- success ---- */

static void a_mint_answers_with_a_token_and_a_link_that_holds_it(void **state)
{
    struct scene *scene = *state;
    struct world_reply reply = mint(scene);
    assert_minted(reply);
    assert_string_equal(reply.type, "application/json");
    assert_int_equal(json_object_size(reply.json), 2);
    struct str token = str_from(world_text(&scene->world, reply.json, "personalAccessToken"));
    assert_true(secret_has_form(SECRET_PAT, token));
    struct str app = work_uuid_text(scene->work, &scene->app.id);
    struct str label = scene_text(scene, "SELECT label FROM audiences");
    assert_member(&scene->world, reply.json, "redirectUrl",
                  arena_printf(&scene->world.arena,
                               "http://" STR_FMT ".localhost:3000/embed-apps/" STR_FMT
                               "?personal-access-token=" STR_FMT "&appSlug=orders",
                               STR_ARG(label), STR_ARG(app), STR_ARG(token))
                      .ptr);
}

static void the_token_that_was_answered_is_the_one_that_is_stored(void **state)
{
    struct scene *scene = *state;
    struct link link;
    struct world_reply reply = mint(scene);
    struct str token = str_from(world_text(&scene->world, reply.json, "personalAccessToken"));
    assert_int_equal(scene_find_link(scene, token, &link), ERR_OK);
    assert_true(link.is_reusable);
    assert_true(uuid_equal(&link.user_id, &scene->user.id));
    assert_true(uuid_equal(&link.app_id, &scene->app.id));
    assert_str_equal(link.claims, "{\"environment\":\"production\"}");
    assert_false(scene_stores(scene, token));
}

static void without_a_wish_the_configured_times_hold(void **state)
{
    struct scene *scene = *state;
    scene->world.settings.session_default_minutes = 7;
    scene->world.settings.pat_default_seconds = 8;
    assert_minted(mint(scene));
    assert_int_equal(of_link(scene, "session_ms"), 7 * MINUTE_MS);
    assert_int_equal(of_link(scene, "expires_at - created_at"), 8 * WORLD_SECOND_MS);
}

static void session_expiry_is_minutes_and_pat_expiry_seconds(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint_with(scene, "\"sessionExpiry\":90,\"patExpiry\":120"));
    assert_int_equal(of_link(scene, "session_ms"), 90 * MINUTE_MS);
    assert_int_equal(of_link(scene, "expires_at - created_at"), 120 * WORLD_SECOND_MS);
}

static void user_and_app_may_be_named_in_either_way(void **state)
{
    struct scene *scene = *state;
    const char *by_id = member(scene, "userId", work_uuid_text(scene->work, &scene->user.id));
    assert_minted(mint_for(scene, by_id, this_app(scene)));
    assert_minted(mint_for(scene, this_user(scene), "\"appSlug\":\"orders\""));
    assert_minted(mint_for(scene, "\"email\":\"ANN@Example.COM\"", this_app(scene)));
}

static void unknown_members_are_ignored(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint_with(scene, "\"scope\":\"app\",\"nested\":{\"a\":[1]}"));
}

static void a_second_token_replaces_the_first(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint(scene));
    assert_minted(mint(scene));
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM links WHERE replaced_at IS NULL"),
                     1);
    assert_int_equal(links(scene), 2);
}

static void the_audit_log_names_the_token_that_minted(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint(scene));
    assert_str_equal(scene_text(scene, "SELECT actor_kind FROM events WHERE type = 'mint'"),
                     "api_token");
    assert_str_equal(scene_text(scene, "SELECT actor_name FROM events WHERE type = 'mint'"),
                     "admin");
    assert_str_equal(scene_text(scene, "SELECT created_by FROM links"), "admin");
}

/* ---- bad requests ---- */

static void a_body_that_is_no_json_object_is_refused(void **state)
{
    struct scene *scene = *state;
    static const char *const bodies[] = {"",
                                         "{",
                                         "[]",
                                         "null",
                                         "\"text\"",
                                         "{\"email\":\"a\",\"email\":\"b\"}",
                                         "{\"email\":\"\\u0000\"}",
                                         "{\"email\":\"\xff\"}"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_error(scene, mint_body(scene, bodies[i]), 400, "");
    }
    assert_int_equal(links(scene), 0);
}

static void neither_of_an_either_or_is_refused(void **state)
{
    struct scene *scene = *state;
    struct str only_app = arena_printf(&scene->world.arena, "{%s}", this_app(scene));
    struct str only_user = arena_printf(&scene->world.arena, "{%s}", this_user(scene));
    assert_error(scene, mint_body(scene, "{}"), 400, "email");
    assert_error(scene, mint_body(scene, only_app.ptr), 400, "email");
    assert_error(scene, mint_body(scene, only_user.ptr), 400, "appId");
    assert_error(scene, mint_for(scene, "\"email\":null", this_app(scene)), 400, "email");
    assert_error(scene, mint_for(scene, "\"email\":\"\"", this_app(scene)), 400, "email");
}

static void wrong_members_are_refused_by_name(void **state)
{
    struct scene *scene = *state;
    static const char *const users[] = {"\"email\":5", "\"email\":\"ann\"", "\"email\":\"@b.c\"",
                                        "\"email\":[\"ann@example.com\"]",
                                        "\"email\":\"a b@example.com\""};
    static const char *const apps[] = {"\"appId\":5", "\"appId\":\"orders\"", "\"appId\":{}",
                                       "\"appId\":\"01890a5d-ac96-774b-bcce-b302099a805\""};
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        assert_error(scene, mint_for(scene, users[i], this_app(scene)), 400, "email");
    }
    for (size_t i = 0; i < COUNT_OF(apps); i++) {
        assert_error(scene, mint_for(scene, this_user(scene), apps[i]), 400, "appId");
    }
    assert_error(scene, mint_for(scene, "\"userId\":\"ann\"", this_app(scene)), 400, "userId");
    assert_int_equal(links(scene), 0);
}

static void times_are_whole_numbers_within_their_limits(void **state)
{
    struct scene *scene = *state;
    static const char *const bad[] = {
        "0", "-1", "1.5", "1.0", "\"60\"", "true", "[1]", "1000000", "999999999999999999"};
    scene->world.settings.session_max_minutes = 100;
    scene->world.settings.pat_max_seconds = 200;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct arena *arena = &scene->world.arena;
        assert_error(scene,
                     mint_with(scene, arena_printf(arena, "\"sessionExpiry\":%s", bad[i]).ptr), 400,
                     "sessionExpiry");
        assert_error(scene, mint_with(scene, arena_printf(arena, "\"patExpiry\":%s", bad[i]).ptr),
                     400, "patExpiry");
    }
    assert_int_equal(links(scene), 0);
    assert_minted(mint_with(scene, "\"sessionExpiry\":1,\"patExpiry\":1"));
    assert_minted(mint_with(scene, "\"sessionExpiry\":100,\"patExpiry\":200"));
    assert_error(scene, mint_with(scene, "\"sessionExpiry\":101"), 400, "100");
    assert_error(scene, mint_with(scene, "\"patExpiry\":201"), 400, "200");
}

/* ---- unknown and denied ---- */

static void unknown_users_are_404_and_unknown_apps_400(void **state)
{
    struct scene *scene = *state;
    const struct str some_id = STR("01890a5d-ac96-774b-bcce-b302099a8057");
    assert_error(scene, mint_for(scene, "\"email\":\"eve@example.com\"", this_app(scene)), 404,
                 "user");
    assert_error(scene, mint_for(scene, member(scene, "userId", some_id), this_app(scene)), 404,
                 "user");
    assert_error(scene, mint_for(scene, this_user(scene), member(scene, "appId", some_id)), 400,
                 "app");
    assert_error(scene, mint_for(scene, this_user(scene), "\"appSlug\":\"none\""), 400,
                 "Invalid appId or appSlug");
    assert_error(scene, mint_for(scene, this_user(scene), "\"appSlug\":\"ORDERS\""), 400,
                 "Invalid appId or appSlug");
    assert_int_equal(links(scene), 0);
}

static void users_and_apps_of_another_workspace_are_unknown(void **state)
{
    struct scene *scene = *state;
    const char *ours = member(scene, "userId", work_uuid_text(scene->work, &scene->user.id));
    struct workspace other = world_workspace(&scene->world, "other");
    scene->world.token = world_token(&scene->world, &other.id, "embed");
    assert_error(scene, mint_for(scene, ours, this_app(scene)), 404, "user");
    assert_error(scene, mint(scene), 404, "user");
    scene->work->workspace_id = other.id;
    world_user(&scene->world, "ann@example.com");
    assert_error(scene, mint(scene), 400, "app");
    assert_error(scene, mint_for(scene, this_user(scene), "\"appSlug\":\"orders\""), 400, "app");
}

static void who_may_not_use_the_app_gets_403(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_error(scene, mint(scene), 403, "group");
    assert_int_equal(links(scene), 0);
    assert_str_equal(world_event_detail(&scene->world, "deny"), "{\"reason\":\"no_access\"}");
    assert_int_equal(scene_number(scene,
                                  "SELECT user_id = %s AND app_id = %s FROM events"
                                  " WHERE type = 'deny'",
                                  scene_id(scene, &scene->user.id),
                                  scene_id(scene, &scene->app.id)),
                     1);
}

static void an_archived_user_gets_403(void **state)
{
    struct scene *scene = *state;
    struct user archived = scene->user;
    archived.is_active = false;
    assert_int_equal(user_update(scene->work, &scene->user, &archived), ERR_OK);
    assert_error(scene, mint(scene), 403, "archived");
}

static void an_app_without_a_release_is_403(void **state)
{
    struct scene *scene = *state;
    scene_sql(scene, "UPDATE apps SET current_version = NULL");
    assert_error(scene, mint(scene), 403, "release");
}

static void a_token_without_the_scope_gets_403(void **state)
{
    struct scene *scene = *state;
    scene->world.token =
        world_token(&scene->world, &scene->world.instance.workspace_id, "users:write apps:write");
    assert_error(scene, mint(scene), 403, "embed");
}

static void a_token_that_is_not_valid_gets_401(void **state)
{
    struct scene *scene = *state;
    scene->world.token = STR("inlay_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_error(scene, mint(scene), 401, "token");
}

/* ---- the limit ---- */

static void the_eleventh_mint_in_a_minute_is_429(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    for (int i = 0; i < 10; i++) {
        assert_minted(mint(scene));
    }
    assert_error(scene, mint(scene), 429, "10");
    assert_int_equal(links(scene), 10);
    world_user(&scene->world, "bob@example.com");
    assert_error(scene, mint_for(scene, "\"email\":\"bob@example.com\"", this_app(scene)), 403, "");
}

static void mints_that_are_refused_do_not_count(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    for (int i = 0; i < 20; i++) {
        assert_error(scene, mint_with(scene, "\"patExpiry\":0"), 400, "");
    }
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    for (int i = 0; i < 20; i++) {
        assert_error(scene, mint(scene), 403, "");
    }
    assert_int_equal(group_add_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_minted(mint(scene));
}

static void naming_the_user_in_another_way_is_no_way_around_the_limit(void **state)
{
    struct scene *scene = *state;
    const char *by_id = member(scene, "userId", work_uuid_text(scene->work, &scene->user.id));
    scene_limit_rate(scene);
    scene->world.settings.mint_limit_per_minute = 2;
    assert_minted(mint(scene));
    assert_minted(mint_for(scene, by_id, this_app(scene)));
    assert_error(scene, mint_for(scene, "\"email\":\"Ann@example.com\"", this_app(scene)), 429, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_mint_answers_with_a_token_and_a_link_that_holds_it),
        scene_test(the_token_that_was_answered_is_the_one_that_is_stored),
        scene_test(without_a_wish_the_configured_times_hold),
        scene_test(session_expiry_is_minutes_and_pat_expiry_seconds),
        scene_test(user_and_app_may_be_named_in_either_way),
        scene_test(unknown_members_are_ignored),
        scene_test(a_second_token_replaces_the_first),
        scene_test(the_audit_log_names_the_token_that_minted),
        scene_test(a_body_that_is_no_json_object_is_refused),
        scene_test(neither_of_an_either_or_is_refused),
        scene_test(wrong_members_are_refused_by_name),
        scene_test(times_are_whole_numbers_within_their_limits),
        scene_test(unknown_users_are_404_and_unknown_apps_400),
        scene_test(users_and_apps_of_another_workspace_are_unknown),
        scene_test(who_may_not_use_the_app_gets_403),
        scene_test(an_archived_user_gets_403),
        scene_test(an_app_without_a_release_is_403),
        scene_test(a_token_without_the_scope_gets_403),
        scene_test(a_token_that_is_not_valid_gets_401),
        scene_test(the_eleventh_mint_in_a_minute_is_429),
        scene_test(mints_that_are_refused_do_not_count),
        scene_test(naming_the_user_in_another_way_is_no_way_around_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
