/*
 * Apps: what is embedded. An app has a UUID and, in its workspace, a slug.
 */
#ifndef INLAY_ACCESS_APP_H
#define INLAY_ACCESS_APP_H

#include "access/access.h"

struct app {
    struct uuid id;
    struct uuid workspace_id;
    struct str slug;
    struct str name;
    struct str kind;            /* "bundle" */
    struct str frame_ancestors; /* origins that may frame it, separated by spaces; "" for none */
    struct str current_version; /* STR_NONE until something was released */
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* By id in any workspace: the caller checks app.workspace_id. ERR_NOT_FOUND without words. */
MUST_CHECK enum err app_find(struct access *access, const struct uuid *id, struct app *out_app);

/* By id or slug in the workspace that the caller acts in. */
MUST_CHECK enum err app_find_here(struct access *access, struct str id_or_slug,
                                  struct app *out_app);

void app_from_row(struct access *access, const struct rows *rows, struct app *out_app);

#endif
