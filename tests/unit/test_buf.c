#include "unit.h"

#include "base/buf.h"

static void pieces_add_up_and_end_in_a_nul(void **state)
{
    (void)state;
    struct buf buf = buf_make(100);
    buf_add(&buf, STR("hello"));
    buf_add_char(&buf, ' ');
    buf_printf(&buf, "%d%%", 42);
    buf_add(&buf, STR_NONE);
    assert_true(buf_is_ok(&buf));
    assert_str_equal(buf_str(&buf), "hello 42%");
    assert_string_equal(buf.ptr, "hello 42%");
    buf_done(&buf);
}

static void a_new_buffer_is_empty(void **state)
{
    (void)state;
    struct buf buf = buf_make(0);
    assert_true(buf_is_ok(&buf));
    assert_int_equal(buf_str(&buf).len, 0);
    buf_done(&buf);
}

static void exactly_the_maximum_fits(void **state)
{
    (void)state;
    struct buf buf = buf_make(5);
    buf_add(&buf, STR("12345"));
    assert_true(buf_is_ok(&buf));
    buf_add_char(&buf, '6');
    assert_false(buf_is_ok(&buf));
    assert_str_equal(buf_str(&buf), "12345");
    buf_done(&buf);
}

static void an_overflow_sticks(void **state)
{
    (void)state;
    struct buf buf = buf_make(5);
    buf_printf(&buf, "%s", "123456");
    assert_false(buf_is_ok(&buf));
    buf_add(&buf, STR("1"));
    buf_printf(&buf, "%d", 1);
    assert_false(buf_is_ok(&buf));
    assert_int_equal(buf_str(&buf).len, 0);
    buf_done(&buf);
    assert_true(buf_is_ok(&buf));
}

static void it_grows_byte_by_byte_to_a_large_size(void **state)
{
    (void)state;
    enum { LARGE = 100 * 1000 };
    struct buf buf = buf_make(LARGE);
    for (size_t i = 0; i < LARGE; i++) {
        buf_add_char(&buf, (char)('a' + i % 26));
    }
    assert_true(buf_is_ok(&buf));
    assert_int_equal(buf_str(&buf).len, LARGE);
    assert_int_equal(buf.ptr[LARGE - 1], 'a' + (LARGE - 1) % 26);
    buf_done(&buf);
}

static void html_is_escaped_for_text_and_attributes(void **state)
{
    (void)state;
    struct buf buf = buf_make(200);
    buf_add_html(&buf, STR("<a href=\"x\" title='y'>R&D \xc3\xa4</a>"));
    assert_str_equal(buf_str(&buf), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D "
                                    "\xc3\xa4&lt;/a&gt;");
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_add_up_and_end_in_a_nul),
        cmocka_unit_test(a_new_buffer_is_empty),
        cmocka_unit_test(exactly_the_maximum_fits),
        cmocka_unit_test(an_overflow_sticks),
        cmocka_unit_test(it_grows_byte_by_byte_to_a_large_size),
        cmocka_unit_test(html_is_escaped_for_text_and_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
