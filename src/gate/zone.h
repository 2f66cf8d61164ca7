
/*
 * What all workers of the server share: the table of live sessions, the counters of the rate limit
 * and of the metrics. Survives a reload. One lock, nginx's own, which the master takes away from a
 * worker that died.
 */

#ifndef INLAY_GATE_ZONE_H
#define INLAY_GATE_ZONE_H

#include "gate/conf.h"
#include "live/admission.h"
#include "live/cache.h"
#include "live/table.h"


enum {
    INLAY_COUNT_MINTS = 0,
    INLAY_COUNT_REDEEMS,
    INLAY_COUNT_RENEWALS,
    INLAY_COUNT_RESUMES,
    INLAY_COUNT_DENIALS,
    INLAY_COUNT_LIMITED,
    INLAY_COUNT_SESSIONS_ENDED,
    INLAY_COUNT_REVOCATIONS,
    INLAY_COUNT_LOOKUPS,
    INLAY_COUNT_WRITES,
    INLAY_COUNT_COMMITS,
    INLAY_COUNT_EVENTS_DROPPED,
    INLAY_COUNT_MAX
};


/* What each worker remembers by itself; see gate/cache.h. */
typedef enum {
    INLAY_CACHE_APPS = 0,
    INLAY_CACHE_IDENTITIES,
    INLAY_CACHE_MAX
} inlay_cache_e;


/* Of one process, which alone writes them: in a line of the processor's cache of its own. */
typedef struct {
    struct cache_counts  counts[INLAY_CACHE_MAX];
} __attribute__((aligned(64))) inlay_cache_counts_t;


typedef struct {
    struct table     *table;
    struct ratelimit  rate;
    struct admission_tables  admissions;
    ngx_atomic_t      seen_ms;  /* when the database answered last */
    ngx_atomic_t      wrote_ms; /* when a transaction was last committed */
    ngx_atomic_t      write_failed; /* until /readyz has seen one succeed */
    ngx_atomic_t      counts[INLAY_COUNT_MAX];
    ngx_atomic_t      ending[NGX_MAX_PROCESSES]; /* this process commits ends of sessions */
    inlay_cache_counts_t  caches[NGX_MAX_PROCESSES];
    ngx_atomic_t      spooled[NGX_MAX_PROCESSES]; /* bytes of bodies that this process reads */
} inlay_zone_t;


ngx_shm_zone_t *inlay_zone_add(ngx_conf_t *cf, inlay_main_conf_t *conf);
ngx_int_t inlay_zone_start(inlay_main_conf_t *conf); /* in each worker */

/* Valid in a worker, after inlay_zone_start(). */
inlay_zone_t *inlay_zone(void);
void inlay_count(ngx_uint_t what, ngx_atomic_int_t by);

/* Sessions. Any thread may call these. */
void inlay_zone_moment(uint64_t *out_moment, int64_t *out_epoch);
bool inlay_zone_find(const unsigned char *cookie, struct str label, int64_t now_ms,
    struct table_session *out_session);
void inlay_zone_put(const struct table_session *session, uint64_t moment);
bool inlay_zone_use(const struct uuid *id, int64_t now_ms); /* see table_use() */
void inlay_zone_drop(const struct uuid *id);
bool inlay_zone_was_dropped(const struct uuid *id, uint64_t moment); /* since then, or perhaps */
void inlay_zone_raise(int64_t epoch);
uint32_t inlay_zone_sessions(uint32_t *out_size);

/* Requests of sessions. */
enum admission_limit inlay_zone_enter(const struct admission_request *request,
    struct admission *out_admission);
void inlay_zone_leave(struct admission *admission);
ngx_uint_t inlay_zone_is_news(const struct uuid *session_id, int64_t now_ms); /* in this minute */

/* Room on the disk for a body, until the request ends. NGX_BUSY if bodies have all of it. */
ngx_int_t inlay_zone_spool(ngx_http_request_t *r, off_t bytes, int64_t bytes_max);

/* Around a commit that may end sessions: if the worker dies in between, the next worker in its place
 * has all sessions decided again. */
void inlay_zone_ending(ngx_uint_t is_ending);

#endif
