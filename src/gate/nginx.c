
#include "gate/nginx.h"


ngx_str_t
inlay_copy(ngx_pool_t *pool, struct str s)
{
    ngx_str_t  copy = ngx_null_string;

    if (s.len > 0) {
        copy.data = ngx_pnalloc(pool, s.len);
        if (copy.data != NULL) {
            ngx_memcpy(copy.data, s.ptr, s.len);
            copy.len = s.len;
        }
    }

    return copy;
}


struct str
inlay_header_of(const ngx_list_t *headers, struct str name)
{
    ngx_uint_t              i;
    const ngx_list_part_t  *part;
    const ngx_table_elt_t  *h;

    for (part = &headers->part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash != 0 && str_equal_nocase(inlay_str(h[i].key), name)) {
                return inlay_str(h[i].value);
            }
        }
    }

    return STR_NONE;
}
