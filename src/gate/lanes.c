
#include "gate/lanes.h"
#include "gate/zone.h"

#ifdef INLAY_TESTING
#include "base/testing.h"
#endif


typedef struct {
    enum lane           lane;
    ngx_thread_task_t  *task;
    struct store       *store;    /* opened by the first task that needs it */
    ngx_queue_t         running;  /* jobs handed to the thread */
    ngx_uint_t          is_busy;
    int64_t             wait_ms;  /* for the database */
} inlay_slot_t;


typedef struct {
    ngx_thread_pool_t  *pool;
    ngx_event_t         start;    /* once all that came at the same moment has joined */
    ngx_queue_t         waiting;  /* event loop only */
    ngx_uint_t          nwaiting;
    inlay_slot_t       *slots;
} inlay_lane_t;


static void inlay_lane_start(ngx_event_t *ev);
static ngx_uint_t inlay_lane_fill(inlay_lane_t *lane, inlay_slot_t *slot);
static void inlay_slot_thread(void *data, ngx_log_t *log);
static void inlay_slot_finished(ngx_event_t *ev);


static inlay_lane_t       inlay_lanes[LANE_COUNT];
static inlay_main_conf_t  *inlay_lanes_conf;
static void              (*inlay_lanes_finished)(inlay_job_t *job);
static char                inlay_lanes_path[SETTINGS_PATH_MAX]; /* of the database */


static enum err
inlay_slot_open(inlay_slot_t *slot, struct fault *fault)
{
    enum store_mode  mode;

    if (slot->store != NULL) {
        return ERR_OK;
    }

    mode = lane_table[slot->lane].kind == LANE_SNAPSHOT ? STORE_READ : STORE_WRITE;

    return store_open(inlay_lanes_path, mode, &slot->store, fault);
}


static ngx_int_t
inlay_lane_init(ngx_cycle_t *cycle, enum lane name)
{
    int                      i;
    ngx_str_t                pool_name;
    inlay_lane_t            *lane = &inlay_lanes[name];
    inlay_slot_t            *slot;
    const struct lane_info  *info = &lane_table[name];

    pool_name.data = inlay_bytes(info->pool);
    pool_name.len = ngx_strlen(info->pool);

    lane->pool = ngx_thread_pool_get(cycle, &pool_name);
    lane->slots = ngx_pcalloc(cycle->pool, (size_t) info->threads * sizeof(inlay_slot_t));
    if (lane->pool == NULL || lane->slots == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&lane->waiting);
    lane->start.handler = inlay_lane_start;
    lane->start.data = lane;
    lane->start.log = cycle->log;

    for (i = 0; i < info->threads; i++) {
        slot = &lane->slots[i];
        slot->lane = name;
        slot->task = ngx_thread_task_alloc(cycle->pool, sizeof(inlay_slot_t *));
        if (slot->task == NULL) {
            return NGX_ERROR;
        }

        ngx_queue_init(&slot->running);
        *(inlay_slot_t **) slot->task->ctx = slot;
        slot->task->handler = inlay_slot_thread;
        slot->task->event.handler = inlay_slot_finished;
        slot->task->event.data = slot;
    }

    return NGX_OK;
}


