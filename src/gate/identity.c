
/*
 * What tells upstreams who their user is: the public keys that verify assertions.
 */

#include "gate/job.h"
#include "access/signingkey.h"


static enum err inlay_keys_run(inlay_job_t *job);
static void inlay_keys_done(inlay_job_t *job);


/* GET /.well-known/jwks.json */

ngx_int_t
inlay_keys_handler(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    inlay_job_t  *job;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return inlay_wrong_method(r, "GET, HEAD");
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    job = inlay_job_new(r, INLAY_LANE_READ, inlay_keys_run, inlay_keys_done, sizeof(struct str));
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->main->count++;
    inlay_job_post(job);

    return NGX_DONE;
}


static enum err
inlay_keys_run(inlay_job_t *job)
{
    return signing_key_set(&job->access, job->data);
}


static void
inlay_keys_done(inlay_job_t *job)
{
    inlay_ctx_t  *ctx;

    ctx = inlay_ctx(job->r);

    if (job->batch.result != ERR_OK || ctx == NULL) {
        inlay_job_answered(job, inlay_refuse(job->r, &job->fault));
        return;
    }

    ctx->is_keys = 1;
    inlay_job_answered(job, inlay_send(job->r, NGX_HTTP_OK, "application/json",
                                       *(struct str *) job->data));
}
