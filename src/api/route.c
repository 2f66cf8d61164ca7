/*
 * Every call of the API: what it takes, where it runs, and who handles it.
 */
#include "api/mint.h"
#include "api/v1/noun.h"

#define V1 "/api/v1"

#define READ API_LANE_READ
#define WRITE API_LANE_WRITE
#define BULK API_LANE_BULK
#define ASK API_LANE_ASK
#define PASSWORD API_LANE_PASSWORD

/* What calls of the same kind have in common: who may call, the workspace, and the errors' style.
 */
#define MANAGE(scope) API_AUTH_TOKEN_OR_ADMIN, scope, API_WORKSPACE_NAMED, API_STYLE_PROBLEM
#define SIGNED_IN(scope) API_AUTH_ADMIN, scope, API_WORKSPACE_NAMED, API_STYLE_PROBLEM
#define CONSOLE API_AUTH_CONSOLE, NULL, API_WORKSPACE_NONE, API_STYLE_PROBLEM
#define PORTAL(scope, style) API_AUTH_TOKEN, scope, API_WORKSPACE_OF_CALLER, style

/* What answers: a function, or the one for all nouns with a noun. */
#define CALL(function) .handle = (function)
#define LIST(one) .handle = noun_list, .noun = &(one)
#define CREATE(one) .handle = noun_create, .noun = &(one)
#define GET(one) .handle = noun_get, .noun = &(one)
#define PATCH(one) .handle = noun_patch, .noun = &(one)
#define DELETE(one) .handle = noun_delete, .noun = &(one)

