#include "scene.h"

#include "crypto/secret.h"

#define PATH "/api/embed-url/external-user"

/* ---- calls ---- */

/* The required members are those of the scene, unless they are given; NULL leaves one out. */
struct mint_body {
    const char *app;
    const char *groups;
    const char *identifier;
    const char *more;
};

static struct mint_body usual(struct scene *scene)
{
    struct arena *arena = &scene->world.arena;
    struct str app = work_uuid_text(scene->work, &scene->app.id);
    return (struct mint_body){
        .app = arena_printf(arena, "\"" STR_FMT "\"", STR_ARG(app)).ptr,
        .groups = arena_printf(arena, "[%lld]", (long long)scene->group.id).ptr,
        .identifier = "\"customer-1\"",
    };
}

static const char *part(struct scene *scene, const char *name, const char *value)
{
    return value == NULL ? "" : arena_printf(&scene->world.arena, ",\"%s\":%s", name, value).ptr;
}

static struct world_reply mint_body(struct scene *scene, struct mint_body body)
{
    struct str text = arena_printf(
        &scene->world.arena, "{\"unknown\":1%s%s%s%s%s}", part(scene, "landingPageUuid", body.app),
        part(scene, "groupIds", body.groups), part(scene, "externalIdentifier", body.identifier),
        body.more == NULL ? "" : ",", body.more == NULL ? "" : body.more);
    return world_call(&scene->world, API_POST, PATH, text.ptr);
}

/* With these members besides the required ones. */
static struct world_reply mint_with(struct scene *scene, const char *more)
{
    struct mint_body body = usual(scene);
    body.more = more;
    return mint_body(scene, body);
}

static struct world_reply mint(struct scene *scene)
{
    return mint_with(scene, NULL);
}

static void assert_minted(struct world_reply reply)
{
    if (reply.status != 200) {
        fail_msg("%d " STR_FMT, reply.status, STR_ARG(reply.body));
    }
}

static void assert_error(struct scene *scene, struct world_reply reply, int status,
                         const char *message_part)
{
    if (reply.status != status) {
        fail_msg("not %d but %d " STR_FMT, status, reply.status, STR_ARG(reply.body));
    }
    const char *message = world_text(&scene->world, reply.json, "message");
    assert_true(json_is_false(json_object_get(reply.json, "success")));
    assert_int_equal(json_object_size(reply.json), 2);
    if (strstr(message, message_part) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", message_part, message);
    }
}

static int64_t count(struct scene *scene, const char *table)
{
    return scene_number(scene, "SELECT count(*) FROM %s", table);
}

/* Of the newest link; labels and claims are those of its audience. */
static struct str newest(struct scene *scene, const char *column)
{
    return scene_text(scene,
                      "SELECT %s FROM links g JOIN audiences a ON a.label = g.label"
                      " ORDER BY g.id DESC LIMIT 1",
                      column);
}

static struct str label(struct scene *scene, struct world_reply reply)
{
    assert_minted(reply);
    world_wait(&scene->world, 1); /* so that the newest link is the last one */
    struct str url = str_from(world_text(&scene->world, reply.json, "embedUrl"));
    struct str host = str_skip(url, strlen("http://"));
    return str_cut(&host, '.');
}

/* Of the only external user. */
static struct str of_user(struct scene *scene, const char *column)
{
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM users WHERE kind = 'external'"), 1);
    return scene_text(scene, "SELECT %s FROM users WHERE kind = 'external'", column);
}

/* ---- success ---- */

static void a_mint_answers_with_a_link_on_the_origin_of_its_audience(void **state)
{
    struct scene *scene = *state;
    struct link link;
    struct world_reply reply = mint(scene);
    assert_minted(reply);
    assert_string_equal(reply.type, "application/json");
    assert_int_equal(json_object_size(reply.json), 1);
    struct str url = str_from(world_text(&scene->world, reply.json, "embedUrl"));
    struct str origin =
        arena_printf(&scene->world.arena, "http://" STR_FMT ".localhost:3000/_inlay/embed/",
                     STR_ARG(newest(scene, "a.label")));
    assert_true(str_starts_with(url, origin));
    struct str secret = str_skip(url, origin.len);
    assert_true(secret_has_form(SECRET_LINK, secret));
    assert_int_equal(scene_find_link(scene, secret, &link), ERR_OK);
    assert_false(link.is_reusable);
    assert_true(uuid_equal(&link.app_id, &scene->app.id));
    assert_false(scene_stores(scene, secret));
}

