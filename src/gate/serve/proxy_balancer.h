
/*
 * Which connection a request to an app's server uses. Kept connections belong to one target, which
 * they hold, and are used again for the same address of it, never for another one. Certificates are
 * checked here.
 */

#ifndef INLAY_GATE_SERVE_PROXY_BALANCER_H
#define INLAY_GATE_SERVE_PROXY_BALANCER_H

#include "gate/nginx.h"


char *inlay_balancer_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data);

#endif
