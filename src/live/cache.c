#include "live/cache.h"

#include <stdalign.h>

/* What all keys of a set are compared with first, in one line of the processor's cache. */
struct cache_set {
    uint32_t tags[CACHE_WAYS]; /* of the keys; 0: free */
    uint8_t used;              /* a bit for each entry */
    uint8_t hand;              /* where the search for an unused entry goes on */
};

/* Followed by the key, and by the value at the next offset that suits any type. */
struct cache_entry {
    int64_t epoch;
    int64_t until_ms;
    unsigned char key[];
};

struct cache {
    struct cache_options options;
    uint32_t set_count;
    size_t value_offset;
    size_t entry_bytes;
    struct cache_set *sets;
    unsigned char *entries;
};

/* Where a key belongs. */
struct cache_place {
    uint32_t set;
    uint32_t tag;
};

static size_t aligned(size_t bytes)
{
    const size_t align = alignof(max_align_t);
    return (bytes + align - 1) / align * align;
}

struct cache *cache_new(const struct cache_options *options)
{
    size_t set_count = (options->entries + CACHE_WAYS - 1) / CACHE_WAYS;
    REQUIRE(set_count > 0 && set_count <= UINT32_MAX);
    REQUIRE(options->key_bytes > 0 && options->key_bytes % sizeof(uint64_t) == 0);
    struct cache *cache = malloc(sizeof(*cache));
    REQUIRE(cache != NULL);
    *cache = (struct cache){.options = *options, .set_count = (uint32_t)set_count};
    cache->value_offset = aligned(sizeof(struct cache_entry) + options->key_bytes);
    cache->entry_bytes = cache->value_offset + aligned(options->value_bytes);
    cache->sets = calloc(set_count, sizeof(*cache->sets));
    cache->entries = calloc(set_count * CACHE_WAYS, cache->entry_bytes);
    REQUIRE(cache->sets != NULL && cache->entries != NULL);
    return cache;
}

static uint8_t bit_of(unsigned way)
{
    return (uint8_t)(1U << way);
}

static struct cache_entry *entry_of(const struct cache *cache, uint32_t set, unsigned way)
{
    size_t number = (size_t)set * CACHE_WAYS + way;
    return (struct cache_entry *)(void *)(cache->entries + number * cache->entry_bytes);
}

static void *value_of(const struct cache *cache, struct cache_entry *entry)
{
    return (unsigned char *)entry + cache->value_offset;
}

static struct cache_place place_of(const struct cache *cache, const unsigned char *key)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < cache->options.key_bytes; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, key + i, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (struct cache_place){
        .set = (uint32_t)(((hash & UINT32_MAX) * cache->set_count) >> 32),
        .tag = (uint32_t)(hash >> 32) | 1,
    };
}

/* CACHE_WAYS if the key has no entry. */
static unsigned find_way(const struct cache *cache, struct cache_place place, const void *key)
{
    const struct cache_set *set = &cache->sets[place.set];
    unsigned way = 0;
    while (way < CACHE_WAYS &&
           (set->tags[way] != place.tag ||
            memcmp(entry_of(cache, place.set, way)->key, key, cache->options.key_bytes) != 0)) {
        way++;
    }
    return way;
}

void *cache_find(struct cache *cache, const void *key, int64_t epoch, int64_t now_ms)
{
    struct cache_place place = place_of(cache, key);
    unsigned way = find_way(cache, place, key);
    struct cache_entry *entry = way < CACHE_WAYS ? entry_of(cache, place.set, way) : NULL;
    if (entry == NULL || entry->epoch != epoch || entry->until_ms <= now_ms) {
        cache->options.counts->misses++;
        return NULL;
    }
    cache->options.counts->hits++;
    cache->sets[place.set].used |= bit_of(way);
    return value_of(cache, entry);
}

static void drop_entry(struct cache *cache, uint32_t set, unsigned way)
{
    if (cache->sets[set].tags[way] == 0) {
        return;
    }
    if (cache->options.drop != NULL) {
        cache->options.drop(value_of(cache, entry_of(cache, set, way)));
    }
    memset(entry_of(cache, set, way), 0, cache->entry_bytes);
    cache->sets[set].tags[way] = 0;
    cache->sets[set].used &= (uint8_t)~bit_of(way);
}

/* A free entry, or else the first that was not used since the hand came by. */
static unsigned make_room(struct cache_set *set)
{
    for (unsigned way = 0; way < CACHE_WAYS; way++) {
        if (set->tags[way] == 0) {
            return way;
        }
    }
    for (;;) {
        unsigned way = set->hand++ % CACHE_WAYS;
        if ((set->used & bit_of(way)) == 0) {
            return way;
        }
        set->used &= (uint8_t)~bit_of(way);
    }
}

void *cache_put(struct cache *cache, const void *key, int64_t epoch, int64_t until_ms)
{
    struct cache_place place = place_of(cache, key);
    struct cache_set *set = &cache->sets[place.set];
    unsigned way = find_way(cache, place, key);
    if (way == CACHE_WAYS) {
        way = make_room(set);
    }
    drop_entry(cache, place.set, way);
    struct cache_entry *entry = entry_of(cache, place.set, way);
    entry->epoch = epoch;
    entry->until_ms = until_ms;
    memcpy(entry->key, key, cache->options.key_bytes);
    set->tags[way] = place.tag;
    set->used |= bit_of(way);
    return value_of(cache, entry);
}

/* Drops all entries whose bit is not among the used ones. */
static void drop_unused(struct cache *cache, uint32_t set)
{
    for (unsigned way = 0; way < CACHE_WAYS; way++) {
        if ((cache->sets[set].used & bit_of(way)) == 0) {
            drop_entry(cache, set, way);
        }
    }
}

void cache_sweep(struct cache *cache)
{
    for (uint32_t set = 0; set < cache->set_count; set++) {
        drop_unused(cache, set);
        cache->sets[set].used = 0;
    }
}

void cache_free(struct cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (uint32_t set = 0; set < cache->set_count; set++) {
        cache->sets[set].used = 0;
        drop_unused(cache, set);
    }
    free(cache->entries);
    free(cache->sets);
    free(cache);
}
