
/*
 * How requests to apps of each kind are served, once their session has let them in; what else
 * differs between the kinds is in apps/kind.h.
 */

#ifndef INLAY_GATE_SERVE_KIND_H
#define INLAY_GATE_SERVE_KIND_H

#include "gate/request.h"
#include "apps/kind.h"


typedef struct {
    /* What has to be found first, or NULL: NGX_OK, NGX_AGAIN while it is waited for, or a status. */
    ngx_int_t (*prepare)(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_uint_t is_websocket);

    /* Says what kind of response it gets, and who makes it: NGX_OK, or a status. */
    ngx_int_t (*serve)(ngx_http_request_t *r, inlay_ctx_t *ctx);
} inlay_kind_t;


extern const inlay_kind_t inlay_kinds[APP_KINDS];

#endif
