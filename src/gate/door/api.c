
#include "gate/door/api.h"
#include "gate/job.h"
#include "gate/reply.h"
#include "gate/send.h"
#include "gate/stream.h"
#include "gate/zone.h"
#include "model/event.h"
#include "base/limits.h"

#include <unistd.h>


/* bytes of a method that an error repeats */
#define INLAY_METHOD_SHOWN  20

/* A body of this size stays in memory (client_body_buffer_size in nginx.conf.in), so that it is read
 * before anybody knows who sends it. */
#define INLAY_BODY_SMALL    16384


typedef struct {
    struct api_call      call;
    struct api_request   request;
    inlay_stream_t      *stream;     /* the answer comes in pieces, and has begun */
    unsigned             admitting:1; /* first round, of a large body: api_admit() */
    unsigned             noting:1;   /* another round: api_note() */
} inlay_api_t;


static ngx_uint_t inlay_api_is_unmeasured(ngx_http_request_t *r);
static ngx_int_t inlay_api_large(ngx_http_request_t *r, inlay_job_t *job);
static void inlay_api_admitted(inlay_job_t *job);
static enum err inlay_api_run(inlay_job_t *job);
static void inlay_api_done(inlay_job_t *job);
static void inlay_api_drop(inlay_job_t *job);
static ngx_int_t inlay_api_late(inlay_job_t *job);
static ngx_uint_t inlay_api_stream(inlay_job_t *job);


static const inlay_job_type_t  inlay_api_job = {
    .lane = LANE_READ,
    .size = sizeof(inlay_api_t),
    .run = inlay_api_run,
    .done = inlay_api_done,
    .drop = inlay_api_drop,
    .late = inlay_api_late
};

static const enum lane  inlay_api_lanes[] = {
    [API_LANE_READ] = LANE_READ,
    [API_LANE_WRITE] = LANE_WRITE,
    [API_LANE_BULK] = LANE_BULK,
    [API_LANE_PASSWORD] = LANE_PASSWORD,
    [API_LANE_ASK] = LANE_ASK
};


ngx_int_t
inlay_api_handler(ngx_http_request_t *r)
{
    enum err              err;
    inlay_api_t          *api;
    inlay_job_t          *job;
    struct str            method;
    struct api_call      *call;

    job = inlay_job_new(r, &inlay_api_job);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    api = job->data;
    call = &api->call;
    call->request = &api->request;

    api->request.path = inlay_str(r->uri);
    api->request.query = inlay_str(r->args);

    if (r->headers_in.authorization != NULL) {
        api->request.authorization = inlay_str(r->headers_in.authorization->value);
    }
    if (r->headers_in.content_type != NULL) {
        api->request.content_type = inlay_str(r->headers_in.content_type->value);
    }

    api->request.if_match = inlay_header(r, STR("If-Match"));
    api->request.idempotency_key = inlay_header(r, STR("Idempotency-Key"));
    r->disable_not_modified = 1; /* If-Match is the API's own matter */

    api->request.cookie = inlay_cookie(r, INLAY_COOKIE_CONSOLE);
    inlay_fetch(r, &api->request.fetch);

    err = api_route_find(inlay_reply_method(r), api->request.path, &call->route, call->params);

    if (err == ERR_UNSUPPORTED) {
        method = str_head(inlay_str(r->method_name), INLAY_METHOD_SHOWN);
        fault_set(&call->fault, err, "method_not_allowed",
                  "This URL does not support the method " STR_FMT ".", STR_ARG(method));
        return inlay_reply_fault(r, call);
    }

    if (err != ERR_OK) {
        fault_set(&call->fault, err, "not_found", "No API call has this path.");
        return inlay_reply_fault(r, call);
    }

    job->batch.takes_away = api_route_takes_away(call->route);

    if (r->headers_in.content_length_n > INLAY_BODY_SMALL || inlay_api_is_unmeasured(r)) {
        return inlay_api_large(r, job);
    }

    job->lane = inlay_api_lanes[call->route->lane];

    return inlay_job_body(job, call->route->lane == API_LANE_BULK);
}


/* Does it bring a body without saying how long that is? */

static ngx_uint_t
inlay_api_is_unmeasured(ngx_http_request_t *r)
{
#if (NGX_HTTP_V2)
    if (r->stream != NULL) {
        return r->headers_in.content_length_n < 0 && !r->stream->in_closed;
    }
#endif

    return r->headers_in.chunked;
}


/* The disk is only for those who may make the call. */

