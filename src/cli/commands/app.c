/*
 * inlay app: apps, their releases and branches.
 */
#include <errno.h>

#include "base/limits.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column app_columns[] = {
    {"SLUG", "slug"},       {"NAME", "name"}, {"RELEASE", "currentRelease"},
    {"PORTALS", "portals"}, {"ID", "id"},
};

static const struct column app_record[] = {
    {"id", "id"},
    {"slug", "slug"},
    {"name", "name"},
    {"kind", "kind"},
    {"release", "currentRelease"},
    {"portals", "portals"},
    {"start path", "startPath"},
    {"service workers", "serviceWorkers"},
    {"top level", "topLevel"},
    {"strict", "strict"},
    {"volatile metadata", "volatileMetadata"},
    {"idle timeout", "idleTimeoutMinutes"},
    {"sessions per user", "sessionsPerUser"},
    {"workspace", "workspaceId"},
    {"created", "createdAt"},
    {"updated", "updatedAt"},
};

static const struct column upstream_record[] = {
    {"id", "id"},
    {"slug", "slug"},
    {"name", "name"},
    {"kind", "kind"},
    {"upstream", "upstream.url"},
    {"environments", "upstream.environments"},
    {"host header", "upstream.hostHeader"},
    {"connect timeout", "upstream.connectTimeoutSeconds"},
    {"read timeout", "upstream.readTimeoutSeconds"},
    {"body max", "upstream.bodyMaxBytes"},
    {"tls verify", "upstream.tlsVerify"},
    {"trusted headers", "upstream.trustedHeaders"},
    {"portals", "portals"},
    {"start path", "startPath"},
    {"service workers", "serviceWorkers"},
    {"top level", "topLevel"},
    {"strict", "strict"},
    {"volatile metadata", "volatileMetadata"},
    {"idle timeout", "idleTimeoutMinutes"},
    {"sessions per user", "sessionsPerUser"},
    {"workspace", "workspaceId"},
    {"created", "createdAt"},
    {"updated", "updatedAt"},
};

static const struct column release_columns[] = {
    {"VERSION", "version"},   {"CURRENT", "current"}, {"FILES", "files"},   {"BYTES", "bytes"},
    {"CREATED", "createdAt"}, {"BY", "createdBy"},    {"DIGEST", "digest"},
};

static const struct column branch_columns[] = {
    {"NAME", "name"},         {"FILES", "files"},   {"BYTES", "bytes"},
    {"UPDATED", "updatedAt"}, {"DIGEST", "digest"},
};

/* Ends the answer. */
static void show_app(const struct client *client, struct answer *answer)
{
    if (json_is_object(json_object_get(answer->json, "upstream"))) {
        output_answer(client, answer, upstream_record, COUNT_OF(upstream_record));
    } else {
        output_answer(client, answer, app_record, COUNT_OF(app_record));
    }
}

/* The values of an option that repeats, "[]" if there are none any more, or NULL if the options say
 * nothing. */
static json_t *list_of(const struct invocation *invocation, const char *option, const char *none)
{
    const char *values[OPTIONS_MAX];
    size_t count = option_values(invocation, option, values);
    if (count == 0 && !option_given(invocation, none)) {
        return NULL;
    }
    json_t *list = json_array();
    REQUIRE(list != NULL);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(json_array_append_new(list, json_string(values[i])) == 0);
    }
    return list;
}

/* "none" or a number. */
static enum exit_code set_limit(const struct invocation *invocation, json_t *body,
                                const char *option, const char *member)
{
    const char *value = option_value(invocation, option);
    int64_t number = 0;
    if (value == NULL) {
        return EXIT_DONE;
    }
    bool is_none = strcmp(value, "none") == 0;
    if (!is_none && !str_to_int64(str_from(value), 1, INT32_MAX, &number)) {
        return output_fail(EXIT_USAGE, "%s takes a number, or \"none\" for no limit.", option);
    }
    json_t *limit = is_none ? json_null() : json_integer(number);
    REQUIRE(json_object_set_new(body, member, limit) == 0);
    return EXIT_DONE;
}

