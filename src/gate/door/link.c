
#include "gate/door/link.h"
#include "gate/job.h"
#include "gate/note.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "gate/zone.h"
#include "gate/door/heal.h"
#include "model/event.h"
#include "entry/redeem.h"
#include "http/deeplink.h"
#include "http/lead.h"
#include "http/linkform.h"
#include "base/limits.h"


/* the address of a link with all that may be appended to it, escaped */
#define INLAY_LOCATION_MAX  (4 * LIMIT_START_PATH_BYTES + 1024)


typedef struct {
    struct redeem_request  request;   /* of a link */
    struct enter_request   enter;     /* of /_inlay/enter */
    ngx_uint_t             is_enter;
    ngx_uint_t             is_posted;
    struct str             form_type; /* of a posted link: Content-Type */
    struct str             appended;  /* by the portal, to where the link leads */
    struct redeem_result   result;
    enum err               err;
} inlay_redeem_t;


static ngx_int_t inlay_redeem_start(ngx_http_request_t *r, inlay_redeem_t *redeem);
static void inlay_redeem_init(ngx_http_request_t *r, const struct fetch *fetch,
    inlay_redeem_t *redeem);
static enum err inlay_redeem_appended(ngx_http_request_t *r, struct str *out_appended,
    struct fault *fault);
static enum err inlay_redeem_run(inlay_job_t *job);
static void inlay_redeem_done(inlay_job_t *job);
static void inlay_redeem_drop(inlay_job_t *job);
static ngx_int_t inlay_redeem_answer(ngx_http_request_t *r, inlay_redeem_t *redeem);
static struct str inlay_arg(ngx_http_request_t *r, const char *name);
static ngx_uint_t inlay_args(ngx_http_request_t *r, struct str name);


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
    ngx_int_t         rc;
    ngx_str_t         copy;
    struct str        rest;
    inlay_ctx_t      *ctx;
    struct fetch      fetch;
    struct fault      fault;
    inlay_redeem_t    redeem;
    char              portal[ORIGIN_TEXT_SIZE];

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_LINK;
    inlay_fetch(r, &fetch);
    inlay_redeem_init(r, &fetch, &redeem);
    redeem.request.renews = inlay_arg(r, "renew").len > 0;
    rest = inlay_str(r->uri);

    if (str_starts_with(rest, STR("/_inlay/embed/"))) {
        redeem.request.kind = SECRET_LINK;
        rest = str_skip(rest, sizeof("/_inlay/embed/") - 1);
        redeem.request.secret = str_cut(&rest, '/');

    } else {
        redeem.request.kind = SECRET_PAT;
        rest = str_skip(rest, sizeof("/embed-apps/") - 1);
        redeem.request.app = str_cut(&rest, '/');
        redeem.request.secret = inlay_arg(r, "personal-access-token");
        redeem.request.is_doubled = inlay_args(r, STR("personal-access-token")) > 1;
    }

    if (inlay_site(r) == INLAY_SITE_APP) {
        ctx->label = inlay_label(r);

        if (ctx->label.len == 0) {
            return inlay_unknown_host(r);
        }

        redeem.request.label = inlay_str(ctx->label);
        redeem.request.cookie = inlay_cookie(r, INLAY_COOKIE);
    }

    /* of no link there is nothing to spend: whoever asks is told what this is */
    if ((redeem.request.secret.len > 0 || redeem.is_posted)
        && fetch_check_link(&fetch, &fault) != ERR_OK)
    {
        if (!fetch.is_navigation_preload) {
            inlay_note_denial(r, fault.code, NULL);
        }

        return inlay_refuse(r, &fault);
    }

    redeem.request.is_framed = fetch_is_frame(&fetch);

    if (fetch_portal(&fetch, inlay_str(inlay_conf(r)->origin_after), portal)) {
        copy = inlay_copy(r->pool, str_from(portal));
        redeem.request.portal = inlay_str(copy);
    }

    rc = inlay_heal(r);

    return rc == NGX_DECLINED ? inlay_redeem_start(r, &redeem) : rc;
}


ngx_int_t
inlay_enter_handler(ngx_http_request_t *r)
{
    ngx_int_t         rc;
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

    inlay_fetch(r, &fetch);
    inlay_redeem_init(r, &fetch, &redeem);
    redeem.is_enter = 1;
    redeem.enter.renews = inlay_arg(r, "renew").len > 0;
    redeem.enter.proof = inlay_arg(r, "link");
    redeem.enter.label = inlay_str(ctx->label);
    redeem.request.label = redeem.enter.label;
    redeem.enter.cookie = inlay_cookie(r, INLAY_COOKIE);
    redeem.enter.has_pending = inlay_cookie(r, INLAY_COOKIE_PENDING).ptr != NULL;

    if (fetch_check_link(&fetch, &fault) != ERR_OK) {
        if (!fetch.is_navigation_preload) {
            inlay_note_denial(r, fault.code, NULL);
        }

        return inlay_refuse(r, &fault);
    }

    rc = inlay_heal(r);

    return rc == NGX_DECLINED ? inlay_redeem_start(r, &redeem) : rc;
}


