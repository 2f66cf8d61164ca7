
/*
 * Apps that are a server of their own. nginx's proxy asks it; these files say where it is, which
 * connection is used, and what is different in the request and in the answer:
 *
 *   target.c   the server of an app, with its settings
 *   balancer.c the connection that is used, kept ones among them, and its certificate
 *   relay.c  what is left out of the request, and the configuration's variables
 *   upstream.c before and after: the name's addresses, the body's limit, what is said on failure
 *   answer.c   what the server's response becomes
 *
 * Text is changed by http/rewrite.h.
 */

#ifndef INLAY_GATE_SERVE_PROXY_H
#define INLAY_GATE_SERVE_PROXY_H

#include "gate/gate.h"
#include "http/rewrite.h"

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
    ngx_queue_t                kept;        /* idle connections; see balancer.c */
    ngx_uint_t                 nkept;
    ngx_http_upstream_conf_t  *conf;        /* nginx's, with this target's timeouts */
};


/* answer.c: before nginx reads one */
void inlay_answer_prepare(ngx_http_upstream_t *u);

/* relay.c */
ngx_int_t inlay_relay_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx);

#endif
