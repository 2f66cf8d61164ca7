/*
 * Entity tags in If-Match (RFC 9110 13.1.1).
 */
#ifndef INLAY_HTTP_ETAG_H
#define INLAY_HTTP_ETAG_H

#include "base/str.h"

enum etag_match {
    ETAG_DIFFERS,
    ETAG_MATCHES,
    ETAG_MALFORMED, /* neither "*" nor a list of entity tags */
};

/* Is the tag among those of the header? Compared strongly: a weak tag (W/"x") matches nothing. */
enum etag_match etag_if_match(struct str header, struct str tag);

#endif
