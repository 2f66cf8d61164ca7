
/*
 * What a session asks about itself: who am I, how long do I last, sign me out. inlay_access has let
 * the request in. Where a link ends that was opened with renew=1, in a frame that nobody sees, the
 * page of /_inlay/renewed tells the portal how long the session lasts.
 */

#ifndef INLAY_GATE_DOOR_OWN_H
#define INLAY_GATE_DOOR_OWN_H

#include "gate/nginx.h"


ngx_int_t inlay_session_handler(ngx_http_request_t *r); /* GET /_inlay/session */
ngx_int_t inlay_renewed_handler(ngx_http_request_t *r); /* GET /_inlay/renewed */
ngx_int_t inlay_logout_handler(ngx_http_request_t *r);  /* POST /_inlay/logout */

#endif
