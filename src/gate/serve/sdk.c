
#include "gate/serve/sdk.h"
#include "gate/respond.h"
#include "gate/send.h"

#include "app_js.h"


ngx_int_t
inlay_sdk_send(ngx_http_request_t *r, struct str etag, struct str script)
{
    ngx_int_t     rc;
    ngx_str_t     value;
    ngx_str_t     name = ngx_string("ETag");
    inlay_ctx_t  *ctx;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_SDK;

    value.data = inlay_bytes(etag.ptr);
    value.len = etag.len;

    r->headers_out.etag = inlay_push_header(r, name, value);
    if (r->headers_out.etag == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, NGX_HTTP_OK, "text/javascript; charset=utf-8", script);
}


ngx_int_t
inlay_sdk_handler(ngx_http_request_t *r)
{
    return inlay_sdk_send(r, STR(APP_JS_ETAG),
                          (struct str) { (const char *) app_js, sizeof(app_js) });
}
