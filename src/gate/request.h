
/*
 * What belongs to one request, and what it says.
 *
 * inlay_ctx_t lives in the request's pool, survives internal redirects, and is written by whoever
 * deals with the request: the fields say by whom. What it holds of others they give back
 * themselves, in a cleanup handler of the same pool. Texts that the functions return are the
 * request's own unless they say something else; NULL, STR_NONE or an empty text means that it isn't
 * there.
 */

#ifndef INLAY_GATE_REQUEST_H
#define INLAY_GATE_REQUEST_H

#include "gate/conf.h"
#include "base/buf.h"
#include "base/look.h"
#include "crypto/digest.h"
#include "http/fetch.h"
#include "live/admission.h"
#include "model/app.h"


typedef enum {
    INLAY_CHECK_NEW = 0,
    INLAY_CHECK_WAITING,
    INLAY_CHECK_DONE,
    INLAY_CHECK_PASSED,
    INLAY_CHECK_REFUSED
} inlay_check_e;


typedef struct inlay_target_s  inlay_target_t;


/* What kind of response this is, for its headers; see gate/headers.h. */
typedef enum {
    INLAY_RESPONSE_PLAIN = 0,  /* for a program: JSON, a redirect, nothing */
    INLAY_RESPONSE_PAGE,       /* a page of ours, with an error or without */
    INLAY_RESPONSE_LINK,       /* what a link leads to */
    INLAY_RESPONSE_LINK_AGAIN, /* the same request at another address of the way */
    INLAY_RESPONSE_LINK_PAGE,  /* or why it leads nowhere */
    INLAY_RESPONSE_ANYWHERE,   /* an error before the host was read: for anyone, only its code */
    INLAY_RESPONSE_KEYS,       /* the public keys: anybody may keep them for a while */
    INLAY_RESPONSE_LOGO,       /* of a workspace: its name stands for its bytes */
    INLAY_RESPONSE_SDK,        /* a script of ours: the same for everybody */
    INLAY_RESPONSE_FILE,       /* from the content of a bundle */
    INLAY_RESPONSE_HASHED,     /* the same, with a hash of its bytes in its name */
    INLAY_RESPONSE_PROXIED,    /* of an app's server */
    INLAY_RESPONSE_DOCUMENT,   /* of either, what a frame shows: no browser may keep it */
    INLAY_RESPONSE_WORKER,     /* the script of a service worker, with the guard in front */
    INLAY_RESPONSE_MAX
} inlay_response_e;


/* What an app's service workers may do; see model/app.h. */
typedef enum {
    INLAY_WORKERS_OFF = 0,
    INLAY_WORKERS_GUARDED,
    INLAY_WORKERS_UNGUARDED_IMPORTS
} inlay_workers_e;


typedef struct {
    ngx_http_request_t   *request;
    ngx_str_t             uri;      /* of the first request, for SPA paths and the log */
    ngx_str_t             label;    /* of the app origin */
    struct str            origin;   /* of the label, once it was asked for */
    inlay_check_e         check;
    inlay_response_e      response;
    ngx_uint_t            is_unread; /* nginx gave up before all of its headers were read */
    ngx_uint_t            is_led;      /* a link has just led here; http/lead.h */
    ngx_uint_t            is_filtered; /* its headers were written once, before an error came up */

    struct inlay_job_s     *job;    /* of an API call, while its body is read */
    struct inlay_stream_s  *stream; /* the response comes in pieces */

    /* by door/session.c, once it is known */
    struct {
        struct uuid       id;
        struct uuid       link_id;
        int64_t           expires_at_ms;
        struct admission  admission; /* what is counted until the request ends; door/limit.c */
        ngx_uint_t        ends_idle; /* the app's sessions do; and this request is a use of it */
        off_t             bytes;     /* that the request had sent when live.c last looked */
        ngx_uint_t        is_live;   /* in the queue of gate/live.c */
        ngx_queue_t       live;
    } session;

    struct {
        struct uuid       id;
        enum app_kind     kind;
        struct digest     content;
        ngx_str_t         portals;   /* who may frame it, "" for nobody */
        ngx_str_t         root;      /* folder of the content; "" if it has a server */
        ngx_str_t        *identity;  /* for its server: who the user is */
        inlay_workers_e   workers;
        ngx_uint_t        is_for_tabs; /* any page may lead a tab to it */
    } app;

    struct look           look;     /* as far as it is known whose page this would be */

    /* by serve/bundle.c: what was tried to find a file */
    struct {
        ngx_uint_t        tried_other; /* files, and pages instead */
        ngx_uint_t        tried_restore;
    } bundle;

    /* by serve/worker.c: the response is the script of a service worker */
    struct {
        ngx_uint_t        is_asked;
        ngx_uint_t        is_main;     /* the worker's own, not one that it imports */
        ngx_uint_t        step;
        ngx_str_t         encoding;    /* Content-Encoding */
        struct buf        body;        /* as it comes; malloc */
    } worker;

    /* by serve/proxy.c */
    struct {
        inlay_target_t      *target;      /* the server of the app; NULL for a bundle */
        ngx_addr_t          *addresses;   /* of its name */
        ngx_uint_t           naddresses;
        ngx_resolver_ctx_t  *resolving;
        const char          *failure;     /* why the server gave no answer */
        off_t                body_bytes;
        ngx_uint_t           http_version;
        ngx_uint_t           is_websocket;
    } proxy;

    /* by door/forward.c: the question of another proxy */
    struct {
        ngx_uint_t        is_asked;
        ngx_uint_t        is_websocket;
        ngx_str_t         method;    /* of the request that it is about */
        struct uuid       app_id;    /* the only app it may be for, if any */
    } forward;
} inlay_ctx_t;


static inline ngx_uint_t
inlay_is_link(const inlay_ctx_t *ctx)
{
    return ctx->response == INLAY_RESPONSE_LINK || ctx->response == INLAY_RESPONSE_LINK_PAGE;
}


/* The session's cookie, and the one that says, between opening a link and entering, that this
 * browser keeps cookies. */
#define INLAY_COOKIE          STR("__Host-inlay")
#define INLAY_COOKIE_PENDING  STR("__Host-inlay-pending")
#define INLAY_COOKIE_ENTERED  STR("__Host-inlay-entered") /* a link was just opened; http/fetch.h */
#define INLAY_COOKIE_CONSOLE  STR("__Host-inlay-console") /* of an admin, on the public address */


inlay_ctx_t *inlay_ctx(ngx_http_request_t *r); /* NULL if there is no memory */
inlay_ctx_t *inlay_ctx_find(ngx_http_request_t *r); /* NULL if there is none yet */

void inlay_fetch(ngx_http_request_t *r, struct fetch *fetch);
struct str inlay_header(ngx_http_request_t *r, struct str name); /* the first one */
struct str inlay_cookie(ngx_http_request_t *r, struct str name);
struct str inlay_user_agent(ngx_http_request_t *r);

/* What is known of how a page would look, into the request. */
void inlay_look_take(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct look *look);

/* Of the app origin; empty if it is none. The guess is quick and may miss one. */
ngx_str_t inlay_label(ngx_http_request_t *r);
ngx_str_t inlay_label_guess(ngx_http_request_t *r);

/* Of a label, and of the request's own, made once. STR_NONE without memory. */
struct str inlay_origin(ngx_http_request_t *r, ngx_str_t label);
struct str inlay_own_origin(ngx_http_request_t *r, inlay_ctx_t *ctx);

#endif
