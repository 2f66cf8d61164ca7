
/*
 * Before a request goes to an app's server, and when no answer comes from it.
 *
 * nginx's proxy asks the server; the files proxy_… say where it is, which connection is used, and
 * what is different in the request and in the response. Text is changed by http/rewrite.h.
 */

#ifndef INLAY_GATE_SERVE_PROXY_H
#define INLAY_GATE_SERVE_PROXY_H

#include "gate/request.h"
#include "base/err.h"


void inlay_body_filter_init(void); /* a filter of the request's body: its limit */

/* NGX_OK, NGX_AGAIN while the server's name is asked for, or a status with ctx->proxy.failure set. */
ngx_int_t inlay_upstream_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_uint_t is_websocket);

/* By nginx's proxy; NGX_HTTP_BAD_GATEWAY if the server has no address that may be asked. */
ngx_int_t inlay_upstream_serve(ngx_http_request_t *r, inlay_ctx_t *ctx);

/* Why no answer came, in words, and as an event. NGX_DECLINED if the error is another one. */
ngx_int_t inlay_upstream_fault(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault);

#endif
