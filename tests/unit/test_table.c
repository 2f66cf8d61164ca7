#include "unit.h"

#include "live/table.h"

#define LABEL "aaaaaaaaaaaaaaaaaaaaaaaaaa"

enum { SIZE = 8, NOW_MS = 1000, LATER_MS = 2000 };

static void *memory;
static struct table *table;

static void make_table(uint32_t size)
{
    free(memory);
    memory = malloc(table_bytes(size));
    assert_non_null(memory);
    memset(memory, 0xa5, table_bytes(size)); /* shared memory is not always zeroed */
    table = table_init(memory, size);
    table_raise_epoch(table, 1);
}

static int start(void **state)
{
    (void)state;
    make_table(SIZE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(memory);
    memory = NULL;
    return 0;
}

#define table_test(name) cmocka_unit_test_setup_teardown(name, start, end)

/* The session of this number; numbers that are equal modulo SIZE share both chains. */
static struct table_session session_of(uint64_t number)
{
    struct table_session session = {.expires_at_ms = LATER_MS, .epoch = table->epoch};
    memcpy(session.cookie, &number, sizeof(number));
    memcpy(session.id.bytes + 8, &number, sizeof(number));
    memcpy(session.app_id.bytes, &number, sizeof(number));
    memcpy(session.label, LABEL, sizeof(session.label));
    return session;
}

static void put(uint64_t number)
{
    struct table_session session = session_of(number);
    table_put(table, &session, table_moment(table));
}

static void drop(uint64_t number)
{
    struct table_session session = session_of(number);
    table_drop(table, &session.id);
}

static bool has_at(uint64_t number, const char *label, int64_t now_ms)
{
    struct table_session session = session_of(number);
    struct table_session found;
    bool is_there = table_find(table, session.cookie, str_from(label), now_ms, &found);
    if (is_there) {
        assert_true(uuid_equal(&found.id, &session.id));
        assert_true(uuid_equal(&found.app_id, &session.app_id));
    }
    return is_there;
}

static bool has(uint64_t number)
{
    return has_at(number, LABEL, NOW_MS);
}

static void assert_holds_exactly(uint64_t first, uint64_t last, uint64_t upto)
{
    for (uint64_t number = 1; number <= upto; number++) {
        if (has(number) != (number >= first && number <= last)) {
            fail_msg("session %d", (int)number);
        }
    }
}

/* ---- finding ---- */

static void a_new_table_is_empty(void **state)
{
    (void)state;
    assert_int_equal(table->count, 0);
    assert_false(has(0));
    assert_false(has(1));
}

static void what_was_put_in_is_found_as_it_was(void **state)
{
    (void)state;
    struct table_session session = session_of(7);
    struct table_session found;
    memset(session.content.bytes, 0x42, DIGEST_BYTES);
    table_put(table, &session, table_moment(table));
    assert_true(table_find(table, session.cookie, STR(LABEL), NOW_MS, &found));
    assert_memory_equal(found.content.bytes, session.content.bytes, DIGEST_BYTES);
    assert_memory_equal(found.label, session.label, sizeof(found.label));
    assert_int_equal(found.expires_at_ms, LATER_MS);
    assert_int_equal(table->count, 1);
}

static void a_session_is_found_on_its_own_origin_only(void **state)
{
    (void)state;
    put(1);
    assert_false(has_at(1, "aaaaaaaaaaaaaaaaaaaaaaaaab", NOW_MS));
    assert_false(has_at(1, "aaaaaaaaaaaaaaaaaaaaaaaaa", NOW_MS));
    assert_false(has_at(1, LABEL "a", NOW_MS));
    assert_false(has_at(1, "", NOW_MS));
    assert_false(has_at(1, NULL, NOW_MS));
    assert_true(has(1));
}

static void a_session_is_found_until_its_very_millisecond(void **state)
{
    (void)state;
    put(1);
    assert_true(has_at(1, LABEL, LATER_MS - 1));
    assert_false(has_at(1, LABEL, LATER_MS));
}

static void the_whole_cookie_counts(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    struct table_session found;
    table_put(table, &session, table_moment(table));
    for (size_t i = 0; i < TABLE_COOKIE_BYTES; i++) {
        unsigned char cookie[TABLE_COOKIE_BYTES];
        memcpy(cookie, session.cookie, sizeof(cookie));
        cookie[i] ^= 1;
        assert_false(table_find(table, cookie, STR(LABEL), NOW_MS, &found));
    }
}

static void a_session_that_is_put_in_again_is_there_once_and_new(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    struct table_session found;
    put(1);
    memset(session.content.bytes, 0x42, DIGEST_BYTES);
    table_put(table, &session, table_moment(table));
    assert_int_equal(table->count, 1);
    assert_true(table_find(table, session.cookie, STR(LABEL), NOW_MS, &found));
    assert_int_equal(found.content.bytes[0], 0x42);
    drop(1);
    assert_false(has(1));
    assert_int_equal(table->count, 0);
}

/* ---- chains ---- */

static void sessions_whose_cookies_collide_are_told_apart(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < SIZE; i++) {
        put(3 + i * SIZE);
    }
    assert_int_equal(table->count, SIZE);
    for (uint64_t i = 0; i < SIZE; i++) {
        assert_true(has(3 + i * SIZE));
    }
    assert_false(has(3 + SIZE * SIZE));
}

