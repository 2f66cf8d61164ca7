
/*
 * Apps that are a server of their own. nginx's proxy asks it; this file says where it is, which
 * connection is used, and what is left out of the request.
 *
 * Kept connections belong to one target, which is one app with one set of settings: whoever asks
 * another host, by another name, or trusts other certificates, has connections of its own.
 */

#include "gate/job.h"
#include "gate/zone.h"
#include "access/event.h"
#include "access/identity.h"

#include <openssl/x509v3.h>


#define INLAY_KEPT_MAX      64
#define INLAY_KEPT_MS       60000
#define INLAY_KEPT_REQUESTS 10000
#define INLAY_KEPT_AGE_MS   3600000
#define INLAY_ADDRESSES_MAX 8


typedef struct {
    ngx_queue_t        queue;
    ngx_connection_t  *connection;
    inlay_target_t    *target;
    socklen_t          socklen;
    ngx_sockaddr_t     sockaddr;
} inlay_kept_t;


struct inlay_target_s {
    ngx_uint_t                 refs;
    struct arena               arena;
    struct upstream            settings;
    struct str                 origin;
    struct str                 host;        /* as Host has it */
    struct str                 name;        /* for TLS: without brackets and port */
    X509_STORE                *store;       /* of its own CA; NULL: the system's */
    ngx_addr_t                 address;     /* of a host that is an address */
    ngx_sockaddr_t             sockaddr;
    ngx_str_t                  address_text;
    ngx_uint_t                 has_address;
    ngx_queue_t                kept;
    ngx_uint_t                 nkept;
    ngx_http_upstream_conf_t  *conf;        /* nginx's, with this target's timeouts */
    struct uuid                app_id;
};


typedef struct {
    ngx_http_request_t  *r;
    inlay_ctx_t         *ctx;
    ngx_uint_t           next;
    ngx_addr_t          *current;
} inlay_peer_t;


static ngx_int_t inlay_peer_init_upstream(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us);
static ngx_int_t inlay_peer_init(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us);
static ngx_int_t inlay_peer_get(ngx_peer_connection_t *pc, void *data);
static void inlay_peer_free(ngx_peer_connection_t *pc, void *data, ngx_uint_t state);
static ngx_int_t inlay_peer_set_session(ngx_peer_connection_t *pc, void *data);
static void inlay_peer_save_session(ngx_peer_connection_t *pc, void *data);
static void inlay_kept_close_handler(ngx_event_t *ev);
static void inlay_kept_drop(inlay_kept_t *kept);
static void inlay_kept_close(ngx_connection_t *c);
static void inlay_resolved(ngx_resolver_ctx_t *resolving);
static ngx_int_t inlay_body_filter(ngx_http_request_t *r, ngx_chain_t *in);


static ngx_http_request_body_filter_pt  inlay_next_body_filter;
static X509_STORE                      *inlay_system_store;


/* ---- targets ---- */


