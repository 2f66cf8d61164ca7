
#include "gate/send.h"


ngx_int_t
inlay_add_header(ngx_http_request_t *r, const char *name, struct str value)
{
    ngx_table_elt_t  *header;

    header = ngx_list_push(&r->headers_out.headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    header->hash = 1;
#if (nginx_version >= 1023000)
    header->next = NULL;
#endif
    ngx_str_set(&header->key, "");
    header->key.data = inlay_bytes(name);
    header->key.len = ngx_strlen(name);
    header->value = inlay_copy(r->pool, value);

    return header->value.len == value.len ? NGX_OK : NGX_ERROR;
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
