
#include "gate/log.h"
#include "gate/request.h"


ngx_str_t
inlay_log_path(ngx_http_request_t *r)
{
    u_char       *p, *start, *end, *out;
    ngx_str_t     path, clean;
    inlay_ctx_t  *ctx;

    static ngx_str_t  hidden = ngx_string("[hidden]");

    ctx = inlay_ctx_find(r);
    path = ctx != NULL && ctx->uri.len > 0 ? ctx->uri : r->uri;

    if (path.len < UUID_TEXT_SIZE) {
        return path;
    }

    clean.data = ngx_pnalloc(r->pool, path.len);
    if (clean.data == NULL) {
        return hidden;
    }

    out = clean.data;
    end = path.data + path.len;

    for (p = path.data; p < end; p = start) {

        for (start = p + 1; start < end && *start != '/'; start++) { /* void */ }

        if (start - p > UUID_TEXT_SIZE) { /* with its slash */
            *out++ = '/';
            out = ngx_cpymem(out, hidden.data, hidden.len);

        } else {
            out = ngx_cpymem(out, p, (size_t) (start - p));
        }
    }

    clean.len = (size_t) (out - clean.data);

    return clean;
}


static u_char *
inlay_log_handler(ngx_http_request_t *r, ngx_http_request_t *sr, u_char *buf, size_t len)
{
    ngx_str_t   path;

    (void) sr;

    path = inlay_log_path(r);

    return ngx_snprintf(buf, len, ", request: \"%V %V\"", &r->method_name, &path);
}


ngx_int_t
inlay_quiet_log_handler(ngx_http_request_t *r)
{
    if (inlay_site(r) != INLAY_SITE_NONE) {
        r->log_handler = inlay_log_handler;
    }

    return NGX_DECLINED;
}
