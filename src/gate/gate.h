
/*
 * The nginx module: turns nginx's requests into ours and our answers into nginx's.
 *
 *   module.c   directives, start of a process
 *   ctx.c      what belongs to one request, also across internal redirects
 *   job.c      work in threads: the only file that blocks and releases requests
 *   zone.c     what all workers share
 *   api.c      the API on the public address
 *   stream.c   answers that come in pieces
 *   access.c   the session check of an app origin
 *   app.c      what is known about apps
 *   cache.c    what each worker remembers
 *   content.c  the files of bundles
 *   link.c     opening links, entering, signing out, who am I
 *   sdk.c      /_inlay/app.js
 *   upstream.h apps that are a server of their own, with target.c, balancer.c, relay.c,
 *              upstream.c and answer.c
 *   forward.c  the question of another proxy, whether a request may pass
 *   limit.c    how much a session may ask
 *   live.c     requests that outlive their session are ended
 *   page.c     errors, as pages and as problem JSON
 *   headers.c  response headers, variables, what may be logged
 *   timer.c    the epoch and housekeeping
 *   identity.c who the user is, for an app's server, and the keys that verify it
 *   status.c   /healthz, /readyz, /metrics
 *
 * Threads run core code only and never touch a request or its pool.
 */

#ifndef INLAY_GATE_GATE_H
#define INLAY_GATE_GATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "model/work.h"
#include "live/admission.h"
#include "http/fetch.h"
#include "entry/session.h"
#include "apps/upstream/upstream.h"
#include "config/settings.h"


typedef enum {
    INLAY_SITE_NONE = 0, /* files with headers of their own: the console's */
    INLAY_SITE_PUBLIC, /* the public address: API, health, links that move on */
    INLAY_SITE_APP     /* the origins of apps */
} inlay_site_e;


typedef struct {
    struct settings   settings;
    struct instance   instance;
    ngx_shm_zone_t   *zone;
    ngx_flag_t        in_use;
    ngx_str_t         cache;         /* folder of the unpacked contents; NUL-terminated */
    ngx_str_t         origin_before; /* an app origin, around its label: "http://" … */
    ngx_str_t         origin_after;  /* … ".localhost:3000" */
    ngx_table_elt_t  *identity;      /* for apps' servers: names without values */
} inlay_main_conf_t;


typedef struct {
    ngx_uint_t  site;    /* inlay_site_e */
    ngx_flag_t  access;  /* inlay_access on: only with a session */
    ngx_uint_t  handler; /* one of ours answers; elsewhere nginx's proxy or files do */
} inlay_loc_conf_t;


typedef enum {
    INLAY_CHECK_NEW = 0,
    INLAY_CHECK_WAITING,
    INLAY_CHECK_DONE,
    INLAY_CHECK_PASSED,
    INLAY_CHECK_REFUSED
} inlay_check_e;


typedef struct inlay_target_s  inlay_target_t;
struct identity;
struct table_session;


/* What a worker knows about an app's content, or about its server in one environment. */
typedef struct {
    u_char          *text;    /* malloc; holds the next two */
    ngx_str_t        portals;
    ngx_str_t        root;    /* folder of the content */
    inlay_target_t  *target;  /* instead, of an app that is a server of its own; held */
} inlay_app_t;


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


extern ngx_module_t  ngx_http_inlay_module;

inlay_main_conf_t *inlay_conf(ngx_http_request_t *r);
ngx_uint_t inlay_site(ngx_http_request_t *r);

/* ctx.c */
inlay_ctx_t *inlay_ctx(ngx_http_request_t *r); /* NULL if there is no memory */
inlay_ctx_t *inlay_ctx_find(ngx_http_request_t *r); /* NULL if there is none yet */

static inline struct str
inlay_str(ngx_str_t s)
{
    return (struct str) { (const char *) s.data, s.len };
}

