
#include "gate/timer.h"
#include "gate/job.h"
#include "gate/zone.h"
#include "entry/sweep.h"


#define INLAY_EPOCH_INTERVAL  1000
#define INLAY_SWEEP_SOON      20
#define INLAY_SWEEP_FIRST     2000


static void inlay_epoch_handler(ngx_event_t *ev);
static void inlay_sweep_handler(ngx_event_t *ev);


static ngx_event_t         inlay_epoch_timer;
static ngx_event_t         inlay_sweep_timer;
static ngx_connection_t    inlay_timer_connection;
static inlay_main_conf_t  *inlay_timer_conf;
static struct sweep        inlay_sweep;


ngx_int_t
inlay_timers_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf)
{
    inlay_timer_conf = conf;
    inlay_timer_connection.fd = (ngx_socket_t) -1;

    inlay_zone()->seen_ms = ngx_current_msec;

    inlay_epoch_timer.handler = inlay_epoch_handler;
    inlay_epoch_timer.data = &inlay_timer_connection;
    inlay_epoch_timer.log = cycle->log;
    inlay_epoch_timer.cancelable = 1;

    inlay_epoch_handler(&inlay_epoch_timer);

    if (ngx_worker == 0) {
        inlay_sweep_timer.handler = inlay_sweep_handler;
        inlay_sweep_timer.data = &inlay_timer_connection;
        inlay_sweep_timer.log = cycle->log;
        inlay_sweep_timer.cancelable = 1;

        ngx_add_timer(&inlay_sweep_timer, INLAY_SWEEP_FIRST);
    }

    return NGX_OK;
}


/* The job sets the timer again; without memory for it the timer does. */

static void
inlay_timer_post(ngx_event_t *ev, const inlay_job_type_t *type)
{
    inlay_job_t  *job;

    job = inlay_job_new(NULL, type);
    if (job == NULL) {
        ngx_add_timer(ev, INLAY_EPOCH_INTERVAL);
        return;
    }

    inlay_job_post(job);
}


/* ---- the epoch ---- */


static enum err
inlay_epoch_run(inlay_job_t *job)
{
    return instance_epoch(job->work.store, (int64_t *) job->data);
}


static void
inlay_epoch_done(inlay_job_t *job)
{
    if (job->batch.result == ERR_OK) {
        inlay_zone()->seen_ms = ngx_current_msec;
        inlay_zone_raise(*(int64_t *) job->data);
    }

    ngx_add_timer(&inlay_epoch_timer, INLAY_EPOCH_INTERVAL); /* also in a worker that finishes */
}


static const inlay_job_type_t  inlay_epoch_job = {
    .lane = LANE_CHECK,
    .size = sizeof(int64_t),
    .run = inlay_epoch_run,
    .done = inlay_epoch_done
};


static void
inlay_epoch_handler(ngx_event_t *ev)
{
    inlay_timer_post(ev, &inlay_epoch_job);
}


/* ---- housekeeping ---- */


static enum err
inlay_sweep_run(inlay_job_t *job)
{
    bool  more;

    job->work.actor.name = STR("housekeeping");

    *(bool *) job->data = 0;

    enum err err = sweep_step(&job->work, &inlay_sweep,
                              (const char *) inlay_timer_conf->cache.data, &more);

    *(bool *) job->data = err == ERR_OK && more;

    return err;
}


static void
inlay_sweep_done(inlay_job_t *job)
{
    ngx_msec_t  wait;

    wait = *(bool *) job->data ? INLAY_SWEEP_SOON
                               : (ngx_msec_t) inlay_timer_conf->settings.housekeeping_seconds * 1000;

    if (!ngx_exiting) {
        ngx_add_timer(&inlay_sweep_timer, wait);
    }
}


static const inlay_job_type_t  inlay_sweep_job = {
    .lane = LANE_BULK,
    .size = sizeof(bool),
    .run = inlay_sweep_run,
    .done = inlay_sweep_done
};


static void
inlay_sweep_handler(ngx_event_t *ev)
{
    inlay_timer_post(ev, &inlay_sweep_job);
}
