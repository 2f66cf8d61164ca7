#include "scene.h"

#include "model/token.h"
#include "base/encode.h"

static void scopes_are_embed_admin_and_nouns_with_a_verb(void **state)
{
    (void)state;
    static const char *const good[] = {"embed",       "admin",           "users:read",
                                       "users:write", "api-tokens:read", "events:write"};
    static const char *const bad[] = {"",           "users",       "users:",     "users:delete",
                                      ":read",      "embed:write", "admin:read", "things:read",
                                      "Users:read", "users:read "};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(token_scope_is_known(str_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(token_scope_is_known(str_from(bad[i])));
    }
}

static void scopes_allow_what_they_say_and_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *scopes;
        const char *scope;
        bool allowed;
    } cases[] = {
        {"embed", "embed", true},
        {"embed", "users:read", false},
        {"users:read", "users:read", true},
        {"users:read", "users:write", false},
        {"users:write", "users:read", true},
        {"users:write", "groups:read", false},
        {"users:read embed", "embed", true},
        {"admin", "embed", true},
        {"admin", "api-tokens:write", true},
        {"admin", "admin", true},
        {"users:write groups:write", "admin", false},
        {"", "embed", false},
        {"embed", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (token_scopes_allow(str_from(cases[i].scopes), str_from(cases[i].scope)) !=
            cases[i].allowed) {
            fail_msg("\"%s\" and \"%s\"", cases[i].scopes, cases[i].scope);
        }
    }
}

static enum err authenticate(struct scene *scene, const char *format, struct str secret,
                             struct token *out_token)
{
    char text[LIMIT_AUTHORIZATION_BYTES];
    int len = snprintf(text, sizeof(text), "%s", format);
    assert_true(len > 0);
    struct str header = arena_printf(&scene->world.arena, "%s" STR_FMT, text, STR_ARG(secret));
    return token_authenticate(scene->work, header, true, out_token);
}

static struct str base64(struct scene *scene, struct str text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = arena_alloc(&scene->world.arena, text.len * 2 + 8);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i += 3) {
        unsigned window = 0;
        for (size_t j = 0; j < 3; j++) {
            window = window << 8 | (i + j < text.len ? (unsigned char)text.ptr[i + j] : 0);
        }
        for (size_t j = 0; j < 4; j++) {
            out[len++] = i + j > text.len ? '=' : digits[window >> (18 - 6 * j) & 63];
        }
    }
    return (struct str){out, len};
}

static void a_token_is_taken_in_every_form_that_clients_send(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct str secret = world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    struct str pair = arena_printf(&scene->world.arena, "portal:" STR_FMT, STR_ARG(secret));
    struct str bare = arena_printf(&scene->world.arena, ":" STR_FMT, STR_ARG(secret));
    assert_int_equal(authenticate(scene, "Bearer ", secret, &token), ERR_OK);
    assert_str_equal(token.scopes, "embed");
    assert_str_equal(token.name, "test");
    assert_int_equal(authenticate(scene, "bearer  ", secret, &token), ERR_OK);
    assert_int_equal(authenticate(scene, "Basic ", secret, &token), ERR_OK);
    assert_int_equal(authenticate(scene, "Basic ", base64(scene, pair), &token), ERR_OK);
    assert_int_equal(authenticate(scene, "Basic ", base64(scene, bare), &token), ERR_OK);
}

static void anything_else_is_refused_without_a_hint(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct str secret = world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    struct str almost = arena_str(&scene->world.arena, secret);
    char *last = (char *)(uintptr_t)&almost.ptr[almost.len - 1];
    *last = *last == 'A' ? 'E' : 'A';
    const struct {
        const char *scheme;
        struct str rest;
    } cases[] = {
        {"Bearer ", almost},
        {"Bearer ", STR("x")},
        {"Bearer", STR("")},
        {"Token ", secret},
        {"Bearer ", base64(scene, secret)},
        {"Basic ", base64(scene, STR("no colon"))},
        {"Basic ", STR("!!!!")},
        {"Bearer\t", secret},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(authenticate(scene, cases[i].scheme, cases[i].rest, &token),
                         ERR_UNAUTHENTICATED);
        assert_fault(&scene->world, "api_token_invalid");
    }
    assert_int_equal(token_authenticate(scene->work, STR_NONE, true, &token), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "api_token_missing");
}

static void the_use_is_noted_once_a_minute_where_it_can_be_written(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct str secret = world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    struct str header = arena_printf(&scene->world.arena, "Bearer " STR_FMT, STR_ARG(secret));
    assert_int_equal(token_authenticate(scene->work, header, false, &token), ERR_OK);
    assert_int_equal(token_find(scene->work, &token.id, &token), ERR_OK);
    assert_int_equal(token.last_used_at_ms, 0);
    assert_int_equal(token_authenticate(scene->work, header, true, &token), ERR_OK);
    assert_int_equal(token_find(scene->work, &token.id, &token), ERR_OK);
    assert_int_equal(token.last_used_at_ms, WORLD_START_MS);
    world_wait(&scene->world, MINUTE_MS - 1);
    int64_t changes = store_changes(scene->work->store);
    assert_int_equal(token_authenticate(scene->work, header, true, &token), ERR_OK);
    assert_int_equal(store_changes(scene->work->store), changes);
    world_wait(&scene->world, 1);
    assert_int_equal(token_authenticate(scene->work, header, true, &token), ERR_OK);
    assert_int_equal(token_find(scene->work, &token.id, &token), ERR_OK);
    assert_int_equal(token.last_used_at_ms, WORLD_START_MS + MINUTE_MS);
}

