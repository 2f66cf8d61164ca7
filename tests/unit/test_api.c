#include "world.h"

#include "model/audit.h"

/* ---- routes ---- */

static enum err find(enum api_method method, const char *path, const struct api_route **out_route,
                     struct str out_params[API_PARAMS_MAX])
{
    return api_route_find(method, str_from(path), out_route, out_params);
}

static void paths_find_their_route_and_its_parameters(void **state)
{
    (void)state;
    const struct api_route *route = NULL;
    struct str params[API_PARAMS_MAX];
    assert_int_equal(find(API_GET, "/api/v1/users", &route, params), ERR_OK);
    assert_string_equal(route->pattern, "/api/v1/users");
    assert_int_equal(find(API_PUT, "/api/v1/groups/7/members/abc", &route, params), ERR_OK);
    assert_str_equal(params[0], "7");
    assert_str_equal(params[1], "abc");
    assert_int_equal(find(API_DELETE, "/api/v1/apps/a%2Fb/branches/x%20y", &route, params), ERR_OK);
    assert_str_equal(params[0], "a%2Fb");
    assert_str_equal(params[1], "x%20y");
}

static void other_paths_and_methods_find_none(void **state)
{
    (void)state;
    static const char *const absent[] = {"",
                                         "/",
                                         "/api/v1",
                                         "/api/v1/",
                                         "/api/v1/nothing",
                                         "/api/v1/users/",
                                         "/api/v1/users/a/",
                                         "/api/v1//users",
                                         "/api/v1/Users",
                                         "/api/v1/users/a/b",
                                         "api/v1/users",
                                         "/api/v1/users//groups",
                                         "/api/v1/groups//members",
                                         "/api/ext/users/personal-access-token/"};
    const struct api_route *route = NULL;
    struct str params[API_PARAMS_MAX];
    for (size_t i = 0; i < COUNT_OF(absent); i++) {
        if (find(API_GET, absent[i], &route, params) != ERR_NOT_FOUND) {
            fail_msg("\"%s\" has a route", absent[i]);
        }
    }
    assert_int_equal(find(API_PUT, "/api/v1/users", &route, params), ERR_UNSUPPORTED);
    assert_int_equal(find(API_DELETE, "/api/v1/events", &route, params), ERR_UNSUPPORTED);
    assert_int_equal(find(API_METHOD_OTHER, "/api/v1/users", &route, params), ERR_UNSUPPORTED);
    assert_int_equal(find(API_GET, "/api/embed-url/external-user", &route, params),
                     ERR_UNSUPPORTED);
    assert_null(route);
}

static void no_route_hides_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_route_count; i++) {
        for (size_t j = i + 1; j < api_route_count; j++) {
            bool same = api_routes[i].method == api_routes[j].method &&
                        strcmp(api_routes[i].pattern, api_routes[j].pattern) == 0;
            assert_false(same);
        }
    }
}

/* For the console's own pages alone: no token has it. */
static bool is_of_console(const struct api_route *route)
{
    return route->auth == API_AUTH_CONSOLE || route->auth == API_AUTH_ADMIN;
}

static void reads_only_read_and_every_route_has_a_scope_that_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        if (route->method == API_GET) {
            assert_true(route->lane == API_LANE_READ || route->lane == API_LANE_BULK);
        }
        if (is_of_console(route)) {
            continue;
        }
        struct str verb = str_from(route->scope);
        str_cut(&verb, ':');
        assert_true(token_scope_is_known(str_from(route->scope)));
        assert_true(route->lane != API_LANE_READ || route->method == API_GET);
        if (route->method == API_GET) {
            assert_true(str_equal(verb, STR("read")) || strcmp(route->scope, "admin") == 0);
        } else {
            assert_true(verb.len == 0 || str_equal(verb, STR("write")));
        }
    }
}

static void every_route_says_who_may_call_it_and_where_it_acts(void **state)
{
    (void)state;
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        bool is_before_sign_in = route->auth == API_AUTH_CONSOLE;
        assert_non_null(route->handle);
        assert_int_not_equal(route->auth, API_AUTH_NOBODY);
        assert_true((route->scope == NULL) <= is_of_console(route));
        assert_int_equal(route->workspace == API_WORKSPACE_NONE, is_before_sign_in);
    }
}

static void only_the_two_mints_count_as_mints(void **state)
{
    (void)state;
    int mints = 0;
    for (size_t i = 0; i < api_route_count; i++) {
        bool counts = api_routes[i].counts == API_COUNTS_MINT;
        assert_int_equal(counts, api_routes[i].style != API_STYLE_PROBLEM);
        mints += counts;
    }
    assert_int_equal(mints, 2);
}

