
#include "gate/cache.h"


#define INLAY_CACHE_SWEEP  60000


static void inlay_cache_handler(ngx_event_t *ev);


static struct cache      *inlay_caches[INLAY_CACHE_MAX];
static ngx_event_t        inlay_cache_timer;
static ngx_connection_t   inlay_cache_connection;


void
inlay_caches_start(ngx_cycle_t *cycle)
{
    inlay_cache_connection.fd = (ngx_socket_t) -1;
    inlay_cache_timer.handler = inlay_cache_handler;
    inlay_cache_timer.data = &inlay_cache_connection;
    inlay_cache_timer.log = cycle->log;
    inlay_cache_timer.cancelable = 1;

    ngx_add_timer(&inlay_cache_timer, INLAY_CACHE_SWEEP);
}


struct cache *
inlay_cache_new(inlay_cache_e which, struct cache_options *options)
{
    options->counts = &inlay_zone()->caches[ngx_process_slot].counts[which];

    inlay_caches[which] = cache_new(options);

    return inlay_caches[which];
}


struct cache_counts
inlay_cache_counts(inlay_cache_e which)
{
    ngx_uint_t            i;
    inlay_zone_t         *zone;
    struct cache_counts   sum = { 0, 0 };

    zone = inlay_zone();

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        sum.hits += zone->caches[i].counts[which].hits;
        sum.misses += zone->caches[i].counts[which].misses;
    }

    return sum;
}


static void
inlay_cache_handler(ngx_event_t *ev)
{
    ngx_uint_t  i;

    for (i = 0; i < INLAY_CACHE_MAX; i++) {
        cache_sweep(inlay_caches[i]);
    }

    ngx_add_timer(ev, INLAY_CACHE_SWEEP);
}