static void without_a_wish_a_session_lasts_a_day_and_a_link_five_minutes(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint(scene));
    assert_str_equal(newest(scene, "session_ms"), "86400000");
    assert_str_equal(newest(scene, "expires_at - g.created_at"), "300000");
}

static void a_lower_maximum_is_also_the_default(void **state)
{
    struct scene *scene = *state;
    scene->world.settings.session_max_minutes = 30;
    assert_minted(mint(scene));
    assert_str_equal(newest(scene, "session_ms"), "1800000");
}

static void the_claims_are_what_was_asked_for(void **state)
{
    struct scene *scene = *state;
    scene_branch(scene, &scene->app, "next");
    scene_sql(scene, "INSERT INTO environments SELECT randomblob(16), id, 'staging', '{}', 0, 0"
                     " FROM workspaces");
    assert_minted(mint_with(scene, "\"metadata\":{\"b\":true,\"a\":[1,{\"c\":null}]},"
                                   "\"environment\":\"staging\",\"branch\":\"next\""));
    assert_str_equal(
        newest(scene, "claims"),
        arena_printf(&scene->world.arena,
                     "{\"branch\":\"next\",\"environment\":\"staging\",\"groups\":[%lld],"
                     "\"metadata\":{\"a\":[1,{\"c\":null}],\"b\":true}}",
                     (long long)scene->group.id)
            .ptr);
}

static void an_asked_release_is_a_claim_and_latest_is_none(void **state)
{
    struct scene *scene = *state;
    struct str plain = label(scene, mint(scene));
    struct str latest = label(scene, mint_with(scene, "\"releaseVersion\":\"latest\""));
    assert_str_equal(latest, arena_cstr(&scene->world.arena, plain));
    label(scene, mint_with(scene, "\"releaseVersion\":\"1.0.0\""));
    assert_non_null(strstr(newest(scene, "claims").ptr, "\"releaseVersion\":\"1.0.0\""));
}

static void groups_are_a_set(void **state)
{
    struct scene *scene = *state;
    struct group second = world_group(&scene->world, "second");
    struct mint_body body = usual(scene);
    struct arena *arena = &scene->world.arena;
    long long a = (long long)scene->group.id;
    long long b = (long long)second.id;
    body.groups = arena_printf(arena, "[%lld,%lld]", a, b).ptr;
    const char *first = arena_cstr(arena, label(scene, mint_body(scene, body)));
    body.groups = arena_printf(arena, "[\"%lld\",%lld,%lld,\"%lld\"]", b, a, b, a).ptr;
    assert_str_equal(label(scene, mint_body(scene, body)), first);
}

static void equal_claims_share_an_origin_and_others_do_not(void **state)
{
    struct scene *scene = *state;
    struct arena *arena = &scene->world.arena;
    const char *plain = arena_cstr(arena, label(scene, mint(scene)));
    const char *one =
        arena_cstr(arena, label(scene, mint_with(scene, "\"metadata\":{\"a\":1,\"b\":2}")));
    const char *two = arena_cstr(arena, label(scene, mint_with(scene, "\"metadata\":{\"a\":1}")));
    const char *none = arena_cstr(arena, label(scene, mint_with(scene, "\"metadata\":{}")));
    assert_string_not_equal(plain, one);
    assert_string_not_equal(one, two);
    assert_string_equal(plain, none);
    assert_str_equal(label(scene, mint_with(scene, "\"metadata\":{\"b\":2,\"a\":1}")), one);
    assert_str_equal(label(scene, mint_with(scene, "\"userInfo\":{\"email\":\"x@y.z\"}")), plain);
    assert_str_equal(label(scene, mint_with(scene, "\"sessionDurationMinutes\":10")), plain);
    struct mint_body other = usual(scene);
    other.identifier = "\"customer-2\"";
    assert_false(str_equal(label(scene, mint_body(scene, other)), str_from(plain)));
}

