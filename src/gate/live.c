
#include "gate/live.h"
#include "gate/job.h"
#include "gate/note.h"
#include "gate/zone.h"
#include "entry/session.h"


#define INLAY_LIVE_INTERVAL  200
#define INLAY_LIVE_LATE      5000 /* after its time a request ends without an answer, too */
#define INLAY_LIVE_BUCKETS   1024
#define INLAY_LIVE_BATCH     128 /* sessions that one job looks up */
#define INLAY_LIVE_PIECE     64  /* about as many at a time; with the pause 6,400 a second */
#define INLAY_LIVE_PAUSE     10
#define INLAY_LIVE_USE       25  /* ticks */


typedef struct {
    ngx_uint_t   is_last; /* of its piece */
    ngx_uint_t   count;
    struct uuid  ids[INLAY_LIVE_BATCH];
    int64_t      expires_at_ms[INLAY_LIVE_BATCH]; /* 0: over */
} inlay_live_job_t;


static void inlay_live_handler(ngx_event_t *ev);
static void inlay_live_pause_handler(ngx_event_t *ev);


static ngx_queue_t       inlay_live[INLAY_LIVE_BUCKETS]; /* requests, by the id of their session */
static ngx_event_t       inlay_live_timer;
static ngx_connection_t  inlay_live_connection;
static uint64_t          inlay_live_moment; /* what ended before it was looked at */
static int64_t           inlay_live_epoch;
static ngx_uint_t        inlay_live_ticks;
static ngx_uint_t        inlay_live_use_ticks;

/* the round that is under way */
static struct {
    ngx_uint_t   is_on;
    ngx_uint_t   all;
    uint64_t     since;   /* if not all: sessions that were dropped since this moment, or are over */
    ngx_uint_t   bucket;  /* the next one */
    ngx_event_t  pause;
} inlay_live_round;


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

    inlay_live_round.pause.handler = inlay_live_pause_handler;
    inlay_live_round.pause.data = &inlay_live_connection;
    inlay_live_round.pause.log = cycle->log;
    inlay_live_round.pause.cancelable = 1;

    inlay_zone_moment(&inlay_live_moment, &inlay_live_epoch);
    ngx_add_timer(&inlay_live_timer, INLAY_LIVE_INTERVAL);
}


static ngx_queue_t *
inlay_live_bucket(const struct uuid *session_id)
{
    return &inlay_live[(session_id->bytes[14] << 8 | session_id->bytes[15]) % INLAY_LIVE_BUCKETS];
}


static void
inlay_live_remove(inlay_ctx_t *ctx)
{
    if (ctx->session.is_live) {
        ctx->session.is_live = 0;
        ngx_queue_remove(&ctx->session.live);
    }
}


static void
inlay_live_cleanup(void *data)
{
    inlay_live_remove(data);
}


/* Sent to the client, and to the app's server once the request is a WebSocket. */

static off_t
inlay_live_bytes(const inlay_ctx_t *ctx)
{
    ngx_http_request_t  *r = ctx->request;
    ngx_connection_t    *peer;

    peer = r->upstream != NULL ? r->upstream->peer.connection : NULL;

    return r->connection->sent + (peer != NULL ? peer->sent : 0);
}


/* Which sessions were used since the last look, by messages on what is open? */

static void
inlay_live_note_uses(void)
{
    off_t         bytes;
    ngx_uint_t    i;
    inlay_ctx_t  *ctx;
    ngx_queue_t  *q;

    for (i = 0; i < INLAY_LIVE_BUCKETS; i++) {
        for (q = ngx_queue_head(&inlay_live[i]); q != ngx_queue_sentinel(&inlay_live[i]);
             q = ngx_queue_next(q))
        {
            ctx = ngx_queue_data(q, inlay_ctx_t, session.live);

            if (!ctx->session.ends_idle) {
                continue;
            }

            bytes = inlay_live_bytes(ctx);

            if (bytes != ctx->session.bytes) {
                ctx->session.bytes = bytes;
                inlay_note_use(ctx->request, ctx);
            }
        }
    }
}


ngx_int_t
inlay_live_add(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = inlay_live_cleanup;
    cln->data = ctx;

    ctx->session.is_live = 1;
    ngx_queue_insert_tail(inlay_live_bucket(&ctx->session.id), &ctx->session.live);

    return NGX_OK;
}


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
        ctx = ngx_queue_data(ngx_queue_head(ending), inlay_ctx_t, session.live);
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
    ngx_queue_remove(&ctx->session.live);
    ngx_queue_insert_tail(ending, &ctx->session.live);
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
        ctx = ngx_queue_data(q, inlay_ctx_t, session.live);

        if (uuid_equal(&ctx->session.id, id)) {
            ctx->session.expires_at_ms = expires_at_ms;

            if (expires_at_ms == 0) {
                inlay_live_move(ctx, &ending);
            }
        }
    }

    inlay_live_end(&ending);
}