static void a_path_knows_its_methods(void **state)
{
    (void)state;
    struct arena arena = ARENA_NONE;
    assert_str_equal(api_route_methods(&arena, STR("/api/v1/users")), "GET, HEAD, POST");
    assert_str_equal(api_route_methods(&arena, STR("/api/v1/users/x")), "GET, HEAD, PATCH, DELETE");
    assert_str_equal(api_route_methods(&arena, STR("/api/v1/me/password")), "PUT");
    assert_str_equal(api_route_methods(&arena, STR("/api/embed-url/external-user")), "POST");
    assert_str_equal(api_route_methods(&arena, STR("/api/v1/nothing")), "");
    arena_done(&arena);
}

/* ---- scopes ---- */

/* The pattern with parameters that name nothing. */
static const char *address_nothing(struct world *world, const struct api_route *route)
{
    struct str rest = str_from(route->pattern);
    struct str path = STR("");
    while (rest.len > 0) {
        struct str part = str_cut(&rest, '/');
        if (part.len > 0) {
            path = arena_printf(&world->arena, STR_FMT "/" STR_FMT, STR_ARG(path),
                                part.ptr[0] == '{' ? 1 : (int)part.len,
                                part.ptr[0] == '{' ? "9" : part.ptr);
        }
    }
    return path.ptr;
}

static void every_route_asks_for_its_scope_and_no_more(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct str admin = world.token;
    struct str embed = world_token(&world, &world.instance.workspace_id, "embed");
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        const char *path = address_nothing(&world, route);
        if (is_of_console(route)) {
            continue;
        }
        bool is_embed = strcmp(route->scope, "embed") == 0;
        world.token =
            is_embed ? world_token(&world, &world.instance.workspace_id, "users:write") : embed;
        struct world_reply reply = world_call(&world, route->method, path, "{}");
        assert_int_equal(reply.status, 403);
        const char *words = world_text(&world, reply.json,
                                       route->style == API_STYLE_PROBLEM ? "detail" : "message");
        assert_non_null(strstr(words, route->scope));
        world.token = world_token(&world, &world.instance.workspace_id, route->scope);
        reply = world_call(&world, route->method, path, "{}");
        assert_int_not_equal(reply.status, 401);
        assert_int_not_equal(reply.status, 403);
        assert_true(reply.status < 500);
        world.token = STR("inlay_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        reply = world_call(&world, route->method, path, "{}");
        assert_int_equal(reply.status, 401);
    }
    world.token = admin;
    world_end(&world);
}

static void what_the_console_has_alone_takes_no_token(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        bool is_open = route->auth == API_AUTH_CONSOLE;
        if (is_of_console(route)) {
            assert_refused(world_call(&world, route->method, address_nothing(&world, route), "{}"),
                           403, is_open ? "cross_origin" : "scope_missing");
        }
    }
    world_end(&world);
}

static void scopes_are_checked_before_the_body_is_read(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    world.token = world_token(&world, &world.instance.workspace_id, "embed");
    assert_refused(world_call(&world, API_POST, "/api/v1/users", "nonsense"), 403, "scope_missing");
    world_end(&world);
}

/* ---- workspaces ---- */

static void an_admin_chooses_the_workspace_of_a_collection(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct workspace other = world_workspace(&world, "other");
    struct str id = work_uuid_text(&world.work, &other.id);
    const char *path =
        arena_printf(&world.arena, "/api/v1/groups?workspaceId=" STR_FMT, STR_ARG(id)).ptr;
    world_post(&world, path, "{\"name\":\"there\"}");
    assert_member(&world, world_get(&world, path), "items.0.name", "there");
    assert_member(&world, world_get(&world, "/api/v1/groups"), "items", "[]");
    /* the audit log has it where it happened */
    struct audit_event events[1];
    size_t count = 0;
    world.work.workspace_id = other.id;
    struct audit_filter filter = {.type = STR("group.create"), .limit = 1};
    assert_int_equal(audit_list(&world.work, &filter, events, &count, &(int64_t){0}), ERR_OK);
    assert_int_equal(count, 1);
    world.work.workspace_id = world.instance.workspace_id;
    assert_refused(world_call(&world, API_GET,
                              "/api/v1/groups?workspaceId=8ba8bf0e-6b8f-4e07-abb9-6fd2d816fabc",
                              NULL),
                   404, "not_found");
    assert_refused(world_call(&world, API_GET, "/api/v1/groups?workspaceId=x", NULL), 400,
                   "query_invalid");
    world.token = world_token(&world, &world.instance.workspace_id, "groups:write");
    assert_refused(world_call(&world, API_GET, path, NULL), 403, "scope_missing");
    assert_refused(world_call(&world, API_POST, path, "{\"name\":\"x\"}"), 403, "scope_missing");
    world_end(&world);
}

