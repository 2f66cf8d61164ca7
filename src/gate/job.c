
#include "gate/job.h"
#include "gate/zone.h"
#include "model/event.h"
#include "base/limits.h"


#define INLAY_JOB_BATCH    64
#define INLAY_JOB_GUARD    3600000
#define INLAY_JOB_BACKLOG  1000


typedef struct {
    const char          *pool_name;
    ngx_thread_pool_t   *pool;
    ngx_thread_task_t   *task;    /* one at a time */
    ngx_event_t          start;   /* once all that came at the same moment has joined */
    struct store        *store;   /* used by the lane's thread alone */
    inlay_job_t         *first;   /* waiting; event loop only */
    inlay_job_t        **last;
    ngx_uint_t           waiting;
    inlay_job_t         *running; /* handed to the thread */
} inlay_lane_t;


static void inlay_lane_start(ngx_event_t *ev);
static void inlay_lane_post(inlay_lane_t *lane);
static void inlay_lane_thread(void *data, ngx_log_t *log);
static void inlay_lane_finished(ngx_event_t *ev);
static void inlay_job_finish(inlay_job_t *job);
static void inlay_job_wait_handler(ngx_http_request_t *r);
static void inlay_job_hold(void);
static void inlay_job_release(void);
static void inlay_job_guard_handler(ngx_event_t *ev);
static enum err inlay_job_run_batched(struct batch_job *batch, struct store *store);
static bool inlay_job_raises_epoch(const struct batch_job *batch);


static inlay_lane_t  inlay_lanes[INLAY_LANES] = {
    { .pool_name = "inlay_read" },
    { .pool_name = "inlay_write" },
    { .pool_name = "inlay_bulk" },
    { .pool_name = "inlay_password" }
};

static const struct instance  *inlay_instance;
static ngx_uint_t              inlay_inflight;
static ngx_event_t             inlay_guard;
static ngx_connection_t        inlay_guard_connection;


ngx_int_t
inlay_jobs_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf)
{
    char             path[SETTINGS_PATH_MAX];
    enum err         err;
    ngx_str_t        name;
    ngx_uint_t       i;
    inlay_lane_t    *lane;
    struct fault     fault;
    enum store_mode  mode;

    if (!settings_data_path(&conf->settings, "inlay.db", path)) {
        return NGX_ERROR;
    }

    for (i = 0; i < INLAY_LANES; i++) {
        lane = &inlay_lanes[i];

        name.data = (u_char *) lane->pool_name;
        name.len = ngx_strlen(lane->pool_name);

        lane->pool = ngx_thread_pool_get(cycle, &name);
        lane->task = ngx_thread_task_alloc(cycle->pool, sizeof(inlay_lane_t *));
        if (lane->pool == NULL || lane->task == NULL) {
            return NGX_ERROR;
        }

        *(inlay_lane_t **) lane->task->ctx = lane;
        lane->task->handler = inlay_lane_thread;
        lane->task->event.handler = inlay_lane_finished;
        lane->task->event.data = lane;
        lane->last = &lane->first;

        lane->start.handler = inlay_lane_start;
        lane->start.data = lane;
        lane->start.log = cycle->log;

        mode = i == INLAY_LANE_READ ? STORE_READ : STORE_WRITE;

        err = store_open(path, mode, &lane->store, &fault);
        if (err != ERR_OK) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "inlay: %s", fault.message);
            return NGX_ERROR;
        }
    }

    err = instance_load(&conf->instance, inlay_lanes[INLAY_LANE_READ].store);
    if (err != ERR_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "inlay: the database was not set up: start with \"inlay serve\"");
        return NGX_ERROR;
    }

    inlay_instance = &conf->instance;

    inlay_guard.handler = inlay_job_guard_handler;
    inlay_guard.log = cycle->log;
    inlay_guard.data = &inlay_guard_connection;
    inlay_guard_connection.fd = (ngx_socket_t) -1;

    return NGX_OK;
}


void
inlay_jobs_stop(void)
{
    ngx_uint_t  i;

    for (i = 0; i < INLAY_LANES; i++) {
        store_close(inlay_lanes[i].store);
        inlay_lanes[i].store = NULL;
    }
}


inlay_job_t *
inlay_job_new(ngx_http_request_t *r, inlay_lane_e lane, enum err (*run)(inlay_job_t *job),
    void (*done)(inlay_job_t *job), size_t data_size)
{
    inlay_job_t  *job;

    if (r != NULL) {
        job = ngx_pcalloc(r->pool, sizeof(inlay_job_t) + data_size);
    } else {
        job = ngx_calloc(sizeof(inlay_job_t) + data_size, ngx_cycle->log);
    }

    if (job == NULL) {
        return NULL;
    }

    job->r = r;
    job->lane = lane;
    job->run = run;
    job->done = done;
    job->data = job + 1;
    job->batch.run = inlay_job_run_batched;
    job->batch.raises_epoch = inlay_job_raises_epoch;

    if (r != NULL) {
        job->address = inlay_str(r->connection->addr_text);
        job->user_agent = inlay_user_agent(r);
    }

    return job;
}


