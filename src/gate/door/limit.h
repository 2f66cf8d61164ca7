
/*
 * How much a session, and a link's sessions together, may ask. Off unless a limit is set; then each
 * request takes the lock of the shared memory once more, and again at its end if it is counted as a
 * connection.
 */

#ifndef INLAY_GATE_DOOR_LIMIT_H
#define INLAY_GATE_DOOR_LIMIT_H

#include "gate/request.h"
#include "base/err.h"


/* ERR_LIMITED with words, or ERR_OK: until the request ends it counts. */
enum err inlay_limit_check(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault);

#endif