static void a_secret_is_stored_nowhere(void **state)
{
    struct scene *scene = *state;
    struct str secret = world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    assert_false(scene_stores(scene, secret));
}

static void the_token_of_the_environment_is_admin_in_the_default_workspace(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct str secret = STR("a-token-of-the-environment");
    assert_int_equal(authenticate(scene, "Bearer ", secret, &token), ERR_UNAUTHENTICATED);
    scene->world.instance.has_environment_token = true;
    scene->world.instance.environment_token = secret_digest(secret);
    assert_int_equal(authenticate(scene, "Bearer ", secret, &token), ERR_OK);
    assert_str_equal(token.scopes, "admin");
    assert_true(uuid_is_none(&token.id));
    assert_true(uuid_equal(&token.workspace_id, &scene->world.instance.workspace_id));
    assert_int_equal(authenticate(scene, "Bearer ", STR("a-token-of-the-environmenT"), &token),
                     ERR_UNAUTHENTICATED);
}

static void a_token_of_an_archived_workspace_is_refused_unless_it_is_admin(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct workspace before = world_workspace(&scene->world, "north");
    struct workspace after = before;
    struct str plain = world_token(&scene->world, &before.id, "embed");
    struct str admin = world_token(&scene->world, &before.id, "admin");
    after.status = STR("archived");
    assert_int_equal(authenticate(scene, "Bearer ", plain, &token), ERR_OK);
    assert_int_equal(workspace_update(scene->work, &before, &after), ERR_OK);
    assert_int_equal(authenticate(scene, "Bearer ", plain, &token), ERR_DENIED);
    assert_fault(&scene->world, "workspace_archived");
    assert_int_equal(authenticate(scene, "Bearer ", admin, &token), ERR_OK);
}

static void a_deleted_token_is_refused_at_once(void **state)
{
    struct scene *scene = *state;
    struct token token;
    struct str secret = world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    assert_int_equal(authenticate(scene, "Bearer ", secret, &token), ERR_OK);
    assert_int_equal(token_delete(scene->work, &token), ERR_OK);
    assert_int_equal(world_events(&scene->world, "api-token.delete"), 1);
    assert_int_equal(authenticate(scene, "Bearer ", secret, &token), ERR_UNAUTHENTICATED);
    assert_int_equal(token_find(scene->work, &token.id, &token), ERR_NOT_FOUND);
}

static void names_and_descriptions_change_and_scopes_do_not(void **state)
{
    struct scene *scene = *state;
    struct token before;
    struct str secret = world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    assert_int_equal(authenticate(scene, "Bearer ", secret, &before), ERR_OK);
    assert_int_equal(token_find(scene->work, &before.id, &before), ERR_OK);
    struct token after = before;
    assert_int_equal(token_update(scene->work, &before, &after), ERR_OK);
    assert_int_equal(world_events(&scene->world, "api-token.update"), 0);
    after.name = STR("portal");
    after.description = STR("for the portal");
    after.scopes = STR("admin");
    assert_int_equal(token_update(scene->work, &before, &after), ERR_OK);
    assert_int_equal(world_events(&scene->world, "api-token.update"), 1);
    assert_int_equal(token_find(scene->work, &before.id, &after), ERR_OK);
    assert_str_equal(after.name, "portal");
    assert_str_equal(after.description, "for the portal");
    assert_str_equal(after.scopes, "embed");
    assert_str_equal(after.last4, secret.ptr + secret.len - 4);
}

