
#include "gate/door/forward.h"
#include "gate/send.h"
#include "gate/serve/proxy_request.h"
#include "http/forward.h"
#include "entry/identity.h"


#define INLAY_FORWARD_PATH  "/api/forward-auth"


static const struct {
    ngx_str_t  name;
    size_t     offset;
} inlay_forward_headers[] = {
    { ngx_string("X-Forwarded-Host"), offsetof(struct forward_headers, forwarded_host) },
    { ngx_string("X-Forwarded-Proto"), offsetof(struct forward_headers, forwarded_proto) },
    { ngx_string("X-Forwarded-Method"), offsetof(struct forward_headers, forwarded_method) },
    { ngx_string("X-Original-URL"), offsetof(struct forward_headers, original_url) },
    { ngx_string("X-Original-Method"), offsetof(struct forward_headers, original_method) },
    { ngx_string("X-Inlay-App"), offsetof(struct forward_headers, app) }
};


ngx_uint_t
inlay_is_forward(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    return clcf->handler == inlay_forward_handler;
}


static ngx_uint_t
inlay_is_forward_path(ngx_str_t *path)
{
    size_t  len = sizeof(INLAY_FORWARD_PATH) - 1;

    return path->len >= len && ngx_memcmp(path->data, INLAY_FORWARD_PATH, len) == 0;
}


/*
 * Envoy puts the path of the client behind the path of the question. One that climbs out of it would
 * reach something else, whose 200 Envoy would take for a yes. And a path that becomes the question's
 * only here is one that the proxy did not know for what it is.
 */

ngx_int_t
inlay_forward_guard_handler(ngx_http_request_t *r)
{
    if (inlay_site(r) != INLAY_SITE_NONE
        && inlay_is_forward_path(&r->unparsed_uri) != inlay_is_forward_path(&r->uri))
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    return NGX_DECLINED;
}


/* The address at the other end of the connection, whatever X-Forwarded-For says. */

static struct str
inlay_peer_address(ngx_http_request_t *r)
{
    ngx_str_t                   name = ngx_string("realip_remote_addr");
    ngx_http_variable_value_t  *value;

    value = ngx_http_get_variable(r, &name, ngx_hash_key(name.data, name.len));

    if (value == NULL || value->not_found) {
        return STR("");
    }

    return (struct str) { (const char *) value->data, value->len };
}


static void
inlay_forward_take(inlay_ctx_t *ctx, struct forward_headers *headers, ngx_table_elt_t *h)
{
    ngx_uint_t   i;
    struct str  *value;

    if (h->key.len > 14 && ngx_strncasecmp(h->key.data, inlay_bytes("Sec-WebSocket-"), 14) == 0) {
        /* proxies keep Upgrade to themselves */
        ctx->forward.is_websocket = 1;
        return;
    }

    for (i = 0; i < sizeof(inlay_forward_headers) / sizeof(inlay_forward_headers[0]); i++) {
        if (h->key.len == inlay_forward_headers[i].name.len
            && ngx_strncasecmp(h->key.data, inlay_forward_headers[i].name.data, h->key.len) == 0)
        {
            value = (struct str *) ((u_char *) headers + inlay_forward_headers[i].offset);

            if (value->ptr != NULL) {
                headers->repeated = inlay_str(inlay_forward_headers[i].name);
            }

            *value = inlay_str(h->value);
            return;
        }
    }
}


enum err
inlay_forward_read(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault)
{
    enum err                 err;
    ngx_str_t                app;
    ngx_uint_t               i;
    struct forward           forward;
    struct settings         *settings;
    ngx_list_part_t         *part;
    ngx_table_elt_t         *h;
    struct forward_headers   headers = { .method = inlay_str(r->method_name) };

    settings = &inlay_conf(r)->settings;

    err = forward_check_proxy(&settings->trusted_proxies, inlay_peer_address(r), fault);
    if (err != ERR_OK) {
        return err;
    }

    headers.is_itself = r->uri.len > sizeof(INLAY_FORWARD_PATH) - 1;

    if (r->headers_in.host != NULL) {
        headers.host = inlay_str(r->headers_in.host->value);
    }

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            inlay_forward_take(ctx, &headers, &h[i]);
        }
    }

    /* else the parameters are the client's */
    if ((!headers.is_itself || headers.forwarded_method.ptr || headers.original_method.ptr)
        && ngx_http_arg(r, inlay_bytes("app"), 3, &app) == NGX_OK)
    {
        headers.app_param = inlay_str(app);
    }

    err = forward_read(&headers, &settings->app_url.origin, &forward, fault);
    if (err != ERR_OK) {
        return err;
    }

    ctx->forward.is_asked = 1;
    ctx->label.data = inlay_bytes(forward.label.ptr);
    ctx->label.len = forward.label.len;
    ctx->forward.method.data = inlay_bytes(forward.method.ptr);
    ctx->forward.method.len = forward.method.len;
    ctx->forward.app_id = forward.app_id;

    return ERR_OK;
}


/* Every app has sessions at addresses like this one; the proxy serves one of them. */

enum err
inlay_forward_check_app(inlay_ctx_t *ctx, struct fault *fault)
{
    if (uuid_is_none(&ctx->forward.app_id) || uuid_equal(&ctx->forward.app_id, &ctx->app.id)) {
        return ERR_OK;
    }

    return fault_set(fault, ERR_DENIED, "access_denied", "The session belongs to another app.");
}


/*
 * inlay_access has let the request in. Every header is there, also those without a value: some
 * proxies would else pass on what a client has made up.
 */

ngx_int_t
inlay_forward_handler(ngx_http_request_t *r)
{
    char          app[UUID_TEXT_SIZE];
    ngx_int_t     rc;
    ngx_str_t     cookies = ngx_null_string;
    ngx_uint_t    i;
    struct str    name;
    inlay_ctx_t  *ctx;

    ctx = inlay_ctx_find(r);

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED || ctx->app.identity == NULL) {
        return NGX_HTTP_FORBIDDEN;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; i < IDENTITY_HEADERS; i++) {
        name = identity_header_name(&inlay_conf(r)->settings, (enum identity_header) i);

        if (name.len > 0
            && inlay_add_header(r, name.ptr, inlay_str(ctx->app.identity[i])) != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    uuid_format(&ctx->app.id, app);

    if (inlay_add_header(r, INLAY_HEADER_THEME, ctx->look.theme) != NGX_OK
        || inlay_add_header(r, INLAY_HEADER_LOCALE, ctx->look.locale) != NGX_OK
        || inlay_add_header(r, "X-Inlay-App", str_from(app)) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* for the app's server, which is not to see the session's */
    if (inlay_cookies(r, STR(""), &cookies) != NGX_OK
        || inlay_add_header(r, "Cookie", inlay_str(cookies)) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, NGX_HTTP_OK, NULL, STR_NONE);
}
