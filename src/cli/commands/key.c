/*
 * inlay key: the keys that sign assertions.
 */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/url.h"

static const struct column key_columns[] = {
    {"STATE", "state"},
    {"SIGNS FROM", "signsAt"},
    {"SIGNS UNTIL", "retiresAt"},
    {"ID", "id"},
};

static enum exit_code key_list(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    return output_list(client, url_path("/api/v1/signing-keys"), key_columns, COUNT_OF(key_columns),
                       "There are no keys.");
}

static enum exit_code key_rotate(const struct invocation *invocation, struct client *client)
{
    (void)invocation;
    struct buf path = url_path("/api/v1/signing-keys");
    struct answer answer = ANSWER_NONE;
    enum exit_code code = client_call(client, "POST", &path, NULL, &answer);
    if (!code) {
        output_answer(client, &answer, key_columns, COUNT_OF(key_columns));
    }
    client_answer_done(&answer);
    buf_done(&path);
    return code;
}

static enum exit_code key_revoke(const struct invocation *invocation, struct client *client)
{
    return output_call(client, "DELETE",
                       url_path("/api/v1/signing-keys/{}", invocation->arguments[0]),
                       "Revoked the key %s.", invocation->arguments[0]);
}

static const struct command commands[] = {
    {.verb = "list",
     .kind = COMMAND_CLIENT,
     .call = key_list,
     .arguments = "",
     .summary = "List the keys that are published at /.well-known/jwks.json.",
     .examples = "inlay key list"},
    {.verb = "rotate",
     .kind = COMMAND_CLIENT,
     .call = key_rotate,
     .arguments = "",
     .summary = "Publish a new key, which signs once everybody can know it "
                "(signing_key_overlap_seconds).",
     .examples = "inlay key rotate"},
    {.verb = "revoke",
     .kind = COMMAND_CLIENT,
     .call = key_revoke,
     .arguments = "ID",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Withdraw a key that somebody else may have; another one signs from now on.",
     .examples = "inlay key revoke Zn5v1mRuAlTiIXpv4VnXWIDtdHzLOa9HNbvTQ9TWKG4"},
};

const struct family key_family = {"key", "Manage the keys that sign identity assertions.", commands,
                                  COUNT_OF(commands)};
