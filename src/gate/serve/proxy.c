
#include "gate/serve/proxy.h"
#include "gate/note.h"
#include "gate/serve/proxy_request.h"
#include "gate/serve/proxy_target.h"


#define INLAY_ADDRESSES_MAX 8


static ngx_int_t inlay_resolve(ngx_http_request_t *r, inlay_ctx_t *ctx);
static void inlay_resolved(ngx_resolver_ctx_t *resolving);
static void inlay_take_addresses(inlay_ctx_t *ctx, const ngx_resolver_ctx_t *resolving);


static ngx_http_request_body_filter_pt  inlay_next_body_filter;


/* ---- where the server is ---- */


static ngx_uint_t
inlay_address_is_allowed(ngx_http_request_t *r, struct sockaddr *sa)
{
    struct network_list  *allowed;

    allowed = &inlay_conf(r)->settings.upstream_networks;

    if (sa->sa_family == AF_INET) {
        return upstream_may_reach(allowed,
                             (unsigned char *) &((struct sockaddr_in *) sa)->sin_addr, false);
    }

#if (NGX_HAVE_INET6)
    if (sa->sa_family == AF_INET6) {
        return upstream_may_reach(allowed,
                             ((struct sockaddr_in6 *) sa)->sin6_addr.s6_addr, true);
    }
#endif

    return 0;
}


ngx_int_t
inlay_upstream_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_uint_t is_websocket)
{
    ngx_int_t        rc;
    inlay_target_t  *target;

    target = ctx->proxy.target;
    ctx->proxy.http_version = r->http_version;
    /* only HTTP/1.1 has Upgrade (RFC 9110 7.8); nginx cannot hand over a stream of HTTP/2 */
    ctx->proxy.is_websocket = is_websocket && r->http_version == NGX_HTTP_VERSION_11;

    if (target->settings.body_max_bytes > 0
        && r->headers_in.content_length_n > target->settings.body_max_bytes)
    {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    rc = inlay_relay_prepare(r, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!target->has_address) {
        return inlay_resolve(r, ctx);
    }

    if (!inlay_address_is_allowed(r, target->address.sockaddr)) {
        ctx->proxy.failure = "upstream_address_refused";
        return NGX_HTTP_BAD_GATEWAY;
    }

    ctx->proxy.addresses = &target->address;
    ctx->proxy.naddresses = 1;

    return NGX_OK;
}


static void
inlay_resolve_cleanup(void *data)
{
    inlay_ctx_t  *ctx = data;

    if (ctx->proxy.resolving != NULL) {
        ngx_resolve_name_done(ctx->proxy.resolving);
        ctx->proxy.resolving = NULL;
    }
}


static ngx_int_t
inlay_resolve(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_resolver_ctx_t        *resolving, temp;
    ngx_pool_cleanup_t        *cln;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_memzero(&temp, sizeof(ngx_resolver_ctx_t));
    temp.name.data = inlay_bytes(ctx->proxy.target->name.ptr);
    temp.name.len = ctx->proxy.target->name.len;

    ctx->proxy.failure = "upstream_name_unknown";

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = inlay_resolve_cleanup;
    cln->data = ctx;

    resolving = ngx_resolve_start(clcf->resolver, &temp);
    if (resolving == NULL || resolving == NGX_NO_RESOLVER) {
        return NGX_HTTP_BAD_GATEWAY;
    }

    resolving->name = temp.name;
    resolving->handler = inlay_resolved;
    resolving->data = ctx;
    resolving->timeout = clcf->resolver_timeout;
    ctx->proxy.resolving = resolving;

    if (ngx_resolve_name(resolving) != NGX_OK) {
        ctx->proxy.resolving = NULL;
        return NGX_HTTP_BAD_GATEWAY;
    }

    if (ctx->proxy.resolving != NULL) {
        r->write_event_handler = ngx_http_request_empty_handler;
        return NGX_AGAIN;
    }

    return ctx->proxy.naddresses > 0 ? NGX_OK : NGX_HTTP_BAD_GATEWAY;
}


static void
inlay_resolved(ngx_resolver_ctx_t *resolving)
{
    ngx_uint_t           is_async;
    inlay_ctx_t         *ctx = resolving->data;
    ngx_connection_t    *c;
    ngx_http_request_t  *r = ctx->request;

    c = r->connection;
    is_async = resolving->async;

    if (resolving->state == NGX_OK) {
        inlay_take_addresses(ctx, resolving);
    }

    ctx->proxy.resolving = NULL;
    ngx_resolve_name_done(resolving);

    if (is_async) {
        ngx_http_set_log_request(c->log, r);
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
        ngx_http_run_posted_requests(c);
    }
}


/* The allowed ones of a name's addresses. */

static void
inlay_take_addresses(inlay_ctx_t *ctx, const ngx_resolver_ctx_t *resolving)
{
    u_char              *p;
    ngx_uint_t           i;
    ngx_addr_t          *address;
    ngx_http_request_t  *r = ctx->request;

    ctx->proxy.addresses = ngx_pcalloc(r->pool, INLAY_ADDRESSES_MAX * sizeof(ngx_addr_t));
    if (ctx->proxy.addresses == NULL) {
        return;
    }

    for (i = 0; i < resolving->naddrs && ctx->proxy.naddresses < INLAY_ADDRESSES_MAX; i++) {
        if (!inlay_address_is_allowed(r, resolving->addrs[i].sockaddr)) {
            ctx->proxy.failure = "upstream_address_refused";
            continue;
        }

        p = ngx_pnalloc(r->pool, resolving->addrs[i].socklen);
        if (p == NULL) {
            return;
        }

        ngx_memcpy(p, resolving->addrs[i].sockaddr, resolving->addrs[i].socklen);

        address = &ctx->proxy.addresses[ctx->proxy.naddresses++];
        address->sockaddr = (struct sockaddr *) p;
        address->socklen = resolving->addrs[i].socklen;
        address->name = ctx->proxy.target->address.name;
        ngx_inet_set_port(address->sockaddr, ctx->proxy.target->settings.address.origin.port);
    }
}


/* ---- the body's limit ---- */


static ngx_int_t
inlay_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t  *cl;
    inlay_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_inlay_module);

    if (ctx != NULL && ctx->proxy.target != NULL && ctx->proxy.target->settings.body_max_bytes > 0) {
        for (cl = in; cl; cl = cl->next) {
            ctx->proxy.body_bytes += ngx_buf_size(cl->buf);
        }
        if (ctx->proxy.body_bytes > ctx->proxy.target->settings.body_max_bytes) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
    }

    return inlay_next_body_filter(r, in);
}