static enum exit_code set_limits(const struct invocation *invocation, json_t *body)
{
    enum exit_code code = set_limit(invocation, body, "--idle-timeout", "idleTimeoutMinutes");
    return code ? code : set_limit(invocation, body, "--sessions-per-user", "sessionsPerUser");
}

static void set_text(json_t *body, const char *member, const char *value)
{
    REQUIRE(value == NULL || json_object_set_new(body, member, json_string(value)) == 0);
}

static void set_list(json_t *body, const char *member, json_t *list)
{
    REQUIRE(list == NULL || json_object_set_new(body, member, list) == 0);
}

/* Settings that apps of all kinds have. */
static json_t *settings_of(const struct invocation *invocation)
{
    json_t *body = json_object();
    REQUIRE(body != NULL);
    set_text(body, "slug", option_value(invocation, "--slug"));
    set_text(body, "startPath", option_value(invocation, "--start-path"));
    set_text(body, "serviceWorkers", option_value(invocation, "--service-workers"));
    set_text(body, "topLevel", option_value(invocation, "--top-level"));
    set_list(body, "portals", list_of(invocation, "--portal", "--no-portal"));
    set_list(body, "volatileMetadata",
             list_of(invocation, "--volatile-metadata", "--no-volatile-metadata"));
    bool is_strict = option_given(invocation, "--strict");
    if (is_strict || option_given(invocation, "--no-strict")) {
        REQUIRE(json_object_set_new(body, "strict", json_boolean(is_strict)) == 0);
    }
    return body;
}

/* ---- the app's server ---- */

static enum exit_code set_numbers(const struct invocation *invocation, json_t *upstream)
{
    static const struct {
        const char *option;
        const char *member;
        int64_t min;
        int64_t max;
    } numbers[] = {
        {"--connect-timeout", "connectTimeoutSeconds", 1, 3600},
        {"--read-timeout", "readTimeoutSeconds", 1, 3600},
        {"--body-max", "bodyMaxBytes", 0, INT64_C(1) << 40},
    };
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t value = -1;
        if (!option_int64(invocation, numbers[i].option, numbers[i].min, numbers[i].max, &value)) {
            return EXIT_USAGE;
        }
        if (value >= 0) {
            REQUIRE(json_object_set_new(upstream, numbers[i].member, json_integer(value)) == 0);
        }
    }
    return EXIT_DONE;
}

static enum exit_code set_tls(const struct invocation *invocation, json_t *upstream)
{
    const char *path = option_value(invocation, "--tls-ca");
    char pem[LIMIT_UPSTREAM_CA_BYTES + 1]; /* the server says if it is too long */
    if (option_given(invocation, "--no-tls-verify") || option_given(invocation, "--tls-verify")) {
        REQUIRE(json_object_set_new(upstream, "tlsVerify",
                                    json_boolean(option_given(invocation, "--tls-verify"))) == 0);
    }
    if (option_given(invocation, "--no-tls-ca")) {
        REQUIRE(json_object_set_new(upstream, "tlsCa", json_null()) == 0);
    }
    if (path == NULL) {
        return EXIT_DONE;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return output_fail(EXIT_LOCAL, "%s cannot be read: %s.", path, strerror(errno));
    }
    json_t *text = json_stringn(pem, fread(pem, 1, sizeof(pem), file));
    fclose(file);
    if (text == NULL) {
        return output_fail(EXIT_LOCAL, "%s holds no certificates in PEM form.", path);
    }
    REQUIRE(json_object_set_new(upstream, "tlsCa", text) == 0);
    return EXIT_DONE;
}

static enum exit_code set_environments(const struct invocation *invocation, json_t *upstream)
{
    const char *values[OPTIONS_MAX];
    size_t count = option_values(invocation, "--environment-upstream", values);
    if (count == 0 && !option_given(invocation, "--no-environment-upstream")) {
        return EXIT_DONE;
    }
    json_t *environments = json_object();
    REQUIRE(json_object_set_new(upstream, "environments", environments) == 0);
    for (size_t i = 0; i < count; i++) {
        struct str url = str_from(values[i]);
        struct str name = str_cut(&url, '=');
        if (name.len == 0 || url.len == 0) {
            return output_fail(EXIT_USAGE, "--environment-upstream takes NAME=URL, not \"%s\".",
                               values[i]);
        }
        REQUIRE(json_object_setn_new(environments, name.ptr, name.len,
                                     json_stringn(url.ptr, url.len)) == 0);
    }
    return EXIT_DONE;
}

