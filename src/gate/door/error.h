
/*
 * What nothing else answers: errors that nginx itself has found, the public address without the
 * console, hosts that aren't ours.
 */

#ifndef INLAY_GATE_DOOR_ERROR_H
#define INLAY_GATE_DOOR_ERROR_H

#include "gate/nginx.h"


ngx_int_t inlay_error_handler(ngx_http_request_t *r); /* where error_page leads */
ngx_int_t inlay_unreadable_handler(ngx_http_request_t *r); /* the same, while it read the request */
ngx_int_t inlay_home_handler(ngx_http_request_t *r);  /* GET / of public_url */
ngx_int_t inlay_unknown_host_handler(ngx_http_request_t *r);

#endif
