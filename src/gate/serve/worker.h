
/*
 * Scripts of service workers. A worker of an app sees every request of its origin, links first of
 * all, so that none gets its script but with a guard in front (web/worker/guard.ts), which keeps
 * links from it.
 *
 * The script is asked for as it is: whole, unencoded, whether it has changed or not. A filter holds
 * the response back until all of it is there, since its text decides how the guard is put in front.
 */

#ifndef INLAY_GATE_SERVE_WORKER_H
#define INLAY_GATE_SERVE_WORKER_H

#include "gate/request.h"


void inlay_worker_filter_init(void);

inlay_workers_e inlay_workers_from(struct str word); /* off for what is no word */

/* Once the session is good: sees to it that a script of a service worker gets the guard. ERR_DENIED,
 * service_worker_refused. */
enum err inlay_worker_check(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct fetch *fetch,
    struct fault *fault);

/* Without a session, or if the app has none: the worker has to go. */
ngx_uint_t inlay_worker_has_to_leave(ngx_http_request_t *r, const struct fault *fault);

/* Sends the script that unregisters the worker (web/worker/leave.ts). */
ngx_int_t inlay_worker_leave(ngx_http_request_t *r);

/* /_inlay/worker.js, the guard as a module. */
ngx_int_t inlay_worker_handler(ngx_http_request_t *r);

#endif
