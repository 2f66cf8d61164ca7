
#include "gate/door/link.h"
#include "gate/job.h"
#include "gate/note.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "gate/zone.h"
#include "model/event.h"
#include "entry/redeem.h"
#include "api/whoami.h"


#define INLAY_LOCATION_SIZE  512


typedef struct {
    struct redeem_request  request;
    struct enter_request   enter;     /* of /_inlay/enter, else without a proof */
    struct redeem_result   result;
    enum err               err;
} inlay_redeem_t;


static ngx_int_t inlay_redeem_start(ngx_http_request_t *r, const inlay_redeem_t *redeem);
static enum err inlay_redeem_run(inlay_job_t *job);
static void inlay_redeem_done(inlay_job_t *job);
static void inlay_redeem_drop(inlay_job_t *job);
static ngx_int_t inlay_redeem_answer(ngx_http_request_t *r, inlay_redeem_t *redeem);
static ngx_int_t inlay_set_cookie(ngx_http_request_t *r, struct str name, struct str value,
    int64_t seconds);
static struct str inlay_arg(ngx_http_request_t *r, const char *name);


static const inlay_job_type_t  inlay_redeem_job = {
    .lane = LANE_WRITE,
    .size = sizeof(inlay_redeem_t),
    .run = inlay_redeem_run,
    .done = inlay_redeem_done,
    .drop = inlay_redeem_drop
};


/* GET /_inlay/embed/<secret> and GET /embed-apps/<app>?personal-access-token=<secret> */

ngx_int_t
inlay_link_handler(ngx_http_request_t *r)
{
    struct str        rest;
    inlay_ctx_t      *ctx;
    struct fetch      fetch;
    struct fault      fault;
    inlay_redeem_t    redeem;

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_LINK;
    ngx_memzero(&redeem, sizeof(inlay_redeem_t));
    redeem.request.renews = inlay_arg(r, "renew").len > 0;
    rest = inlay_str(r->uri);

    if (str_starts_with(rest, STR("/_inlay/embed/"))) {
        redeem.request.kind = SECRET_LINK;
        redeem.request.secret = str_skip(rest, sizeof("/_inlay/embed/") - 1);

    } else {
        redeem.request.kind = SECRET_PAT;
        redeem.request.app = str_skip(rest, sizeof("/embed-apps/") - 1);
        redeem.request.secret = inlay_arg(r, "personal-access-token");
    }

    if (inlay_site(r) == INLAY_SITE_APP) {
        ctx->label = inlay_label(r);

        if (ctx->label.len == 0) {
            return inlay_unknown_host(r);
        }

        redeem.request.label = inlay_str(ctx->label);
        redeem.request.cookie = inlay_cookie(r, INLAY_COOKIE);
    }

    inlay_fetch(r, &fetch);

    if (fetch_check_link(&fetch, &fault) != ERR_OK) {
        inlay_note_denial(r, fault.code, NULL);
        return inlay_refuse(r, &fault);
    }

    return inlay_redeem_start(r, &redeem);
}


/* GET /_inlay/enter?link=<proof> */

ngx_int_t
inlay_enter_handler(ngx_http_request_t *r)
{
    inlay_ctx_t      *ctx;
    struct fetch      fetch;
    struct fault      fault;
    inlay_redeem_t    redeem;

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_LINK;
    ctx->label = inlay_label(r);
    if (ctx->label.len == 0) {
        return inlay_unknown_host(r);
    }

    ngx_memzero(&redeem, sizeof(inlay_redeem_t));
    redeem.enter.renews = inlay_arg(r, "renew").len > 0;
    redeem.enter.proof = inlay_arg(r, "link");
    redeem.enter.label = inlay_str(ctx->label);
    redeem.enter.cookie = inlay_cookie(r, INLAY_COOKIE);
    redeem.enter.has_pending = inlay_cookie(r, INLAY_COOKIE_PENDING).ptr != NULL;

    inlay_fetch(r, &fetch);

    if (fetch_check_link(&fetch, &fault) != ERR_OK) {
        inlay_note_denial(r, fault.code, NULL);
        return inlay_refuse(r, &fault);
    }

    return inlay_redeem_start(r, &redeem);
}


static ngx_int_t
inlay_redeem_start(ngx_http_request_t *r, const inlay_redeem_t *redeem)
{
    inlay_job_t  *job;

    job = inlay_job_new(r, &inlay_redeem_job);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *(inlay_redeem_t *) job->data = *redeem;

    return inlay_job_content(job);
}


static enum err
inlay_redeem_run(inlay_job_t *job)
{
    struct work     *work = &job->work;
    inlay_redeem_t  *redeem = job->data;

    inlay_redeem_drop(job); /* this may be the second run */

    if (redeem->enter.proof.ptr != NULL) {
        redeem->err = redeem_enter(work, &redeem->enter, &redeem->result);
    } else {
        redeem->err = redeem_link(work, &redeem->request, &redeem->result);
    }

    if (redeem->err == ERR_OK) {
        return ERR_OK;
    }

    if (redeem->err == ERR_BUSY || redeem->err == ERR_STORAGE || redeem->err == ERR_INTERNAL
        || redeem->err == ERR_CONFLICT)
    {
        return redeem->err;
    }

    return event_deny(work, job->fault.code);
}


