
/*
 * Requests that outlive their session are ended: WebSockets, event streams, downloads. Each worker
 * looks several times a second whether a session was ended or may have been, asks the database about
 * those, and closes. Workers that finish after a reload go on looking.
 */

#include "gate/job.h"
#include "gate/zone.h"


#define INLAY_LIVE_INTERVAL  200
#define INLAY_LIVE_BATCH     256


typedef struct {
    ngx_uint_t   count;
    struct uuid  ids[INLAY_LIVE_BATCH];
    int64_t      expires_at_ms[INLAY_LIVE_BATCH]; /* 0: over */
} inlay_live_job_t;


static void inlay_live_handler(ngx_event_t *ev);


static ngx_queue_t       inlay_live;
static ngx_event_t       inlay_live_timer;
static ngx_connection_t  inlay_live_connection;
static uint64_t          inlay_live_moment;
static int64_t           inlay_live_epoch;
static ngx_uint_t        inlay_live_rounds;


void
inlay_live_start(ngx_cycle_t *cycle)
{
    ngx_queue_init(&inlay_live);

    inlay_live_connection.fd = (ngx_socket_t) -1;
    inlay_live_timer.handler = inlay_live_handler;
    inlay_live_timer.data = &inlay_live_connection;
    inlay_live_timer.log = cycle->log;
    inlay_live_timer.cancelable = 1;

    inlay_zone_moment(&inlay_live_moment, &inlay_live_epoch);
    ngx_add_timer(&inlay_live_timer, INLAY_LIVE_INTERVAL);
}


void
inlay_live_add(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    if (!ctx->is_live) {
        ctx->request = r;
        ctx->is_live = 1;
        ngx_queue_insert_tail(&inlay_live, &ctx->live);
    }
}


void
inlay_live_remove(inlay_ctx_t *ctx)
{
    if (ctx->is_live) {
        ctx->is_live = 0;
        ngx_queue_remove(&ctx->live);
    }
}


/* As nginx ends a connection when its worker has to go. */

static void
inlay_live_end(inlay_ctx_t *ctx)
{
    ngx_connection_t  *c;

    c = ctx->request->connection;

    inlay_live_remove(ctx);

    c->close = 1;
    c->error = 1;
    c->read->handler(c->read);
}


/* Ending one request may end others, so the search begins anew after each. */

static void
inlay_live_end_all(const struct uuid *id, int64_t now_ms)
{
    ngx_queue_t  *q;
    inlay_ctx_t  *ctx;

again:

    for (q = ngx_queue_head(&inlay_live); q != ngx_queue_sentinel(&inlay_live);
         q = ngx_queue_next(q))
    {
        ctx = ngx_queue_data(q, inlay_ctx_t, live);

        if (id != NULL ? uuid_equal(&ctx->session_id, id) : ctx->expires_at_ms <= now_ms) {
            inlay_live_end(ctx);
            goto again;
        }
    }
}


/* A renewed session lasts longer, and so do its requests. */

static void
inlay_live_go_on(const struct uuid *id, int64_t expires_at_ms)
{
    ngx_queue_t  *q;
    inlay_ctx_t  *ctx;

    for (q = ngx_queue_head(&inlay_live); q != ngx_queue_sentinel(&inlay_live);
         q = ngx_queue_next(q))
    {
        ctx = ngx_queue_data(q, inlay_ctx_t, live);

        if (uuid_equal(&ctx->session_id, id)) {
            ctx->expires_at_ms = expires_at_ms;
        }
    }
}


static enum err
inlay_live_run(inlay_job_t *job)
{
    enum err           err = ERR_OK;
    ngx_uint_t         i;
    inlay_live_job_t  *check = job->data;

    for (i = 0; i < check->count && err == ERR_OK; i++) {
        err = session_live_until(&job->access, &check->ids[i], &check->expires_at_ms[i]);
    }

    return err;
}


static void
inlay_live_done(inlay_job_t *job)
{
    ngx_uint_t         i;
    inlay_live_job_t  *check = job->data;

    if (job->batch.result != ERR_OK) {
        inlay_live_epoch = 0; /* all of them again */
        return;
    }

    for (i = 0; i < check->count; i++) {
        if (check->expires_at_ms[i] == 0) {
            inlay_live_end_all(&check->ids[i], 0);

        } else {
            inlay_live_go_on(&check->ids[i], check->expires_at_ms[i]);
        }
    }
}


static void
inlay_live_handler(ngx_event_t *ev)
{
    int64_t            epoch;
    uint64_t           moment;
    ngx_uint_t         all;
    ngx_queue_t       *q;
    inlay_ctx_t       *ctx;
    inlay_job_t       *job = NULL;
    inlay_live_job_t  *check = NULL;

    inlay_zone_moment(&moment, &epoch);

    /* a new module has a memory of its own, where old workers hear nothing */
    all = epoch != inlay_live_epoch || (ngx_exiting && inlay_live_rounds++ % 3 == 0);

    inlay_live_end_all(NULL, clock_now_ms());

    if (all || moment != inlay_live_moment) {
        for (q = ngx_queue_head(&inlay_live); q != ngx_queue_sentinel(&inlay_live);
             q = ngx_queue_next(q))
        {
            ctx = ngx_queue_data(q, inlay_ctx_t, live);

            if (!all && !inlay_zone_was_dropped(&ctx->session_id, inlay_live_moment)) {
                continue;
            }

            if (job == NULL) {
                job = inlay_job_new(NULL, INLAY_LANE_READ, inlay_live_run, inlay_live_done,
                                    sizeof(inlay_live_job_t));
                if (job == NULL) {
                    goto again; /* with what was known before */
                }
                check = job->data;
            }

            check->ids[check->count++] = ctx->session_id;

            if (check->count == INLAY_LIVE_BATCH) {
                inlay_job_post(job);
                job = NULL;
            }
        }

        if (job != NULL) {
            inlay_job_post(job);
        }
    }

    inlay_live_moment = moment;
    inlay_live_epoch = epoch;

again:

    ngx_add_timer(ev, INLAY_LIVE_INTERVAL);
}
