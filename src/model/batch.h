/*
 * Group commit: changes that wait at the same moment share one transaction, one wait for the disk.
 *
 * All jobs of a batch run one after the other in one transaction. If one fails after it has written
 * something, or since the store failed, or the commit fails, everything is rolled back and each job
 * runs again in a transaction of its own, so that nobody suffers from a neighbour. Therefore a job
 * may run twice; it starts from its request each time.
 *
 * A job that takes access away gets a second try when the disk is full, with the store's reserve.
 *
 * If the transaction cannot even begin, no job runs.
 */
#ifndef INLAY_MODEL_BATCH_H
#define INLAY_MODEL_BATCH_H

#include "store/store.h"

struct batch_job {
    /* Does the work. ERR_OK commits, also what tells a denial; anything else rolls back. */
    enum err (*run)(struct batch_job *job, struct store *store);
    /* Asked after a run that returned ERR_OK: was something taken away? */
    bool (*raises_epoch)(const struct batch_job *job);
    struct batch_job *next;
    bool takes_away;

    enum err result; /* out: ERR_OK means that it is on the disk */
};

/* False if the transaction could not begin, which is then the result of every job. *out_epoch: the
 * new epoch if it was raised, else 0. */
bool batch_run(struct store *store, struct batch_job *jobs, int64_t *out_epoch);

#endif
