
#include "gate/serve/sdk.h"
#include "gate/respond.h"
#include "gate/send.h"

#include "app_js.h"


ngx_int_t
inlay_sdk_handler(ngx_http_request_t *r)
{
    ngx_int_t         rc;
    inlay_ctx_t      *ctx;
    ngx_table_elt_t  *etag;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_SDK;

    etag = ngx_list_push(&r->headers_out.headers);
    if (etag == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    etag->hash = 1;
#if (nginx_version >= 1023000)
    etag->next = NULL;
#endif
    ngx_str_set(&etag->key, "ETag");
    ngx_str_set(&etag->value, APP_JS_ETAG);
    r->headers_out.etag = etag;

    return inlay_send(r, NGX_HTTP_OK, "text/javascript; charset=utf-8",
                      (struct str) { (const char *) app_js, sizeof(app_js) });
}
