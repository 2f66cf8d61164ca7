/*
 * How much one session, and all sessions of one link together, may ask: requests in a second, and
 * requests at a time, where a WebSocket or a stream counts as long as it is open. Two fixed tables
 * that several processes share.
 *
 * Tables never grow: when all places of a session are taken by others, it is counted anew, or not
 * at all. So forgetting is on the generous side, and the memory is not a client's to fill. What a
 * process holds is told apart by its id, so that nothing is held for ever by one that was killed.
 *
 * The caller holds the lock of the tables during every call.
 */
#ifndef INLAY_LIVE_ADMISSION_H
#define INLAY_LIVE_ADMISSION_H

#include "live/ratelimit.h"
#include "base/uuid.h"
#include "config/settings.h"

enum { ADMISSION_WAYS = 16, ADMISSION_SECOND_MS = 1000 };

/* How many requests of a session or link a process is at. */
struct admission_hold {
    uint64_t key;
    int32_t process;
    uint32_t count; /* 0: free */
};

struct admission_tables {
    struct ratelimit pace;        /* of a second */
    struct admission_hold *holds; /* borrowed; hold_count is a multiple of ADMISSION_WAYS, zeroed */
    size_t hold_count;
};

struct admission_request {
    const struct settings *settings;
    struct uuid session_id;
    struct uuid link_id;
    bool stays; /* count it until admission_leave() */
    int64_t now_ms;
    int32_t process;
    bool (*is_alive)(
        int32_t process); /* asked about other processes, before a request is refused */
};

/* What one request holds, to be given back. Nothing if it is zeroed. */
struct admission {
    uint64_t session_key;
    uint64_t link_key;
    bool holds_session;
    bool holds_link;
};

enum admission_limit {
    ADMISSION_NONE, /* within all of them */
    ADMISSION_SESSION_RATE,
    ADMISSION_LINK_RATE,
    ADMISSION_SESSION_CONNECTIONS,
    ADMISSION_LINK_CONNECTIONS,
};

/* Is any of the limits set? */
bool admission_is_limited(const struct settings *settings);

/* The limit that the request is above, if any; then nothing is held. */
enum admission_limit admission_enter(struct admission_tables *tables,
                                     const struct admission_request *request,
                                     struct admission *out_admission);

void admission_leave(struct admission_tables *tables, struct admission *admission, int32_t process);

/* ERR_LIMITED, with code session_limit, the limit and when to come back; ERR_OK for none. */
MUST_CHECK enum err admission_say(enum admission_limit limit, const struct settings *settings,
                                  struct fault *fault);

#endif