/* Ends what has been over for too long; whether there is anything else whose time is over. */

static ngx_uint_t
inlay_live_expired(int64_t now_ms)
{
    ngx_uint_t    i, found;
    inlay_ctx_t  *ctx;
    ngx_queue_t   ending, *q, *next;

    found = 0;
    ngx_queue_init(&ending);

    for (i = 0; i < INLAY_LIVE_BUCKETS; i++) {
        for (q = ngx_queue_head(&inlay_live[i]); q != ngx_queue_sentinel(&inlay_live[i]); q = next)
        {
            next = ngx_queue_next(q);
            ctx = ngx_queue_data(q, inlay_ctx_t, session.live);

            if (ctx->session.expires_at_ms <= now_ms - INLAY_LIVE_LATE) {
                inlay_live_move(ctx, &ending);

            } else if (ctx->session.expires_at_ms <= now_ms) {
                found = 1;
            }
        }
    }

    inlay_live_end(&ending);

    return found;
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
        inlay_live_epoch = 0; /* all of them again, in another round */

    } else {
        for (i = 0; i < check->count; i++) {
            inlay_live_learn(&check->ids[i], check->expires_at_ms[i]);
        }
    }

    if (check->is_last) {
        ngx_add_timer(&inlay_live_round.pause, INLAY_LIVE_PAUSE);
    }
}


static const inlay_job_type_t  inlay_live_job = {
    .lane = LANE_READ,
    .size = sizeof(inlay_live_job_t),
    .run = inlay_live_run,
    .done = inlay_live_done
};


/* Adds the sessions of a bucket's requests to *job, which is posted and made anew as it fills up.
 * NGX_ERROR if there is no memory. */

static ngx_int_t
inlay_live_collect(ngx_queue_t *bucket, inlay_job_t **job)
{
    int64_t            now_ms;
    ngx_queue_t       *q;
    inlay_ctx_t       *ctx;
    inlay_live_job_t  *check;

    now_ms = clock_now_ms();

    for (q = ngx_queue_head(bucket); q != ngx_queue_sentinel(bucket); q = ngx_queue_next(q)) {
        ctx = ngx_queue_data(q, inlay_ctx_t, session.live);

        if (!inlay_live_round.all
            && ctx->session.expires_at_ms > now_ms
            && !inlay_zone_was_dropped(&ctx->session.id, inlay_live_round.since))
        {
            continue;
        }

        check = *job != NULL ? (*job)->data : NULL;

        if (check != NULL && check->count > 0
            && uuid_equal(&check->ids[check->count - 1], &ctx->session.id))
        {
            continue; /* many requests of one session follow each other */
        }

        if (check != NULL && check->count == INLAY_LIVE_BATCH) {
            inlay_job_post(*job);
            *job = NULL;
        }

        if (*job == NULL) {
            *job = inlay_job_new(NULL, &inlay_live_job);
            if (*job == NULL) {
                return NGX_ERROR;
            }
        }

        check = (*job)->data;
        check->ids[check->count++] = ctx->session.id;
    }

    return NGX_OK;
}


/* The next piece of the round. */

static void
inlay_live_step(void)
{
    inlay_job_t       *job = NULL;
    inlay_live_job_t  *check;

    while (inlay_live_round.bucket < INLAY_LIVE_BUCKETS) {

        if (inlay_live_collect(&inlay_live[inlay_live_round.bucket++], &job) != NGX_OK) {
            inlay_live_epoch = 0;
            break;
        }

        if (job != NULL) {
            check = job->data;

            if (check->count >= INLAY_LIVE_PIECE) {
                break;
            }
        }
    }

    if (job == NULL) {
        inlay_live_round.is_on = 0;
        return;
    }

    check = job->data;
    check->is_last = 1;
    inlay_job_post(job);
}


static void
inlay_live_pause_handler(ngx_event_t *ev)
{
    (void) ev;

    inlay_live_step();
}


static void
inlay_live_handler(ngx_event_t *ev)
{
    int64_t     epoch;
    uint64_t    moment;
    ngx_uint_t  all, expired;

    if (++inlay_live_use_ticks % INLAY_LIVE_USE == 0) {
        inlay_live_note_uses();
    }

    expired = inlay_live_expired(clock_now_ms());

    inlay_zone_moment(&moment, &epoch);

    /* a new module has a memory of its own, where old workers hear nothing */
    all = epoch != inlay_live_epoch || (ngx_exiting && inlay_live_ticks++ % 3 == 0);

    if (!inlay_live_round.is_on && (all || expired || moment != inlay_live_moment)) {
        inlay_live_round.is_on = 1;
        inlay_live_round.all = all;
        inlay_live_round.since = inlay_live_moment;
        inlay_live_round.bucket = 0;

        inlay_live_moment = moment;
        inlay_live_epoch = epoch;

        inlay_live_step();
    }

    ngx_add_timer(ev, INLAY_LIVE_INTERVAL);
}
