/*
 * Code page 437: the charset of names in a zip that don't say that they are UTF-8 (APPNOTE.TXT,
 * D.1), as Windows Explorer and old tools write them.
 */
#ifndef INLAY_APPS_BUNDLE_CP437_H
#define INLAY_APPS_BUNDLE_CP437_H

#include "base/arena.h"
#include "base/str.h"

struct str cp437_to_utf8(struct arena *arena, struct str text);

#endif
