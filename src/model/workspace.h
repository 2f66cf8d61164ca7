/*
 * Workspaces: the tenants. Everything else belongs to exactly one.
 *
 * The default workspace is the oldest one. It holds the first admin token, and the token of
 * INLAY_API_TOKEN acts in it, so it is never deleted; and one workspace at least stays active.
 */
#ifndef INLAY_MODEL_WORKSPACE_H
#define INLAY_MODEL_WORKSPACE_H

#include "model/work.h"

struct workspace {
    struct uuid id;
    struct str name;
    struct str status; /* "active" or "archived" */
    int64_t created_at_ms;
};

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err workspace_find(struct work *work, const struct uuid *id,
                                   struct workspace *out_workspace);

/* Also makes its environment "production". ERR_CONFLICT, workspace_exists, if the name is taken. */
MUST_CHECK enum err workspace_create(struct work *work, struct str name,
                                     struct workspace *out_workspace);

/* Writes what differs: name, status. Archiving takes away access. ERR_CONFLICT: workspace_exists,
 * or workspace_required for the last active one. */
MUST_CHECK enum err workspace_update(struct work *work, const struct workspace *before,
                                     const struct workspace *after);

/* With all that it holds except the audit log. ERR_CONFLICT: workspace_last for the only one,
 * workspace_required for the default one. */
MUST_CHECK enum err workspace_delete(struct work *work, const struct workspace *workspace);

/* The oldest first. only: UUID_NONE for all; out_workspaces has room for limit. */
MUST_CHECK enum err workspace_list(struct work *work, const struct uuid *only,
                                   const struct uuid *after, int64_t limit,
                                   struct workspace *out_workspaces, size_t *out_count);

#endif
