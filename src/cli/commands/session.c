/*
 * inlay session
 */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column session_columns[] = {
    {"STATUS", "status"},
    {"APP", "app.slug"},
    {"EMAIL", "user.email"},
    {"EXTERNAL ID", "user.externalIdentifier"},
    {"ADDRESS", "address"},
    {"OPENED", "createdAt"},
    {"EXPIRES", "expiresAt"},
    {"END", "endReason"},
    {"ID", "id"},
};

static const struct column session_record[] = {
    {"id", "id"},
    {"status", "status"},
    {"app", "app.slug"},
    {"user", "user.id"},
    {"email", "user.email"},
    {"external id", "user.externalIdentifier"},
    {"link", "linkId"},
    {"groups", "claims.groups"},
    {"metadata", "claims.metadata"},
    {"environment", "claims.environment"},
    {"branch", "claims.branch"},
    {"release", "claims.releaseVersion"},
    {"origin", "origin"},
    {"address", "address"},
    {"browser", "userAgent"},
    {"opened", "createdAt"},
    {"last used", "lastUsedAt"},
    {"expires", "expiresAt"},
    {"ended", "endedAt"},
    {"end reason", "endReason"},
};

static enum exit_code session_list(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/sessions");
    url_add_query(&path, "status", option_value(invocation, "--status"));
    enum exit_code code = resolve_filters(invocation, client, &path);
    if (code) {
        buf_done(&path);
        return code;
    }
    return output_list(client, path, session_columns, COUNT_OF(session_columns),
                       "There are no such sessions.");
}

static enum exit_code session_show(const struct invocation *invocation, struct client *client)
{
    return output_object(client, url_path("/api/v1/sessions/{}", invocation->arguments[0]),
                         session_record, COUNT_OF(session_record));
}

static void add_clear_storage(const struct invocation *invocation, struct buf *path)
{
    url_add_query(path, "clearStorage",
                  option_given(invocation, "--clear-storage") ? "true" : NULL);
}

static enum exit_code end_many(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/sessions");
    struct answer answer = ANSWER_NONE;
    add_clear_storage(invocation, &path);
    enum exit_code code = resolve_filters(invocation, client, &path);
    if (!code) {
        code = client_call(client, "DELETE", &path, NULL, &answer);
    }
    if (!code && client_prints_json(client)) {
        output_answer(client, &answer, NULL, 0);
    } else if (!code) {
        json_int_t ended = json_integer_value(json_object_get(answer.json, "ended"));
        output_say(client, "Ended %" JSON_INTEGER_FORMAT " session%s.", ended,
                   ended == 1 ? "" : "s");
    }
    client_answer_done(&answer);
    buf_done(&path);
    return code;
}

static enum exit_code session_clear_storage(const struct invocation *invocation,
                                            struct client *client)
{
    if (!option_given(invocation, "--user") && !option_given(invocation, "--app")) {
        return output_fail(EXIT_USAGE, "Say whose storage to clear: --app, --user, or both.");
    }
    struct buf path = url_path("/api/v1/browser-storage");
    enum exit_code code = resolve_filters(invocation, client, &path);
    if (code) {
        buf_done(&path);
        return code;
    }
    return output_call(client, "DELETE", path,
                       "Each browser clears it when it opens the app next.");
}

static enum exit_code session_end(const struct invocation *invocation, struct client *client)
{
    bool has_filter = option_given(invocation, "--user") || option_given(invocation, "--app");
    if (has_filter == (invocation->argument_count == 1)) {
        return output_fail(EXIT_USAGE,
                           "Say which sessions to end: one by its ID, or all of --user or "
                           "--app.");
    }
    if (has_filter) {
        return end_many(invocation, client);
    }
    struct buf path = url_path("/api/v1/sessions/{}", invocation->arguments[0]);
    add_clear_storage(invocation, &path);
    return output_call(client, "DELETE", path, "Ended the session %s.", invocation->arguments[0]);
}

static const struct column origin_columns[] = {
    {"ORIGINS", "origins"},  {"APP", "app.slug"},
    {"EMAIL", "user.email"}, {"EXTERNAL ID", "user.externalIdentifier"},
    {"USER", "user.id"},
};

static enum exit_code session_origins(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/usage/origins");
    enum exit_code code = resolve_filters(invocation, client, &path);
    if (code) {
        buf_done(&path);
        return code;
    }
    return output_list(client, path, origin_columns, COUNT_OF(origin_columns),
                       "Nobody got a new origin in the last seven days.");
}

static const struct option list_options[] = {
    {.name = "--user", .value = "USER", .help = "Only of this user (id or email address)."},
    {.name = "--app", .value = "APP", .help = "Only of this app (slug or id)."},
    {.name = "--status", .value = "STATUS", .help = "active or ended."},
    {.name = NULL},
};

static const struct option origin_options[] = {
    {.name = "--user", .value = "USER", .help = "Only of this user (id or email address)."},
    {.name = "--app", .value = "APP", .help = "Only of this app (slug or id)."},
    {.name = NULL},
};

static const struct option end_options[] = {
    {.name = "--user", .value = "USER", .help = "All sessions of this user (id or email address)."},
    {.name = "--app", .value = "APP", .help = "All sessions of this app (slug or id)."},
    {.name = "--clear-storage", .help = "Also clear what browsers keep of the app."},
    {.name = NULL},
};

static const struct option clear_options[] = {
    {.name = "--user", .value = "USER", .help = "Of this user (id or email address)."},
    {.name = "--app", .value = "APP", .help = "Of this app (slug or id)."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = session_list,
     .arguments = "",
     .summary = "List the sessions, newest first.",
     .options = list_options,
     .examples = "inlay session list --status active\n"
                 "inlay session list --user ann@acme.example --app orders"},
    {.verb = "show",
     .kind = COMMAND_CLIENT,
     .call = session_show,
     .arguments = "ID",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Show a session.",
     .examples = "inlay session show 0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f"},
    {.verb = "origins",
     .kind = COMMAND_CLIENT,
     .call = session_origins,
     .arguments = "",
     .summary = "Count the origins that users got in the last seven days, the most first.",
     .options = origin_options,
     .examples = "inlay session origins --app orders"},
    {.verb = "end",
     .kind = COMMAND_CLIENT,
     .call = session_end,
     .arguments = "[ID]",
     .arguments_min = 0,
     .arguments_max = 1,
     .summary = "End a session, or all of a user or an app, at once.",
     .options = end_options,
     .examples = "inlay session end 0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f\n"
                 "inlay session end --user ann@acme.example\n"
                 "inlay session end --app orders --clear-storage"},
    {.verb = "clear-storage",
     .kind = COMMAND_CLIENT,
     .call = session_clear_storage,
     .arguments = "",
     .summary = "Clear what browsers keep of an app: caches, storage, service workers.",
     .notes = "Each address of the app does it once, in the browser that opens it next. Cookies "
              "and sessions stay.",
     .options = clear_options,
     .examples = "inlay session clear-storage --app orders\n"
                 "inlay session clear-storage --user ann@acme.example"},
};

const struct family session_family = {"session", "List and end sessions, and clear browsers.",
                                      commands, COUNT_OF(commands)};