/* Drops the sessions of one chain in every order of three: first, middle and last of it. */
static void any_session_of_a_chain_can_go(void **state)
{
    (void)state;
    static const uint64_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t o = 0; o < COUNT_OF(orders); o++) {
        bool there[3] = {true, true, true};
        for (uint64_t i = 0; i < 3; i++) {
            put(5 + i * SIZE);
        }
        for (size_t step = 0; step < 3; step++) {
            drop(5 + orders[o][step] * SIZE);
            there[orders[o][step]] = false;
            for (uint64_t i = 0; i < 3; i++) {
                assert_int_equal(has(5 + i * SIZE), there[i]);
            }
        }
        assert_int_equal(table->count, 0);
    }
}

static void places_are_used_again_for_ever(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 1000; round++) {
        put(round);
        assert_true(has(round));
        drop(round);
        assert_false(has(round));
    }
    assert_int_equal(table->count, 0);
}

/* ---- giving way ---- */

static void a_full_table_takes_in_a_newcomer_and_lets_one_go(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 3 * SIZE; number++) {
        put(number);
        assert_true(has(number));
        assert_int_equal(table->count, number < SIZE ? number : SIZE);
    }
}

static void sessions_in_use_outlast_those_that_are_not(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= SIZE; number++) {
        put(number);
    }
    put(100); /* the hand went round: everybody is unused now but 100 */
    for (uint64_t number = 2; number <= SIZE; number += 2) {
        has(number);
    }
    size_t kept = 0;
    for (uint64_t number = 101; number <= 103; number++) {
        put(number);
    }
    for (uint64_t number = 2; number <= SIZE; number += 2) {
        kept += has(number) ? 1 : 0;
    }
    assert_int_equal(kept, SIZE / 2);
}

static void even_a_table_of_one_place_works(void **state)
{
    (void)state;
    make_table(1);
    put(1);
    assert_true(has(1));
    put(2);
    assert_true(has(2));
    assert_false(has(1));
    drop(2);
    assert_false(has(2));
    put(3);
    assert_true(has(3));
    assert_int_equal(table->count, 1);
}

/* ---- endings ---- */

static void a_dropped_session_is_gone_at_once(void **state)
{
    (void)state;
    put(1);
    put(2);
    drop(1);
    assert_false(has(1));
    assert_true(has(2));
}

static void a_lookup_that_began_before_the_end_is_not_taken_in(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    drop(1);
    table_put(table, &session, moment);
    assert_false(has(1));
    assert_int_equal(table->count, 0);
}

static void a_lookup_that_began_after_the_end_is_believed(void **state)
{
    (void)state;
    drop(1);
    put(1);
    assert_true(has(1));
}

static void endings_of_others_do_not_matter_to_a_lookup(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    for (uint64_t other = 2; other < 2 + TABLE_DROPPED; other++) {
        drop(other);
    }
    table_put(table, &session, moment);
    assert_true(has(1));
}

static void every_ending_that_is_remembered_keeps_its_lookup_out(void **state)
{
    (void)state;
    uint64_t moment = table_moment(table);
    for (uint64_t number = 1; number <= TABLE_DROPPED; number++) {
        drop(number);
    }
    for (uint64_t number = 1; number <= TABLE_DROPPED; number++) {
        struct table_session session = session_of(number);
        table_put(table, &session, moment);
        assert_false(has(number));
    }
}

static void after_more_endings_than_are_remembered_no_older_lookup_is_taken_in(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    for (uint64_t other = 2; other < 3 + TABLE_DROPPED; other++) {
        drop(other);
    }
    table_put(table, &session, moment);
    assert_false(has(1));
    put(1);
    assert_true(has(1));
}