static void objects_of_another_workspace_are_out_of_sight_but_for_admins(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct workspace other = world_workspace(&world, "other");
    struct group mine = world_group(&world, "mine");
    world.work.workspace_id = other.id;
    struct user user = world_user(&world, "bob@acme.example");
    struct app app = world_app(&world, "orders");
    struct group group = world_group(&world, "team");
    world.work.workspace_id = world.instance.workspace_id;
    char user_id[UUID_TEXT_SIZE];
    char app_id[UUID_TEXT_SIZE];
    uuid_format(&user.id, user_id);
    uuid_format(&app.id, app_id);
    const char *paths[] = {
        arena_printf(&world.arena, "/api/v1/users/%s", user_id).ptr,
        arena_printf(&world.arena, "/api/v1/apps/%s", app_id).ptr,
        arena_printf(&world.arena, "/api/v1/groups/%lld", (long long)group.id).ptr,
        arena_printf(&world.arena, "/api/v1/groups/%lld/members", (long long)group.id).ptr,
    };
    struct str admin = world.token;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        world.token = world_token(&world, &world.instance.workspace_id,
                                  "users:write apps:write groups:write");
        assert_refused(world_call(&world, API_GET, paths[i], NULL), 404, "not_found");
        world.token = admin;
        world_get(&world, paths[i]);
    }
    assert_refused(world_call(&world, API_GET, "/api/v1/apps/orders", NULL), 404, "not_found");
    /* A group has members and apps of its own workspace, whoever asks. */
    const char *mixed[] = {
        arena_printf(&world.arena, "/api/v1/groups/%lld/members/%s", (long long)mine.id, user_id)
            .ptr,
        arena_printf(&world.arena, "/api/v1/groups/%lld/apps/%s", (long long)mine.id, app_id).ptr,
        arena_printf(&world.arena, "/api/v1/groups/%lld/apps/orders", (long long)mine.id).ptr,
    };
    for (size_t i = 0; i < COUNT_OF(mixed); i++) {
        assert_refused(world_call(&world, API_PUT, mixed[i], NULL), 404, "not_found");
    }
    /* And a slug is looked up where the group is. */
    const char *there =
        arena_printf(&world.arena, "/api/v1/groups/%lld/apps/orders", (long long)group.id).ptr;
    assert_int_equal(world_call(&world, API_PUT, there, NULL).status, 204);
    world_end(&world);
}

/* ---- queries and bodies ---- */

static void parameters_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *code;
        const char *member;
    } cases[] = {
        {"nonsense=1", "query_unknown", "nonsense"},
        {"limit=0", "query_invalid", "limit"},
        {"limit=201", "query_invalid", "limit"},
        {"limit=", "query_invalid", "limit"},
        {"limit=1.5", "query_invalid", "limit"},
        {"limit", "query_invalid", "limit"},
        {"limit=1&limit=2", "query_invalid", "limit"},
        {"after=x", "query_invalid", "after"},
        {"kind=x", "query_invalid", "kind"},
        {"kind=", "query_invalid", "kind"},
        {"status=gone", "query_invalid", "status"},
        {"email=%zz", "query_invalid", "?"},
        {"email=%ff", "query_invalid", "?"},
        {"email=%00", "query_invalid", "?"},
        {"%0a=1", "query_invalid", "?"},
    };
    struct world world;
    world_make(&world);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world_reply reply =
            world_call(&world, API_GET,
                       arena_printf(&world.arena, "/api/v1/users?%s", cases[i].query).ptr, NULL);
        assert_refused(reply, 400, cases[i].code);
        assert_member(&world, reply.json, "member", cases[i].member);
        assert_string_equal(reply.type, "application/problem+json");
    }
    world_get(&world, "/api/v1/users?limit=200&&email=a%2Bb%40c.example+&");
    world_end(&world);
}

static void a_query_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    char *target = arena_alloc(&world.arena, LIMIT_QUERY_BYTES + 64);
    int len = snprintf(target, 32, "/api/v1/users?email=");
    memset(target + len, 'x', LIMIT_QUERY_BYTES);
    struct world_reply reply = world_call(&world, API_GET, target, NULL);
    assert_refused(reply, 400, "query_invalid");
    assert_member(&world, reply.json, "limit", "2048");
    world_end(&world);
}

static void calls_without_parameters_take_none(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    for (size_t i = 0; i < api_route_count; i++) {
        const struct api_route *route = &api_routes[i];
        if (route->style != API_STYLE_PROBLEM || is_of_console(route)) {
            continue;
        }
        const char *path =
            arena_printf(&world.arena, "%s?nonsense=1", address_nothing(&world, route)).ptr;
        struct world_reply reply = world_call(&world, route->method, path, "{}");
        /* or 404, where the object is looked for first */
        assert_true(reply.status == 400 || reply.status == 404);
    }
    world_end(&world);
}