static void links_of_one_audience_do_not_replace_each_other(void **state)
{
    struct scene *scene = *state;
    label(scene, mint(scene));
    label(scene, mint(scene));
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM links WHERE replaced_at IS NULL"),
                     2);
    assert_int_equal(count(scene, "audiences"), 1);
}

/* ---- the external user ---- */

static void the_external_user_is_made_by_its_first_link(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint_with(scene, "\"userInfo\":{\"email\":\"bob@acme.example\",\"first_name\":"
                                   "\"Bob\",\"lastName\":\"Ray\"},\"metadata\":{\"shop\":1}"));
    assert_str_equal(of_user(scene, "external_identifier"), "customer-1");
    assert_str_equal(of_user(scene, "email"), "bob@acme.example");
    assert_str_equal(of_user(scene, "first_name || ' ' || last_name"), "Bob Ray");
    assert_str_equal(of_user(scene, "metadata"), "{\"shop\":1}");
    assert_int_equal(world_events(&scene->world, "user.create"), 2);
}

static void a_later_link_updates_the_same_user(void **state)
{
    struct scene *scene = *state;
    label(scene, mint_with(scene, "\"userInfo\":{\"firstName\":\"Bob\"},\"metadata\":{\"a\":1}"));
    struct str id = of_user(scene, "hex(id)");
    label(scene, mint_with(scene, "\"userInfo\":{\"firstName\":\"Rob\"},\"metadata\":{\"b\":2}"));
    assert_str_equal(of_user(scene, "hex(id)"), id.ptr);
    assert_str_equal(of_user(scene, "first_name"), "Rob");
    assert_str_equal(of_user(scene, "metadata"), "{\"b\":2}"); /* replaced, not merged */
    label(scene, mint(scene));
    assert_str_equal(of_user(scene, "coalesce(metadata, 'none')"), "none");
    assert_str_equal(of_user(scene, "first_name"), "Rob"); /* nobody told another one */
}

static void an_identifier_may_be_a_number_and_is_then_its_digits(void **state)
{
    struct scene *scene = *state;
    struct mint_body body = usual(scene);
    body.identifier = "9223372036854775807";
    label(scene, mint_body(scene, body));
    assert_str_equal(of_user(scene, "external_identifier"), "9223372036854775807");
    body.identifier = "\"9223372036854775807\"";
    label(scene, mint_body(scene, body));
    assert_str_equal(of_user(scene, "external_identifier"), "9223372036854775807");
}

static void the_same_identifier_in_another_workspace_is_another_user(void **state)
{
    struct scene *scene = *state;
    label(scene, mint(scene));
    struct workspace other = world_workspace(&scene->world, "other");
    scene->work->workspace_id = other.id;
    scene->world.token = world_token(&scene->world, &other.id, "embed");
    scene->group = world_group(&scene->world, "theirs");
    scene->app = world_app(&scene->world, "theirs");
    scene_release(scene, &scene->app, "1.0.0");
    assert_int_equal(group_allow_app(scene->work, &scene->group, &scene->app), ERR_OK);
    label(scene, mint(scene));
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM users WHERE kind = 'external'"), 2);
}

static void an_external_user_may_share_an_internal_ones_address(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint_with(scene, "\"userInfo\":{\"email\":\"ann@example.com\"}"));
    assert_str_equal(of_user(scene, "email"), "ann@example.com");
}

static void big_numbers_in_metadata_survive(void **state)
{
    struct scene *scene = *state;
    assert_minted(mint_with(scene,
                            "\"metadata\":{\"max\":9223372036854775807,"
                            "\"min\":-9223372036854775808,\"text\":\"\\u00e4\\ud83d\\ude00\"}"));
    assert_str_equal(of_user(scene, "metadata"),
                     "{\"max\":9223372036854775807,\"min\":-9223372036854775808,"
                     "\"text\":\"\xc3\xa4\xf0\x9f\x98\x80\"}");
}

/* ---- bad requests ---- */

