
#include "gate/serve/proxy_request.h"
#include "gate/variables.h"
#include "gate/serve/identity.h"
#include "gate/serve/proxy_target.h"
#include "http/rewrite.h"
#include "http/target.h"
#include "base/limits.h"


/* The configuration leaves out every header of this name. */

void
inlay_remove_header(ngx_table_elt_t *header)
{
    static ngx_str_t  removed = ngx_string("inlay-removed");

    header->key = removed;
    header->lowcase_key = removed.data;
    header->hash = ngx_hash_key(removed.data, removed.len);
}


/* What Inlay says itself, and what the app's server trusts: nobody else may say it. */

static ngx_uint_t
inlay_is_reserved(ngx_http_request_t *r, const inlay_target_t *target, struct str name)
{
    size_t  i;

    if (rewrite_is_reserved(name) || identity_is_header(&inlay_conf(r)->settings, name)) {
        return 1;
    }

    for (i = 0; target != NULL && i < target->settings.trusted_header_count; i++) {
        if (rewrite_is_spelling(name, target->settings.trusted_headers[i])) {
            return 1;
        }
    }

    return 0;
}


static void
inlay_remove_reserved(ngx_http_request_t *r, const inlay_target_t *target)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (inlay_is_reserved(r, target, inlay_str(header[i].key))) {
                inlay_remove_header(&header[i]);
            }
        }
    }
}


/* The app's own origin, in the words of a server that is told another Host. */

static ngx_int_t
inlay_translate(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_str_t *value)
{
    u_char          *p;
    struct str       own, rest, base, scheme;
    inlay_target_t  *target;

    target = ctx->proxy.target;
    own = inlay_own_origin(r, ctx);

    if (own.len == 0 || !str_starts_with(inlay_str(*value), own)) {
        return NGX_OK;
    }

    rest = str_skip(inlay_str(*value), own.len);
    if (rest.len > 0 && rest.ptr[0] != '/') {
        return NGX_OK;
    }

    scheme = target->settings.address.origin.is_https ? STR("https://") : STR("http://");
    base = target->settings.address.path;

    if (rest.len == 0 || target_has_base(rest, base)) {
        base.len = 0;
    }

    value->len = scheme.len + target->host.len + base.len + rest.len;
    value->data = ngx_pnalloc(r->pool, value->len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value->data, scheme.ptr, scheme.len);
    p = ngx_cpymem(p, target->host.ptr, target->host.len);
    if (base.len > 0) {
        p = ngx_cpymem(p, base.ptr, base.len);
    }
    (void) ngx_cpymem(p, rest.ptr, rest.len);

    return NGX_OK;
}


/* Servers compare both with Host. That they are of the app's own pages was checked before. */