inlay_target_t *
inlay_target_new(struct str settings, const struct uuid *app_id)
{
    char                      text[ORIGIN_TEXT_SIZE];
    BIO                      *bio;
    X509                     *certificate;
    ngx_str_t                 name;
    struct str                host;
    inlay_target_t           *target;
    struct upstream_address  *address;

    target = ngx_calloc(sizeof(inlay_target_t), ngx_cycle->log);
    if (target == NULL) {
        return NULL;
    }

    target->refs = 1;
    target->app_id = *app_id;
    ngx_queue_init(&target->kept);

    if (upstream_parse(&target->arena, settings, &target->settings) != ERR_OK) {
        inlay_target_release(target);
        return NULL;
    }

    address = &target->settings.address;
    origin_format(&address->origin, text);
    target->origin = arena_str(&target->arena, str_from(text));

    host = arena_str(&target->arena, str_from(address->origin.host));
    if (host.ptr[0] == '[') {
        host = (struct str) { host.ptr + 1, host.len - 2 };
    }
    target->name = arena_str(&target->arena, host);

    if (str_equal(target->settings.host_header, STR("upstream"))) {
        target->host = str_skip(target->origin, address->origin.is_https ? 8 : 7);
    } else if (!str_equal(target->settings.host_header, STR("app"))) {
        target->host = target->settings.host_header;
    }

    name.data = (u_char *) target->name.ptr;
    name.len = target->name.len;

    if (str_equal_nocase(target->name, STR("localhost"))) {
        ngx_str_set(&name, "127.0.0.1");
    }

    target->sockaddr.sockaddr_in.sin_addr.s_addr = ngx_inet_addr(name.data, name.len);

    if (target->sockaddr.sockaddr_in.sin_addr.s_addr != INADDR_NONE) {
        target->sockaddr.sockaddr.sa_family = AF_INET;
        target->sockaddr.sockaddr_in.sin_port = htons(address->origin.port);
        target->address.socklen = sizeof(struct sockaddr_in);
        target->has_address = 1;

#if (NGX_HAVE_INET6)
    } else if (ngx_inet6_addr(name.data, name.len,
                              target->sockaddr.sockaddr_in6.sin6_addr.s6_addr) == NGX_OK)
    {
        target->sockaddr.sockaddr.sa_family = AF_INET6;
        target->sockaddr.sockaddr_in6.sin6_port = htons(address->origin.port);
        target->address.socklen = sizeof(struct sockaddr_in6);
        target->has_address = 1;
#endif
    }

    target->address.sockaddr = &target->sockaddr.sockaddr;
    target->address_text.data = (u_char *) target->origin.ptr;
    target->address_text.len = target->origin.len;
    target->address.name = target->address_text;

    if (target->settings.tls_ca.ptr != NULL) {
        target->store = X509_STORE_new();
        bio = BIO_new_mem_buf(target->settings.tls_ca.ptr, (int) target->settings.tls_ca.len);

        if (target->store == NULL || bio == NULL) {
            BIO_free(bio);
            inlay_target_release(target);
            return NULL;
        }

        while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
            (void) X509_STORE_add_cert(target->store, certificate);
            X509_free(certificate);
        }

        ERR_clear_error();
        BIO_free(bio);
    }

    return target;
}


void
inlay_target_hold(inlay_target_t *target)
{
    target->refs++;
}


/* Who has replaced a target lets it go; its last request ends it. */

void
inlay_target_release(inlay_target_t *target)
{
    ngx_queue_t  *q;

    if (target == NULL || --target->refs > 0) {
        return;
    }

    target->refs = 1; /* while its connections go */

    while (!ngx_queue_empty(&target->kept)) {
        q = ngx_queue_head(&target->kept);
        inlay_kept_drop(ngx_queue_data(q, inlay_kept_t, queue));
    }

    X509_STORE_free(target->store);
    arena_done(&target->arena);

    if (target->conf != NULL) {
        ngx_free(target->conf);
    }

    ngx_free(target);
}


struct str
inlay_target_base(const inlay_target_t *target)
{
    return target->settings.address.path;
}


struct str
inlay_target_origin(const inlay_target_t *target)
{
    return target->origin;
}


/* ---- before the request is sent ---- */


/* Names that tell a server who its user is, as the usual proxies write them. */