static void a_required_member_that_is_missing_is_named(void **state)
{
    struct scene *scene = *state;
    static const char *const absent[] = {NULL, "null"};
    for (size_t i = 0; i < COUNT_OF(absent); i++) {
        struct mint_body body = usual(scene);
        body.app = absent[i];
        assert_error(scene, mint_body(scene, body), 400, "landingPageUuid");
        body = usual(scene);
        body.groups = absent[i];
        assert_error(scene, mint_body(scene, body), 400, "groupIds");
        body = usual(scene);
        body.identifier = absent[i];
        assert_error(scene, mint_body(scene, body), 400, "externalIdentifier");
    }
    assert_int_equal(count(scene, "links"), 0);
}

static void required_members_of_a_wrong_type_are_named(void **state)
{
    struct scene *scene = *state;
    static const char *const apps[] = {"5", "\"\"", "\"orders\"", "[]", "{}", "true"};
    static const char *const groups[] = {"1",        "\"1\"",
                                         "{}",       "[0]",
                                         "[-1]",     "[1.0]",
                                         "[null]",   "[true]",
                                         "[[1]]",    "[\"\"]",
                                         "[\"1 \"]", "[\"+1\"]",
                                         "[\"0\"]",  "[\"9223372036854775808\"]"};
    static const char *const identifiers[] = {"\"\"", "1.5", "true", "[]", "{}", "\"a\\nb\""};
    for (size_t i = 0; i < COUNT_OF(apps); i++) {
        struct mint_body body = usual(scene);
        body.app = apps[i];
        assert_error(scene, mint_body(scene, body), 400, "landingPageUuid");
    }
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        struct mint_body body = usual(scene);
        body.groups = groups[i];
        assert_error(scene, mint_body(scene, body), 400, "groupIds");
    }
    for (size_t i = 0; i < COUNT_OF(identifiers); i++) {
        struct mint_body body = usual(scene);
        body.identifier = identifiers[i];
        assert_error(scene, mint_body(scene, body), 400, "externalIdentifier");
    }
    assert_int_equal(count(scene, "links"), 0);
}

static void optional_members_of_a_wrong_type_are_named(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *member;
        const char *name;
    } cases[] = {
        {"\"sessionDurationMinutes\":9", "sessionDurationMinutes"},
        {"\"sessionDurationMinutes\":43201", "43200"},
        {"\"sessionDurationMinutes\":\"60\"", "sessionDurationMinutes"},
        {"\"sessionDurationMinutes\":60.0", "sessionDurationMinutes"},
        {"\"metadata\":[]", "metadata"},
        {"\"metadata\":\"{}\"", "metadata"},
        {"\"metadata\":{\"a\":1.5}", "metadata"},
        {"\"metadata\":{\"a\":{\"b\":[1e3]}}", "metadata"},
        {"\"environment\":5", "environment"},
        {"\"branch\":{}", "branch"},
        {"\"releaseVersion\":1", "releaseVersion"},
        {"\"branch\":\"next\",\"releaseVersion\":\"1.0.0\"", "exclude"},
        {"\"branch\":\"next\",\"releaseVersion\":\"latest\"", "exclude"},
        {"\"userInfo\":\"Bob\"", "userInfo"},
        {"\"userInfo\":{\"email\":5}", "userInfo.email"},
        {"\"userInfo\":{\"first_name\":[]}", "userInfo.first_name"},
        {"\"userInfo\":{\"lastName\":\"a\\tb\"}", "userInfo.lastName"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_error(scene, mint_with(scene, cases[i].member), 400, cases[i].name);
    }
    assert_int_equal(count(scene, "links"), 0);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM users WHERE kind = 'external'"), 0);
}

static void null_is_as_good_as_absent(void **state)
{
    struct scene *scene = *state;
    const char *plain = arena_cstr(&scene->world.arena, label(scene, mint(scene)));
    assert_str_equal(
        label(scene, mint_with(scene, "\"metadata\":null,\"environment\":null,\"branch\":null,"
                                      "\"releaseVersion\":null,\"userInfo\":null,"
                                      "\"sessionDurationMinutes\":null")),
        plain);
}

