
#include "gate/reply.h"
#include "gate/send.h"


enum api_method
inlay_reply_method(ngx_http_request_t *r)
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


/* How the clients of this address read errors. */

static enum api_style
inlay_reply_style(ngx_http_request_t *r)
{
    struct str  path = inlay_str(r->uri);

    return str_starts_with(path, STR("/api/ext/")) ? API_STYLE_TOOLJET
           : str_starts_with(path, STR("/api/embed-url/")) ? API_STYLE_RETOOL
           : API_STYLE_PROBLEM;
}


/* RFC 6265bis 4.1.3.2: the prefix binds it to this host. It works on http://localhost, too. */

static ngx_int_t
inlay_reply_set_cookie(ngx_http_request_t *r, struct str value)
{
    char     text[SECRET_TEXT_MAX + 128];
    int64_t  seconds;

    seconds = value.len > 0 ? inlay_conf(r)->settings.admin_session_hours * 3600 : 0;

    return inlay_add_header(r, "Set-Cookie",
                            str_print(text, sizeof(text), STR_FMT "=" STR_FMT
                                      "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%lld",
                                      STR_ARG(INLAY_COOKIE_CONSOLE), STR_ARG(value),
                                      (long long) seconds));
}


ngx_int_t
inlay_reply_headers(ngx_http_request_t *r, const struct api_response *response)
{
    char        text[80];
    struct str  value;

    if (response->file_name.len > 0) {
        value = str_print(text, sizeof(text), "attachment; filename=\"" STR_FMT "\"",
                          STR_ARG(response->file_name));

        if (inlay_add_header(r, "Content-Disposition", value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (response->etag.len > 0 && inlay_add_header(r, "ETag", response->etag) != NGX_OK) {
        return NGX_ERROR;
    }

    if (response->token_expires_at_ms != 0) {
        clock_format(response->token_expires_at_ms, text);

        if (inlay_add_header(r, "Inlay-Token-Expires", str_from(text)) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (response->allow.len > 0 && inlay_add_header(r, "Allow", response->allow) != NGX_OK) {
        return NGX_ERROR;
    }

    if (inlay_add_retry_after(r, response->retry_after_s) != NGX_OK) {
        return NGX_ERROR;
    }

    if (response->status < 400 && response->set_cookie.ptr != NULL
        && inlay_reply_set_cookie(r, response->set_cookie) != NGX_OK)
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


ngx_int_t
inlay_reply(ngx_http_request_t *r, const struct api_response *response)
{
    if (inlay_reply_headers(r, response) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, (ngx_uint_t) response->status, response->content_type, response->body);
}


ngx_int_t
inlay_reply_fault(ngx_http_request_t *r, struct api_call *call)
{
    ngx_int_t      rc;
    struct arena   arena = ARENA_NONE;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    call->work.arena = &arena;
    call->work.now_ms = clock_now_ms();
    api_respond_fault(call, inlay_reply_style(r));

    rc = inlay_reply(r, &call->response);
    arena_done(&arena);

    return rc;
}


ngx_int_t
inlay_reply_error(ngx_http_request_t *r, const struct fault *fault)
{
    int64_t             limit;
    struct api_call     call;
    struct api_request  request;

    request = (struct api_request) { .path = inlay_str(r->uri) };
    call = (struct api_call) { .request = &request, .fault = *fault };

    if (fault->err == ERR_TOO_LARGE
        && api_route_find(inlay_reply_method(r), request.path, &call.route, call.params) == ERR_OK)
    {
        limit = call.route->lane == API_LANE_BULK
                ? inlay_conf(r)->settings.bundle_upload_max_bytes
                : inlay_conf(r)->settings.body_max_bytes;

        fault_limit(&call.fault, ERR_TOO_LARGE, "body_too_large", limit,
                    "The body must be at most %lld bytes.", (long long) limit);
    }

    return inlay_reply_fault(r, &call);
}
