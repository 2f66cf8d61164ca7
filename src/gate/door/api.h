
/*
 * The API: an nginx request becomes a struct api_call, runs in its lane, and comes back as a
 * response.
 */

#ifndef INLAY_GATE_DOOR_API_H
#define INLAY_GATE_DOOR_API_H

#include "gate/nginx.h"


ngx_int_t inlay_api_handler(ngx_http_request_t *r);

#endif
