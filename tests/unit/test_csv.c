#include "unit.h"

#include "http/csv.h"

static void a_cell_is_quoted_and_no_formula(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *cell;
    } cases[] = {
        {"", ""},
        {"plain", "\"plain\""},
        {"a,b", "\"a,b\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"\"", "\"\"\"\""},
        {"=SUM(A1)", "\"'=SUM(A1)\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@x", "\"'@x\""},
        {"\tx", "\"'\tx\""},
        {"1=1", "\"1=1\""},
        {" =1", "\"' =1\""},
        {"\xc2\xa0=1", "\"'\xc2\xa0=1\""}, /* no-break space */
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""}, /* full-width = */
        {"\xef\xbc\x8b"
         "1",
         "\"'\xef\xbc\x8b"
         "1\""},                                                           /* full-width + */
        {"\xe2\x80\x8b\xef\xbb\xbf@x", "\"'\xe2\x80\x8b\xef\xbb\xbf@x\""}, /* invisible */
        {"\xe2\x88\x92"
         "1",
         "\"'\xe2\x88\x92"
         "1\""}, /* U+2212 */
        {"\xc3\xa9=1", "\"\xc3\xa9=1\""},
        {" ", "\" \""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf out = buf_make(64);
        csv_add_cell(&out, str_from(cases[i].text));
        assert_str_equal(buf_str(&out), cases[i].cell);
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_quoted_and_no_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