/* nginx's texts aren't const, even those that it only reads. */
static inline u_char *
inlay_bytes(const char *text)
{
    return (u_char *) (uintptr_t) text;
}

/* nginx keeps a variable's length in 28 bits. */
static inline ngx_int_t
inlay_variable_set(ngx_http_variable_value_t *v, ngx_str_t value)
{
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = value.len & 0xfffffff;
    v->data = value.data;
    return NGX_OK;
}

ngx_str_t inlay_copy(ngx_pool_t *pool, struct str s);
void inlay_fetch(ngx_http_request_t *r, struct fetch *fetch);
ngx_str_t inlay_label(ngx_http_request_t *r); /* of the app origin; empty if it is none */
ngx_str_t inlay_label_guess(ngx_http_request_t *r);

/* The session's cookie, and the one that says, between opening a link and entering, that this
 * browser keeps cookies. */
#define INLAY_COOKIE          STR("__Host-inlay")
#define INLAY_COOKIE_PENDING  STR("__Host-inlay-pending")
#define INLAY_COOKIE_CONSOLE  STR("__Host-inlay-console") /* of an admin, on the public address */

struct str inlay_cookie(ngx_http_request_t *r, struct str name); /* STR_NONE if absent */
struct str inlay_user_agent(ngx_http_request_t *r);
struct str inlay_own_origin(ngx_http_request_t *r, inlay_ctx_t *ctx); /* STR_NONE without memory */
struct str inlay_origin(ngx_http_request_t *r, ngx_str_t label);      /* likewise */

/* page.c */
ngx_int_t inlay_refuse(ngx_http_request_t *r, const struct fault *fault);
ngx_int_t inlay_fail(ngx_http_request_t *r, const struct fault *fault);
ngx_int_t inlay_send(ngx_http_request_t *r, ngx_uint_t status, const char *content_type,
    struct str body);

typedef struct {
    const char  *code;
    const char  *title;
    const char  *message;
    const char  *hint;
} inlay_page_t;

ngx_int_t inlay_send_page(ngx_http_request_t *r, const inlay_page_t *page); /* with 200 */
ngx_int_t inlay_wrong_method(ngx_http_request_t *r, const char *allowed);
ngx_int_t inlay_error_handler(ngx_http_request_t *r);
ngx_int_t inlay_unknown_host_handler(ngx_http_request_t *r);
ngx_int_t inlay_home_handler(ngx_http_request_t *r);
ngx_int_t inlay_add_header(ngx_http_request_t *r, const char *name, struct str value);

/* api.c */
ngx_int_t inlay_api_handler(ngx_http_request_t *r);
ngx_int_t inlay_api_error(ngx_http_request_t *r, const struct fault *fault);

/* stream.c */
typedef struct inlay_stream_s  inlay_stream_t;

/* After the headers were sent. NULL if there is no memory. The pieces are made by the job, which is
 * posted for each of them. */
inlay_stream_t *inlay_stream_start(ngx_http_request_t *r, struct inlay_job_s *job);

/* Sends a piece, which stays where it is until the client has it, and posts the job again after
 * wait_ms; or, if it is the last one, ends the answer. In the job's done(), last. */
void inlay_stream_piece(inlay_stream_t *stream, struct str piece, ngx_uint_t is_last,
    ngx_msec_t wait_ms);

/* access.c */
ngx_int_t inlay_access_handler(ngx_http_request_t *r);

/* app.c: of the session's content and epoch; NULL if not known. Valid until the event loop goes on. */
void inlay_apps_start(const struct settings *settings);
const inlay_app_t *inlay_app_find(const struct table_session *session, int64_t now_ms);
void inlay_app_know(const struct table_session *session, struct str portals, struct str root,
    inlay_target_t *target);

/* content.c */
ngx_int_t inlay_missing_handler(ngx_http_request_t *r);

/* Unpacks the request's content into the cache folder, then goes on; or starts again, by a redirect
 * to its first path. */
