/*
 * inlay token: API tokens.
 */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/url.h"

static const struct column token_columns[] = {
    {"NAME", "name"},         {"SCOPES", "scopes"},        {"ENDS IN", "last4"},
    {"CREATED", "createdAt"}, {"LAST USED", "lastUsedAt"}, {"ID", "id"},
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

static enum exit_code token_create(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/api-tokens");
    struct answer answer = ANSWER_NONE;
    json_t *body = json_pack(
        "{s:s, s:s*, s:o, s:o, s:s*}", "name", invocation->arguments[0], "description",
        option_value(invocation, "--description"), "scopes", array_of(invocation, "--scope"),
        "portals", array_of(invocation, "--portal"), "workspaceId", client_workspace(client));
    REQUIRE(body != NULL);
    enum exit_code code =
        !option_given(invocation, "--scope")
            ? output_fail(EXIT_USAGE, "Say what the token may do with --scope; a portal's backend "
                                      "needs --scope embed.")
            : client_call(client, "POST", &path, body, &answer);
    if (!code && client_prints_json(client)) {
        output_answer(client, &answer, NULL, 0);
    } else if (!code) {
        /* The secret alone on standard output, for $(…). */
        output_note("This is the only time that the token is shown:");
        printf("%s\n", json_string_value(json_object_get(answer.json, "token")));
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