/* ---- the epoch ---- */

static void a_new_epoch_has_every_session_decided_again(void **state)
{
    (void)state;
    put(1);
    put(2);
    table_raise_epoch(table, 2);
    assert_holds_exactly(0, 0, 2);
    put(1);
    assert_true(has(1));
    assert_false(has(2));
    assert_int_equal(table->count, 2); /* the old one gives way to its own next lookup */
    put(2);
    assert_int_equal(table->count, 2);
}

static void a_lookup_of_an_older_epoch_is_not_believed(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    table_raise_epoch(table, 2);
    table_put(table, &session, moment);
    assert_false(has(1));
}

static void the_epoch_never_goes_back(void **state)
{
    (void)state;
    table_raise_epoch(table, 5);
    table_raise_epoch(table, 4);
    table_raise_epoch(table, 5);
    assert_int_equal(table->epoch, 5);
    put(1);
    table_raise_epoch(table, 1);
    assert_true(has(1));
}

/* ---- clearing and mending ---- */

static void a_cleared_table_is_empty_and_usable(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= SIZE; number++) {
        put(number);
    }
    table_clear(table);
    assert_int_equal(table->count, 0);
    assert_holds_exactly(0, 0, SIZE);
    for (uint64_t number = 1; number <= SIZE; number++) {
        put(number);
    }
    assert_holds_exactly(1, SIZE, SIZE);
    assert_int_equal(table->epoch, 1);
}

static void a_lookup_that_began_before_the_table_was_cleared_is_not_taken_in(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    table_clear(table);
    table_put(table, &session, moment);
    assert_false(has(1));
    put(1);
    assert_true(has(1));
}

/* What a worker that died in the middle of a change leaves: broken chains, and the mark. */
static void die_in_the_middle(void)
{
    uint32_t *words = (uint32_t *)(void *)(table + 1);
    size_t count = (table_bytes(SIZE) - sizeof(*table)) / sizeof(*words);
    for (size_t i = 0; i < count; i++) {
        words[i] = 0xdeadbeef;
    }
    table->free = 0xdeadbeef;
    table->count = 0xdeadbeef;
    table->hand = 0xdeadbeef;
    table->dirty = true;
}

static void a_find_after_a_death_finds_nothing_and_mends(void **state)
{
    (void)state;
    put(1);
    die_in_the_middle();
    assert_false(has(1));
    assert_false(table->dirty);
    assert_int_equal(table->count, 0);
    put(1);
    assert_true(has(1));
}

static void a_drop_after_a_death_mends_and_is_remembered(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    die_in_the_middle();
    drop(1);
    assert_false(table->dirty);
    table_put(table, &session, moment);
    assert_false(has(1));
}

static void a_clear_after_a_death_mends(void **state)
{
    (void)state;
    die_in_the_middle();
    table_clear(table);
    assert_int_equal(table->count, 0);
    for (uint64_t number = 1; number <= SIZE; number++) {
        put(number);
    }
    assert_holds_exactly(1, SIZE, SIZE);
}

/* The worker died while it dropped a session: nobody knows which. */
static void a_lookup_that_began_before_a_death_is_not_taken_in(void **state)
{
    (void)state;
    struct table_session session = session_of(1);
    uint64_t moment = table_moment(table);
    die_in_the_middle();
    table_put(table, &session, moment);
    assert_false(table->dirty);
    assert_false(has(1));
    put(1);
    assert_true(has(1));
}

static void a_moment_after_a_death_is_a_new_one(void **state)
{
    (void)state;
    uint64_t before = table_moment(table);
    die_in_the_middle();
    uint64_t after = table_moment(table);
    assert_false(table->dirty);
    struct table_session session = session_of(1);
    table_put(table, &session, before);
    assert_false(has(1));
    table_put(table, &session, after);
    assert_true(has(1));
}

/* ---- sizes ---- */

static void as_many_sessions_fit_as_the_memory_holds(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, sizeof(struct table), 4096, 100000, 64 * 1024 * 1024};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        uint32_t size = table_size_for(sizes[i]);
        if (size > 0) {
            assert_true(table_bytes(size) <= sizes[i]);
            assert_true(table_bytes(size + 1) > sizes[i]);
        } else {
            assert_true(table_bytes(1) > sizes[i]);
        }
    }
}

