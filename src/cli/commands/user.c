/*
 * inlay user
 */
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column user_columns[] = {
    {"EMAIL", "email"},     {"EXTERNAL ID", "externalIdentifier"},
    {"KIND", "kind"},       {"STATUS", "status"},
    {"FIRST", "firstName"}, {"LAST", "lastName"},
    {"GROUPS", "groups"},   {"ID", "id"},
};

static const struct column user_record[] = {
    {"id", "id"},
    {"kind", "kind"},
    {"email", "email"},
    {"external id", "externalIdentifier"},
    {"first name", "firstName"},
    {"last name", "lastName"},
    {"status", "status"},
    {"groups", "groups"},
    {"metadata", "metadata"},
    {"created", "createdAt"},
    {"updated", "updatedAt"},
};

static enum exit_code user_create(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/users");
    json_t *body = json_pack("{s:s, s:s*, s:s*}", "email", invocation->arguments[0], "firstName",
                             option_value(invocation, "--first-name"), "lastName",
                             option_value(invocation, "--last-name"));
    url_add_workspace(&path, client);
    REQUIRE(body != NULL);
    return output_sent_object(client, "POST", path, body, user_record, COUNT_OF(user_record));
}

static enum exit_code user_list(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/users");
    url_add_query(&path, "kind", option_value(invocation, "--kind"));
    url_add_query(&path, "status", option_value(invocation, "--status"));
    url_add_workspace(&path, client);
    return output_list(client, path, user_columns, COUNT_OF(user_columns),
                       "There are no such users.");
}

static enum exit_code user_show(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_user(client, invocation->arguments[0], id);
    return code ? code
                : output_object(client, url_path("/api/v1/users/{}", id), user_record,
                                COUNT_OF(user_record));
}

static enum exit_code set_status(const struct invocation *invocation, struct client *client,
                                 const char *status)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_user(client, invocation->arguments[0], id);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/users/{}", id);
    json_t *body = json_pack("{s:s}", "status", status);
    REQUIRE(body != NULL);
    return output_sent_object(client, "PATCH", path, body, user_record, COUNT_OF(user_record));
}

static enum exit_code user_archive(const struct invocation *invocation, struct client *client)
{
    return set_status(invocation, client, "archived");
}

static enum exit_code user_restore(const struct invocation *invocation, struct client *client)
{
    return set_status(invocation, client, "active");
}

static enum exit_code user_delete(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_user(client, invocation->arguments[0], id);
    return code
               ? code
               : output_call(client, "DELETE", url_path("/api/v1/users/{}", id),
                             "Deleted the user %s; open sessions ended.", invocation->arguments[0]);
}

static const struct option create_options[] = {
    {.name = "--first-name", .value = "NAME", .help = "First name."},
    {.name = "--last-name", .value = "NAME", .help = "Last name."},
    {.name = NULL},
};

static const struct option list_options[] = {
    {.name = "--kind",
     .value = "KIND",
     .help = "internal: made by an admin; external: made by an embed request."},
    {.name = "--status", .value = "STATUS", .help = "active or archived."},
    {.name = NULL},
};

#define USER_NOTES "USER is the id or the email address of a user."

static const struct command commands[] = {
    {.verb = "create",
     .kind = COMMAND_CLIENT,
     .call = user_create,
     .arguments = "EMAIL",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create an internal user.",
     .options = create_options,
     .examples = "inlay user create ann@acme.example --first-name Ann --last-name Lee"},
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = user_list,
     .arguments = "",
     .summary = "List the users.",
     .options = list_options,
     .examples = "inlay user list\ninlay user list --kind external --status active"},
    {.verb = "show",
     .kind = COMMAND_CLIENT,
     .call = user_show,
     .arguments = "USER",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Show a user.",
     .notes = USER_NOTES,
     .examples = "inlay user show ann@acme.example"},
    {.verb = "archive",
     .kind = COMMAND_CLIENT,
     .call = user_archive,
     .arguments = "USER",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Take all access from a user; open sessions end at once.",
     .notes = USER_NOTES,
     .examples = "inlay user archive ann@acme.example"},
    {.verb = "restore",
     .kind = COMMAND_CLIENT,
     .call = user_restore,
     .arguments = "USER",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Undo an archive.",
     .notes = USER_NOTES,
     .examples = "inlay user restore ann@acme.example"},
    {.verb = "delete",
     .kind = COMMAND_CLIENT,
     .call = user_delete,
     .arguments = "USER",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Delete a user and end their sessions; the audit log keeps their events.",
     .notes = USER_NOTES,
     .examples = "inlay user delete ann@acme.example"},
};

const struct family user_family = {"user", "Manage users.", commands, COUNT_OF(commands)};
