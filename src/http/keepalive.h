/* How long a connection to an app's server may be kept for the next request. */
#ifndef INLAY_HTTP_KEEPALIVE_H
#define INLAY_HTTP_KEEPALIVE_H

#include "base/str.h"

/*
 * A server closes idle connections after a time of its own, and a POST that is on its way then is
 * lost. The header Keep-Alive of its response ("timeout=5, max=100") says when: this is a second
 * less, and 60 seconds at most. Without the header (STR_NONE) it's 4 seconds, because Node.js,
 * which many servers are made with, closes after 5. 0: the connection can't be kept.
 */
enum { KEEPALIVE_UNKNOWN_MS = 4000, KEEPALIVE_MAX_MS = 60000, KEEPALIVE_MARGIN_MS = 1000 };
int64_t keepalive_ms(struct str header);

#endif
