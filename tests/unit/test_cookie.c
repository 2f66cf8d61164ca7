#include "unit.h"

#include "http/cookie.h"

static bool find(const char *header, struct str *out_value)
{
    return cookie_find(str_from(header), STR("__Host-inlay"), out_value);
}

static void assert_found(const char *header, const char *value)
{
    struct str found = STR_NONE;
    assert_true(find(header, &found));
    assert_str_equal(found, value);
}

static void assert_absent(const char *header)
{
    struct str found = STR("untouched");
    assert_false(find(header, &found));
    assert_str_equal(found, "untouched");
}

static void a_cookie_is_found_wherever_it_stands(void **state)
{
    (void)state;
    assert_found("__Host-inlay=abc", "abc");
    assert_found("__Host-inlay=abc; a=1", "abc");
    assert_found("a=1; __Host-inlay=abc", "abc");
    assert_found("a=1; __Host-inlay=abc; b=2", "abc");
    assert_found("a=1;__Host-inlay=abc;b=2", "abc");
    assert_found("__Host-inlay=abc;", "abc");
}

static void a_value_may_hold_every_cookie_octet(void **state)
{
    (void)state;
    assert_found("__Host-inlay=a=b==", "a=b==");
    assert_found("__Host-inlay=!#$%&'()*+-./09:<=>?@AZ[]^_`az{|}~",
                 "!#$%&'()*+-./09:<=>?@AZ[]^_`az{|}~");
}

static void the_name_is_compared_byte_by_byte(void **state)
{
    (void)state;
    assert_absent("");
    assert_absent("__host-inlay=abc");
    assert_absent("x__Host-inlay=abc");
    assert_absent("__Host-inlay2=abc");
    assert_absent("__Host-inla=abc");
    assert_absent("__Host-inlay =abc");
    assert_absent("a=1;  __Host-inlay=abc");
    assert_absent("a=1;\t__Host-inlay=abc");
    assert_absent("a=1, __Host-inlay=abc");
}

static void a_name_without_an_equals_sign_is_no_cookie_of_ours(void **state)
{
    (void)state;
    assert_absent("__Host-inlay");
    assert_found("__Host-inlay; __Host-inlay=abc", "abc");
    assert_absent("=__Host-inlay=abc"); /* the nameless cookie of RFC 6265bis */
}

static void odd_cookies_of_the_app_do_not_matter(void **state)
{
    (void)state;
    assert_found("a; =; ;; b=\"q\\\" x\"; \xc3\xa4=\xff; __Host-inlay=abc; c=,", "abc");
}

static void a_value_with_other_bytes_counts_as_absent(void **state)
{
    (void)state;
    assert_absent("__Host-inlay=");
    assert_absent("__Host-inlay=; a=1");
    assert_absent("__Host-inlay=a b");
    assert_absent("__Host-inlay=abc ");
    assert_absent("__Host-inlay=abc ; a=1");
    assert_absent("__Host-inlay= abc");
    assert_absent("__Host-inlay=\"abc\"");
    assert_absent("__Host-inlay=a,b");
    assert_absent("__Host-inlay=a\\b");
    assert_absent("__Host-inlay=a\x7f");
    assert_absent("__Host-inlay=\xc3\xa4");
    assert_absent("__Host-inlay=a\tb");
    struct str value;
    assert_false(cookie_find(STR("__Host-inlay=a\0b"), STR("__Host-inlay"), &value));
}

static void two_values_of_one_name_count_as_absent(void **state)
{
    (void)state;
    assert_absent("__Host-inlay=abc; __Host-inlay=def");
    assert_absent("__Host-inlay=abc; a=1; __Host-inlay=abcd");
    assert_absent("__Host-inlay=abc; __Host-inlay=");
    assert_absent("__Host-inlay=; __Host-inlay=abc");
}

static void the_same_pair_twice_is_harmless(void **state)
{
    (void)state;
    assert_found("__Host-inlay=abc; a=1; __Host-inlay=abc", "abc");
}

static void cookies_are_weighed_by_their_names_and_values(void **state)
{
    (void)state;
    assert_int_equal(cookie_bytes(STR("")), 0);
    assert_int_equal(cookie_bytes(STR("a=1")), 3);
    assert_int_equal(cookie_bytes(STR("a=1; bc=23;d")), 9);
    assert_int_equal(cookie_bytes_change(STR(""), STR("a=12345; Path=/; Secure")), 7);
    assert_int_equal(cookie_bytes_change(STR("a=1; b=2"), STR("a=12345")), 4);
    assert_int_equal(cookie_bytes_change(STR("a=12345; b=2"), STR("a=1")), -4);
    assert_int_equal(cookie_bytes_change(STR("a=12345; b=2"), STR("a=; Max-Age=0")), -7);
    assert_int_equal(cookie_bytes_change(STR("aa=1"), STR("a=1")), 3);
    assert_int_equal(cookie_bytes_change(STR(""), STR("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cookies_are_weighed_by_their_names_and_values),
        cmocka_unit_test(a_cookie_is_found_wherever_it_stands),
        cmocka_unit_test(a_value_may_hold_every_cookie_octet),
        cmocka_unit_test(the_name_is_compared_byte_by_byte),
        cmocka_unit_test(a_name_without_an_equals_sign_is_no_cookie_of_ours),
        cmocka_unit_test(odd_cookies_of_the_app_do_not_matter),
        cmocka_unit_test(a_value_with_other_bytes_counts_as_absent),
        cmocka_unit_test(two_values_of_one_name_count_as_absent),
        cmocka_unit_test(the_same_pair_twice_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
