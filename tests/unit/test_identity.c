#include "scene.h"

#include "base/jsontext.h"
#include "entry/identity.h"
#include "model/signingkey.h"
#include "base/encode.h"
#include "base/limits.h"

static struct identity identity_of(struct scene *scene, const struct scene_session *opened)
{
    struct identity identity;
    assert_int_equal(signingkey_ensure(scene->work), ERR_OK);
    assert_int_equal(identity_of_session(scene->work, &opened->session.id, &identity), ERR_OK);
    return identity;
}

static json_t *claims_of(struct scene *scene, const struct identity *identity)
{
    json_t *claims = NULL;
    struct str rest = identity->values[IDENTITY_ASSERTION];
    str_cut(&rest, '.');
    struct str text = str_cut(&rest, '.');
    size_t len = text.len * 3 / 4;
    char *bytes = arena_alloc(&scene->world.arena, len + 1);
    assert_true(base64url_decode(text, bytes, len));
    assert_int_equal(jsontext_parse_object((struct str){bytes, len}, &claims, NULL), ERR_OK);
    return claims;
}

static struct scene_session session_of(struct scene *scene, const char *name, const char *metadata)
{
    struct claims claims = scene_claims(scene);
    scene_sql(scene, "UPDATE users SET first_name = '%s', last_name = 'Lee'", name);
    claims.metadata = str_from(metadata);
    struct scene_link link = scene_embed_with(scene, &claims);
    return scene_session(scene, &link.link);
}

static void headers_say_who_the_user_is(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = session_of(scene, "Ann", "{\"storeId\":51}");
    struct identity identity = identity_of(scene, &opened);
    char id[UUID_TEXT_SIZE];
    uuid_format(&opened.session.user_id, id);
    assert_str_equal(identity.values[IDENTITY_USER], id);
    uuid_format(&opened.session.id, id);
    assert_str_equal(identity.values[IDENTITY_SESSION], id);
    assert_str_equal(identity.values[IDENTITY_NAME], "Ann Lee");
    assert_str_equal(identity.values[IDENTITY_METADATA], "{\"storeId\":51}");
    assert_true(str_equal(identity.values[IDENTITY_GROUPS], scene->group.name));
    assert_int_equal(identity.keep_until_ms, WORLD_START_MS + 30 * WORLD_SECOND_MS);
}

static void values_are_ascii_whatever_they_hold(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened =
        session_of(scene, "Zo\xc3\xab 100%", "{\"a\":\"\xc3\xab\\r\\n\x7f\"}");
    scene_sql(scene, "UPDATE groups SET name = 'A, B'");
    struct identity identity = identity_of(scene, &opened);
    assert_str_equal(identity.values[IDENTITY_NAME], "Zo%C3%AB 100%25 Lee");
    assert_str_equal(identity.values[IDENTITY_GROUPS], "A%2C B");
    assert_str_equal(identity.values[IDENTITY_METADATA], "{\"a\":\"\\u00EB\\r\\n\\u007f\"}");
    for (size_t i = 0; i < IDENTITY_HEADERS; i++) {
        for (size_t j = 0; j < identity.values[i].len; j++) {
            assert_in_range(identity.values[i].ptr[j], ' ', '~');
        }
    }
}

static void the_assertion_is_for_one_app_and_a_minute(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = session_of(scene, "Ann", "{\"big\":9223372036854775807}");
    struct identity identity = identity_of(scene, &opened);
    json_t *claims = claims_of(scene, &identity);
    char id[UUID_TEXT_SIZE];
    uuid_format(&scene->app.id, id);
    assert_member(&scene->world, claims, "iss", scene->world.settings.public_url.text);
    assert_member(&scene->world, claims, "aud", id);
    assert_member(&scene->world, claims, "name", "Ann Lee");
    assert_member(&scene->world, claims, "metadata.big", "9223372036854775807");
    assert_int_equal(json_integer_value(json_object_get(claims, "iat")), WORLD_START_MS / 1000);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")),
                     WORLD_START_MS / 1000 + 60);
    json_decref(claims);
}

static void the_assertion_ends_with_the_session(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = session_of(scene, "Ann", "{}");
    world_wait(&scene->world, SCENE_SESSION_MS - 20 * WORLD_SECOND_MS);
    struct identity identity = identity_of(scene, &opened);
    json_t *claims = claims_of(scene, &identity);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")),
                     opened.session.expires_at_ms / 1000);
    assert_int_equal(identity.keep_until_ms, opened.session.expires_at_ms - 10 * WORLD_SECOND_MS);
    json_decref(claims);
}