/* Against a plain list, with few places and few numbers, so that all cases come up. */
static void a_long_random_life_does_not_confuse_it(void **state)
{
    (void)state;
    enum { NUMBERS = 40, STEPS = 20000 };
    bool live[NUMBERS] = {false}; /* was put in and not dropped since */
    uint64_t random = 88172645463325252u;
    for (int step = 0; step < STEPS; step++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t number = random % NUMBERS;
        switch (random >> 40 & 3) {
        case 0:
        case 1:
            put(number);
            live[number] = true;
            assert_true(has(number));
            break;
        case 2:
            drop(number);
            live[number] = false;
            break;
        default:
            break;
        }
        uint32_t found = 0;
        for (uint64_t i = 0; i < NUMBERS; i++) {
            bool is_there = has(i);
            assert_true(!is_there || live[i]);
            found += is_there ? 1 : 0;
        }
        assert_int_equal(found, table->count);
    }
}

static void a_use_is_news_once_a_minute(void **state)
{
    (void)state;
    struct table_session found;
    struct str label = STR(LABEL);
    struct table_session session = session_of(1);
    session.expires_at_ms = INT64_MAX;
    session.used_at_ms = NOW_MS;
    table_put(table, &session, table_moment(table));
    assert_false(table_use(table, &session.id, NOW_MS + 59999));
    assert_true(table_find(table, session.cookie, label, NOW_MS, &found));
    assert_int_equal(found.used_at_ms, NOW_MS + 59999);
    assert_true(table_use(table, &session.id, NOW_MS + 60000));
    assert_false(table_use(table, &session.id, NOW_MS + 60001));
    struct table_session other = session_of(2);
    assert_false(table_use(table, &other.id, NOW_MS + 60000));
}

static void a_use_is_not_forgotten_when_a_session_is_put_again(void **state)
{
    (void)state;
    struct table_session found;
    struct table_session session = session_of(1);
    session.used_at_ms = NOW_MS;
    table_put(table, &session, table_moment(table));
    assert_true(table_use(table, &session.id, NOW_MS + 60000));
    table_put(table, &session, table_moment(table)); /* as the store has it, which is behind */
    assert_true(table_find(table, session.cookie, STR(LABEL), NOW_MS, &found));
    assert_int_equal(found.used_at_ms, NOW_MS + 60000);
    assert_false(table_use(table, &session.id, NOW_MS + 60001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        table_test(a_use_is_news_once_a_minute),
        table_test(a_use_is_not_forgotten_when_a_session_is_put_again),
        table_test(a_new_table_is_empty),
        table_test(what_was_put_in_is_found_as_it_was),
        table_test(a_session_is_found_on_its_own_origin_only),
        table_test(a_session_is_found_until_its_very_millisecond),
        table_test(the_whole_cookie_counts),
        table_test(a_session_that_is_put_in_again_is_there_once_and_new),
        table_test(sessions_whose_cookies_collide_are_told_apart),
        table_test(any_session_of_a_chain_can_go),
        table_test(places_are_used_again_for_ever),
        table_test(a_full_table_takes_in_a_newcomer_and_lets_one_go),
        table_test(sessions_in_use_outlast_those_that_are_not),
        table_test(even_a_table_of_one_place_works),
        table_test(a_dropped_session_is_gone_at_once),
        table_test(a_lookup_that_began_before_the_end_is_not_taken_in),
        table_test(a_lookup_that_began_after_the_end_is_believed),
        table_test(endings_of_others_do_not_matter_to_a_lookup),
        table_test(every_ending_that_is_remembered_keeps_its_lookup_out),
        table_test(after_more_endings_than_are_remembered_no_older_lookup_is_taken_in),
        table_test(a_new_epoch_has_every_session_decided_again),
        table_test(a_lookup_of_an_older_epoch_is_not_believed),
        table_test(the_epoch_never_goes_back),
        table_test(a_cleared_table_is_empty_and_usable),
        table_test(a_lookup_that_began_before_the_table_was_cleared_is_not_taken_in),
        table_test(a_find_after_a_death_finds_nothing_and_mends),
        table_test(a_drop_after_a_death_mends_and_is_remembered),
        table_test(a_clear_after_a_death_mends),
        table_test(a_lookup_that_began_before_a_death_is_not_taken_in),
        table_test(a_moment_after_a_death_is_a_new_one),
        table_test(as_many_sessions_fit_as_the_memory_holds),
        table_test(a_long_random_life_does_not_confuse_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
