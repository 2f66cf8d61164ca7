
/*
 * Lanes: where jobs wait for a thread. What each is for, and its numbers, are in config/lanes.def.
 *
 * A lane has a queue in the event loop and one slot per thread; a slot has a connection to the
 * database of its own, which its thread alone uses, and runs one batch of jobs at a time. Only
 * gate/job.c posts jobs; it is told when one was run. A job belongs to its thread from when it is
 * handed over until then.
 */

#ifndef INLAY_GATE_LANES_H
#define INLAY_GATE_LANES_H

#include "gate/request.h"
#include "config/lanes.h"
#include "model/batch.h"
#include "model/work.h"


typedef struct inlay_job_s  inlay_job_t;

typedef struct {
    enum lane     lane;
    size_t        size;                     /* of job->data, which is zeroed */
    ngx_msec_t    deadline;                 /* 0: the lane's */
    enum err    (*run)(inlay_job_t *job);
    void        (*done)(inlay_job_t *job);
    void        (*drop)(inlay_job_t *job);  /* NULL: there is nothing to free */
    ngx_int_t   (*late)(inlay_job_t *job);  /* answers; NULL: 503. job->data belongs to the thread */
    ngx_uint_t    takes_away;               /* access, see model/batch.h */
} inlay_job_type_t;


typedef enum {
    INLAY_JOB_IDLE = 0,
    INLAY_JOB_WAITING,
    INLAY_JOB_RUNNING
} inlay_job_state_e;


struct inlay_job_s {
    struct batch_job         batch;    /* first: the lane "write" runs these */
    const inlay_job_type_t  *type;
    ngx_http_request_t      *r;        /* NULL: nobody waits for it */
    enum lane                lane;     /* of this round; see inlay_job_again() */
    enum err               (*run)(inlay_job_t *job);
    void                    *data;

    ngx_queue_t              queue;
    inlay_job_state_e        state;
    ngx_event_t              timer;
    ngx_msec_t               deadline; /* as ngx_current_msec */
    unsigned                 is_overdue:1;
    unsigned                 is_late:1; /* the client has been answered while it ran */
    unsigned                 has_begun:1; /* run() was called, or never will be */

    struct {                           /* of the request, see inlay_job_body() */
        struct str   bytes;            /* unless it is in the file */
        const char  *path;             /* NULL without a file */
        int          fd;
    } body;

    /* for run() */
    struct arena             arena;
    struct work              work;
    struct fault             fault;
    struct str               address;
    struct str               user_agent;
    char                     error[160]; /* of the database, for the log */
};


/* In each worker. finished() is called in the event loop for each job that a thread has run. */
ngx_int_t inlay_lanes_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf,
    void (*finished)(inlay_job_t *job));
void inlay_lanes_stop(void);

/* How many jobs wait, and whether no more may. */
ngx_uint_t inlay_lane_waiting(enum lane lane);
ngx_uint_t inlay_lane_is_full(enum lane lane);

/* How long a job of this lane may take. */
ngx_msec_t inlay_lane_deadline(enum lane lane);

/* How much of its time a job has left. */
ngx_msec_t inlay_lane_left(const inlay_job_t *job);

void inlay_lane_push(inlay_job_t *job);   /* to the end of its lane */
void inlay_lane_remove(inlay_job_t *job); /* a job that waits */

#endif