static ngx_uint_t
inlay_is_identity(ngx_str_t *name)
{
    ngx_uint_t  i;

    static const ngx_str_t  families[] = {
        ngx_string("x-inlay-"), ngx_string("x-forwarded-"), ngx_string("x-auth-request-"),
        ngx_string("x-webauth-"), ngx_string("remote-"), ngx_string("x-remote-"),
        ngx_string("x-authenticated-"), ngx_string("x-authentik-"), ngx_string("x-real-ip"),
        ngx_string("inlay-")
    };

    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (name->len >= families[i].len
            && ngx_strncasecmp(name->data, families[i].data, families[i].len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The configuration leaves out every header of this name. */

static void
inlay_remove_identity(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    static ngx_str_t  removed = ngx_string("inlay-removed");

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (inlay_is_identity(&header[i].key)
                || identity_is_header(&inlay_conf(r)->settings, inlay_str(header[i].key)))
            {
                header[i].key = removed;
                header[i].lowcase_key = removed.data;
                header[i].hash = ngx_hash_key(removed.data, removed.len);
            }
        }
    }
}


/* A way out of the base path, however it is written; browsers resolve "..", so nobody needs it. */

static ngx_uint_t
inlay_path_climbs(ngx_str_t *uri)
{
    u_char      c, *p, *end;
    ngx_int_t   n;
    ngx_uint_t  dots, other;

    dots = 0;
    other = 0;
    end = uri->data + uri->len;

    for (p = uri->data; p <= end; p++) {
        c = p < end ? *p : '/';

        if (c == '?' || c == '#') {
            c = '/';
            end = p;
        }

        if (c == '%' && end - p > 2) {
            n = ngx_hextoi(p + 1, 2);
            if (n != NGX_ERROR) {
                c = (u_char) n;
                p += 2;
            }
        }

        if (c == '/' || c == '\\') {
            if (!other && dots >= 1 && dots <= 2) {
                return 1;
            }
            dots = 0;
            other = 0;
        } else if (c == '.') {
            dots++;
        } else {
            other = 1;
        }
    }

    return 0;
}


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


/* NGX_OK, NGX_AGAIN while the name is asked for, or a status with ctx->failure set. */

ngx_int_t
inlay_upstream_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_uint_t is_websocket)
{
    inlay_target_t            *target;
    ngx_resolver_ctx_t        *resolving, temp;
    ngx_http_core_loc_conf_t  *clcf;

    target = ctx->target;
    ctx->http_version = r->http_version;
    ctx->is_websocket = is_websocket;

    if (inlay_path_climbs(&r->unparsed_uri)) {
        return NGX_HTTP_BAD_REQUEST;
    }

    if (target->settings.body_max_bytes > 0
        && r->headers_in.content_length_n > target->settings.body_max_bytes)
    {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    inlay_remove_identity(r);

    if (ctx->identity == NULL || inlay_identity_add(r, ctx->identity) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (target->has_address) {
        if (!inlay_address_is_allowed(r, target->address.sockaddr)) {
            ctx->failure = "upstream_address_refused";
            return NGX_HTTP_BAD_GATEWAY;
        }

        ctx->addresses = &target->address;
        ctx->naddresses = 1;
        return NGX_OK;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_memzero(&temp, sizeof(ngx_resolver_ctx_t));
    temp.name.data = (u_char *) target->name.ptr;
    temp.name.len = target->name.len;

    ctx->failure = "upstream_name_unknown";

    resolving = ngx_resolve_start(clcf->resolver, &temp);
    if (resolving == NULL || resolving == NGX_NO_RESOLVER) {
        return NGX_HTTP_BAD_GATEWAY;
    }

    resolving->name = temp.name;
    resolving->handler = inlay_resolved;
    resolving->data = ctx;
    resolving->timeout = clcf->resolver_timeout;
    ctx->request = r;
    ctx->resolving = resolving;

    if (ngx_resolve_name(resolving) != NGX_OK) {
        ctx->resolving = NULL;
        return NGX_HTTP_BAD_GATEWAY;
    }

    if (ctx->resolving != NULL) {
        r->write_event_handler = ngx_http_request_empty_handler;
        return NGX_AGAIN;
    }

    return ctx->naddresses > 0 ? NGX_OK : NGX_HTTP_BAD_GATEWAY;
}


static void
inlay_resolved(ngx_resolver_ctx_t *resolving)
{
    u_char              *p;
    ngx_uint_t           i, is_async;
    ngx_addr_t          *address;
    inlay_ctx_t         *ctx = resolving->data;
    ngx_connection_t    *c;
    ngx_http_request_t  *r = ctx->request;

    c = r->connection;
    is_async = resolving->async;

    if (resolving->state == NGX_OK) {
        ctx->addresses = ngx_pcalloc(r->pool, INLAY_ADDRESSES_MAX * sizeof(ngx_addr_t));

        for (i = 0; ctx->addresses != NULL && i < resolving->naddrs; i++) {
            address = &ctx->addresses[ctx->naddresses];

            if (ctx->naddresses == INLAY_ADDRESSES_MAX) {
                break;
            }

            if (!inlay_address_is_allowed(r, resolving->addrs[i].sockaddr)) {
                ctx->failure = "upstream_address_refused";
                continue;
            }

            p = ngx_pnalloc(r->pool, resolving->addrs[i].socklen);
            if (p == NULL) {
                break;
            }

            ngx_memcpy(p, resolving->addrs[i].sockaddr, resolving->addrs[i].socklen);
            address->sockaddr = (struct sockaddr *) p;
            address->socklen = resolving->addrs[i].socklen;
            address->name = ctx->target->address_text;
            ngx_inet_set_port(address->sockaddr, ctx->target->settings.address.origin.port);
            ctx->naddresses++;
        }
    }

    ctx->resolving = NULL;
    ngx_resolve_name_done(resolving);

    if (is_async) {
        ngx_http_set_log_request(c->log, r);
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
        ngx_http_run_posted_requests(c);
    }
}


/* ---- the balancer ---- */


char *
inlay_balancer_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_http_upstream_srv_conf_t  *uscf;

    (void) cmd;
    (void) data;

    uscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_upstream_module);
    uscf->peer.init_upstream = inlay_peer_init_upstream;
    uscf->flags = NGX_HTTP_UPSTREAM_CREATE;

    return NGX_CONF_OK;
}


static ngx_int_t
inlay_peer_init_upstream(ngx_conf_t *cf, ngx_http_upstream_srv_conf_t *us)
{
    (void) cf;

    us->peer.init = inlay_peer_init;

    return NGX_OK;
}


static ngx_int_t
inlay_peer_init(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    inlay_ctx_t          *ctx;
    inlay_peer_t         *peer;
    inlay_target_t       *target;
    ngx_http_upstream_t  *u;

    (void) us;

    ctx = inlay_ctx_find(r);
    u = r->upstream;

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED || ctx->target == NULL
        || ctx->naddresses == 0)
    {
        return NGX_ERROR;
    }

    target = ctx->target;

    if (target->conf == NULL) {
        target->conf = ngx_alloc(sizeof(ngx_http_upstream_conf_t), ngx_cycle->log);
        if (target->conf == NULL) {
            return NGX_ERROR;
        }
        *target->conf = *u->conf;
        target->conf->connect_timeout = (ngx_msec_t) target->settings.connect_timeout_ms;
        target->conf->read_timeout = (ngx_msec_t) target->settings.read_timeout_ms;
        target->conf->send_timeout = (ngx_msec_t) target->settings.read_timeout_ms;
    }

    peer = ngx_pcalloc(r->pool, sizeof(inlay_peer_t));
    if (peer == NULL) {
        return NGX_ERROR;
    }

    peer->r = r;
    peer->ctx = ctx;

    u->conf = target->conf;
    u->peer.data = peer;
    u->peer.get = inlay_peer_get;
    u->peer.free = inlay_peer_free;
    u->peer.set_session = inlay_peer_set_session;
    u->peer.save_session = inlay_peer_save_session;
    u->peer.tries = ctx->naddresses;

    return NGX_OK;
}


