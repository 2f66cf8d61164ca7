#include "live/ratelimit.h"

static bool slot_is_over(const struct ratelimit *limit, const struct ratelimit_slot *slot,
                         int64_t now_ms)
{
    int64_t age_ms = now_ms - slot->started_at_ms;
    return slot->started_at_ms == 0 || age_ms >= limit->window_ms || age_ms < 0;
}

/* Slots that are over come before all others, also those of a clock that has gone back. */
static int64_t slot_order(const struct ratelimit *limit, const struct ratelimit_slot *slot,
                          int64_t now_ms)
{
    return slot_is_over(limit, slot, now_ms) ? 0 : slot->started_at_ms;
}

/* The key's slot, or the one that it takes over. */
static struct ratelimit_slot *slot_of(struct ratelimit *limit, uint64_t key, int64_t now_ms)
{
    size_t sets = limit->count / RATELIMIT_WAYS;
    struct ratelimit_slot *set = &limit->slots[key % sets * RATELIMIT_WAYS];
    struct ratelimit_slot *oldest = &set[0];
    for (size_t i = 0; i < RATELIMIT_WAYS; i++) {
        if (set[i].key == key && !slot_is_over(limit, &set[i], now_ms)) {
            return &set[i];
        }
        if (slot_order(limit, &set[i], now_ms) < slot_order(limit, oldest, now_ms)) {
            oldest = &set[i];
        }
    }
    *oldest = (struct ratelimit_slot){.key = key, .started_at_ms = now_ms};
    return oldest;
}

bool ratelimit_allow(struct ratelimit *limit, const struct digest *key, int64_t now_ms, int64_t max,
                     int64_t *out_retry_after_s)
{
    uint64_t short_key;
    REQUIRE(limit->count >= RATELIMIT_WAYS);
    memcpy(&short_key, key->bytes, sizeof(short_key));
    struct ratelimit_slot *slot = slot_of(limit, short_key, now_ms);
    if (slot->count < max) {
        slot->count++;
        return true;
    }
    int64_t left_ms = slot->started_at_ms + limit->window_ms - now_ms;
    *out_retry_after_s = (left_ms + 999) / 1000;
    return false;
}
