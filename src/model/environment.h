/*
 * Environments: named settings of a workspace that an app gets as its config. Every workspace has
 * "production", which links use unless they name another one.
 */
#ifndef INLAY_MODEL_ENVIRONMENT_H
#define INLAY_MODEL_ENVIRONMENT_H

#include "model/work.h"

struct environment {
    struct uuid id;
    struct uuid workspace_id;
    struct str name;
    struct str config; /* a canonical JSON object */
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* Letters, digits, ".", "_" and "-", the first one a letter or digit; not a UUID, which would be
 * taken for an id. */
bool environment_name_is_valid(struct str name);

/* By id in any workspace: the caller checks environment.workspace_id. ERR_NOT_FOUND without words,
 * here and below. */
MUST_CHECK enum err environment_find(struct work *work, const struct uuid *id,
                                     struct environment *out_environment);

/* By name in the workspace that the caller acts in. */
MUST_CHECK enum err environment_find_by_name(struct work *work, struct str name,
                                             struct environment *out_environment);

/* Makes one of name and config. ERR_CONFLICT, environment_exists, if the name is taken. */
MUST_CHECK enum err environment_create(struct work *work, struct environment *environment);

/* Writes what differs: name, config. Sessions that show the app in it are decided again.
 * ERR_CONFLICT: environment_exists, or environment_required for another name for "production". */
MUST_CHECK enum err environment_update(struct work *work, const struct environment *before,
                                       struct environment *after);

/* ERR_CONFLICT, environment_required, for "production". */
MUST_CHECK enum err environment_delete(struct work *work, const struct environment *environment);

/* Of the workspace that the caller acts in, the oldest first; the array has room for limit. */
MUST_CHECK enum err environment_list(struct work *work, const struct uuid *after, int64_t limit,
                                     struct environment *out_environments, size_t *out_count);

#endif
