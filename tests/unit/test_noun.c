/* The handlers of api/v1/noun.h; those of users have a file of their own. */
#include "scene.h"

static const char *id_path(struct world *world, const char *noun, const json_t *object)
{
    return arena_printf(&world->arena, "/api/v1/%s/%s", noun, world_text(world, object, "id")).ptr;
}

static void assert_member_refused(struct world *world, enum api_method method, const char *target,
                                  const char *body, const char *member)
{
    struct world_reply reply = world_call(world, method, target, body);
    if (reply.status != 400 || strcmp(world_text(world, reply.json, "member"), member) != 0) {
        fail_msg("%s %s: %d " STR_FMT, target, body, reply.status, STR_ARG(reply.body));
    }
}

/* ---- workspaces ---- */

static void workspaces_are_made_renamed_archived_and_deleted(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    json_t *made = world_post(world, "/api/v1/workspaces", "{\"name\":\" North \"}");
    const char *path = id_path(world, "workspaces", made);
    assert_member(world, made, "name", "North");
    assert_member(world, made, "status", "active");
    assert_true(json_equal(world_get(world, path), made));
    assert_refused(world_call(world, API_POST, "/api/v1/workspaces", "{\"name\":\"North\"}"), 409,
                   "workspace_exists");
    assert_member(world, world_patch(world, path, "{\"name\":\"South\"}"), "name", "South");
    assert_true(world_call(world, API_PATCH, path, "{\"status\":\"archived\"}").raised_epoch);
    assert_member(world, world_get(world, path), "status", "archived");
    assert_true(world_call(world, API_DELETE, path, NULL).raised_epoch);
    assert_refused(world_call(world, API_GET, path, NULL), 404, "not_found");
    assert_member_refused(world, API_POST, "/api/v1/workspaces", "{\"name\":\"  \"}", "name");
    assert_member_refused(world, API_POST, "/api/v1/workspaces", "{\"nme\":1,\"name\":\"x\"}",
                          "nme");
}

static void a_token_without_admin_sees_its_own_workspace_only(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct workspace other = world_workspace(world, "other");
    assert_int_equal(
        json_array_size(json_object_get(world_get(world, "/api/v1/workspaces"), "items")), 2);
    world->token = world_token(world, &other.id, "workspaces:write");
    json_t *list = world_get(world, "/api/v1/workspaces");
    assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
    assert_member(world, list, "items.0.name", "other");
    const char *mine =
        id_path(world, "workspaces", json_array_get(json_object_get(list, "items"), 0));
    assert_member(world, world_patch(world, mine, "{\"name\":\"ours\"}"), "name", "ours");
    char foreign[80] = "/api/v1/workspaces/";
    uuid_format(&world->instance.workspace_id, foreign + strlen(foreign));
    assert_refused(world_call(world, API_GET, foreign, NULL), 404, "not_found");
    assert_refused(world_call(world, API_PATCH, foreign, "{\"name\":\"x\"}"), 404, "not_found");
    assert_refused(world_call(world, API_DELETE, mine, NULL), 403, "scope_missing");
}

/* ---- groups ---- */

