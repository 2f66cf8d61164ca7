/*
 * inlay group: who may use which app.
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column group_columns[] = {
    {"ID", "id"},         {"NAME", "name"},         {"MEMBERS", "memberCount"},
    {"APPS", "appCount"}, {"CREATED", "createdAt"},
};

static const struct column group_record[] = {
    {"id", "id"},         {"name", "name"},         {"members", "memberCount"},
    {"apps", "appCount"}, {"created", "createdAt"},
};

static const struct column member_columns[] = {
    {"EMAIL", "email"},
    {"EXTERNAL ID", "externalIdentifier"},
    {"STATUS", "status"},
    {"ID", "id"},
};

static const struct column app_columns[] = {
    {"SLUG", "slug"},
    {"NAME", "name"},
    {"RELEASE", "currentRelease"},
    {"ID", "id"},
};

static enum exit_code group_create(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/groups");
    json_t *body = json_pack("{s:s}", "name", invocation->arguments[0]);
    url_add_workspace(&path, client);
    REQUIRE(body != NULL);
    return output_sent_object(client, "POST", path, body, group_record, COUNT_OF(group_record));
}

static enum exit_code group_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    struct buf path = url_path("/api/v1/groups");
    url_add_workspace(&path, client);
    return output_list(client, path, group_columns, COUNT_OF(group_columns),
                       "There are no groups yet; \"inlay group create NAME\" makes one.");
}

static enum exit_code group_delete(const struct invocation *invocation, struct client *client)
{
    char group[GROUP_ID_TEXT_SIZE];
    enum exit_code code = resolve_group(client, invocation->arguments[0], group);
    return code ? code
                : output_call(client, "DELETE", url_path("/api/v1/groups/{}", group),
                              "Deleted the group %s.", invocation->arguments[0]);
}

static enum exit_code change_members(const struct invocation *invocation, struct client *client,
                                     const char *method)
{
    char group[GROUP_ID_TEXT_SIZE];
    enum exit_code code = resolve_group(client, invocation->arguments[0], group);
    for (size_t i = 1; !code && i < invocation->argument_count; i++) {
        char user[UUID_TEXT_SIZE];
        const char *word = invocation->arguments[i];
        code = resolve_user(client, word, user);
        if (!code) {
            bool adds = strcmp(method, "PUT") == 0;
            code =
                output_call(client, method, url_path("/api/v1/groups/{}/members/{}", group, user),
                            adds ? "%s is in the group %s." : "%s is not in the group %s.", word,
                            invocation->arguments[0]);
        }
    }
    return code;
}

static enum exit_code group_add(const struct invocation *invocation, struct client *client)
{
    return change_members(invocation, client, "PUT");
}

static enum exit_code group_remove(const struct invocation *invocation, struct client *client)
{
    return change_members(invocation, client, "DELETE");
}

static enum exit_code change_apps(const struct invocation *invocation, struct client *client,
                                  const char *method)
{
    char group[GROUP_ID_TEXT_SIZE];
    enum exit_code code = resolve_group(client, invocation->arguments[0], group);
    for (size_t i = 1; !code && i < invocation->argument_count; i++) {
        char app[APP_WORD_SIZE];
        const char *word = invocation->arguments[i];
        code = resolve_app_word(client, word, app);
        if (!code) {
            bool allows = strcmp(method, "PUT") == 0;
            code = output_call(client, method, url_path("/api/v1/groups/{}/apps/{}", group, app),
                               allows ? "The group %s may use %s."
                                      : "The group %s does not give access to %s.",
                               invocation->arguments[0], word);
        }
    }
    return code;
}

static enum exit_code group_allow(const struct invocation *invocation, struct client *client)
{
    return change_apps(invocation, client, "PUT");
}

static enum exit_code group_disallow(const struct invocation *invocation, struct client *client)
{
    return change_apps(invocation, client, "DELETE");
}

static enum exit_code group_members(const struct invocation *invocation, struct client *client)
{
    char group[GROUP_ID_TEXT_SIZE];
    enum exit_code code = resolve_group(client, invocation->arguments[0], group);
    return code ? code
                : output_list(client, url_path("/api/v1/groups/{}/members", group), member_columns,
                              COUNT_OF(member_columns), "The group has no members.");
}

static enum exit_code group_apps(const struct invocation *invocation, struct client *client)
{
    char group[GROUP_ID_TEXT_SIZE];
    enum exit_code code = resolve_group(client, invocation->arguments[0], group);
    return code ? code
                : output_list(client, url_path("/api/v1/groups/{}/apps", group), app_columns,
                              COUNT_OF(app_columns), "The group may use no app.");
}

#define GROUP_NOTES "GROUP is the id or the name of a group."

static const struct command commands[] = {
    {.verb = "create",
     .kind = COMMAND_CLIENT,
     .call = group_create,
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create a group.",
     .examples = "inlay group create customers"},
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = group_list,
     .arguments = "",
     .summary = "List the groups.",
     .examples = "inlay group list"},
    {.verb = "delete",
     .kind = COMMAND_CLIENT,
     .call = group_delete,
     .arguments = "GROUP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Delete a group; sessions that only it allowed end.",
     .notes = GROUP_NOTES,
     .examples = "inlay group delete customers"},
    {.verb = "add",
     .kind = COMMAND_CLIENT,
     .call = group_add,
     .arguments = "GROUP USER…",
     .arguments_min = 2,
     .arguments_max = ARGUMENTS_MAX,
     .summary = "Add users to a group.",
     .notes = GROUP_NOTES " USER is the id or the email address of a user.",
     .examples = "inlay group add customers ann@acme.example bob@acme.example"},
    {.verb = "remove",
     .kind = COMMAND_CLIENT,
     .call = group_remove,
     .arguments = "GROUP USER…",
     .arguments_min = 2,
     .arguments_max = ARGUMENTS_MAX,
     .summary = "Remove users from a group; sessions that only it allowed end.",
     .notes = GROUP_NOTES " USER is the id or the email address of a user.",
     .examples = "inlay group remove customers ann@acme.example"},
    {.verb = "allow",
     .kind = COMMAND_CLIENT,
     .call = group_allow,
     .arguments = "GROUP APP…",
     .arguments_min = 2,
     .arguments_max = ARGUMENTS_MAX,
     .summary = "Let a group use apps.",
     .notes = GROUP_NOTES " APP is the slug or the id of an app.",
     .examples = "inlay group allow customers orders"},
    {.verb = "disallow",
     .kind = COMMAND_CLIENT,
     .call = group_disallow,
     .arguments = "GROUP APP…",
     .arguments_min = 2,
     .arguments_max = ARGUMENTS_MAX,
     .summary = "Take apps from a group; sessions that only it allowed end.",
     .notes = GROUP_NOTES " APP is the slug or the id of an app.",
     .examples = "inlay group disallow customers orders"},
    {.verb = "members",
     .kind = COMMAND_CLIENT,
     .call = group_members,
     .arguments = "GROUP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "List the members of a group.",
     .notes = GROUP_NOTES,
     .examples = "inlay group members customers"},
    {.verb = "apps",
     .kind = COMMAND_CLIENT,
     .call = group_apps,
     .arguments = "GROUP",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "List the apps that a group may use.",
     .notes = GROUP_NOTES,
     .examples = "inlay group apps customers"},
};

const struct family group_family = {"group", "Manage groups and their access to apps.", commands,
                                    COUNT_OF(commands)};
