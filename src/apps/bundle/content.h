/*
 * Contents: the files of a release or branch, by digest. The store has them; the cache folder has
 * the unpacked ones.
 */
#ifndef INLAY_APPS_BUNDLE_CONTENT_H
#define INLAY_APPS_BUNDLE_CONTENT_H

#include "model/work.h"

/* Unpacks a content into the cache folder unless it is there. ERR_NOT_FOUND if the store does not
 * have it, ERR_STORAGE with words for the operator if the folder cannot be written. */
MUST_CHECK enum err content_restore(struct store *store, const char *cache_root,
                                    const struct digest *digest, struct fault *fault);

#endif