static void groups_have_members_and_apps(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    json_t *made = world_post(world, "/api/v1/groups", "{\"name\":\"team\"}");
    long long id = (long long)json_integer_value(json_object_get(made, "id"));
    const char *path = arena_printf(&world->arena, "/api/v1/groups/%lld", id).ptr;
    const char *member = arena_printf(&world->arena, "%s/members/" STR_FMT, path,
                                      STR_ARG(work_uuid_text(scene->work, &scene->user.id)))
                             .ptr;
    const char *app = arena_printf(&world->arena, "%s/apps/orders", path).ptr;
    assert_member(world, made, "memberCount", "0");
    assert_int_equal(world_call(world, API_PUT, member, NULL).status, 204);
    assert_int_equal(world_call(world, API_PUT, app, NULL).status, 204);
    json_t *full = world_get(world, path);
    assert_member(world, full, "memberCount", "1");
    assert_member(world, full, "appCount", "1");
    assert_member(world, world_get(world, arena_printf(&world->arena, "%s/members", path).ptr),
                  "items.0.email", "ann@example.com");
    assert_member(world, world_get(world, arena_printf(&world->arena, "%s/apps", path).ptr),
                  "items.0.slug", "orders");
    assert_true(world_call(world, API_DELETE, member, NULL).raised_epoch);
    assert_true(world_call(world, API_DELETE, app, NULL).raised_epoch);
    assert_false(world_call(world, API_DELETE, app, NULL).raised_epoch);
    assert_member(world, world_patch(world, path, "{\"name\":\"crew\"}"), "name", "crew");
    assert_member(world, world_get(world, "/api/v1/groups?name=crew"), "items.0.name", "crew");
    assert_member(world, world_get(world, "/api/v1/groups?name=cre"), "items", "[]");
    assert_true(world_call(world, API_DELETE, path, NULL).raised_epoch);
    assert_refused(world_call(world, API_PUT, member, NULL), 404, "not_found");
}

static void ids_of_groups_are_whole_numbers(void **state)
{
    struct scene *scene = *state;
    static const char *const wrong[] = {"0", "-1", "x", "1.0", "99999999999999999999", "999999"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const char *path = arena_printf(&scene->world.arena, "/api/v1/groups/%s", wrong[i]).ptr;
        assert_refused(world_call(&scene->world, API_GET, path, NULL), 404, "not_found");
    }
}

/* ---- apps ---- */

static void apps_are_made_shown_changed_and_deleted(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    json_t *made = world_post(world, "/api/v1/apps",
                              "{\"name\":\"My App\",\"portals\":[\"https://B.example:443/\","
                              "\"http://localhost:5173\",\"https://b.example\"]}");
    assert_member(world, made, "slug", "my-app");
    assert_member(world, made, "kind", "bundle");
    assert_member(world, made, "portals", "[\"https://b.example\",\"http://localhost:5173\"]");
    assert_member(world, made, "currentRelease", "null");
    assert_true(json_equal(world_get(world, "/api/v1/apps/my-app"), made));
    const char *path = id_path(world, "apps", made);
    json_t *changed = world_patch(world, path, "{\"slug\":\"mine\",\"portals\":null}");
    assert_member(world, changed, "slug", "mine");
    assert_member(world, changed, "portals", "[]");
    assert_member(world, changed, "name", "My App");
    assert_member(world, world_get(world, "/api/v1/apps?slug=mine"), "items.0.name", "My App");
    assert_refused(world_call(world, API_PATCH, path, "{\"slug\":\"orders\"}"), 409, "app_exists");
    assert_true(world_call(world, API_DELETE, "/api/v1/apps/mine", NULL).raised_epoch);
    assert_refused(world_call(world, API_GET, path, NULL), 404, "not_found");
}

static void wrong_members_of_apps_are_named(void **state)
{
    struct scene *scene = *state;
    static const struct {
        bool is_patch;
        const char *body;
        const char *member;
    } cases[] = {
        {false, "{}", "name"},
        {false, "{\"name\":\"x\",\"kind\":\"page\"}", "kind"},
        {false, "{\"name\":\"x\",\"kind\":null}", "kind"},
        {false, "{\"name\":\"x\",\"slug\":\"\"}", "slug"},
        {false, "{\"name\":\"x\",\"slug\":\"A\"}", "slug"},
        {false, "{\"name\":\"x\",\"portals\":\"https://a.example\"}", "portals"},
        {false, "{\"name\":\"x\",\"portals\":[\"https://a.example\",5]}", "portals[1]"},
        {false, "{\"name\":\"x\",\"portals\":[\"http://a.example\"]}", "portals[0]"},
        {false, "{\"name\":\"x\",\"workspaceId\":\"x\"}", "workspaceId"},
        {true, "{\"name\":null}", "name"},
        {true, "{\"slug\":null}", "slug"},
        {true, "{\"kind\":\"bundle\"}", "kind"},
        {true, "{\"workspaceId\":null}", "workspaceId"},
        {true, "{\"workspaceId\":\"x\"}", "workspaceId"},
        {true, "{\"currentRelease\":\"1.0.0\"}", "currentRelease"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_member_refused(&scene->world, cases[i].is_patch ? API_PATCH : API_POST,
                              cases[i].is_patch ? "/api/v1/apps/orders" : "/api/v1/apps",
                              cases[i].body, cases[i].member);
    }
}

/* Also if something else in the request is wrong. */
static void a_failure_of_the_database_is_not_blamed_on_the_request(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    const char *urls[] = {"http://localhost:2", "gopher://localhost"};
    scene_sql(scene, "ALTER TABLE environments RENAME TO gone");
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct str body =
            arena_printf(&world->arena,
                         "{\"name\":\"Shop\",\"kind\":\"upstream\",\"upstream\":{\"url\":\"%s\","
                         "\"environments\":{\"production\":\"http://localhost:1\"}}}",
                         urls[i]);
        assert_refused(world_call(world, API_POST, "/api/v1/apps", body.ptr), 500, "internal");
    }
}

