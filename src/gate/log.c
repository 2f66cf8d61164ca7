
#include "gate/log.h"
#include "gate/request.h"


static ngx_uint_t
inlay_log_is_odd(u_char c)
{
    return c < 0x20 || c >= 0x7f;
}


ngx_str_t
inlay_log_text(ngx_http_request_t *r, ngx_str_t text)
{
    u_char     *p, *out;
    size_t      odd = 0;
    ngx_str_t   plain;

    static ngx_str_t  nothing = ngx_null_string;

    for (p = text.data; p < text.data + text.len; p++) {
        odd += inlay_log_is_odd(*p);
    }

    if (odd == 0) {
        return text;
    }

    plain.data = ngx_pnalloc(r->pool, text.len + 2 * odd);
    if (plain.data == NULL) {
        return nothing;
    }

    out = plain.data;

    for (p = text.data; p < text.data + text.len; p++) {
        if (inlay_log_is_odd(*p)) {
            out = ngx_sprintf(out, "%%%02Xd", (ngx_uint_t) *p);
        } else {
            *out++ = *p;
        }
    }

    plain.len = (size_t) (out - plain.data);

    return plain;
}


ngx_str_t
inlay_log_path(ngx_http_request_t *r)
{
    u_char       *p, *start, *end, *out;
    ngx_str_t     path, clean;
    inlay_ctx_t  *ctx;

    static ngx_str_t  hidden = ngx_string("[hidden]");

    ctx = inlay_ctx_find(r);

    if (ctx != NULL && ctx->uri.len > 0) {
        path = ctx->uri;

    } else if (r->unparsed_uri.len > 0) {
        path = r->unparsed_uri; /* r->uri may be a file's by now */
        path.len = str_find(inlay_str(path), '?');

    } else {
        path = r->uri;
    }

    path = inlay_log_text(r, path);

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
