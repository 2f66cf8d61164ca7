/*
 * Paths of the API, with names that are escaped.
 */
#ifndef INLAY_CLI_URL_H
#define INLAY_CLI_URL_H

#include "cli/client.h"

enum { URL_MAX_BYTES = 16 * 1024 };

/* url_path("/api/v1/apps/{}/releases", app): every {} is replaced by the next text, escaped as one
 * segment. */
struct buf url_path(const char *form, ...);

/* Adds ?name=value or &name=value; nothing if value is NULL. */
void url_add_query(struct buf *path, const char *name, const char *value);

/* --workspace as ?workspaceId=, which collections take. */
void url_add_workspace(struct buf *path, const struct client *client);

#endif
