#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/nearest.h"

static const char *nearest_of(const char *typed)
{
    static const char *const words[] = {"serve", "session", "user", "token", "public_url"};
    struct nearest nearest = nearest_start(str_from(typed));
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        nearest_offer(&nearest, words[i]);
    }
    return nearest.word;
}

static void a_slip_finds_the_word(void **state)
{
    (void)state;
    assert_string_equal(nearest_of("sevre"), "serve");
    assert_string_equal(nearest_of("sesion"), "session");
    assert_string_equal(nearest_of("users"), "user");
    assert_string_equal(nearest_of("Tokne"), "token");
    assert_string_equal(nearest_of("public-url"), "public_url");
}

static void another_word_finds_nothing(void **state)
{
    (void)state;
    assert_null(nearest_of("deploy"));
    assert_null(nearest_of(""));
    assert_null(nearest_of("a-word-that-is-much-too-long-to-have-been-one-of-the-words"));
}

static void a_word_finds_itself(void **state)
{
    (void)state;
    assert_string_equal(nearest_of("session"), "session");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_finds_the_word),
        cmocka_unit_test(another_word_finds_nothing),
        cmocka_unit_test(a_word_finds_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
