#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void texts_without_bytes_are_equal_whatever_they_point_at(void **state)
{
    (void)state;
    assert_true(str_equal(STR_NONE, STR("")));
    assert_true(str_equal(str_from(NULL), STR_NONE));
    assert_true(str_equal_nocase(STR_NONE, STR("")));
    assert_int_equal(str_compare(STR_NONE, STR("")), 0);
    assert_null(str_from(NULL).ptr);
}

static void equality_looks_at_every_byte_and_the_length(void **state)
{
    (void)state;
    assert_true(str_equal(STR("abc"), STR("abc")));
    assert_false(str_equal(STR("abc"), STR("abd")));
    assert_false(str_equal(STR("abc"), STR("ab")));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
}

static void case_is_ignored_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(str_equal_nocase(STR("Host-AZ9"), STR("hOST-az9")));
    assert_false(str_equal_nocase(STR("@"), STR("`"))); /* the neighbours of A and a */
    assert_false(str_equal_nocase(STR("["), STR("{")));
    assert_false(str_equal_nocase(STR("\xc3\x84"), STR("\xc3\xa4")));
    assert_false(str_equal_nocase(STR("ab"), STR("abc")));
}

static void prefixes_and_suffixes_may_be_the_whole_text_but_not_longer(void **state)
{
    (void)state;
    assert_true(str_starts_with(STR("abc"), STR("ab")));
    assert_true(str_starts_with(STR("abc"), STR("abc")));
    assert_true(str_starts_with(STR("abc"), STR("")));
    assert_false(str_starts_with(STR("ab"), STR("abc")));
    assert_false(str_starts_with(STR("abc"), STR("bc")));
    assert_true(str_ends_with(STR("abc"), STR("bc")));
    assert_true(str_ends_with(STR("abc"), STR("abc")));
    assert_true(str_ends_with(STR_NONE, STR("")));
    assert_false(str_ends_with(STR("bc"), STR("abc")));
    assert_false(str_ends_with(STR("abc"), STR("ab")));
}

static void order_is_by_unsigned_bytes_then_by_length(void **state)
{
    (void)state;
    assert_true(str_compare(STR("a"), STR("b")) < 0);
    assert_true(str_compare(STR("b"), STR("a")) > 0);
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("ab"), STR("a")) > 0);
    assert_true(str_compare(STR("z"), STR("\xc3\xa4")) < 0);
    assert_int_equal(str_compare(STR("same"), STR("same")), 0);
}

static void skip_and_trim_stay_inside_of_the_text(void **state)
{
    (void)state;
    assert_str_equal(str_skip(STR("abc"), 1), "bc");
    assert_str_equal(str_skip(STR("abc"), 3), "");
    assert_str_equal(str_trim(STR(" \ta b\t ")), "a b");
    assert_str_equal(str_trim(STR(" \t ")), "");
    assert_str_equal(str_trim(STR("\na\n")), "\na\n");
    assert_str_equal(str_trim(STR_NONE), "");
}

static void a_head_never_ends_inside_of_a_character(void **state)
{
    (void)state;
    assert_str_equal(str_head(STR("abc"), 2), "ab");
    assert_str_equal(str_head(STR("abc"), 3), "abc");
    assert_str_equal(str_head(STR("abc"), 99), "abc");
    assert_str_equal(str_head(STR("a\xe2\x82\xac"), 4), "a\xe2\x82\xac");
    assert_str_equal(str_head(STR("a\xe2\x82\xac"), 3), "a");
    assert_str_equal(str_head(STR("a\xe2\x82\xac"), 2), "a");
    assert_str_equal(str_head(STR("\xe2\x82\xac"), 1), "");
    assert_str_equal(str_head(STR_NONE, 0), "");
}

static void find_gives_the_first_place_or_the_length(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("a=b=c"), '='), 1);
    assert_int_equal(str_find(STR("abc"), '='), 3);
    assert_int_equal(str_find(STR_NONE, '='), 0);
}

static void cut_takes_a_text_apart_at_each_separator(void **state)
{
    (void)state;
    struct str rest = STR("a;;b");
    assert_str_equal(str_cut(&rest, ';'), "a");
    assert_str_equal(str_cut(&rest, ';'), "");
    assert_str_equal(str_cut(&rest, ';'), "b");
    assert_str_equal(rest, "");
    assert_str_equal(str_cut(&rest, ';'), "");
}

static void cut_of_nothing_is_nothing(void **state)
{
    (void)state;
    struct str rest = STR_NONE;
    assert_str_equal(str_cut(&rest, ';'), "");
    assert_int_equal(rest.len, 0);
}

static void numbers_are_read_to_both_ends_of_64_bits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"42", 42},
        {"-42", -42},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 1;
        assert_true(str_to_int64(str_from(cases[i].text), INT64_MIN, INT64_MAX, &value));
        assert_true(value == cases[i].value);
    }
}

static void what_is_not_a_number_within_its_range_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "-",
        "--1",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x10",
        "a",
        "1a",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "999999999999999999999999",
    };
    int64_t value = 7;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(str_to_int64(str_from(wrong[i]), INT64_MIN, INT64_MAX, &value));
    }
    assert_false(str_to_int64(STR("9"), 10, 20, &value));
    assert_false(str_to_int64(STR("21"), 10, 20, &value));
    assert_false(str_to_int64(STR("1\0"), 0, 20, &value));
    assert_int_equal(value, 7);
    assert_true(str_to_int64(STR("10"), 10, 20, &value));
    assert_true(str_to_int64(STR("20"), 10, 20, &value));
}

