/*
 * inlay workspace
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/resolve.h"
#include "cli/url.h"

static const struct column workspace_columns[] = {
    {"NAME", "name"},
    {"STATUS", "status"},
    {"CREATED", "createdAt"},
    {"ID", "id"},
};

static const struct column workspace_record[] = {
    {"id", "id"},
    {"name", "name"},
    {"status", "status"},
    {"created", "createdAt"},
};

static enum exit_code send_workspace(struct client *client, const char *method, struct buf path,
                                     json_t *body)
{
    REQUIRE(body != NULL);
    return output_sent_object(client, method, path, body, workspace_record,
                              COUNT_OF(workspace_record));
}

static enum exit_code workspace_create(const struct invocation *invocation, struct client *client)
{
    return send_workspace(client, "POST", url_path("/api/v1/workspaces"),
                          json_pack("{s:s}", "name", invocation->arguments[0]));
}

static enum exit_code workspace_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    return output_list(client, url_path("/api/v1/workspaces"), workspace_columns,
                       COUNT_OF(workspace_columns), "There are no workspaces.");
}

static enum exit_code update(const struct invocation *invocation, struct client *client,
                             const char *member, const char *value)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_workspace(client, invocation->arguments[0], id);
    return code ? code
                : send_workspace(client, "PATCH", url_path("/api/v1/workspaces/{}", id),
                                 json_pack("{s:s}", member, value));
}

static enum exit_code workspace_rename(const struct invocation *invocation, struct client *client)
{
    return update(invocation, client, "name", invocation->arguments[1]);
}

static enum exit_code workspace_archive(const struct invocation *invocation, struct client *client)
{
    return update(invocation, client, "status", "archived");
}

static enum exit_code workspace_restore(const struct invocation *invocation, struct client *client)
{
    return update(invocation, client, "status", "active");
}

static enum exit_code workspace_delete(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_workspace(client, invocation->arguments[0], id);
    return code ? code
                : output_call(client, "DELETE", url_path("/api/v1/workspaces/{}", id),
                              "Deleted the workspace %s; open sessions ended.",
                              invocation->arguments[0]);
}

#define WORKSPACE_NOTES "WORKSPACE is the id or the name of a workspace."

static const struct command commands[] = {
    {.verb = "create",
     .kind = COMMAND_CLIENT,
     .call = workspace_create,
     .arguments = "NAME",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Create a workspace.",
     .notes = "Every other command acts in the new one with --workspace ID.",
     .examples = "inlay workspace create Acme"},
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = workspace_list,
     .arguments = "",
     .summary = "List the workspaces.",
     .examples = "inlay workspace list"},
    {.verb = "rename",
     .kind = COMMAND_CLIENT,
     .call = workspace_rename,
     .arguments = "WORKSPACE NAME",
     .arguments_min = 2,
     .arguments_max = 2,
     .summary = "Give a workspace another name.",
     .notes = WORKSPACE_NOTES,
     .examples = "inlay workspace rename default Shop"},
    {.verb = "archive",
     .kind = COMMAND_CLIENT,
     .call = workspace_archive,
     .arguments = "WORKSPACE",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Refuse all links and end all sessions of a workspace, at once.",
     .notes = WORKSPACE_NOTES,
     .examples = "inlay workspace archive Acme"},
    {.verb = "restore",
     .kind = COMMAND_CLIENT,
     .call = workspace_restore,
     .arguments = "WORKSPACE",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Undo an archive.",
     .notes = WORKSPACE_NOTES,
     .examples = "inlay workspace restore Acme"},
    {.verb = "delete",
     .kind = COMMAND_CLIENT,
     .call = workspace_delete,
     .arguments = "WORKSPACE",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Delete a workspace with everything in it; its sessions end at once.",
     .notes = WORKSPACE_NOTES,
     .examples = "inlay workspace delete Acme"},
};

const struct family workspace_family = {"workspace", "Manage workspaces (tenants).", commands,
                                        COUNT_OF(commands)};