static void only_an_admin_moves_an_app(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct workspace other = world_workspace(world, "other");
    struct str id = work_uuid_text(scene->work, &other.id);
    const char *body =
        arena_printf(&world->arena, "{\"workspaceId\":\"" STR_FMT "\"}", STR_ARG(id)).ptr;
    struct str admin = world->token;
    world->token = world_token(world, &world->instance.workspace_id, "apps:write");
    assert_refused(world_call(world, API_PATCH, "/api/v1/apps/orders", body), 403, "scope_missing");
    world->token = admin;
    assert_refused(world_call(world, API_PATCH, "/api/v1/apps/orders",
                              "{\"workspaceId\":\"8ba8bf0e-6b8f-4e07-abb9-6fd2d816fabc\"}"),
                   404, "not_found");
    struct world_reply reply = world_call(world, API_PATCH, "/api/v1/apps/orders", body);
    assert_int_equal(reply.status, 200);
    assert_true(reply.raised_epoch);
    assert_member(world, reply.json, "workspaceId", id.ptr);
    assert_refused(world_call(world, API_GET, "/api/v1/apps/orders", NULL), 404, "not_found");
}

/* ---- releases ---- */

static void releases_are_uploaded_listed_rolled_back_and_deleted(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    const char *path = "/api/v1/apps/orders/releases";
    struct world_reply two = world_upload(world, "/api/v1/apps/orders/releases?version=2.0.0",
                                          "application/gzip; x=y", world_bundle(world, "two"));
    assert_int_equal(two.status, 201);
    assert_true(two.raised_epoch);
    assert_member(world, two.json, "version", "2.0.0");
    assert_member(world, two.json, "current", "true");
    assert_member(world, two.json, "files", "2");
    assert_member(world, two.json, "createdBy", "admin");
    assert_int_equal(strlen(world_text(world, two.json, "digest")), 7 + 64);
    assert_member(world, world_get(world, "/api/v1/apps/orders"), "currentRelease", "2.0.0");
    json_t *page = world_get(world, "/api/v1/apps/orders/releases?limit=1");
    assert_true(json_equal(json_array_get(json_object_get(page, "items"), 0), two.json));
    json_t *rest = world_get(
        world,
        arena_printf(&world->arena, "%s?after=%s", path, world_text(world, page, "next")).ptr);
    assert_member(world, rest, "items.0.version", "1.0.0");
    assert_member(world, rest, "items.0.current", "false");
    assert_member(world, rest, "next", "null");
    struct world_reply back =
        world_call(world, API_POST, "/api/v1/apps/orders/releases/1.0.0/rollback", NULL);
    assert_int_equal(back.status, 200);
    assert_true(back.raised_epoch);
    assert_member(world, back.json, "current", "true");
    assert_refused(world_call(world, API_DELETE, "/api/v1/apps/orders/releases/1.0.0", NULL), 409,
                   "release_current");
    world_delete(world, "/api/v1/apps/orders/releases/2.0.0");
    assert_refused(world_call(world, API_GET, "/api/v1/apps/orders/releases/2.0.0", NULL), 404,
                   "not_found");
    assert_refused(world_call(world, API_POST, "/api/v1/apps/orders/releases/2.0.0/rollback", NULL),
                   404, "not_found");
}

