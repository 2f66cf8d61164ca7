
/*
 * What tells apps' servers who their user is: headers with each request, and the public keys that
 * verify the assertion among them. Values are IDENTITY_HEADERS texts in the request's pool; NULL if
 * they are not known, or if there is no memory.
 */

#ifndef INLAY_GATE_SERVE_IDENTITY_H
#define INLAY_GATE_SERVE_IDENTITY_H

#include "gate/request.h"
#include "entry/identity.h"


/* While nginx reads its configuration, and in each worker. */
ngx_int_t inlay_identity_prepare(ngx_conf_t *cf, inlay_main_conf_t *conf);
void inlay_identities_start(const struct settings *settings);

/* What this worker remembers of a session. */
void inlay_identity_know(const struct uuid *session_id, int64_t epoch,
    const struct identity *identity);
ngx_str_t *inlay_identity_find(ngx_http_request_t *r, const struct uuid *session_id,
    int64_t epoch, int64_t now_ms);

ngx_str_t *inlay_identity_copy(ngx_http_request_t *r, const struct identity *identity);

/* To the request that the app's server gets. */
ngx_int_t inlay_identity_add(ngx_http_request_t *r, const ngx_str_t *values);

ngx_int_t inlay_keys_handler(ngx_http_request_t *r); /* GET /.well-known/jwks.json */

#endif
