
#include "gate/serve/proxy_response.h"
#include "gate/serve/proxy_request.h"
#include "gate/serve/proxy_target.h"
#include "gate/note.h"
#include "gate/send.h"
#include "base/limits.h"
#include "http/cookie.h"
#include "http/rewrite.h"


/* what becomes Set-Cookie once the server's are rewritten */
static const char  inlay_our_cookie[] = "X-Inlay-Set-Cookie";


static ngx_int_t inlay_answer_begin(ngx_http_request_t *r);
static ngx_int_t inlay_answer_again(ngx_http_request_t *r);
static ngx_int_t inlay_answer_header(ngx_http_request_t *r, const struct rewrite_site *site,
    ngx_table_elt_t *h);


/* of nginx's proxy, the same for every request */
static ngx_int_t  (*inlay_proxy_begin)(ngx_http_request_t *r);
static ngx_int_t  (*inlay_proxy_again)(ngx_http_request_t *r);

static ngx_http_output_header_filter_pt  inlay_answer_next_filter;


void
inlay_answer_prepare(ngx_http_upstream_t *u)
{
    inlay_proxy_begin = u->process_header;
    inlay_proxy_again = u->reinit_request;

    u->process_header = inlay_answer_begin;
    u->reinit_request = inlay_answer_again;
}


static ngx_int_t
inlay_answer_again(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = inlay_proxy_again(r);
    r->upstream->process_header = inlay_answer_begin;

    return rc;
}


ngx_uint_t
inlay_answer_is_http2(const ngx_buf_t *b)
{
    static const u_char  zeros[5]; /* no flags, stream 0 */

    return b->start != NULL && b->last - b->start >= 9 && b->start[0] == 0
           && (b->start[3] == 4 || b->start[3] == 7)
           && ngx_memcmp(b->start + 4, zeros, sizeof(zeros)) == 0;
}


/*
 * Interim answers (RFC 9110 15.2) are skipped: nginx would take the first for the one that counts.
 * They share the room that is there for the header.
 */

static ngx_int_t
inlay_answer_begin(ngx_http_request_t *r)
{
    u_char               *end;
    ngx_buf_t            *b;
    ngx_http_upstream_t  *u;
    static char           terminator[] = "\r\n\r\n";

    u = r->upstream;
    b = &u->buffer;

    if (inlay_answer_is_http2(b)) {
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    for ( ;; ) {
        if (b->last - b->pos < (ssize_t) sizeof("HTTP/1.1 200") - 1) {
            return NGX_AGAIN;
        }

        if (ngx_memcmp(b->pos, "HTTP/1.", 7) != 0 || ngx_memcmp(b->pos + 8, " 1", 2) != 0
            || ngx_memcmp(b->pos + 8, " 101", 4) == 0)
        {
            break;
        }

        end = ngx_strnstr(b->pos, terminator, (size_t) (b->last - b->pos));
        if (end == NULL) {
            return NGX_AGAIN;
        }

        b->pos = end + 4;
    }

    u->process_header = inlay_proxy_begin;

    return u->process_header(r);
}


/* Does the answer say in one way only where it ends (RFC 9112 6.3)? */

static ngx_uint_t
inlay_answer_is_clear(ngx_http_upstream_t *u)
{
    ngx_uint_t        i, lengths;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    lengths = u->headers_in.chunked ? 1 : 0;

    for (part = &u->headers_in.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (str_equal_nocase(inlay_str(h[i].key), STR("Content-Length"))) {
                lengths++;
            }
        }
    }

    return lengths <= 1;
}


static ngx_int_t
inlay_answer_add_cookie(ngx_http_request_t *r, const struct buf *value, ngx_uint_t is_there)
{
    if (!is_there) {
        return NGX_OK;
    }

    return buf_is_ok(value) ? inlay_add_header(r, inlay_our_cookie, buf_str(value)) : NGX_ERROR;
}


/* The headers that go beside the server's own Set-Cookie, under a name of their own until those are
 * rewritten. */

static ngx_int_t
inlay_answer_cookies(ngx_http_request_t *r, const struct rewrite_site *site)
{
    ngx_int_t         rc = NGX_OK;
    ngx_uint_t        i;
    struct buf        sent, value;
    struct str        text;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    sent = buf_make(2 * LIMIT_HEADERS_HTTP2_BYTES);
    inlay_cookies_join(r, &sent);

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts && rc == NGX_OK; i++) {
            if (h[i].hash == 0 || !str_equal_nocase(inlay_str(h[i].key), STR("Set-Cookie"))) {
                continue;
            }

            text = inlay_str(h[i].value);
            value = buf_make(rewrite_room(site, text));
            rc = inlay_answer_add_cookie(r, &value, rewrite_cookie_digest(site, text, &value));

            value.len = 0;

            if (rc == NGX_OK) {
                rc = inlay_answer_add_cookie(r, &value,
                                             rewrite_cookie_replaced(site, buf_str(&sent), text,
                                                                     &value));
            }

            buf_done(&value);
        }
    }

    buf_done(&sent);

    return rc;
}