static ngx_int_t
inlay_peer_get(ngx_peer_connection_t *pc, void *data)
{
    ngx_addr_t        *address;
    ngx_queue_t       *q;
    inlay_kept_t      *kept;
    inlay_peer_t      *peer = data;
    inlay_target_t    *target;
    ngx_connection_t  *c;

    target = peer->ctx->target;
    address = &peer->ctx->addresses[peer->next++ % peer->ctx->naddresses];

    peer->current = address;
    pc->sockaddr = address->sockaddr;
    pc->socklen = address->socklen;
    pc->name = &address->name;
    pc->cached = 0;
    pc->connection = NULL;

    for (q = ngx_queue_head(&target->kept);
         q != ngx_queue_sentinel(&target->kept);
         q = ngx_queue_next(q))
    {
        kept = ngx_queue_data(q, inlay_kept_t, queue);

        if (kept->socklen != address->socklen
            || ngx_memcmp(&kept->sockaddr, address->sockaddr, address->socklen) != 0)
        {
            continue;
        }

        c = kept->connection;
        ngx_queue_remove(&kept->queue);
        target->nkept--;
        ngx_free(kept);

        c->idle = 0;
        c->sent = 0;
        c->data = NULL;
        c->log = pc->log;
        c->read->log = pc->log;
        c->write->log = pc->log;
        c->pool->log = pc->log;

        if (c->read->timer_set) {
            ngx_del_timer(c->read);
        }

        pc->connection = c;
        pc->cached = 1;

        return NGX_DONE;
    }

    return NGX_OK;
}


