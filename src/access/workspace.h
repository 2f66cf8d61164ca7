/*
 * Workspaces: the tenants. Everything else belongs to exactly one.
 */
#ifndef INLAY_ACCESS_WORKSPACE_H
#define INLAY_ACCESS_WORKSPACE_H

#include "access/access.h"

struct workspace {
    struct uuid id;
    struct str name;
    struct str status; /* "active" or "archived" */
    int64_t created_at_ms;
};

/* Also makes its environment "production". */
MUST_CHECK enum err workspace_create(struct access *access, struct str name,
                                     struct workspace *out_workspace);

#endif