/* Browsers keep so many bytes of cookies for a site, and then throw others away: with this response
 * they become too many. The headers are as the browser gets them. */

static void
inlay_answer_weigh(ngx_http_request_t *r, const inlay_ctx_t *ctx)
{
    int64_t           before = 0, change = 0;
    ngx_uint_t        i, is_joined = 0;
    struct buf        sent;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    sent = buf_make(2 * LIMIT_HEADERS_HTTP2_BYTES);

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash != 0 && str_equal_nocase(inlay_str(h[i].key), STR("Set-Cookie"))) {

                if (!is_joined) {
                    is_joined = 1;
                    inlay_cookies_join(r, &sent);
                    before = (int64_t) cookie_bytes(buf_str(&sent));
                }

                change += cookie_bytes_change(buf_str(&sent), inlay_str(h[i].value));
            }
        }
    }

    buf_done(&sent);

    if (before <= LIMIT_COOKIES_WARN_BYTES && before + change > LIMIT_COOKIES_WARN_BYTES) {
        inlay_note_cookies(r, before + change, ctx);
    }
}


/* NGX_OK, or a status: the answer makes no sense. */

static ngx_int_t
inlay_answer_clean(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    char                 mark[INLAY_MARK_SIZE];
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    struct rewrite_site  site;

    /* nginx takes what has no status line for an HTTP/0.9 answer, which would have no headers */
    if (r->http_version < NGX_HTTP_VERSION_10) {
        r->http_version = ctx->proxy.http_version;
        ctx->proxy.failure = "upstream_invalid";
        return NGX_HTTP_BAD_GATEWAY;
    }

    if (r->headers_out.status < NGX_HTTP_OK
        && !(r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS && ctx->proxy.is_websocket))
    {
        ctx->proxy.failure = "upstream_invalid";
        return NGX_HTTP_BAD_GATEWAY;
    }

    if (r->upstream != NULL && !inlay_answer_is_clear(r->upstream)) {
        ctx->proxy.failure = "upstream_invalid";
        return NGX_HTTP_BAD_GATEWAY;
    }

    /* what has no length may be a stream, which nobody may hold back */
    if (r->headers_out.content_length_n == -1 && r->upstream != NULL) {
        r->upstream->buffering = 0;
    }

    site.own = inlay_own_origin(r, ctx);
    if (site.own.len == 0) {
        return NGX_ERROR;
    }

    site.server = ctx->proxy.target->origin;
    site.host = ctx->proxy.target->host;
    site.base = ctx->proxy.target->settings.address.path;
    site.mark = inlay_cookie_mark(r, ctx, mark);

    if (inlay_answer_cookies(r, &site) != NGX_OK) {
        return NGX_ERROR;
    }

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.data == inlay_bytes(inlay_our_cookie)) {
                ngx_str_set(&h[i].key, "Set-Cookie");

            } else if (h[i].hash != 0 && inlay_answer_header(r, &site, &h[i]) != NGX_OK) {
                return NGX_ERROR;
            }
        }
    }

    inlay_answer_weigh(r, ctx);

    return NGX_OK;
}


static ngx_int_t
inlay_answer_header(ngx_http_request_t *r, const struct rewrite_site *site, ngx_table_elt_t *h)
{
    ngx_int_t   rc = NGX_OK;
    struct buf  value;

    value = buf_make(rewrite_room(site, inlay_str(h->value)));

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


static ngx_int_t
inlay_answer_filter(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    inlay_ctx_t  *ctx;

    ctx = r == r->main ? inlay_ctx_find(r) : NULL;

    if (ctx != NULL && ctx->response == INLAY_RESPONSE_PROXIED) {
        rc = inlay_answer_clean(r, ctx);

        if (rc != NGX_OK) {
            /* or its cookies and policies would be those of our page */
            ngx_http_clean_header(r);
            ctx->response = INLAY_RESPONSE_PLAIN;
            return rc;
        }
    }

    return inlay_answer_next_filter(r);
}


void
inlay_answer_filter_init(void)
{
    inlay_answer_next_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = inlay_answer_filter;
}
