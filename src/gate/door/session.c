
#include "gate/door/session.h"
#include "gate/job.h"
#include "gate/live.h"
#include "gate/note.h"
#include "gate/respond.h"
#include "gate/zone.h"
#include "gate/serve/app.h"
#include "gate/serve/bundle.h"
#include "gate/serve/identity.h"
#include "gate/serve/kind.h"
#include "gate/serve/worker.h"
#include "gate/door/forward.h"
#include "gate/door/limit.h"
#include "entry/session.h"
#include "http/lead.h"
#include "base/encode.h"
#include "apps/bundle/cachefolder.h"


typedef struct {
    ngx_str_t             label;
    struct str            cookie;
    uint64_t              moment;
    int64_t               epoch;
    enum err              err;
    struct fault          fault;       /* why not */
    struct session_view   view;
    struct identity       identity;    /* for an upstream */
    ngx_uint_t            wants_identity; /* even of a bundle */
    ngx_uint_t            has_content;
    const char           *cache;
} inlay_lookup_t;


static ngx_int_t inlay_access_check(ngx_http_request_t *r, inlay_ctx_t *ctx);
static ngx_int_t inlay_access_lookup(ngx_http_request_t *r, inlay_ctx_t *ctx, struct str cookie);
static enum err inlay_lookup_run(inlay_job_t *job);
static enum err inlay_lookup_end(inlay_job_t *job);
static void inlay_lookup_done(inlay_job_t *job);
static ngx_int_t inlay_lookup_late(inlay_job_t *job);
static ngx_int_t inlay_access_deny(ngx_http_request_t *r, const struct fault *fault);
static ngx_uint_t inlay_is_led(ngx_http_request_t *r, inlay_ctx_t *ctx);
static ngx_int_t inlay_access_pass(ngx_http_request_t *r, inlay_ctx_t *ctx);
static ngx_int_t inlay_access_serve(ngx_http_request_t *r, inlay_ctx_t *ctx);


static const inlay_job_type_t  inlay_lookup_job = {
    .lane = LANE_CHECK,
    .size = sizeof(inlay_lookup_t),
    .run = inlay_lookup_run,
    .done = inlay_lookup_done,
    .late = inlay_lookup_late
};


