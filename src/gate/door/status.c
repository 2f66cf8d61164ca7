
#include "gate/door/status.h"
#include "gate/cache.h"
#include "gate/job.h"
#include "gate/respond.h"
#include "gate/send.h"
#include "gate/zone.h"
#include "base/buf.h"


#define INLAY_METRICS_MAX  (16 * 1024)


typedef struct {
    const char  *name;
    const char  *help;
} inlay_metric_t;


static const inlay_metric_t  inlay_metrics[INLAY_COUNT_MAX] = {
    [INLAY_COUNT_MINTS] = { "inlay_mints_total", "Links made." },
    [INLAY_COUNT_REDEEMS] = { "inlay_redeems_total", "Sessions opened by a link." },
    [INLAY_COUNT_RENEWALS] = { "inlay_renewals_total", "Sessions made longer by a link." },
    [INLAY_COUNT_RESUMES] = { "inlay_resumes_total", "Links that found their session." },
    [INLAY_COUNT_DENIALS] = { "inlay_denials_total", "Requests refused for want of access." },
    [INLAY_COUNT_LIMITED] = { "inlay_limited_total",
                              "Requests refused because a session or link sent too many." },
    [INLAY_COUNT_SESSIONS_ENDED] = { "inlay_sessions_ended_total", "Sessions ended." },
    [INLAY_COUNT_REVOCATIONS] = { "inlay_revocations_total", "Changes that took access away." },
    [INLAY_COUNT_LOOKUPS] = { "inlay_session_lookups_total",
                              "Session checks that asked the database." },
    [INLAY_COUNT_WRITES] = { "inlay_writes_total", "Changes written." },
    [INLAY_COUNT_COMMITS] = { "inlay_commits_total", "Transactions they shared." },
    [INLAY_COUNT_EVENTS_DROPPED] = { "inlay_events_dropped_total",
                                     "Denials not written down because too many waited." }
};


static const inlay_metric_t  inlay_hit_metrics[INLAY_CACHE_MAX] = {
    [INLAY_CACHE_APPS] = { "inlay_app_cache_hits_total", "Requests whose app the worker knew." },
    [INLAY_CACHE_IDENTITIES] = { "inlay_identity_cache_hits_total",
                                 "Requests to upstreams whose user the worker knew." }
};


static const inlay_metric_t  inlay_miss_metrics[INLAY_CACHE_MAX] = {
    [INLAY_CACHE_APPS] = { "inlay_app_cache_misses_total",
                           "Requests whose app was looked up in the database." },
    [INLAY_CACHE_IDENTITIES] = { "inlay_identity_cache_misses_total",
                                 "Requests to upstreams that needed a new assertion." }
};


ngx_int_t
inlay_health_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    return inlay_send(r, NGX_HTTP_OK, "application/json", STR("{\"status\":\"ok\"}"));
}


static ngx_int_t
inlay_ready_answer(ngx_http_request_t *r, ngx_uint_t is_ready)
{
    return is_ready ? inlay_send(r, NGX_HTTP_OK, "application/json",
                                 STR("{\"status\":\"ready\"}"))
                    : inlay_send(r, NGX_HTTP_SERVICE_UNAVAILABLE, "application/json",
                                 STR("{\"status\":\"unavailable\",\"reason\":\"database\"}"));
}


/*
 * Ready means that the database takes writes: one was committed within the last seconds, or can be
 * now. To see that, it is enough to be let in as its writer; but once a write has failed, as on a
 * full disk, only another one tells whether it does again.
 */

#define INLAY_READY_WAIT   500  /* so that it answers within a second, whatever happens */
#define INLAY_READY_WRITE  5000 /* an upload may hold the database for a moment */


static enum err
inlay_ready_run(inlay_job_t *job)
{
    return *(bool *) job->data ? instance_touch(job->work.store) : ERR_OK;
}


static ngx_uint_t
inlay_ready_lately(void)
{
    inlay_zone_t  *zone = inlay_zone();

    return !zone->write_failed && zone->wrote_ms != 0
           && (ngx_msec_t) (ngx_current_msec - zone->wrote_ms) < INLAY_READY_WRITE;
}


static void
inlay_ready_done(inlay_job_t *job)
{
    ngx_uint_t  is_ready;

    if (job->batch.result == ERR_OK && *(bool *) job->data) {
        inlay_zone()->write_failed = 0;
    }

    is_ready = job->batch.result == ERR_OK
               || (job->batch.result == ERR_BUSY && inlay_ready_lately());

    inlay_job_answered(job, inlay_ready_answer(job->r, is_ready));
}


static ngx_int_t
inlay_ready_late(inlay_job_t *job)
{
    return inlay_ready_answer(job->r, inlay_ready_lately());
}


static const inlay_job_type_t  inlay_ready_job = {
    .lane = LANE_WRITE,
    .size = sizeof(bool),
    .deadline = INLAY_READY_WAIT,
    .run = inlay_ready_run,
    .done = inlay_ready_done,
    .late = inlay_ready_late
};


ngx_int_t
inlay_ready_handler(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    inlay_job_t  *job;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    job = inlay_job_new(r, &inlay_ready_job);
    if (job == NULL) {
        return inlay_ready_answer(r, 0);
    }

    *(bool *) job->data = inlay_zone()->write_failed != 0;

    return inlay_job_content(job);
}


static void
inlay_metrics_add(struct buf *text, const inlay_metric_t *metric, uint64_t count)
{
    buf_printf(text, "# HELP %s %s\n# TYPE %s counter\n%s %lu\n", metric->name, metric->help,
               metric->name, metric->name, (unsigned long) count);
}


ngx_int_t
inlay_metrics_handler(ngx_http_request_t *r)
{
    uint32_t              sessions, size;
    ngx_int_t             rc;
    ngx_uint_t            i;
    struct buf            text;
    inlay_zone_t         *zone;
    struct cache_counts   counts;

    if (!inlay_is_get(r, &rc)) {
        return rc;
    }

    zone = inlay_zone();
    text = buf_make(INLAY_METRICS_MAX);

    for (i = 0; i < INLAY_COUNT_MAX; i++) {
        inlay_metrics_add(&text, &inlay_metrics[i], zone->counts[i]);
    }

    for (i = 0; i < INLAY_CACHE_MAX; i++) {
        counts = inlay_cache_counts((inlay_cache_e) i);
        inlay_metrics_add(&text, &inlay_hit_metrics[i], counts.hits);
        inlay_metrics_add(&text, &inlay_miss_metrics[i], counts.misses);
    }

    sessions = inlay_zone_sessions(&size);

    buf_printf(&text,
               "# HELP inlay_sessions_in_memory Live sessions that need no database.\n"
               "# TYPE inlay_sessions_in_memory gauge\ninlay_sessions_in_memory %lu\n"
               "# HELP inlay_sessions_in_memory_max How many have room.\n"
               "# TYPE inlay_sessions_in_memory_max gauge\ninlay_sessions_in_memory_max %lu\n",
               (unsigned long) sessions, (unsigned long) size);

    rc = inlay_send(r, NGX_HTTP_OK, "text/plain; version=0.0.4", buf_str(&text));
    buf_done(&text);

    return rc;
}
