#include "model/batch.h"

#include "model/instance.h"

/* Then SQLite may have rolled back the whole transaction by itself. */
static bool is_failure_of_store(enum err err)
{
    return err == ERR_BUSY || err == ERR_STORAGE || err == ERR_INTERNAL;
}

/* Runs the jobs from first up to, not including, end. *out_dirty: a job failed that had written, or
 * at which the store failed. */
static enum err run_jobs(struct store *store, struct batch_job *first, struct batch_job *end,
                         bool *out_dirty, int64_t *out_epoch)
{
    bool raises = false;
    *out_dirty = false;
    for (struct batch_job *job = first; job != end; job = job->next) {
        int64_t before = store_changes(store);
        job->result = job->run(job, store);
        bool has_written = store_changes(store) != before;
        if (is_failure_of_store(job->result) || (job->result != ERR_OK && has_written)) {
            *out_dirty = true;
            return ERR_OK;
        }
        raises = raises || (job->result == ERR_OK && job->raises_epoch(job));
    }
    return raises ? instance_raise_epoch(store, out_epoch) : ERR_OK;
}

/* The transaction that has begun, over the jobs. ERR_OK: their results stand. */
static enum err run_once(struct store *store, struct batch_job *first, struct batch_job *end,
                         int64_t *io_epoch)
{
    bool is_dirty = false;
    int64_t epoch = 0;
    enum err err = run_jobs(store, first, end, &is_dirty, &epoch);
    if (err || is_dirty) {
        store_rollback(store);
        return err ? err : ERR_CONFLICT;
    }
    err = store_commit(store);
    if (!err && epoch > *io_epoch) {
        *io_epoch = epoch;
    }
    return err;
}

static void fail_from(struct batch_job *job, enum err err)
{
    for (; job != NULL; job = job->next) {
        job->result = err;
    }
}

/* The transaction that has begun, over one job. ERR_OK: it didn't fail for the store. */
static enum err run_alone(struct store *store, struct batch_job *job, int64_t *io_epoch)
{
    enum err err = run_once(store, job, job->next, io_epoch);
    if (err && job->result == ERR_OK) {
        job->result = err; /* it did not get to the disk */
    }
    return is_failure_of_store(job->result) ? job->result : ERR_OK;
}

/* Each job in a transaction of its own. */
static void run_apart(struct store *store, struct batch_job *jobs, int64_t *io_epoch)
{
    for (struct batch_job *job = jobs; job != NULL; job = job->next) {
        enum err err = store_begin(store);
        if (err) {
            fail_from(job, err); /* the others would wait as long, one after the other */
            return;
        }
        err = run_alone(store, job, io_epoch);
        if (err && job->takes_away && store_reserve_use(store)) {
            if (store_begin(store) == ERR_OK) {
                (void)run_alone(store, job, io_epoch);
            }
            store_reserve_fill(store);
        }
    }
}

bool batch_run(struct store *store, struct batch_job *jobs, int64_t *out_epoch)
{
    *out_epoch = 0;
    enum err err = store_begin(store);
    if (err) {
        fail_from(jobs, err);
        return false;
    }
    if (run_once(store, jobs, NULL, out_epoch) != ERR_OK) {
        run_apart(store, jobs, out_epoch);
    }
    return true;
}
