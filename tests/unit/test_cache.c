#include "unit.h"

#include "live/cache.h"

/* A cache of one set: all keys compete for the same places. */
enum { KEY_WORDS = 2, EPOCH = 7, NOW_MS = 1000 };

struct value {
    uint64_t number;
};

static struct cache *cache;
static struct cache_counts counts;
static uint64_t dropped[CACHE_WAYS]; /* the first ones */
static size_t dropped_count;

static void note_drop(void *value)
{
    if (dropped_count < COUNT_OF(dropped)) {
        dropped[dropped_count] = ((struct value *)value)->number;
    }
    dropped_count++;
}

static struct cache *cache_of(size_t entries)
{
    return cache_new(&(struct cache_options){
        .entries = entries,
        .key_bytes = KEY_WORDS * sizeof(uint64_t),
        .value_bytes = sizeof(struct value),
        .drop = note_drop,
        .counts = &counts,
    });
}

static int start(void **state)
{
    (void)state;
    counts = (struct cache_counts){0};
    dropped_count = 0;
    cache = cache_of(CACHE_WAYS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cache_free(cache);
    return 0;
}

#define cache_test(name) cmocka_unit_test_setup_teardown(name, start, end)

static void put_until(uint64_t number, int64_t until_ms)
{
    uint64_t key[KEY_WORDS] = {0, number};
    struct value *value = cache_put(cache, key, EPOCH, until_ms);
    assert_int_equal(value->number, 0);
    value->number = number;
}

static void put(uint64_t number)
{
    put_until(number, CACHE_FOREVER);
}

static bool has_at(uint64_t number, int64_t epoch, int64_t now_ms)
{
    uint64_t key[KEY_WORDS] = {0, number};
    const struct value *value = cache_find(cache, key, epoch, now_ms);
    assert_true(value == NULL || value->number == number);
    return value != NULL;
}

static bool has(uint64_t number)
{
    return has_at(number, EPOCH, NOW_MS);
}

static void an_unknown_key_is_not_found(void **state)
{
    (void)state;
    assert_false(has(0));
    assert_false(has(1));
    put(1);
    assert_true(has(1));
    assert_false(has(2));
}

static void eight_keys_share_a_set_and_none_gives_way(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= CACHE_WAYS; number++) {
        put(number);
    }
    for (int round = 0; round < 10; round++) {
        for (uint64_t number = 1; number <= CACHE_WAYS; number++) {
            assert_true(has(number));
        }
    }
    assert_int_equal(dropped_count, 0);
}

static void a_ninth_key_takes_the_place_of_one_that_was_not_used_lately(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= CACHE_WAYS; number++) {
        put(number);
    }
    put(9); /* all were new: the hand went round once, and the first goes */
    assert_int_equal(dropped_count, 1);
    assert_int_equal(dropped[0], 1);
    for (uint64_t number = 2; number <= 5; number++) {
        assert_true(has(number));
    }
    put(10);
    put(11);
    put(12);
    assert_int_equal(dropped_count, 4);
    assert_int_equal(dropped[1], 6);
    assert_int_equal(dropped[2], 7);
    assert_int_equal(dropped[3], 8);
    for (uint64_t number = 2; number <= 5; number++) {
        assert_true(has(number));
    }
}

static void a_key_that_is_put_again_drops_its_value_and_no_other(void **state)
{
    (void)state;
    put(1);
    put(2);
    put(1);
    assert_int_equal(dropped_count, 1);
    assert_int_equal(dropped[0], 1);
    assert_true(has(1));
    assert_true(has(2));
}

static void a_value_of_another_epoch_is_not_found_and_gives_its_place(void **state)
{
    (void)state;
    put(1);
    assert_false(has_at(1, EPOCH + 1, NOW_MS));
    assert_false(has_at(1, EPOCH - 1, NOW_MS));
    assert_true(has_at(1, EPOCH, NOW_MS));
    put(1);
    assert_int_equal(dropped_count, 1);
}

static void a_value_is_found_until_its_moment(void **state)
{
    (void)state;
    put_until(1, NOW_MS + 1);
    assert_true(has_at(1, EPOCH, NOW_MS));
    assert_false(has_at(1, EPOCH, NOW_MS + 1));
    assert_false(has_at(1, EPOCH, NOW_MS + 2));
}

static void hits_and_misses_are_counted(void **state)
{
    (void)state;
    assert_false(has(1));
    put_until(1, NOW_MS + 1);
    assert_true(has(1));
    assert_true(has(1));
    assert_false(has_at(1, EPOCH + 1, NOW_MS));
    assert_false(has_at(1, EPOCH, NOW_MS + 1));
    assert_int_equal(counts.hits, 2);
    assert_int_equal(counts.misses, 3);
}

static void a_sweep_drops_what_was_not_used_since_the_last_one(void **state)
{
    (void)state;
    put(1);
    put(2);
    cache_sweep(cache);
    assert_int_equal(dropped_count, 0);
    assert_true(has(2));
    cache_sweep(cache);
    assert_int_equal(dropped_count, 1);
    assert_int_equal(dropped[0], 1);
    assert_false(has(1));
    assert_true(has(2));
}

static void what_is_left_is_dropped_in_the_end(void **state)
{
    (void)state;
    put(1);
    put(2);
    cache_free(cache);
    cache = NULL;
    assert_int_equal(dropped_count, 2);
}

static void ten_thousand_keys_spread_over_the_sets(void **state)
{
    (void)state;
    enum { ENTRIES = 32768, KEYS = 10000 };
    cache_free(cache);
    cache = cache_of(ENTRIES);
    for (uint64_t number = 1; number <= KEYS; number++) {
        put(number);
    }
    assert_true(dropped_count < KEYS / 1000);
    size_t found = 0;
    for (uint64_t number = 1; number <= KEYS; number++) {
        found += has(number);
    }
    assert_int_equal(found, KEYS - dropped_count);
}

static void entries_are_rounded_up_to_whole_sets(void **state)
{
    (void)state;
    cache_free(cache);
    cache = cache_of(1);
    for (uint64_t number = 1; number <= CACHE_WAYS; number++) {
        put(number);
    }
    assert_int_equal(dropped_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cache_test(an_unknown_key_is_not_found),
        cache_test(eight_keys_share_a_set_and_none_gives_way),
        cache_test(a_ninth_key_takes_the_place_of_one_that_was_not_used_lately),
        cache_test(a_key_that_is_put_again_drops_its_value_and_no_other),
        cache_test(a_value_of_another_epoch_is_not_found_and_gives_its_place),
        cache_test(a_value_is_found_until_its_moment),
        cache_test(hits_and_misses_are_counted),
        cache_test(a_sweep_drops_what_was_not_used_since_the_last_one),
        cache_test(what_is_left_is_dropped_in_the_end),
        cache_test(ten_thousand_keys_spread_over_the_sets),
        cache_test(entries_are_rounded_up_to_whole_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