static void
inlay_redeem_done(inlay_job_t *job)
{
    ngx_int_t            rc;
    inlay_ctx_t         *ctx;
    inlay_redeem_t      *redeem = job->data;
    ngx_http_request_t  *r = job->r;

    ctx = inlay_ctx(r);
    ctx->app.portals = inlay_copy(r->pool, redeem->result.portals);

    if (job->batch.result != ERR_OK || redeem->err != ERR_OK) {
        inlay_count(INLAY_COUNT_DENIALS, 1);
        rc = inlay_refuse(r, &job->fault);

    } else {
        rc = inlay_redeem_answer(r, redeem);
    }

    inlay_redeem_drop(job);
    inlay_job_answered(job, rc);
}


static void
inlay_redeem_drop(inlay_job_t *job)
{
    inlay_redeem_t  *redeem = job->data;

    secret_done(&redeem->result.proof);
    secret_done(&redeem->result.cookie);
}


/* The same link, at the address of its session. */

static struct str
inlay_redeem_move(ngx_http_request_t *r, const inlay_redeem_t *redeem,
    char text[INLAY_LOCATION_SIZE])
{
    ngx_str_t                      label;
    struct str                     origin, location;
    const struct redeem_request   *request = &redeem->request;

    label.data = inlay_bytes(redeem->result.label.ptr);
    label.len = redeem->result.label.len;
    origin = inlay_origin(r, label);

    if (origin.len == 0) {
        return STR_NONE;
    }

    if (request->kind == SECRET_PAT) {
        if (!str_print_fits(text, INLAY_LOCATION_SIZE, &location,
                            STR_FMT "/embed-apps/" STR_FMT "?personal-access-token=" STR_FMT "%s",
                            STR_ARG(origin), STR_ARG(request->app), STR_ARG(request->secret),
                            request->renews ? "&renew=1" : ""))
        {
            return STR_NONE;
        }

        return location;
    }

    return str_print_fits(text, INLAY_LOCATION_SIZE, &location,
                          STR_FMT "/_inlay/embed/" STR_FMT "%s", STR_ARG(origin),
                          STR_ARG(request->secret), request->renews ? "?renew=1" : "")
           ? location : STR_NONE;
}


static ngx_int_t
inlay_redeem_answer(ngx_http_request_t *r, inlay_redeem_t *redeem)
{
    char                    text[INLAY_LOCATION_SIZE];
    ngx_int_t               rc = NGX_OK;
    ngx_uint_t              renews;
    struct str              location;
    struct redeem_result   *result = &redeem->result;

    renews = redeem->request.renews || redeem->enter.renews;
    location = renews ? STR("/_inlay/renewed") : STR("/");

    switch (result->step) {

    case REDEEM_MOVE:
        location = inlay_redeem_move(r, redeem, text);
        break;

    case REDEEM_PENDING:
        location = str_print(text, sizeof(text), "/_inlay/enter?link=" STR_FMT "%s",
                             STR_ARG(secret_str(&result->proof)), renews ? "&renew=1" : "");
        rc = inlay_set_cookie(r, INLAY_COOKIE_PENDING, STR("1"), REDEEM_PENDING_S);
        break;

    case REDEEM_OPENED:
        inlay_count(INLAY_COUNT_REDEEMS, 1);
        rc = inlay_set_cookie(r, INLAY_COOKIE, secret_str(&result->cookie),
                              result->cookie_seconds);
        break;

    case REDEEM_RENEWED:
        inlay_count(INLAY_COUNT_RENEWALS, 1);
        rc = inlay_set_cookie(r, INLAY_COOKIE, inlay_cookie(r, INLAY_COOKIE),
                              result->cookie_seconds);
        break;

    default: /* REDEEM_RESUMED */
        inlay_count(INLAY_COUNT_RESUMES, 1);
        break;
    }

    if (rc != NGX_OK || location.len == 0
        || inlay_add_header(r, "Location", location) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, NGX_HTTP_SEE_OTHER, NULL, STR_NONE);
}


static ngx_int_t
inlay_set_cookie(ngx_http_request_t *r, struct str name, struct str value, int64_t seconds)
{
    char        text[256];
    struct str  cookie;

    if (!str_print_fits(text, sizeof(text), &cookie,
                        STR_FMT "=" STR_FMT "; Path=/; Secure; HttpOnly; SameSite=None; "
                        "Partitioned; Max-Age=%lld",
                        STR_ARG(name), STR_ARG(value), (long long) seconds))
    {
        return NGX_ERROR;
    }

    return inlay_add_header(r, "Set-Cookie", cookie);
}


/* A query parameter as it stands: ours hold nothing that would be encoded. */

