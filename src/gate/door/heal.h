
/*
 * Cookies that are too large for any server: expired on the way, so that the next request arrives.
 * http/heal.h says which, and how.
 */

#ifndef INLAY_GATE_DOOR_HEAL_H
#define INLAY_GATE_DOOR_HEAL_H

#include "gate/request.h"


/* Adds Set-Cookie headers to a link's response, if its request has more cookies than is good. */
void inlay_heal(ngx_http_request_t *r);

/* The same for a request whose headers nginx found too large: of the part that was read. What opens
 * a link, or a page of the public address, is sent there again, a number of times: NGX_DECLINED if
 * it was not, else what a content handler returns. */
ngx_int_t inlay_heal_unread(ngx_http_request_t *r, inlay_ctx_t *ctx);

#endif
