
/*
 * The server of an app: read from its settings once, and held as long as anybody asks it.
 */

#include "gate/serve/proxy.h"

#include <openssl/err.h>
#include <openssl/pem.h>


static void inlay_target_set_address(inlay_target_t *target);
static ngx_int_t inlay_target_set_ca(inlay_target_t *target);


inlay_target_t *
inlay_target_new(struct str settings)
{
    char                      text[ORIGIN_TEXT_SIZE];
    struct str                host;
    inlay_target_t           *target;
    struct upstream_address  *address;

    target = ngx_calloc(sizeof(inlay_target_t), ngx_cycle->log);
    if (target == NULL) {
        return NULL;
    }

    target->refs = 1;
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

    inlay_target_set_address(target);

    if (target->settings.tls_ca.ptr != NULL && inlay_target_set_ca(target) != NGX_OK) {
        inlay_target_release(target);
        return NULL;
    }

    return target;
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


/* Who has replaced a target lets it go; its last request ends it. */

void
inlay_target_release(inlay_target_t *target)
{
    if (target == NULL || --target->refs > 0) {
        return;
    }

    inlay_kept_drop_all(target);
    X509_STORE_free(target->store);
    arena_done(&target->arena);

    if (target->conf != NULL) {
        ngx_free(target->conf);
    }

    ngx_free(target);
}