ngx_int_t
inlay_lanes_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf,
    void (*finished)(inlay_job_t *job))
{
    enum err        err;
    enum lane       lane;
    struct fault    fault;
    inlay_slot_t   *slot;

    inlay_lanes_conf = conf;
    inlay_lanes_finished = finished;

    if (!settings_data_path(&conf->settings, "inlay.db", inlay_lanes_path)) {
        return NGX_ERROR;
    }

    for (lane = 0; lane < LANE_COUNT; lane++) {
        if (inlay_lane_init(cycle, lane) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    slot = &inlay_lanes[LANE_CHECK].slots[0];

    err = inlay_slot_open(slot, &fault);
    if (err != ERR_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "inlay: %s", fault.message);
        return NGX_ERROR;
    }

    err = instance_load(&conf->instance, slot->store);
    if (err != ERR_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "inlay: the database was not set up: start with \"inlay serve\"");
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
inlay_lanes_stop(void)
{
    int        i;
    enum lane  lane;

    for (lane = 0; lane < LANE_COUNT; lane++) {
        for (i = 0; inlay_lanes[lane].slots != NULL && i < lane_table[lane].threads; i++) {
            store_close(inlay_lanes[lane].slots[i].store);
            inlay_lanes[lane].slots[i].store = NULL;
        }
    }
}


ngx_uint_t
inlay_lane_waiting(enum lane lane)
{
    return inlay_lanes[lane].nwaiting;
}


ngx_uint_t
inlay_lane_is_full(enum lane lane)
{
    return inlay_lanes[lane].nwaiting >= (ngx_uint_t) lane_table[lane].queue;
}


ngx_msec_t
inlay_lane_deadline(enum lane lane)
{
    int64_t  seconds = lane_table[lane].seconds;

#ifdef INLAY_TESTING
    if (testing_deadline_ms() > 0) {
        return (ngx_msec_t) testing_deadline_ms();
    }
#endif

    if (seconds == 0) {
        seconds = inlay_lanes_conf->settings.deadline_seconds;
    }

    return (ngx_msec_t) seconds * 1000;
}


ngx_msec_t
inlay_lane_left(const inlay_job_t *job)
{
    ngx_msec_int_t  left = (ngx_msec_int_t) (job->deadline - ngx_current_msec);

    return left > 0 ? (ngx_msec_t) left : 0;
}


void
inlay_lane_push(inlay_job_t *job)
{
    inlay_lane_t  *lane = &inlay_lanes[job->lane];

    ngx_queue_insert_tail(&lane->waiting, &job->queue);
    lane->nwaiting++;

    ngx_post_event(&lane->start, &ngx_posted_events);
}


void
inlay_lane_remove(inlay_job_t *job)
{
    ngx_queue_remove(&job->queue);
    inlay_lanes[job->lane].nwaiting--;
}


/* Gives what waits to the threads that are free. */

static void
inlay_lane_start(ngx_event_t *ev)
{
    int            i;
    ngx_queue_t   *q;
    inlay_job_t   *job;
    inlay_lane_t  *lane = ev->data;
    inlay_slot_t  *slot;

    for (i = 0; !ngx_queue_empty(&lane->waiting) && i < lane_table[lane - inlay_lanes].threads; i++)
    {
        slot = &lane->slots[i];

        if (slot->is_busy || inlay_lane_fill(lane, slot) == 0) {
            continue;
        }

        if (ngx_thread_task_post(lane->pool, slot->task) != NGX_OK) {
            /* cannot be: the pool's queue holds more tasks than there are slots */
            ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "inlay: a lane does not take its task");

            for (q = ngx_queue_head(&slot->running); q != ngx_queue_sentinel(&slot->running);
                 q = ngx_queue_next(q))
            {
                job = ngx_queue_data(q, inlay_job_t, queue);
                job->batch.result = ERR_BUSY;
            }

            ngx_post_event(&slot->task->event, &ngx_posted_events);
        }
    }
}


static ngx_uint_t
inlay_lane_fill(inlay_lane_t *lane, inlay_slot_t *slot)
{
    int           n;
    ngx_msec_t    limit, left;
    inlay_job_t  *job, *last = NULL;

    limit = (ngx_msec_t) inlay_lanes_conf->settings.deadline_seconds * 1000;

    for (n = 0; n < lane_table[slot->lane].batch && !ngx_queue_empty(&lane->waiting); n++) {
        job = ngx_queue_data(ngx_queue_head(&lane->waiting), inlay_job_t, queue);
        inlay_lane_remove(job);
        ngx_queue_insert_tail(&slot->running, &job->queue);

        job->state = INLAY_JOB_RUNNING;
        job->batch.next = NULL;

        if (last != NULL) {
            last->batch.next = &job->batch;
        }
        last = job;

        /* no job waits for the database beyond its deadline */
        left = inlay_lane_left(job);
        limit = ngx_min(limit, left);
    }

    slot->is_busy = n > 0;
    slot->wait_ms = (int64_t) limit;

    return (ngx_uint_t) n;
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
        .instance = &inlay_lanes_conf->instance,
        .fault = &job->fault,
        .now_ms = clock_now_ms(),
        .actor = { .kind = ACTOR_SYSTEM },
        .workspace_id = inlay_lanes_conf->instance.workspace_id,
        .address = job->address,
        .user_agent = job->user_agent
    };
}


/* Why the database failed, kept with the job: the next job may overwrite it. */

static void
inlay_job_keep_error(inlay_job_t *job, struct store *store)
{
    if ((job->batch.result == ERR_STORAGE || job->batch.result == ERR_INTERNAL)
        && job->error[0] == '\0')
    {
        (void) ngx_cpystrn((u_char *) job->error, inlay_bytes(store_error(store)),
                           sizeof(job->error));
    }
}


static enum err
inlay_job_run_batched(struct batch_job *batch, struct store *store)
{
    enum err      err;
    inlay_job_t  *job = (inlay_job_t *) batch;

    inlay_job_prepare(job, store);

    err = job->run(job);
    job->batch.result = err;
    inlay_job_keep_error(job, store);

    return err;
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

    if (job->work.raise_epoch) {
        inlay_count(INLAY_COUNT_REVOCATIONS, 1);
    }
}


