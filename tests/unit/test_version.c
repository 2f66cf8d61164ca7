/* ETag and If-Match of the objects of api/v1. */
#include "scene.h"

struct object {
    const char *path;
    const char *change; /* a body of PATCH */
    const char *undo;
};

static const char *path_of(struct world *world, const char *noun, const json_t *json)
{
    return arena_printf(&world->arena, "/api/v1/%s/%s", noun, world_text(world, json, "id")).ptr;
}

/* One of each noun that can be changed. */
enum { OBJECTS = 7 };

static void make_objects(struct world *world, struct object objects[OBJECTS])
{
    static const struct {
        const char *noun;
        const char *body;
        const char *change;
        const char *undo;
    } made[OBJECTS] = {
        {"workspaces", "{\"name\":\"w\"}", "{\"name\":\"W\"}", "{\"name\":\"w\"}"},
        {"users", "{\"email\":\"bob@example.com\"}", "{\"firstName\":\"Bob\"}",
         "{\"firstName\":null}"},
        {"groups", "{\"name\":\"g\"}", "{\"name\":\"G\"}", "{\"name\":\"g\"}"},
        {"apps", "{\"name\":\"a\"}", "{\"name\":\"A\"}", "{\"name\":\"a\"}"},
        {"environments", "{\"name\":\"e\"}", "{\"config\":{\"x\":1}}", "{\"config\":{}}"},
        {"api-tokens", "{\"name\":\"t\",\"scopes\":[\"embed\"]}", "{\"name\":\"T\"}",
         "{\"name\":\"t\"}"},
        {"admins", "{\"email\":\"root@example.com\"}", "{\"role\":\"builder\"}",
         "{\"role\":\"viewer\"}"},
    };
    for (size_t i = 0; i < OBJECTS; i++) {
        const char *collection = arena_printf(&world->arena, "/api/v1/%s", made[i].noun).ptr;
        struct world_reply reply = world_call(world, API_POST, collection, made[i].body);
        assert_int_equal(reply.status, 201);
        objects[i] =
            (struct object){path_of(world, made[i].noun, reply.json), made[i].change, made[i].undo};
        struct world_reply got = world_call(world, API_GET, objects[i].path, NULL);
        assert_true(got.etag.len > 2 && got.etag.ptr[0] == '"');
        assert_true(str_equal(reply.etag, got.etag)); /* whatever else the first reply has */
    }
}

static struct world_reply patch_if(struct world *world, const struct object *object,
                                   const char *body, struct str etag)
{
    return world_call_with(world, API_PATCH, object->path, body,
                           (struct world_headers){.if_match = arena_cstr(&world->arena, etag)});
}

static void a_change_by_somebody_else_is_a_conflict_for_every_noun(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct object objects[OBJECTS];
    make_objects(world, objects);
    for (size_t i = 0; i < OBJECTS; i++) {
        struct object *object = &objects[i];
        struct str first = world_call(world, API_GET, object->path, NULL).etag;
        struct world_reply changed = patch_if(world, object, object->change, first);
        assert_int_equal(changed.status, 200);
        assert_false(str_equal(changed.etag, first));
        assert_true(str_equal(world_call(world, API_GET, object->path, NULL).etag, changed.etag));
        assert_refused(patch_if(world, object, object->undo, first), 409, "changed");
        assert_true(str_equal(world_call(world, API_GET, object->path, NULL).etag, changed.etag));
        assert_int_equal(patch_if(world, object, object->undo, changed.etag).status, 200);
    }
}

static void a_star_matches_and_without_the_header_nothing_is_compared(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct object objects[OBJECTS];
    make_objects(world, objects);
    assert_int_equal(patch_if(world, &objects[2], objects[2].change, STR("*")).status, 200);
    world_patch(world, objects[2].path, objects[2].undo);
}

static void what_is_no_entity_tag_is_refused(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct object objects[OBJECTS];
    make_objects(world, objects);
    static const char *const wrong[] = {"", "x", "\"x", "1234"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_refused(patch_if(world, &objects[2], objects[2].change, str_from(wrong[i])), 400,
                       "if_match_invalid");
    }
    assert_refused(patch_if(world, &objects[2], objects[2].change, STR("W/\"x\"")), 409, "changed");
}

static void deleting_compares_too(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct object objects[OBJECTS];
    make_objects(world, objects);
    struct str first = world_call(world, API_GET, objects[2].path, NULL).etag;
    struct world_headers headers = {.if_match = arena_cstr(&world->arena, first)};
    world_patch(world, objects[2].path, objects[2].change);
    assert_refused(world_call_with(world, API_DELETE, objects[2].path, NULL, headers), 409,
                   "changed");
    world_patch(world, objects[2].path, objects[2].undo);
    assert_int_equal(world_call_with(world, API_DELETE, objects[2].path, NULL, headers).status,
                     204);
}

static void using_a_token_does_not_change_it(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    json_t *made = world_post(world, "/api/v1/api-tokens",
                              "{\"name\":\"own\",\"scopes\":[\"api-tokens:write\"]}");
    const char *path = path_of(world, "api-tokens", made);
    world->token = str_from(world_text(world, made, "token"));
    struct world_reply before = world_call(world, API_GET, path, NULL);
    world_wait(world, HOUR_MS);
    world_get(world, "/api/v1/api-tokens");
    struct world_reply after = world_call(world, API_GET, path, NULL);
    assert_string_not_equal(world_text(world, before.json, "lastUsedAt"),
                            world_text(world, after.json, "lastUsedAt"));
    assert_true(str_equal(before.etag, after.etag));
}

static void lists_have_no_etag(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(world_call(&scene->world, API_GET, "/api/v1/groups", NULL).etag.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_change_by_somebody_else_is_a_conflict_for_every_noun),
        scene_test(a_star_matches_and_without_the_header_nothing_is_compared),
        scene_test(what_is_no_entity_tag_is_refused),
        scene_test(deleting_compares_too),
        scene_test(using_a_token_does_not_change_it),
        scene_test(lists_have_no_etag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
