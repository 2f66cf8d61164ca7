
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/zone.h"

#ifdef INLAY_TESTING
#include "base/testing.h"
#endif

#include <unistd.h>


#define INLAY_JOB_GRACE  400  /* for a job that runs: the thread gives up at the deadline, too */
#define INLAY_JOB_STUCK  1000 /* how often a worker that has to go looks at a job that is late */

#define INLAY_BODY_GRACE 30000
#define INLAY_BODY_RATE  16    /* bytes in a millisecond */


static void inlay_job_finished(inlay_job_t *job);
static void inlay_job_timer(ngx_event_t *ev);
static void inlay_job_late(inlay_job_t *job);
static ngx_int_t inlay_job_body_limit(inlay_job_t *job);
static void inlay_job_body_read(ngx_http_request_t *r);
static void inlay_job_wait_handler(ngx_http_request_t *r);
static ngx_uint_t inlay_jobs_are_all_stuck(void);


ngx_int_t
inlay_jobs_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf)
{
    return inlay_lanes_start(cycle, conf, inlay_job_finished);
}


inlay_job_t *
inlay_job_new(ngx_http_request_t *r, const inlay_job_type_t *type)
{
    size_t        size;
    inlay_job_t  *job;

    size = sizeof(inlay_job_t) + type->size;
    job = r != NULL ? ngx_pcalloc(r->pool, size) : ngx_calloc(size, ngx_cycle->log);

    if (job == NULL) {
        return NULL;
    }

    job->type = type;
    job->r = r;
    job->lane = type->lane;
    job->batch.takes_away = type->takes_away;
    job->run = type->run;
    job->data = job + 1;

    job->timer.handler = inlay_job_timer;
    job->timer.data = job;
    job->timer.log = ngx_cycle->log;

    if (r != NULL) {
        job->address = inlay_str(r->connection->addr_text);
        job->user_agent = inlay_user_agent(r);
    }

    return job;
}


/* ---- starting ---- */


static enum err
inlay_job_admit(inlay_job_t *job, struct fault *fault)
{
    if (!inlay_lane_is_full(job->lane)) {
        return ERR_OK;
    }

    return fault_busy(fault, "busy", "Too many requests are waiting. Try again in a moment.");
}


