
/*
 * The servers of apps. Each is read from its settings once, and found by them as long as anybody
 * holds it; so its connections are used on whatever else this worker forgets.
 */

#ifndef INLAY_GATE_SERVE_PROXY_TARGET_H
#define INLAY_GATE_SERVE_PROXY_TARGET_H

#include "gate/request.h"
#include "apps/upstream/upstream.h"
#include "base/arena.h"
#include <openssl/x509v3.h>


/* One app with one set of settings: whoever asks another host, by another name, or trusts other
 * certificates, has connections of its own. Held by requests, by what is known of the app, and by
 * its kept connections: it ends with the last of them. */
struct inlay_target_s {
    ngx_queue_t                queue;       /* with others in the map */
    struct uuid                app_id;
    struct digest              content;     /* of the settings */
    ngx_uint_t                 refs;
    struct arena               arena;
    struct upstream            settings;
    struct str                 origin;
    struct str                 host;        /* as Host has it; "": as the browser has it */
    struct str                 name;        /* for TLS: without brackets and port */
    X509_STORE                *store;       /* of its own CA; NULL: the system's */
    ngx_addr_t                 address;     /* of a host that is an address */
    ngx_sockaddr_t             sockaddr;
    ngx_uint_t                 has_address;
    ngx_queue_t                kept;        /* idle connections; see proxy_balancer.h */
    ngx_uint_t                 nkept;
    ngx_http_upstream_conf_t  *conf;        /* nginx's, with this target's timeouts */
};


void inlay_targets_start(void); /* in each worker */

/* The one of this app and content, held for the caller; NULL if there is no memory, or the settings
 * are damaged. */
inlay_target_t *inlay_target_get(const struct uuid *app_id, const struct digest *content,
    struct str settings);

void inlay_target_hold(inlay_target_t *target);
void inlay_target_release(inlay_target_t *target); /* NULL is fine */

/* It becomes the request's, with the caller's hold, until it ends; unless there is no memory. */
void inlay_target_use(ngx_http_request_t *r, inlay_ctx_t *ctx, inlay_target_t *target);

#endif
