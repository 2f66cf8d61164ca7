
/*
 * Which file of a bundle a path asks for: the one of that name; the path with ".html" behind it; or,
 * with a slash at its end, the folder's index.html. Names with accents are found in both of
 * Unicode's spellings.
 */

#ifndef INLAY_GATE_SERVE_BUNDLE_PATH_H
#define INLAY_GATE_SERVE_BUNDLE_PATH_H

#include "gate/request.h"


typedef enum {
    INLAY_PATH_NOTHING,
    INLAY_PATH_FILE,
    INLAY_PATH_FOLDER
} inlay_path_e;


/* Of the app's content; suffix is added to the path. */
inlay_path_e inlay_path_look(inlay_ctx_t *ctx, struct str path, const char *suffix);

/* Will nginx's handlers find a file under the request's own path? Paths that look like a file's are
 * not looked at: nginx does that. */
ngx_uint_t inlay_path_may_be_file(ngx_http_request_t *r, inlay_ctx_t *ctx);

/* Where the app has instead what it doesn't have at the path: NGX_OK and a path of its own, or
 * NGX_HTTP_MOVED_PERMANENTLY and the path that the client should ask for; NGX_DECLINED if nowhere. */
ngx_int_t inlay_path_other(ngx_http_request_t *r, inlay_ctx_t *ctx, struct str path,
    ngx_str_t *other);

/*
 * A web build of Unity has a loader that asks for "game.wasm.gz" and expects the browser to unpack
 * it (Unity's manual, "Deploy a Web application"). The encoding and the extension before it; false
 * for all other files.
 */
ngx_uint_t inlay_path_is_unity(inlay_ctx_t *ctx, struct str path, struct str *encoding,
    struct str *extension);

#endif
