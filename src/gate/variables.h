
/*
 * The variables of nginx.conf: $inlay_root, $inlay_path, $inlay_host, $inlay_session, $inlay_app.
 */

#ifndef INLAY_GATE_VARIABLES_H
#define INLAY_GATE_VARIABLES_H

#include "gate/nginx.h"


ngx_int_t inlay_variables_init(ngx_conf_t *cf);


/* nginx keeps a variable's length in 28 bits. */

static inline ngx_int_t
inlay_variable_set(ngx_http_variable_value_t *v, ngx_str_t value)
{
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = value.len & 0xfffffff;
    v->data = value.data;
    return NGX_OK;
}

#endif
