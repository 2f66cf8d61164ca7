/*
 * inlay admin: who may sign in to the console.
 */
#include "base/uuid.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/url.h"

static const struct column admin_columns[] = {
    {"EMAIL", "email"},          {"ROLE", "role"}, {"STATUS", "status"}, {"SECOND FACTOR", "totp"},
    {"SIGNED IN", "signedInAt"}, {"ID", "id"},
};

static const struct column admin_record[] = {
    {"id", "id"},
    {"email", "email"},
    {"role", "role"},
    {"status", "status"},
    {"second factor", "totp"},
    {"workspace", "workspaceId"},
    {"created", "createdAt"},
    {"created by", "createdBy"},
    {"signed in", "signedInAt"},
};

static bool matches(const json_t *admin, const char *id_or_email)
{
    const char *id = json_string_value(json_object_get(admin, "id"));
    const char *email = json_string_value(json_object_get(admin, "email"));
    return strcmp(id, id_or_email) == 0 || str_equal_nocase(str_from(email), str_from(id_or_email));
}

/* The admin's id, by id or email address. */
static enum exit_code resolve_admin(struct client *client, const char *admin,
                                    char out_id[UUID_TEXT_SIZE])
{
    struct buf path = url_path("/api/v1/admins");
    json_t *admins = NULL;
    url_add_query(&path, "search", admin);
    enum exit_code code = client_list(client, &path, LIST_EVERYTHING, &admins);
    buf_done(&path);
    for (size_t i = 0; i < json_array_size(admins); i++) {
        const json_t *one = json_array_get(admins, i);
        if (matches(one, admin)) {
            snprintf(out_id, UUID_TEXT_SIZE, "%s", json_string_value(json_object_get(one, "id")));
            json_decref(admins);
            return code;
        }
    }
    json_decref(admins);
    return code ? code : output_fail(EXIT_NOT_FOUND, "There is no admin %s.", admin);
}

static enum exit_code admin_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    return output_list(client, url_path("/api/v1/admins"), admin_columns, COUNT_OF(admin_columns),
                       "There are no admins; \"inlay admin invite EMAIL\" invites one.");
}

/* The link alone on standard output, for $(…). */
static enum exit_code show_link(struct client *client, struct buf path, const json_t *body)
{
    struct answer answer = ANSWER_NONE;
    enum exit_code code = client_call(client, "POST", &path, body, &answer);
    if (!code && client_prints_json(client)) {
        output_answer(client, &answer, NULL, 0);
    } else if (!code) {
        output_note("Give this link to the person. It works once, and is shown only here:");
        printf("%s\n", json_string_value(json_object_get(answer.json, "link")));
    }
    client_answer_done(&answer);
    buf_done(&path);
    return code;
}

static enum exit_code admin_invite(const struct invocation *invocation, struct client *client)
{
    struct buf path = url_path("/api/v1/admins");
    json_t *body = json_pack("{s:s, s:s*}", "email", invocation->arguments[0], "role",
                             option_value(invocation, "--role"));
    REQUIRE(body != NULL);
    url_add_workspace(&path, client);
    enum exit_code code = show_link(client, path, body);
    json_decref(body);
    return code;
}

static enum exit_code admin_link(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_admin(client, invocation->arguments[0], id);
    return code ? code : show_link(client, url_path("/api/v1/admins/{}/link", id), NULL);
}

static enum exit_code admin_role(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    struct answer answer = ANSWER_NONE;
    enum exit_code code = resolve_admin(client, invocation->arguments[0], id);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/admins/{}", id);
    json_t *body = json_pack("{s:s}", "role", invocation->arguments[1]);
    REQUIRE(body != NULL);
    code = client_call(client, "PATCH", &path, body, &answer);
    if (!code) {
        output_answer(client, &answer, admin_record, COUNT_OF(admin_record));
    }
    json_decref(body);
    buf_done(&path);
    return code;
}

static enum exit_code admin_remove(const struct invocation *invocation, struct client *client)
{
    char id[UUID_TEXT_SIZE];
    enum exit_code code = resolve_admin(client, invocation->arguments[0], id);
    return code ? code
                : output_call(client, "DELETE", url_path("/api/v1/admins/{}", id),
                              "Removed the admin %s, who is signed out everywhere.",
                              invocation->arguments[0]);
}

static const struct option invite_options[] = {
    {.name = "--role",
     .value = "ROLE",
     .help =
         "admin (everything), builder (apps, in one workspace) or viewer (reads; the default)."},
    {.name = NULL},
};

#define ADMIN_NOTES "ADMIN is the id or the email address of an admin."

static const struct command commands[] = {
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = admin_list,
     .arguments = "",
     .summary = "List the admins.",
     .examples = "inlay admin list"},
    {.verb = "invite",
     .kind = COMMAND_CLIENT,
     .call = admin_invite,
     .arguments = "EMAIL",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Make an admin, and print the link by which the person chooses a password.",
     .options = invite_options,
     .examples = "inlay admin invite ann@acme.example --role builder"},
    {.verb = "link",
     .kind = COMMAND_CLIENT,
     .call = admin_link,
     .arguments = "ADMIN",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Print a new link, for a password or phone that was lost.",
     .notes = ADMIN_NOTES,
     .examples = "inlay admin link ann@acme.example"},
    {.verb = "role",
     .kind = COMMAND_CLIENT,
     .call = admin_role,
     .arguments = "ADMIN ROLE",
     .arguments_min = 2,
     .arguments_max = 2,
     .summary = "Change an admin's role to admin, builder or viewer.",
     .notes = ADMIN_NOTES,
     .examples = "inlay admin role ann@acme.example admin"},
    {.verb = "remove",
     .kind = COMMAND_CLIENT,
     .call = admin_remove,
     .arguments = "ADMIN",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Remove an admin; all places where they are signed in end at once.",
     .notes = ADMIN_NOTES,
     .examples = "inlay admin remove ann@acme.example"},
};

const struct family admin_family = {"admin", "Manage console admins.", commands,
                                    COUNT_OF(commands)};
