
/*
 * Links: opening one, and entering the session that it leads to.
 */

#ifndef INLAY_GATE_DOOR_LINK_H
#define INLAY_GATE_DOOR_LINK_H

#include "gate/nginx.h"


/* GET /_inlay/embed/<secret> and GET /embed-apps/<app>?personal-access-token=<secret> */
ngx_int_t inlay_link_handler(ngx_http_request_t *r);

/* GET /_inlay/enter?link=<proof> */
ngx_int_t inlay_enter_handler(ngx_http_request_t *r);

#endif