ngx_int_t
inlay_access_handler(ngx_http_request_t *r)
{
    ngx_int_t          rc;
    inlay_ctx_t       *ctx;
    struct fault       fault;
    inlay_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_inlay_module);

    if (!conf->access || r != r->main) {
        return NGX_DECLINED;
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    switch (ctx->check) {

    case INLAY_CHECK_NEW:
        if (inlay_is_forward(r) && inlay_forward_read(r, ctx, &fault) != ERR_OK) {
            rc = inlay_access_deny(r, &fault);
        } else {
            rc = inlay_access_check(r, ctx);
        }

        if (ctx->check == INLAY_CHECK_REFUSED) {
            /* answered already; nothing else may happen to this request */
            ngx_http_finalize_request(r, rc);
            return NGX_DONE;
        }

        return rc;

    case INLAY_CHECK_PASSED:
        return inlay_access_serve(r, ctx); /* again, after an internal redirect */

    default:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


static void
inlay_access_look(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct table_session *session,
    const struct look *brand)
{
    struct look  look;

    look = *brand;
    look.theme = str_from(session->theme);
    look.locale = str_from(session->locale);

    inlay_look_take(r, ctx, &look);
}


static ngx_int_t
inlay_access_check(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    int64_t                age_ms, now_ms;
    struct str             cookie;
    struct fault           fault;
    inlay_zone_t          *zone;
    unsigned char          key[TABLE_COOKIE_BYTES];
    struct settings       *settings;
    const inlay_app_t     *app;
    struct table_session   session;

    settings = &inlay_conf(r)->settings;
    zone = inlay_zone();

    cookie = inlay_cookie(r, INLAY_COOKIE);

    age_ms = (int64_t) ngx_current_msec - (int64_t) zone->seen_ms;
    if (age_ms > settings->database_grace_seconds * 1000) {
        fault_set(&fault, ERR_BUSY, "unavailable",
                  "The server cannot reach its database. Try again later.");
        return inlay_access_deny(r, &fault);
    }

    if (!ctx->forward.is_asked) {
        ctx->label = inlay_label_guess(r);
    }

    now_ms = clock_now_ms();

    if (ctx->label.len == 0 || cookie.len == 0 || !base64url_decode(cookie, key, sizeof(key))
        || !inlay_zone_find(key, inlay_str(ctx->label), now_ms, &session))
    {
        return inlay_access_lookup(r, ctx, cookie);
    }

    app = inlay_app_find(&session, now_ms);
    if (app == NULL || (app->idle_ms > 0 && now_ms - session.used_at_ms >= app->idle_ms)) {
        return inlay_access_lookup(r, ctx, cookie);
    }

    ctx->session.id = session.id;
    ctx->app.id = session.app_id;
    ctx->session.link_id = session.link_id;
    ctx->app.content = session.content;
    ctx->app.kind = app->kind;
    ctx->app.portals = inlay_copy(r->pool, inlay_str(app->portals));
    ctx->app.root = inlay_copy(r->pool, inlay_str(app->root));
    ctx->app.workers = app->workers;
    ctx->session.ends_idle = app->idle_ms > 0;
    ctx->app.is_for_tabs = app->is_for_tabs;
    ctx->session.expires_at_ms = session.expires_at_ms;
    inlay_access_look(r, ctx, &session, &app->look);

    if (app_kinds[app->kind].tells_user || ctx->forward.is_asked) {
        ctx->app.identity = inlay_identity_find(r, &session.id, session.epoch, now_ms);
        if (ctx->app.identity == NULL) {
            return inlay_access_lookup(r, ctx, cookie);
        }
    }

    if (app->target != NULL) {
        inlay_target_hold(app->target);
        inlay_target_use(r, ctx, app->target);
    }

    return inlay_access_pass(r, ctx);
}


/* Has a link just led here? Where an app stands behind another proxy, its addresses are not Inlay's. */

static ngx_uint_t
inlay_is_led(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    struct str  mark;

    mark = inlay_cookie(r, INLAY_COOKIE_ENTERED);

    return mark.ptr != NULL
           && (ctx->forward.is_asked || lead_is_to(mark, inlay_str(r->unparsed_uri)));
}


/* The session is good. So is the request, unless a page of another origin sent it. */

static ngx_int_t
inlay_access_pass(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    bool               is_own;
    ngx_int_t          rc;
    struct str         origin;
    struct fetch       fetch;
    struct fault       fault;
    struct fetch_way   way;
    inlay_loc_conf_t  *conf;

    origin = inlay_own_origin(r, ctx);

    if (origin.len == 0 || (ctx->app.root.len == 0 && ctx->proxy.target == NULL)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    inlay_fetch(r, &fetch);
    conf = ngx_http_get_module_loc_conf(r, ngx_http_inlay_module);

    ctx->is_led = inlay_is_led(r, ctx);

    /* Portals whose pages have no Referer, such as capacitor://localhost, ask Inlay about the session;
     * and another proxy in front of the app may not show the page by which people come back. */
    is_own = conf->handler;
    way = (struct fetch_way) {
        .portals = is_own || ctx->forward.is_asked ? STR_NONE : inlay_str(ctx->app.portals),
        .siblings = inlay_str(inlay_conf(r)->origin_after),
        .is_led = ctx->is_led || (is_own && str_equal(fetch.sec_fetch_site, STR("cross-site"))),
        .is_for_tabs = ctx->app.is_for_tabs
    };

    if (ctx->forward.is_asked) {
        fetch.method = inlay_str(ctx->forward.method);
        fetch.is_websocket = fetch.is_websocket || ctx->forward.is_websocket;
    }

    if (fetch_check_sibling(&fetch, origin, &fault) != ERR_OK
        || fetch_check_navigation(&fetch, &way, &fault) != ERR_OK
        || (ctx->forward.is_asked && inlay_forward_check_app(ctx, &fault) != ERR_OK))
    {
        inlay_note_denial(r, fault.code, ctx);
        return inlay_access_deny(r, &fault);
    }

    if (inlay_limit_check(r, ctx, &fault) != ERR_OK) {
        return inlay_access_deny(r, &fault);
    }

    if (inlay_worker_check(r, ctx, &fetch, &fault) != ERR_OK) {
        return inlay_access_deny(r, &fault);
    }

    if (inlay_live_add(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->check = INLAY_CHECK_PASSED;

    /* what Inlay itself answers, such as a hidden renewal, is no use of the app */
    ctx->session.ends_idle = ctx->session.ends_idle && (!conf->handler || ctx->forward.is_asked);

    if (ctx->session.ends_idle) {
        inlay_note_use(r, ctx);
    }

    if (!conf->handler && inlay_kinds[ctx->app.kind].prepare != NULL) {
        rc = inlay_kinds[ctx->app.kind].prepare(r, ctx, fetch.is_websocket);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return inlay_access_serve(r, ctx);
}


/* A handler of ours, nginx's proxy or nginx's files. */

static ngx_int_t
inlay_access_serve(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    inlay_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_inlay_module);

    if (conf->handler) {
        return NGX_OK;
    }

    return inlay_kinds[ctx->app.kind].serve(r, ctx);
}


/* ---- the session is not in the table ---- */


static ngx_int_t
inlay_access_lookup(ngx_http_request_t *r, inlay_ctx_t *ctx, struct str cookie)
{
    ngx_int_t        rc;
    inlay_job_t     *job;
    struct fault     fault;
    inlay_lookup_t  *lookup;

    if (!ctx->forward.is_asked) {
        ctx->label = inlay_label(r);
    }

    if (ctx->label.len == 0) {
        fault_set(&fault, ERR_NOT_FOUND, "host_unknown",
                  "This server has no app with this hostname.");
        return inlay_access_deny(r, &fault);
    }

    job = inlay_job_new(r, &inlay_lookup_job);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    lookup = job->data;
    lookup->label = ctx->label;
    lookup->cookie = cookie;
    lookup->wants_identity = ctx->forward.is_asked;
    lookup->cache = (const char *) inlay_conf(r)->cache.data;
    inlay_zone_moment(&lookup->moment, &lookup->epoch);

    rc = inlay_job_access(job, &fault);
    if (rc == NGX_DECLINED) {
        return inlay_access_deny(r, &fault);
    }

    ctx->check = INLAY_CHECK_WAITING;
    inlay_count(INLAY_COUNT_LOOKUPS, 1);

    return rc;
}


static enum err
inlay_lookup_run(inlay_job_t *job)
{
    inlay_lookup_t             *lookup = job->data;
    const struct app_kind_row  *kind;

    lookup->err = session_check(&job->work, inlay_str(lookup->label), lookup->cookie,
                                &lookup->view);

    kind = &app_kinds[lookup->view.kind];

    if (lookup->err == ERR_OK && (kind->tells_user || lookup->wants_identity)) {
        lookup->err = identity_of_session(&job->work, &lookup->view.id, &lookup->identity);
    }

    lookup->fault = job->fault;
    lookup->has_content = lookup->err == ERR_OK
                          && (lookup->wants_identity
                              || kind->is_at_hand(lookup->cache, &lookup->view.content));

    return ERR_OK;
}


static enum err
inlay_lookup_end(inlay_job_t *job)
{
    inlay_lookup_t  *lookup = job->data;

    return session_end(&job->work, &lookup->view.id, lookup->view.end_reason);
}


/* What the session is good for, into the request. root becomes "" for an app with a server of its own. */

static void
inlay_lookup_take(ngx_http_request_t *r, inlay_ctx_t *ctx, const inlay_lookup_t *lookup,
    char root[CACHEFOLDER_PATH_SIZE])
{
    inlay_target_t  *target;

    ctx->app.kind = lookup->view.kind;
    ctx->app.content = lookup->view.content;
    ctx->session.expires_at_ms = lookup->view.expires_at_ms;
    cachefolder_path(lookup->cache, &ctx->app.content, root);

    if (lookup->view.kind == APP_UPSTREAM) {
        target = inlay_target_get(&lookup->view.app_id, &lookup->view.content,
                                  lookup->view.settings);
        if (target != NULL) {
            inlay_target_use(r, ctx, target);
        }

        root[0] = '\0';
    }

    if (app_kinds[ctx->app.kind].tells_user || ctx->forward.is_asked) {
        ctx->app.identity = inlay_identity_copy(r, &lookup->identity);
    }

    ctx->app.root = inlay_copy(r->pool, str_from(root));
    ctx->app.workers = inlay_workers_from(lookup->view.service_workers);
    ctx->session.ends_idle = lookup->view.idle_ms > 0;
    ctx->app.is_for_tabs = str_equal(lookup->view.top_level, STR("any-page"));
}


/* For the next request of the session. */

static void
inlay_lookup_remember(inlay_ctx_t *ctx, const inlay_lookup_t *lookup)
{
    inlay_app_t           app;
    struct table_session  session;

    session = (struct table_session) {
        .id = lookup->view.id,
        .app_id = lookup->view.app_id,
        .link_id = lookup->view.link_id,
        .has_own_portals = lookup->view.has_own_portals,
        .content = lookup->view.content,
        .expires_at_ms = lookup->view.expires_at_ms,
        .used_at_ms = lookup->view.used_at_ms,
        .epoch = lookup->epoch
    };

    ngx_memcpy(session.label, lookup->label.data, sizeof(session.label));
    (void) str_to_cstr(lookup->view.look.theme, session.theme, sizeof(session.theme));
    (void) str_to_cstr(lookup->view.look.locale, session.locale, sizeof(session.locale));

    if (lookup->epoch <= 0
        || !base64url_decode(lookup->cookie, session.cookie, sizeof(session.cookie)))
    {
        return;
    }

    inlay_zone_put(&session, lookup->moment);

    if (ctx->app.identity != NULL) {
        inlay_identity_know(&session.id, session.epoch, &lookup->identity);
    }

    app = (inlay_app_t) {
        .kind = lookup->view.kind,
        .look = lookup->view.look,
        .portals = ctx->app.portals,
        .root = ctx->app.root,
        .workers = ctx->app.workers,
        .is_for_tabs = ctx->app.is_for_tabs,
        .idle_ms = lookup->view.idle_ms,
        .target = ctx->proxy.target
    };

    inlay_app_know(&session, &app);
}


/* A new tab has no session, since that belongs to the frame, however often it is loaded. */

static void
inlay_lookup_explain(ngx_http_request_t *r, inlay_lookup_t *lookup)
{
    struct fetch  fetch;

    inlay_fetch(r, &fetch);

    if (lookup->err == ERR_UNAUTHENTICATED && uuid_is_none(&lookup->view.id)
        && fetch_is_top_level(&fetch))
    {
        fault_set(&lookup->fault, ERR_UNAUTHENTICATED, "app_top_level",
                  "A tab of its own does not have the session of the site that embeds this app.");
    }
}


/* rc is what the access phase would return. */

static void
inlay_lookup_go_on(inlay_job_t *job, ngx_int_t rc)
{
    inlay_lookup_t      *lookup = job->data;
    ngx_http_request_t  *r = job->r;

    if (inlay_ctx(r)->check != INLAY_CHECK_PASSED || rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        inlay_job_answered(job, rc);
        return;
    }

    if (rc == NGX_AGAIN) {
        /* the server's name is asked for */
        arena_done(&job->arena);
        return;
    }

    if (!lookup->has_content) {
        arena_done(&job->arena);
        inlay_content_restore(r, 0);
        return;
    }

    inlay_job_continue(job);
}


static void
inlay_lookup_done(inlay_job_t *job)
{
    char                 root[CACHEFOLDER_PATH_SIZE];
    ngx_int_t            rc;
    inlay_ctx_t         *ctx;
    inlay_lookup_t      *lookup = job->data;
    ngx_http_request_t  *r = job->r;

    ctx = inlay_ctx(r);

    if (job->lane == LANE_CHECK) {
        inlay_look_take(r, ctx, &lookup->view.look);
        ctx->app.portals = inlay_copy(r->pool, lookup->view.portals);
        ctx->session.id = lookup->view.id;
        ctx->app.id = lookup->view.app_id;
        ctx->session.link_id = lookup->view.link_id;
    }

    if (lookup->err == ERR_OK && job->batch.result == ERR_OK) {
        inlay_lookup_take(r, ctx, lookup, root);
        inlay_lookup_remember(ctx, lookup);
        inlay_live_since(lookup->moment, lookup->epoch);
        rc = inlay_access_pass(r, ctx);

    } else if (lookup->view.must_end && job->batch.result == ERR_OK && job->lane == LANE_CHECK) {
        /* the session ends for good before anybody hears of it */
        inlay_job_again(job, LANE_WRITE, inlay_lookup_end);
        return;

    } else {
        inlay_lookup_explain(r, lookup);
        rc = inlay_access_deny(r, lookup->err != ERR_OK ? &lookup->fault : &job->fault);
    }

    inlay_lookup_go_on(job, rc);
}


/* The database does not answer in time. */

static ngx_int_t
inlay_lookup_late(inlay_job_t *job)
{
    struct fault  fault;

    fault_busy(&fault, "late", "The server takes too long to check the session. Try again.");

    return inlay_access_deny(job->r, &fault);
}


static ngx_int_t
inlay_access_deny(ngx_http_request_t *r, const struct fault *fault)
{
    inlay_ctx_t  *ctx;

    ctx = inlay_ctx(r);
    ctx->check = INLAY_CHECK_REFUSED;

    if (!ctx->forward.is_asked && inlay_worker_has_to_leave(r, fault)) {
        return inlay_worker_leave(r);
    }

    return inlay_refuse(r, fault);
}
