/*
 * How often in this minute, or second? A fixed table of counters that several processes may share.
 *
 * Each key has its own one, which starts with its first use. The table never grows: when all
 * places of a key are taken by others, the one that started first gives way. Forgetting is
 * on the generous side and bounded; the memory is not a client's to fill.
 */
#ifndef INLAY_LIVE_RATELIMIT_H
#define INLAY_LIVE_RATELIMIT_H

#include "crypto/digest.h"

enum { RATELIMIT_WAYS = 8 };

struct ratelimit_slot {
    uint64_t key;
    int64_t started_at_ms; /* 0: free */
    int64_t count;
};

struct ratelimit {
    struct ratelimit_slot *slots; /* borrowed; count is a multiple of RATELIMIT_WAYS, zeroed */
    size_t count;
    int64_t window_ms;
};

/* Counts one use. True if it is within max; else *out_retry_after_s says when to come back (1 or
 * more). The caller holds the lock of the table. */
bool ratelimit_allow(struct ratelimit *limit, const struct digest *key, int64_t now_ms, int64_t max,
                     int64_t *out_retry_after_s);

#endif
