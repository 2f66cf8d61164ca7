
#include "gate/stream.h"


struct inlay_stream_s {
    ngx_http_request_t  *r;
    inlay_job_t         *job;
    ngx_msec_t           wait_ms;
    ngx_event_t          timer;
    ngx_buf_t            buf;
    ngx_chain_t          out;
};


static void inlay_stream_cleanup(void *data);
static void inlay_stream_writer(ngx_http_request_t *r);
static void inlay_stream_wait(inlay_stream_t *stream);
static void inlay_stream_next(inlay_stream_t *stream);
static void inlay_stream_timer(ngx_event_t *ev);


inlay_stream_t *
inlay_stream_start(ngx_http_request_t *r, inlay_job_t *job)
{
    inlay_ctx_t         *ctx;
    inlay_stream_t      *stream;
    ngx_pool_cleanup_t  *cln;

    ctx = inlay_ctx(r);
    cln = ngx_pool_cleanup_add(r->pool, sizeof(inlay_stream_t));

    if (ctx == NULL || cln == NULL) {
        return NULL;
    }

    stream = cln->data;
    ngx_memzero(stream, sizeof(inlay_stream_t));
    cln->handler = inlay_stream_cleanup;

    stream->r = r;
    stream->job = job;
    stream->timer.handler = inlay_stream_timer;
    stream->timer.data = stream;
    stream->timer.log = r->connection->log;
    stream->timer.cancelable = 1; /* a worker that has to go need not wait for it */
    ctx->stream = stream;

    /* a client that goes away is noticed while nothing is sent */
    r->read_event_handler = ngx_http_test_reading;

    return stream;
}


static void
inlay_stream_cleanup(void *data)
{
    inlay_stream_t  *stream = data;

    if (stream->timer.timer_set) {
        ngx_del_timer(&stream->timer);
    }

    arena_done(&stream->job->arena);
}


void
inlay_stream_piece(inlay_stream_t *stream, struct str piece, ngx_uint_t is_last,
    ngx_msec_t wait_ms)
{
    ngx_int_t            rc;
    ngx_str_t            copy;
    ngx_buf_t           *b;
    ngx_http_request_t  *r = stream->r;

    b = &stream->buf;
    ngx_memzero(b, sizeof(ngx_buf_t));
    stream->out.buf = b;
    stream->out.next = NULL;
    stream->wait_ms = wait_ms;

    if (is_last) {
        /* nginx sends what is left after the job's memory is gone */
        copy = inlay_copy(r->pool, piece);
        piece = copy.len == piece.len ? inlay_str(copy) : STR("");
    }

    if (piece.len == 0 && !is_last) {
        inlay_stream_wait(stream);
        return;
    }

    if (piece.len > 0) {
        b->pos = inlay_bytes(piece.ptr);
        b->last = b->pos + piece.len;
        b->memory = 1;
    }

    b->flush = 1;
    b->last_buf = is_last ? 1 : 0;
    b->last_in_chain = b->last_buf;

    rc = ngx_http_output_filter(r, &stream->out);

    if (is_last) {
        inlay_job_answered(stream->job, rc);
        return;
    }

    if (rc == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    r->write_event_handler = inlay_stream_writer;
    inlay_stream_writer(r);
}


/* Sends what is left of the piece. */

static void
inlay_stream_writer(ngx_http_request_t *r)
{
    ngx_event_t               *wev;
    ngx_connection_t          *c;
    ngx_http_core_loc_conf_t  *clcf;

    c = r->connection;
    wev = c->write;
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (wev->timedout) {
        c->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    if ((r->buffered || c->buffered) && ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    if (r->buffered || c->buffered) {
        if (!wev->delayed) {
            ngx_add_timer(wev, clcf->send_timeout);
        }

        if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_ERROR);
        }

        return;
    }

    if (wev->timer_set) {
        ngx_del_timer(wev);
    }

    inlay_stream_wait(inlay_ctx(r)->stream);
}


static void
inlay_stream_wait(inlay_stream_t *stream)
{
    arena_done(&stream->job->arena);

    if (stream->wait_ms > 0) {
        stream->r->write_event_handler = ngx_http_request_empty_handler;
        ngx_add_timer(&stream->timer, stream->wait_ms);
        return;
    }

    inlay_stream_next(stream);
}


static void
inlay_stream_next(inlay_stream_t *stream)
{
    inlay_job_post(stream->job);
}


static void
inlay_stream_timer(ngx_event_t *ev)
{
    ngx_connection_t  *c;
    inlay_stream_t    *stream = ev->data;

    c = stream->r->connection;
    ngx_http_set_log_request(c->log, stream->r);

    if (ngx_exiting || ngx_terminate) {
        ngx_http_finalize_request(stream->r, NGX_ERROR);
        ngx_http_run_posted_requests(c);
        return;
    }

    inlay_stream_next(stream);
}