static ngx_int_t
inlay_api_large(ngx_http_request_t *r, inlay_job_t *job)
{
    inlay_api_t  *api = job->data;

    if (api->call.route->auth == API_AUTH_CONSOLE) {
        fault_limit(&api->call.fault, ERR_TOO_LARGE, "body_too_large", INLAY_BODY_SMALL,
                    "The body must be at most %d bytes, and say how long it is.",
                    INLAY_BODY_SMALL);
        r->keepalive = 0;
        return inlay_reply_fault(r, &api->call);
    }

    api->admitting = 1;
    job->lane = LANE_CHECK;

    return inlay_job_before_body(job);
}


/* Its sender may make the call: is there room for the body? */

static void
inlay_api_admitted(inlay_job_t *job)
{
    off_t                  length;
    ngx_int_t              rc;
    inlay_api_t           *api = job->data;
    ngx_uint_t             in_file;
    struct fault           fault;
    ngx_http_request_t    *r = job->r;
    const struct settings *settings = &inlay_conf(r)->settings;

    in_file = api->call.route->lane == API_LANE_BULK;
    length = r->headers_in.content_length_n;

    if (length < 0) {
        length = in_file ? settings->bundle_upload_max_bytes : settings->body_max_bytes;
    }

    api->admitting = 0;
    api_call_done(&api->call);
    rc = inlay_zone_spool(r, length, settings->body_spool_max_bytes);

    if (rc == NGX_OK) {
        inlay_job_read_body(job, inlay_api_lanes[api->call.route->lane], in_file);
        return;
    }

    r->keepalive = 0;
    r->expect_tested = 1;
    fault_busy(&fault, "busy", "Too many uploads are under way. Try again in a moment.");
    inlay_job_answered(job, rc == NGX_BUSY ? inlay_reply_error(r, &fault)
                                           : NGX_HTTP_INTERNAL_SERVER_ERROR);
}


/* ---- in the thread ---- */


/* A body that nginx has put into a file is read back, but for bundles. Its size was checked. */

static enum err
inlay_api_read_file(inlay_job_t *job, inlay_api_t *api)
{
    char        *bytes;
    struct stat  info;

    if (fstat(job->body.fd, &info) != 0
        || info.st_size > job->work.instance->settings->body_max_bytes)
    {
        return fault_set(&job->fault, ERR_STORAGE, "body_unreadable",
                         "The server cannot read the request body. Try again later.");
    }

    bytes = arena_alloc(&job->arena, (size_t) info.st_size + 1);

    if (pread(job->body.fd, bytes, (size_t) info.st_size, 0) != info.st_size) {
        return fault_set(&job->fault, ERR_STORAGE, "body_unreadable",
                         "The server cannot read the request body. Try again later.");
    }

    api->request.body = (struct str) { bytes, (size_t) info.st_size };

    return ERR_OK;
}


static enum err
inlay_api_run(inlay_job_t *job)
{
    enum err           err;
    inlay_api_t       *api = job->data;
    struct api_call   *call = &api->call;
    struct api_call    fresh;

    if (api->noting) {
        job->work.actor = call->work.actor;
        job->work.subject = call->work.subject;
        job->work.workspace_id = call->work.workspace_id;
        return api_note(&job->work, call);
    }

    /* this may be the second run: begin from the request */

    api_call_done(call);
    fresh = (struct api_call) {
        .route = call->route, .request = &api->request, .stream = call->stream
    };
    ngx_memcpy(fresh.params, call->params, sizeof(fresh.params));
    *call = fresh;

    call->work = job->work;
    call->may_write = job->lane == LANE_WRITE;
    api->request.body = job->body.bytes;
    api->request.body_path = job->body.path;

    if (job->body.path != NULL && call->route->lane != API_LANE_BULK && !api->admitting) {
        err = inlay_api_read_file(job, api);
        if (err != ERR_OK) {
            return err;
        }
    }

    err = api->admitting ? api_admit(call) : api_run(call);

    /* what the lane looks at */
    job->work.raise_epoch = call->work.raise_epoch;
    job->work.ended = call->work.ended;

    if (err != ERR_OK) {
        job->fault = call->fault;
    }

    return err;
}


/* ---- in the event loop ---- */


/* What a call has said survives its arena: it moves into the request's pool. */

