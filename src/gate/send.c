
#include "gate/send.h"


ngx_table_elt_t *
inlay_push_header(ngx_http_request_t *r, ngx_str_t name, ngx_str_t value)
{
    ngx_table_elt_t  *header;

    header = ngx_list_push(&r->headers_out.headers);

    if (header != NULL) {
        header->hash = 1;
#if (nginx_version >= 1023000)
        header->next = NULL;
#endif
        header->key = name;
        header->value = value;
    }

    return header;
}


ngx_int_t
inlay_add_header(ngx_http_request_t *r, const char *name, struct str value)
{
    ngx_str_t  key, copy;

    key.data = inlay_bytes(name);
    key.len = ngx_strlen(name);
    copy = inlay_copy(r->pool, value);

    return copy.len == value.len && inlay_push_header(r, key, copy) != NULL ? NGX_OK : NGX_ERROR;
}


ngx_int_t
inlay_clear_storage(ngx_http_request_t *r)
{
    return inlay_add_header(r, "Clear-Site-Data", STR("\"cache\", \"storage\""));
}


ngx_int_t
inlay_set_cookie(ngx_http_request_t *r, struct str name, struct str value, int64_t seconds)
{
    char        text[256];
    struct str  cookie;

    if (!str_print_fits(text, sizeof(text), &cookie,
                        STR_FMT "=" STR_FMT "; Path=/; Secure; HttpOnly; SameSite=None; "
                        "Partitioned; Max-Age=%lld",
                        STR_ARG(name), STR_ARG(value), (long long) seconds))
    {
        return NGX_ERROR;
    }

    return inlay_add_header(r, "Set-Cookie", cookie);
}


void
inlay_set_type(ngx_http_request_t *r, const char *content_type)
{
    if (content_type != NULL) {
        r->headers_out.content_type.data = inlay_bytes(content_type);
        r->headers_out.content_type.len = ngx_strlen(content_type);
        r->headers_out.content_type_len = r->headers_out.content_type.len;
    }
}


ngx_int_t
inlay_add_retry_after(ngx_http_request_t *r, int64_t seconds)
{
    char  text[NGX_INT64_LEN + 1];

    if (seconds <= 0) {
        return NGX_OK;
    }

    return inlay_add_header(r, "Retry-After",
                            str_print(text, sizeof(text), "%lld", (long long) seconds));
}


ngx_int_t
inlay_send(ngx_http_request_t *r, ngx_uint_t status, const char *content_type, struct str body)
{
    ngx_int_t     rc;
    ngx_str_t     copy;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t) body.len;

    if (status == NGX_HTTP_NO_CONTENT || body.len == 0) {
        r->header_only = 1;
    }

    inlay_set_type(r, content_type);

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    copy = inlay_copy(r->pool, body);
    b = ngx_calloc_buf(r->pool);
    if (b == NULL || copy.len != body.len) {
        return NGX_ERROR;
    }

    b->pos = copy.data;
    b->last = copy.data + copy.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
