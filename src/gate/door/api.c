
/*
 * The API: an nginx request becomes a struct api_call, runs in its lane, and comes back as a response.
 */

#include "gate/job.h"
#include "gate/zone.h"
#include "model/event.h"
#include "api/call.h"
#include "base/limits.h"

#include <unistd.h>


/* bytes of a method that an error repeats */
#define INLAY_METHOD_SHOWN  20


typedef struct {
    struct api_call      call;
    struct api_request   request;
    enum api_style       style;      /* of errors before there is a route */
    inlay_stream_t      *stream;     /* the answer comes in pieces, and has begun */
    unsigned             noting:1;   /* second round: api_note() */
} inlay_api_t;


static ngx_int_t inlay_api_refuse(ngx_http_request_t *r, inlay_api_t *api);
static struct str inlay_api_header(ngx_http_request_t *r, const char *name);
static enum api_style inlay_api_style(ngx_http_request_t *r);
static enum api_method inlay_api_method(ngx_http_request_t *r);
static enum err inlay_api_run(inlay_job_t *job);
static void inlay_api_done(inlay_job_t *job);
static void inlay_api_drop(inlay_job_t *job);
static ngx_int_t inlay_api_late(inlay_job_t *job);
static ngx_int_t inlay_api_send(ngx_http_request_t *r, const struct api_call *call);
static ngx_int_t inlay_api_headers(ngx_http_request_t *r, const struct api_response *response);
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
    api->style = inlay_api_style(r);

    if (r->headers_in.authorization != NULL) {
        api->request.authorization = inlay_str(r->headers_in.authorization->value);
    }
    if (r->headers_in.content_type != NULL) {
        api->request.content_type = inlay_str(r->headers_in.content_type->value);
    }

    api->request.if_match = inlay_api_header(r, "If-Match");
    api->request.idempotency_key = inlay_api_header(r, "Idempotency-Key");
    r->disable_not_modified = 1; /* If-Match is the API's own matter */

    api->request.cookie = inlay_cookie(r, INLAY_COOKIE_CONSOLE);
    inlay_fetch(r, &api->request.fetch);

    err = api_route_find(inlay_api_method(r), api->request.path, &call->route, call->params);

    if (err == ERR_UNSUPPORTED) {
        method = str_head(inlay_str(r->method_name), INLAY_METHOD_SHOWN);
        fault_set(&call->fault, err, "method_not_allowed",
                  "This URL does not support the method " STR_FMT ".", STR_ARG(method));
        return inlay_api_refuse(r, api);
    }

    if (err != ERR_OK) {
        fault_set(&call->fault, err, "not_found", "No API call has this path.");
        return inlay_api_refuse(r, api);
    }

    job->lane = inlay_api_lanes[call->route->lane];

    return inlay_job_body(job, call->route->lane == API_LANE_BULK);
}


/* STR_NONE without it. */

static struct str
inlay_api_header(ngx_http_request_t *r, const char *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (str_equal_nocase(inlay_str(header[i].key), str_from(name))) {
                return inlay_str(header[i].value);
            }
        }
    }

    return STR_NONE;
}


/* How the clients of this address read errors. */

static enum api_style
inlay_api_style(ngx_http_request_t *r)
{
    struct str  path = inlay_str(r->uri);

    return str_starts_with(path, STR("/api/ext/")) ? API_STYLE_TOOLJET
           : str_starts_with(path, STR("/api/embed-url/")) ? API_STYLE_RETOOL
           : API_STYLE_PROBLEM;
}


/* An error that nginx has found. */

ngx_int_t
inlay_api_error(ngx_http_request_t *r, const struct fault *fault)
{
    int64_t      limit;
    inlay_api_t  api;

    ngx_memzero(&api, sizeof(inlay_api_t));
    api.style = inlay_api_style(r);
    api.request.path = inlay_str(r->uri);
    api.call.request = &api.request;
    api.call.fault = *fault;

    if (fault->err == ERR_TOO_LARGE
        && api_route_find(inlay_api_method(r), api.request.path, &api.call.route,
                          api.call.params) == ERR_OK)
    {
        limit = api.call.route->lane == API_LANE_BULK
                ? inlay_conf(r)->settings.bundle_upload_max_bytes
                : inlay_conf(r)->settings.body_max_bytes;

        fault_limit(&api.call.fault, ERR_TOO_LARGE, "body_too_large", limit,
                    "The body must be at most %lld bytes.", (long long) limit);
    }

    return inlay_api_refuse(r, &api);
}


