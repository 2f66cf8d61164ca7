
/*
 * What may be logged of a request. Queries never are, and a part of the path that is longer than an
 * id is left out: links and tokens are, wherever somebody may have put them.
 */

#ifndef INLAY_GATE_LOG_H
#define INLAY_GATE_LOG_H

#include "gate/nginx.h"


/* Text of the request as every log can take it: what isn't printable ASCII is percent-encoded. */
ngx_str_t inlay_log_text(ngx_http_request_t *r, ngx_str_t text);

/* The path that was asked for; in the request's pool, or the request's own. */
ngx_str_t inlay_log_path(ngx_http_request_t *r);

/* In the post-read phase. nginx adds the request line and the Referer to what it logs, and both may
 * hold the secret of a link: from here on it adds method and path. */
ngx_int_t inlay_quiet_log_handler(ngx_http_request_t *r);

#endif