static void
inlay_peer_note(inlay_peer_t *peer, ngx_connection_t *c, ngx_http_upstream_t *u)
{
    if (c != NULL && c->ssl != NULL && !c->ssl->handshaked) {
        peer->ctx->failure = "upstream_tls";
    } else if (!u->request_sent) {
        peer->ctx->failure = "upstream_unreachable";
    } else {
        peer->ctx->failure = "upstream_invalid";
    }
}


static void
inlay_kept_dummy_handler(ngx_event_t *ev)
{
    (void) ev;
}


static void
inlay_peer_free(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    inlay_kept_t         *kept;
    inlay_peer_t         *peer = data;
    inlay_target_t       *target;
    ngx_connection_t     *c;
    ngx_http_upstream_t  *u;

    c = pc->connection;
    u = peer->r->upstream;
    target = peer->ctx->target;

    if (pc->tries) {
        pc->tries--;
    }

    if (state & NGX_PEER_FAILED) {
        inlay_peer_note(peer, c, u);
        return;
    }

    if (c == NULL || c->read->eof || c->read->error || c->read->timedout || c->write->error
        || c->write->timedout || !u->keepalive || !u->request_body_sent || ngx_terminate
        || ngx_exiting || target->nkept >= INLAY_KEPT_MAX || c->requests >= INLAY_KEPT_REQUESTS
        || ngx_current_msec - c->start_time > INLAY_KEPT_AGE_MS
        || ngx_handle_read_event(c->read, 0) != NGX_OK)
    {
        return;
    }

    kept = ngx_alloc(sizeof(inlay_kept_t), ngx_cycle->log);
    if (kept == NULL) {
        return;
    }

    kept->connection = c;
    kept->target = target;
    kept->socklen = peer->current->socklen;
    ngx_memcpy(&kept->sockaddr, peer->current->sockaddr, peer->current->socklen);
    ngx_queue_insert_head(&target->kept, &kept->queue);
    target->nkept++;

    pc->connection = NULL;

    c->read->delayed = 0;
    ngx_add_timer(c->read, INLAY_KEPT_MS);

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    c->write->handler = inlay_kept_dummy_handler;
    c->read->handler = inlay_kept_close_handler;
    c->data = kept;
    c->idle = 1;
    c->log = ngx_cycle->log;
    c->read->log = ngx_cycle->log;
    c->write->log = ngx_cycle->log;
    c->pool->log = ngx_cycle->log;

    if (c->read->ready) {
        inlay_kept_close_handler(c->read);
    }
}


/* A kept connection that becomes readable was closed, or is out of step. */

static void
inlay_kept_close_handler(ngx_event_t *ev)
{
    int                n;
    char               buf[1];
    inlay_kept_t      *kept;
    ngx_connection_t  *c;

    c = ev->data;
    kept = c->data;

    if (!c->close && !c->read->timedout) {
        n = recv(c->fd, buf, 1, MSG_PEEK);

        if (n == -1 && ngx_socket_errno == NGX_EAGAIN) {
            ev->ready = 0;

            if (ngx_handle_read_event(c->read, 0) == NGX_OK) {
                return;
            }
        }
    }

    inlay_kept_drop(kept);
}


static void
inlay_kept_drop(inlay_kept_t *kept)
{
    ngx_connection_t  *c;

    c = kept->connection;

    ngx_queue_remove(&kept->queue);
    kept->target->nkept--;
    ngx_free(kept);

    inlay_kept_close(c);
}