static void set_trusted_headers(const struct invocation *invocation, json_t *upstream)
{
    const char *values[OPTIONS_MAX];
    size_t count = option_values(invocation, "--trusted-header", values);
    if (count == 0 && !option_given(invocation, "--no-trusted-header")) {
        return;
    }
    json_t *names = json_array();
    REQUIRE(json_object_set_new(upstream, "trustedHeaders", names) == 0);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(json_array_append_new(names, json_string(values[i])) == 0);
    }
}

/* What the options say of it; NULL if they say nothing. */
static enum exit_code upstream_of(const struct invocation *invocation, json_t **out_upstream)
{
    json_t *upstream = json_pack("{s:s*, s:s*}", "url", option_value(invocation, "--upstream"),
                                 "hostHeader", option_value(invocation, "--host-header"));
    REQUIRE(upstream != NULL);
    set_trusted_headers(invocation, upstream);
    enum exit_code code = set_numbers(invocation, upstream);
    if (!code) {
        code = set_tls(invocation, upstream);
    }
    if (!code) {
        code = set_environments(invocation, upstream);
    }
    if (code || json_object_size(upstream) == 0) {
        json_decref(upstream);
        upstream = NULL;
    }
    *out_upstream = upstream;
    return code;
}

/* ---- commands ---- */

static enum exit_code app_create(const struct invocation *invocation, struct client *client)
{
    json_t *upstream = NULL;
    enum exit_code code = upstream_of(invocation, &upstream);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/apps");
    struct answer answer = ANSWER_NONE;
    json_t *body = settings_of(invocation);
    set_text(body, "name", invocation->arguments[0]);
    if (upstream != NULL) {
        set_text(body, "kind", "upstream");
        REQUIRE(json_object_set_new(body, "upstream", upstream) == 0);
    }
    url_add_workspace(&path, client);
    code = set_limits(invocation, body);
    if (!code) {
        code = client_call(client, "POST", &path, body, &answer);
    }
    if (!code) {
        show_app(client, &answer);
    }
    json_decref(body);
    buf_done(&path);
    return code;
}

static enum exit_code app_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    struct buf path = url_path("/api/v1/apps");
    url_add_workspace(&path, client);
    return output_list(client, path, app_columns, COUNT_OF(app_columns),
                       "There are no apps yet; \"inlay app create NAME\" makes one.");
}

static enum exit_code app_show(const struct invocation *invocation, struct client *client)
{
    char app[APP_WORD_SIZE];
    struct answer answer = ANSWER_NONE;
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/apps/{}", app);
    code = client_call(client, "GET", &path, NULL, &answer);
    if (!code) {
        show_app(client, &answer);
    }
    buf_done(&path);
    return code;
}

static enum exit_code app_update(const struct invocation *invocation, struct client *client)
{
    char app[APP_WORD_SIZE];
    json_t *upstream = NULL;
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    if (!code) {
        code = upstream_of(invocation, &upstream);
    }
    if (code) {
        return code;
    }
    struct answer answer = ANSWER_NONE;
    struct buf path = url_path("/api/v1/apps/{}", app);
    json_t *body = settings_of(invocation);
    set_text(body, "name", option_value(invocation, "--name"));
    set_text(body, "workspaceId", option_value(invocation, "--workspace-to"));
    if (upstream != NULL) {
        REQUIRE(json_object_set_new(body, "upstream", upstream) == 0);
    }
    code = set_limits(invocation, body);
    if (!code && json_object_size(body) == 0) {
        code = output_fail(EXIT_USAGE,
                           "Say what to change: --name, --slug, --start-path, --service-workers, "
                           "--top-level, --strict, --no-strict, --portal, --no-portal, "
                           "--volatile-metadata, --idle-timeout, --sessions-per-user, "
                           "--workspace-to, or an option of its server like --upstream.");
    } else if (!code) {
        code = client_call(client, "PATCH", &path, body, &answer);
    }
    if (!code) {
        show_app(client, &answer);
    }
    json_decref(body);
    buf_done(&path);
    return code;
}