void
inlay_body_filter_init(void)
{
    inlay_next_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = inlay_body_filter;
}


/* ---- what is said when the server gave no answer ---- */


static const char *
inlay_failure_words(const char *code)
{
    ngx_uint_t  i;

    static const struct {
        const char  *code;
        const char  *words;
    } failures[] = {
        { "upstream_timeout", "The app's server did not respond in time." },
        { "upstream_tls", "The certificate of the app's server could not be verified." },
        { "upstream_closed", "The app's server closed the connection before it sent a response." },
        { "upstream_headers_too_large", "The app's server sent a response header of more than 64 KB." },
        { "upstream_http2", "The app's server speaks HTTP/2 only; Inlay asks it in HTTP/1.1." },
        { "upstream_invalid", "The app's server sent an invalid response." },
        { "upstream_address_refused", "The IP address of the app's server is not allowed." },
        { "upstream_name_unknown", "The hostname of the app's server could not be resolved." }
    };

    for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (strcmp(failures[i].code, code) == 0) {
            return failures[i].words;
        }
    }

    return "The app's server could not be reached.";
}


ngx_int_t
inlay_upstream_fault(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault)
{
    const char  *code;

    if (ctx == NULL || ctx->proxy.target == NULL
        || (r->err_status != NGX_HTTP_BAD_GATEWAY && r->err_status != NGX_HTTP_GATEWAY_TIME_OUT))
    {
        return NGX_DECLINED;
    }

    code = r->err_status == NGX_HTTP_GATEWAY_TIME_OUT ? "upstream_timeout"
         : ctx->proxy.failure != NULL ? ctx->proxy.failure : "upstream_invalid";

    fault_set(fault, ERR_BUSY, code, "%s", inlay_failure_words(code));
    inlay_note_failure(r, code, ctx);

    return NGX_OK;
}


ngx_int_t
inlay_upstream_serve(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    (void) r;

    if (ctx->proxy.naddresses == 0) {
        return NGX_HTTP_BAD_GATEWAY;
    }

    ctx->response = INLAY_RESPONSE_PROXIED;

    return NGX_OK;
}