static void branches_are_uploaded_listed_and_deleted(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct world_reply made = world_upload(world, "/api/v1/apps/orders/releases?branch=feature%2Fx",
                                           "APPLICATION/GZIP", world_bundle(world, "x"));
    assert_int_equal(made.status, 201);
    assert_member(world, made.json, "name", "feature/x");
    assert_true(
        json_equal(world_get(world, "/api/v1/apps/orders/branches/feature%2Fx"), made.json));
    world_upload(world, "/api/v1/apps/orders/releases?branch=main", "application/gzip",
                 world_bundle(world, "main"));
    json_t *page = world_get(world, "/api/v1/apps/orders/branches?limit=1");
    assert_member(world, page, "next", "feature/x");
    assert_member(world, world_get(world, "/api/v1/apps/orders/branches?after=feature%2Fx"),
                  "items.0.name", "main");
    assert_refused(world_call(world, API_GET, "/api/v1/apps/orders/branches?after=%3F", NULL), 400,
                   "query_invalid");
    world_delete(world, "/api/v1/apps/orders/branches/feature%2Fx");
    assert_refused(world_call(world, API_GET, "/api/v1/apps/orders/branches/feature%2Fx", NULL),
                   404, "not_found");
    assert_member(world, world_get(world, "/api/v1/apps/orders"), "currentRelease", "1.0.0");
}

