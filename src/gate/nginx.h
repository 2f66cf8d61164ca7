
/*
 * nginx's headers, which only src/gate includes, in the order that they need; and texts between
 * nginx and us. A text that is changed from one form to the other stays where it is.
 */

#ifndef INLAY_GATE_NGINX_H
#define INLAY_GATE_NGINX_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "base/str.h"


static inline struct str
inlay_str(ngx_str_t s)
{
    return (struct str) { (const char *) s.data, s.len };
}


/* nginx's texts aren't const, even those that it only reads. */

static inline u_char *
inlay_bytes(const char *text)
{
    return (u_char *) (uintptr_t) text;
}


/* In the pool; empty if there is no memory. */
ngx_str_t inlay_copy(ngx_pool_t *pool, struct str s);

/* The first header of this name in a request's or a response's list; STR_NONE without one. */
struct str inlay_header_of(const ngx_list_t *headers, struct str name);

#endif
