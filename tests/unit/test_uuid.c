#include "unit.h"

#include "base/uuid.h"

static const unsigned char ones[10] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static void a_new_uuid_has_its_time_version_and_variant(void **state)
{
    (void)state;
    char text[UUID_TEXT_SIZE];
    struct uuid uuid = uuid_make(0x0123456789ab, ones);
    uuid_format(&uuid, text);
    assert_string_equal(text, "01234567-89ab-7fff-bfff-ffffffffffff");
}

static void later_uuids_sort_after_earlier_ones(void **state)
{
    (void)state;
    static const unsigned char zeros[10] = {0};
    struct uuid earlier = uuid_make(1767323045678, ones);
    struct uuid later = uuid_make(1767323045679, zeros);
    assert_true(memcmp(earlier.bytes, later.bytes, UUID_BYTES) < 0);
}

static void text_goes_both_ways_in_any_case(void **state)
{
    (void)state;
    const char *lower = "0190b5a2-7c3d-7e4f-8a1b-2c3d4e5f6a7b";
    char text[UUID_TEXT_SIZE];
    struct uuid a;
    struct uuid b;
    assert_true(uuid_parse(str_from(lower), &a));
    assert_true(uuid_parse(STR("0190B5A2-7C3D-7E4F-8A1B-2C3D4E5F6A7B"), &b));
    assert_true(uuid_equal(&a, &b));
    uuid_format(&b, text);
    assert_string_equal(text, lower);
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "0190b5a27c3d7e4f8a1b2c3d4e5f6a7b",
        "{0190b5a2-7c3d-7e4f-8a1b-2c3d4e5f6a}",
        "0190b5a2-7c3d-7e4f-8a1b-2c3d4e5f6a7",
        "0190b5a2-7c3d-7e4f-8a1b-2c3d4e5f6a7b0",
        "0190b5a2-7c3d-7e4f-8a1b-2c3d4e5f6a7g",
        "0190b5a27-c3d-7e4f-8a1b-2c3d4e5f6a7b",
        "0190b5a2-7c3d-7e4f-8a1b-2c3d4e5f6a-b",
        "0190b5a2_7c3d_7e4f_8a1b_2c3d4e5f6a7b",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct uuid uuid;
        assert_false(uuid_parse(str_from(wrong[i]), &uuid));
    }
}

static void none_is_all_zeros(void **state)
{
    (void)state;
    struct uuid none = UUID_NONE;
    struct uuid some = uuid_make(1, ones);
    assert_true(uuid_is_none(&none));
    assert_false(uuid_is_none(&some));
    assert_false(uuid_equal(&none, &some));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_uuid_has_its_time_version_and_variant),
        cmocka_unit_test(later_uuids_sort_after_earlier_ones),
        cmocka_unit_test(text_goes_both_ways_in_any_case),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(none_is_all_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