static void uploads_that_are_wrong_are_refused(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    const char *bundle = world_bundle(world, "text");
    static const struct {
        const char *query;
        const char *type;
        int status;
        const char *code;
    } cases[] = {
        {"", "application/gzip", 400, "query_invalid"},
        {"?version=", "application/gzip", 400, "query_invalid"},
        {"?version=1", "application/gzip", 400, "query_invalid"},
        {"?version=2.0.0&branch=b", "application/gzip", 400, "query_invalid"},
        {"?branch=..%2Fx", "application/gzip", 400, "query_invalid"},
        {"?version=2.0.0&x=1", "application/gzip", 400, "query_unknown"},
        {"?version=2.0.0", "application/json", 415, "media_type_unsupported"},
        {"?version=2.0.0", NULL, 415, "media_type_unsupported"},
        {"?version=2.0.0", "application/gzipped", 415, "media_type_unsupported"},
        {"?version=2.0.0", "application/zip", 400, "bundle_damaged"},
        {"?version=1.0.0", "application/gzip", 409, "release_exists"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *target =
            arena_printf(&world->arena, "/api/v1/apps/orders/releases%s", cases[i].query).ptr;
        struct world_reply reply = world_upload(world, target, cases[i].type, bundle);
        assert_refused(reply, cases[i].status, cases[i].code);
        assert_false(reply.raised_epoch);
    }
    assert_refused(
        world_upload(world, "/api/v1/apps/orders/releases?version=2.0.0", "application/gzip", NULL),
        400, "bundle_empty");
    assert_refused(world_upload(world, "/api/v1/apps/nothing/releases?version=2.0.0",
                                "application/gzip", bundle),
                   404, "not_found");
}

/* ---- environments ---- */

static void environments_are_addressed_by_id_or_name(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    json_t *made = world_post(world, "/api/v1/environments",
                              "{\"name\":\"staging\",\"config\":{\"b\":1,\"a\":9007199254740993}}");
    assert_member(world, made, "config", "{\"a\":9007199254740993,\"b\":1}");
    assert_true(json_equal(world_get(world, "/api/v1/environments/staging"), made));
    const char *path = id_path(world, "environments", made);
    assert_true(json_equal(world_get(world, path), made));
    assert_refused(world_call(world, API_POST, "/api/v1/environments", "{\"name\":\"staging\"}"),
                   409, "environment_exists");
    struct world_reply reply = world_call(world, API_PATCH, path, "{\"name\":\"test\"}");
    assert_true(reply.raised_epoch);
    assert_member(world, reply.json, "config.b", "1");
    assert_member(world, world_patch(world, path, "{\"config\":null}"), "config", "{}");
    assert_refused(world_call(world, API_DELETE, "/api/v1/environments/production", NULL), 409,
                   "environment_required");
    assert_true(world_call(world, API_DELETE, "/api/v1/environments/test", NULL).raised_epoch);
    assert_refused(world_call(world, API_GET, path, NULL), 404, "not_found");
    assert_member_refused(world, API_POST, "/api/v1/environments", "{\"name\":\"a b\"}", "name");
    assert_member_refused(world, API_POST, "/api/v1/environments", "{\"name\":\"x\",\"config\":[]}",
                          "config");
}

static void a_config_has_a_longest_length(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    const size_t frame = strlen("{\"t\":\"\"}");
    char *text = arena_alloc(&world->arena, LIMIT_CONFIG_BYTES + 8);
    memset(text, 'x', LIMIT_CONFIG_BYTES - frame);
    world_patch(world, "/api/v1/environments/production",
                arena_printf(&world->arena, "{\"config\":{ \"t\": \"%s\" }}", text).ptr);
    struct world_reply reply =
        world_call(world, API_PATCH, "/api/v1/environments/production",
                   arena_printf(&world->arena, "{\"config\":{\"t\":\"%sx\"}}", text).ptr);
    assert_refused(reply, 400, "member_invalid");
    assert_member(world, reply.json, "member", "config");
    assert_member(world, reply.json, "limit", "16384");
}

/* ---- API tokens ---- */

static void a_token_shows_its_secret_once(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    json_t *made =
        world_post(world, "/api/v1/api-tokens",
                   "{\"name\":\"Portal\",\"scopes\":[\"embed\",\"users:read\",\"embed\"]}");
    const char *secret = world_text(world, made, "token");
    assert_true(secret_has_form(SECRET_API_TOKEN, str_from(secret)));
    assert_string_equal(world_text(world, made, "last4"), secret + strlen(secret) - 4);
    assert_member(world, made, "scopes", "[\"embed\",\"users:read\"]");
    assert_member(world, made, "createdBy", "admin");
    assert_member(world, made, "lastUsedAt", "null");
    const char *path = id_path(world, "api-tokens", made);
    struct str admin = world->token;
    world->token = str_from(secret);
    world_get(world, "/api/v1/users");
    world->token = admin;
    json_t *shown = world_get(world, path);
    assert_member(world, shown, "token", "");
    assert_member(world, shown, "lastUsedAt", "2026-01-02T03:00:00.000Z");
    json_t *changed = world_patch(world, path, "{\"description\":\"for it\"}");
    assert_member(world, changed, "description", "for it");
    assert_member(world, world_patch(world, path, "{\"description\":null}"), "description", "null");
    assert_member_refused(world, API_PATCH, path, "{\"scopes\":[\"admin\"]}", "scopes");
    world_delete(world, path);
    world->token = str_from(secret);
    assert_refused(world_call(world, API_GET, "/api/v1/users", NULL), 401, "api_token_invalid");
}

static void a_token_gives_away_only_what_it_has(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct workspace other = world_workspace(world, "other");
    struct str other_id = work_uuid_text(scene->work, &other.id);
    const char *elsewhere =
        arena_printf(&world->arena,
                     "{\"name\":\"t\",\"scopes\":[\"users:read\"],\"workspaceId\":\"" STR_FMT "\"}",
                     STR_ARG(other_id))
            .ptr;
    assert_member(world, world_post(world, "/api/v1/api-tokens", elsewhere), "workspaceId",
                  other_id.ptr);
    world->token =
        world_token(world, &world->instance.workspace_id, "api-tokens:write users:write");
    world_post(world, "/api/v1/api-tokens",
               "{\"name\":\"t\",\"scopes\":[\"users:read\",\"api-tokens:write\"]}");
    static const char *const beyond[] = {"admin", "embed", "groups:read", "workspaces:write"};
    for (size_t i = 0; i < COUNT_OF(beyond); i++) {
        struct world_reply reply = world_call(
            world, API_POST, "/api/v1/api-tokens",
            arena_printf(&world->arena, "{\"name\":\"t\",\"scopes\":[\"users:read\",\"%s\"]}",
                         beyond[i])
                .ptr);
        assert_refused(reply, 403, "scope_missing");
        assert_non_null(strstr(world_text(world, reply.json, "detail"), beyond[i]));
    }
    assert_refused(world_call(world, API_POST, "/api/v1/api-tokens", elsewhere), 403,
                   "scope_missing");
}

static void wrong_scopes_are_refused(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *scopes;
        const char *member;
    } cases[] = {{"[]", "scopes"},
                 {"\"embed\"", "scopes"},
                 {"null", "scopes"},
                 {"[5]", "scopes[0]"},
                 {"[\"embed\",\"x\"]", "scopes[1]"},
                 {"[\"users\"]", "scopes[0]"},
                 {"[null]", "scopes[0]"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *body =
            arena_printf(&scene->world.arena, "{\"name\":\"t\",\"scopes\":%s}", cases[i].scopes)
                .ptr;
        assert_member_refused(&scene->world, API_POST, "/api/v1/api-tokens", body, cases[i].member);
    }
}

/* ---- links, sessions and events ---- */

static void links_are_listed_shown_and_revoked(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct scene_link link = scene_embed(scene);
    struct scene_session live = scene_session(scene, &link.link);
    json_t *list = world_get(world, "/api/v1/links?status=active");
    json_t *shown = json_array_get(json_object_get(list, "items"), 0);
    assert_member(world, shown, "kind", "single-use");
    assert_member(world, shown, "app.slug", "orders");
    assert_member(world, shown, "user.email", "ann@example.com");
    assert_member(world, shown, "user.externalIdentifier", "null");
    assert_member(world, shown, "claims",
                  "{\"branch\":null,\"environment\":\"production\",\"groups\":[1],"
                  "\"metadata\":null,\"preview\":false,\"releaseVersion\":null}");
    assert_member(world, shown, "sessionMinutes", "60");
    assert_member(world, shown, "usedAt", "null");
    assert_member(world, shown, "expiresAt", "2026-01-02T03:05:00.000Z");
    const char *path = id_path(world, "links", shown);
    assert_true(json_equal(world_get(world, path), shown));
    struct world_reply revoked = world_call(world, API_DELETE, path, NULL);
    assert_int_equal(revoked.status, 204);
    assert_true(revoked.raised_epoch);
    assert_int_equal(revoked.ended, 1);
    assert_member(world, world_get(world, path), "status", "revoked");
    char session[80] = "/api/v1/sessions/";
    uuid_format(&live.session.id, session + strlen(session));
    assert_member(world, world_get(world, session), "endReason", "link_revoked");
    world_delete(world, path);
    assert_member(world, world_get(world, "/api/v1/links?status=active"), "items", "[]");
}

static void sessions_are_listed_shown_and_ended(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct scene_session live = scene_live_session(scene);
    json_t *list = world_get(world, "/api/v1/sessions");
    json_t *session = json_array_get(json_object_get(list, "items"), 0);
    assert_member(world, session, "status", "active");
    assert_member(world, session, "app.slug", "orders");
    assert_member(world, session, "address", "192.0.2.1");
    assert_member(world, session, "userAgent", "test");
    assert_member(world, session, "claims.groups", "null");
    assert_member(world, session, "endedAt", "null");
    assert_member(world, session, "endReason", "null");
    const char *origin = arena_printf(&world->arena, "http://" STR_FMT ".localhost:3000",
                                      STR_ARG(live.session.label))
                             .ptr;
    assert_member(world, session, "origin", origin);
    const char *path = id_path(world, "sessions", session);
    assert_true(json_equal(world_get(world, path), session));
    assert_int_equal(world_call(world, API_DELETE, path, NULL).ended, 1);
    assert_int_equal(world_call(world, API_DELETE, path, NULL).ended, 0);
    json_t *ended = world_get(world, path);
    assert_member(world, ended, "status", "ended");
    assert_member(world, ended, "endReason", "revoked");
    assert_member(world, world_get(world, "/api/v1/sessions?status=active"), "items", "[]");
}

static void sessions_are_ended_by_user_and_app(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct str user = work_uuid_text(scene->work, &scene->user.id);
    struct str app = work_uuid_text(scene->work, &scene->app.id);
    scene_live_session(scene);
    scene_live_session(scene);
    assert_refused(world_call(world, API_DELETE, "/api/v1/sessions", NULL), 400, "query_invalid");
    const char *nobody =
        arena_printf(&world->arena, "/api/v1/sessions?userId=" STR_FMT, STR_ARG(app)).ptr;
    struct world_reply reply = world_call(world, API_DELETE, nobody, NULL);
    assert_member(world, reply.json, "ended", "0");
    const char *both =
        arena_printf(&world->arena, "/api/v1/sessions?userId=" STR_FMT "&appId=" STR_FMT,
                     STR_ARG(user), STR_ARG(app))
            .ptr;
    reply = world_call(world, API_DELETE, both, NULL);
    assert_int_equal(reply.status, 200);
    assert_member(world, reply.json, "ended", "2");
    assert_int_equal(reply.ended, 2);
}

static void the_audit_log_is_read_newest_first(void **state)
{
    struct scene *scene = *state;
    struct world *world = &scene->world;
    struct scene_session live = scene_live_session(scene);
    (void)live;
    json_t *page = world_get(world, "/api/v1/events?limit=2");
    assert_member(world, page, "items.0.type", "mint");
    assert_member(world, page, "items.0.detail", "{}");
    assert_member(world, page, "items.0.actor.kind", "system");
    assert_member(world, page, "items.0.actor.id", "null");
    assert_member(world, page, "items.0.at", "2026-01-02T03:00:00.000Z");
    assert_member(world, page, "items.1.type", "group.app.add");
    assert_member(world, page, "items.1.detail.groupId", "1");
    json_t *rest = world_get(world, arena_printf(&world->arena, "/api/v1/events?after=%s",
                                                 world_text(world, page, "next"))
                                        .ptr);
    assert_member(world, rest, "items.0.type", "group.member.add");
    assert_refused(world_call(world, API_GET, "/api/v1/events?after=x", NULL), 400,
                   "query_invalid");
    struct str app = work_uuid_text(scene->work, &scene->app.id);
    const char *of_app =
        arena_printf(&world->arena, "/api/v1/events?appId=" STR_FMT "&type=app.create",
                     STR_ARG(app))
            .ptr;
    assert_member(world, world_get(world, of_app), "items.0.detail",
                  "{\"name\":\"orders\",\"slug\":\"orders\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(workspaces_are_made_renamed_archived_and_deleted),
        scene_test(a_token_without_admin_sees_its_own_workspace_only),
        scene_test(groups_have_members_and_apps),
        scene_test(ids_of_groups_are_whole_numbers),
        scene_test(apps_are_made_shown_changed_and_deleted),
        scene_test(wrong_members_of_apps_are_named),
        scene_test(a_failure_of_the_database_is_not_blamed_on_the_request),
        scene_test(only_an_admin_moves_an_app),
        scene_test(releases_are_uploaded_listed_rolled_back_and_deleted),
        scene_test(branches_are_uploaded_listed_and_deleted),
        scene_test(uploads_that_are_wrong_are_refused),
        scene_test(environments_are_addressed_by_id_or_name),
        scene_test(a_config_has_a_longest_length),
        scene_test(a_token_shows_its_secret_once),
        scene_test(a_token_gives_away_only_what_it_has),
        scene_test(wrong_scopes_are_refused),
        scene_test(links_are_listed_shown_and_revoked),
        scene_test(sessions_are_listed_shown_and_ended),
        scene_test(sessions_are_ended_by_user_and_app),
        scene_test(the_audit_log_is_read_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
