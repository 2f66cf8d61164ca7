/*
 * Which server a client command talks to, and as whom.
 */
#ifndef INLAY_CLI_SERVER_H
#define INLAY_CLI_SERVER_H

#include "cli/cli.h"

enum { SERVER_TOKEN_MAX = 512 };

struct server {
    char url[ORIGIN_TEXT_SIZE]; /* without a final slash */
    bool is_loopback;
    char token[SERVER_TOKEN_MAX];         /* the caller wipes it */
    char token_source[SETTINGS_PATH_MAX]; /* where it was found, for messages */
};

/* The server: --url, INLAY_URL, public_url of the settings. The token: --token, INLAY_TOKEN,
 * INLAY_API_TOKEN, admin-token in the data folder. Says what is missing or wrong. */
enum exit_code server_find(const struct invocation *invocation, struct server *out_server);

/* A variable of the environment; NULL if it is not set or empty. */
const char *server_variable(const char *name);

#endif
