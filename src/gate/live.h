
/*
 * Requests that outlive their session are ended: WebSockets, event streams, downloads. Five times a
 * second each worker looks whether a session's time is over, or whether it was ended or may have
 * been; it asks the database about those, and closes. Workers that finish after a reload go on
 * looking. So a request lives for a fifth of a second longer than its session, and as long as the
 * database takes, but never longer than five seconds; in a worker that finishes, one whose session
 * was ended lives for three fifths.
 *
 * The database is asked at the end, too, since a session may have been renewed a moment before, and
 * in another worker.
 *
 * What is sent in either direction uses the session, where an app's sessions end when they are not
 * used: looked at every five seconds.
 *
 * After a revocation any session may be over. Thousands of them are asked about in a round of small
 * pieces with pauses between, so that other requests do not notice; the last one may then live for
 * a second longer.
 */

#ifndef INLAY_GATE_LIVE_H
#define INLAY_GATE_LIVE_H

#include "gate/request.h"


void inlay_live_start(ngx_cycle_t *cycle); /* in each worker */

/* From now on, until it ends. NGX_ERROR if there is no memory. */
ngx_int_t inlay_live_add(ngx_http_request_t *r, inlay_ctx_t *ctx);

/* A session was read from the database at that moment: what has ended since then is looked at again,
 * or a request of a session that ended while it was read would live on. */
void inlay_live_since(uint64_t moment, int64_t epoch);

#endif
