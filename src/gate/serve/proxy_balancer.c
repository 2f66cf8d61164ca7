
#include "gate/serve/proxy_balancer.h"
#include "gate/serve/proxy_response.h"
#include "gate/serve/proxy_target.h"
#include "http/keepalive.h"

#include <openssl/err.h>


#define INLAY_KEPT_MAX      64
#define INLAY_KEPT_REQUESTS 10000
#define INLAY_KEPT_AGE_MS   3600000


typedef struct {
    ngx_queue_t        queue;
    ngx_connection_t  *connection;
    inlay_target_t    *target;
    socklen_t          socklen;
    ngx_sockaddr_t     sockaddr;
} inlay_kept_t;


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
static ngx_connection_t *inlay_kept_take(inlay_target_t *target, const ngx_addr_t *address);
static ngx_int_t inlay_kept_add(inlay_target_t *target, const ngx_addr_t *address,
    ngx_connection_t *c, ngx_msec_t ms);
static void inlay_kept_forget(inlay_kept_t *kept);
static void inlay_kept_log(ngx_connection_t *c, ngx_log_t *log);
static void inlay_kept_close_handler(ngx_event_t *ev);
static void inlay_kept_drop(inlay_kept_t *kept);
static void inlay_kept_close(ngx_connection_t *c);


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


/* There is one location for all apps, hence one configuration; timeouts are of each app. */

static ngx_int_t
inlay_target_conf(inlay_target_t *target, const ngx_http_upstream_conf_t *conf)
{
    if (target->conf != NULL) {
        return NGX_OK;
    }

    target->conf = ngx_alloc(sizeof(ngx_http_upstream_conf_t), ngx_cycle->log);
    if (target->conf == NULL) {
        return NGX_ERROR;
    }

    *target->conf = *conf;
    target->conf->connect_timeout = (ngx_msec_t) target->settings.connect_timeout_ms;
    target->conf->read_timeout = (ngx_msec_t) target->settings.read_timeout_ms;
    target->conf->send_timeout = (ngx_msec_t) target->settings.read_timeout_ms;

    return NGX_OK;
}


static ngx_int_t
inlay_peer_init(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    inlay_ctx_t          *ctx;
    inlay_peer_t         *peer;
    ngx_http_upstream_t  *u;

    (void) us;

    ctx = inlay_ctx_find(r);
    u = r->upstream;

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED || ctx->proxy.target == NULL
        || ctx->proxy.naddresses == 0)
    {
        return NGX_ERROR;
    }

    if (inlay_target_conf(ctx->proxy.target, u->conf) != NGX_OK) {
        return NGX_ERROR;
    }

    peer = ngx_pcalloc(r->pool, sizeof(inlay_peer_t));
    if (peer == NULL) {
        return NGX_ERROR;
    }

    peer->r = r;
    peer->ctx = ctx;

    u->conf = ctx->proxy.target->conf;
    u->peer.data = peer;
    u->peer.get = inlay_peer_get;
    u->peer.free = inlay_peer_free;
    u->peer.set_session = inlay_peer_set_session;
    u->peer.save_session = inlay_peer_save_session;
    u->peer.tries = ctx->proxy.naddresses;

    inlay_answer_prepare(u);

    return NGX_OK;
}


static ngx_int_t
inlay_peer_get(ngx_peer_connection_t *pc, void *data)
{
    inlay_peer_t      *peer = data;
    ngx_addr_t        *address;
    ngx_connection_t  *c;

    address = &peer->ctx->proxy.addresses[peer->next++ % peer->ctx->proxy.naddresses];

    peer->current = address;
    pc->sockaddr = address->sockaddr;
    pc->socklen = address->socklen;
    pc->name = &address->name;
    pc->cached = 0;
    pc->connection = NULL;

    c = inlay_kept_take(peer->ctx->proxy.target, address);
    if (c == NULL) {
        return NGX_OK;
    }

    c->idle = 0;
    c->sent = 0;
    c->data = NULL;
    inlay_kept_log(c, pc->log);

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    pc->connection = c;
    pc->cached = 1;

    return NGX_DONE;
}


