
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