/* Nobody can tell from here whether the disk is full or gone; /readyz tries again. */

static void
inlay_job_note_write(const inlay_job_t *job)
{
    if (job->batch.result == ERR_STORAGE) {
        inlay_zone()->write_failed = 1;
    }
}


static void
inlay_run_snapshots(inlay_job_t *job, struct store *store)
{
    struct batch_job  *batch;

    for (batch = &job->batch; batch != NULL; batch = batch->next) {
        job = (inlay_job_t *) batch;
        job->has_begun = 1;
        job->batch.result = store_read_begin(store);

        if (job->batch.result == ERR_OK) {
            job->batch.result = job->run(job);
            store_read_end(store);
        }
    }
}


static void
inlay_run_shared(inlay_job_t *job, struct store *store)
{
    int64_t            epoch;
    ngx_uint_t         has_begun;
    struct batch_job  *batch;

    for (batch = &job->batch; batch != NULL; batch = batch->next) {
        batch->run = inlay_job_run_batched;
        batch->raises_epoch = inlay_job_raises_epoch;
    }

    inlay_zone_ending(1);

    has_begun = batch_run(store, &job->batch, &epoch);

    if (epoch != 0) {
        inlay_zone_raise(epoch);
    }

    for (batch = &job->batch; batch != NULL; batch = batch->next) {
        job = (inlay_job_t *) batch;
        job->has_begun = has_begun ? 1 : 0;

        if (job->batch.result == ERR_OK) {
            inlay_job_publish(job);
        }

        inlay_job_note_write(job);

        if (has_begun) {
            inlay_count(INLAY_COUNT_WRITES, 1);
        }
    }

    inlay_zone_ending(0);

    if (has_begun) {
        inlay_count(INLAY_COUNT_COMMITS, 1);
    }
}


static void
inlay_run_own(inlay_job_t *job, struct store *store)
{
    int64_t  epoch;

    inlay_zone_ending(1);

    job->has_begun = 1;
    job->batch.result = job->run(job);
    inlay_job_publish(job);
    inlay_job_note_write(job);

    if (instance_epoch(store, &epoch) == ERR_OK) {
        inlay_zone_raise(epoch);
    }

    inlay_zone_ending(0);
}


static void
inlay_slot_thread(void *data, ngx_log_t *log)
{
    enum err           err;
    inlay_job_t       *job;
    inlay_slot_t      *slot = *(inlay_slot_t **) data;
    struct batch_job  *batch;
    struct fault       fault;

    (void) log;

    job = ngx_queue_data(ngx_queue_head(&slot->running), inlay_job_t, queue);
    err = inlay_slot_open(slot, &fault);

    for (batch = &job->batch; batch != NULL; batch = batch->next) {
        inlay_job_prepare((inlay_job_t *) batch, slot->store);

        if (err != ERR_OK) {
            batch->result = err;
            ((inlay_job_t *) batch)->has_begun = 1;
            (void) ngx_cpystrn((u_char *) ((inlay_job_t *) batch)->error, (u_char *) fault.message,
                               sizeof(job->error));
        }
    }

    if (err != ERR_OK) {
        return;
    }

    store_set_wait(slot->store, slot->wait_ms);

    switch (lane_table[slot->lane].kind) {
    case LANE_SNAPSHOT:
        inlay_run_snapshots(job, slot->store);
        break;
    case LANE_SHARED:
        inlay_run_shared(job, slot->store);
        break;
    case LANE_OWN:
        inlay_run_own(job, slot->store);
        break;
    }

    for (batch = &job->batch; batch != NULL; batch = batch->next) {
        inlay_job_keep_error((inlay_job_t *) batch, slot->store);
    }
}


/* ---- in the event loop ---- */


static void
inlay_slot_finished(ngx_event_t *ev)
{
    ngx_queue_t    ran;
    inlay_job_t   *job;
    inlay_slot_t  *slot = ev->data;
    inlay_lane_t  *lane = &inlay_lanes[slot->lane];

    ngx_queue_init(&ran);
    ngx_queue_add(&ran, &slot->running);
    ngx_queue_init(&slot->running);
    slot->is_busy = 0;

    while (!ngx_queue_empty(&ran)) {
        job = ngx_queue_data(ngx_queue_head(&ran), inlay_job_t, queue);
        ngx_queue_remove(&job->queue);
        inlay_lanes_finished(job);
    }

    /* Who was just answered may have asked again: such requests share the next commit. */
    ngx_post_event(&lane->start, &ngx_posted_next_events);
}
