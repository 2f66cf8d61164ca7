#include "unit.h"

#include "crypto/seal.h"

static void what_was_sealed_opens_with_its_key_alone(void **state)
{
    (void)state;
    struct arena arena = ARENA_NONE;
    struct digest key = digest_of(STR("one"));
    struct digest other = digest_of(STR("other"));
    static const char *const texts[] = {"", "x", "{\"token\":\"inlay_secret\"}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct str opened = STR_NONE;
        struct str sealed = seal_close(&arena, &key, str_from(texts[i]));
        assert_true(seal_open(&arena, &key, sealed, &opened));
        assert_str_equal(opened, texts[i]);
        assert_false(seal_open(&arena, &other, sealed, &opened));
    }
    arena_done(&arena);
}

static void a_changed_or_cut_seal_does_not_open(void **state)
{
    (void)state;
    struct arena arena = ARENA_NONE;
    struct digest key = digest_of(STR("one"));
    struct str sealed = seal_close(&arena, &key, STR("a secret"));
    struct str opened = STR_NONE;
    char *bytes = arena_alloc(&arena, sealed.len);
    memcpy(bytes, sealed.ptr, sealed.len);
    for (size_t i = 0; i < sealed.len; i++) {
        bytes[i] ^= 1;
        assert_false(seal_open(&arena, &key, (struct str){bytes, sealed.len}, &opened));
        bytes[i] ^= 1;
        assert_false(seal_open(&arena, &key, (struct str){bytes, i}, &opened));
    }
    assert_true(seal_open(&arena, &key, (struct str){bytes, sealed.len}, &opened));
    arena_done(&arena);
}

static void two_seals_of_one_text_differ(void **state)
{
    (void)state;
    struct arena arena = ARENA_NONE;
    struct digest key = digest_of(STR("one"));
    struct str one = seal_close(&arena, &key, STR("a secret"));
    struct str other = seal_close(&arena, &key, STR("a secret"));
    assert_false(str_equal(one, other));
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens_with_its_key_alone),
        cmocka_unit_test(a_changed_or_cut_seal_does_not_open),
        cmocka_unit_test(two_seals_of_one_text_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
