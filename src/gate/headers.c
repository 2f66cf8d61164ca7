
#include "gate/headers.h"

#include "error_page.h"


static ngx_http_output_header_filter_pt  inlay_next_header_filter;


static ngx_int_t inlay_header_filter(ngx_http_request_t *r);
static ngx_int_t inlay_add_policy(ngx_http_request_t *r, inlay_ctx_t *ctx);
static ngx_uint_t inlay_name_is_hashed(ngx_str_t *uri);


void
inlay_headers_init(void)
{
    inlay_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = inlay_header_filter;
}


static ngx_int_t
inlay_push(ngx_http_request_t *r, ngx_str_t *key, ngx_str_t *value)
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
    header->key = *key;
    header->value = *value;

    return NGX_OK;
}


static ngx_str_t  inlay_nosniff = ngx_string("X-Content-Type-Options");
static ngx_str_t  inlay_csp = ngx_string("Content-Security-Policy");
static ngx_str_t  inlay_hsts = ngx_string("Strict-Transport-Security");
static ngx_str_t  inlay_cluster = ngx_string("Origin-Agent-Cluster");
static ngx_str_t  inlay_referrer = ngx_string("Referrer-Policy");
static ngx_str_t  inlay_cache = ngx_string("Cache-Control");
static ngx_str_t  inlay_vary = ngx_string("Vary");
static ngx_str_t  inlay_resource = ngx_string("Cross-Origin-Resource-Policy");


#define inlay_push_literal(r, key, text)                                      \
    do {                                                                      \
        static ngx_str_t  value = ngx_string(text);                           \
        if (inlay_push(r, &(key), &value) != NGX_OK) {                        \
            return NGX_ERROR;                                                 \
        }                                                                     \
    } while (0)


/* An error came up after our headers were written (a range that is not there): write them anew. */

static void
inlay_take_back(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    static const ngx_str_t  *ours[] = {
        &inlay_nosniff, &inlay_csp, &inlay_hsts, &inlay_cluster, &inlay_referrer, &inlay_cache,
        &inlay_vary, &inlay_resource
    };

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (n = 0; n < sizeof(ours) / sizeof(ours[0]); n++) {
                if (header[i].key.data == ours[n]->data) {
                    header[i].hash = 0;
                }
            }
        }
    }
}


static ngx_int_t
inlay_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t    site;
    inlay_ctx_t  *ctx;

    site = inlay_site(r);

    if (site == INLAY_SITE_NONE || r != r->main) {
        return inlay_next_header_filter(r);
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->is_filtered) {
        inlay_take_back(r);
    }
    ctx->is_filtered = 1;

    inlay_push_literal(r, inlay_nosniff, "nosniff");

    if (inlay_add_policy(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (inlay_conf(r)->settings.public_url.origin.is_https) {
        inlay_push_literal(r, inlay_hsts, "max-age=31536000");
    }

    if (site == INLAY_SITE_APP) {
        inlay_push_literal(r, inlay_cluster, "?1");
    }

    /* portals frame what a link leads to; nothing else here is for pages of other origins */
    if (site == INLAY_SITE_PUBLIC && !ctx->is_link && !ctx->is_keys) {
        inlay_push_literal(r, inlay_resource, "same-origin");
    }

    if (site == INLAY_SITE_APP && !ctx->is_link) {
        inlay_push_literal(r, inlay_referrer, "same-origin");

    } else {
        inlay_push_literal(r, inlay_referrer, "no-referrer");
    }

    if (ctx->is_sdk || ctx->is_keys) {
        inlay_push_literal(r, inlay_cache, "public, max-age=300"); /* JWKS_CACHE_S */
        return inlay_next_header_filter(r);
    }

    if (ctx->is_answer) {
        /* the server's own word on caching stands, but only in the browser */
        inlay_push_literal(r, inlay_cache, "private");
        return inlay_next_header_filter(r);
    }

    if (!ctx->is_file) {
        inlay_push_literal(r, inlay_cache, "no-store");
        return inlay_next_header_filter(r);
    }

    /* The file's time is made from its content, for the ETag; as a date it has no meaning. */
    r->headers_out.last_modified_time = -1;
    r->headers_out.last_modified = NULL;

    /* nginx's gzip_vary would look for the variants even if the client takes none */
    inlay_push_literal(r, inlay_vary, "Accept-Encoding");

    if (inlay_name_is_hashed(&r->uri)) {
        inlay_push_literal(r, inlay_cache, "private, max-age=31536000, immutable");

    } else {
        inlay_push_literal(r, inlay_cache, "private, no-cache");
    }

    return inlay_next_header_filter(r);
}


/* Who may frame this: the app's portals, and in them its own pages; or nobody. */

static ngx_int_t
inlay_add_policy(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    u_char             *p;
    ngx_str_t           value;

    static ngx_str_t    page = ngx_string(ERROR_PAGE_CSP "; ");
    static ngx_str_t    nothing = ngx_string("default-src 'none'; ");
    static ngx_str_t    none = ngx_string("'none'");
    static ngx_str_t    nobody = ngx_string("frame-ancestors 'none'");
    static ngx_str_t    ancestors = ngx_string("frame-ancestors ");
    static ngx_str_t    itself = ngx_string(" 'self'");

    ngx_str_t          *portals = ctx->portals.len > 0 ? &ctx->portals : &none;
    ngx_str_t           before = ngx_string("");
    ngx_str_t           after = ngx_string("");

    if (ctx->is_page) {
        before = page;

    } else if (inlay_site(r) == INLAY_SITE_PUBLIC) {
        before = nothing;
    }

    if (before.len == 0 && portals == &none) {
        value = nobody;
        return inlay_push(r, &inlay_csp, &value);
    }

    if (inlay_site(r) == INLAY_SITE_APP && portals != &none) {
        after = itself;
    }

    value.len = before.len + ancestors.len + portals->len + after.len;
    value.data = ngx_pnalloc(r->pool, value.len);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value.data, before.data, before.len);
    p = ngx_cpymem(p, ancestors.data, ancestors.len);
    p = ngx_cpymem(p, portals->data, portals->len);
    ngx_memcpy(p, after.data, after.len);

    return inlay_push(r, &inlay_csp, &value);
}