static ngx_connection_t *
inlay_kept_take(inlay_target_t *target, const ngx_addr_t *address)
{
    ngx_queue_t       *q;
    inlay_kept_t      *kept;
    ngx_connection_t  *c;

    for (q = ngx_queue_head(&target->kept);
         q != ngx_queue_sentinel(&target->kept);
         q = ngx_queue_next(q))
    {
        kept = ngx_queue_data(q, inlay_kept_t, queue);

        if (kept->socklen == address->socklen
            && ngx_memcmp(&kept->sockaddr, address->sockaddr, address->socklen) == 0)
        {
            c = kept->connection;
            inlay_kept_forget(kept);
            return c;
        }
    }

    return NULL;
}


static void
inlay_kept_forget(inlay_kept_t *kept)
{
    inlay_target_t  *target;

    target = kept->target;

    ngx_queue_remove(&kept->queue);
    target->nkept--;
    ngx_free(kept);

    inlay_target_release(target);
}


static void
inlay_kept_log(ngx_connection_t *c, ngx_log_t *log)
{
    c->log = log;
    c->read->log = log;
    c->write->log = log;
    c->pool->log = log;
}


/* Why the connection gave no answer, by what came over it. */

static void
inlay_peer_note(inlay_peer_t *peer, ngx_connection_t *c, ngx_http_upstream_t *u)
{
    if (c != NULL && c->ssl != NULL && !c->ssl->handshaked) {
        peer->ctx->proxy.failure = "upstream_tls";
    } else if (!u->request_sent) {
        peer->ctx->proxy.failure = "upstream_unreachable";
    } else if (inlay_answer_is_http2(&u->buffer)) {
        peer->ctx->proxy.failure = "upstream_http2";
    } else if (u->buffer.start != NULL && u->buffer.last == u->buffer.end) {
        peer->ctx->proxy.failure = "upstream_headers_too_large";
    } else if (c != NULL && (c->read->eof || c->read->error)) {
        peer->ctx->proxy.failure = "upstream_closed";
    } else {
        peer->ctx->proxy.failure = "upstream_invalid";
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
    inlay_peer_t         *peer = data;
    inlay_target_t       *target;
    ngx_msec_t            ms;
    ngx_connection_t     *c;
    ngx_http_upstream_t  *u;

    c = pc->connection;
    u = peer->r->upstream;
    target = peer->ctx->proxy.target;

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

    ms = (ngx_msec_t) keepalive_ms(inlay_header_of(&u->headers_in.headers, STR("Keep-Alive")));

    if (ms > 0 && inlay_kept_add(target, peer->current, c, ms) == NGX_OK) {
        pc->connection = NULL;
    }
}


static ngx_int_t
inlay_kept_add(inlay_target_t *target, const ngx_addr_t *address, ngx_connection_t *c,
    ngx_msec_t ms)
{
    inlay_kept_t  *kept;

    kept = ngx_alloc(sizeof(inlay_kept_t), ngx_cycle->log);
    if (kept == NULL) {
        return NGX_ERROR;
    }

    kept->connection = c;
    kept->target = target;
    kept->socklen = address->socklen;
    ngx_memcpy(&kept->sockaddr, address->sockaddr, address->socklen);
    ngx_queue_insert_head(&target->kept, &kept->queue);
    target->nkept++;
    inlay_target_hold(target);

    c->read->delayed = 0;
    ngx_add_timer(c->read, ms);

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

    c->write->handler = inlay_kept_dummy_handler;
    c->read->handler = inlay_kept_close_handler;
    c->data = kept;
    c->idle = 1;
    inlay_kept_log(c, ngx_cycle->log);

    if (c->read->ready) {
        inlay_kept_close_handler(c->read);
    }

    return NGX_OK;
}


/* A kept connection that becomes readable was closed, or is out of step. */

static void
inlay_kept_close_handler(ngx_event_t *ev)
{
    char               buf[1];
    ssize_t            n;
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

    inlay_kept_forget(kept);
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


static X509_STORE *
inlay_system_authorities(void)
{
    static X509_STORE  *authorities;

    if (authorities == NULL) {
        authorities = X509_STORE_new();

        if (authorities != NULL && X509_STORE_set_default_paths(authorities) != 1) {
            X509_STORE_free(authorities);
            authorities = NULL;
        }
    }

    return authorities;
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

    target = peer->ctx->proxy.target;
    ssl = pc->connection->ssl->connection;

    if (!target->settings.tls_verify) {
        return NGX_OK;
    }

    store = target->store != NULL ? target->store : inlay_system_authorities();
    if (store == NULL) {
        return NGX_ERROR;
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