ngx_uint_t
inlay_job_backlog(inlay_lane_e lane)
{
    return inlay_lanes[lane].waiting;
}


void
inlay_job_post(inlay_job_t *job)
{
    inlay_lane_t  *lane;

    lane = &inlay_lanes[job->lane];

    job->next = NULL;

    if (job->r != NULL) {
        job->r->main->blocked++;
        job->r->write_event_handler = inlay_job_wait_handler;
    }

    inlay_job_hold();

    *lane->last = job;
    lane->last = &job->next;
    lane->waiting++;

    if (lane->running == NULL) {
        ngx_post_event(&lane->start, &ngx_posted_events);
    }
}


static void
inlay_lane_start(ngx_event_t *ev)
{
    inlay_lane_post(ev->data);
}


static void
inlay_lane_post(inlay_lane_t *lane)
{
    ngx_uint_t    n, max;
    inlay_job_t  *job, **link;

    if (lane->running != NULL || lane->first == NULL) {
        return;
    }

    max = lane >= &inlay_lanes[INLAY_LANE_BULK] ? 1 : INLAY_JOB_BATCH;

    lane->running = lane->first;

    for (link = &lane->first, n = 0; *link != NULL && n < max; link = &job->next, n++) {
        job = *link;
        job->batch.next = NULL;
    }

    lane->first = *link;
    *link = NULL;

    if (lane->first == NULL) {
        lane->last = &lane->first;
    }

    lane->waiting -= n;

    for (job = lane->running; job != NULL; job = job->next) {
        job->batch.next = job->next != NULL ? &job->next->batch : NULL;
    }

    if (ngx_thread_task_post(lane->pool, lane->task) != NGX_OK) {
        /* the pool's queue holds far more than one task for each lane */
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "inlay: a lane does not take its task");

        for (job = lane->running; job != NULL; job = job->next) {
            job->batch.result = ERR_BUSY;
        }

        ngx_post_event(&lane->task->event, &ngx_posted_events);
    }
}


/* ---- in the thread ---- */


static void
inlay_job_prepare(inlay_job_t *job, struct store *store)
{
    arena_done(&job->arena);

    job->fault = (struct fault) { .err = ERR_OK };
    job->work = (struct work) {
        .store = store,
        .arena = &job->arena,
        .instance = inlay_instance,
        .fault = &job->fault,
        .now_ms = clock_now_ms(),
        .actor = { .kind = ACTOR_SYSTEM },
        .workspace_id = inlay_instance->workspace_id,
        .address = job->address,
        .user_agent = job->user_agent
    };
}


static enum err
inlay_job_run_batched(struct batch_job *batch, struct store *store)
{
    inlay_job_t  *job = (inlay_job_t *) batch;

    inlay_job_prepare(job, store);

    return job->run(job);
}


static bool
inlay_job_raises_epoch(const struct batch_job *batch)
{
    const inlay_job_t  *job = (const inlay_job_t *) batch;

    return job->work.raise_epoch;
}


static void
inlay_job_publish(inlay_job_t *job)
{
    struct changed_session  *session;

    for (session = job->work.ended; session != NULL; session = session->next) {
        inlay_zone_drop(&session->id);
        inlay_count(INLAY_COUNT_SESSIONS_ENDED, 1);
    }

    for (session = job->work.renewed; session != NULL; session = session->next) {
        inlay_zone_drop(&session->id);
    }
}


static void
inlay_run_reads(inlay_job_t *jobs, struct store *store)
{
    inlay_job_t  *job;

    for (job = jobs; job != NULL; job = job->next) {
        inlay_job_prepare(job, store);
        job->batch.result = store_read_begin(store);

        if (job->batch.result == ERR_OK) {
            job->batch.result = job->run(job);
            store_read_end(store);
        }
    }
}


/* Nobody can tell from here whether the disk is full or gone; /readyz tries again. */

static void
inlay_job_note_write(const inlay_job_t *job)
{
    if (job->batch.result == ERR_STORAGE || job->batch.result == ERR_BUSY) {
        inlay_zone()->write_failed = 1;
    }
}


static void
inlay_run_writes(inlay_job_t *jobs, struct store *store)
{
    int64_t       epoch;
    inlay_job_t  *job;

    inlay_zone_ending(1);

    batch_run(store, &jobs->batch, &epoch);

    if (epoch != 0) {
        inlay_zone_raise(epoch);
    }

    for (job = jobs; job != NULL; job = job->next) {
        if (job->batch.result == ERR_OK) {
            inlay_job_publish(job);
        }
        inlay_job_note_write(job);
        inlay_count(INLAY_COUNT_WRITES, 1);
    }

    inlay_zone_ending(0);
    inlay_count(INLAY_COUNT_COMMITS, 1);
}


static void
inlay_run_bulk(inlay_job_t *job, struct store *store)
{
    int64_t  epoch;

    inlay_zone_ending(1);
    inlay_job_prepare(job, store);

    job->batch.result = job->run(job);
    inlay_job_publish(job);
    inlay_job_note_write(job);

    if (instance_epoch(store, &epoch) == ERR_OK) {
        inlay_zone_raise(epoch);
    }

    inlay_zone_ending(0);
}


