
/*
 * How a response leaves: a header, or all of it. No error is made up here; see gate/respond.h.
 */

#ifndef INLAY_GATE_SEND_H
#define INLAY_GATE_SEND_H

#include "gate/request.h"


/* As they are, borrowed until the request ends. NULL if there is no memory. */
ngx_table_elt_t *inlay_push_header(ngx_http_request_t *r, ngx_str_t name, ngx_str_t value);

/* The value is copied, the name is not. */
ngx_int_t inlay_add_header(ngx_http_request_t *r, const char *name, struct str value);

/* A cookie of an app's origin, which frames of other sites keep apart (CHIPS). */
ngx_int_t inlay_set_cookie(ngx_http_request_t *r, struct str name, struct str value,
    int64_t seconds);

/* The browser is to clear what it keeps of this origin. Never its cookies: it would take those of the
 * whole site, portal and console included. */
ngx_int_t inlay_clear_storage(ngx_http_request_t *r);

/* Without a type it has no Content-Type; seconds of 0 or less add no Retry-After. */
void inlay_set_type(ngx_http_request_t *r, const char *content_type);
ngx_int_t inlay_add_retry_after(ngx_http_request_t *r, int64_t seconds);

/* Sends a complete response. For content handlers: return what it returns, or finalize with it. The
 * body is copied. */
ngx_int_t inlay_send(ngx_http_request_t *r, ngx_uint_t status, const char *content_type,
    struct str body);

#endif