ngx_int_t
inlay_job_content(inlay_job_t *job)
{
    ngx_int_t            rc;
    struct fault         fault;
    ngx_http_request_t  *r = job->r;

    if (inlay_job_admit(job, &fault) != ERR_OK) {
        return inlay_fail(r, &fault);
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    r->main->count++;
    inlay_job_post(job);

    return NGX_DONE;
}


ngx_int_t
inlay_job_before_body(inlay_job_t *job)
{
    struct fault         fault;
    ngx_http_request_t  *r = job->r;

    if (inlay_job_admit(job, &fault) != ERR_OK) {
        return inlay_fail(r, &fault);
    }

    r->main->count++;
    inlay_job_post(job);

    return NGX_DONE;
}


ngx_int_t
inlay_job_access(inlay_job_t *job, struct fault *fault)
{
    if (inlay_job_admit(job, fault) != ERR_OK) {
        return NGX_DECLINED;
    }

    inlay_job_post(job);

    return NGX_AGAIN;
}


ngx_int_t
inlay_job_body(inlay_job_t *job, ngx_uint_t in_file)
{
    ngx_int_t            rc;
    inlay_ctx_t         *ctx;
    struct fault         fault;
    ngx_http_request_t  *r = job->r;

    if (inlay_job_admit(job, &fault) != ERR_OK) {
        return inlay_fail(r, &fault);
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->job = job;

    if (in_file) {
        r->request_body_in_clean_file = 1;
        r->request_body_in_file_only = 1;
        r->request_body_in_persistent_file = 1;
        r->request_body_file_log_level = 0;
    }

    if (inlay_job_body_limit(job) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_read_client_request_body(r, inlay_job_body_read);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


/* The request ends while its body is read. */

static void
inlay_job_body_cleanup(void *data)
{
    inlay_job_t  *job = data;

    if (job->state == INLAY_JOB_IDLE && job->timer.timer_set) {
        ngx_del_timer(&job->timer);
    }
}


static void
inlay_job_body_slow(ngx_event_t *ev)
{
    ngx_connection_t    *c;
    inlay_job_t         *job = ev->data;
    ngx_http_request_t  *r = job->r;

    c = r->connection;
    ngx_http_set_log_request(c->log, r);
    ngx_log_error(NGX_LOG_INFO, c->log, 0, "inlay: the request body comes too slowly");

    ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
    ngx_http_run_posted_requests(c);
}


static ngx_int_t
inlay_job_body_limit(inlay_job_t *job)
{
    off_t                length;
    ngx_msec_t           grace = INLAY_BODY_GRACE;
    ngx_http_cleanup_t  *cleanup;

#ifdef INLAY_TESTING
    if (testing_deadline_ms() > 0) {
        grace = (ngx_msec_t) testing_deadline_ms();
    }
#endif

    cleanup = ngx_http_cleanup_add(job->r, 0);
    if (cleanup == NULL) {
        return NGX_ERROR;
    }

    cleanup->handler = inlay_job_body_cleanup;
    cleanup->data = job;

    length = ngx_max(job->r->headers_in.content_length_n, 0);
    job->timer.handler = inlay_job_body_slow;
    ngx_add_timer(&job->timer, grace + (ngx_msec_t) length / INLAY_BODY_RATE);

    return NGX_OK;
}


/* The whole body is here: in memory, in a file, or both, and then the file has all of it. */

static void
inlay_job_body_read(ngx_http_request_t *r)
{
    u_char       *p, *whole;
    size_t        total = 0;
    ngx_buf_t    *b;
    ngx_chain_t  *cl, *bufs;
    inlay_job_t  *job;

    job = inlay_ctx(r)->job;

    if (job->timer.timer_set) {
        ngx_del_timer(&job->timer);
    }
    job->timer.handler = inlay_job_timer;

    if (r->request_body != NULL && r->request_body->temp_file != NULL) {
        job->body.fd = r->request_body->temp_file->file.fd;
        job->body.path = (const char *) r->request_body->temp_file->file.name.data;

    } else if (r->request_body != NULL && r->request_body->bufs != NULL) {
        bufs = r->request_body->bufs;

        for (cl = bufs; cl != NULL; cl = cl->next) {
            total += (size_t) ngx_buf_size(cl->buf);
        }

        p = bufs->buf->pos;

        if (bufs->next != NULL) {
            p = ngx_pnalloc(r->pool, total);
            if (p == NULL) {
                ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
                return;
            }

            whole = p;

            for (cl = bufs; cl != NULL; cl = cl->next) {
                b = cl->buf;
                if (ngx_buf_size(b) > 0) { /* the last one may have no memory */
                    p = ngx_cpymem(p, b->pos, (size_t) ngx_buf_size(b));
                }
            }

            p = whole;
        }

        job->body.bytes = (struct str) { (const char *) p, total };
    }

    inlay_job_post(job);
}


void
inlay_job_post(inlay_job_t *job)
{
    ngx_msec_t  limit;

    if (job->r != NULL) {
        job->r->main->blocked++;
        job->r->write_event_handler = inlay_job_wait_handler;
    }

    limit = job->type->deadline > 0 ? job->type->deadline : inlay_lane_deadline(job->lane);

    job->deadline = ngx_current_msec + limit;
    job->has_begun = 0;
    job->is_overdue = 0;
    job->error[0] = '\0';
    job->state = INLAY_JOB_WAITING;

    /* A worker that quits waits for timers, not for threads: this one keeps it until the job is
     * done, or late. */
    ngx_add_timer(&job->timer, limit);
    inlay_lane_push(job);
}


/* ---- in the event loop ---- */


static void
inlay_job_drop(inlay_job_t *job)
{
    if (job->type->drop != NULL) {
        job->type->drop(job);
    }

    arena_done(&job->arena);
}


/* The client has had its answer. The request lives on for the thread only. */

static void
inlay_job_finish_late(inlay_job_t *job)
{
    ngx_http_request_t  *r = job->r;

    inlay_job_drop(job);

    if (r->connection->error) {
        r->write_event_handler(r);

    } else if (r->done) {
        ngx_http_finalize_request(r, NGX_DONE);

    } else {
        r->main->count--; /* the answer is still being sent */
    }
}


static void
inlay_job_explain(inlay_job_t *job)
{
    enum err  err = job->batch.result;

    if (err == ERR_OK) {
        return;
    }

    if (job->fault.err != err) {
        job->work.fault = &job->fault; /* it may not have come to a thread */
        work_say_store_fault(&job->work, err);
    }

    if (err == ERR_STORAGE || err == ERR_INTERNAL) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "inlay: %s (%s)", job->error,
                      job->fault.message);
    }
}


static void
inlay_job_finished(inlay_job_t *job)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r = job->r;

    if (job->batch.result == ERR_BUSY && !job->has_begun && !job->is_late
        && inlay_lane_left(job) > 0)
    {
        /* an older job's time was over while both waited for the database */
        job->state = INLAY_JOB_WAITING;
        inlay_lane_push(job);
        return;
    }

    job->state = INLAY_JOB_IDLE;

    if (job->timer.timer_set) {
        ngx_del_timer(&job->timer);
    }

    if (lane_table[job->lane].kind == LANE_SHARED && job->batch.result == ERR_OK) {
        inlay_zone()->wrote_ms = ngx_current_msec;
    }

    inlay_job_explain(job);

    if (r == NULL) {
        if (job->type->done != NULL) {
            job->type->done(job);
        }

        arena_done(&job->arena);
        ngx_free(job);
        return;
    }

    c = r->connection;
    r->main->blocked--;

    ngx_http_set_log_request(c->log, r);

    if (job->is_late) {
        inlay_job_finish_late(job);

    } else if (r->write_event_handler != inlay_job_wait_handler) {
        /* the request was terminated meanwhile and waits to be closed */
        inlay_job_drop(job);
        r->write_event_handler(r);

    } else {
        job->type->done(job);
    }

    ngx_http_run_posted_requests(c);
}


/* The job's time is over. */

static void
inlay_job_timer(ngx_event_t *ev)
{
    inlay_job_t  *job = ev->data;

    if (job->state == INLAY_JOB_WAITING) {
        inlay_lane_remove(job);
        job->has_begun = 1;
        job->batch.result = fault_busy(&job->fault, "busy",
                                       "The server is busy, so nothing was done. Try again in a "
                                       "moment.");
        inlay_job_finished(job);
        return;
    }

    if (!job->is_overdue) {
        job->is_overdue = 1;
        ngx_add_timer(ev, INLAY_JOB_GRACE);
        return;
    }

    if (job->r != NULL && !job->is_late
        && job->r->write_event_handler == inlay_job_wait_handler)
    {
        inlay_job_late(job);
    }

    /* nginx waits for threads when a worker exits; a stuck one must not hold it up */

    if (ngx_exiting && inlay_jobs_are_all_stuck()) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "inlay: this worker exits while a job in the lane \"%s\" is stuck",
                      lane_table[job->lane].pool);
        _exit(0);
    }

    ngx_add_timer(ev, INLAY_JOB_STUCK);
}


