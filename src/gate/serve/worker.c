
#include "gate/serve/worker.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "gate/serve/proxy_request.h"
#include "gate/serve/sdk.h"
#include "http/decode.h"
#include "http/workerscript.h"
#include "base/limits.h"

#include "worker_js.h"


#define INLAY_WORKER_TYPE  "text/javascript; charset=utf-8"


enum {
    INLAY_WORKER_NEW = 0,
    INLAY_WORKER_READING,   /* the header is held back */
    INLAY_WORKER_LEAVING,   /* also; another response takes the place of this one */
    INLAY_WORKER_INVALID,
    INLAY_WORKER_SENDING,   /* what we send passes */
    INLAY_WORKER_SENT       /* what still comes does not */
};


static ngx_http_output_header_filter_pt  inlay_worker_next_header;
static ngx_http_output_body_filter_pt    inlay_worker_next_body;


inlay_workers_e
inlay_workers_from(struct str word)
{
    return str_equal(word, STR("guarded")) ? INLAY_WORKERS_GUARDED
         : str_equal(word, STR("unguarded-imports")) ? INLAY_WORKERS_UNGUARDED_IMPORTS
         : INLAY_WORKERS_OFF;
}


/* ---- before the request goes to where the script is ---- */


static ngx_uint_t
inlay_is_one_of(const ngx_str_t *name, const char *const *names)
{
    for ( /* void */ ; *names != NULL; names++) {
        if (str_equal_nocase(inlay_str(*name), str_from(*names))) {
            return 1;
        }
    }

    return 0;
}


/* No part of it, no encoding of it, and no word that the browser's copy is still good: it may be one
 * without the guard. */

static ngx_int_t
inlay_worker_ask_for_all(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    static const char *const  names[] = {
        "Accept-Encoding", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
        "If-Unmodified-Since", "Range", "TE", NULL
    };

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (inlay_is_one_of(&header[i].key, names)) {
                inlay_remove_header(&header[i]);
            }
        }
    }

    r->headers_in.accept_encoding = NULL;
    r->headers_in.if_match = NULL;
    r->headers_in.if_modified_since = NULL;
    r->headers_in.if_none_match = NULL;
    r->headers_in.if_range = NULL;
    r->headers_in.if_unmodified_since = NULL;
    r->headers_in.range = NULL;

    header = ngx_list_push(&r->headers_in.headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(header, sizeof(ngx_table_elt_t));
    ngx_str_set(&header->key, "Accept-Encoding");
    ngx_str_set(&header->value, "identity");
    header->lowcase_key = inlay_bytes("accept-encoding");
    header->hash = ngx_hash_key(header->lowcase_key, header->key.len);

    return NGX_OK;
}


static void
inlay_worker_cleanup(void *data)
{
    inlay_ctx_t  *ctx = data;

    buf_done(&ctx->worker.body);
}


enum err
inlay_worker_check(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct fetch *fetch,
    struct fault *fault)
{
    inlay_loc_conf_t    *conf;
    ngx_pool_cleanup_t  *cln;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_inlay_module);

    if ((!fetch_wants_worker(fetch) && !fetch_wants_worker_import(fetch))
        || (conf->handler && !ctx->forward.is_asked))
    {
        return ERR_OK;
    }

    if (ctx->forward.is_asked) {
        return fault_set(fault, ERR_DENIED, "service_worker_refused",
                         "An app that another proxy serves cannot have service workers.");
    }

    if (ctx->app.workers == INLAY_WORKERS_OFF) {
        return fault_set(fault, ERR_DENIED, "service_worker_refused",
                         "This app may not have service workers.");
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);

    if (cln == NULL || inlay_worker_ask_for_all(r) != NGX_OK) {
        return fault_set(fault, ERR_INTERNAL, "internal", "There is no memory for this request.");
    }

    ctx->worker.is_asked = 1;
    ctx->worker.is_main = fetch_wants_worker(fetch);
    ctx->worker.body = buf_make(LIMIT_WORKER_SCRIPT_BYTES);

    cln->handler = inlay_worker_cleanup;
    cln->data = ctx;

    return ERR_OK;
}


/* ---- the scripts that are ours ---- */


