
/*
 * The files of bundles, in the cache folder: what happens when one is not there.
 */

#ifndef INLAY_GATE_SERVE_BUNDLE_H
#define INLAY_GATE_SERVE_BUNDLE_H

#include "gate/request.h"


/* Unpacks the request's content into the cache folder, then goes on; or starts again, by a redirect
 * to its first path. The request waits meanwhile. */
void inlay_content_restore(ngx_http_request_t *r, ngx_uint_t redirect);

/* By nginx's handlers of files; NGX_HTTP_REQUEST_ENTITY_TOO_LARGE if it brings a body. */
ngx_int_t inlay_bundle_serve(ngx_http_request_t *r, inlay_ctx_t *ctx);

ngx_int_t inlay_missing_handler(ngx_http_request_t *r); /* a file is not there */

#endif
