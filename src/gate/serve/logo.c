
#include "gate/serve/logo.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "model/brand.h"


typedef struct {
    struct str  name;
    struct str  bytes;
} inlay_logo_t;


static enum err inlay_logo_run(inlay_job_t *job);
static void inlay_logo_done(inlay_job_t *job);


static const inlay_job_type_t  inlay_logo_job = {
    .lane = LANE_READ,
    .size = sizeof(inlay_logo_t),
    .run = inlay_logo_run,
    .done = inlay_logo_done
};


ngx_int_t
inlay_logo_handler(ngx_http_request_t *r)
{
    ngx_int_t      rc;
    struct str     name;
    inlay_job_t   *job;
    struct fault   fault;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    name = str_skip(inlay_str(r->uri), sizeof("/_inlay/logo/") - 1);

    if (name.len != BRAND_LOGO_NAME_SIZE - 1) {
        fault_set(&fault, ERR_NOT_FOUND, "not_found", "There is no logo of this name.");
        return inlay_refuse(r, &fault);
    }

    job = inlay_job_new(r, &inlay_logo_job);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ((inlay_logo_t *) job->data)->name = name;

    return inlay_job_content(job);
}


static enum err
inlay_logo_run(inlay_job_t *job)
{
    enum err       err;
    inlay_logo_t  *logo = job->data;

    err = brand_logo(&job->work, logo->name, &logo->bytes);

    return err == ERR_NOT_FOUND
           ? fault_set(&job->fault, ERR_NOT_FOUND, "not_found", "There is no logo of this name.")
           : err;
}


static void
inlay_logo_done(inlay_job_t *job)
{
    const char    *type;
    inlay_ctx_t   *ctx;
    inlay_logo_t  *logo = job->data;

    ctx = inlay_ctx(job->r);
    type = job->batch.result == ERR_OK ? brand_logo_type(logo->bytes) : NULL;

    if (type == NULL || ctx == NULL) {
        inlay_job_answered(job, inlay_refuse(job->r, &job->fault));
        return;
    }

    ctx->response = INLAY_RESPONSE_LOGO;
    inlay_job_answered(job, inlay_send(job->r, NGX_HTTP_OK, type, logo->bytes));
}
