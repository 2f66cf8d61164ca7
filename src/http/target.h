/*
 * The target of a request that goes on to an app's server: the path and query as they came, which
 * the server reads by rules of its own.
 */
#ifndef INLAY_HTTP_TARGET_H
#define INLAY_HTTP_TARGET_H

#include "base/str.h"

/* False if a server might take the path for one above the app's base: it has a segment "." or "..",
 * however many times and in whatever mixture that is escaped, with a backslash for a slash, or with
 * parameters behind a semicolon. A path that is escaped more than TARGET_ESCAPES_MAX times is none
 * that an app has. */
enum { TARGET_ESCAPES_MAX = 8 };
bool target_is_plain(struct str target);

/* Does the path begin with the base ("/grafana") already, as addresses do that the server has
 * written itself? */
bool target_has_base(struct str target, struct str base);

#endif
