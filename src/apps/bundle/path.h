/*
 * The rules for paths inside of a bundle, whether they come from an archive or from the database.
 */
#ifndef INLAY_APPS_BUNDLE_PATH_H
#define INLAY_APPS_BUNDLE_PATH_H

#include "base/err.h"
#include "base/str.h"

enum {
    PATH_NAME_BYTES_MAX = 250, /* one segment: NAME_MAX less room for ".gz" */
    PATH_SHOWN_SIZE = 180,
};

/*
 * Relative, segments separated by "/", none of them empty, "." or ".."; UTF-8 without control
 * characters and backslashes; no drive letter; not below "_inlay", which every app origin reserves
 * for Inlay; within LIMIT_ARCHIVE_PATH_BYTES, LIMIT_ARCHIVE_DEPTH and PATH_NAME_BYTES_MAX.
 * ERR_INVALID with code bundle_unsafe_path otherwise.
 */
enum err path_check(struct str path, struct fault *fault) MUST_CHECK;

/* For messages: quoted, cut short, and replaced if it is not printable. */
void path_show(struct str path, char out_text[PATH_SHOWN_SIZE]);

#endif
