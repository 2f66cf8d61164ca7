/*
 * The rules for paths inside of a bundle, whether they come from an archive or from the database.
 */
#ifndef INLAY_BUNDLE_PATH_H
#define INLAY_BUNDLE_PATH_H

#include "base/err.h"
#include "base/str.h"

/*
 * Relative, segments separated by "/", none of them empty, "." or ".."; UTF-8 without control
 * characters and backslashes; no drive letter; not below "_inlay", which every app origin reserves
 * for Inlay. ERR_INVALID with code bundle_unsafe_path otherwise.
 */
enum err path_check(struct str path, struct fault *fault) MUST_CHECK;

/* What macOS adds to archives and no app asks for: __MACOSX/, .DS_Store and ._ files. */
bool path_is_junk(struct str path);

/* "assets/" of "assets/app.js" is "assets/app.js" cut after its first slash; STR_NONE without one.
 */
struct str path_top_folder(struct str path);

#endif