static ngx_int_t
inlay_api_refuse(ngx_http_request_t *r, inlay_api_t *api)
{
    ngx_int_t      rc;
    struct arena   arena = ARENA_NONE;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    api->call.work.arena = &arena;
    api->call.work.now_ms = clock_now_ms();
    api_respond_fault(&api->call, api->style);

    rc = inlay_api_send(r, &api->call);
    arena_done(&arena);

    return rc;
}


static enum api_method
inlay_api_method(ngx_http_request_t *r)
{
    switch (r->method) {
    case NGX_HTTP_GET:
    case NGX_HTTP_HEAD:
        return API_GET;
    case NGX_HTTP_POST:
        return API_POST;
    case NGX_HTTP_PUT:
        return API_PUT;
    case NGX_HTTP_PATCH:
        return API_PATCH;
    case NGX_HTTP_DELETE:
        return API_DELETE;
    default:
        return API_METHOD_OTHER;
    }
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

    if (job->body.path != NULL && call->route->lane != API_LANE_BULK) {
        err = inlay_api_read_file(job, api);
        if (err != ERR_OK) {
            return err;
        }
    }

    err = api_run(call);

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

    rc = inlay_api_send(r, call);

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

    return inlay_api_error(job->r, &fault);
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
        rc = inlay_api_headers(r, &call->response);

        if (rc == NGX_OK) {
            r->headers_out.status = (ngx_uint_t) call->response.status;
            r->headers_out.content_type.data = inlay_bytes(call->response.content_type);
            r->headers_out.content_type.len = ngx_strlen(call->response.content_type);
            r->headers_out.content_type_len = r->headers_out.content_type.len;
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


/* RFC 6265bis 4.1.3.2: the prefix binds it to this host. It works on http://localhost, too. */

static ngx_int_t
inlay_api_set_cookie(ngx_http_request_t *r, struct str value)
{
    int      len;
    char     text[SECRET_TEXT_MAX + 128];
    int64_t  seconds;

    seconds = value.len > 0 ? inlay_conf(r)->settings.admin_session_hours * 3600 : 0;

    len = snprintf(text, sizeof(text), STR_FMT "=" STR_FMT
                   "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld",
                   STR_ARG(INLAY_COOKIE_CONSOLE), STR_ARG(value), (long long) seconds);

    return inlay_add_header(r, "Set-Cookie", (struct str) { text, (size_t) len });
}


static ngx_int_t
inlay_api_headers(ngx_http_request_t *r, const struct api_response *response)
{
    int   len;
    char  seconds[24], name[80];

    if (response->file_name.len > 0) {
        len = snprintf(name, sizeof(name), "attachment; filename=\"" STR_FMT "\"",
                       STR_ARG(response->file_name));

        if (inlay_add_header(r, "Content-Disposition", (struct str) { name, (size_t) len }) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (response->etag.len > 0 && inlay_add_header(r, "ETag", response->etag) != NGX_OK) {
        return NGX_ERROR;
    }

    if (response->allow.len > 0 && inlay_add_header(r, "Allow", response->allow) != NGX_OK) {
        return NGX_ERROR;
    }

    if (response->retry_after_s > 0) {
        snprintf(seconds, sizeof(seconds), "%lld", (long long) response->retry_after_s);

        if (inlay_add_header(r, "Retry-After", str_from(seconds)) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (response->status < 400 && response->set_cookie.ptr != NULL
        && inlay_api_set_cookie(r, response->set_cookie) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (response->status == NGX_HTTP_UNAUTHORIZED
        && inlay_add_header(r, "WWW-Authenticate", STR("Bearer realm=\"inlay\"")) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
inlay_api_send(ngx_http_request_t *r, const struct api_call *call)
{
    const struct api_response  *response = &call->response;

    if (inlay_api_headers(r, response) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, (ngx_uint_t) response->status, response->content_type, response->body);
}
