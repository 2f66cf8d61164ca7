
#include "gate/serve/sdk.h"
#include "gate/respond.h"
#include "gate/send.h"

#include "app_js.h"


ngx_int_t
inlay_sdk_handler(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    ngx_str_t     name = ngx_string("ETag");
    ngx_str_t     etag = ngx_string(APP_JS_ETAG);
    inlay_ctx_t  *ctx;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_SDK;

    r->headers_out.etag = inlay_push_header(r, name, etag);
    if (r->headers_out.etag == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, NGX_HTTP_OK, "text/javascript; charset=utf-8",
                      (struct str) { (const char *) app_js, sizeof(app_js) });
}
