/*
 * Housekeeping: expired sessions end, sessions that lost their access end, and what is old goes.
 *
 * Works in small transactions, so that nobody waits for it longer than for one write. One process
 * runs it at a time.
 */
#ifndef INLAY_ENTRY_SWEEP_H
#define INLAY_ENTRY_SWEEP_H

#include "model/work.h"

enum { SWEEP_BATCH = 200 };

/* Where the next round goes on. Zeroed at the start. */
struct sweep {
    int64_t decided_epoch;  /* all live sessions were decided under this epoch */
    int64_t deciding_epoch; /* the round that is under way */
    struct uuid decided_to; /* … has come to this session */
    int64_t links_after_ms; /* expiry of the last link that was looked at */
    int64_t contents_at_ms; /* when contents were looked at last */
};

/* One transaction's worth of work. *out_more: there is more to do now; call again soon. Ends up in
 * access->ended what the caller has to drop from memory. Begins and commits by itself. */
MUST_CHECK enum err sweep_step(struct work *work, struct sweep *sweep, const char *cache_root,
                               bool *out_more);

#endif