static void
inlay_api_keep(ngx_http_request_t *r, inlay_api_t *api)
{
    ngx_str_t         body, id, name, cookie, etag;
    struct api_call  *call = &api->call;

    body = inlay_copy(r->pool, call->response.body);
    etag = inlay_copy(r->pool, call->response.etag);
    id = inlay_copy(r->pool, call->work.actor.id);
    name = inlay_copy(r->pool, call->work.actor.name);

    if (call->response.set_cookie.len > 0) {
        cookie = inlay_copy(r->pool, call->response.set_cookie);
        call->response.set_cookie = inlay_str(cookie);
    }

    call->response.body = inlay_str(body);
    call->response.etag = inlay_str(etag);
    call->work.actor.id = inlay_str(id);
    call->work.actor.name = inlay_str(name);
}


static void
inlay_api_done(inlay_job_t *job)
{
    ngx_int_t            rc;
    inlay_api_t         *api = job->data;
    struct api_call     *call = &api->call;
    ngx_http_request_t  *r = job->r;

    if (api->admitting && job->batch.result == ERR_OK && call->response.status == 0) {
        inlay_api_admitted(job);
        return;
    }

    if (call->is_to_note && !api->noting) {
        /* nothing could be written where the call ran */
        inlay_api_keep(r, api);
        api->noting = 1;
        inlay_job_again(job, LANE_WRITE, job->run);
        return;
    }

    if (job->batch.result != ERR_OK && !api->noting && call->response.status < 400) {
        /* it went well, but did not get to the disk */
        call->fault = job->fault;
        call->work.arena = &job->arena;
        call->work.now_ms = clock_now_ms(); /* it may not have run at all */
        api_respond_fault(call, call->route->style);
    }

    if (call->response.status >= 400) {
        inlay_count(INLAY_COUNT_DENIALS, call->fault.err == ERR_DENIED
                                         || call->fault.err == ERR_UNAUTHENTICATED);

    } else if (call->route->counts == API_COUNTS_MINT) {
        inlay_count(INLAY_COUNT_MINTS, 1);
    }

    if ((call->stream.more || api->stream != NULL) && inlay_api_stream(job)) {
        return;
    }

    rc = NGX_OK;

    if (api->admitting) {
        r->keepalive = 0; /* nobody wants to read what comes */
        r->expect_tested = 1;
        rc = ngx_http_discard_request_body(r);
    }

    if (rc == NGX_OK) {
        rc = inlay_reply(r, &call->response);
    }

    api_call_done(call);
    inlay_job_answered(job, rc);
}


static void
inlay_api_drop(inlay_job_t *job)
{
    inlay_api_t  *api = job->data;

    api_call_done(&api->call);
}


static ngx_int_t
inlay_api_late(inlay_job_t *job)
{
    inlay_api_t   *api = job->data;
    struct fault   fault;

    if (api->stream != NULL) {
        return NGX_ERROR; /* the answer is under way: the client sees that it has no end */
    }

    fault_busy(&fault, "late", "The server takes too long. The call may still be carried out.");

    return inlay_reply_error(job->r, &fault);
}


/* 0 if there is no stream: the answer is whole, or an error. */

static ngx_uint_t
inlay_api_stream(inlay_job_t *job)
{
    ngx_int_t            rc;
    inlay_api_t         *api = job->data;
    struct api_call     *call = &api->call;
    ngx_http_request_t  *r = job->r;

    if (call->response.status >= 400) {
        if (api->stream == NULL) {
            return 0;
        }

        /* too late to say so: the client sees that the answer has no end */
        api_call_done(call);
        inlay_job_answered(job, NGX_ERROR);
        return 1;
    }

    if (api->stream == NULL) {
        rc = inlay_reply_headers(r, &call->response);

        if (rc == NGX_OK) {
            r->headers_out.status = (ngx_uint_t) call->response.status;
            inlay_set_type(r, call->response.content_type);
            rc = ngx_http_send_header(r);
        }

        /* NGX_AGAIN: nginx keeps the headers until the connection takes them */
        if ((rc == NGX_OK || rc == NGX_AGAIN) && !r->header_only) {
            api->stream = inlay_stream_start(r, job);
            rc = api->stream == NULL ? NGX_ERROR : NGX_OK;
        }

        if (api->stream == NULL) {
            api_call_done(call);
            inlay_job_answered(job, rc);
            return 1;
        }
    }

    api_call_done(call);
    api->noting = 0;
    job->lane = LANE_READ;
    call->stream.pieces++;
    inlay_stream_piece(api->stream, call->response.body, !call->stream.more,
                       (ngx_msec_t) call->stream.wait_ms);
    return 1;
}