static void
inlay_lane_thread(void *data, ngx_log_t *log)
{
    inlay_lane_t  *lane = *(inlay_lane_t **) data;

    (void) log;

    if (lane == &inlay_lanes[INLAY_LANE_READ]) {
        inlay_run_reads(lane->running, lane->store);

    } else if (lane == &inlay_lanes[INLAY_LANE_WRITE]) {
        inlay_run_writes(lane->running, lane->store);

    } else {
        inlay_run_bulk(lane->running, lane->store);
    }
}


/* ---- in the event loop ---- */


static void
inlay_lane_finished(ngx_event_t *ev)
{
    inlay_job_t   *job, *next;
    inlay_lane_t  *lane = ev->data;

    job = lane->running;
    lane->running = NULL;

    for ( /* void */ ; job != NULL; job = next) {
        next = job->next;
        inlay_job_finish(job);
    }

    /* Who was just answered may have asked again: such requests share the next commit. */
    ngx_post_event(&lane->start, &ngx_posted_next_events);
}


static void
inlay_job_finish(inlay_job_t *job)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = job->r;

    if (job->batch.result != ERR_OK && job->fault.err != job->batch.result) {
        (void) work_store_fault(&job->work, job->batch.result);
    }

    if (job->batch.result == ERR_STORAGE || job->batch.result == ERR_INTERNAL) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "inlay: %s (%s)",
                      store_error(inlay_lanes[job->lane].store), job->fault.message);
    }

    inlay_job_release();

    if (r == NULL) {
        if (job->done != NULL) {
            job->done(job);
        }

        arena_done(&job->arena);
        ngx_free(job);
        return;
    }

    c = r->connection;
    r->main->blocked--;

    ngx_http_set_log_request(c->log, r);

    if (r->write_event_handler != inlay_job_wait_handler) {
        /* the request was terminated meanwhile and waits to be closed */
        arena_done(&job->arena);
        r->write_event_handler(r);

    } else {
        job->done(job);
    }

    ngx_http_run_posted_requests(c);
}


/* While a job runs, nothing else may move the request. */

static void
inlay_job_wait_handler(ngx_http_request_t *r)
{
    (void) r;
}


void
inlay_job_continue(inlay_job_t *job)
{
    ngx_http_request_t  *r = job->r;

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


void
inlay_job_answered(inlay_job_t *job, ngx_int_t rc)
{
    ngx_http_request_t  *r = job->r;

    arena_done(&job->arena);
    ngx_http_finalize_request(r, rc);
}


/*
 * A quitting worker waits for timers but not for threads. So there is a timer as long as there are
 * jobs.
 */

static void
inlay_job_hold(void)
{
    if (inlay_inflight++ == 0) {
        ngx_add_timer(&inlay_guard, INLAY_JOB_GUARD);
    }
}


static void
inlay_job_release(void)
{
    if (--inlay_inflight == 0 && inlay_guard.timer_set) {
        ngx_del_timer(&inlay_guard);
    }
}


static void
inlay_job_guard_handler(ngx_event_t *ev)
{
    if (inlay_inflight > 0) {
        ngx_add_timer(ev, INLAY_JOB_GUARD);
    }
}


/* ---- events that nothing else writes down ---- */


typedef struct {
    enum err   (*write)(struct work *work, const char *reason);
    char         reason[FAULT_CODE_MAX];
    char         address[LIMIT_ADDRESS_BYTES + 1];
    struct uuid  session_id;
    struct uuid  app_id;
} inlay_note_t;


static enum err
inlay_note_run(inlay_job_t *job)
{
    inlay_note_t  *note = job->data;

    job->work.address = str_from(note->address);
    job->work.subject.app_id = note->app_id;
    job->work.subject.session_id = note->session_id;

    return note->write(&job->work, note->reason);
}


static void
inlay_job_note(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx,
    enum err (*write)(struct work *work, const char *reason))
{
    inlay_job_t   *job;
    inlay_note_t  *note;

    if (inlay_job_backlog(INLAY_LANE_WRITE) > INLAY_JOB_BACKLOG) {
        inlay_count(INLAY_COUNT_EVENTS_DROPPED, 1);
        return;
    }

    job = inlay_job_new(NULL, INLAY_LANE_WRITE, inlay_note_run, NULL, sizeof(inlay_note_t));
    if (job == NULL) {
        return;
    }

    note = job->data;
    note->write = write;
    snprintf(note->reason, sizeof(note->reason), "%s", reason);
    snprintf(note->address, sizeof(note->address), "%.*s",
             (int) r->connection->addr_text.len, r->connection->addr_text.data);

    if (ctx != NULL) {
        note->session_id = ctx->session_id;
        note->app_id = ctx->app_id;
    }

    inlay_job_post(job);
}


void
inlay_job_note_denial(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx)
{
    inlay_count(INLAY_COUNT_DENIALS, 1);
    inlay_job_note(r, reason, ctx, event_deny);
}


void
inlay_job_note_failure(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx)
{
    inlay_job_note(r, reason, ctx, event_upstream);
}