static ngx_int_t
inlay_translate_origins(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    if (ctx->proxy.target == NULL || ctx->proxy.target->host.len == 0) {
        return NGX_OK;
    }

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if ((str_equal_nocase(inlay_str(header[i].key), STR("Origin"))
                 || str_equal_nocase(inlay_str(header[i].key), STR("Referer")))
                && inlay_translate(r, ctx, &header[i].value) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


/* What the link said, if it said something. */

static ngx_int_t
inlay_look_add(ngx_http_request_t *r, ngx_str_t *name, struct str value)
{
    ngx_table_elt_t  *header;

    if (value.len == 0) {
        return NGX_OK;
    }

    header = ngx_list_push(&r->headers_in.headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(header, sizeof(ngx_table_elt_t));
    header->key = *name;
    header->value.data = inlay_bytes(value.ptr);
    header->value.len = value.len;

    header->lowcase_key = ngx_pnalloc(r->pool, name->len);
    if (header->lowcase_key == NULL) {
        return NGX_ERROR;
    }

    header->hash = ngx_hash_strlow(header->lowcase_key, name->data, name->len);

    return NGX_OK;
}


ngx_int_t
inlay_relay_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    static ngx_str_t  theme = ngx_string(INLAY_HEADER_THEME);
    static ngx_str_t  locale = ngx_string(INLAY_HEADER_LOCALE);

    if (!target_is_plain(inlay_str(r->unparsed_uri))) {
        return NGX_HTTP_BAD_REQUEST;
    }

    inlay_remove_reserved(r, ctx->proxy.target);

    if (inlay_translate_origins(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->app.identity == NULL || inlay_identity_add(r, ctx->app.identity) != NGX_OK
        || inlay_look_add(r, &theme, ctx->look.theme) != NGX_OK
        || inlay_look_add(r, &locale, ctx->look.locale) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_OK;
}


/* ---- variables of the configuration ---- */


enum {
    INLAY_VARIABLE_URL,
    INLAY_VARIABLE_NAME,
    INLAY_VARIABLE_HOST,
    INLAY_VARIABLE_COOKIE,
    INLAY_VARIABLE_CONNECTION,
    INLAY_VARIABLE_UPGRADE,
    INLAY_VARIABLE_ORIGIN_HOST,
    INLAY_VARIABLE_ORIGIN_SCHEME
};


void
inlay_cookies_join(ngx_http_request_t *r, struct buf *cookies)
{
#if (nginx_version >= 1023000)
    ngx_table_elt_t  *h;

    for (h = r->headers_in.cookie; h; h = h->next) {
        buf_add(cookies, inlay_str(h->value));
        buf_add_char(cookies, ';');
    }
#else
    ngx_uint_t         i;
    ngx_table_elt_t  **h;

    h = r->headers_in.cookies.elts;

    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        buf_add(cookies, inlay_str(h[i]->value));
        buf_add_char(cookies, ';');
    }
#endif
}


ngx_int_t
inlay_cookies(ngx_http_request_t *r, struct str mark, ngx_str_t *value)
{
    ngx_int_t   rc;
    struct buf  cookies, sent;

    sent = buf_make(2 * LIMIT_HEADERS_HTTP2_BYTES);
    cookies = buf_make(4 * LIMIT_HEADERS_HTTP2_BYTES);

    inlay_cookies_join(r, &sent);
    rewrite_cookies(buf_str(&sent), mark, &cookies);
    *value = inlay_copy(r->pool, buf_str(&cookies));

    rc = buf_is_ok(&sent) && buf_is_ok(&cookies) && value->len == cookies.len ? NGX_OK
                                                                              : NGX_ERROR;
    buf_done(&sent);
    buf_done(&cookies);

    return rc;
}


struct str
inlay_cookie_mark(ngx_http_request_t *r, inlay_ctx_t *ctx, char text[INLAY_MARK_SIZE])
{
    ngx_uint_t     i;
    u_char        *p;
    struct str     parts[2];
    struct digest  digest;

    parts[0] = STR("cookies");
    parts[1] = inlay_str(ctx->label);
    digest = digest_hmac(inlay_conf(r)->instance.key, parts, 2);

    p = ngx_cpymem(text, "inlay-", sizeof("inlay-") - 1);

    for (i = 0; i < 8; i++) {
        p = ngx_hex_dump(p, &digest.bytes[i], 1);
    }

    return (struct str) { text, (size_t) ((char *) p - text) };
}


static ngx_int_t
inlay_upstream_url(ngx_http_request_t *r, inlay_target_t *target, ngx_str_t *value)
{
    u_char     *p;
    ngx_str_t   uri;
    struct str  base;

    static ngx_str_t  http = ngx_string("http://inlay_apps");
    static ngx_str_t  https = ngx_string("https://inlay_apps");
    ngx_str_t        *scheme = target->settings.address.origin.is_https ? &https : &http;

    uri = r->unparsed_uri;
    base = target->settings.address.path;

    if (target_has_base(inlay_str(uri), base)) {
        base.len = 0; /* the server has written this address itself */
    }

    value->data = ngx_pnalloc(r->pool, scheme->len + base.len + uri.len + 1);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value->data, scheme->data, scheme->len);
    p = ngx_cpymem(p, base.ptr, base.len);
    if (uri.len == 0 || uri.data[0] != '/') {
        *p++ = '/';
    }
    p = ngx_cpymem(p, uri.data, uri.len);
    value->len = (size_t) (p - value->data);

    return NGX_OK;
}


static ngx_int_t
inlay_upstream_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    char                mark[INLAY_MARK_SIZE];
    ngx_str_t           value = ngx_null_string;
    struct str          origin;
    inlay_ctx_t        *ctx;
    inlay_target_t     *target;
    inlay_main_conf_t  *conf;

    ctx = inlay_ctx_find(r);
    conf = inlay_conf(r);

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED || ctx->proxy.target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    target = ctx->proxy.target;

    switch (data) {

    case INLAY_VARIABLE_URL:
        if (inlay_upstream_url(r, target, &value) != NGX_OK) {
            return NGX_ERROR;
        }
        break;

    case INLAY_VARIABLE_NAME:
        value.data = inlay_bytes(target->name.ptr);
        value.len = target->name.len;
        break;

    case INLAY_VARIABLE_HOST:
        if (target->host.len > 0) {
            value.data = inlay_bytes(target->host.ptr);
            value.len = target->host.len;
            break;
        }
        __attribute__((fallthrough));

    case INLAY_VARIABLE_ORIGIN_HOST:
        origin = str_skip(inlay_own_origin(r, ctx), conf->origin_before.len);
        value.data = inlay_bytes(origin.ptr);
        value.len = origin.len;
        break;

    case INLAY_VARIABLE_COOKIE:
        if (inlay_cookies(r, inlay_cookie_mark(r, ctx, mark), &value) != NGX_OK) {
            return NGX_ERROR;
        }
        break;

    case INLAY_VARIABLE_CONNECTION:
        if (ctx->proxy.is_websocket) {
            ngx_str_set(&value, "upgrade");
        }
        break;

    case INLAY_VARIABLE_UPGRADE:
        if (ctx->proxy.is_websocket) {
            ngx_str_set(&value, "websocket");
        }
        break;

    default:
        if (conf->settings.app_url.origin.is_https) {
            ngx_str_set(&value, "https");
        } else {
            ngx_str_set(&value, "http");
        }
        break;
    }

    return inlay_variable_set(v, value);
}


ngx_int_t
inlay_relay_variables_init(ngx_conf_t *cf)
{
    ngx_uint_t            i;
    ngx_http_variable_t  *var;

    static ngx_str_t  names[] = {
        ngx_string("inlay_upstream"), ngx_string("inlay_upstream_name"),
        ngx_string("inlay_upstream_host"), ngx_string("inlay_upstream_cookie"),
        ngx_string("inlay_upstream_connection"), ngx_string("inlay_upstream_upgrade"),
        ngx_string("inlay_upstream_origin_host"), ngx_string("inlay_upstream_origin_scheme")
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        var = ngx_http_add_variable(cf, &names[i], NGX_HTTP_VAR_NOCACHEABLE);
        if (var == NULL) {
            return NGX_ERROR;
        }
        var->get_handler = inlay_upstream_variable;
        var->data = i;
    }

    return NGX_OK;
}
