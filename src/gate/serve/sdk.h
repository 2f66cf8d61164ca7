
/*
 * GET /_inlay/app.js: the app's SDK. It holds nothing private, so it needs no session; an app that
 * has lost its own still hears from it why.
 */

#ifndef INLAY_GATE_SERVE_SDK_H
#define INLAY_GATE_SERVE_SDK_H

#include "gate/nginx.h"


ngx_int_t inlay_sdk_handler(ngx_http_request_t *r);

/* A script of ours, the same for everybody: answers GET and HEAD, with this ETag. */
ngx_int_t inlay_sdk_send(ngx_http_request_t *r, struct str etag, struct str script);

#endif
