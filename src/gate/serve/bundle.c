
#include "gate/serve/bundle.h"
#include "gate/serve/bundle_path.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/send.h"
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


static ngx_int_t
inlay_bundle_move(ngx_http_request_t *r, ngx_str_t *path)
{
    u_char     *p;
    size_t      len;
    ngx_str_t   location;

    static ngx_str_t  name = ngx_string("Location");

    len = path->len + 2 * (size_t) ngx_escape_uri(NULL, path->data, path->len, NGX_ESCAPE_URI)
          + 1 + r->args.len;

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    location.data = p;
    p = (u_char *) ngx_escape_uri(p, path->data, path->len, NGX_ESCAPE_URI);

    if (r->args.len > 0) {
        *p++ = '?';
        p = ngx_cpymem(p, r->args.data, r->args.len);
    }

    location.len = (size_t) (p - location.data);

    ngx_http_clear_location(r);
    r->headers_out.location = inlay_push_header(r, name, location);

    return r->headers_out.location != NULL ? NGX_HTTP_MOVED_PERMANENTLY
                                           : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* A page says that the app doesn't have what was asked for: its own 404.html, or an app of a single
 * page, which has paths of its own. */

static ngx_int_t
inlay_bundle_page(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    static ngx_str_t  index = ngx_string("/index.html");
    static ngx_str_t  nothing = ngx_string("/404.html");

    if (inlay_path_look(ctx, inlay_str(nothing), "") != INLAY_PATH_FILE) {
        return ngx_http_internal_redirect(r, &index, &r->args);
    }

    r->err_status = NGX_HTTP_NOT_FOUND;
    r->disable_not_modified = 1;
    r->headers_in.range = NULL;

    return ngx_http_internal_redirect(r, &nothing, &r->args);
}


/*
 * A file is not there. Perhaps the cache folder was deleted; perhaps the app has it under another
 * name; perhaps it's a page of which the app knows more than its files say; or it doesn't exist.
 */

ngx_int_t
inlay_missing_handler(ngx_http_request_t *r)
{
    ngx_int_t      rc;
    ngx_str_t      other;
    inlay_ctx_t   *ctx;
    struct fetch   fetch;
    struct fault   fault;

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

    if (!ctx->worker.is_asked && !ctx->bundle.tried_other) {
        ctx->bundle.tried_other = 1;
        r->err_status = 0;
        rc = inlay_path_other(r, ctx, inlay_str(ctx->uri), &other);

        if (rc == NGX_OK) {
            return ngx_http_internal_redirect(r, &other, &r->args);
        }

        if (rc == NGX_HTTP_MOVED_PERMANENTLY) {
            return inlay_bundle_move(r, &other);
        }

        if (fetch_wants_index(&fetch, inlay_str(ctx->uri))) {
            return inlay_bundle_page(r, ctx);
        }
    }

    fault_set(&fault, ERR_NOT_FOUND, "not_found", "The app has no file with this URL.");

    return inlay_refuse(r, &fault);
}


ngx_int_t
inlay_bundle_serve(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    struct str        encoding, extension;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("Content-Encoding");

    if (r->headers_in.content_length_n > INLAY_BUNDLE_BODY) {
        return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    if (inlay_path_is_unity(ctx, inlay_str(r->uri), &encoding, &extension)) {
        h = inlay_push_header(r, name, inlay_copy(r->pool, encoding));
        if (h == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        r->headers_out.content_encoding = h;
        r->exten = inlay_copy(r->pool, extension);
    }

    ctx->response = INLAY_RESPONSE_FILE;
    r->content_handler = NULL;

    return inlay_path_may_be_file(r, ctx) ? NGX_OK : NGX_HTTP_NOT_FOUND;
}
