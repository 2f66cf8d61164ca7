#include "unit.h"

#include "crypto/password.h"

static void a_password_matches_what_was_kept_of_it_and_no_other(void **state)
{
    (void)state;
    char kept[PASSWORD_TEXT_SIZE];
    char again[PASSWORD_TEXT_SIZE];
    password_keep(STR("correct horse battery"), kept);
    password_keep(STR("correct horse battery"), again);
    assert_string_not_equal(kept, again); /* a salt each */
    assert_true(password_matches(STR("correct horse battery"), str_from(kept)));
    assert_false(password_matches(STR("correct horse batterz"), str_from(kept)));
    assert_false(password_matches(STR(""), str_from(kept)));
}

static void nothing_matches_what_is_no_kept_password(void **state)
{
    (void)state;
    assert_false(password_matches(STR("x"), STR_NONE));
    assert_false(password_matches(STR("x"), STR("scrypt$31$8$3$AAAA$AAAA")));
    assert_false(password_matches(STR("x"), STR("x")));
}

static void length_is_counted_in_characters(void **state)
{
    (void)state;
    struct fault fault;
    assert_int_equal(password_check(STR("fifteen letters"), "p", &fault), ERR_OK);
    assert_int_equal(password_check(STR("fourteen lettr"), "p", &fault), ERR_INVALID);
    assert_string_equal(fault.code, "password_too_short");
    /* 14 characters of two bytes each */
    assert_int_equal(password_check(STR("ääääääääääääää"), "p", &fault), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_matches_what_was_kept_of_it_and_no_other),
        cmocka_unit_test(nothing_matches_what_is_no_kept_password),
        cmocka_unit_test(length_is_counted_in_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