static void
inlay_kept_close(ngx_connection_t *c)
{
    if (c->ssl) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;

        if (ngx_ssl_shutdown(c) == NGX_AGAIN) {
            c->ssl->handler = inlay_kept_close;
            return;
        }
    }

    ngx_destroy_pool(c->pool);
    ngx_close_connection(c);
}


/* nginx asks for a session to resume just before the handshake: here the certificate's check is set
 * up, by the target's own name and authorities. */

static ngx_int_t
inlay_peer_set_session(ngx_peer_connection_t *pc, void *data)
{
    SSL                *ssl;
    X509_STORE         *store;
    inlay_peer_t       *peer = data;
    inlay_target_t     *target;
    X509_VERIFY_PARAM  *param;

    target = peer->ctx->target;
    ssl = pc->connection->ssl->connection;

    if (!target->settings.tls_verify) {
        return NGX_OK;
    }

    store = target->store;

    if (store == NULL) {
        if (inlay_system_store == NULL) {
            inlay_system_store = X509_STORE_new();
            if (inlay_system_store == NULL
                || X509_STORE_set_default_paths(inlay_system_store) != 1)
            {
                return NGX_ERROR;
            }
        }
        store = inlay_system_store;
    }

    param = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, target->name.ptr) != 1
        && X509_VERIFY_PARAM_set1_host(param, target->name.ptr, target->name.len) != 1)
    {
        return NGX_ERROR;
    }

    ERR_clear_error();

    if (SSL_set1_verify_cert_store(ssl, store) != 1) {
        return NGX_ERROR;
    }

    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);

    return NGX_OK;
}


static void
inlay_peer_save_session(ngx_peer_connection_t *pc, void *data)
{
    (void) pc;
    (void) data;
}


/* ---- the body's limit ---- */


static ngx_int_t
inlay_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t  *cl;
    inlay_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_inlay_module);

    if (ctx != NULL && ctx->target != NULL && ctx->target->settings.body_max_bytes > 0) {
        for (cl = in; cl; cl = cl->next) {
            ctx->body_bytes += ngx_buf_size(cl->buf);
        }
        if (ctx->body_bytes > ctx->target->settings.body_max_bytes) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }
    }

    return inlay_next_body_filter(r, in);
}


void
inlay_upstream_filters_init(void)
{
    inlay_next_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = inlay_body_filter;
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


static ngx_int_t
inlay_add_cookies(ngx_http_request_t *r, ngx_str_t *header, u_char *out, u_char **last)
{
    u_char     *p, *end, *start, *name;

    (void) r;

    end = header->data + header->len;

    for (p = header->data; p < end; p++) {
        start = p;

        while (p < end && *p != ';') {
            p++;
        }

        for (name = start; name < p && (*name == ' ' || *name == '\t' || *name == '='); name++) {
            /* void */
        }

        if (name == p || (p - name >= 12 && ngx_strncasecmp(name, (u_char *) "__Host-inlay", 12) == 0)) {
            continue;
        }

        if (*last != out) {
            *(*last)++ = ';';
            *(*last)++ = ' ';
        }

        while (start < p && *start == ' ') {
            start++;
        }

        *last = ngx_cpymem(*last, start, p - start);
    }

    return NGX_OK;
}


/* The client's cookies without ours. */

ngx_int_t
inlay_cookies(ngx_http_request_t *r, ngx_str_t *value)
{
    size_t            len = 0;
    u_char           *last;
#if (nginx_version >= 1023000)
    ngx_table_elt_t  *h;

    for (h = r->headers_in.cookie; h; h = h->next) {
        len += h->value.len * 2 + 2;
    }
#else
    ngx_uint_t         i;
    ngx_table_elt_t  **h;

    h = r->headers_in.cookies.elts;

    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        len += h[i]->value.len * 2 + 2;
    }
#endif

    if (len == 0) {
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    last = value->data;

#if (nginx_version >= 1023000)
    for (h = r->headers_in.cookie; h; h = h->next) {
        inlay_add_cookies(r, &h->value, value->data, &last);
    }
#else
    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        inlay_add_cookies(r, &h[i]->value, value->data, &last);
    }
#endif

    value->len = last - value->data;

    return NGX_OK;
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

    base = target->settings.address.path;
    uri = r->unparsed_uri;

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
    value->len = p - value->data;

    return NGX_OK;
}


