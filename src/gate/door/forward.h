
/*
 * Another proxy serves the app and asks, for each request, whether it may pass. The answer is made
 * by session.c, as for a request that Inlay serves itself; this file says what is asked, and who
 * the user is.
 */

#ifndef INLAY_GATE_DOOR_FORWARD_H
#define INLAY_GATE_DOOR_FORWARD_H

#include "gate/request.h"
#include "base/err.h"


/* In the post-read phase: refuses a question whose path is disguised. */
ngx_int_t inlay_forward_guard_handler(ngx_http_request_t *r);

/* Is it such a question? Then: what is asked, into ctx; or an error with words. */
ngx_uint_t inlay_is_forward(ngx_http_request_t *r);
enum err inlay_forward_read(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault);

/* Is the session, which was found, of the app that the proxy serves? */
enum err inlay_forward_check_app(inlay_ctx_t *ctx, struct fault *fault);

ngx_int_t inlay_forward_handler(ngx_http_request_t *r); /* the answer is yes */

#endif
