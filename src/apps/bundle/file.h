/*
 * One file of a bundle: what archives give, the store keeps and the cache writes.
 */
#ifndef INLAY_APPS_BUNDLE_FILE_H
#define INLAY_APPS_BUNDLE_FILE_H

#include "base/str.h"
#include "crypto/digest.h"

/* All texts are borrowed. */
struct bundle_file {
    struct str path; /* "assets/app.js": passes path_check() */
    struct str bytes;
    struct digest digest; /* of bytes */
    struct str gzip;      /* the same, compressed; STR_NONE if that is not worth it */
    struct str brotli;
};

#endif
