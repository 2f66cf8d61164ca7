
#include "gate/door/error.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "gate/serve/proxy.h"
#include "gate/door/heal.h"
#include "entry/session.h"
#include "model/brand.h"


typedef struct {
    struct fault   fault;    /* what is to be said */
    ngx_str_t      label;
    struct str     portals;
    struct look    look;
} inlay_portals_t;


static ngx_int_t inlay_error_say(ngx_http_request_t *r, inlay_ctx_t *ctx,
    const struct fault *fault);
static void inlay_error_fault(ngx_uint_t status, struct fault *fault);
static enum err inlay_portals_run(inlay_job_t *job);
static void inlay_portals_done(inlay_job_t *job);
static ngx_int_t inlay_portals_late(inlay_job_t *job);


static const inlay_job_type_t  inlay_portals_job = {
    .lane = LANE_CHECK,
    .size = sizeof(inlay_portals_t),
    .run = inlay_portals_run,
    .done = inlay_portals_done,
    .late = inlay_portals_late
};


ngx_int_t
inlay_error_handler(ngx_http_request_t *r)
{
    ngx_uint_t     status;
    inlay_ctx_t   *ctx;
    struct fault   fault;

    /* where nginx answers 405, there are files (RFC 9110 15.5.6) */
    static ngx_str_t  allow = ngx_string("Allow");
    static ngx_str_t  methods = ngx_string("GET, HEAD");

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (inlay_is_link_address(inlay_str(ctx->uri))) {
        ctx->response = INLAY_RESPONSE_LINK;
    }

    if (inlay_upstream_fault(r, ctx, &fault) == NGX_OK) {
        r->expect_tested = 1;
        return inlay_refuse(r, &fault);
    }

    status = r->err_status;
    r->err_status = 0;
    r->expect_tested = 1;

    inlay_error_fault(status, &fault);

    if (status == NGX_HTTP_NOT_ALLOWED && inlay_push_header(r, allow, methods) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_error_say(r, ctx, &fault);
}


/* nginx has closed the request's headers, whether or not all were read, and begins anew with our
 * path. */

ngx_int_t
inlay_unreadable_handler(ngx_http_request_t *r)
{
    ngx_int_t      rc;
    ngx_uint_t     status;
    struct str     path;
    inlay_ctx_t   *ctx;
    struct fault   fault;

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    status = r->err_status;
    r->err_status = 0;
    r->expect_tested = 1;

    if (r->unparsed_uri.len > 0) {
        path = inlay_str(r->unparsed_uri);
        ctx->uri = r->unparsed_uri;
        ctx->uri.len = str_find(path, '?');
    }

    ctx->is_unread = 1;

    if (r->headers_in.host == NULL) {
        ctx->response = INLAY_RESPONSE_ANYWHERE;

    } else if (inlay_is_link_address(inlay_str(ctx->uri))) {
        ctx->response = INLAY_RESPONSE_LINK;
    }

    if (status == NGX_HTTP_REQUEST_HEADER_TOO_LARGE && r->headers_in.host != NULL) {
        rc = inlay_heal_unread(r);

        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    inlay_error_fault(status, &fault);

    return inlay_error_say(r, ctx, &fault);
}


static void
inlay_error_fault(ngx_uint_t status, struct fault *fault)
{
    switch (status) {
    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
        fault_set(fault, ERR_TOO_LARGE, "body_too_large",
                  "The request body is larger than this server accepts.");
        break;
    case NGX_HTTP_REQUEST_URI_TOO_LARGE:
        fault_set(fault, ERR_INVALID, "uri_too_long", "The URL is too long.");
        break;
    case NGX_HTTP_NOT_ALLOWED:
        fault_set(fault, ERR_UNSUPPORTED, "method_not_allowed",
                  "This URL does not support the request's method.");
        break;
    case NGX_HTTP_RANGE_NOT_SATISFIABLE:
        fault_set(fault, ERR_INVALID, "range_not_satisfiable",
                  "The file does not have the requested range.");
        break;
    case NGX_HTTP_FORBIDDEN:
        fault_set(fault, ERR_DENIED, "forbidden",
                  "This URL is not available from your IP address.");
        break;
    case NGX_HTTP_NOT_FOUND:
        fault_set(fault, ERR_NOT_FOUND, "not_found", "No page or file has this URL.");
        break;
    case NGX_HTTP_REQUEST_HEADER_TOO_LARGE:
        fault_set(fault, ERR_INVALID, "headers_too_large",
                  "The request's headers are too large, probably because of cookies.");
        break;
    case NGX_HTTP_TO_HTTPS:
        fault_set(fault, ERR_INVALID, "https_required", "This address is for https only.");
        break;
    case NGX_HTTP_BAD_REQUEST:
    case NGX_HTTP_NOT_IMPLEMENTED: /* a transfer coding */
    case NGX_HTTP_VERSION_NOT_SUPPORTED:
        fault_set(fault, ERR_INVALID, "bad_request", "The request is malformed.");
        break;
    default:
        fault_set(fault, ERR_BUSY, "unavailable",
                  "The server cannot answer this request. Try again later.");
        break;
    }
}


/* ---- the portals of an app whose session nobody has looked at ---- */


static ngx_uint_t
inlay_error_lacks_portals(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    if (ctx->response == INLAY_RESPONSE_ANYWHERE || inlay_site(r) != INLAY_SITE_APP
        || ctx->check != INLAY_CHECK_NEW || ctx->app.portals.len > 0)
    {
        return 0;
    }

    ctx->label = inlay_label(r);

    return ctx->label.len > 0;
}


static ngx_int_t
inlay_error_say(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct fault *fault)
{
    inlay_job_t      *job;
    inlay_portals_t  *portals;

    if (!inlay_error_lacks_portals(r, ctx) || inlay_lane_is_full(LANE_CHECK)) {
        return inlay_fail(r, fault);
    }

    job = inlay_job_new(r, &inlay_portals_job);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    portals = job->data;
    portals->fault = *fault;
    portals->label = ctx->label;
    portals->portals = STR("");
    ngx_memzero(&portals->look, sizeof(struct look));

    return inlay_job_content(job);
}


static enum err
inlay_portals_run(inlay_job_t *job)
{
    enum err          err;
    struct str        label;
    inlay_portals_t  *portals = job->data;

    label = inlay_str(portals->label);

    err = session_portals(&job->work, label, &portals->portals);

    return err != ERR_OK ? err : brand_of_label(&job->work, label, &portals->look);
}


static void
inlay_portals_done(inlay_job_t *job)
{
    inlay_portals_t     *portals = job->data;
    ngx_http_request_t  *r = job->r;

    if (job->batch.result == ERR_OK) {
        inlay_ctx(r)->app.portals = inlay_copy(r->pool, portals->portals);
        inlay_look_take(r, inlay_ctx(r), &portals->look);
    }

    inlay_job_answered(job, inlay_fail(r, &portals->fault));
}


static ngx_int_t
inlay_portals_late(inlay_job_t *job)
{
    inlay_portals_t  *portals = job->data;

    return inlay_fail(job->r, &portals->fault);
}


/* Someone checks whether Inlay is running. */

ngx_int_t
inlay_home_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static const inlay_page_t  page = {
        "home", "Inlay is running",
        "This is the public URL, where portals request links to apps.",
        "Apps open from a portal, not from this address."
    };

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    return inlay_send_page(r, &page);
}


ngx_int_t
inlay_unknown_host_handler(ngx_http_request_t *r)
{
    return inlay_unknown_host(r);
}