static void lists_are_of_one_workspace(void **state)
{
    struct scene *scene = *state;
    struct token tokens[4];
    size_t count = 0;
    world_wait(&scene->world, 1);
    world_token(&scene->world, &scene->world.instance.workspace_id, "embed");
    assert_int_equal(
        token_list(scene->work, &(struct search){.text = STR_NONE}, &UUID_NONE, 4, tokens, &count),
        ERR_OK);
    assert_int_equal(count, 2); /* the first is that of the admin-token file */
    assert_str_equal(tokens[0].name, "admin");
    assert_int_equal(token_list(scene->work, &(struct search){.text = STR_NONE}, &tokens[0].id, 4,
                                tokens, &count),
                     ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(tokens[0].name, "test");
}

/* ---- expiry, apps and rotation ---- */

static struct token make_token(struct scene *scene, int64_t expires_at_ms, struct str *out_secret)
{
    struct token token;
    struct secret secret;
    const struct token_new new_token = {
        .workspace_id = scene->world.instance.workspace_id,
        .name = STR("portal"),
        .scopes = STR("embed"),
        .expires_at_ms = expires_at_ms,
    };
    assert_int_equal(token_create(scene->work, &new_token, &token, &secret), ERR_OK);
    *out_secret = arena_str(&scene->world.arena, secret_str(&secret));
    secret_done(&secret);
    return token;
}

static void a_token_expires_to_the_millisecond(void **state)
{
    struct scene *scene = *state;
    struct str secret;
    struct token found;
    make_token(scene, WORLD_START_MS + DAY_MS, &secret);
    world_wait(&scene->world, DAY_MS - 1);
    assert_int_equal(authenticate(scene, "Bearer ", secret, &found), ERR_OK);
    assert_int_equal(found.expires_at_ms, WORLD_START_MS + DAY_MS);
    world_wait(&scene->world, 1);
    assert_int_equal(authenticate(scene, "Bearer ", secret, &found), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "api_token_expired");
}

static void its_end_is_announced_once_and_a_week_before(void **state)
{
    struct scene *scene = *state;
    struct str secret;
    make_token(scene, WORLD_START_MS + 8 * DAY_MS, &secret);
    make_token(scene, 0, &secret);
    world_wait(&scene->world, DAY_MS - 1);
    assert_int_equal(token_announce(scene->work, 10), ERR_OK);
    assert_int_equal(world_events(&scene->world, "api-token.expiring"), 0);
    world_wait(&scene->world, 1);
    assert_int_equal(token_announce(scene->work, 10), ERR_OK);
    assert_int_equal(token_announce(scene->work, 10), ERR_OK);
    assert_int_equal(world_events(&scene->world, "api-token.expiring"), 1);
}

static void a_use_is_noted_with_its_address(void **state)
{
    struct scene *scene = *state;
    struct str secret;
    struct token found;
    struct token made = make_token(scene, 0, &secret);
    assert_int_equal(authenticate(scene, "Bearer ", secret, &found), ERR_OK);
    assert_int_equal(token_find(scene->work, &made.id, &found), ERR_OK);
    assert_str_equal(found.last_used_address, "192.0.2.1");
    assert_int_equal(found.last_used_at_ms, WORLD_START_MS);
}

static void a_token_reaches_the_apps_that_it_is_limited_to(void **state)
{
    struct scene *scene = *state;
    char word[TOKEN_APP_SIZE];
    struct app other = world_app(&scene->world, "other");
    struct token token = {.apps = STR("")};
    assert_true(token_reaches_app(&token, &other.id));
    token_app_word(&scene->app.id, word);
    token.apps = arena_printf(&scene->world.arena, "00000000000000000000000000000001 %s", word);
    assert_true(token_reaches_app(&token, &scene->app.id));
    assert_false(token_reaches_app(&token, &other.id));
    struct uuid again = token_app_id(str_from(word));
    assert_true(uuid_equal(&again, &scene->app.id));
}

static void both_tokens_of_a_rotation_work_until_the_old_one_ends(void **state)
{
    struct scene *scene = *state;
    struct str secret;
    struct token found;
    struct token next;
    struct secret next_secret;
    struct token old = make_token(scene, WORLD_START_MS + HOUR_MS, &secret);
    assert_int_equal(
        token_rotate(scene->work, &old, WORLD_START_MS + DAY_MS, 0, &next, &next_secret), ERR_OK);
    struct str text = arena_str(&scene->world.arena, secret_str(&next_secret));
    secret_done(&next_secret);
    assert_int_equal(authenticate(scene, "Bearer ", secret, &found), ERR_OK);
    assert_int_equal(found.expires_at_ms, WORLD_START_MS + HOUR_MS); /* no later than before */
    assert_int_equal(authenticate(scene, "Bearer ", text, &found), ERR_OK);
    assert_true(uuid_equal(&found.id, &next.id));
    assert_int_equal(token_rotate(scene->work, &next, WORLD_START_MS + 1, 0, &found, &next_secret),
                     ERR_OK);
    secret_done(&next_secret);
    world_wait(&scene->world, 1);
    assert_int_equal(authenticate(scene, "Bearer ", text, &found), ERR_UNAUTHENTICATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scopes_are_embed_admin_and_nouns_with_a_verb),
        cmocka_unit_test(scopes_allow_what_they_say_and_no_more),
        scene_test(a_token_expires_to_the_millisecond),
        scene_test(its_end_is_announced_once_and_a_week_before),
        scene_test(a_use_is_noted_with_its_address),
        scene_test(a_token_reaches_the_apps_that_it_is_limited_to),
        scene_test(both_tokens_of_a_rotation_work_until_the_old_one_ends),
        scene_test(a_token_is_taken_in_every_form_that_clients_send),
        scene_test(anything_else_is_refused_without_a_hint),
        scene_test(the_use_is_noted_once_a_minute_where_it_can_be_written),
        scene_test(a_secret_is_stored_nowhere),
        scene_test(the_token_of_the_environment_is_admin_in_the_default_workspace),
        scene_test(a_token_of_an_archived_workspace_is_refused_unless_it_is_admin),
        scene_test(a_deleted_token_is_refused_at_once),
        scene_test(names_and_descriptions_change_and_scopes_do_not),
        scene_test(lists_are_of_one_workspace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