/* By a form of the portal's page, or in the address. */

static void
inlay_redeem_init(ngx_http_request_t *r, const struct fetch *fetch, inlay_redeem_t *redeem)
{
    ngx_memzero(redeem, sizeof(inlay_redeem_t));
    redeem->is_posted = r->method == NGX_HTTP_POST;

    if (!redeem->is_posted) {
        return;
    }

    redeem->request.poster = fetch->origin.ptr == NULL ? STR("") : fetch->origin;
    redeem->enter.poster = redeem->request.poster;

    if (r->headers_in.content_type != NULL) {
        redeem->form_type = inlay_str(r->headers_in.content_type->value);
    }
}


static ngx_int_t
inlay_redeem_start(ngx_http_request_t *r, inlay_redeem_t *redeem)
{
    inlay_job_t   *job;
    struct fault   fault;

    /* before anything is spent */
    if (inlay_redeem_appended(r, &redeem->appended, &fault) != ERR_OK) {
        return inlay_refuse(r, &fault);
    }

    job = inlay_job_new(r, &inlay_redeem_job);
    if (job == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *(inlay_redeem_t *) job->data = *redeem;

    return redeem->is_posted ? inlay_job_body(job, 0) : inlay_job_content(job);
}


/* The secret of a posted link. */

static enum err
inlay_redeem_read(inlay_job_t *job, inlay_redeem_t *redeem, struct secret *proof)
{
    struct fault     fault;
    struct linkform  form;

    if (linkform_parse(&job->arena, redeem->form_type, job->body.bytes, &form, &fault) != ERR_OK) {
        return redeem_refuse_form(&job->work, redeem->request.label,
                                  redeem->request.poster, &fault, &redeem->result);
    }

    redeem->request.secret = form.secret;
    redeem->request.is_doubled = form.is_doubled;
    *proof = link_proof(form.secret);
    redeem->enter.proof = secret_str(proof);

    return ERR_OK;
}


static enum err
inlay_redeem_run(inlay_job_t *job)
{
    struct work     *work = &job->work;
    struct secret    proof = { .len = 0 };
    inlay_redeem_t  *redeem = job->data;

    inlay_redeem_drop(job); /* this may be the second run */

    redeem->err = redeem->is_posted ? inlay_redeem_read(job, redeem, &proof) : ERR_OK;

    if (redeem->err == ERR_OK) {
        redeem->err = redeem->is_enter
                      ? redeem_enter(work, &redeem->enter, &redeem->result)
                      : redeem_link(work, &redeem->request, &redeem->result);
    }

    secret_done(&proof);

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
    inlay_look_take(r, ctx, &redeem->result.look);

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


/* What the portal put behind the link; "" if nothing. */

static enum err
inlay_redeem_appended(ngx_http_request_t *r, struct str *out_appended, struct fault *fault)
{
    enum err    err;
    ngx_str_t   copy;
    struct buf  appended, path;

    appended = buf_make(r->unparsed_uri.len + 1);
    path = buf_make(LIMIT_START_PATH_BYTES);

    deeplink_appended(inlay_str(r->unparsed_uri), &appended);
    err = deeplink_join(STR("/"), buf_str(&appended), &path, fault);

    copy = inlay_copy(r->pool, buf_str(&appended));
    *out_appended = inlay_str(copy);

    buf_done(&appended);
    buf_done(&path);

    return err;
}


/* What the way to the app needs to know besides the link. */

static void
inlay_redeem_add_rest(const inlay_redeem_t *redeem, char separator, struct buf *location)
{
    if (redeem->request.renews || redeem->enter.renews) {
        buf_add_char(location, separator);
        buf_add(location, STR("renew=1"));
        separator = '&';
    }

    if (redeem->appended.len > 0) {
        buf_add_char(location, separator);
        buf_add(location, STR("to="));
        deeplink_escape(redeem->appended, location);
    }
}


/* The same link, at the address of its session. */

static void
inlay_redeem_move(ngx_http_request_t *r, const inlay_redeem_t *redeem, struct buf *location)
{
    char                          separator = '?';
    ngx_str_t                     label;
    struct str                    origin;
    const struct redeem_request  *request = &redeem->request;

    label.data = inlay_bytes(redeem->result.label.ptr);
    label.len = redeem->result.label.len;
    origin = inlay_origin(r, label);

    if (origin.len == 0) {
        return;
    }

    buf_add(location, origin);

    if (request->kind == SECRET_PAT) {
        buf_printf(location, "/embed-apps/" STR_FMT "?personal-access-token=" STR_FMT,
                   STR_ARG(request->app), STR_ARG(request->secret));
        separator = '&';

    } else {
        buf_printf(location, "/_inlay/embed/" STR_FMT, STR_ARG(request->secret));
    }

    inlay_redeem_add_rest(redeem, separator, location);
}


/* Into the app. What was appended was found to be good before; only together with the link's own path
 * it can be too long, and then that one counts. */

static void
inlay_redeem_lead(const inlay_redeem_t *redeem, struct buf *location)
{
    struct fault  unused;

    if (redeem->request.renews || redeem->enter.renews) {
        buf_add(location, STR("/_inlay/renewed"));
        return;
    }

    if (deeplink_join(redeem->result.path, redeem->appended, location, &unused) != ERR_OK) {
        location->len = 0;
        buf_add(location, redeem->result.path);
    }
}


static ngx_int_t
inlay_redeem_step(ngx_http_request_t *r, inlay_redeem_t *redeem, struct buf *location)
{
    struct redeem_result  *result = &redeem->result;

    switch (result->step) {

    case REDEEM_MOVE:
        inlay_redeem_move(r, redeem, location);
        return NGX_OK;

    case REDEEM_PENDING:
        buf_add(location, STR("/_inlay/enter"));

        if (!redeem->is_posted) {
            buf_printf(location, "?link=" STR_FMT, STR_ARG(secret_str(&result->proof)));
        }

        inlay_redeem_add_rest(redeem, redeem->is_posted ? '?' : '&', location);
        return inlay_set_cookie(r, INLAY_COOKIE_PENDING, STR("1"), REDEEM_PENDING_S);

    case REDEEM_OPENED:
        inlay_count(INLAY_COUNT_REDEEMS, 1);
        inlay_redeem_lead(redeem, location);
        return inlay_set_cookie(r, INLAY_COOKIE, secret_str(&result->cookie),
                                result->cookie_seconds);

    case REDEEM_RENEWED:
        inlay_count(INLAY_COUNT_RENEWALS, 1);
        inlay_redeem_lead(redeem, location);
        return inlay_set_cookie(r, INLAY_COOKIE, inlay_cookie(r, INLAY_COOKIE),
                                result->cookie_seconds);

    default: /* REDEEM_RESUMED */
        inlay_count(INLAY_COUNT_RESUMES, 1);
        inlay_redeem_lead(redeem, location);
        return NGX_OK;
    }
}


static ngx_int_t
inlay_redeem_answer(ngx_http_request_t *r, inlay_redeem_t *redeem)
{
    char          mark[LEAD_MARK_SIZE];
    ngx_int_t     rc;
    ngx_uint_t    status;
    struct buf    location;
    struct str    led;
    struct fetch  fetch;

    location = buf_make(INLAY_LOCATION_MAX);
    rc = inlay_redeem_step(r, redeem, &location);

    if (rc == NGX_OK) {
        rc = location.len > 0 && buf_is_ok(&location)
             ? inlay_add_header(r, "Location", buf_str(&location)) : NGX_ERROR;
    }

    led = rc == NGX_OK ? lead_on(buf_str(&location), STR(""), mark) : STR_NONE;
    buf_done(&location);
    inlay_fetch(r, &fetch);

    if (rc == NGX_OK && redeem->result.clears) {
        rc = inlay_clear_storage(r);
    }

    if (rc == NGX_OK && redeem->result.step != REDEEM_MOVE
        && redeem->result.step != REDEEM_PENDING
        && fetch.sec_fetch_site.len > 0
        && !str_equal(fetch.sec_fetch_site, STR("same-origin")))
    {
        rc = inlay_set_cookie(r, INLAY_COOKIE_ENTERED, led, REDEEM_ENTERED_S);
    }

    /* a form is posted once more on its way to enter, and nowhere else */
    status = redeem->is_posted && redeem->result.step == REDEEM_PENDING
             ? NGX_HTTP_TEMPORARY_REDIRECT : NGX_HTTP_SEE_OTHER;

    return rc == NGX_OK ? inlay_send(r, status, NULL, STR_NONE)
                        : NGX_HTTP_INTERNAL_SERVER_ERROR;
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


/* How often it is there. */

static ngx_uint_t
inlay_args(ngx_http_request_t *r, struct str name)
{
    struct str  rest, arg;
    ngx_uint_t  count = 0;

    for (rest = inlay_str(r->args); rest.len > 0; /* void */) {
        arg = str_cut(&rest, '&');
        count += str_equal_nocase((struct str) { arg.ptr, str_find(arg, '=') }, name);
    }

    return count;
}
