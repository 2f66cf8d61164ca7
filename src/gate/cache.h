
/*
 * What this worker remembers, in caches of src/live/cache. Once a minute each lets go of what was
 * not used for a minute. The counts of hits and misses are in the shared memory, a line for each
 * worker.
 */

#ifndef INLAY_GATE_CACHE_H
#define INLAY_GATE_CACHE_H

#include "gate/zone.h"


void inlay_caches_start(ngx_cycle_t *cycle); /* in each worker */

/* Fills in where the counts are. For as long as the worker lives. */
struct cache *inlay_cache_new(inlay_cache_e which, struct cache_options *options);

struct cache_counts inlay_cache_counts(inlay_cache_e which); /* of all workers */

#endif
