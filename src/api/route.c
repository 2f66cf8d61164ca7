/*
 * Every call of the API: what it takes, where it runs, and who handles it.
 */
#include "api/mint.h"
#include "api/v1/noun.h"

#define V1 "/api/v1"

#define READ API_LANE_READ, API_STYLE_PROBLEM
#define WRITE API_LANE_WRITE, API_STYLE_PROBLEM
#define BULK API_LANE_BULK, API_STYLE_PROBLEM
#define ASK API_LANE_ASK, API_STYLE_PROBLEM
#define PASSWORD API_LANE_PASSWORD, API_STYLE_PROBLEM
#define CONSOLE API_SCOPE_CONSOLE
#define SELF API_SCOPE_SELF

const struct api_route api_routes[] = {
    {API_POST, "/api/ext/users/personal-access-token", "embed", API_LANE_WRITE, API_STYLE_TOOLJET,
     tooljet_mint},
    {API_POST, "/api/embed-url/external-user", "embed", API_LANE_WRITE, API_STYLE_RETOOL,
     retool_mint},

    {API_GET, V1 "/workspaces", "workspaces:read", READ, workspaces_list},
    {API_POST, V1 "/workspaces", "admin", WRITE, workspaces_create},
    {API_GET, V1 "/workspaces/{workspace}", "workspaces:read", READ, workspaces_get},
    {API_PATCH, V1 "/workspaces/{workspace}", "workspaces:write", WRITE, workspaces_patch},
    {API_DELETE, V1 "/workspaces/{workspace}", "admin", WRITE, workspaces_delete},

    {API_GET, V1 "/users", "users:read", READ, users_list},
    {API_POST, V1 "/users", "users:write", WRITE, users_create},
    {API_GET, V1 "/users/{user}", "users:read", READ, users_get},
    {API_PATCH, V1 "/users/{user}", "users:write", WRITE, users_patch},
    {API_DELETE, V1 "/users/{user}", "users:write", WRITE, users_delete},

    {API_GET, V1 "/groups", "groups:read", READ, groups_list},
    {API_POST, V1 "/groups", "groups:write", WRITE, groups_create},
    {API_GET, V1 "/groups/{group}", "groups:read", READ, groups_get},
    {API_PATCH, V1 "/groups/{group}", "groups:write", WRITE, groups_patch},
    {API_DELETE, V1 "/groups/{group}", "groups:write", WRITE, groups_delete},
    {API_GET, V1 "/groups/{group}/members", "groups:read", READ, groups_members},
    {API_POST, V1 "/groups/{group}/members", "groups:write", WRITE, groups_add_members},
    {API_PUT, V1 "/groups/{group}/members/{user}", "groups:write", WRITE, groups_add_member},
    {API_DELETE, V1 "/groups/{group}/members/{user}", "groups:write", WRITE, groups_remove_member},
    {API_GET, V1 "/groups/{group}/apps", "groups:read", READ, groups_apps},
    {API_PUT, V1 "/groups/{group}/apps/{app}", "groups:write", WRITE, groups_allow_app},
    {API_DELETE, V1 "/groups/{group}/apps/{app}", "groups:write", WRITE, groups_disallow_app},

    {API_GET, V1 "/apps", "apps:read", READ, apps_list},
    {API_POST, V1 "/apps", "apps:write", WRITE, apps_create},
    {API_GET, V1 "/apps/{app}", "apps:read", READ, apps_get},
    {API_PATCH, V1 "/apps/{app}", "apps:write", WRITE, apps_patch},
    {API_DELETE, V1 "/apps/{app}", "apps:write", WRITE, apps_delete},

    {API_POST, V1 "/upstream-checks", "apps:write", ASK, upstream_checks_create},

    {API_GET, V1 "/apps/{app}/releases", "releases:read", READ, releases_list},
    {API_POST, V1 "/apps/{app}/releases", "releases:write", BULK, releases_upload},
    {API_GET, V1 "/apps/{app}/releases/{version}", "releases:read", READ, releases_get},
    {API_DELETE, V1 "/apps/{app}/releases/{version}", "releases:write", WRITE, releases_delete},
    {API_POST, V1 "/apps/{app}/releases/{version}/rollback", "releases:write", WRITE,
     releases_rollback},
    {API_GET, V1 "/apps/{app}/branches", "releases:read", READ, branches_list},
    {API_GET, V1 "/apps/{app}/branches/{branch}", "releases:read", READ, branches_get},
    {API_DELETE, V1 "/apps/{app}/branches/{branch}", "releases:write", WRITE, branches_delete},

    {API_GET, V1 "/environments", "environments:read", READ, environments_list},
    {API_POST, V1 "/environments", "environments:write", WRITE, environments_create},
    {API_GET, V1 "/environments/{environment}", "environments:read", READ, environments_get},
    {API_PATCH, V1 "/environments/{environment}", "environments:write", WRITE, environments_patch},
    {API_DELETE, V1 "/environments/{environment}", "environments:write", WRITE,
     environments_delete},

    {API_GET, V1 "/api-tokens", "api-tokens:read", READ, tokens_list},
    {API_POST, V1 "/api-tokens", "api-tokens:write", WRITE, tokens_create},
    {API_GET, V1 "/api-tokens/{token}", "api-tokens:read", READ, tokens_get},
    {API_PATCH, V1 "/api-tokens/{token}", "api-tokens:write", WRITE, tokens_patch},
    {API_DELETE, V1 "/api-tokens/{token}", "api-tokens:write", WRITE, tokens_delete},

    {API_GET, V1 "/links", "links:read", READ, links_list},
    {API_GET, V1 "/links/{link}", "links:read", READ, links_get},
    {API_DELETE, V1 "/links/{link}", "links:write", WRITE, links_revoke},

    {API_GET, V1 "/sessions", "sessions:read", READ, sessions_list},
    {API_DELETE, V1 "/sessions", "sessions:write", WRITE, sessions_end},
    {API_GET, V1 "/sessions/{session}", "sessions:read", READ, sessions_get},
    {API_DELETE, V1 "/sessions/{session}", "sessions:write", WRITE, sessions_revoke},

    {API_GET, V1 "/events", "events:read", READ, events_list},
    {API_GET, V1 "/events/export", "events:read", READ, events_export},
    {API_GET, V1 "/events/stream", "events:read", READ, events_stream},

    {API_GET, V1 "/usage", "events:read", BULK, usage_get},
    {API_GET, V1 "/usage/apps", "events:read", BULK, usage_list_apps},
    {API_GET, V1 "/usage/users", "events:read", BULK, usage_list_users},
    {API_GET, V1 "/getting-started", "workspaces:read", READ, getting_started_get},

    {API_POST, V1 "/access-checks", "embed", WRITE, previews_check},
    {API_POST, V1 "/previews", API_SCOPE_SELF_EMBED, WRITE, previews_create},

    {API_POST, V1 "/setup/check", CONSOLE, READ, setup_check},
    {API_POST, V1 "/setup", CONSOLE, PASSWORD, setup_use},
    {API_POST, V1 "/sign-in", CONSOLE, PASSWORD, sign_in_post},
    {API_POST, V1 "/sign-out", SELF, WRITE, sign_out_post},
    {API_GET, V1 "/me", SELF, READ, me_get},
    {API_PUT, V1 "/me/password", SELF, PASSWORD, me_password},
    {API_POST, V1 "/me/totp", SELF, WRITE, me_totp_begin},
    {API_PUT, V1 "/me/totp", SELF, PASSWORD, me_totp_confirm},
    {API_POST, V1 "/me/totp/remove", SELF, PASSWORD, me_totp_remove},
    {API_GET, V1 "/me/sessions", SELF, READ, me_sessions},
    {API_DELETE, V1 "/me/sessions/{session}", SELF, WRITE, me_end_session},

    {API_GET, V1 "/admins", "admin", READ, admins_list},
    {API_POST, V1 "/admins", "admin", WRITE, admins_create},
    {API_GET, V1 "/admins/{admin}", "admin", READ, admins_get},
    {API_PATCH, V1 "/admins/{admin}", "admin", WRITE, admins_patch},
    {API_DELETE, V1 "/admins/{admin}", "admin", WRITE, admins_delete},
    {API_POST, V1 "/admins/{admin}/link", "admin", WRITE, admins_link},
    {API_GET, V1 "/admin-sessions", "admin", READ, admin_sessions_list},
    {API_DELETE, V1 "/admin-sessions/{session}", "admin", WRITE, admin_sessions_end},

    {API_GET, V1 "/signing-keys", "admin", READ, signing_keys_list},
    {API_POST, V1 "/signing-keys", "admin", WRITE, signing_keys_rotate},
    {API_DELETE, V1 "/signing-keys/{key}", "admin", WRITE, signing_keys_revoke},
};

const size_t api_route_count = COUNT_OF(api_routes);
