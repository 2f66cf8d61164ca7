/*
 * The families of commands, one file of src/cli/commands each.
 */
#ifndef INLAY_CLI_COMMANDS_H
#define INLAY_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct family *const families[]; /* in the order of the help; ends with NULL */

extern const struct family admin_family;
extern const struct family app_family;
extern const struct family backup_family;
extern const struct family check_family;
extern const struct family embed_family;
extern const struct family environment_family;
extern const struct family event_family;
extern const struct family group_family;
extern const struct family init_family;
extern const struct family key_family;
extern const struct family reference_family;
extern const struct family serve_family;
extern const struct family session_family;
extern const struct family token_family;
extern const struct family user_family;
extern const struct family version_family;
extern const struct family workspace_family;

/* "app deploy", in deploy.c. */
extern const struct option deploy_options[];
enum exit_code deploy_call(const struct invocation *invocation, struct client *client);

#endif