static void an_empty_text_is_as_good_as_absent(void **state)
{
    struct scene *scene = *state;
    const char *plain = arena_cstr(&scene->world.arena, label(scene, mint(scene)));
    assert_str_equal(label(scene, mint_with(scene, "\"environment\":\"\",\"branch\":\"\","
                                                   "\"releaseVersion\":\"\"")),
                     plain);
    label(scene, mint_with(scene, "\"releaseVersion\":\"1.0.0\",\"branch\":\"\""));
    label(scene, mint_with(scene, "\"userInfo\":{\"email\":\"\",\"first_name\":\"\","
                                  "\"firstName\":\"Bob\"}"));
    assert_str_equal(of_user(scene, "coalesce(email, 'none')"), "none");
    assert_str_equal(of_user(scene, "first_name"), "Bob");
}

/* A repeated text with something around it. */
static const char *long_text(struct scene *scene, const char *before, size_t length,
                             const char *after)
{
    char *text = arena_alloc(&scene->world.arena, length + 1);
    memset(text, 'x', length);
    return arena_printf(&scene->world.arena, "%s%s%s", before, text, after).ptr;
}

static void limits_hold_to_the_byte(void **state)
{
    struct scene *scene = *state;
    struct mint_body body = usual(scene);
    /* {"a":""} are 8 bytes */
    assert_minted(mint_with(scene, long_text(scene, "\"metadata\":{\"a\":\"", 1024 - 8, "\"}")));
    assert_error(scene,
                 mint_with(scene, long_text(scene, "\"metadata\":{ \"a\":\"", 1025 - 8, "\"}")),
                 400, "1024");
    body.identifier = long_text(scene, "\"", 256, "\"");
    assert_minted(mint_body(scene, body));
    body.identifier = long_text(scene, "\"", 257, "\"");
    assert_error(scene, mint_body(scene, body), 400, "256");
    assert_error(scene, mint_with(scene, long_text(scene, "\"branch\":\"", 65, "\"")), 400,
                 "branch");
    assert_error(scene,
                 mint_with(scene, long_text(scene, "\"userInfo\":{\"email\":\"", 255, "\"}")), 400,
                 "userInfo.email");
}

static void a_hundred_groups_are_the_most(void **state)
{
    struct scene *scene = *state;
    struct mint_body body = usual(scene);
    struct buf ids = buf_make(4096);
    buf_printf(&ids, "[%lld", (long long)scene->group.id);
    for (int i = 1; i < 100; i++) {
        buf_printf(&ids, ",%lld", (long long)scene->group.id);
    }
    body.groups = arena_printf(&scene->world.arena, "%s]", ids.ptr).ptr;
    assert_minted(mint_body(scene, body));
    body.groups = arena_printf(&scene->world.arena, "%s,1]", ids.ptr).ptr;
    assert_error(scene, mint_body(scene, body), 400, "100");
    buf_done(&ids);
}

/* ---- unknown and denied ---- */

static void whatever_is_unknown_is_404_and_named(void **state)
{
    struct scene *scene = *state;
    struct mint_body body = usual(scene);
    body.app = "\"01890a5d-ac96-774b-bcce-b302099a8057\"";
    assert_error(scene, mint_body(scene, body), 404, "app");
    body = usual(scene);
    body.groups = "[9223372036854775807]";
    assert_error(scene, mint_body(scene, body), 404, "9223372036854775807");
    assert_error(scene, mint_with(scene, "\"environment\":\"staging\""), 404, "environment");
    assert_error(scene, mint_with(scene, "\"branch\":\"none\""), 404, "branch");
    assert_error(scene, mint_with(scene, "\"releaseVersion\":\"9.9.9\""), 404, "release");
    assert_int_equal(count(scene, "links"), 0);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM users WHERE kind = 'external'"), 0);
}

static void an_app_without_a_release_is_404(void **state)
{
    struct scene *scene = *state;
    scene_sql(scene, "UPDATE apps SET current_version = NULL");
    assert_error(scene, mint(scene), 404, "release");
}

static void apps_and_groups_of_another_workspace_are_404(void **state)
{
    struct scene *scene = *state;
    struct workspace other = world_workspace(&scene->world, "other");
    scene->world.token = world_token(&scene->world, &other.id, "embed");
    assert_error(scene, mint(scene), 404, "app");
    scene->work->workspace_id = other.id;
    scene->app = world_app(&scene->world, "theirs");
    assert_error(scene, mint(scene), 404, "group");
}

