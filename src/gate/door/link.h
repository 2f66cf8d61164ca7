
/*
 * Links: opening one, entering, signing out, and who am I.
 */

#ifndef INLAY_GATE_DOOR_LINK_H
#define INLAY_GATE_DOOR_LINK_H

#include "gate/nginx.h"


ngx_int_t inlay_link_handler(ngx_http_request_t *r);  /* GET /_inlay/embed/<secret>, /embed-apps/<app> */
ngx_int_t inlay_enter_handler(ngx_http_request_t *r); /* GET /_inlay/enter?link=<proof> */

/* inlay_access has let them in. */
ngx_int_t inlay_session_handler(ngx_http_request_t *r); /* GET /_inlay/session */
ngx_int_t inlay_renewed_handler(ngx_http_request_t *r); /* GET /_inlay/renewed */
ngx_int_t inlay_logout_handler(ngx_http_request_t *r);  /* POST /_inlay/logout */

#endif
