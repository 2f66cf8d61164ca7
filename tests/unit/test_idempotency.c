/* Idempotency-Key of POST calls. */
#include "scene.h"

static struct world_reply post(struct scene *scene, const char *target, const char *body,
                               const char *key)
{
    return world_call_with(&scene->world, API_POST, target, body,
                           (struct world_headers){.idempotency_key = key});
}

static void a_call_that_is_sent_again_gets_the_response_of_the_first_time(void **state)
{
    struct scene *scene = *state;
    struct world_reply one = post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key-1");
    assert_int_equal(one.status, 201);
    int made = world_events(&scene->world, "group.create");
    world_wait(&scene->world, 24 * HOUR_MS - 1);
    struct world_reply again = post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key-1");
    assert_int_equal(again.status, 201);
    assert_true(str_equal(again.body, one.body));
    assert_true(str_equal(again.etag, one.etag));
    assert_string_equal(again.type, "application/json");
    assert_int_equal(world_events(&scene->world, "group.create"), made);
    /* without the key, or with another one, it is a call of its own */
    assert_refused(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", NULL), 409, "group_exists");
    assert_refused(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key-2"), 409, "group_exists");
}

static void after_a_day_a_key_is_new(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key").status, 201);
    world_wait(&scene->world, 24 * HOUR_MS);
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"b\"}", "key").status, 201);
    struct world_reply again = post(scene, "/api/v1/groups", "{\"name\":\"b\"}", "key");
    assert_member(&scene->world, again.json, "name", "b");
}

static void a_key_is_for_one_request(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key").status, 201);
    static const struct {
        const char *target;
        const char *body;
    } others[] = {
        {"/api/v1/groups", "{\"name\":\"b\"}"},
        {"/api/v1/groups", "{\"name\": \"a\"}"},
        {"/api/v1/workspaces", "{\"name\":\"a\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_refused(post(scene, others[i].target, others[i].body, "key"), 409,
                       "idempotency_key_reused");
    }
}

static void a_key_is_for_one_caller(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key").status, 201);
    world->token = world_token(world, &world->instance.workspace_id, "groups:write");
    assert_refused(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key"), 409, "group_exists");
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"b\"}", "key").status, 201);
    world->token = world_token(world, &world->instance.workspace_id, "embed");
    assert_refused(post(scene, "/api/v1/groups", "{\"name\":\"b\"}", "key"), 403, "scope_missing");
}

static void a_call_that_failed_can_be_made_again(void **state)
{
    struct scene *scene = *state;
    struct world_reply made = post(scene, "/api/v1/groups", "{\"name\":\"a\"}", NULL);
    const char *path = arena_printf(&scene->world.arena, "/api/v1/groups/%s",
                                    world_text(&scene->world, made.json, "id"))
                           .ptr;
    assert_refused(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key"), 409, "group_exists");
    world_delete(&scene->world, path);
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", "key").status, 201);
}

static void a_secret_comes_again_and_is_stored_nowhere(void **state)
{
    struct scene *scene = *state;
    const char *body = "{\"name\":\"ci\",\"scopes\":[\"embed\"]}";
    struct world_reply one = post(scene, "/api/v1/api-tokens", body, "key-of-ci");
    const char *secret = world_text(&scene->world, one.json, "token");
    assert_true(strlen(secret) > 40);
    struct world_reply again = post(scene, "/api/v1/api-tokens", body, "key-of-ci");
    assert_member(&scene->world, again.json, "token", secret);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM idempotency_keys"), 1);
    assert_false(scene_stores(scene, str_from(secret)));
    assert_false(scene_stores(scene, STR("key-of-ci")));
}

static void a_key_that_is_none_is_refused(void **state)
{
    struct scene *scene = *state;
    struct arena *arena = &scene->world.arena;
    char *key = arena_alloc(arena, 257);
    memset(key, 'k', 256);
    key[256] = '\0';
    const char *const wrong[] = {"", " ", "a b", "\xc3\xa9", "a\x7f", key};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_refused(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", wrong[i]), 400,
                       "idempotency_key_invalid");
    }
    key[255] = '\0';
    assert_int_equal(post(scene, "/api/v1/groups", "{\"name\":\"a\"}", key).status, 201);
}

static void other_methods_and_the_mints_do_not_look_at_the_key(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct world_headers headers = {.idempotency_key = ""};
    assert_int_equal(world_call_with(world, API_GET, "/api/v1/groups", NULL, headers).status, 200);
    const char *body = "{\"email\":\"ann@example.com\",\"appSlug\":\"orders\"}";
    struct world_reply mint =
        world_call_with(world, API_POST, "/api/ext/users/personal-access-token", body, headers);
    assert_int_equal(mint.status, 201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_call_that_is_sent_again_gets_the_response_of_the_first_time),
        scene_test(after_a_day_a_key_is_new),
        scene_test(a_key_is_for_one_request),
        scene_test(a_key_is_for_one_caller),
        scene_test(a_call_that_failed_can_be_made_again),
        scene_test(a_secret_comes_again_and_is_stored_nowhere),
        scene_test(a_key_that_is_none_is_refused),
        scene_test(other_methods_and_the_mints_do_not_look_at_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