void inlay_content_restore(ngx_http_request_t *r, ngx_uint_t redirect);

/* link.c */
ngx_int_t inlay_link_handler(ngx_http_request_t *r);
ngx_int_t inlay_enter_handler(ngx_http_request_t *r);
ngx_int_t inlay_session_handler(ngx_http_request_t *r);
ngx_int_t inlay_renewed_handler(ngx_http_request_t *r);
ngx_int_t inlay_logout_handler(ngx_http_request_t *r);

/* sdk.c */
ngx_int_t inlay_sdk_handler(ngx_http_request_t *r);

/* target.c: the one of this app and content, held; NULL if there is no memory, or the settings are
 * damaged */
void inlay_targets_start(void);
inlay_target_t *inlay_target_get(const struct uuid *app_id, const struct digest *content,
    struct str settings);
void inlay_target_hold(inlay_target_t *target);
void inlay_target_release(inlay_target_t *target);

/* balancer.c */
char *inlay_balancer_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data);

/* relay.c */
ngx_int_t inlay_cookies(ngx_http_request_t *r, ngx_str_t *value); /* of the client, without ours */
ngx_int_t inlay_relay_variables_init(ngx_conf_t *cf);

/* upstream.c */
ngx_int_t inlay_upstream_prepare(ngx_http_request_t *r, inlay_ctx_t *ctx, ngx_uint_t is_websocket);
void inlay_upstream_filters_init(void);
ngx_int_t inlay_upstream_fault(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault);

/* answer.c: NGX_OK, or a status when the answer makes no sense */
ngx_int_t inlay_answer_clean(ngx_http_request_t *r, inlay_ctx_t *ctx);

/* forward.c */
ngx_uint_t inlay_is_forward(ngx_http_request_t *r);
ngx_uint_t inlay_forward_is_disguised(ngx_http_request_t *r);
enum err inlay_forward_read(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault);
enum err inlay_forward_check_app(inlay_ctx_t *ctx, struct fault *fault);
ngx_int_t inlay_forward_handler(ngx_http_request_t *r);

/* limit.c */
enum err inlay_limit_check(ngx_http_request_t *r, inlay_ctx_t *ctx, struct fault *fault);
void inlay_limit_leave(inlay_ctx_t *ctx);

/* live.c */
void inlay_live_add(ngx_http_request_t *r, inlay_ctx_t *ctx);
void inlay_live_remove(inlay_ctx_t *ctx);
void inlay_live_since(uint64_t moment, int64_t epoch);
void inlay_live_start(ngx_cycle_t *cycle);

/* headers.c */
ngx_int_t inlay_headers_init(ngx_conf_t *cf);
ngx_int_t inlay_variables_init(ngx_conf_t *cf);
ngx_int_t inlay_quiet_log_handler(ngx_http_request_t *r);

/* timer.c */
ngx_int_t inlay_timers_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf);

/* identity.c: values are IDENTITY_HEADERS strings in the request's pool; NULL if not known */
void inlay_identities_start(const struct settings *settings);
ngx_int_t inlay_identity_prepare(ngx_conf_t *cf, inlay_main_conf_t *conf);
ngx_int_t inlay_keys_handler(ngx_http_request_t *r);
void inlay_identity_know(const struct uuid *session_id, int64_t epoch,
    const struct identity *identity);
ngx_str_t *inlay_identity_find(ngx_http_request_t *r, const struct uuid *session_id,
    int64_t epoch, int64_t now_ms);
ngx_str_t *inlay_identity_copy(ngx_http_request_t *r, const struct identity *identity);
ngx_int_t inlay_identity_add(ngx_http_request_t *r, const ngx_str_t *values);

/* status.c */
ngx_int_t inlay_health_handler(ngx_http_request_t *r);
ngx_int_t inlay_ready_handler(ngx_http_request_t *r);
ngx_int_t inlay_metrics_handler(ngx_http_request_t *r);

#endif
