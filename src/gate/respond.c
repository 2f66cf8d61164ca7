
#include "gate/respond.h"
#include "gate/reply.h"
#include "gate/send.h"
#include "base/buf.h"
#include "base/codes.h"
#include "http/page.h"


static ngx_int_t inlay_page_text(struct buf *text, const inlay_page_t *said, ngx_http_request_t *r,
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
    body = buf_make(PAGE_MAX_BYTES);
    rc = inlay_page_text(&body, page, r, ctx);

    rc = rc == NGX_OK && buf_is_ok(&body)
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
    body = buf_make(PAGE_MAX_BYTES);
    rc = NGX_OK;

    if (is_page) {
        if (ctx->response != INLAY_RESPONSE_ANYWHERE) {
            ctx->response = is_link ? INLAY_RESPONSE_LINK_PAGE : INLAY_RESPONSE_PAGE;
        }

        code = codes_page(fault);
        page = (inlay_page_t) { fault->code, code->title, fault->message, code->hint };
        rc = inlay_page_text(&body, &page, r, ctx);

    } else {
        ctx->response = is_link ? INLAY_RESPONSE_LINK : INLAY_RESPONSE_PLAIN;
        inlay_problem_text(&body, fault);
    }

    (void) inlay_add_retry_after(r, fault->retry_after_s);

    if (rc != NGX_OK || !buf_is_ok(&body)) {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else {
        rc = inlay_send(r, status, is_page ? "text/html; charset=utf-8"
                                           : "application/problem+json",
                        buf_str(&body));
    }

    buf_done(&body);

    return rc;
}


/* The page's text, and of its headers the one that depends on it. */

static ngx_int_t
inlay_page_text(struct buf *text, const inlay_page_t *said, ngx_http_request_t *r,
    inlay_ctx_t *ctx)
{
    char          id[NGX_INT_T_LEN + NGX_TIME_T_LEN + 2];
    ngx_uint_t    is_anywhere;
    struct page   page;
    struct str    likes;

    (void) str_print(id, sizeof(id), "%lu-%lu", (unsigned long) r->connection->number,
                     (unsigned long) r->connection->requests);

    likes = inlay_header(r, STR("Accept-Language"));
    is_anywhere = ctx->response == INLAY_RESPONSE_ANYWHERE;

    page = (struct page) {
        .code = said->code,
        .title = said->title,
        .message = said->message,
        .hint = said->hint,
        .language = page_language(ctx->look.locale, likes, said->title),
        .look = ctx->look,
        .request_id = is_anywhere ? STR("") : str_from(id),
        .portals = is_anywhere ? STR("*") : inlay_str(ctx->app.portals)
    };

    page_write(&page, text);

    return inlay_add_header(r, "Content-Language", str_from(language_tag(page.language)));
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
