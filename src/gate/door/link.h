
/*
 * Links: opening one, and entering the session that it leads to.
 */

#ifndef INLAY_GATE_DOOR_LINK_H
#define INLAY_GATE_DOOR_LINK_H

#include "gate/nginx.h"


ngx_int_t inlay_link_handler(ngx_http_request_t *r);  /* GET /_inlay/embed/<secret>, /embed-apps/<app> */
ngx_int_t inlay_enter_handler(ngx_http_request_t *r); /* GET /_inlay/enter?link=<proof> */

#endif
