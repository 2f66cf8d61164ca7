/*
 * inlay environment
 */
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column environment_columns[] = {
    {"NAME", "name"},
    {"UPDATED", "updatedAt"},
    {"ID", "id"},
};

static const struct column environment_record[] = {
    {"id", "id"},
    {"name", "name"},
    {"config", "config"},
    {"created", "createdAt"},
    {"updated", "updatedAt"},
};

static enum exit_code send_environment(struct client *client, const char *method, struct buf path,
                                       json_t *body)
{
    REQUIRE(body != NULL);
    return output_sent_object(client, method, path, body, environment_record,
                              COUNT_OF(environment_record));
}

static enum exit_code read_config(const struct invocation *invocation, json_t **out_config)
{
    return option_object(invocation, "--app-config", "{\"currency\": \"EUR\"}", out_config);
}

static enum exit_code environment_create(const struct invocation *invocation, struct client *client)
{
    json_t *config = NULL;
    enum exit_code code = read_config(invocation, &config);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/environments");
    url_add_workspace(&path, client);
    return send_environment(
        client, "POST", path,
        json_pack("{s:s, s:o*}", "name", invocation->arguments[0], "config", config));
}

static enum exit_code environment_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    struct buf path = url_path("/api/v1/environments");
    url_add_workspace(&path, client);
    return output_list(client, path, environment_columns, COUNT_OF(environment_columns),
                       "There are no environments.");
}

static enum exit_code environment_show(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_environment(client, invocation->arguments[0], id);
    return code ? code
                : output_object(client, url_path("/api/v1/environments/{}", id), environment_record,
                                COUNT_OF(environment_record));
}

static enum exit_code environment_update(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    const char *name = option_value(invocation, "--name");
    json_t *config = NULL;
    if (name == NULL && !option_given(invocation, "--app-config")) {
        return output_fail(EXIT_USAGE, "Say what to change: --name or --app-config.");
    }
    enum exit_code code = read_config(invocation, &config);
    if (!code) {
        code = resolve_environment(client, invocation->arguments[0], id);
    }
    if (code) {
        json_decref(config);
        return code;
    }
    return send_environment(client, "PATCH", url_path("/api/v1/environments/{}", id),
                            json_pack("{s:s*, s:o*}", "name", name, "config", config));
}

static enum exit_code environment_delete(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_environment(client, invocation->arguments[0], id);
    return code ? code
                : output_call(client, "DELETE", url_path("/api/v1/environments/{}", id),
                              "Deleted the environment %s; open sessions of it ended.",
                              invocation->arguments[0]);
}

#define CONFIG_OPTION                                                                              \
    {                                                                                              \
        .name = "--app-config", .value = "JSON",                                                   \
        .help = "An object that apps get as config with their session."                            \
    }

static const struct option create_options[] = {
    CONFIG_OPTION,
    {.name = NULL},
};

static const struct option update_options[] = {
    {.name = "--name", .value = "NAME", .help = "New name; links that named the old one end."},
    CONFIG_OPTION,
    {.name = NULL},
};

#define ENVIRONMENT_NOTES "ENVIRONMENT is the id or the name of an environment."

static const struct command commands[] = {
    {.verb = "create",
     .kind = COMMAND_CLIENT,
     .call = environment_create,
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create an environment.",
     .notes = "Links open apps in production unless they name another environment.",
     .options = create_options,
     .examples = "inlay environment create staging --app-config '{\"currency\": \"EUR\"}'"},
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = environment_list,
     .arguments = "",
     .summary = "List the environments.",
     .examples = "inlay environment list"},
    {.verb = "show",
     .kind = COMMAND_CLIENT,
     .call = environment_show,
     .arguments = "ENVIRONMENT",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Show an environment.",
     .notes = ENVIRONMENT_NOTES,
     .examples = "inlay environment show production"},
    {.verb = "update",
     .kind = COMMAND_CLIENT,
     .call = environment_update,
     .arguments = "ENVIRONMENT",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Rename an environment, or change what its apps get.",
     .notes = ENVIRONMENT_NOTES,
     .options = update_options,
     .examples = "inlay environment update staging --app-config '{\"currency\": \"SEK\"}'"},
    {.verb = "delete",
     .kind = COMMAND_CLIENT,
     .call = environment_delete,
     .arguments = "ENVIRONMENT",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Delete an environment; sessions that run in it end at once.",
     .notes = ENVIRONMENT_NOTES,
     .examples = "inlay environment delete staging"},
};

const struct family environment_family = {"environment",
                                          "Manage environments, such as production and staging.",
                                          commands, COUNT_OF(commands)};
