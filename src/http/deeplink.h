/*
 * Where in an app a link leads: a path within the app's origin, with query and fragment, such as
 * "/orders/5?tab=items#top". It comes from the mint (`path`), from the app's settings, or from what
 * a portal put behind a link.
 *
 * It is read as browsers read the path of an http URL (URL Standard, path state): "\" is "/", "."
 * and ".." are resolved, also where they are escaped, and what may not stand there is escaped.
 * Whatever the text, the result leads to no other origin and to none of Inlay's own addresses.
 */
#ifndef INLAY_HTTP_DEEPLINK_H
#define INLAY_HTTP_DEEPLINK_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the path in its one form. ERR_INVALID, path_invalid, with words: it does not begin with
 * one "/", holds control characters, leads to Inlay's own addresses ("/_inlay/", "/embed-apps/"),
 * or is longer than LIMIT_START_PATH_BYTES once it is escaped.
 */
MUST_CHECK enum err deeplink_parse(struct str text, struct buf *out, struct fault *fault);

/*
 * What a portal put behind a link, from the address as it was requested: "/orders/5" behind the
 * secret or the app, and the parameters of the query that are not Inlay's. Appends "", "?a=b",
 * "/orders/5" or "/orders/5?a=b"; needs as many bytes as the address has. A parameter `to` holds
 * the same from an earlier request of the way, escaped, and counts alone.
 */
void deeplink_appended(struct str address, struct buf *out);

/* Escapes it for a parameter `to`; needs three bytes for each. */
void deeplink_escape(struct str appended, struct buf *out);

/* The link's own path with what the portal appended: another path takes its place, a query is added
 * to it. base is in its one form. Errors of deeplink_parse(). */
MUST_CHECK enum err deeplink_join(struct str base, struct str appended, struct buf *out,
                                  struct fault *fault);

#endif
