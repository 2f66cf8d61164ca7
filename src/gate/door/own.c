
#include "gate/door/own.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "entry/session.h"
#include "api/whoami.h"


typedef struct inlay_own_s  inlay_own_t;

struct inlay_own_s {
    struct uuid    id;        /* of the session */
    struct str     json;
    int64_t        left_ms;
    enum err       err;
    ngx_int_t    (*answer)(ngx_http_request_t *r, const inlay_own_t *own);
};


static void
inlay_own_done(inlay_job_t *job)
{
    ngx_int_t     rc;
    inlay_own_t  *own = job->data;

    rc = job->batch.result != ERR_OK || own->err != ERR_OK ? inlay_refuse(job->r, &job->fault)
                                                           : own->answer(job->r, own);
    inlay_job_answered(job, rc);
}


static ngx_int_t
inlay_own_start(ngx_http_request_t *r, const inlay_job_type_t *type,
    ngx_int_t (*answer)(ngx_http_request_t *r, const inlay_own_t *own))
{
    inlay_ctx_t  *ctx;
    inlay_job_t  *job;
    inlay_own_t  *own;

    ctx = inlay_ctx_find(r);

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED) {
        return NGX_HTTP_FORBIDDEN;
    }

    ctx->response = INLAY_RESPONSE_PLAIN;

    job = inlay_job_new(r, type);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    own = job->data;
    own->id = ctx->session.id;
    own->answer = answer;

    return inlay_job_content(job);
}


/* ---- who am I ---- */


static enum err
inlay_whoami_run(inlay_job_t *job)
{
    inlay_own_t  *own = job->data;

    own->err = whoami_json(&job->work, &own->id, &own->json);

    return ERR_OK;
}


static ngx_int_t
inlay_whoami_answer(ngx_http_request_t *r, const inlay_own_t *own)
{
    return inlay_send(r, NGX_HTTP_OK, "application/json", own->json);
}


static const inlay_job_type_t  inlay_whoami_job = {
    .lane = LANE_READ,
    .size = sizeof(inlay_own_t),
    .run = inlay_whoami_run,
    .done = inlay_own_done
};


ngx_int_t
inlay_session_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    return inlay_is_get(r, &rc) ? inlay_own_start(r, &inlay_whoami_job, inlay_whoami_answer) : rc;
}


/* ---- how long the session lasts ---- */


static enum err
inlay_renewed_run(inlay_job_t *job)
{
    struct session   found;
    inlay_own_t     *own = job->data;

    own->err = session_find(&job->work, &own->id, &found);

    if (own->err == ERR_OK) {
        own->left_ms = found.expires_at_ms - job->work.now_ms;

    } else if (own->err == ERR_NOT_FOUND) {
        own->err = fault_set(&job->fault, ERR_UNAUTHENTICATED, "session_ended",
                             "The session has ended.");
    }

    return ERR_OK;
}


static ngx_int_t
inlay_renewed_answer(ngx_http_request_t *r, const inlay_own_t *own)
{
    char  left[NGX_INT64_LEN + sizeof(" seconds are left.")];

    inlay_page_t  page = {
        "renewed", "Session extended", left, "This page runs in the background."
    };

    (void) str_print(left, sizeof(left), "%lld seconds are left.",
                     (long long) (own->left_ms > 0 ? own->left_ms / 1000 : 0));

    return inlay_send_page(r, &page);
}


static const inlay_job_type_t  inlay_renewed_job = {
    .lane = LANE_READ,
    .size = sizeof(inlay_own_t),
    .run = inlay_renewed_run,
    .done = inlay_own_done
};


ngx_int_t
inlay_renewed_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    return inlay_is_get(r, &rc) ? inlay_own_start(r, &inlay_renewed_job, inlay_renewed_answer) : rc;
}


/* ---- signing out ---- */


static enum err
inlay_logout_run(inlay_job_t *job)
{
    inlay_own_t  *own = job->data;

    own->err = session_logout(&job->work, &own->id);

    return own->err;
}


static ngx_int_t
inlay_logout_answer(ngx_http_request_t *r, const inlay_own_t *own)
{
    (void) own;

    if (inlay_set_cookie(r, INLAY_COOKIE, STR(""), 0) != NGX_OK
        || inlay_clear_storage(r) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, NGX_HTTP_NO_CONTENT, NULL, STR_NONE);
}


static const inlay_job_type_t  inlay_logout_job = {
    .lane = LANE_WRITE,
    .size = sizeof(inlay_own_t),
    .run = inlay_logout_run,
    .takes_away = 1,
    .done = inlay_own_done
};


ngx_int_t
inlay_logout_handler(ngx_http_request_t *r)
{
    if (!(r->method & NGX_HTTP_POST)) {
        return inlay_wrong_method(r, "POST");
    }

    return inlay_own_start(r, &inlay_logout_job, inlay_logout_answer);
}
