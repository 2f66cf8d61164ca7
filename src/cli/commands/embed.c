/*
 * inlay embed: mints a link by either contract and prints it.
 */
#include <inttypes.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static void say_warnings(const json_t *warnings)
{
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const json_t *message = json_object_get(json_array_get(warnings, i), "message");
        output_note("Warning: %s", json_string_value(message));
    }
}

/* Prints the link alone, for $(…); of a strict app, what is posted to it on the next line. */
static enum exit_code mint(struct client *client, const char *path_text, const json_t *body,
                           const char *member)
{
    struct buf path = url_path(path_text);
    struct answer answer = ANSWER_NONE;
    enum exit_code code = client_call(client, "POST", &path, body, &answer);
    if (!code && client_prints_json(client)) {
        output_answer(client, &answer, NULL, 0);
    } else if (!code) {
        const char *link = json_string_value(json_object_get(answer.json, member));
        const char *secret = json_string_value(json_object_get(answer.json, "secret"));
        if (link == NULL) {
            code = output_fail(EXIT_REFUSED, "The server's answer holds no link.");
        } else {
            say_warnings(json_object_get(answer.json, "warnings"));
            printf("%s\n", link);
            if (secret != NULL) {
                printf("%s\n", secret);
                fprintf(stderr, "The app is strict: a form of the portal's page posts the second "
                                "line to the first, as its field \"secret\".\n");
            }
        }
    }
    client_answer_done(&answer);
    buf_done(&path);
    return code;
}

static void set_number(json_t *body, const struct invocation *invocation, const char *option,
                       const char *member, int64_t value)
{
    if (option_given(invocation, option)) {
        REQUIRE(json_object_set_new(body, member, json_integer(value)) == 0);
    }
}

/* ---- a personal access token, for an internal user ---- */

static enum exit_code embed_user(const struct invocation *invocation, struct client *client,
                                 const char *app)
{
    static const char *const others[] = {"--group",     "--metadata",    "--email",  "--first-name",
                                         "--last-name", "--environment", "--branch", "--release"};
    const char *user = option_value(invocation, "--user");
    int64_t minutes = 0;
    int64_t seconds = 0;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (option_given(invocation, others[i])) {
            return output_fail(EXIT_USAGE, "%s goes with --external, not with --user.", others[i]);
        }
    }
    if (!option_int64(invocation, "--session-minutes", 1, INT32_MAX, &minutes) ||
        !option_int64(invocation, "--link-seconds", 1, INT32_MAX, &seconds)) {
        return EXIT_USAGE;
    }
    json_t *body =
        json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*}", resolve_is_uuid(user) ? "userId" : "email",
                  user, resolve_is_uuid(app) ? "appId" : "appSlug", app, "path",
                  option_value(invocation, "--path"), "theme", option_value(invocation, "--theme"),
                  "locale", option_value(invocation, "--locale"), "portalOrigin",
                  option_value(invocation, "--portal-origin"));
    REQUIRE(body != NULL);
    set_number(body, invocation, "--session-minutes", "sessionExpiry", minutes);
    set_number(body, invocation, "--link-seconds", "patExpiry", seconds);
    enum exit_code code = mint(client, "/api/ext/users/personal-access-token", body, "redirectUrl");
    json_decref(body);
    return code;
}

/* ---- an embed URL, for an external user ---- */

static enum exit_code read_groups(const struct invocation *invocation, struct client *client,
                                  json_t *groups)
{
    const char *words[OPTIONS_MAX];
    size_t count = option_values(invocation, "--group", words);
    if (count == 0) {
        return output_fail(EXIT_USAGE, "Say which groups the user acts as, with --group.");
    }
    for (size_t i = 0; i < count; i++) {
        char id[GROUP_ID_TEXT_SIZE];
        int64_t number = 0;
        enum exit_code code = resolve_group(client, words[i], id);
        if (code) {
            return code;
        }
        REQUIRE(str_to_int64(str_from(id), 0, INT64_MAX, &number));
        REQUIRE(json_array_append_new(groups, json_integer(number)) == 0);
    }
    return EXIT_DONE;
}

/* NULL if no option names the person. */
static json_t *user_info_of(const struct invocation *invocation)
{
    json_t *info = json_pack("{s:s*, s:s*, s:s*}", "email", option_value(invocation, "--email"),
                             "firstName", option_value(invocation, "--first-name"), "lastName",
                             option_value(invocation, "--last-name"));
    REQUIRE(info != NULL);
    if (json_object_size(info) == 0) {
        json_decref(info);
        info = NULL;
    }
    return info;
}

