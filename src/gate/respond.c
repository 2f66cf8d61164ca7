
#include "gate/respond.h"
#include "gate/reply.h"
#include "gate/send.h"
#include "base/buf.h"
#include "base/codes.h"

#include "error_page.h"


#define INLAY_PAGE_MAX  (32 * 1024)


static void inlay_page_text(struct buf *text, const inlay_page_t *page, ngx_http_request_t *r,
    inlay_ctx_t *ctx);
static void inlay_problem_text(struct buf *json, const struct fault *fault);


/* A page that is no error. */

ngx_int_t
inlay_send_page(ngx_http_request_t *r, const inlay_page_t *page)
{
    ngx_int_t     rc;
    struct buf    body;
    inlay_ctx_t  *ctx;

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_PAGE;
    body = buf_make(INLAY_PAGE_MAX);
    inlay_page_text(&body, page, r, ctx);

    rc = buf_is_ok(&body)
         ? inlay_send(r, NGX_HTTP_OK, "text/html; charset=utf-8", buf_str(&body))
         : NGX_HTTP_INTERNAL_SERVER_ERROR;
    buf_done(&body);

    return rc;
}


/* For a person? What nginx has not read to its end may not have said so yet. */

static ngx_uint_t
inlay_wants_page(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct fetch *fetch)
{
    if (ctx->response == INLAY_RESPONSE_ANYWHERE) {
        return 1;
    }

    if (inlay_site(r) == INLAY_SITE_PUBLIC && !inlay_is_link(ctx)) {
        return 0;
    }

    return fetch_wants_page(fetch)
           || (ctx->is_unread && fetch->accept.len == 0 && fetch->sec_fetch_dest.len == 0);
}


/* Sends an error. The request's body is thrown away. */

ngx_int_t
inlay_refuse(ngx_http_request_t *r, const struct fault *fault)
{
    ngx_int_t           rc;
    ngx_uint_t          status, is_page, is_link;
    struct buf          body;
    inlay_ctx_t        *ctx;
    struct fetch        fetch;
    inlay_page_t        page;
    const struct code  *code;

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    inlay_fetch(r, &fetch);

    status = (ngx_uint_t) codes_status(fault);
    is_link = inlay_is_link(ctx);
    is_page = inlay_wants_page(r, ctx, &fetch);
    body = buf_make(INLAY_PAGE_MAX);

    if (is_page) {
        if (ctx->response != INLAY_RESPONSE_ANYWHERE) {
            ctx->response = is_link ? INLAY_RESPONSE_LINK_PAGE : INLAY_RESPONSE_PAGE;
        }

        code = codes_page(fault);
        page = (inlay_page_t) { fault->code, code->title, fault->message, code->hint };
        inlay_page_text(&body, &page, r, ctx);

    } else {
        ctx->response = is_link ? INLAY_RESPONSE_LINK : INLAY_RESPONSE_PLAIN;
        inlay_problem_text(&body, fault);
    }

    (void) inlay_add_retry_after(r, fault->retry_after_s);

    if (!buf_is_ok(&body)) {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else {
        rc = inlay_send(r, status, is_page ? "text/html; charset=utf-8"
                                           : "application/problem+json",
                        buf_str(&body));
    }

    buf_done(&body);

    return rc;
}


static void
inlay_page_text(struct buf *text, const inlay_page_t *page, ngx_http_request_t *r,
    inlay_ctx_t *ctx)
{
    size_t      i;
    ngx_uint_t  is_anywhere;
    char        id[NGX_INT_T_LEN + NGX_TIME_T_LEN + 2];
    struct str  rest, name, value;

    (void) str_print(id, sizeof(id), "%lu-%lu", (unsigned long) r->connection->number,
                     (unsigned long) r->connection->requests);

    rest = str_from(error_page_template);
    is_anywhere = ctx->response == INLAY_RESPONSE_ANYWHERE;

    while (rest.len > 0) {
        i = str_find(rest, '{');

        if (i + 1 >= rest.len || rest.ptr[i + 1] != '{') {
            i = i < rest.len ? i + 1 : i;
            buf_add(text, (struct str) { rest.ptr, i });
            rest = str_skip(rest, i);
            continue;
        }

        buf_add(text, (struct str) { rest.ptr, i });
        rest = str_skip(rest, i + 2);
        name = str_cut(&rest, '}');
        rest = str_skip(rest, 1);

        value = str_equal(name, STR("title")) ? str_from(page->title)
              : str_equal(name, STR("message")) ? str_from(page->message)
              : str_equal(name, STR("hint")) ? str_from(page->hint)
              : str_equal(name, STR("code")) ? str_from(page->code)
              : str_equal(name, STR("request_id")) ? (is_anywhere ? STR("") : str_from(id))
              : str_equal(name, STR("portals"))
                ? (is_anywhere ? STR("*") : inlay_str(ctx->app.portals))
              : STR("en");

        buf_add_html(text, value);
    }
}


static void
inlay_problem_text(struct buf *json, const struct fault *fault)
{
    struct arena  arena = ARENA_NONE;

    buf_add(json, api_problem(&arena, fault));
    arena_done(&arena);
}


ngx_int_t
inlay_wrong_method(ngx_http_request_t *r, const char *allowed)
{
    struct fault  fault;

    fault_set(&fault, ERR_UNSUPPORTED, "method_not_allowed", "This URL supports only %s.", allowed);

    if (inlay_add_header(r, "Allow", str_from(allowed)) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_refuse(r, &fault);
}


/* An error in the form that clients of this address expect. */

ngx_int_t
inlay_fail(ngx_http_request_t *r, const struct fault *fault)
{
    inlay_ctx_t  *ctx = inlay_ctx_find(r);

    return inlay_site(r) == INLAY_SITE_PUBLIC
           && (ctx == NULL || (!inlay_is_link(ctx) && ctx->response != INLAY_RESPONSE_ANYWHERE))
           ? inlay_reply_error(r, fault) : inlay_refuse(r, fault);
}


ngx_uint_t
inlay_is_get(ngx_http_request_t *r, ngx_int_t *rc)
{
    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        *rc = inlay_wrong_method(r, "GET, HEAD");
        return 0;
    }

    *rc = ngx_http_discard_request_body(r);

    return *rc == NGX_OK;
}


ngx_int_t
inlay_unknown_host(ngx_http_request_t *r)
{
    struct fault  fault;

    fault_set(&fault, ERR_NOT_FOUND, "host_unknown", "This server has no app with this hostname.");

    return inlay_refuse(r, &fault);
}
