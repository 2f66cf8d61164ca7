
#include "gate/serve/bundle_path.h"
#include "apps/bundle/cachefolder.h"
#include "base/unicode.h"


inlay_path_e
inlay_path_look(inlay_ctx_t *ctx, struct str path, const char *suffix)
{
    char         name[CACHEFOLDER_PATH_SIZE];
    struct str   text;
    struct stat  info;

    if (!str_print_fits(name, sizeof(name), &text, STR_FMT "%s" STR_FMT "%s",
                        STR_ARG(inlay_str(ctx->app.root)), cachefolder_part(path), STR_ARG(path),
                        suffix)
        || stat(name, &info) != 0)
    {
        return INLAY_PATH_NOTHING;
    }

    if (S_ISREG(info.st_mode)) {
        return INLAY_PATH_FILE;
    }

    return S_ISDIR(info.st_mode) ? INLAY_PATH_FOLDER : INLAY_PATH_NOTHING;
}


static ngx_uint_t
inlay_path_has_extension(struct str path)
{
    struct str  name = path;

    while (path.len > 0) {
        name = str_cut(&path, '/');
    }

    return str_find(name, '.') < name.len;
}


ngx_uint_t
inlay_path_may_be_file(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    struct str  path = inlay_str(r->uri);

    if (str_ends_with(path, STR("/"))) {
        return inlay_path_look(ctx, path, "index.html") == INLAY_PATH_FILE;
    }

    return inlay_path_has_extension(path) || inlay_path_look(ctx, path, "") == INLAY_PATH_FILE;
}


ngx_uint_t
inlay_path_is_unity(inlay_ctx_t *ctx, struct str path, struct str *encoding, struct str *extension)
{
    ngx_uint_t  i;
    char        build[CACHEFOLDER_PATH_SIZE];
    struct str  end, text;

    static const struct {
        const char  *name;
        const char  *extension;
    } parts[] = {
        { ".data", "data" }, { ".wasm", "wasm" }, { ".framework.js", "js" }
    };

    end = STR(".gz");
    *encoding = STR("gzip");

    if (!str_ends_with(path, end)) {
        end = STR(".br");
        *encoding = STR("br");
    }

    if (!str_ends_with(path, end)) {
        return 0;
    }

    path.len -= end.len;

    for (i = 0; i < COUNT_OF(parts); i++) {
        end = str_from(parts[i].name);

        if (str_ends_with(path, end)) {
            path.len -= end.len;
            *extension = str_from(parts[i].extension);
            return str_print_fits(build, sizeof(build), &text, STR_FMT, STR_ARG(path))
                   && inlay_path_look(ctx, text, ".loader.js") == INLAY_PATH_FILE;
        }
    }

    return 0;
}


static ngx_int_t
inlay_path_print(ngx_http_request_t *r, struct str path, const char *suffix, ngx_str_t *out)
{
    out->data = ngx_pnalloc(r->pool, path.len + strlen(suffix) + 1);
    if (out->data == NULL) {
        return NGX_ERROR;
    }

    out->len = (size_t) (ngx_sprintf(out->data, "%*s%s", path.len, path.ptr, suffix) - out->data);

    return NGX_OK;
}


static ngx_int_t
inlay_path_spelt(ngx_http_request_t *r, inlay_ctx_t *ctx, struct str path, ngx_uint_t is_new,
    ngx_str_t *other)
{
    struct str  base = path;

    while (str_ends_with(base, STR("/"))) {
        base.len--;
    }

    if (is_new && base.len == path.len && inlay_path_look(ctx, path, "") == INLAY_PATH_FILE) {
        return inlay_path_print(r, path, "", other);
    }

    if (base.len > 0 && inlay_path_look(ctx, base, ".html") == INLAY_PATH_FILE) {
        return inlay_path_print(r, base, ".html", other);
    }

    if (inlay_path_look(ctx, base, "/index.html") == INLAY_PATH_FILE) {
        if (base.len < path.len) {
            return inlay_path_print(r, base, "/index.html", other);
        }

        return inlay_path_print(r, base, "/", other) == NGX_OK ? NGX_HTTP_MOVED_PERMANENTLY
                                                               : NGX_ERROR;
    }

    return NGX_DECLINED;
}


ngx_int_t
inlay_path_other(ngx_http_request_t *r, inlay_ctx_t *ctx, struct str path, ngx_str_t *other)
{
    ngx_int_t     rc;
    struct str    spelt;
    struct arena  arena = ARENA_NONE;

    spelt = unicode_nfc(&arena, path);
    rc = inlay_path_spelt(r, ctx, spelt, !str_equal(spelt, path), other);
    arena_done(&arena);

    return rc;
}