static void a_body_that_is_no_json_is_refused(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    assert_refused(world_call(&world, API_POST, "/api/v1/groups", NULL), 400, "json_malformed");
    assert_refused(world_call(&world, API_POST, "/api/v1/groups", "{"), 400, "json_malformed");
    assert_refused(world_call(&world, API_POST, "/api/v1/groups", "[]"), 400, "json_not_object");
    assert_refused(world_call(&world, API_POST, "/api/v1/groups", "{\"name\":1,\"name\":2}"), 400,
                   "json_duplicate_member");
    world_end(&world);
}

/* ---- outcomes ---- */

static void a_problem_says_what_is_wrong(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct world_reply reply = world_call(&world, API_POST, "/api/v1/groups", "{\"name\":\"\"}");
    assert_int_equal(reply.status, 400);
    assert_string_equal(reply.type, "application/problem+json");
    assert_member(&world, reply.json, "type", "about:blank");
    assert_member(&world, reply.json, "title", "Bad Request");
    assert_member(&world, reply.json, "status", "400");
    assert_member(&world, reply.json, "code", "member_invalid");
    assert_member(&world, reply.json, "member", "name");
    assert_member(&world, reply.json, "detail", "name must not be empty.");
    assert_member(&world, reply.json, "limit", "");
    world_end(&world);
}

static void denials_are_told_whether_or_not_the_call_could_write(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    world.token = world_token(&world, &world.instance.workspace_id, "embed");
    assert_refused(world_call(&world, API_POST, "/api/v1/users", "{}"), 403, "scope_missing");
    assert_int_equal(world_events(&world, "deny"), 1);
    assert_str_equal(world_event_detail(&world, "deny"), "{\"reason\":\"scope_missing\"}");
    assert_refused(world_call(&world, API_GET, "/api/v1/users", NULL), 403, "scope_missing");
    assert_int_equal(world_events(&world, "deny"), 2);
    world_end(&world);
}

static void a_conflict_leaves_nothing_behind(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    world_post(&world, "/api/v1/groups", "{\"name\":\"team\"}");
    assert_refused(world_call(&world, API_POST, "/api/v1/groups", "{\"name\":\"team\"}"), 409,
                   "group_exists");
    assert_int_equal(world_events(&world, "group.create"), 1);
    world_end(&world);
}

static void the_actor_is_the_token_or_whoever_runs_the_server(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    world_post(&world, "/api/v1/groups", "{\"name\":\"one\"}");
    json_t *events = world_get(&world, "/api/v1/events?type=group.create");
    assert_member(&world, events, "items.0.actor.kind", "api_token");
    assert_member(&world, events, "items.0.actor.name", "admin");
    assert_int_equal(strlen(world_text(&world, events, "items.0.actor.id")), UUID_TEXT_SIZE - 1);
    world.token = STR("a-token-of-the-environment");
    world.instance.has_environment_token = true;
    world.instance.environment_token = secret_digest(world.token);
    world_post(&world, "/api/v1/groups", "{\"name\":\"two\"}");
    events = world_get(&world, "/api/v1/events?type=group.create&limit=1");
    assert_member(&world, events, "items.0.actor",
                  "{\"id\":null,\"kind\":\"local\",\"name\":\"INLAY_API_TOKEN\"}");
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_route_and_its_parameters),
        cmocka_unit_test(other_paths_and_methods_find_none),
        cmocka_unit_test(no_route_hides_another),
        cmocka_unit_test(every_route_says_who_may_call_it_and_where_it_acts),
        cmocka_unit_test(only_the_two_mints_count_as_mints),
        cmocka_unit_test(a_path_knows_its_methods),
        cmocka_unit_test(reads_only_read_and_every_route_has_a_scope_that_fits),
        cmocka_unit_test(every_route_asks_for_its_scope_and_no_more),
        cmocka_unit_test(what_the_console_has_alone_takes_no_token),
        cmocka_unit_test(scopes_are_checked_before_the_body_is_read),
        cmocka_unit_test(an_admin_chooses_the_workspace_of_a_collection),
        cmocka_unit_test(objects_of_another_workspace_are_out_of_sight_but_for_admins),
        cmocka_unit_test(parameters_are_refused_by_name),
        cmocka_unit_test(a_query_that_is_too_long_is_refused),
        cmocka_unit_test(calls_without_parameters_take_none),
        cmocka_unit_test(a_body_that_is_no_json_is_refused),
        cmocka_unit_test(a_problem_says_what_is_wrong),
        cmocka_unit_test(denials_are_told_whether_or_not_the_call_could_write),
        cmocka_unit_test(a_conflict_leaves_nothing_behind),
        cmocka_unit_test(the_actor_is_the_token_or_whoever_runs_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
