
/*
 * Errors, and pages that are none: a page for a person who looks at a frame, problem JSON or what
 * else the API's clients expect for a program. Each function sends a complete response and returns
 * what a content handler returns. An error's request has its body thrown away.
 */

#ifndef INLAY_GATE_RESPOND_H
#define INLAY_GATE_RESPOND_H

#include "gate/request.h"
#include "base/err.h"


typedef struct {
    const char  *code;
    const char  *title;
    const char  *message;
    const char  *hint;
} inlay_page_t;


/* An error on an app's origin, or of a link. */
ngx_int_t inlay_refuse(ngx_http_request_t *r, const struct fault *fault);

/* An error in the form that clients of this address expect. */
ngx_int_t inlay_fail(ngx_http_request_t *r, const struct fault *fault);

/* 405; allowed is the value of Allow: "GET, HEAD". */
ngx_int_t inlay_wrong_method(ngx_http_request_t *r, const char *allowed);

/* For a handler that takes only GET and HEAD: 1 if it may go on, and the request's body is thrown
 * away; else *rc is what it returns. */
ngx_uint_t inlay_is_get(ngx_http_request_t *r, ngx_int_t *rc);

ngx_int_t inlay_unknown_host(ngx_http_request_t *r); /* 404 */
ngx_int_t inlay_send_page(ngx_http_request_t *r, const inlay_page_t *page); /* 200 */

#endif
