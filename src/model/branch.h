/*
 * Branches: named contents of an app that move. They are made by apps/bundle/upload.h.
 */
#ifndef INLAY_MODEL_BRANCH_H
#define INLAY_MODEL_BRANCH_H

#include "model/app.h"

struct branch {
    struct uuid app_id;
    struct str name;
    struct digest content;
    int64_t files;
    int64_t bytes;
    int64_t updated_at_ms;
};

/* Letters, digits, ".", "_", "/" and "-", the first one a letter or digit. */
bool branch_name_is_valid(struct str name);

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err branch_find(struct work *work, const struct uuid *app_id, struct str name,
                                struct branch *out_branch);

MUST_CHECK enum err branch_delete(struct work *work, const struct app *app,
                                  const struct branch *branch);

/* By name, those after this one, or all with STR_NONE. The array has room for limit. */
MUST_CHECK enum err branch_list(struct work *work, const struct app *app, struct str after,
                                int64_t limit, struct branch *out_branches, size_t *out_count);

#endif
