/*
 * Releases and branches: the contents of an app. A release never changes and one of them is
 * current; a branch is named content that moves. Both are made by apps/bundle/upload.h.
 */
#ifndef INLAY_MODEL_RELEASE_H
#define INLAY_MODEL_RELEASE_H

#include "model/app.h"

struct release {
    int64_t number; /* grows with every release of the instance: their order */
    struct uuid app_id;
    struct str version;
    bool is_current;
    struct digest content;
    int64_t files;
    int64_t bytes; /* unpacked */
    int64_t created_at_ms;
    struct str created_by; /* STR_NONE: the system */
};

struct branch {
    struct uuid app_id;
    struct str name;
    struct digest content;
    int64_t files;
    int64_t bytes;
    int64_t updated_at_ms;
};

/* semver.org 2.0.0, within LIMIT_VERSION_BYTES. */
bool release_version_is_semantic(struct str version);

/* Letters, digits, ".", "_", "/" and "-", the first one a letter or digit. */
bool branch_name_is_valid(struct str name);

/* These two: ERR_NOT_FOUND without words. */
MUST_CHECK enum err release_find(struct work *work, const struct uuid *app_id, struct str version,
                                 struct release *out_release);
MUST_CHECK enum err branch_find(struct work *work, const struct uuid *app_id, struct str name,
                                struct branch *out_branch);

/* Makes the release current. */
MUST_CHECK enum err release_rollback(struct work *work, const struct app *app,
                                     struct release *release);

/* ERR_CONFLICT, release_current, for the current one. */
MUST_CHECK enum err release_delete(struct work *work, const struct app *app,
                                   const struct release *release);
MUST_CHECK enum err branch_delete(struct work *work, const struct app *app,
                                  const struct branch *branch);

/* Releases by age, the newest first; branches by name. before: a number, or 0; after: a name or
 * STR_NONE. The arrays have room for limit. */
MUST_CHECK enum err release_list(struct work *work, const struct app *app, int64_t before,
                                 int64_t limit, struct release *out_releases, size_t *out_count);
MUST_CHECK enum err branch_list(struct work *work, const struct app *app, struct str after,
                                int64_t limit, struct branch *out_branches, size_t *out_count);

/* "sha256:…" */
struct str release_content_text(struct work *work, const struct digest *content);

#endif