ngx_uint_t
inlay_worker_has_to_leave(ngx_http_request_t *r, const struct fault *fault)
{
    struct fetch  fetch;

    inlay_fetch(r, &fetch);

    return fetch_wants_worker(&fetch) && (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
           && (fault->err == ERR_UNAUTHENTICATED
               || strcmp(fault->code, "service_worker_refused") == 0);
}


ngx_int_t
inlay_worker_leave(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    inlay_ctx_t  *ctx;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->response = INLAY_RESPONSE_WORKER;

    /* or it could not take the place of a worker whose scope the app's server had widened */
    if (inlay_add_header(r, "Service-Worker-Allowed", STR("/")) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return inlay_send(r, NGX_HTTP_OK, INLAY_WORKER_TYPE,
                      (struct str) { worker_leave, sizeof(worker_leave) });
}


ngx_int_t
inlay_worker_handler(ngx_http_request_t *r)
{
    return inlay_sdk_send(r, STR(WORKER_GUARD_ETAG),
                          (struct str) { worker_guard, sizeof(worker_guard) });
}


/* ---- the script of the app ---- */


/* What the header says of the body as the server has it, and how long a copy is good. */

static void
inlay_worker_drop_headers(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    static const char *const  names[] = {
        "Accept-Ranges", "Age", "Cache-Control", "Content-Digest", "Content-Encoding",
        "Content-Length", "Content-MD5", "Content-Range", "Digest", "ETag", "Expires",
        "Last-Modified", "Pragma", "Repr-Digest", NULL
    };

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (header[i].hash == 0 || !inlay_is_one_of(&header[i].key, names)) {
                continue;
            }

            if (str_equal_nocase(inlay_str(header[i].key), STR("Content-Encoding"))) {
                ctx->worker.encoding = header[i].value;
            }

            header[i].hash = 0;
        }
    }

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    ngx_str_null(&r->headers_out.charset);
    ngx_str_null(&r->headers_out.status_line);
    r->headers_out.content_encoding = NULL;
    r->headers_out.content_range = NULL;
    r->headers_out.expires = NULL;
}


/* What becomes of the response; INLAY_WORKER_NEW if browsers take no script from it. */

static ngx_uint_t
inlay_worker_step(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_uint_t  status, is_success, is_script;

    status = r->headers_out.status;
    is_success = status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE;
    is_script = workerscript_is_type(inlay_str(r->headers_out.content_type));

    if (is_success && (is_script || !ctx->worker.is_main)) {
        return INLAY_WORKER_READING;
    }

    if (is_success || status == NGX_HTTP_NOT_FOUND || status == 410) {
        return ctx->worker.is_main ? INLAY_WORKER_LEAVING : INLAY_WORKER_NEW;
    }

    /* "your copy is good", though nobody asked */
    return status == NGX_HTTP_NOT_MODIFIED ? INLAY_WORKER_INVALID : INLAY_WORKER_NEW;
}


static ngx_int_t
inlay_worker_header_filter(ngx_http_request_t *r)
{
    inlay_ctx_t  *ctx;

    ctx = r == r->main ? inlay_ctx_find(r) : NULL;

    if (ctx == NULL || !ctx->worker.is_asked || ctx->worker.step != INLAY_WORKER_NEW
        || (ctx->response != INLAY_RESPONSE_FILE && ctx->response != INLAY_RESPONSE_PROXIED))
    {
        return inlay_worker_next_header(r);
    }

    ctx->worker.step = inlay_worker_step(r, ctx);

    switch (ctx->worker.step) {

    case INLAY_WORKER_NEW:
        return inlay_worker_next_header(r);

    case INLAY_WORKER_READING:
        inlay_worker_drop_headers(r, ctx);
        r->allow_ranges = 0;
        break;

    default:
        ngx_http_clean_header(r);
        break;
    }

    /* the header follows when the body is there */
    return NGX_OK;
}


