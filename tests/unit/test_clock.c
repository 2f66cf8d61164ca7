#include "unit.h"

#include "base/clock.h"

static void time_stands_still_where_a_test_puts_it(void **state)
{
    (void)state;
    clock_set_ms(1234567890123);
    assert_true(clock_now_ms() == 1234567890123);
    assert_true(clock_now_ms() == 1234567890123);
    clock_set_ms(0);
}

static void otherwise_it_is_the_real_time(void **state)
{
    (void)state;
    int64_t before_s = (int64_t)time(NULL);
    int64_t now_ms = clock_now_ms();
    int64_t after_s = (int64_t)time(NULL);
    assert_true(now_ms / 1000 >= before_s - 1); /* time() may tick a little later */
    assert_true(now_ms / 1000 <= after_s);
}

static void times_are_written_in_utc_with_milliseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t at_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1767323045678, "2026-01-02T03:04:05.678Z"},
        {1709164799999, "2024-02-28T23:59:59.999Z"},
        {1709164800000, "2024-02-29T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[CLOCK_TEXT_SIZE];
        clock_format(cases[i].at_ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_time_is_read_as_it_is_written_and_a_date_as_its_midnight(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_SIZE];
    int64_t at_ms = 0;
    assert_true(clock_parse(STR("2026-11-21T16:05:04.037Z"), &at_ms));
    clock_format(at_ms, text);
    assert_string_equal(text, "2026-11-21T16:05:04.037Z");
    assert_true(clock_parse(STR("2026-11-21T16:05:04Z"), &at_ms));
    assert_int_equal(at_ms % 60000, 4000);
    assert_true(clock_parse(STR("1970-01-02"), &at_ms));
    assert_int_equal(at_ms, 86400000);
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-11",
                                        "2026-13-01",
                                        "2026-02-29",
                                        "9999-01-01",
                                        "2026-11-21T",
                                        "2026-11-21T16:05Z",
                                        "2026-11-21T16:05:04",
                                        "2026-11-21T16:05:04+01:00",
                                        "2026-11-21T16:05:04Z ",
                                        "1969-12-31T23:59:58Z",
                                        "2026-11-21 16:05:04Z",
                                        "2026-11-21T16:05:04.0000000000000000Z"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(clock_parse(str_from(wrong[i]), &at_ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_stands_still_where_a_test_puts_it),
        cmocka_unit_test(otherwise_it_is_the_real_time),
        cmocka_unit_test(times_are_written_in_utc_with_milliseconds),
        cmocka_unit_test(a_time_is_read_as_it_is_written_and_a_date_as_its_midnight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