/*
 * Does the name hold a hash of the content, as bundlers write it ("index-BkX3d8sV.js",
 * "main.1f8a92c0.css")? A part of eight or more characters, set off by "-" or ".", with letters and
 * with digits or both cases; of files that pages refer to by name.
 */

static ngx_uint_t
inlay_name_is_hashed(ngx_str_t *uri)
{
    u_char       c, *p, *start, *end;
    ngx_uint_t   lower, upper, digit, len;

    static const ngx_str_t  types[] = {
        ngx_string("js"), ngx_string("mjs"), ngx_string("css"), ngx_string("map"),
        ngx_string("woff"), ngx_string("woff2"), ngx_string("ttf"), ngx_string("otf"),
        ngx_string("png"), ngx_string("jpg"), ngx_string("jpeg"), ngx_string("gif"),
        ngx_string("svg"), ngx_string("webp"), ngx_string("avif"), ngx_string("ico"),
        ngx_string("wasm"), ngx_string("mp4"), ngx_string("webm"), ngx_null_string
    };

    end = uri->data + uri->len;

    for (start = end; start > uri->data && start[-1] != '/'; start--) { /* void */ }

    for (p = end; p > start && p[-1] != '.'; p--) { /* void */ }

    for (len = 0; types[len].len != 0; len++) {
        if ((size_t) (end - p) == types[len].len
            && ngx_memcmp(p, types[len].data, types[len].len) == 0)
        {
            break;
        }
    }

    if (p == start || types[len].len == 0) {
        return 0;
    }

    /* backwards over the name before the extension, part by part */

    end = p - 1;
    lower = upper = digit = len = 0;

    for (p = end; p >= start; p--) {
        c = p > start ? p[-1] : '.';

        if (c >= 'a' && c <= 'z') {
            lower = 1;
        } else if (c >= 'A' && c <= 'Z') {
            upper = 1;
        } else if (c >= '0' && c <= '9') {
            digit = 1;
        } else if (c == '.' || ((c == '-' || c == '_') && len >= 8)) {
            if (len >= 8 && (lower || upper) && (digit || (lower && upper)) && p > start) {
                return 1;
            }
            if (c != '.') {
                return 0;
            }
            lower = upper = digit = len = 0;
            continue;
        } else if (c != '-' && c != '_') {
            return 0;
        }

        len++;
    }

    return 0;
}
