
/*
 * Requests that outlive their session are ended: WebSockets, event streams, downloads. Five times a
 * second each worker ends those whose time is over, and looks whether a session was ended or may
 * have been; it asks the database about those, and closes. Workers that finish after a reload go on
 * looking. So a request lives for a fifth of a second longer than its session, and as long as the
 * database takes; in a worker that finishes, for three fifths.
 */

#include "gate/job.h"
#include "gate/zone.h"


#define INLAY_LIVE_INTERVAL  200
#define INLAY_LIVE_BATCH     256
#define INLAY_LIVE_BUCKETS   1024


typedef struct {
    ngx_uint_t   count;
    struct uuid  ids[INLAY_LIVE_BATCH];
    int64_t      expires_at_ms[INLAY_LIVE_BATCH]; /* 0: over */
} inlay_live_job_t;


static void inlay_live_handler(ngx_event_t *ev);


static ngx_queue_t       inlay_live[INLAY_LIVE_BUCKETS]; /* requests, by the id of their session */
static ngx_event_t       inlay_live_timer;
static ngx_connection_t  inlay_live_connection;
static uint64_t          inlay_live_moment; /* what ended before it was looked at */
static int64_t           inlay_live_epoch;
static ngx_uint_t        inlay_live_rounds;


void
inlay_live_start(ngx_cycle_t *cycle)
{
    ngx_uint_t  i;

    for (i = 0; i < INLAY_LIVE_BUCKETS; i++) {
        ngx_queue_init(&inlay_live[i]);
    }

    inlay_live_connection.fd = (ngx_socket_t) -1;
    inlay_live_timer.handler = inlay_live_handler;
    inlay_live_timer.data = &inlay_live_connection;
    inlay_live_timer.log = cycle->log;
    inlay_live_timer.cancelable = 1;

    inlay_zone_moment(&inlay_live_moment, &inlay_live_epoch);
    ngx_add_timer(&inlay_live_timer, INLAY_LIVE_INTERVAL);
}


static ngx_queue_t *
inlay_live_bucket(const struct uuid *session_id)
{
    return &inlay_live[(session_id->bytes[14] << 8 | session_id->bytes[15]) % INLAY_LIVE_BUCKETS];
}