static struct str
inlay_arg(ngx_http_request_t *r, const char *name)
{
    ngx_str_t  value;

    if (ngx_http_arg(r, inlay_bytes(name), ngx_strlen(name), &value) != NGX_OK) {
        return STR("");
    }

    return inlay_str(value);
}


/* ---- GET /_inlay/session; inlay_access has let it in ---- */


typedef struct {
    struct uuid  id;
    struct str   json;
    int64_t      left_ms;
    enum err     err;
} inlay_session_t;


static enum err
inlay_session_run(inlay_job_t *job)
{
    inlay_session_t  *session = job->data;

    session->err = whoami_json(&job->work, &session->id, &session->json);

    return ERR_OK;
}


static void
inlay_session_done(inlay_job_t *job)
{
    ngx_int_t            rc;
    inlay_session_t     *session = job->data;
    ngx_http_request_t  *r = job->r;

    if (job->batch.result != ERR_OK || session->err != ERR_OK) {
        rc = inlay_refuse(r, &job->fault);

    } else {
        rc = inlay_send(r, NGX_HTTP_OK, "application/json", session->json);
    }

    inlay_job_answered(job, rc);
}


static ngx_int_t
inlay_session_job(ngx_http_request_t *r, const inlay_job_type_t *type)
{
    inlay_ctx_t  *ctx;
    inlay_job_t  *job;

    ctx = inlay_ctx_find(r);

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx->response = INLAY_RESPONSE_PLAIN;

    job = inlay_job_new(r, type);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ((inlay_session_t *) job->data)->id = ctx->session.id;

    return inlay_job_content(job);
}


static const inlay_job_type_t  inlay_session_type = {
    .lane = LANE_READ,
    .size = sizeof(inlay_session_t),
    .run = inlay_session_run,
    .done = inlay_session_done
};


ngx_int_t
inlay_session_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    return inlay_session_job(r, &inlay_session_type);
}


/*
 * ---- GET /_inlay/renewed; inlay_access has let it in ----
 *
 * Where a link ends that was opened with renew=1, in a frame that nobody sees: the page tells the
 * portal how long the session lasts.
 */


static enum err
inlay_renewed_run(inlay_job_t *job)
{
    struct session    found;
    inlay_session_t  *session = job->data;

    session->err = session_find(&job->work, &session->id, &found);

    if (session->err == ERR_OK) {
        session->left_ms = found.expires_at_ms - job->work.now_ms;

    } else if (session->err == ERR_NOT_FOUND) {
        session->err = fault_set(&job->fault, ERR_UNAUTHENTICATED, "session_ended",
                                 "The session has ended.");
    }

    return ERR_OK;
}


static void
inlay_renewed_done(inlay_job_t *job)
{
    ngx_int_t            rc;
    char                 left[NGX_INT64_LEN + sizeof(" seconds are left.")];
    inlay_session_t     *session = job->data;
    ngx_http_request_t  *r = job->r;

    inlay_page_t  page = {
        "renewed", "Session extended", left, "This page runs in the background."
    };

    if (job->batch.result != ERR_OK || session->err != ERR_OK) {
        rc = inlay_refuse(r, &job->fault);

    } else {
        (void) str_print(left, sizeof(left), "%lld seconds are left.",
                         (long long) (session->left_ms > 0 ? session->left_ms / 1000 : 0));
        rc = inlay_send_page(r, &page);
    }

    inlay_job_answered(job, rc);
}


static const inlay_job_type_t  inlay_renewed_type = {
    .lane = LANE_READ,
    .size = sizeof(inlay_session_t),
    .run = inlay_renewed_run,
    .done = inlay_renewed_done
};


ngx_int_t
inlay_renewed_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    return inlay_session_job(r, &inlay_renewed_type);
}


/* ---- POST /_inlay/logout; inlay_access has let it in ---- */


static enum err
inlay_logout_run(inlay_job_t *job)
{
    inlay_session_t  *session = job->data;

    session->err = session_logout(&job->work, &session->id);

    return session->err;
}


static void
inlay_logout_done(inlay_job_t *job)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r = job->r;

    if (job->batch.result != ERR_OK) {
        rc = inlay_refuse(r, &job->fault);

    } else if (inlay_set_cookie(r, INLAY_COOKIE, STR(""), 0) != NGX_OK
               || inlay_add_header(r, "Clear-Site-Data", STR("\"cache\", \"storage\"")) != NGX_OK)
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else {
        rc = inlay_send(r, NGX_HTTP_NO_CONTENT, NULL, STR_NONE);
    }

    inlay_job_answered(job, rc);
}


static const inlay_job_type_t  inlay_logout_type = {
    .lane = LANE_WRITE,
    .size = sizeof(inlay_session_t),
    .run = inlay_logout_run,
    .done = inlay_logout_done
};


ngx_int_t
inlay_logout_handler(ngx_http_request_t *r)
{
    if (!(r->method & NGX_HTTP_POST)) {
        return inlay_wrong_method(r, "POST");
    }

    return inlay_session_job(r, &inlay_logout_type);
}
