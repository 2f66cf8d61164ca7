
/*
 * What a server's response becomes on the app's origin: its cookies and redirects are those of the
 * origin, and what Inlay says about framing and security is not contradicted.
 */

#include "gate/gate.h"


static ngx_int_t inlay_rewrite_cookie(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_table_elt_t *h);
static ngx_int_t inlay_rewrite_location(ngx_http_request_t *r, inlay_ctx_t *ctx,
    ngx_table_elt_t *h);
static ngx_int_t inlay_rewrite_policy(ngx_http_request_t *r, ngx_table_elt_t *h);


static ngx_uint_t
inlay_header_is(ngx_table_elt_t *h, const char *name)
{
    size_t  len = ngx_strlen(name);

    return h->key.len == len && ngx_strncasecmp(h->key.data, (u_char *) name, len) == 0;
}


/* NGX_OK, or a status: the answer makes no sense. */

ngx_int_t
inlay_answer_clean(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    static const char  *dropped[] = {
        "X-Frame-Options", "X-Content-Type-Options", "Origin-Agent-Cluster", "Referrer-Policy",
        "Strict-Transport-Security", "Clear-Site-Data", "Alt-Svc", "Public-Key-Pins"
    };

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

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash == 0) {
                continue;
            }

            if (h[i].key.len > 15
                && ngx_strncasecmp(h[i].key.data, (u_char *) "Access-Control-", 15) == 0)
            {
                h[i].hash = 0;
                continue;
            }

            for (n = 0; n < sizeof(dropped) / sizeof(dropped[0]); n++) {
                if (inlay_header_is(&h[i], dropped[n])) {
                    h[i].hash = 0;
                }
            }

            if (inlay_header_is(&h[i], "Set-Cookie")) {
                if (inlay_rewrite_cookie(r, ctx, &h[i]) != NGX_OK) {
                    return NGX_ERROR;
                }

            } else if (inlay_header_is(&h[i], "Location")) {
                if (inlay_rewrite_location(r, ctx, &h[i]) != NGX_OK) {
                    return NGX_ERROR;
                }

            } else if (inlay_header_is(&h[i], "Content-Security-Policy")
                       || inlay_header_is(&h[i], "Content-Security-Policy-Report-Only"))
            {
                if (inlay_rewrite_policy(r, &h[i]) != NGX_OK) {
                    return NGX_ERROR;
                }
            }
        }
    }

    return NGX_OK;
}


static struct str
inlay_without_base(inlay_ctx_t *ctx, struct str path)
{
    struct str  rest, base = inlay_target_base(ctx->target);

    if (base.len == 0 || !str_starts_with(path, base)) {
        return path;
    }

    rest = str_skip(path, base.len);

    return rest.len == 0 ? STR("/") : rest.ptr[0] == '/' ? rest : path;
}


/* The cookie belongs to this origin inside of this portal, whatever the server says. */

static ngx_int_t
inlay_rewrite_cookie(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_table_elt_t *h)
{
    u_char      *p;
    struct str   rest, part, name, value, pair, path;

    struct str   after = STR("; Secure; SameSite=None; Partitioned");

    rest = inlay_str(h->value);
    pair = str_trim(str_cut(&rest, ';'));
    value = pair;
    name = str_trim(str_cut(&value, '='));

    if (name.len == 0 || name.len == pair.len
        || (name.len >= 12
            && ngx_strncasecmp((u_char *) name.ptr, (u_char *) "__Host-inlay", 12) == 0))
    {
        h->hash = 0;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, h->value.len + after.len + 64);
    if (p == NULL) {
        return NGX_ERROR;
    }

    h->value.data = p;
    p = ngx_cpymem(p, pair.ptr, pair.len);

    while (rest.len > 0) {
        part = str_trim(str_cut(&rest, ';'));
        value = part;
        name = str_trim(str_cut(&value, '='));
        value = str_trim(value);

        if (str_equal_nocase(name, STR("Path"))) {
            path = inlay_without_base(ctx, value);
            p = ngx_cpymem(p, "; Path=", 7);
            p = ngx_cpymem(p, path.ptr, path.len);

        } else if (str_equal_nocase(name, STR("Expires")) || str_equal_nocase(name, STR("Max-Age"))
                   || str_equal_nocase(name, STR("HttpOnly")))
        {
            *p++ = ';';
            *p++ = ' ';
            p = ngx_cpymem(p, part.ptr, part.len);
        }
    }

    p = ngx_cpymem(p, after.ptr, after.len);
    h->value.len = p - h->value.data;

    return NGX_OK;
}


static ngx_int_t
inlay_rewrite_location(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_table_elt_t *h)
{
    struct str  rest, origin;

    rest = inlay_str(h->value);
    origin = inlay_target_origin(ctx->target);

    if (rest.len >= origin.len
        && str_equal_nocase((struct str) { rest.ptr, origin.len }, origin)
        && (rest.len == origin.len || rest.ptr[origin.len] == '/' || rest.ptr[origin.len] == '?'))
    {
        rest = str_skip(rest, origin.len);

        if (rest.len == 0) {
            rest = STR("/");
        }

    } else if (rest.len == 0 || rest.ptr[0] != '/' || (rest.len > 1 && rest.ptr[1] == '/')) {
        return NGX_OK;
    }

    h->value = inlay_copy(r->pool, inlay_without_base(ctx, rest));

    return h->value.len > 0 ? NGX_OK : NGX_ERROR;
}


/* Takes frame-ancestors out of each policy of the list; the rest stays as it was. */

static ngx_int_t
inlay_rewrite_policy(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    u_char      *p, *start;
    ngx_uint_t   any;
    struct str   rest, policy, directive, name;

    start = ngx_pnalloc(r->pool, h->value.len * 2 + 2);
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = start;
    rest = inlay_str(h->value);

    while (rest.len > 0) {
        policy = str_cut(&rest, ',');
        any = 0;

        while (policy.len > 0) {
            directive = str_trim(str_cut(&policy, ';'));
            name = directive;
            name.len = ngx_min(str_find(directive, ' '), str_find(directive, '\t'));

            if (directive.len == 0 || str_equal_nocase(name, STR("frame-ancestors"))) {
                continue;
            }

            if (any) {
                *p++ = ';';
                *p++ = ' ';
            } else if (p != start) {
                *p++ = ',';
                *p++ = ' ';
            }

            any = 1;
            p = ngx_cpymem(p, directive.ptr, directive.len);
        }
    }

    h->value.data = start;
    h->value.len = p - start;

    if (h->value.len == 0) {
        h->hash = 0;
    }

    return NGX_OK;
}
