/*
 * Calls of the API, for the commands that are its clients.
 *
 * A call that fails has told the person why and what to do next, and returns the exit code for it;
 * the caller only has to pass it on. Nothing is tried twice.
 */
#ifndef INLAY_CLI_CLIENT_H
#define INLAY_CLI_CLIENT_H

#include <jansson.h>

#include "cli/cli.h"

enum {
    ANSWER_MAX_BYTES = 64 * 1024 * 1024,
    LIST_EVERYTHING = 0,
};

struct client;

struct answer {
    json_t *json;    /* owned; NULL if the answer had no body */
    struct buf text; /* as it came */
};

#define ANSWER_NONE ((struct answer){.json = NULL})

/* Runs invocation->command->call with a client for the server and the token that the command line,
 * the environment and the settings name, in this order. */
enum exit_code client_run(const struct invocation *invocation);

bool client_prints_json(const struct client *client);      /* --json */
const char *client_workspace(const struct client *client); /* --workspace, or NULL */

/* body is borrowed and may be NULL; out_answer may be NULL. */
enum exit_code client_call(struct client *client, const char *method, const struct buf *path,
                           const json_t *body, struct answer *out_answer);

/* Sends an open file from its start. on_end is called when it was sent or not, before a failure is
 * explained. */
struct upload {
    int file;         /* borrowed */
    const char *name; /* for messages */
    const char *content_type;
    void (*on_progress)(void *arg, int64_t done, int64_t total);
    void (*on_end)(void *arg);
    void *arg;
};
enum exit_code client_upload(struct client *client, const struct buf *path,
                             const struct upload *upload, struct answer *out_answer);

/* All pages of a list as one array, or the first `max` items of it. path may have a query. */
enum exit_code client_list(struct client *client, const struct buf *path, size_t max,
                           json_t **out_items);

void client_answer_done(struct answer *answer);

#endif