/* Does a worker that has to go wait for nothing but threads that don't come back? */

static ngx_uint_t
inlay_jobs_are_all_stuck(void)
{
    ngx_event_t        *ev;
    ngx_rbtree_node_t  *node;

    if (ngx_event_timer_rbtree.root == ngx_event_timer_rbtree.sentinel) {
        return 1;
    }

    node = ngx_rbtree_min(ngx_event_timer_rbtree.root, ngx_event_timer_rbtree.sentinel);

    for ( ; node != NULL; node = ngx_rbtree_next(&ngx_event_timer_rbtree, node)) {
        ev = ngx_rbtree_data(node, ngx_event_t, timer);

        if (!ev->cancelable
            && !(ev->handler == inlay_job_timer && ((inlay_job_t *) ev->data)->is_overdue))
        {
            return 0;
        }
    }

    return 1;
}


static void
inlay_job_late(inlay_job_t *job)
{
    ngx_int_t            rc;
    struct fault         fault;
    ngx_connection_t    *c;
    ngx_http_request_t  *r = job->r;

    c = r->connection;
    ngx_http_set_log_request(c->log, r);
    ngx_log_error(NGX_LOG_WARN, c->log, 0, "inlay: a job in the lane \"%s\" is late",
                  lane_table[job->lane].pool);

    job->is_late = 1;
    r->main->count++; /* until the thread is back */
    r->write_event_handler = ngx_http_request_empty_handler;

    if (job->type->late != NULL) {
        rc = job->type->late(job);

    } else {
        fault_busy(&fault, "late", "This takes too long at the moment. It may still be done.");
        rc = inlay_fail(r, &fault);
    }

    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(c);
}


/* While a job waits or runs, nothing else may move the request. */

static void
inlay_job_wait_handler(ngx_http_request_t *r)
{
    (void) r;
}


void
inlay_job_continue(inlay_job_t *job)
{
    ngx_http_request_t  *r = job->r;

    arena_done(&job->arena);

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


void
inlay_job_again(inlay_job_t *job, enum lane lane, enum err (*run)(inlay_job_t *job))
{
    job->lane = lane;
    job->run = run;
    inlay_job_post(job);
}


void
inlay_job_read_body(inlay_job_t *job, enum lane lane, ngx_uint_t in_file)
{
    arena_done(&job->arena);
    job->lane = lane;
    ngx_http_finalize_request(job->r, inlay_job_body(job, in_file));
}
