#include "unit.h"

#include "crypto/secret.h"

static const enum secret_kind kinds[] = {SECRET_API_TOKEN, SECRET_PAT, SECRET_LINK, SECRET_COOKIE};

static void each_kind_has_its_form(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"inlay_", "pat_", "", ""};
    static const size_t lengths[] = {6 + 43, 4 + 64, 43, 22};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct secret secret = secret_make(kinds[i]);
        struct str text = secret_str(&secret);
        assert_int_equal(text.len, lengths[i]);
        assert_int_equal(strlen(secret.text), lengths[i]);
        assert_true(str_starts_with(text, str_from(prefixes[i])));
        assert_true(secret_has_form(kinds[i], text));
        secret_done(&secret);
    }
}

static void no_two_secrets_are_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct secret a = secret_make(kinds[i]);
        struct secret b = secret_make(kinds[i]);
        assert_false(str_equal(secret_str(&a), secret_str(&b)));
        secret_done(&a);
        secret_done(&b);
    }
}

static void one_kind_is_not_taken_for_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct secret secret = secret_make(kinds[i]);
        for (size_t j = 0; j < COUNT_OF(kinds); j++) {
            assert_int_equal(secret_has_form(kinds[j], secret_str(&secret)), i == j);
        }
        secret_done(&secret);
    }
}

static void damaged_texts_have_no_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct secret secret = secret_make(kinds[i]);
        struct str text = secret_str(&secret);
        assert_false(secret_has_form(kinds[i], STR_NONE));
        assert_false(secret_has_form(kinds[i], (struct str){text.ptr, text.len - 1}));
        assert_false(secret_has_form(kinds[i], (struct str){text.ptr, text.len + 1}));
        secret.text[text.len - 1] = '!';
        assert_false(secret_has_form(kinds[i], text));
        secret_done(&secret);
    }
}

static void a_secret_is_wiped_when_done(void **state)
{
    (void)state;
    static const struct secret wiped;
    struct secret secret = secret_make(SECRET_PAT);
    secret_done(&secret);
    assert_memory_equal(&secret, &wiped, sizeof(wiped));
}

static void the_store_keeps_the_sha256_of_the_text(void **state)
{
    (void)state;
    struct digest kept = secret_digest(STR("pat_abc"));
    struct digest expected = digest_of(STR("pat_abc"));
    assert_true(digest_equal(&kept, &expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_form),
        cmocka_unit_test(no_two_secrets_are_alike),
        cmocka_unit_test(one_kind_is_not_taken_for_another),
        cmocka_unit_test(damaged_texts_have_no_form),
        cmocka_unit_test(a_secret_is_wiped_when_done),
        cmocka_unit_test(the_store_keeps_the_sha256_of_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
