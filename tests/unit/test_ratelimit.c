#include "unit.h"

#include "live/ratelimit.h"
#include "base/clock.h"

enum { SETS = 2, PER_MINUTE = 3, START_MS = 1000000, SECOND_MS = 1000 };

static struct ratelimit_slot slots[SETS * RATELIMIT_WAYS];
static struct ratelimit limit;
static int64_t retry_after_s;

static int start(void **state)
{
    (void)state;
    memset(slots, 0, sizeof(slots));
    limit = (struct ratelimit){slots, COUNT_OF(slots), MINUTE_MS};
    return 0;
}

#define limit_test(name) cmocka_unit_test_setup(name, start)

/* Keys that are equal modulo SETS compete for the same places. */
static bool allow(uint64_t number, int64_t now_ms)
{
    struct digest key = {{0}};
    memcpy(key.bytes, &number, sizeof(number));
    retry_after_s = -1;
    return ratelimit_allow(&limit, &key, now_ms, PER_MINUTE, &retry_after_s);
}

static void use_up(uint64_t number, int64_t now_ms)
{
    for (int i = 0; i < PER_MINUTE; i++) {
        assert_true(allow(number, now_ms));
    }
    assert_false(allow(number, now_ms));
}

static void as_many_as_allowed_pass_and_no_more(void **state)
{
    (void)state;
    for (int i = 0; i < PER_MINUTE; i++) {
        assert_true(allow(1, START_MS + i));
        assert_int_equal(retry_after_s, -1);
    }
    for (int i = 0; i < 10; i++) {
        assert_false(allow(1, START_MS + PER_MINUTE + i));
    }
}

static void the_minute_begins_with_the_first_use(void **state)
{
    (void)state;
    use_up(1, START_MS);
    assert_false(allow(1, START_MS + MINUTE_MS - 1));
    assert_true(allow(1, START_MS + MINUTE_MS));
    assert_true(allow(1, START_MS + MINUTE_MS));
    assert_true(allow(1, START_MS + MINUTE_MS));
    assert_false(allow(1, START_MS + MINUTE_MS));
}

static void the_refused_are_told_when_to_come_back(void **state)
{
    (void)state;
    static const struct {
        int64_t after_ms;
        int64_t seconds;
    } cases[] = {{0, 60}, {1, 60}, {999, 60}, {1000, 59}, {59000, 1}, {59999, 1}};
    use_up(1, START_MS);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(allow(1, START_MS + cases[i].after_ms));
        assert_int_equal(retry_after_s, cases[i].seconds);
    }
    assert_true(allow(1, START_MS + cases[0].seconds * SECOND_MS));
}

static void asking_again_and_again_does_not_make_the_wait_longer(void **state)
{
    (void)state;
    use_up(1, START_MS);
    for (int64_t ms = 0; ms < MINUTE_MS; ms += 100) {
        assert_false(allow(1, START_MS + ms));
    }
    assert_true(allow(1, START_MS + MINUTE_MS));
}

static void each_key_has_a_minute_of_its_own(void **state)
{
    (void)state;
    use_up(1, START_MS);
    use_up(2, START_MS);
    use_up(1 + SETS, START_MS + 30 * SECOND_MS);
    assert_true(allow(1, START_MS + MINUTE_MS));
    assert_false(allow(1 + SETS, START_MS + MINUTE_MS));
}

static void as_many_keys_as_there_are_places_keep_their_counts(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < RATELIMIT_WAYS; i++) {
        use_up(1 + i * SETS, START_MS + (int64_t)i);
    }
    for (uint64_t i = 0; i < RATELIMIT_WAYS; i++) {
        assert_false(allow(1 + i * SETS, START_MS + RATELIMIT_WAYS));
    }
}

static void the_key_that_began_first_gives_way_to_a_newcomer(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < RATELIMIT_WAYS; i++) {
        use_up(1 + i * SETS, START_MS + (int64_t)i);
    }
    use_up(1 + RATELIMIT_WAYS * SETS, START_MS + RATELIMIT_WAYS);
    for (uint64_t i = 1; i < RATELIMIT_WAYS; i++) {
        assert_false(allow(1 + i * SETS, START_MS + RATELIMIT_WAYS));
    }
    assert_true(allow(1, START_MS + RATELIMIT_WAYS));
}

static void keys_whose_minute_is_over_give_way_before_others(void **state)
{
    (void)state;
    const int64_t later_ms = START_MS + MINUTE_MS;
    for (uint64_t i = 0; i + 1 < RATELIMIT_WAYS; i++) {
        use_up(1 + i * SETS, START_MS);
    }
    use_up(1 + RATELIMIT_WAYS * SETS, later_ms - 1);
    for (uint64_t i = 0; i + 1 < RATELIMIT_WAYS; i++) {
        use_up(1 + (100 + i) * SETS, later_ms);
    }
    assert_false(allow(1 + RATELIMIT_WAYS * SETS, later_ms));
}

static void a_clock_that_goes_back_locks_nobody_out(void **state)
{
    (void)state;
    use_up(1, START_MS);
    assert_true(allow(1, START_MS - 1));
    assert_true(allow(1, START_MS - MINUTE_MS));
}

/* Counters of a future that did not come are worth nothing, so they give way first. */
static void a_clock_that_goes_back_does_not_set_anybody_free(void **state)
{
    (void)state;
    const int64_t back_ms = START_MS - 10 * MINUTE_MS;
    for (uint64_t i = 0; i < RATELIMIT_WAYS; i++) {
        use_up(1 + i * SETS, START_MS);
    }
    use_up(1, back_ms);
    use_up(1 + SETS, back_ms);
    use_up(1 + 100 * SETS, back_ms);
    assert_false(allow(1, back_ms));
    assert_false(allow(1 + SETS, back_ms));
    assert_false(allow(1 + 100 * SETS, back_ms));
}

static void a_limit_of_one_is_one(void **state)
{
    (void)state;
    struct digest key = {{7}};
    assert_true(ratelimit_allow(&limit, &key, START_MS, 1, &retry_after_s));
    assert_false(ratelimit_allow(&limit, &key, START_MS, 1, &retry_after_s));
}

static void a_flood_of_keys_stays_in_its_memory(void **state)
{
    (void)state;
    struct {
        struct ratelimit_slot slots[SETS * RATELIMIT_WAYS];
        struct ratelimit_slot after;
    } place = {.after = {.key = 42}};
    limit.slots = place.slots;
    for (uint64_t number = 0; number < 10000; number++) {
        assert_true(allow(number * 2654435761u, START_MS));
    }
    assert_int_equal(place.after.key, 42);
    assert_int_equal(place.after.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        limit_test(as_many_as_allowed_pass_and_no_more),
        limit_test(the_minute_begins_with_the_first_use),
        limit_test(the_refused_are_told_when_to_come_back),
        limit_test(asking_again_and_again_does_not_make_the_wait_longer),
        limit_test(each_key_has_a_minute_of_its_own),
        limit_test(as_many_keys_as_there_are_places_keep_their_counts),
        limit_test(the_key_that_began_first_gives_way_to_a_newcomer),
        limit_test(keys_whose_minute_is_over_give_way_before_others),
        limit_test(a_clock_that_goes_back_locks_nobody_out),
        limit_test(a_clock_that_goes_back_does_not_set_anybody_free),
        limit_test(a_limit_of_one_is_one),
        limit_test(a_flood_of_keys_stays_in_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
