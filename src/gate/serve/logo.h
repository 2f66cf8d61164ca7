
/* /_inlay/logo/NAME: the logo of a workspace, for pages of ours; see model/brand.h. */

#ifndef INLAY_GATE_SERVE_LOGO_H
#define INLAY_GATE_SERVE_LOGO_H

#include "gate/request.h"


ngx_int_t inlay_logo_handler(ngx_http_request_t *r);

#endif
