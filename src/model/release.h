/*
 * Releases: contents of an app that never change. One of them is current. They are made by
 * apps/bundle/upload.h.
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

/* semver.org 2.0.0, within LIMIT_VERSION_BYTES. */
bool release_version_is_semantic(struct str version);

/* ERR_NOT_FOUND without words. */
MUST_CHECK enum err release_find(struct work *work, const struct uuid *app_id, struct str version,
                                 struct release *out_release);

/* Makes the release current. */
MUST_CHECK enum err release_rollback(struct work *work, const struct app *app,
                                     struct release *release);

/* ERR_CONFLICT, release_current, for the current one. */
MUST_CHECK enum err release_delete(struct work *work, const struct app *app,
                                   const struct release *release);

/* By age, the newest first. before: a number, or 0; the array has room for limit. */
MUST_CHECK enum err release_list(struct work *work, const struct app *app, int64_t before,
                                 int64_t limit, struct release *out_releases, size_t *out_count);

/* "sha256:…" */
struct str release_content_text(struct work *work, const struct digest *content);

#endif