static void groups_that_do_not_fit_are_left_out_and_it_is_said(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    for (int i = 0; i < 40; i++) {
        char name[LIMIT_NAME_BYTES + 1];
        snprintf(name, sizeof(name), "%0120d", i);
        struct group group = world_group(&scene->world, name);
        scene_sql(scene, "INSERT INTO group_members VALUES (%lld, %s)", (long long)group.id,
                  scene_id(scene, &scene->user.id));
    }
    struct identity identity = identity_of(scene, &opened);
    json_t *claims = claims_of(scene, &identity);
    assert_int_equal(identity.values[IDENTITY_GROUPS].len, 0);
    assert_true(json_is_true(json_object_get(claims, "groupsOmitted")));
    assert_int_equal(json_array_size(json_object_get(claims, "groups")), 0);
    json_decref(claims);
}

static void a_client_cannot_spell_our_headers(void **state)
{
    struct scene *scene = *state;
    struct settings *settings = &scene->world.settings;
    static const char *const ours[] = {"X-Inlay-User",  "x-inlay-user",  "X_INLAY_USER",
                                       "X-Inlay_Email", "x.inlay.group", "X-Inlay-Whatever",
                                       "Remote-User",   "REMOTE_user"};
    static const char *const others[] = {"X-Inlay", "User-Agent", "Remote-Users", "X-Forwarded-For",
                                         ""};
    assert_int_equal(settings_set(settings, STR("identity_user_header"), STR("Remote-User"), NULL),
                     ERR_OK);
    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        assert_true(identity_is_header(settings, str_from(ours[i])));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(identity_is_header(settings, str_from(others[i])));
    }
}

static void header_names_are_checked(void **state)
{
    struct scene *scene = *state;
    struct settings settings = scene->world.settings;
    static const char *const wrong[] = {
        "Host",   "cookie",          "Content-Length", "X Y",          "X:Y",
        "9lives", "X-Forwarded-For", "Sec-Fetch-Dest", "X-Inlay-Theme"};
    struct fault fault;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(
            settings_set(&settings, STR("identity_name_header"), str_from(wrong[i]), &fault),
            ERR_INVALID);
    }
    assert_int_equal(
        settings_set(&settings, STR("identity_name_header"), STR("x-inlay-user"), NULL), ERR_OK);
    assert_int_equal(settings_finish(&settings, &fault), ERR_INVALID);
    assert_string_equal(fault.member, "identity_name_header");
}

/* ---- keys ---- */

static struct str jose_header(struct scene *scene, const struct identity *identity)
{
    struct str rest = identity->values[IDENTITY_ASSERTION];
    struct str text = str_cut(&rest, '.');
    size_t len = text.len * 3 / 4;
    char *bytes = arena_alloc(&scene->world.arena, len + 1);
    assert_true(base64url_decode(text, bytes, len));
    return (struct str){bytes, len};
}

static int64_t published(struct scene *scene)
{
    struct str text;
    json_t *json = NULL;
    assert_int_equal(signingkey_set(scene->work, &text), ERR_OK);
    assert_int_equal(jsontext_parse_object(text, &json, NULL), ERR_OK);
    int64_t count = (int64_t)json_array_size(json_object_get(json, "keys"));
    json_decref(json);
    return count;
}

static void keys_change_with_an_overlap(void **state)
{
    struct scene *scene = *state;
    int64_t overlap_ms = scene->world.settings.signing_key_overlap_seconds * 1000;
    int64_t session_ms = 60 * (int64_t)DAY_MS;
    struct scene_session opened = scene_live_session(scene);
    scene_sql(scene, "UPDATE sessions SET expires_at = expires_at + %lld", (long long)session_ms);
    struct identity identity = identity_of(scene, &opened);
    struct str first = jose_header(scene, &identity);
    assert_int_equal(published(scene), 1);

    world_wait(&scene->world, 30 * (int64_t)DAY_MS - overlap_ms);
    assert_int_equal(signingkey_sweep(scene->work), ERR_OK);
    assert_int_equal(signingkey_sweep(scene->work), ERR_OK);
    assert_int_equal(published(scene), 2);
    identity = identity_of(scene, &opened);
    assert_true(str_equal(jose_header(scene, &identity), first));

    world_wait(&scene->world, overlap_ms);
    identity = identity_of(scene, &opened);
    assert_false(str_equal(jose_header(scene, &identity), first));
    assert_int_equal(signingkey_sweep(scene->work), ERR_OK);
    assert_int_equal(published(scene), 2);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM signing_keys WHERE private NOTNULL"),
                     1);

    world_wait(&scene->world, overlap_ms + ASSERTION_LIFE_S * 1000);
    assert_int_equal(published(scene), 1);
    assert_int_equal(signingkey_sweep(scene->work), ERR_OK);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM signing_keys"), 1);
}

