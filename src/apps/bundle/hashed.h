/*
 * Which files of a bundle may be kept by browsers for good: only those whose name a framework makes
 * from their content, in a place or by a rule that it documents. A name that merely looks hashed
 * ("OpenSans-SemiBold.woff2", "report-20240101.js") would keep people on the files of an old
 * release; asking for a file that hasn't changed costs a 304. docs/decisions/0021 has the reasons.
 */
#ifndef INLAY_APPS_BUNDLE_HASHED_H
#define INLAY_APPS_BUNDLE_HASHED_H

#include "base/str.h"

/* path begins with "/". */
bool hashed_path(struct str path);

#endif
