
/*
 * Work in threads. Each worker has four lanes, each with one thread and one connection to the
 * database: reads; writes, which share commits; bulk work that takes long; and passwords, one after
 * the other, which bounds the time and memory that they take.
 *
 *     job = inlay_job_new(r, INLAY_LANE_WRITE, run, done);
 *     job->data = ...;
 *     inlay_job_post(job);
 *
 * run() is called in the thread, with a fresh struct access; it may be called twice in the write
 * lane (see model/batch.h). done() is called in the event loop if the client still waits: it
 * answers, and frees the arena by inlay_job_answered() once nothing points into it.
 */

#ifndef INLAY_GATE_JOB_H
#define INLAY_GATE_JOB_H

#include "gate/gate.h"
#include "model/batch.h"


typedef enum {
    INLAY_LANE_READ = 0,
    INLAY_LANE_WRITE,
    INLAY_LANE_BULK,
    INLAY_LANE_PASSWORD,
    INLAY_LANES
} inlay_lane_e;


typedef struct inlay_job_s  inlay_job_t;

struct inlay_job_s {
    struct batch_job      batch;    /* first: the write lane runs these */
    ngx_http_request_t   *r;        /* NULL: nobody waits for it */
    inlay_lane_e          lane;
    inlay_job_t          *next;

    enum err            (*run)(inlay_job_t *job);
    void                (*done)(inlay_job_t *job);
    void                 *data;

    /* for run() */
    struct arena          arena;
    struct work         work;
    struct fault          fault;
    struct str            address;
    struct str            user_agent;
};


ngx_int_t inlay_jobs_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf);
void inlay_jobs_stop(void);

/* NULL if there is no memory. With r, lives in its pool. */
inlay_job_t *inlay_job_new(ngx_http_request_t *r, inlay_lane_e lane,
    enum err (*run)(inlay_job_t *job), void (*done)(inlay_job_t *job), size_t data_size);

/* The request waits. For handlers of the content phase that return NGX_DONE (after r->main->count++),
 * and of the access phase that return NGX_AGAIN. */
void inlay_job_post(inlay_job_t *job);

/* In done(): the access handler is to look again. */
void inlay_job_continue(inlay_job_t *job);

/* In done(), last: rc is what sending the answer returned. */
void inlay_job_answered(inlay_job_t *job, ngx_int_t rc);

/* How many wait in this lane. */
ngx_uint_t inlay_job_backlog(inlay_lane_e lane);

/* A denial that nothing else writes down. */
void inlay_job_note_denial(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx);

/* The server of an app gave no answer. */
void inlay_job_note_failure(ngx_http_request_t *r, const char *reason, const inlay_ctx_t *ctx);

#endif
