#include "unit.h"

#include "live/admission.h"

enum { SETS = 2, NOW_MS = 1000000, ME = 100, OTHER = 101, DEAD = 102 };

static struct ratelimit_slot slots[SETS * RATELIMIT_WAYS];
static struct admission_hold holds[SETS * ADMISSION_WAYS];
static struct admission_tables tables;
static struct settings settings;
static int asked;

static bool is_alive(int32_t process)
{
    asked++;
    return process != DEAD;
}

static int start(void **state)
{
    (void)state;
    memset(slots, 0, sizeof(slots));
    memset(holds, 0, sizeof(holds));
    tables = (struct admission_tables){
        .pace = {slots, COUNT_OF(slots), ADMISSION_SECOND_MS},
        .holds = holds,
        .hold_count = COUNT_OF(holds),
    };
    settings_init(&settings);
    asked = 0;
    return 0;
}

#define admission_test(name) cmocka_unit_test_setup(name, start)

/* Even numbers share one set, odd ones the other. */
static struct uuid id_of(unsigned char number)
{
    struct uuid id = {{0}};
    id.bytes[15] = number;
    id.bytes[8] = 0x80;
    return id;
}

static enum admission_limit enter(unsigned char session, unsigned char link, int32_t process,
                                  int64_t now_ms, struct admission *out_admission)
{
    struct admission ignored;
    struct admission_request request = {
        .settings = &settings,
        .session_id = id_of(session),
        .link_id = id_of(link),
        .stays = true,
        .now_ms = now_ms,
        .process = process,
        .is_alive = is_alive,
    };
    return admission_enter(&tables, &request, out_admission == NULL ? &ignored : out_admission);
}

static void nothing_is_limited_unless_set(void **state)
{
    (void)state;
    assert_false(admission_is_limited(&settings));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    }
    assert_int_equal(holds[0].count + slots[0].count, 0);
    settings.link_connections = 1;
    assert_true(admission_is_limited(&settings));
}

static void a_session_and_a_link_have_a_pace_each(void **state)
{
    (void)state;
    settings.session_requests_per_second = 2;
    settings.link_requests_per_second = 3;
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, OTHER, NOW_MS + 1, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, ME, NOW_MS + 2, NULL), ADMISSION_SESSION_RATE);
    assert_int_equal(enter(3, 2, ME, NOW_MS + 3, NULL), ADMISSION_NONE);
    assert_int_equal(enter(3, 2, ME, NOW_MS + 4, NULL), ADMISSION_LINK_RATE);
    assert_int_equal(enter(5, 4, ME, NOW_MS + 5, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, ME, NOW_MS + 1005, NULL), ADMISSION_NONE);
}

static void what_is_open_counts_over_all_processes_until_it_ends(void **state)
{
    (void)state;
    struct admission first;
    struct admission second;
    settings.session_connections = 2;
    assert_int_equal(enter(1, 2, ME, NOW_MS, &first), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, OTHER, NOW_MS, &second), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_SESSION_CONNECTIONS);
    assert_int_equal(enter(3, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    admission_leave(&tables, &second, OTHER);
    admission_leave(&tables, &second, OTHER); /* once only */
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_SESSION_CONNECTIONS);
    admission_leave(&tables, &first, ME);
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
}

static void what_a_link_refuses_its_session_does_not_hold(void **state)
{
    (void)state;
    struct admission only;
    settings.session_connections = 5;
    settings.link_connections = 1;
    assert_int_equal(enter(1, 2, ME, NOW_MS, &only), ADMISSION_NONE);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(enter(3, 2, ME, NOW_MS, NULL), ADMISSION_LINK_CONNECTIONS);
    }
    admission_leave(&tables, &only, ME);
    settings.link_connections = 100;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(enter(3, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    }
    assert_int_equal(enter(3, 2, ME, NOW_MS, NULL), ADMISSION_SESSION_CONNECTIONS);
}

static void what_a_dead_process_held_is_free(void **state)
{
    (void)state;
    settings.session_connections = 2;
    assert_int_equal(enter(1, 2, DEAD, NOW_MS, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, DEAD, NOW_MS, NULL), ADMISSION_NONE);
    assert_int_equal(asked, 0);
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_NONE);
    assert_int_equal(enter(1, 2, ME, NOW_MS, NULL), ADMISSION_SESSION_CONNECTIONS);
}

static void what_finds_no_place_is_let_in_without_counting(void **state)
{
    (void)state;
    struct admission uncounted;
    settings.session_connections = 1;
    for (unsigned char i = 0; i < ADMISSION_WAYS; i++) {
        assert_int_equal(enter((unsigned char)(2 * i), 1, OTHER, NOW_MS, NULL), ADMISSION_NONE);
    }
    assert_int_equal(enter(200, 1, ME, NOW_MS, &uncounted), ADMISSION_NONE);
    assert_false(uncounted.holds_session);
    assert_int_equal(enter(0, 1, ME, NOW_MS, NULL), ADMISSION_SESSION_CONNECTIONS);
    admission_leave(&tables, &uncounted, ME);
    assert_int_equal(enter(0, 1, ME, NOW_MS, NULL), ADMISSION_SESSION_CONNECTIONS);
}

static void a_question_of_a_proxy_is_no_connection(void **state)
{
    (void)state;
    settings.session_connections = 1;
    settings.session_requests_per_second = 3;
    struct admission none = {.holds_session = true};
    struct admission_request request = {
        .settings = &settings, .now_ms = NOW_MS, .process = ME, .is_alive = is_alive};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(admission_enter(&tables, &request, &none), ADMISSION_NONE);
        assert_false(none.holds_session);
    }
    assert_int_equal(admission_enter(&tables, &request, &none), ADMISSION_SESSION_RATE);
}

static void a_refusal_says_which_limit_and_when_to_come_back(void **state)
{
    (void)state;
    struct fault fault;
    settings.link_connections = 7;
    assert_int_equal(admission_say(ADMISSION_NONE, &settings, &fault), ERR_OK);
    assert_int_equal(admission_say(ADMISSION_LINK_CONNECTIONS, &settings, &fault), ERR_LIMITED);
    assert_string_equal(fault.code, "session_limit");
    assert_int_equal(fault.limit, 7);
    assert_true(fault.retry_after_s > 0);
    assert_string_equal(fault.message,
                        "All sessions of one link together may send 7 requests at a time.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        admission_test(nothing_is_limited_unless_set),
        admission_test(a_session_and_a_link_have_a_pace_each),
        admission_test(what_is_open_counts_over_all_processes_until_it_ends),
        admission_test(what_a_link_refuses_its_session_does_not_hold),
        admission_test(what_a_dead_process_held_is_free),
        admission_test(what_finds_no_place_is_let_in_without_counting),
        admission_test(a_question_of_a_proxy_is_no_connection),
        admission_test(a_refusal_says_which_limit_and_when_to_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