static ngx_int_t
inlay_upstream_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t           value = ngx_null_string;
    struct str          origin;
    inlay_ctx_t        *ctx;
    inlay_target_t     *target;
    inlay_main_conf_t  *conf;

    ctx = inlay_ctx_find(r);
    conf = inlay_conf(r);

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED || ctx->target == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    target = ctx->target;

    switch (data) {

    case INLAY_VARIABLE_URL:
        if (inlay_upstream_url(r, target, &value) != NGX_OK) {
            return NGX_ERROR;
        }
        break;

    case INLAY_VARIABLE_NAME:
        value.data = (u_char *) target->name.ptr;
        value.len = target->name.len;
        break;

    case INLAY_VARIABLE_HOST:
        if (target->host.len > 0) {
            value.data = (u_char *) target->host.ptr;
            value.len = target->host.len;
            break;
        }
        /* fall through */

    case INLAY_VARIABLE_ORIGIN_HOST:
        origin = str_skip(inlay_own_origin(r, ctx->label), conf->origin_before.len);
        value.data = (u_char *) origin.ptr;
        value.len = origin.len;
        break;

    case INLAY_VARIABLE_COOKIE:
        if (inlay_cookies(r, &value) != NGX_OK) {
            return NGX_ERROR;
        }
        break;

    case INLAY_VARIABLE_CONNECTION:
        if (ctx->is_websocket) {
            ngx_str_set(&value, "upgrade");
        }
        break;

    case INLAY_VARIABLE_UPGRADE:
        if (ctx->is_websocket) {
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

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = value.len;
    v->data = value.data;

    return NGX_OK;
}


ngx_int_t
inlay_upstream_variables_init(ngx_conf_t *cf)
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


/* ---- what is said when the server gave no answer ---- */


static enum err
inlay_failure_run(inlay_job_t *job)
{
    struct {
        const char  *reason;
        struct uuid  app_id;
        struct uuid  session_id;
    } *failure = job->data;

    return event_upstream(&job->access, failure->reason, &failure->app_id, &failure->session_id);
}


ngx_int_t
inlay_upstream_fault(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault)
{
    inlay_job_t  *job;
    const char   *code;

    struct {
        const char  *reason;
        struct uuid  app_id;
        struct uuid  session_id;
    } *failure;

    if (ctx == NULL || ctx->target == NULL
        || (r->err_status != NGX_HTTP_BAD_GATEWAY && r->err_status != NGX_HTTP_GATEWAY_TIME_OUT))
    {
        return NGX_DECLINED;
    }

    code = r->err_status == NGX_HTTP_GATEWAY_TIME_OUT ? "upstream_timeout"
         : ctx->failure != NULL ? ctx->failure : "upstream_invalid";

    fault_set(fault, ERR_BUSY, code, "%s",
              strcmp(code, "upstream_timeout") == 0 ? "The app's server did not answer in time."
              : strcmp(code, "upstream_tls") == 0
                    ? "The app's server could not prove who it is."
              : strcmp(code, "upstream_invalid") == 0
                    ? "The app's server gave an answer that makes no sense."
              : strcmp(code, "upstream_address_refused") == 0
                    ? "The app's server is at an address that is not allowed."
              : strcmp(code, "upstream_name_unknown") == 0
                    ? "The name of the app's server is not known."
                    : "The app's server cannot be reached.");

    if (inlay_job_backlog(INLAY_LANE_WRITE) < 1000) {
        job = inlay_job_new(NULL, INLAY_LANE_WRITE, inlay_failure_run, NULL, sizeof(*failure));
        if (job != NULL) {
            failure = job->data;
            failure->reason = code;
            failure->app_id = ctx->app_id;
            failure->session_id = ctx->session_id;
            inlay_job_post(job);
        }
    }

    return NGX_OK;
}