const struct api_route api_routes[] = {
    {API_POST, "/api/ext/users/personal-access-token", PORTAL("embed", API_STYLE_TOOLJET), WRITE,
     CALL(tooljet_mint), .counts = API_COUNTS_MINT},
    {API_POST, "/api/embed-url/external-user", PORTAL("embed", API_STYLE_RETOOL), WRITE,
     CALL(retool_mint), .counts = API_COUNTS_MINT},

    {API_GET, V1 "/workspaces", MANAGE("workspaces:read"), READ, LIST(workspaces_noun)},
    {API_POST, V1 "/workspaces", MANAGE("admin"), WRITE, CREATE(workspaces_noun)},
    {API_GET, V1 "/workspaces/{workspace}", MANAGE("workspaces:read"), READ, GET(workspaces_noun)},
    {API_PATCH, V1 "/workspaces/{workspace}", MANAGE("workspaces:write"), WRITE,
     PATCH(workspaces_noun)},
    {API_GET, V1 "/workspaces/{workspace}/brand", MANAGE("workspaces:read"), READ,
     GET(brands_noun)},
    {API_PATCH, V1 "/workspaces/{workspace}/brand", MANAGE("workspaces:write"), WRITE,
     PATCH(brands_noun)},
    {API_DELETE, V1 "/workspaces/{workspace}", MANAGE("admin"), WRITE, DELETE(workspaces_noun)},

    {API_GET, V1 "/users", MANAGE("users:read"), READ, LIST(users_noun)},
    {API_POST, V1 "/users", MANAGE("users:write"), WRITE, CREATE(users_noun)},
    {API_GET, V1 "/users/{user}", MANAGE("users:read"), READ, GET(users_noun)},
    {API_PATCH, V1 "/users/{user}", MANAGE("users:write"), WRITE, PATCH(users_noun)},
    {API_DELETE, V1 "/users/{user}", MANAGE("users:write"), WRITE, DELETE(users_noun)},

    {API_GET, V1 "/groups", MANAGE("groups:read"), READ, LIST(groups_noun)},
    {API_POST, V1 "/groups", MANAGE("groups:write"), WRITE, CREATE(groups_noun)},
    {API_GET, V1 "/groups/{group}", MANAGE("groups:read"), READ, GET(groups_noun)},
    {API_PATCH, V1 "/groups/{group}", MANAGE("groups:write"), WRITE, PATCH(groups_noun)},
    {API_DELETE, V1 "/groups/{group}", MANAGE("groups:write"), WRITE, DELETE(groups_noun)},
    {API_GET, V1 "/groups/{group}/members", MANAGE("groups:read"), READ, LIST(group_members_noun)},
    {API_POST, V1 "/groups/{group}/members", MANAGE("groups:write"), WRITE,
     CALL(groups_add_members)},
    {API_PUT, V1 "/groups/{group}/members/{user}", MANAGE("groups:write"), WRITE,
     CALL(groups_add_member)},
    {API_DELETE, V1 "/groups/{group}/members/{user}", MANAGE("groups:write"), WRITE,
     CALL(groups_remove_member)},
    {API_GET, V1 "/groups/{group}/apps", MANAGE("groups:read"), READ, LIST(group_apps_noun)},
    {API_PUT, V1 "/groups/{group}/apps/{app}", MANAGE("groups:write"), WRITE,
     CALL(groups_allow_app)},
    {API_DELETE, V1 "/groups/{group}/apps/{app}", MANAGE("groups:write"), WRITE,
     CALL(groups_disallow_app)},

    {API_GET, V1 "/apps", MANAGE("apps:read"), READ, LIST(apps_noun)},
    {API_POST, V1 "/apps", MANAGE("apps:write"), WRITE, CREATE(apps_noun)},
    {API_GET, V1 "/apps/{app}", MANAGE("apps:read"), READ, GET(apps_noun)},
    {API_PATCH, V1 "/apps/{app}", MANAGE("apps:write"), WRITE, PATCH(apps_noun)},
    {API_DELETE, V1 "/apps/{app}", MANAGE("apps:write"), WRITE, DELETE(apps_noun)},

    {API_POST, V1 "/upstream-checks", MANAGE("apps:write"), ASK, CALL(upstream_checks_create)},

    {API_GET, V1 "/apps/{app}/releases", MANAGE("releases:read"), READ, LIST(releases_noun)},
    {API_POST, V1 "/apps/{app}/releases", MANAGE("releases:write"), BULK, CALL(releases_upload)},
    {API_GET, V1 "/apps/{app}/releases/{version}", MANAGE("releases:read"), READ,
     GET(releases_noun)},
    {API_DELETE, V1 "/apps/{app}/releases/{version}", MANAGE("releases:write"), WRITE,
     DELETE(releases_noun)},
    {API_POST, V1 "/apps/{app}/releases/{version}/rollback", MANAGE("releases:write"), WRITE,
     CALL(releases_rollback)},
    {API_GET, V1 "/apps/{app}/branches", MANAGE("releases:read"), READ, LIST(branches_noun)},
    {API_GET, V1 "/apps/{app}/branches/{branch}", MANAGE("releases:read"), READ,
     GET(branches_noun)},
    {API_DELETE, V1 "/apps/{app}/branches/{branch}", MANAGE("releases:write"), WRITE,
     DELETE(branches_noun)},

    {API_GET, V1 "/environments", MANAGE("environments:read"), READ, LIST(environments_noun)},
    {API_POST, V1 "/environments", MANAGE("environments:write"), WRITE, CREATE(environments_noun)},
    {API_GET, V1 "/environments/{environment}", MANAGE("environments:read"), READ,
     GET(environments_noun)},
    {API_PATCH, V1 "/environments/{environment}", MANAGE("environments:write"), WRITE,
     PATCH(environments_noun)},
    {API_DELETE, V1 "/environments/{environment}", MANAGE("environments:write"), WRITE,
     DELETE(environments_noun)},

    {API_GET, V1 "/api-tokens", MANAGE("api-tokens:read"), READ, LIST(tokens_noun)},
    {API_POST, V1 "/api-tokens", MANAGE("api-tokens:write"), WRITE, CALL(tokens_create)},
    {API_GET, V1 "/api-tokens/{token}", MANAGE("api-tokens:read"), READ, GET(tokens_noun)},
    {API_PATCH, V1 "/api-tokens/{token}", MANAGE("api-tokens:write"), WRITE, PATCH(tokens_noun)},
    {API_DELETE, V1 "/api-tokens/{token}", MANAGE("api-tokens:write"), WRITE, DELETE(tokens_noun)},

    {API_POST, V1 "/api-tokens/{token}/rotate", MANAGE("api-tokens:write"), WRITE,
     CALL(tokens_rotate)},

    {API_GET, V1 "/links", MANAGE("links:read"), READ, LIST(links_noun)},
    {API_GET, V1 "/links/{link}", MANAGE("links:read"), READ, GET(links_noun)},
    {API_DELETE, V1 "/links/{link}", MANAGE("links:write"), WRITE, DELETE(links_noun)},

    {API_GET, V1 "/sessions", MANAGE("sessions:read"), READ, LIST(sessions_noun)},
    {API_DELETE, V1 "/sessions", MANAGE("sessions:write"), WRITE, CALL(sessions_end)},
    {API_GET, V1 "/sessions/{session}", MANAGE("sessions:read"), READ, GET(sessions_noun)},
    {API_DELETE, V1 "/sessions/{session}", MANAGE("sessions:write"), WRITE, CALL(sessions_end_one)},
    {API_DELETE, V1 "/browser-storage", MANAGE("sessions:write"), WRITE, CALL(storage_clear)},

    {API_GET, V1 "/events", MANAGE("events:read"), READ, CALL(events_list)},
    {API_GET, V1 "/events/export", MANAGE("events:read"), READ, CALL(events_export)},
    {API_GET, V1 "/events/stream", MANAGE("events:read"), READ, CALL(events_stream)},

    {API_GET, V1 "/usage", MANAGE("events:read"), BULK, CALL(usage_get)},
    {API_GET, V1 "/usage/apps", MANAGE("events:read"), BULK, CALL(usage_list_apps)},
    {API_GET, V1 "/usage/users", MANAGE("events:read"), BULK, CALL(usage_list_users)},
    {API_GET, V1 "/usage/origins", MANAGE("events:read"), BULK, CALL(usage_list_origins)},
    {API_GET, V1 "/getting-started", MANAGE("workspaces:read"), READ, CALL(getting_started_get)},

    {API_POST, V1 "/access-checks", MANAGE("embed"), WRITE, CALL(previews_check)},
    {API_POST, V1 "/previews", SIGNED_IN("embed"), WRITE, CALL(previews_create)},

    {API_POST, V1 "/setup/check", CONSOLE, READ, CALL(setup_check)},
    {API_POST, V1 "/setup", CONSOLE, PASSWORD, CALL(setup_use)},
    {API_POST, V1 "/sign-in", CONSOLE, PASSWORD, CALL(sign_in_post)},
    {API_POST, V1 "/sign-out", SIGNED_IN(NULL), WRITE, CALL(sign_out_post)},
    {API_GET, V1 "/me", SIGNED_IN(NULL), READ, CALL(me_get)},
    {API_PUT, V1 "/me/password", SIGNED_IN(NULL), PASSWORD, CALL(me_password)},
    {API_POST, V1 "/me/totp", SIGNED_IN(NULL), WRITE, CALL(me_totp_begin)},
    {API_PUT, V1 "/me/totp", SIGNED_IN(NULL), PASSWORD, CALL(me_totp_confirm)},
    {API_POST, V1 "/me/totp/remove", SIGNED_IN(NULL), PASSWORD, CALL(me_totp_remove)},
    {API_GET, V1 "/me/sessions", SIGNED_IN(NULL), READ, LIST(my_sessions_noun)},
    {API_DELETE, V1 "/me/sessions/{session}", SIGNED_IN(NULL), WRITE, CALL(me_end_session)},

    {API_GET, V1 "/admins", MANAGE("admin"), READ, LIST(admins_noun)},
    {API_POST, V1 "/admins", MANAGE("admin"), WRITE, CALL(admins_create)},
    {API_GET, V1 "/admins/{admin}", MANAGE("admin"), READ, GET(admins_noun)},
    {API_PATCH, V1 "/admins/{admin}", MANAGE("admin"), WRITE, PATCH(admins_noun)},
    {API_DELETE, V1 "/admins/{admin}", MANAGE("admin"), WRITE, DELETE(admins_noun)},
    {API_POST, V1 "/admins/{admin}/link", MANAGE("admin"), WRITE, CALL(admins_link)},
    {API_GET, V1 "/admin-sessions", MANAGE("admin"), READ, LIST(admin_sessions_noun)},
    {API_DELETE, V1 "/admin-sessions/{session}", MANAGE("admin"), WRITE, CALL(admin_sessions_end)},

    {API_GET, V1 "/signing-keys", MANAGE("admin"), READ, CALL(signing_keys_list)},
    {API_POST, V1 "/signing-keys", MANAGE("admin"), WRITE, CALL(signing_keys_rotate)},
    {API_DELETE, V1 "/signing-keys/{key}", MANAGE("admin"), WRITE, CALL(signing_keys_revoke)},
};

const size_t api_route_count = COUNT_OF(api_routes);
