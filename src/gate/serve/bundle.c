
#include "gate/serve/bundle.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/serve/worker.h"
#include "apps/bundle/content.h"
#include "apps/bundle/cachefolder.h"


#define INLAY_BUNDLE_BODY  65536 /* files take none */


typedef struct {
    const char     *cache;
    struct digest   content;
    enum err        err;
    ngx_uint_t      redirect;
} inlay_restore_t;


static enum err
inlay_restore_run(inlay_job_t *job)
{
    inlay_restore_t  *restore = job->data;

    restore->err = content_restore(job->work.store, restore->cache, &restore->content,
                                   &job->fault);

    return restore->err == ERR_STORAGE || restore->err == ERR_INTERNAL ? restore->err : ERR_OK;
}


static void
inlay_restore_done(inlay_job_t *job)
{
    inlay_ctx_t         *ctx;
    inlay_restore_t     *restore = job->data;
    ngx_http_request_t  *r = job->r;
    struct fault         fault;

    ctx = inlay_ctx(r);

    if (job->batch.result != ERR_OK || restore->err != ERR_OK) {
        fault_busy(&fault, "unavailable", "The server cannot read the app's files. Try again later.");
        inlay_job_answered(job, inlay_refuse(r, &fault));

    } else if (restore->redirect) {
        inlay_job_answered(job, ngx_http_internal_redirect(r, &ctx->uri, &r->args));

    } else {
        inlay_job_continue(job);
    }
}


static const inlay_job_type_t  inlay_restore_job = {
    .lane = LANE_RESTORE,
    .size = sizeof(inlay_restore_t),
    .run = inlay_restore_run,
    .done = inlay_restore_done
};


void
inlay_content_restore(ngx_http_request_t *r, ngx_uint_t redirect)
{
    inlay_ctx_t      *ctx;
    inlay_job_t      *job;
    struct fault      fault;
    inlay_restore_t  *restore;

    ctx = inlay_ctx(r);

    if (inlay_lane_is_full(LANE_RESTORE)) {
        fault_busy(&fault, "busy", "Too many apps are being unpacked. Try again in a moment.");
        ngx_http_finalize_request(r, inlay_refuse(r, &fault));
        return;
    }

    job = inlay_job_new(r, &inlay_restore_job);
    if (job == NULL) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    restore = job->data;
    restore->cache = (const char *) inlay_conf(r)->cache.data;
    restore->content = ctx->app.content;
    restore->redirect = redirect;

    inlay_job_post(job);
}


/*
 * A file is not there. Perhaps the cache folder was deleted; perhaps it is a path of a single-page
 * app, which its index.html answers; or it does not exist.
 */

ngx_int_t
inlay_missing_handler(ngx_http_request_t *r)
{
    inlay_ctx_t   *ctx;
    struct fetch   fetch;
    struct fault   fault;

    static ngx_str_t  index = ngx_string("/index.html");

    ctx = inlay_ctx_find(r);

    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (!ctx->bundle.tried_restore
        && !cachefolder_has((const char *) inlay_conf(r)->cache.data, &ctx->app.content))
    {
        ctx->bundle.tried_restore = 1;
        r->main->count++;
        inlay_content_restore(r, 1);
        return NGX_DONE;
    }

    if (ctx->worker.is_main) {
        return inlay_worker_leave(r);
    }

    inlay_fetch(r, &fetch);

    if (!ctx->worker.is_asked && !ctx->bundle.tried_index && fetch_wants_index(&fetch, inlay_str(ctx->uri))) {
        ctx->bundle.tried_index = 1;
        return ngx_http_internal_redirect(r, &index, &r->args);
    }

    fault_set(&fault, ERR_NOT_FOUND, "not_found", "The app has no file with this URL.");

    return inlay_refuse(r, &fault);
}


ngx_int_t
inlay_bundle_serve(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    if (r->headers_in.content_length_n > INLAY_BUNDLE_BODY) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    ctx->response = INLAY_RESPONSE_FILE;
    r->content_handler = NULL;

    return NGX_OK;
}
