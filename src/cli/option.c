#include "cli/option.h"

#include <inttypes.h>
#include <string.h>

#include "cli/output.h"

static const struct option client_options[] = {
    {.name = "--url",
     .value = "URL",
     .help = "Server to talk to (else INLAY_URL, else public_url of the settings)."},
    {.name = "--token",
     .value = "TOKEN",
     .help = "API token. Other users of this machine may see it here; INLAY_TOKEN hides it (else "
             "INLAY_API_TOKEN, else the file admin-token in the data folder)."},
    {.name = "--workspace",
     .value = "ID",
     .help =
         "Another workspace than the token's own (inlay workspace list); takes the scope admin."},
    {.name = "--json", .help = "Print the server's JSON instead of text for people."},
    {.name = "--data", .value = "PATH", .help = "Data folder to find admin-token in."},
    {.name = "--config",
     .value = "PATH",
     .help = "Settings file, for public_url and data (default inlay.yaml)."},
    {.name = NULL},
};

static const struct option settings_options[] = {
    {.name = "--config",
     .value = "PATH",
     .help = "Settings file (default inlay.yaml, if there is one)."},
    {.name = NULL},
};

const struct option *option_common(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_CLIENT:
        return client_options;
    case COMMAND_SETTINGS:
        return settings_options;
    case COMMAND_PLAIN:
        break;
    }
    return NULL;
}

const char *option_value(const struct invocation *invocation, const char *name)
{
    for (size_t i = 0; i < invocation->option_count; i++) {
        if (strcmp(invocation->options[i].option->name, name) == 0) {
            return invocation->options[i].value;
        }
    }
    return NULL;
}

bool option_given(const struct invocation *invocation, const char *name)
{
    return option_value(invocation, name) != NULL;
}

bool option_int64(const struct invocation *invocation, const char *name, int64_t min, int64_t max,
                  int64_t *out_value)
{
    const char *text = option_value(invocation, name);
    if (text != NULL && !str_to_int64(str_from(text), min, max, out_value)) {
        (void)output_fail(EXIT_USAGE, "%s must be a whole number from %" PRId64 " to %" PRId64 ".",
                          name, min, max);
        return false;
    }
    return true;
}

size_t option_values(const struct invocation *invocation, const char *name,
                     const char *out_values[OPTIONS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < invocation->option_count; i++) {
        if (strcmp(invocation->options[i].option->name, name) == 0) {
            out_values[count++] = invocation->options[i].value;
        }
    }
    return count;
}

enum exit_code option_object(const struct invocation *invocation, const char *name,
                             const char *example, json_t **out_object)
{
    const char *text = option_value(invocation, name);
    json_error_t error;
    if (text == NULL) {
        return EXIT_DONE;
    }
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(object)) {
        const char *reason = object != NULL ? "it is no object" : error.text;
        enum exit_code code = output_fail(EXIT_USAGE, "%s must be a JSON object, like '%s': %s.",
                                          name, example, reason);
        json_decref(object);
        return code;
    }
    *out_object = object;
    return EXIT_DONE;
}
