
/*
 * Errors: a page for a person who looks at a frame, problem JSON for a program.
 */

#include "gate/job.h"
#include "gate/zone.h"
#include "api/call.h"
#include "base/buf.h"
#include "base/codes.h"

#include "error_page.h"


#define INLAY_PAGE_MAX  (32 * 1024)


static void inlay_page_text(struct buf *text, const inlay_page_t *page, ngx_http_request_t *r,
    inlay_ctx_t *ctx);
static void inlay_problem_text(struct buf *json, const struct fault *fault);


ngx_int_t
inlay_add_header(ngx_http_request_t *r, const char *name, struct str value)
{
    ngx_table_elt_t  *header;

    header = ngx_list_push(&r->headers_out.headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    header->hash = 1;
#if (nginx_version >= 1023000)
    header->next = NULL;
#endif
    ngx_str_set(&header->key, "");
    header->key.data = inlay_bytes(name);
    header->key.len = ngx_strlen(name);
    header->value = inlay_copy(r->pool, value);

    return header->value.len == value.len ? NGX_OK : NGX_ERROR;
}


/* Sends a complete response. For content handlers: return what it returns, or finalize with it. */

ngx_int_t
inlay_send(ngx_http_request_t *r, ngx_uint_t status, const char *content_type, struct str body)
{
    ngx_int_t     rc;
    ngx_str_t     copy;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t) body.len;

    if (status == NGX_HTTP_NO_CONTENT || body.len == 0) {
        r->header_only = 1;
    }

    if (content_type != NULL) {
        r->headers_out.content_type.data = inlay_bytes(content_type);
        r->headers_out.content_type.len = ngx_strlen(content_type);
        r->headers_out.content_type_len = r->headers_out.content_type.len;
    }

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    copy = inlay_copy(r->pool, body);
    b = ngx_calloc_buf(r->pool);
    if (b == NULL || copy.len != body.len) {
        return NGX_ERROR;
    }

    b->pos = copy.data;
    b->last = copy.data + copy.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


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

    ctx->is_page = 1;
    body = buf_make(INLAY_PAGE_MAX);
    inlay_page_text(&body, page, r, ctx);

    rc = buf_is_ok(&body)
         ? inlay_send(r, NGX_HTTP_OK, "text/html; charset=utf-8", buf_str(&body))
         : NGX_HTTP_INTERNAL_SERVER_ERROR;
    buf_done(&body);

    return rc;
}


/* Sends an error. The request's body is thrown away. */

ngx_int_t
inlay_refuse(ngx_http_request_t *r, const struct fault *fault)
{
    ngx_int_t           rc;
    ngx_uint_t          status, is_page;
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
    is_page = inlay_site(r) != INLAY_SITE_PUBLIC || ctx->is_link ? fetch_wants_page(&fetch) : 0;
    body = buf_make(INLAY_PAGE_MAX);

    ctx->is_file = 0;
    ctx->is_answer = 0;

    if (is_page) {
        ctx->is_page = 1;
        code = codes_page(fault);
        page = (inlay_page_t) { fault->code, code->title, fault->message, code->hint };
        inlay_page_text(&body, &page, r, ctx);

    } else {
        inlay_problem_text(&body, fault);
    }

    if (fault->retry_after_s > 0) {
        char  seconds[24];

        snprintf(seconds, sizeof(seconds), "%lld", (long long) fault->retry_after_s);
        (void) inlay_add_header(r, "Retry-After", str_from(seconds));
    }

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
    char        id[NGX_INT_T_LEN + NGX_TIME_T_LEN + 2];
    struct str  rest, name, value;

    snprintf(id, sizeof(id), "%lu-%lu", (unsigned long) r->connection->number,
             (unsigned long) r->connection->requests);

    rest = str_from(error_page_template);

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
              : str_equal(name, STR("request_id")) ? str_from(id)
              : str_equal(name, STR("portals")) ? inlay_str(ctx->portals)
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


/* error_page of nginx leads here: an error that nginx itself has found. */

ngx_int_t
inlay_error_handler(ngx_http_request_t *r)
{
    struct fault  fault;

    if (inlay_upstream_fault(r, inlay_ctx_find(r), &fault) == NGX_OK) {
        r->expect_tested = 1;
        return inlay_refuse(r, &fault);
    }

    switch (r->err_status) {
    case NGX_HTTP_REQUEST_ENTITY_TOO_LARGE:
        fault_set(&fault, ERR_TOO_LARGE, "body_too_large",
                  "The request body is larger than this server accepts.");
        break;
    case NGX_HTTP_REQUEST_URI_TOO_LARGE:
        fault_set(&fault, ERR_INVALID, "uri_too_long", "The URL is too long.");
        break;
    case NGX_HTTP_NOT_ALLOWED:
        fault_set(&fault, ERR_UNSUPPORTED, "method_not_allowed",
                  "This URL does not support the request's method.");
        break;
    case NGX_HTTP_RANGE_NOT_SATISFIABLE:
        fault_set(&fault, ERR_INVALID, "range_not_satisfiable",
                  "The file does not have the requested range.");
        break;
    case NGX_HTTP_FORBIDDEN:
        fault_set(&fault, ERR_DENIED, "forbidden",
                  "This URL is not available from your IP address.");
        break;
    case NGX_HTTP_NOT_FOUND:
        fault_set(&fault, ERR_NOT_FOUND, "not_found",
                  "No page or file has this URL.");
        break;
    case NGX_HTTP_REQUEST_HEADER_TOO_LARGE:
    case NGX_HTTP_BAD_REQUEST:
        fault_set(&fault, ERR_INVALID, "bad_request",
                  "The request is malformed, or its headers are too large.");
        break;
    default:
        fault_set(&fault, ERR_BUSY, "unavailable",
                  "The server cannot answer this request. Try again later.");
        break;
    }

    r->err_status = 0;
    r->expect_tested = 1;

    return inlay_fail(r, &fault);
}


/* An error in the form that clients of this address expect. */

ngx_int_t
inlay_fail(ngx_http_request_t *r, const struct fault *fault)
{
    inlay_ctx_t  *ctx = inlay_ctx_find(r);

    return inlay_site(r) == INLAY_SITE_PUBLIC && (ctx == NULL || !ctx->is_link)
           ? inlay_api_error(r, fault) : inlay_refuse(r, fault);
}


/* GET / of public_url: someone checks whether Inlay is running. */

ngx_int_t
inlay_home_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static const inlay_page_t  page = {
        "home", "Inlay is running",
        "This is the public URL, where portals request links to apps.",
        "Apps open from a portal, not from this address."
    };

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return inlay_wrong_method(r, "GET, HEAD");
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    return inlay_send_page(r, &page);
}


ngx_int_t
inlay_unknown_host_handler(ngx_http_request_t *r)
{
    struct fault  fault;

    fault_set(&fault, ERR_NOT_FOUND, "host_unknown", "This server has no app with this hostname.");

    return inlay_refuse(r, &fault);
}
