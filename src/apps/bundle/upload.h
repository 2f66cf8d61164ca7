/*
 * Uploads: from an archive on the disk to a release or a branch.
 *
 * Begins and commits by itself, since an archive may be larger than a transaction that others wait
 * for should be. The archive is checked as a whole, then its
 * files are stored in several transactions, and one last transaction makes the release: contents,
 * row, event and epoch. So there is either all of a release or nothing of it; what a crash leaves
 * behind are files that nothing names, which the sweep takes away after an hour.
 */
#ifndef INLAY_APPS_BUNDLE_UPLOAD_H
#define INLAY_APPS_BUNDLE_UPLOAD_H

#include "model/release.h"
#include "apps/bundle/unpack.h"

struct upload {
    struct uuid app_id;
    struct str version; /* a new release; STR_NONE for a branch */
    struct str branch;  /* a branch, made or moved; STR_NONE for a release */
    const char *path;   /* of the archive */
    enum unpack_type type;

    /* NULL, or called in the last transaction, once the release or branch has its row: for what has
     * to be kept with it. An error takes back the whole of it. */
    enum err (*on_made)(void *context, const struct upload *upload);
    void *context;
};

/* ERR_CONFLICT, release_exists, if the version is taken, looked up before the archive is read.
 * ERR_NOT_FOUND if the app has gone meanwhile. The codes of apps/bundle/unpack.h for what is wrong
 * with the archive. Outside of any transaction. */
MUST_CHECK enum err upload_run(struct work *work, const struct upload *upload);

#endif
