/*
 * What one process remembers of the store: values of one size, found by a key of one size.
 *
 * The memory never grows. A key has its place in one set of CACHE_WAYS entries, so as many keys may
 * share a set before any of them gives way; then one goes that was not used since it was looked at
 * last (second chance).
 *
 * A value holds for the epoch that it was made in, and until a moment of its own: later it is not
 * found, and putting it again takes its place. Keys are ids and digests, which are evenly spread:
 * nobody may choose them.
 *
 * One thread at a time. A value stays where it is until the next call that puts, sweeps or frees.
 */
#ifndef INLAY_LIVE_CACHE_H
#define INLAY_LIVE_CACHE_H

#include "base/base.h"

enum { CACHE_WAYS = 8 };

#define CACHE_FOREVER INT64_MAX

/* What cache_find() did. May be in memory that other processes read. */
struct cache_counts {
    uint64_t hits;
    uint64_t misses;
};

struct cache_options {
    size_t entries;              /* at least; rounded up to whole sets */
    size_t key_bytes;            /* a multiple of 8 */
    size_t value_bytes;          /* aligned for any type */
    void (*drop)(void *value);   /* what a value owns; NULL: nothing */
    struct cache_counts *counts; /* borrowed */
};

struct cache;

struct cache *cache_new(const struct cache_options *options);
void cache_free(struct cache *cache); /* drops all; NULL is fine */

/* The value of the key, of this epoch, that is not over yet. NULL if there is none. */
void *cache_find(struct cache *cache, const void *key, int64_t epoch, int64_t now_ms);

/* A new value for the key, all zeros. Whatever had its place was dropped. */
void *cache_put(struct cache *cache, const void *key, int64_t epoch, int64_t until_ms);

/* Drops what was neither put nor found since the last sweep. */
void cache_sweep(struct cache *cache);

#endif
