#include "unit.h"

#include "http/percent.h"

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void bytes_are_decoded_once(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum percent_form form;
        const char *decoded;
    } cases[] = {
        {"", PERCENT_PATH, ""},
        {"plain", PERCENT_PATH, "plain"},
        {"a%2Fb%2fc", PERCENT_PATH, "a/b/c"},
        {"a+b", PERCENT_PATH, "a+b"},
        {"a+b%2Bc", PERCENT_FORM, "a b+c"},
        {"%2525", PERCENT_PATH, "%25"},
        {"%C3%A9", PERCENT_PATH, "\xc3\xa9"},
        {"%ff", PERCENT_FORM, "\xff"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str decoded = STR_NONE;
        assert_true(percent_decode(&arena, str_from(cases[i].text), cases[i].form, &decoded));
        assert_str_equal(decoded, cases[i].decoded);
    }
}

static void what_is_cut_off_or_a_nul_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"%",   "%2",  "a%",    "%zz", "%2g",
                                        "% 2", "%00", "a%00b", "%%41"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct str decoded = STR_NONE;
        assert_false(percent_decode(&arena, str_from(wrong[i]), PERCENT_PATH, &decoded));
        assert_null(decoded.ptr);
    }
    struct str decoded = STR_NONE;
    assert_false(percent_decode(&arena, STR("a\0b"), PERCENT_PATH, &decoded));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_decoded_once),
        cmocka_unit_test(what_is_cut_off_or_a_nul_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
