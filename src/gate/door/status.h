
/*
 * For whoever watches the server: is it alive, does it work, how much of what.
 */

#ifndef INLAY_GATE_DOOR_STATUS_H
#define INLAY_GATE_DOOR_STATUS_H

#include "gate/nginx.h"


ngx_int_t inlay_health_handler(ngx_http_request_t *r);
ngx_int_t inlay_ready_handler(ngx_http_request_t *r);
ngx_int_t inlay_metrics_handler(ngx_http_request_t *r);

#endif
