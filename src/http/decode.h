/*
 * Undoes a Content-Encoding (RFC 9110 8.4): gzip, deflate or br, one of them.
 */
#ifndef INLAY_HTTP_DECODE_H
#define INLAY_HTTP_DECODE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the decoded body to out, whose maximum bounds it: an overflow sticks there, which the
 * caller checks. An empty encoding and "identity" append the body. ERR_UNSUPPORTED for other
 * codings and more than one; ERR_INVALID if the body is damaged or cut off.
 */
MUST_CHECK enum err decode_content(struct str encoding, struct str body, struct buf *out);

#endif
