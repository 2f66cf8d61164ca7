#include "unit.h"

#include "crypto/totp.h"

static const unsigned char secret[TOTP_SECRET_BYTES + 1] = "12345678901234567890";

/* RFC 6238, appendix B, the last six of its eight digits. */
static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        int64_t second;
        const char *code;
    } cases[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char code[TOTP_DIGITS + 1];
        totp_code(secret, cases[i].second / 30, code);
        assert_string_equal(code, cases[i].code);
    }
}

static void a_code_counts_for_one_step_around_and_once(void **state)
{
    (void)state;
    int64_t step = 0;
    struct str code = STR("287082"); /* step 1 */
    assert_true(totp_matches(secret, code, 59 * 1000, 0, &step));
    assert_int_equal(step, 1);
    assert_true(totp_matches(secret, code, 89 * 1000, 0, &step));
    assert_false(totp_matches(secret, code, 90 * 1000, 0, &step));
    assert_false(totp_matches(secret, code, 59 * 1000, 1, &step));
    assert_false(totp_matches(secret, STR("28708"), 59 * 1000, 0, &step));
}

static void secrets_are_shown_in_base32(void **state)
{
    (void)state;
    char text[TOTP_SECRET_TEXT_SIZE];
    totp_secret_format(secret, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_code_counts_for_one_step_around_and_once),
        cmocka_unit_test(secrets_are_shown_in_base32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
