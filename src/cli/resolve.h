/*
 * Words of the command line to ids of the API.
 */
#ifndef INLAY_CLI_RESOLVE_H
#define INLAY_CLI_RESOLVE_H

#include "base/uuid.h"
#include "cli/client.h"

enum { GROUP_ID_TEXT_SIZE = 24 };

/* A user's id or email address. Among several users with one address the internal one is meant. */
enum exit_code resolve_user(struct client *client, const char *word, char out_id[UUID_TEXT_SIZE]);

/* An app's id or slug. */
enum exit_code resolve_app(struct client *client, const char *word, char out_id[UUID_TEXT_SIZE]);

/* The same where the API takes a slug as well as an id, which saves a call: word itself, unless
 * --workspace names another workspace than the one that slugs are looked up in. */
enum { APP_WORD_SIZE = 128 };
enum exit_code resolve_app_word(struct client *client, const char *word,
                                char out_word[APP_WORD_SIZE]);

/* A group's id (digits) or name. */
enum exit_code resolve_group(struct client *client, const char *word,
                             char out_id[GROUP_ID_TEXT_SIZE]);

/* A workspace's or an environment's id or name. */
enum exit_code resolve_workspace(struct client *client, const char *word,
                                 char out_id[UUID_TEXT_SIZE]);
enum exit_code resolve_environment(struct client *client, const char *word,
                                   char out_id[UUID_TEXT_SIZE]);

/* Adds to the path what --user and --app ask for, as userId and appId, and the workspace. */
enum exit_code resolve_filters(const struct invocation *invocation, struct client *client,
                               struct buf *path);

bool resolve_is_uuid(const char *word);

#endif
