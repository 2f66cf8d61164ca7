#include "world.h"

static void a_user_is_made_shown_changed_and_deleted(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    json_t *made = world_post(&world, "/api/v1/users",
                              "{\"email\":\"ann@acme.example\",\"firstName\":\" Ann \","
                              "\"lastName\":\"\"}");
    assert_member(&world, made, "kind", "internal");
    assert_member(&world, made, "email", "ann@acme.example");
    assert_member(&world, made, "firstName", "Ann");
    assert_member(&world, made, "lastName", "null");
    assert_member(&world, made, "externalIdentifier", "null");
    assert_member(&world, made, "metadata", "{}");
    assert_member(&world, made, "status", "active");
    assert_member(&world, made, "groups", "[]");
    assert_member(&world, made, "createdAt", "2026-01-02T03:00:00.000Z");
    const char *path =
        arena_printf(&world.arena, "/api/v1/users/%s", world_text(&world, made, "id")).ptr;
    assert_true(json_equal(world_get(&world, path), made));
    json_t *changed = world_patch(&world, path, "{\"firstName\":null,\"lastName\":\"Lee\"}");
    assert_member(&world, changed, "firstName", "null");
    assert_member(&world, changed, "lastName", "Lee");
    assert_member(&world, changed, "email", "ann@acme.example");
    assert_member(&world, world_patch(&world, path, "{\"status\":\"archived\"}"), "status",
                  "archived");
    assert_member(&world, world_patch(&world, path, "{}"), "status", "archived");
    world_delete(&world, path);
    assert_refused(world_call(&world, API_GET, path, NULL), 404, "not_found");
    assert_refused(world_call(&world, API_DELETE, path, NULL), 404, "not_found");
    world_end(&world);
}

static void wrong_members_are_refused_by_name(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user user = world_user(&world, "ann@acme.example");
    char path[64] = "/api/v1/users/";
    uuid_format(&user.id, path + strlen(path));
    static const struct {
        bool is_patch;
        const char *body;
        const char *code;
        const char *member;
    } cases[] = {
        {false, "{}", "member_invalid", "email"},
        {false, "{\"email\":null}", "member_invalid", "email"},
        {false, "{\"email\":\"\"}", "member_invalid", "email"},
        {false, "{\"email\":\"x\"}", "member_invalid", "email"},
        {false, "{\"email\":5}", "member_invalid", "email"},
        {false, "{\"email\":\"a@b.c\",\"role\":1}", "member_unknown", "role"},
        {false, "{\"email\":\"a@b.c\",\"firstName\":\"a\\nb\"}", "member_invalid", "firstName"},
        {false, "{\"email\":\"a@b.c\",\"status\":\"active\"}", "member_unknown", "status"},
        {true, "{\"email\":null}", "member_invalid", "email"},
        {true, "{\"status\":\"gone\"}", "member_invalid", "status"},
        {true, "{\"status\":null}", "member_invalid", "status"},
        {true, "{\"kind\":\"external\"}", "member_unknown", "kind"},
        {true, "{\"lastName\":[]}", "member_invalid", "lastName"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world_reply reply =
            world_call(&world, cases[i].is_patch ? API_PATCH : API_POST,
                       cases[i].is_patch ? path : "/api/v1/users", cases[i].body);
        assert_refused(reply, 400, cases[i].code);
        assert_member(&world, reply.json, "member", cases[i].member);
    }
    assert_int_equal(world_events(&world, "user.create"), 1);
    assert_int_equal(world_events(&world, "user.update"), 0);
    world_end(&world);
}

static void an_external_user_may_be_without_an_address(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user user = {.email = STR("x@y.example"),
                        .external_identifier = STR("customer 7"),
                        .metadata = STR("{\"big\":9007199254740993}"),
                        .is_external = true,
                        .is_active = true};
    assert_int_equal(user_put_external(&world.work, &user), ERR_OK);
    char path[64] = "/api/v1/users/";
    uuid_format(&user.id, path + strlen(path));
    json_t *json = world_patch(&world, path, "{\"email\":null}");
    assert_member(&world, json, "email", "null");
    assert_member(&world, json, "metadata.big", "9007199254740993");
    assert_member(&world, json, "externalIdentifier", "customer 7");
    json_t *list = world_get(&world, "/api/v1/users?externalIdentifier=customer%207&kind=external");
    assert_true(json_equal(json_array_get(json_object_get(list, "items"), 0), json));
    world_end(&world);
}

static void what_servers_are_told_and_archiving_raise_the_epoch(void **state)
{
    (void)state;
    struct world world;
    int64_t before = 0;
    int64_t after = 0;
    world_make(&world);
    struct user user = world_user(&world, "ann@acme.example");
    char path[64] = "/api/v1/users/";
    uuid_format(&user.id, path + strlen(path));
    assert_int_equal(instance_epoch(world.store, &before), ERR_OK);
    assert_true(world_call(&world, API_PATCH, path, "{\"firstName\":\"A\"}").raised_epoch);
    assert_true(world_call(&world, API_PATCH, path, "{\"status\":\"archived\"}").raised_epoch);
    assert_false(world_call(&world, API_PATCH, path, "{\"status\":\"archived\"}").raised_epoch);
    assert_int_equal(instance_epoch(world.store, &after), ERR_OK);
    assert_true(after > before);
    world_end(&world);
}

static void a_user_shows_its_groups(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct user user = world_user(&world, "ann@acme.example");
    struct group group = world_group(&world, "team");
    assert_int_equal(group_add_member(&world.work, &group, &user), ERR_OK);
    json_t *list = world_get(&world, "/api/v1/users?email=ANN@acme.example");
    assert_member(&world, list, "items.0.groups", "[{\"id\":1,\"name\":\"team\"}]");
    assert_member(&world, list, "next", "null");
    world_end(&world);
}

static void lists_have_pages(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    for (int i = 0; i < 3; i++) {
        char email[] = "a@acme.example";
        email[0] = (char)('a' + i);
        world_user(&world, arena_cstr(&world.arena, str_from(email)));
        world_wait(&world, 1);
    }
    json_t *first = world_get(&world, "/api/v1/users?limit=2");
    assert_int_equal(json_array_size(json_object_get(first, "items")), 2);
    const char *next = world_text(&world, first, "next");
    assert_string_equal(next, world_text(&world, first, "items.1.id"));
    json_t *second =
        world_get(&world, arena_printf(&world.arena, "/api/v1/users?limit=2&after=%s", next).ptr);
    assert_int_equal(json_array_size(json_object_get(second, "items")), 1);
    assert_member(&world, second, "items.0.email", "c@acme.example");
    assert_member(&world, second, "next", "null");
    json_t *exact = world_get(&world, "/api/v1/users?limit=3");
    assert_member(&world, exact, "next", "null");
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_made_shown_changed_and_deleted),
        cmocka_unit_test(wrong_members_are_refused_by_name),
        cmocka_unit_test(an_external_user_may_be_without_an_address),
        cmocka_unit_test(what_servers_are_told_and_archiving_raise_the_epoch),
        cmocka_unit_test(a_user_shows_its_groups),
        cmocka_unit_test(lists_have_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
