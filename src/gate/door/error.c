
#include "gate/door/error.h"
#include "gate/respond.h"
#include "gate/serve/proxy.h"


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