static struct signingkey keys[SIGNING_KEYS_MAX];

static void assert_states(struct scene *scene, const char *states)
{
    char found[128] = "";
    size_t count = 0;
    assert_int_equal(signingkey_list(scene->work, keys, &count), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(found);
        snprintf(found + len, sizeof(found) - len, "%s%s", i > 0 ? " " : "",
                 signingkey_state(scene->work, &keys[i]));
    }
    assert_string_equal(found, states);
}

static void keys_change_by_hand_with_an_overlap(void **state)
{
    struct scene *scene = *state;
    int64_t overlap_ms = scene->world.settings.signing_key_overlap_seconds * 1000;
    struct signingkey next;
    assert_states(scene, "current");
    assert_int_equal(signingkey_rotate(scene->work, &next), ERR_OK);
    assert_string_equal(signingkey_state(scene->work, &next), "next");
    assert_states(scene, "next current");
    assert_int_equal(signingkey_rotate(scene->work, &next), ERR_CONFLICT);
    assert_string_equal(scene->work->fault->code, "rotation_pending");
    world_wait(&scene->world, overlap_ms);
    assert_states(scene, "current retired");
    assert_string_equal(keys[0].id, next.id);
    world_wait(&scene->world, overlap_ms + ASSERTION_LIFE_S * 1000);
    assert_states(scene, "current");
}

static enum err revoke(struct scene *scene, size_t index)
{
    scene->work->raise_epoch = false;
    return signingkey_revoke(scene->work, str_from(keys[index].id));
}

static void a_key_that_is_revoked_signs_nothing_and_another_one_does(void **state)
{
    struct scene *scene = *state;
    int64_t overlap_ms = scene->world.settings.signing_key_overlap_seconds * 1000;
    char id[SIGNING_KEY_ID_SIZE];
    struct sign_key key;
    struct signingkey next;
    assert_states(scene, "current");
    assert_int_equal(revoke(scene, 0), ERR_OK); /* the only one: a new one is made */
    assert_true(scene->work->raise_epoch);
    snprintf(id, sizeof(id), "%s", keys[0].id);
    assert_states(scene, "current");
    assert_string_not_equal(keys[0].id, id);
    assert_int_equal(revoke(scene, 0), ERR_OK);

    assert_int_equal(signingkey_rotate(scene->work, &next), ERR_OK);
    assert_states(scene, "next current");
    assert_int_equal(revoke(scene, 1), ERR_OK); /* the current one: the next one signs now */
    assert_states(scene, "current");
    assert_string_equal(keys[0].id, next.id);

    assert_int_equal(signingkey_rotate(scene->work, &next), ERR_OK);
    assert_states(scene, "next current");
    assert_int_equal(revoke(scene, 0), ERR_OK); /* the next one: the current one goes on */
    assert_states(scene, "current");
    assert_int_equal(keys[0].retires_at_ms, 0);

    assert_int_equal(signingkey_rotate(scene->work, &next), ERR_OK);
    world_wait(&scene->world, overlap_ms);
    assert_states(scene, "current retired");
    assert_int_equal(revoke(scene, 0), ERR_OK); /* a retired one does not come back */
    assert_states(scene, "current retired");
    assert_string_not_equal(keys[0].id, next.id);
    assert_int_equal(revoke(scene, 1), ERR_OK);
    assert_int_equal(signingkey_current(scene->work, id, &key), ERR_OK);
    assert_string_equal(id, keys[0].id);
    sign_key_done(&key);
    assert_int_equal(signingkey_revoke(scene->work, STR("nothing")), ERR_NOT_FOUND);
}

static void a_damaged_key_signs_nothing(void **state)
{
    (void)state;
    unsigned char signature[SIGN_SIGNATURE_BYTES];
    struct sign_key key = sign_key_make();
    assert_true(sign_es256(&key, STR("x"), signature));
    key.public_bytes[40] ^= 1;
    assert_false(sign_es256(&key, STR("x"), signature));
    sign_key_done(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(headers_say_who_the_user_is),
        scene_test(values_are_ascii_whatever_they_hold),
        scene_test(the_assertion_is_for_one_app_and_a_minute),
        scene_test(the_assertion_ends_with_the_session),
        scene_test(groups_that_do_not_fit_are_left_out_and_it_is_said),
        scene_test(a_client_cannot_spell_our_headers),
        scene_test(header_names_are_checked),
        scene_test(keys_change_with_an_overlap),
        scene_test(keys_change_by_hand_with_an_overlap),
        scene_test(a_key_that_is_revoked_signs_nothing_and_another_one_does),
        cmocka_unit_test(a_damaged_key_signs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
