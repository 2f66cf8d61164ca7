
#include "gate/serve/proxy_target.h"

#include <openssl/err.h>
#include <openssl/pem.h>


#define INLAY_TARGET_BUCKETS  1024


static ngx_queue_t *inlay_target_bucket(const struct uuid *app_id, const struct digest *content);
static inlay_target_t *inlay_target_new(struct str settings);
static ngx_int_t inlay_target_read(inlay_target_t *target, struct str settings);
static void inlay_target_free(inlay_target_t *target);
static void inlay_target_set_address(inlay_target_t *target);
static ngx_int_t inlay_target_set_ca(inlay_target_t *target);


static ngx_queue_t  inlay_targets[INLAY_TARGET_BUCKETS];


void
inlay_targets_start(void)
{
    ngx_uint_t  i;

    for (i = 0; i < INLAY_TARGET_BUCKETS; i++) {
        ngx_queue_init(&inlay_targets[i]);
    }
}


static ngx_queue_t *
inlay_target_bucket(const struct uuid *app_id, const struct digest *content)
{
    ngx_uint_t  of_app, of_content;

    of_app = (ngx_uint_t) (app_id->bytes[14] << 8 | app_id->bytes[15]);
    of_content = (ngx_uint_t) (content->bytes[0] << 8 | content->bytes[1]);

    return &inlay_targets[(of_app ^ of_content) % INLAY_TARGET_BUCKETS];
}


inlay_target_t *
inlay_target_get(const struct uuid *app_id, const struct digest *content, struct str settings)
{
    ngx_queue_t     *q, *bucket;
    inlay_target_t  *target;

    bucket = inlay_target_bucket(app_id, content);

    for (q = ngx_queue_head(bucket); q != ngx_queue_sentinel(bucket); q = ngx_queue_next(q)) {
        target = ngx_queue_data(q, inlay_target_t, queue);

        if (uuid_equal(&target->app_id, app_id) && digest_equal(&target->content, content)) {
            inlay_target_hold(target);
            return target;
        }
    }

    target = inlay_target_new(settings);
    if (target != NULL) {
        target->app_id = *app_id;
        target->content = *content;
        ngx_queue_insert_head(bucket, &target->queue);
    }

    return target;
}


static inlay_target_t *
inlay_target_new(struct str settings)
{
    inlay_target_t  *target;

    target = ngx_calloc(sizeof(inlay_target_t), ngx_cycle->log);
    if (target == NULL) {
        return NULL;
    }

    target->refs = 1;
    ngx_queue_init(&target->kept);

    if (inlay_target_read(target, settings) != NGX_OK) {
        inlay_target_free(target);
        return NULL;
    }

    return target;
}


static ngx_int_t
inlay_target_read(inlay_target_t *target, struct str settings)
{
    char                      text[ORIGIN_TEXT_SIZE];
    struct str                host;
    struct upstream_address  *address;

    if (upstream_parse(&target->arena, settings, &target->settings) != ERR_OK) {
        return NGX_ERROR;
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

    inlay_target_set_address(target);

    return target->settings.tls_ca.ptr != NULL ? inlay_target_set_ca(target) : NGX_OK;
}


/* Of a host that is an address. */

static void
inlay_target_set_address(inlay_target_t *target)
{
    ngx_str_t  name;

    name.data = inlay_bytes(target->name.ptr);
    name.len = target->name.len;

    if (str_equal_nocase(target->name, STR("localhost"))) {
        ngx_str_set(&name, "127.0.0.1");
    }

    target->sockaddr.sockaddr_in.sin_addr.s_addr = ngx_inet_addr(name.data, name.len);

    if (target->sockaddr.sockaddr_in.sin_addr.s_addr != INADDR_NONE) {
        target->sockaddr.sockaddr.sa_family = AF_INET;
        target->sockaddr.sockaddr_in.sin_port = htons(target->settings.address.origin.port);
        target->address.socklen = sizeof(struct sockaddr_in);
        target->has_address = 1;

#if (NGX_HAVE_INET6)
    } else if (ngx_inet6_addr(name.data, name.len,
                              target->sockaddr.sockaddr_in6.sin6_addr.s6_addr) == NGX_OK)
    {
        target->sockaddr.sockaddr.sa_family = AF_INET6;
        target->sockaddr.sockaddr_in6.sin6_port = htons(target->settings.address.origin.port);
        target->address.socklen = sizeof(struct sockaddr_in6);
        target->has_address = 1;
#endif
    }

    target->address.sockaddr = &target->sockaddr.sockaddr;
    target->address.name.data = inlay_bytes(target->origin.ptr); /* for the log */
    target->address.name.len = target->origin.len;
}


static ngx_int_t
inlay_target_set_ca(inlay_target_t *target)
{
    BIO   *bio;
    X509  *certificate;

    target->store = X509_STORE_new();
    bio = BIO_new_mem_buf(target->settings.tls_ca.ptr, (int) target->settings.tls_ca.len);

    if (target->store == NULL || bio == NULL) {
        BIO_free(bio);
        return NGX_ERROR;
    }

    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        (void) X509_STORE_add_cert(target->store, certificate);
        X509_free(certificate);
    }

    ERR_clear_error();
    BIO_free(bio);

    return NGX_OK;
}


void
inlay_target_hold(inlay_target_t *target)
{
    target->refs++;
}


void
inlay_target_release(inlay_target_t *target)
{
    if (target == NULL || --target->refs > 0) {
        return;
    }

    ngx_queue_remove(&target->queue);
    inlay_target_free(target);
}


static void
inlay_target_cleanup(void *data)
{
    inlay_target_release(data);
}


void
inlay_target_use(ngx_http_request_t *r, inlay_ctx_t *ctx, inlay_target_t *target)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        inlay_target_release(target);
        return;
    }

    cln->handler = inlay_target_cleanup;
    cln->data = target;
    ctx->proxy.target = target;
}


static void
inlay_target_free(inlay_target_t *target)
{
    X509_STORE_free(target->store);
    arena_done(&target->arena);

    if (target->conf != NULL) {
        ngx_free(target->conf);
    }

    ngx_free(target);
}