static void well_formed_utf8_is_clean(void **state)
{
    (void)state;
    static const char *const clean[] = {
        "",
        "plain ~",
        "\xc2\x80",                     /* the first of two bytes */
        "\xdf\xbf\xe0\xa0\x80",         /* the last of two, the first of three */
        "\xed\x9f\xbf\xee\x80\x80",     /* around the surrogates */
        "\xef\xbf\xbf\xf0\x90\x80\x80", /* the last of three, the first of four */
        "\xf4\x8f\xbf\xbf",             /* U+10FFFF */
    };
    for (size_t i = 0; i < COUNT_OF(clean); i++) {
        assert_true(str_is_clean_utf8(str_from(clean[i])));
    }
    assert_true(str_is_clean_utf8(STR_NONE));
}

static void malformed_utf8_and_control_characters_are_not_clean(void **state)
{
    (void)state;
    static const char *const unclean[] = {
        "\x80", /* a continuation on its own */
        "\xbf",
        "\xc0\xaf", /* overlong "/" */
        "\xc1\xbf",
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* a surrogate */
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3", /* cut off */
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3(", /* no continuation */
        "\xe2\x82(",
        "\xf0\x9f\x98(",
        "\n",
        "a\x1f",
        "\x7f",
    };
    for (size_t i = 0; i < COUNT_OF(unclean); i++) {
        assert_false(str_is_clean_utf8(str_from(unclean[i])));
    }
    assert_false(str_is_clean_utf8(STR("a\0b")));
}

static void a_sequence_is_not_completed_from_beyond_the_text(void **state)
{
    (void)state;
    assert_false(str_is_clean_utf8((struct str){"\xe2\x82\xac", 2}));
}

static void a_buffer_gets_only_what_fits_and_has_no_nul(void **state)
{
    (void)state;
    char buffer[4];
    assert_true(str_to_cstr(STR("abc"), buffer, sizeof(buffer)));
    assert_string_equal(buffer, "abc");
    assert_false(str_to_cstr(STR("abcd"), buffer, sizeof(buffer)));
    assert_false(str_to_cstr(STR("a\0b"), buffer, sizeof(buffer)));
    assert_true(str_to_cstr(STR_NONE, buffer, sizeof(buffer)));
    assert_string_equal(buffer, "");
    assert_false(str_to_cstr(STR_NONE, buffer, 0));
}

static void what_is_printed_has_the_length_that_is_in_the_buffer(void **state)
{
    (void)state;
    char buffer[6];
    struct str text = str_print(buffer, sizeof(buffer), "%d-%s", 12, "ab");
    assert_ptr_equal(text.ptr, buffer);
    assert_int_equal(text.len, 5);
    assert_string_equal(buffer, "12-ab");
    assert_int_equal(str_print(buffer, sizeof(buffer), "%s", "").len, 0);
}

static void what_does_not_fit_is_not_printed_in_part(void **state)
{
    (void)state;
    char buffer[6] = "old";
    struct str text;
    assert_false(str_print_fits(buffer, sizeof(buffer), &text, "%s", "abcdef"));
    assert_string_equal(buffer, "");
    assert_int_equal(text.len, 0);
    assert_true(str_print_fits(buffer, sizeof(buffer), &text, "%s", "abcde"));
    assert_string_equal(buffer, "abcde");
    assert_int_equal(text.len, 5);
    assert_false(str_print_fits(buffer, 0, &text, "%s", ""));
    assert_string_equal(buffer, "abcde");
}

static void a_print_that_must_fit_ends_the_process_if_it_does_not(void **state)
{
    (void)state;
    char buffer[4];
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        assert_non_null(freopen("/dev/null", "w", stderr));
        str_print(buffer, sizeof(buffer), "%s", "abcd");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_without_bytes_are_equal_whatever_they_point_at),
        cmocka_unit_test(equality_looks_at_every_byte_and_the_length),
        cmocka_unit_test(case_is_ignored_for_ascii_letters_only),
        cmocka_unit_test(prefixes_and_suffixes_may_be_the_whole_text_but_not_longer),
        cmocka_unit_test(order_is_by_unsigned_bytes_then_by_length),
        cmocka_unit_test(skip_and_trim_stay_inside_of_the_text),
        cmocka_unit_test(a_head_never_ends_inside_of_a_character),
        cmocka_unit_test(find_gives_the_first_place_or_the_length),
        cmocka_unit_test(cut_takes_a_text_apart_at_each_separator),
        cmocka_unit_test(cut_of_nothing_is_nothing),
        cmocka_unit_test(numbers_are_read_to_both_ends_of_64_bits),
        cmocka_unit_test(what_is_not_a_number_within_its_range_is_refused),
        cmocka_unit_test(well_formed_utf8_is_clean),
        cmocka_unit_test(malformed_utf8_and_control_characters_are_not_clean),
        cmocka_unit_test(a_sequence_is_not_completed_from_beyond_the_text),
        cmocka_unit_test(a_buffer_gets_only_what_fits_and_has_no_nul),
        cmocka_unit_test(what_is_printed_has_the_length_that_is_in_the_buffer),
        cmocka_unit_test(what_does_not_fit_is_not_printed_in_part),
        cmocka_unit_test(a_print_that_must_fit_ends_the_process_if_it_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
