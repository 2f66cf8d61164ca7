
/*
 * What a server's response becomes on the app's origin: its cookies and redirects are those of the
 * origin, and what Inlay says about framing and security is not contradicted.
 */

#include "gate/upstream.h"


static ngx_int_t inlay_answer_header(ngx_http_request_t *r, const struct rewrite_site *site,
    ngx_table_elt_t *h);


/* NGX_OK, or a status: the answer makes no sense. */

ngx_int_t
inlay_answer_clean(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    struct rewrite_site  site;

    /* nginx takes what has no status line for an HTTP/0.9 answer, which would have no headers */
    if (r->http_version < NGX_HTTP_VERSION_10) {
        r->http_version = ctx->http_version;
        ctx->failure = "upstream_invalid";
        return NGX_HTTP_BAD_GATEWAY;
    }

    if (r->headers_out.status < NGX_HTTP_OK
        && !(r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS && ctx->is_websocket))
    {
        ctx->failure = "upstream_invalid";
        return NGX_HTTP_BAD_GATEWAY;
    }

    /* what has no length may be a stream, which nobody may hold back */
    if (r->headers_out.content_length_n == -1 && r->upstream != NULL) {
        r->upstream->buffering = 0;
    }

    site.own = inlay_own_origin(r, ctx->label);
    site.server = ctx->target->origin;
    site.host = ctx->target->host;
    site.base = ctx->target->settings.address.path;

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash != 0 && inlay_answer_header(r, &site, &h[i]) != NGX_OK) {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
inlay_answer_header(ngx_http_request_t *r, const struct rewrite_site *site, ngx_table_elt_t *h)
{
    ngx_int_t   rc = NGX_OK;
    struct buf  value;

    value = buf_make(REWRITE_ROOM(site, h->value));

    switch (rewrite_header(site, inlay_str(h->key), inlay_str(h->value), &value)) {

    case REWRITE_KEEP:
        break;

    case REWRITE_DROP:
        h->hash = 0;
        break;

    case REWRITE_TO:
        h->value = inlay_copy(r->pool, buf_str(&value));

        if (!buf_is_ok(&value) || h->value.len != value.len) {
            rc = NGX_ERROR;
        }
        break;
    }

    buf_done(&value);

    return rc;
}
