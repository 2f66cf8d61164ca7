
/*
 * What is different in the request that an app's server gets: no cookie of ours, no identity but
 * the one that we tell, another host and path. nginx makes the request by the variables of these.
 */

#ifndef INLAY_GATE_SERVE_PROXY_REQUEST_H
#define INLAY_GATE_SERVE_PROXY_REQUEST_H

#include "gate/request.h"


/* what the portal has asked for, for apps' servers */
#define INLAY_HEADER_THEME   "X-Inlay-Theme"
#define INLAY_HEADER_LOCALE  "X-Inlay-Locale"
#include "base/buf.h"


ngx_int_t inlay_relay_variables_init(ngx_conf_t *cf);

/* The request goes on without this header. */
void inlay_remove_header(ngx_table_elt_t *header);

/* Before nginx makes the request. NGX_OK, or a status. */
ngx_int_t inlay_relay_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx);

/* The client's cookies without ours; with the mark, without what the app's server did not set. All
 * without a mark, "". NGX_ERROR if there is no memory. */
ngx_int_t inlay_cookies(ngx_http_request_t *r, struct str mark, ngx_str_t *value);

/* All Cookie headers, joined by ";". The caller frees cookies. */
void inlay_cookies_join(ngx_http_request_t *r, struct buf *cookies);

/* The mark of this origin's cookies; see http/rewrite.h. */
#define INLAY_MARK_SIZE  32
struct str inlay_cookie_mark(ngx_http_request_t *r, inlay_ctx_t *ctx, char text[INLAY_MARK_SIZE]);

#endif
