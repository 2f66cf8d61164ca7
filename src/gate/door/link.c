
#include "gate/door/link.h"
#include "gate/job.h"
#include "gate/note.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "gate/zone.h"
#include "model/event.h"
#include "entry/redeem.h"


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
static struct str inlay_arg(ngx_http_request_t *r, const char *name);


static const inlay_job_type_t  inlay_redeem_job = {
    .lane = LANE_WRITE,
    .size = sizeof(inlay_redeem_t),
    .run = inlay_redeem_run,
    .done = inlay_redeem_done,
    .drop = inlay_redeem_drop
};


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
