
/*
 * Jobs: work that a request, or the server itself, hands to a thread of a lane. gate/lanes.h has
 * the struct, and what is in it.
 *
 *     static const inlay_job_type_t  inlay_redeem_job = {
 *         .lane = LANE_WRITE, .size = sizeof(inlay_redeem_t),
 *         .run = inlay_redeem_run, .done = inlay_redeem_done, .drop = inlay_redeem_drop
 *     };
 *
 *     job = inlay_job_new(r, &inlay_redeem_job);
 *     redeem = job->data; ...
 *     return inlay_job_content(job);
 *
 * run() is called in the thread, with a fresh struct work, and may be called twice in the lane
 * "write" (see model/batch.h). It returns what the lane has to do with the transaction; its words
 * are in job->fault. Then, in the event loop, exactly one of these is called, once:
 *
 *     done()  the client waits, or there is no client: answers, and ends with inlay_job_answered(),
 *             inlay_job_continue() or inlay_job_again()
 *     drop()  nobody waits any more: frees what run() has left outside of the arena
 *
 * batch.result is ERR_OK, or why nothing was done; job->fault then has words for it, whether or not
 * run() was called.
 *
 * A body has to come at a rate of INLAY_BODY_RATE, with half a minute to begin with.
 *
 * No request waits longer than its lane's deadline. A job that still waits for its thread by then
 * ends with ERR_BUSY. One that runs keeps its thread and the request's memory until it returns, but
 * the client is answered: by late(), or 503.
 */

#ifndef INLAY_GATE_JOB_H
#define INLAY_GATE_JOB_H

#include "gate/lanes.h"


ngx_int_t inlay_jobs_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf);

/* NULL if there is no memory. With r, lives in its pool. */
inlay_job_t *inlay_job_new(ngx_http_request_t *r, const inlay_job_type_t *type);

/* ---- starting ---- */

/* In a handler of the content phase: return what it returns. The request's body is thrown away. */
ngx_int_t inlay_job_content(inlay_job_t *job);

/* The same with the request's body, which run() finds in job->body; in a file of its own with
 * in_file. */
ngx_int_t inlay_job_body(inlay_job_t *job, ngx_uint_t in_file);

/* Before the request's body is read: done() may call inlay_job_read_body(). */
ngx_int_t inlay_job_before_body(inlay_job_t *job);

/* In the access phase: NGX_AGAIN, to be returned; or NGX_DECLINED with words, if no more may wait. */
ngx_int_t inlay_job_access(inlay_job_t *job, struct fault *fault);

/* Without a client, or for a request that waits already. */
void inlay_job_post(inlay_job_t *job);

/* ---- at the end of done() ---- */

/* rc is what sending the answer returned. Frees the arena. */
void inlay_job_answered(inlay_job_t *job, ngx_int_t rc);

/* The access phase looks again. */
void inlay_job_continue(inlay_job_t *job);

/* Another round, with the request's body, as inlay_job_body() has it. */
void inlay_job_read_body(inlay_job_t *job, enum lane lane, ngx_uint_t in_file);

/* Another round, with a deadline of its own. */
void inlay_job_again(inlay_job_t *job, enum lane lane, enum err (*run)(inlay_job_t *job));

#endif