static void groups_that_may_not_use_the_app_are_403(void **state)
{
    struct scene *scene = *state;
    struct group others = world_group(&scene->world, "others");
    struct mint_body body = usual(scene);
    body.groups = arena_printf(&scene->world.arena, "[%lld]", (long long)others.id).ptr;
    assert_error(scene, mint_body(scene, body), 403, "group");
    body.groups = "[]";
    assert_error(scene, mint_body(scene, body), 403, "group");
    assert_int_equal(world_events(&scene->world, "deny"), 2);
    assert_int_equal(scene_number(scene, "SELECT count(*) FROM users WHERE kind = 'external'"), 0);
    body.groups = arena_printf(&scene->world.arena, "[%lld,%lld]", (long long)others.id,
                               (long long)scene->group.id)
                      .ptr;
    assert_minted(mint_body(scene, body));
}

static void an_archived_external_user_gets_403_and_stays_as_it_was(void **state)
{
    struct scene *scene = *state;
    label(scene, mint_with(scene, "\"userInfo\":{\"firstName\":\"Bob\"}"));
    scene_sql(scene, "UPDATE users SET status = 'archived' WHERE kind = 'external'");
    assert_error(scene, mint_with(scene, "\"userInfo\":{\"firstName\":\"Rob\"}"), 403, "archived");
    assert_str_equal(of_user(scene, "first_name"), "Bob");
}

static void bad_tokens_get_401_and_403(void **state)
{
    struct scene *scene = *state;
    scene->world.token =
        world_token(&scene->world, &scene->world.instance.workspace_id, "users:write links:write");
    assert_error(scene, mint(scene), 403, "embed");
    scene->world.token = STR("nonsense");
    assert_error(scene, mint(scene), 401, "token");
}

/* ---- the limit ---- */

static void the_sixty_first_link_in_a_minute_is_429_and_changes_nothing(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    for (int i = 0; i < 60; i++) {
        assert_minted(mint_with(scene, "\"userInfo\":{\"firstName\":\"Bob\"}"));
    }
    assert_error(scene, mint_with(scene, "\"userInfo\":{\"firstName\":\"Rob\"}"), 429, "60");
    assert_str_equal(of_user(scene, "first_name"), "Bob");
    assert_int_equal(count(scene, "links"), 60);
    struct mint_body other = usual(scene);
    other.identifier = "\"customer-2\"";
    assert_minted(mint_body(scene, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_mint_answers_with_a_link_on_the_origin_of_its_audience),
        scene_test(without_a_wish_a_session_lasts_a_day_and_a_link_five_minutes),
        scene_test(a_lower_maximum_is_also_the_default),
        scene_test(the_claims_are_what_was_asked_for),
        scene_test(an_asked_release_is_a_claim_and_latest_is_none),
        scene_test(groups_are_a_set),
        scene_test(equal_claims_share_an_origin_and_others_do_not),
        scene_test(links_of_one_audience_do_not_replace_each_other),
        scene_test(the_external_user_is_made_by_its_first_link),
        scene_test(a_later_link_updates_the_same_user),
        scene_test(an_identifier_may_be_a_number_and_is_then_its_digits),
        scene_test(the_same_identifier_in_another_workspace_is_another_user),
        scene_test(an_external_user_may_share_an_internal_ones_address),
        scene_test(big_numbers_in_metadata_survive),
        scene_test(a_required_member_that_is_missing_is_named),
        scene_test(required_members_of_a_wrong_type_are_named),
        scene_test(optional_members_of_a_wrong_type_are_named),
        scene_test(null_is_as_good_as_absent),
        scene_test(an_empty_text_is_as_good_as_absent),
        scene_test(limits_hold_to_the_byte),
        scene_test(a_hundred_groups_are_the_most),
        scene_test(whatever_is_unknown_is_404_and_named),
        scene_test(an_app_without_a_release_is_404),
        scene_test(apps_and_groups_of_another_workspace_are_404),
        scene_test(groups_that_may_not_use_the_app_are_403),
        scene_test(an_archived_external_user_gets_403_and_stays_as_it_was),
        scene_test(bad_tokens_get_401_and_403),
        scene_test(the_sixty_first_link_in_a_minute_is_429_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
