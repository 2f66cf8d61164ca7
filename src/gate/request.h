
/*
 * What belongs to one request, and what it says.
 *
 * inlay_ctx_t lives in the request's pool, survives internal redirects, and is written by whoever deals
 * with the request: the fields say by whom. What it holds of others they give back themselves, in a
 * cleanup handler of the same pool. Texts that the functions return are the request's own unless
 * they say something else; NULL, STR_NONE or an empty text means that it isn't there.
 */

#ifndef INLAY_GATE_REQUEST_H
#define INLAY_GATE_REQUEST_H

#include "gate/conf.h"
#include "crypto/digest.h"
#include "http/fetch.h"
#include "live/admission.h"


typedef enum {
    INLAY_CHECK_NEW = 0,
    INLAY_CHECK_WAITING,
    INLAY_CHECK_DONE,
    INLAY_CHECK_PASSED,
    INLAY_CHECK_REFUSED
} inlay_check_e;


typedef struct inlay_target_s  inlay_target_t;


/* What belongs to one request. Survives internal redirects. */
typedef struct {
    inlay_check_e  check;

    struct uuid    session_id;
    struct uuid    app_id;
    struct uuid    link_id;
    struct admission  admission; /* what is counted until the request ends */
    struct digest  content;
    ngx_str_t      root;       /* folder of the content */
    ngx_str_t      portals;    /* frame-ancestors of the app, "" for none */
    ngx_str_t      label;
    struct str     origin;     /* of the label, once it was asked for */

    inlay_target_t *target;    /* the server of the app; NULL for a bundle */
    ngx_str_t      *identity;  /* for the server of the app: who its user is */
    ngx_addr_t     *addresses; /* of its name */
    ngx_uint_t      naddresses;
    ngx_resolver_ctx_t  *resolving;
    const char     *failure;   /* why the server gave no answer */
    off_t           body_bytes;
    int64_t         expires_at_ms;
    ngx_queue_t     live;
    ngx_http_request_t  *request;
    ngx_uint_t      http_version;

    ngx_str_t      forward_method; /* of the request that another proxy asks about */
    struct uuid    forward_app_id; /* the only app it may be for, if any */

    struct inlay_job_s  *job;  /* of an API call, while its body is read */
    struct inlay_stream_s  *stream; /* the answer comes in pieces */

    ngx_str_t      uri;        /* of the first request, for SPA paths and the log */
    unsigned       is_page:1;  /* an error page: strict policy of its own */
    unsigned       is_link:1;  /* no-referrer, never to be stored */
    unsigned       is_keys:1;  /* the public keys: anybody may keep them for a while */
    unsigned       is_file:1;  /* from the content of a bundle */
    unsigned       is_sdk:1;   /* /_inlay/app.js: the same for everybody */
    unsigned       is_filtered:1; /* its headers were written once, before an error came up */
    unsigned       is_live:1;
    unsigned       is_websocket:1;
    unsigned       is_forward:1; /* a question of another proxy; label and method are in it */
    unsigned       is_answer:1;  /* the headers are those of the app's server */
    unsigned       tried_index:1;
    unsigned       tried_restore:1;
} inlay_ctx_t;


/* The session's cookie, and the one that says, between opening a link and entering, that this
 * browser keeps cookies. */
#define INLAY_COOKIE          STR("__Host-inlay")
#define INLAY_COOKIE_PENDING  STR("__Host-inlay-pending")
#define INLAY_COOKIE_CONSOLE  STR("__Host-inlay-console") /* of an admin, on the public address */


inlay_ctx_t *inlay_ctx(ngx_http_request_t *r); /* NULL if there is no memory */
inlay_ctx_t *inlay_ctx_find(ngx_http_request_t *r); /* NULL if there is none yet */

void inlay_fetch(ngx_http_request_t *r, struct fetch *fetch);
struct str inlay_cookie(ngx_http_request_t *r, struct str name);
struct str inlay_user_agent(ngx_http_request_t *r);

/* Of the app origin; empty if it is none. The guess is quick and may miss one. */
ngx_str_t inlay_label(ngx_http_request_t *r);
ngx_str_t inlay_label_guess(ngx_http_request_t *r);

/* Of a label, and of the request's own, made once. STR_NONE without memory. */
struct str inlay_origin(ngx_http_request_t *r, ngx_str_t label);
struct str inlay_own_origin(ngx_http_request_t *r, inlay_ctx_t *ctx);

#endif