static enum exit_code app_delete(const struct invocation *invocation, struct client *client)
{
    char app[APP_WORD_SIZE];
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    return code ? code
                : output_call(client, "DELETE", url_path("/api/v1/apps/{}", app),
                              "Deleted the app %s; its links are void and its sessions ended.",
                              invocation->arguments[0]);
}

static enum exit_code app_releases(const struct invocation *invocation, struct client *client)
{
    char app[APP_WORD_SIZE];
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    return code ? code
                : output_list(client, url_path("/api/v1/apps/{}/releases", app), release_columns,
                              COUNT_OF(release_columns),
                              "There is no release yet; \"inlay app deploy\" makes one.");
}

static enum exit_code app_branches(const struct invocation *invocation, struct client *client)
{
    char app[APP_WORD_SIZE];
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    return code ? code
                : output_list(client, url_path("/api/v1/apps/{}/branches", app), branch_columns,
                              COUNT_OF(branch_columns),
                              "There are no branches; \"inlay app deploy --branch\" makes one.");
}

static enum exit_code app_rollback(const struct invocation *invocation, struct client *client)
{
    char app[APP_WORD_SIZE];
    const char *version = invocation->arguments[1];
    struct answer answer = ANSWER_NONE;
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/apps/{}/releases/{}/rollback", app, version);
    code = client_call(client, "POST", &path, NULL, &answer);
    if (!code && client_prints_json(client)) {
        output_answer(client, &answer, NULL, 0);
    } else if (!code) {
        output_say(client, "%s %s is current now; open sessions show it with their next page load.",
                   invocation->arguments[0], version);
    }
    client_answer_done(&answer);
    buf_done(&path);
    return code;
}

#define UPSTREAM_OPTIONS                                                                           \
    {.name = "--upstream",                                                                         \
     .value = "URL",                                                                               \
     .help = "The app is a server that runs already, like http://127.0.0.1:8888."},                \
        {.name = "--environment-upstream",                                                         \
         .value = "NAME=URL",                                                                      \
         .repeats = true,                                                                          \
         .help = "Its address in an environment; replaces all that were set before."},             \
        {.name = "--host-header",                                                                  \
         .value = "HOST",                                                                          \
         .help = "Host that it is asked by: app, upstream, or a name; app unless set."},           \
        {.name = "--trusted-header",                                                               \
         .value = "NAME",                                                                          \
         .repeats = true,                                                                          \
         .help = "Request header that it trusts and no client may send; replaces all of before."}, \
        {.name = "--connect-timeout", .value = "SECONDS", .help = "Until it takes a connection."}, \
        {.name = "--read-timeout", .value = "SECONDS", .help = "Between two parts of an answer."}, \
        {.name = "--body-max", .value = "BYTES", .help = "Largest request body; 0 is no limit."},  \
        {.name = "--tls-ca",                                                                       \
         .value = "FILE",                                                                          \
         .help = "PEM file of CA certificates that sign the upstream's certificate."},             \
    {                                                                                              \
        .name = "--no-tls-verify", .help = "Do not check its certificate."                         \
    }

/* For all kinds. */
#define SETTING_OPTIONS                                                                            \
    {.name = "--start-path",                                                                       \
     .value = "PATH",                                                                              \
     .help = "Where links lead that name no path, such as /home; / by default."},                  \
        {.name = "--service-workers",                                                              \
         .value = "WORD",                                                                          \
         .help = "guarded (by default), unguarded-imports, or off."},                              \
        {.name = "--top-level",                                                                    \
         .value = "WORD",                                                                          \
         .help = "What opens the app in a tab: own-pages (by default) or any-page."},              \
        {.name = "--strict", .help = "Portals post links; none in a URL opens the app."},          \
        {.name = "--volatile-metadata",                                                            \
         .value = "NAME",                                                                          \
         .repeats = true,                                                                          \
         .help = "A member of metadata that takes no part in the origin, such as latestLogin."},   \
        {.name = "--idle-timeout",                                                                 \
         .value = "MINUTES",                                                                       \
         .help = "End sessions that nobody used for so long; \"none\" by default."},               \
    {                                                                                              \
        .name = "--sessions-per-user", .value = "N",                                               \
        .help = "End a user's oldest session when another one opens; \"none\" by default."         \
    }

