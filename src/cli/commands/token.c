/*
 * inlay token: API tokens.
 */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column token_columns[] = {
    {"NAME", "name"},
    {"SCOPES", "scopes"},
    {"APPS", "apps"},
    {"ENDS IN", "last4"},
    {"CREATED", "createdAt"},
    {"EXPIRES", "expiresAt"},
    {"LAST USED", "lastUsedAt"},
    {"FROM", "lastUsedAddress"},
    {"ID", "id"},
};

/* The values of an option that repeats, as an array. */
static json_t *array_of(const struct invocation *invocation, const char *option)
{
    const char *values[OPTIONS_MAX];
    size_t count = option_values(invocation, option, values);
    json_t *list = json_array();
    REQUIRE(list != NULL);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(json_array_append_new(list, json_string(values[i])) == 0);
    }
    return list;
}

/* Ends the answer, which holds the secret. */
static void show_secret(const struct client *client, struct answer *answer)
{
    if (client_prints_json(client)) {
        output_answer(client, answer, NULL, 0);
    } else {
        /* The secret alone on standard output, for $(…). */
        output_note("This is the only time that the token is shown:");
        printf("%s\n", json_string_value(json_object_get(answer->json, "token")));
    }
}

/* Sets what the option says, if it is given. */
static bool set_number(json_t *body, const struct invocation *invocation, const char *option,
                       const char *member, int64_t min)
{
    int64_t number = -1;
    if (!option_int64(invocation, option, min, INT32_MAX, &number)) {
        return false;
    }
    REQUIRE(number < 0 || json_object_set_new(body, member, json_integer(number)) == 0);
    return true;
}

/* The apps that the token is limited to, by their ids. */
static enum exit_code set_apps(json_t *body, const struct invocation *invocation,
                               struct client *client)
{
    const char *words[OPTIONS_MAX];
    size_t count = option_values(invocation, "--app", words);
    json_t *apps = json_array();
    enum exit_code code = EXIT_DONE;
    REQUIRE(apps != NULL);
    for (size_t i = 0; i < count && !code; i++) {
        char id[UUID_TEXT_SIZE];
        code = resolve_app(client, words[i], id);
        REQUIRE(code || json_array_append_new(apps, json_string(id)) == 0);
    }
    REQUIRE(count == 0 || json_object_set(body, "apps", apps) == 0);
    json_decref(apps);
    return code;
}

static enum exit_code token_create(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/api-tokens");
    struct answer answer = ANSWER_NONE;
    json_t *body = json_pack(
        "{s:s, s:s*, s:o, s:o, s:s*}", "name", invocation->arguments[0], "description",
        option_value(invocation, "--description"), "scopes", array_of(invocation, "--scope"),
        "portals", array_of(invocation, "--portal"), "workspaceId", client_workspace(client));
    REQUIRE(body != NULL);
    enum exit_code code = EXIT_DONE;
    if (!option_given(invocation, "--scope")) {
        code = output_fail(EXIT_USAGE, "Say what the token may do with --scope; a portal's backend "
                                       "needs --scope embed.");
    } else if (!set_number(body, invocation, "--expires-in-days", "expiresInDays", 1)) {
        code = EXIT_USAGE;
    } else {
        code = set_apps(body, invocation, client);
    }
    if (!code) {
        code = client_call(client, "POST", &path, body, &answer);
    }
    if (!code) {
        show_secret(client, &answer);
    }
    client_answer_done(&answer);
    json_decref(body);
    buf_done(&path);
    return code;
}

static enum exit_code token_rotate(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/api-tokens/{}/rotate", invocation->arguments[0]);
    struct answer answer = ANSWER_NONE;
    json_t *body = json_object();
    enum exit_code code = EXIT_USAGE;
    if (set_number(body, invocation, "--expires-in-days", "expiresInDays", 1) &&
        set_number(body, invocation, "--overlap-minutes", "overlapMinutes", 0)) {
        code = client_call(client, "POST", &path, body, &answer);
    }
    if (!code) {
        show_secret(client, &answer);
    }
    client_answer_done(&answer);
    json_decref(body);
    buf_done(&path);
    return code;
}

static enum exit_code token_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    struct buf path = url_path("/api/v1/api-tokens");
    url_add_workspace(&path, client);
    return output_list(client, path, token_columns, COUNT_OF(token_columns),
                       "There are no API tokens; \"inlay token create NAME\" makes one.");
}

static enum exit_code token_revoke(const struct invocation *invocation, struct client *client)
{
    return output_call(client, "DELETE",
                       url_path("/api/v1/api-tokens/{}", invocation->arguments[0]),
                       "Revoked the API token %s.", invocation->arguments[0]);
}

static const struct option create_options[] = {
    {.name = "--scope",
     .value = "SCOPE",
     .repeats = true,
     .help = "What the token may do: embed (mint links), NOUN:read or NOUN:write for workspaces, "
             "users, groups, apps, releases, environments, api-tokens, links, sessions and "
             "events, or admin (everything)."},
    {.name = "--description", .value = "TEXT", .help = "What the token is for."},
    {.name = "--portal",
     .value = "ORIGIN",
     .repeats = true,
     .help = "Lets its links name a portal that the app does not have, such as "
             "https://*.customers.example."},
    {.name = "--app",
     .value = "APP",
     .repeats = true,
     .help =
         "Limits it to this app (slug or id); with the scopes embed, apps:read, releases:read and "
         "releases:write only."},
    {.name = "--expires-in-days", .value = "N", .help = "When it ends; never by default."},
    {.name = NULL},
};

static const struct option rotate_options[] = {
    {.name = "--overlap-minutes",
     .value = "N",
     .help = "How long the old one works beside the new one (default 1440, a day)."},
    {.name = "--expires-in-days",
     .value = "N",
     .help = "When the new one ends; by default it lives as long as the old one was to."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.verb = "create",
     .kind = COMMAND_CLIENT,
     .call = token_create,
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create an API token and print its secret, this once.",
     .options = create_options,
     .examples = "inlay token create portal --scope embed\n"
                 "inlay token create ci --scope apps:write --scope releases:write"},
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = token_list,
     .arguments = "",
     .summary = "List the API tokens, without their secrets.",
     .examples = "inlay token list"},
    {.verb = "rotate",
     .kind = COMMAND_CLIENT,
     .call = token_rotate,
     .arguments = "ID",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Make a new API token in the place of another, and let both work for a while.",
     .options = rotate_options,
     .examples = "inlay token rotate 0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f\n"
                 "inlay token rotate 0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f --overlap-minutes 0"},
    {.verb = "revoke",
     .kind = COMMAND_CLIENT,
     .call = token_revoke,
     .arguments = "ID",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Revoke an API token; it is refused from the next request on.",
     .examples = "inlay token revoke 0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f"},
};

const struct family token_family = {"token", "Manage API tokens.", commands, COUNT_OF(commands)};