void
inlay_live_add(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    if (!ctx->is_live) {
        ctx->request = r;
        ctx->is_live = 1;
        ngx_queue_insert_tail(inlay_live_bucket(&ctx->session_id), &ctx->live);
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


/* A session was read from the database at that moment: what has ended since then is looked at again,
 * or a request of a session that ended while it was read would live on. */

void
inlay_live_since(uint64_t moment, int64_t epoch)
{
    inlay_live_moment = ngx_min(inlay_live_moment, moment);
    inlay_live_epoch = ngx_min(inlay_live_epoch, epoch);
}


/* As nginx ends a connection when its worker has to go. Ending one request may end others, so those
 * to end wait in a queue of their own, which each of them may leave by itself. */

static void
inlay_live_end(ngx_queue_t *ending)
{
    inlay_ctx_t       *ctx;
    ngx_connection_t  *c;

    while (!ngx_queue_empty(ending)) {
        ctx = ngx_queue_data(ngx_queue_head(ending), inlay_ctx_t, live);
        inlay_live_remove(ctx);

        c = ctx->request->connection;
        c->close = 1;
        c->error = 1;
        c->read->handler(c->read);
    }
}


static void
inlay_live_move(inlay_ctx_t *ctx, ngx_queue_t *ending)
{
    ngx_queue_remove(&ctx->live);
    ngx_queue_insert_tail(ending, &ctx->live);
}


/* What the database says: a session may be over, or last longer since it was renewed. */

static void
inlay_live_learn(const struct uuid *id, int64_t expires_at_ms)
{
    inlay_ctx_t  *ctx;
    ngx_queue_t   ending, *bucket, *q, *next;

    ngx_queue_init(&ending);
    bucket = inlay_live_bucket(id);

    for (q = ngx_queue_head(bucket); q != ngx_queue_sentinel(bucket); q = next) {
        next = ngx_queue_next(q);
        ctx = ngx_queue_data(q, inlay_ctx_t, live);

        if (uuid_equal(&ctx->session_id, id)) {
            ctx->expires_at_ms = expires_at_ms;

            if (expires_at_ms == 0) {
                inlay_live_move(ctx, &ending);
            }
        }
    }

    inlay_live_end(&ending);
}


static void
inlay_live_end_expired(int64_t now_ms)
{
    ngx_uint_t    i;
    inlay_ctx_t  *ctx;
    ngx_queue_t   ending, *q, *next;

    ngx_queue_init(&ending);

    for (i = 0; i < INLAY_LIVE_BUCKETS; i++) {
        for (q = ngx_queue_head(&inlay_live[i]); q != ngx_queue_sentinel(&inlay_live[i]); q = next)
        {
            next = ngx_queue_next(q);
            ctx = ngx_queue_data(q, inlay_ctx_t, live);

            if (ctx->expires_at_ms <= now_ms) {
                inlay_live_move(ctx, &ending);
            }
        }
    }

    inlay_live_end(&ending);
}


static enum err
inlay_live_run(inlay_job_t *job)
{
    enum err           err = ERR_OK;
    ngx_uint_t         i;
    inlay_live_job_t  *check = job->data;

    for (i = 0; i < check->count && err == ERR_OK; i++) {
        err = session_live_until(&job->work, &check->ids[i], &check->expires_at_ms[i]);
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
        inlay_live_learn(&check->ids[i], check->expires_at_ms[i]);
    }
}


/* Asks about the requests of a bucket; job is the one that is being filled, or NULL. NGX_ERROR if
 * there is no memory. */

static ngx_int_t
inlay_live_ask(ngx_queue_t *bucket, ngx_uint_t all, inlay_job_t **job)
{
    ngx_queue_t       *q;
    inlay_ctx_t       *ctx;
    inlay_live_job_t  *check;

    for (q = ngx_queue_head(bucket); q != ngx_queue_sentinel(bucket); q = ngx_queue_next(q)) {
        ctx = ngx_queue_data(q, inlay_ctx_t, live);

        if (!all && !inlay_zone_was_dropped(&ctx->session_id, inlay_live_moment)) {
            continue;
        }

        if (*job == NULL) {
            *job = inlay_job_new(NULL, INLAY_LANE_READ, inlay_live_run, inlay_live_done,
                                 sizeof(inlay_live_job_t));
            if (*job == NULL) {
                return NGX_ERROR;
            }
        }

        check = (*job)->data;

        if (check->count > 0 && uuid_equal(&check->ids[check->count - 1], &ctx->session_id)) {
            continue; /* many requests of one session follow each other */
        }

        check->ids[check->count++] = ctx->session_id;

        if (check->count == INLAY_LIVE_BATCH) {
            inlay_job_post(*job);
            *job = NULL;
        }
    }

    return NGX_OK;
}


static void
inlay_live_handler(ngx_event_t *ev)
{
    int64_t       epoch;
    uint64_t      moment;
    ngx_int_t     rc = NGX_OK;
    ngx_uint_t    i, all;
    inlay_job_t  *job = NULL;

    inlay_zone_moment(&moment, &epoch);

    /* a new module has a memory of its own, where old workers hear nothing */
    all = epoch != inlay_live_epoch || (ngx_exiting && inlay_live_rounds++ % 3 == 0);

    inlay_live_end_expired(clock_now_ms());

    if (all || moment != inlay_live_moment) {
        for (i = 0; i < INLAY_LIVE_BUCKETS && rc == NGX_OK; i++) {
            rc = inlay_live_ask(&inlay_live[i], all, &job);
        }

        if (job != NULL) {
            inlay_job_post(job);
        }
    }

    if (rc == NGX_OK) { /* else once more, with what was known before */
        inlay_live_moment = moment;
        inlay_live_epoch = epoch;
    }

    ngx_add_timer(ev, INLAY_LIVE_INTERVAL);
}