static enum exit_code embed_external(const struct invocation *invocation, struct client *client,
                                     const char *app)
{
    char app_id[UUID_TEXT_SIZE];
    int64_t minutes = 0;
    json_t *groups = json_array();
    json_t *metadata = NULL;
    json_t *body = NULL;
    enum exit_code code = EXIT_DONE;
    REQUIRE(groups != NULL);
    if (option_given(invocation, "--link-seconds")) {
        code = output_fail(EXIT_USAGE,
                           "--link-seconds goes with --user; how long an embed URL may stay "
                           "unopened is the setting embed_link_seconds.");
        goto done;
    }
    if (option_given(invocation, "--branch") && option_given(invocation, "--release")) {
        code = output_fail(EXIT_USAGE, "Give --branch or --release, not both.");
        goto done;
    }
    if (!option_int64(invocation, "--session-minutes", 1, INT32_MAX, &minutes)) {
        code = EXIT_USAGE;
        goto done;
    }
    code = option_object(invocation, "--metadata", "{\"storeId\": 51}", &metadata);
    if (!code) {
        code = read_groups(invocation, client, groups);
    }
    if (!code) {
        code = resolve_app(client, app, app_id);
    }
    if (code) {
        goto done;
    }
    body = json_pack(
        "{s:s, s:O, s:s, s:o*, s:O*, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}", "landingPageUuid",
        app_id, "groupIds", groups, "externalIdentifier", option_value(invocation, "--external"),
        "userInfo", user_info_of(invocation), "metadata", metadata, "environment",
        option_value(invocation, "--environment"), "branch", option_value(invocation, "--branch"),
        "releaseVersion", option_value(invocation, "--release"), "path",
        option_value(invocation, "--path"), "theme", option_value(invocation, "--theme"), "locale",
        option_value(invocation, "--locale"), "portalOrigin",
        option_value(invocation, "--portal-origin"));
    REQUIRE(body != NULL);
    set_number(body, invocation, "--session-minutes", "sessionDurationMinutes", minutes);
    code = mint(client, "/api/embed-url/external-user", body, "embedUrl");
done:
    json_decref(body);
    json_decref(metadata);
    json_decref(groups);
    return code;
}

static enum exit_code embed(const struct invocation *invocation, struct client *client)
{
    bool has_user = option_given(invocation, "--user");
    if (has_user == option_given(invocation, "--external")) {
        return output_fail(
            EXIT_USAGE, "Say for whom the link is: --user EMAIL for a user that an admin made, or "
                        "--external ID for a user of the portal.");
    }
    if (client_workspace(client) != NULL) {
        return output_fail(EXIT_USAGE,
                           "Links are made in the workspace of the API token; use a token of "
                           "the other workspace instead of --workspace.");
    }
    return has_user ? embed_user(invocation, client, invocation->arguments[0])
                    : embed_external(invocation, client, invocation->arguments[0]);
}

static const struct option options[] = {
    {.name = "--user",
     .value = "USER",
     .help = "Email address or id of an internal user: makes a personal access token, which opens "
             "as many sessions as wanted until it expires."},
    {.name = "--external",
     .value = "ID",
     .help = "The portal's own name for a user: makes an embed URL, which opens once."},
    {.name = "--path",
     .value = "PATH",
     .help = "Where in the app the link leads, such as /orders/5?tab=items."},
    {.name = "--theme", .value = "THEME", .help = "How the app is to look: light, dark or system."},
    {.name = "--locale",
     .value = "LOCALE",
     .help = "Language for the app and for Inlay's own pages: a tag such as de or pt-BR."},
    {.name = "--portal-origin",
     .value = "ORIGIN",
     .help =
         "The one origin whose pages can show the link: a portal of the app, or one that the API "
         "token may name."},
    {.name = "--session-minutes", .value = "N", .help = "Length of the sessions."},
    {.name = "--link-seconds",
     .value = "N",
     .help = "With --user: how long the link opens sessions."},
    {.name = "--group",
     .value = "GROUP",
     .repeats = true,
     .help = "With --external: id or name of a group that the user acts as."},
    {.name = "--metadata",
     .value = "JSON",
     .help = "With --external: an object that the app gets."},
    {.name = "--email", .value = "EMAIL", .help = "With --external: the user's email address."},
    {.name = "--first-name", .value = "NAME", .help = "With --external: the user's first name."},
    {.name = "--last-name", .value = "NAME", .help = "With --external: the user's last name."},
    {.name = "--environment",
     .value = "NAME",
     .help = "With --external: the environment (default production)."},
    {.name = "--branch", .value = "NAME", .help = "With --external: show this branch."},
    {.name = "--release",
     .value = "VERSION",
     .help = "With --external: show this release instead of the current one."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.verb = NULL,
     .kind = COMMAND_CLIENT,
     .call = embed,
     .arguments = "APP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create a link to an app.",
     .notes = "The link goes into an iframe of a page that the app names as one of its portals.",
     .options = options,
     .examples = "inlay embed orders --user ann@acme.example\n"
                 "inlay embed orders --external acme-7 --group customers --metadata '{\"storeId\": "
                 "51}'"},
};

const struct family embed_family = {"embed", "Create a link to an app.", commands,
                                    COUNT_OF(commands)};
