/*
 * inlay workspace
 */
#include <errno.h>

#include "base/encode.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/option.h"
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

static const struct column brand_record[] = {
    {"name", "name"},
    {"color", "color"},
    {"support", "support"},
    {"logo", "logo"},
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

/* ---- the brand ---- */

/* As a data: URL. The server knows the type by the bytes, and says what is wrong with them. */
static enum exit_code set_logo(json_t *body, const char *path)
{
    static const char start[] = "data:image/png;base64,";
    unsigned char bytes[LIMIT_LOGO_BYTES + 1];
    char url[sizeof(start) + BASE64_SIZE(sizeof(bytes))];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return output_fail(EXIT_LOCAL, "%s cannot be read: %s.", path, strerror(errno));
    }
    size_t count = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    memcpy(url, start, sizeof(start));
    base64_encode(bytes, count, url + sizeof(start) - 1);
    REQUIRE(json_object_set_new(body, "logo", json_string(url)) == 0);
    return EXIT_DONE;
}

static enum exit_code workspace_brand(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    const char *logo = option_value(invocation, "--logo");
    enum exit_code code = resolve_workspace(client, invocation->arguments[0], id);
    if (code) {
        return code;
    }
    json_t *body = json_pack("{s:s*, s:s*, s:s*}", "name", option_value(invocation, "--name"),
                             "color", option_value(invocation, "--color"), "support",
                             option_value(invocation, "--support"));
    REQUIRE(body != NULL);
    if (option_given(invocation, "--no-logo")) {
        REQUIRE(json_object_set_new(body, "logo", json_null()) == 0);
    } else if (logo != NULL) {
        code = set_logo(body, logo);
    }
    bool changes = json_object_size(body) > 0;
    if (code || !changes) {
        json_decref(body);
    }
    struct buf path = url_path("/api/v1/workspaces/{}/brand", id);
    if (code) {
        buf_done(&path);
        return code;
    }
    return changes ? output_sent_object(client, "PATCH", path, body, brand_record,
                                        COUNT_OF(brand_record))
                   : output_object(client, path, brand_record, COUNT_OF(brand_record));
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

static const struct option brand_options[] = {
    {.name = "--name", .value = "NAME", .help = "Name to show; \"\" for none."},
    {.name = "--color", .value = "COLOR", .help = "Color, such as #0f6b5c; \"\" for none."},
    {.name = "--support",
     .value = "TEXT",
     .help = "Line that says whom to ask, such as an email address; \"\" for none."},
    {.name = "--logo", .value = "FILE", .help = "PNG, JPEG or WebP file of at most 32 KiB."},
    {.name = "--no-logo", .help = "Take the logo away."},
    {.name = NULL},
};

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
    {.verb = "brand",
     .kind = COMMAND_CLIENT,
     .call = workspace_brand,
     .arguments = "WORKSPACE",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Show or change the name, logo and color of Inlay's own pages in portals.",
     .notes = WORKSPACE_NOTES,
     .options = brand_options,
     .examples = "inlay workspace brand default --name Acme --color \"#0f6b5c\" --logo acme.png\n"
                 "inlay workspace brand default --support \"support@acme.example\""},
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
