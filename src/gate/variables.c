
#include "gate/variables.h"
#include "gate/log.h"
#include "gate/request.h"
#include "apps/bundle/cachefolder.h"


static ngx_int_t
inlay_variable_root(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t          root;
    inlay_ctx_t       *ctx;
    const char        *part;
    static ngx_str_t   nowhere = ngx_string("/dev/null");

    (void) data;

    ctx = inlay_ctx_find(r);

    /* Denied by default: without a checked session there are no files. */
    if (ctx == NULL || ctx->check != INLAY_CHECK_PASSED || ctx->app.root.len == 0) {
        return inlay_variable_set(v, nowhere);
    }

    part = cachefolder_part(inlay_str(r->uri));
    if (part[0] == '\0') {
        return inlay_variable_set(v, ctx->app.root);
    }

    root.len = ctx->app.root.len + strlen(part);
    root.data = ngx_pnalloc(r->pool, root.len + 1);
    if (root.data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(root.data, "%V%s%Z", &ctx->app.root, part);

    return inlay_variable_set(v, root);
}


static ngx_int_t
inlay_variable_path(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  path;

    (void) data;

    path = inlay_log_path(r);

    return inlay_variable_set(v, path);
}


static ngx_int_t
inlay_variable_host(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  host;

    (void) data;

    host = inlay_log_text(r, r->headers_in.server);

    return inlay_variable_set(v, host);
}


static ngx_int_t
inlay_variable_id(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t     text;
    inlay_ctx_t  *ctx;
    struct uuid  *id;

    ctx = inlay_ctx_find(r);
    id = ctx != NULL ? (struct uuid *) ((u_char *) ctx + data) : NULL;

    if (id == NULL || uuid_is_none(id)) {
        v->not_found = 1;
        return NGX_OK;
    }

    text.data = ngx_pnalloc(r->pool, UUID_TEXT_SIZE);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    uuid_format(id, (char *) text.data);
    text.len = UUID_TEXT_SIZE - 1;

    return inlay_variable_set(v, text);
}


static ngx_http_variable_t  inlay_variables[] = {

    /* the folder of the app's content */
    { ngx_string("inlay_root"), NULL, inlay_variable_root, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    /* the path of the request without its secrets */
    { ngx_string("inlay_path"), NULL, inlay_variable_path, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    /* the host of the request, as logs can take it */
    { ngx_string("inlay_host"), NULL, inlay_variable_host, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("inlay_session"), NULL, inlay_variable_id,
      offsetof(inlay_ctx_t, session.id), NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("inlay_app"), NULL, inlay_variable_id,
      offsetof(inlay_ctx_t, app.id), NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
inlay_variables_init(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = inlay_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
