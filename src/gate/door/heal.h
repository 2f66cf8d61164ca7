
/*
 * Cookies that are too large for any server: expired on the way, so that the next request arrives.
 * http/heal.h says which, and how.
 */

#ifndef INLAY_GATE_DOOR_HEAL_H
#define INLAY_GATE_DOOR_HEAL_H

#include "gate/request.h"


/* In the handler of a link: adds Set-Cookie headers to the response, if the request has more cookies
 * than is good. If one response can't expire as many as it should, the request is sent to the same
 * address again, a number of times. NGX_DECLINED if it was not: go on; else what a content handler
 * returns. */
ngx_int_t inlay_heal(ngx_http_request_t *r);

/* The same for a request whose headers nginx found too large: of the part that was read. */
ngx_int_t inlay_heal_unread(ngx_http_request_t *r);

/* Does the address ("/a?b") open a link, or enter by one? */
ngx_uint_t inlay_is_link_address(struct str uri);

#endif