static const struct option create_options[] = {
    UPSTREAM_OPTIONS,
    SETTING_OPTIONS,
    {.name = "--slug",
     .value = "SLUG",
     .help = "Short name for commands and links; made from NAME when left out."},
    {.name = "--portal",
     .value = "ORIGIN",
     .repeats = true,
     .help = "Origin of a page that may frame the app, like https://portal.example.com."},
    {.name = NULL},
};

static const struct option update_options[] = {
    UPSTREAM_OPTIONS,
    {.name = "--tls-verify", .help = "Check its certificate again."},
    {.name = "--no-tls-ca", .help = "Trust the system's authorities again."},
    SETTING_OPTIONS,
    {.name = "--no-volatile-metadata", .help = "All of metadata counts again."},
    {.name = "--no-trusted-header", .help = "It trusts no header but Inlay's."},
    {.name = "--no-environment-upstream", .help = "One address for all environments again."},
    {.name = "--name", .value = "NAME", .help = "New name."},
    {.name = "--no-strict", .help = "Links in URLs open the app again."},
    {.name = "--slug", .value = "SLUG", .help = "New slug; links by the old one end."},
    {.name = "--portal",
     .value = "ORIGIN",
     .repeats = true,
     .help = "Origin of a page that may frame the app; replaces all that were set before."},
    {.name = "--no-portal", .help = "No page may frame the app."},
    {.name = "--workspace-to",
     .value = "ID",
     .help = "Move the app to another workspace: its links are void and its sessions end."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.verb = "create",
     .kind = COMMAND_CLIENT,
     .call = app_create,
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create an app.",
     .options = create_options,
     .examples = "inlay app create \"Order list\" --portal https://portal.example.com\n"
                 "inlay app create notebooks --upstream http://127.0.0.1:8888 --portal "
                 "http://localhost:5173"},
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = app_list,
     .arguments = "",
     .summary = "List the apps.",
     .examples = "inlay app list\ninlay app list --json"},
    {.verb = "show",
     .kind = COMMAND_CLIENT,
     .call = app_show,
     .arguments = "APP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Show an app.",
     .notes = "APP is the slug or the id of an app.",
     .examples = "inlay app show orders"},
    {.verb = "update",
     .kind = COMMAND_CLIENT,
     .call = app_update,
     .arguments = "APP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Change an app, or move it.",
     .options = update_options,
     .examples = "inlay app update orders --name Orders\n"
                 "inlay app update orders --portal https://a.example.com --portal "
                 "https://b.example.com"},
    {.verb = "delete",
     .kind = COMMAND_CLIENT,
     .call = app_delete,
     .arguments = "APP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Delete an app with its releases; its sessions end at once.",
     .examples = "inlay app delete orders"},
    {.verb = "deploy",
     .kind = COMMAND_CLIENT,
     .call = deploy_call,
     .arguments = "APP PATH",
     .arguments_min = 2,
     .arguments_max = 2,
     .summary = "Upload static files as a release.",
     .notes = "PATH is a folder with an index.html, or a .tar.gz or .zip of one. Of a folder, "
              "node_modules and everything whose name starts with a dot stay behind, except for "
              ".well-known.",
     .options = deploy_options,
     .examples = "inlay app deploy orders ./dist --version 1.0.0\n"
                 "inlay app deploy orders build.tar.gz --branch preview"},
    {.verb = "releases",
     .kind = COMMAND_CLIENT,
     .call = app_releases,
     .arguments = "APP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "List the releases of an app.",
     .examples = "inlay app releases orders"},
    {.verb = "rollback",
     .kind = COMMAND_CLIENT,
     .call = app_rollback,
     .arguments = "APP VERSION",
     .arguments_min = 2,
     .arguments_max = 2,
     .summary = "Make a release current.",
     .examples = "inlay app rollback orders 1.0.0"},
    {.verb = "branches",
     .kind = COMMAND_CLIENT,
     .call = app_branches,
     .arguments = "APP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "List the branches of an app.",
     .examples = "inlay app branches orders"},
};

const struct family app_family = {"app", "Manage apps, releases, and branches.", commands,
                                  COUNT_OF(commands)};
