
/*
 * What a server's response becomes on the app's origin: its cookies and redirects are those of the
 * origin, and what Inlay says about framing and security is not contradicted.
 */

#ifndef INLAY_GATE_SERVE_PROXY_RESPONSE_H
#define INLAY_GATE_SERVE_PROXY_RESPONSE_H

#include "gate/request.h"


void inlay_answer_filter_init(void); /* a header filter, before that of gate/headers.h */

/* Are these the first bytes of an HTTP/2 server, its SETTINGS or GOAWAY? */
ngx_uint_t inlay_answer_is_http2(const ngx_buf_t *b);

/* Before nginx reads the response. */
void inlay_answer_prepare(ngx_http_upstream_t *u);

#endif