static ngx_int_t
inlay_worker_take(inlay_ctx_t *ctx, ngx_buf_t *b)
{
    size_t   size;
    ssize_t  n;
    u_char  *copy;

    if (ngx_buf_in_memory(b)) {
        buf_add(&ctx->worker.body, (struct str) { (char *) b->pos, (size_t) (b->last - b->pos) });
        return NGX_OK;
    }

    if (!b->in_file) {
        return NGX_OK;
    }

    if (b->file_last - b->file_pos > LIMIT_WORKER_SCRIPT_BYTES) {
        ctx->worker.body.overflowed = true;
        return NGX_OK;
    }

    size = (size_t) (b->file_last - b->file_pos);

    copy = ngx_alloc(size, ctx->request->connection->log);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_file(b->file, copy, size, b->file_pos);

    if (n == (ssize_t) size) {
        buf_add(&ctx->worker.body, (struct str) { (char *) copy, size });
    }

    ngx_free(copy);

    return n == (ssize_t) size ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
inlay_worker_refuse(ngx_http_request_t *r, const char *why)
{
    struct fault  fault;

    ngx_http_clean_header(r);
    fault_set(&fault, ERR_BUSY, "service_worker_script", "%s", why);

    return inlay_refuse(r, &fault);
}


/* All of it is there. */

static ngx_int_t
inlay_worker_guard(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_int_t   rc;
    struct buf  decoded, guarded;
    struct str  script;

    static const char  import[] = "import \"/_inlay/worker.js\";";
    static const char  strict[] = "\"use strict\";";

    decoded = buf_make(LIMIT_WORKER_SCRIPT_BYTES);

    if (decode_content(inlay_str(ctx->worker.encoding), buf_str(&ctx->worker.body), &decoded)
        != ERR_OK)
    {
        buf_done(&decoded);
        return inlay_worker_refuse(r, "The script of the service worker has a Content-Encoding "
                                      "that cannot be undone.");
    }

    if (!buf_is_ok(&decoded)) {
        buf_done(&decoded);
        return inlay_worker_refuse(r, "The script of the service worker is longer than 4 MiB.");
    }

    script = buf_str(&decoded);
    guarded = buf_make(script.len + sizeof(strict) + sizeof(worker_guard) + 1);

    if (ctx->app.workers == INLAY_WORKERS_GUARDED && workerscript_may_import(script)) {
        buf_add(&guarded, str_from(import));

    } else {
        if (workerscript_is_strict(script)) {
            buf_add(&guarded, str_from(strict));
        }
        buf_add(&guarded, (struct str) { worker_guard, sizeof(worker_guard) });
    }

    buf_add(&guarded, script);
    buf_done(&decoded);

    ctx->response = INLAY_RESPONSE_WORKER;
    rc = inlay_send(r, NGX_HTTP_OK, INLAY_WORKER_TYPE, buf_str(&guarded));
    buf_done(&guarded);

    return rc;
}


static ngx_int_t
inlay_worker_answer(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_int_t   rc;
    ngx_uint_t  step;

    step = ctx->worker.step;
    ctx->worker.step = INLAY_WORKER_SENDING;

    if (step == INLAY_WORKER_LEAVING) {
        rc = inlay_worker_leave(r);

    } else if (step == INLAY_WORKER_INVALID) {
        rc = inlay_worker_refuse(r, "The app's server says that the script of the service worker "
                                    "has not changed, which it was not asked.");

    } else if (!buf_is_ok(&ctx->worker.body)) {
        rc = inlay_worker_refuse(r, "The script of the service worker is longer than 4 MiB.");

    } else {
        rc = inlay_worker_guard(r, ctx);
    }

    ctx->worker.step = INLAY_WORKER_SENT;

    return rc > NGX_OK ? NGX_ERROR : rc;
}


static ngx_int_t
inlay_worker_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_uint_t    is_last;
    ngx_chain_t  *cl;
    inlay_ctx_t  *ctx;

    ctx = r == r->main ? ngx_http_get_module_ctx(r, ngx_http_inlay_module) : NULL;

    if (in == NULL || ctx == NULL || ctx->worker.step == INLAY_WORKER_NEW
        || ctx->worker.step == INLAY_WORKER_SENDING)
    {
        return inlay_worker_next_body(r, in);
    }

    is_last = ctx->worker.step != INLAY_WORKER_READING;

    for (cl = in; cl; cl = cl->next) {
        if (ctx->worker.step == INLAY_WORKER_READING
            && inlay_worker_take(ctx, cl->buf) != NGX_OK)
        {
            return NGX_ERROR;
        }

        is_last |= cl->buf->last_buf;
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    if (ctx->worker.step == INLAY_WORKER_SENT) {
        return NGX_OK;
    }

    return is_last || !buf_is_ok(&ctx->worker.body) ? inlay_worker_answer(r, ctx) : NGX_OK;
}


void
inlay_worker_filter_init(void)
{
    inlay_worker_next_header = ngx_http_top_header_filter;
    ngx_http_top_header_filter = inlay_worker_header_filter;

    inlay_worker_next_body = ngx_http_top_body_filter;
    ngx_http_top_body_filter = inlay_worker_body_filter;
}
