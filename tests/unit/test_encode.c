#include "unit.h"

#include "base/encode.h"

/* RFC 4648 10 */
static const char *const words[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};

static void hex_goes_both_ways(void **state)
{
    (void)state;
    static const unsigned char bytes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    char text[HEX_SIZE(sizeof(bytes))];
    unsigned char back[sizeof(bytes)];
    hex_encode(bytes, sizeof(bytes), text);
    assert_string_equal(text, "00017f80ff");
    assert_true(hex_decode(str_from(text), back, sizeof(back)));
    assert_memory_equal(back, bytes, sizeof(bytes));
}

static void hex_has_one_spelling(void **state)
{
    (void)state;
    unsigned char byte;
    assert_false(hex_decode(STR("FF"), &byte, 1));
    assert_false(hex_decode(STR("f"), &byte, 1));
    assert_false(hex_decode(STR("fff"), &byte, 1));
    assert_false(hex_decode(STR("0x"), &byte, 1));
    assert_false(hex_decode(STR("f\0"), &byte, 1));
    assert_false(hex_decode(STR("\xc3\xa4"), &byte, 1));
    assert_true(hex_decode(STR_NONE, &byte, 0));
}

static void base32_is_that_of_the_rfc_in_lower_case(void **state)
{
    (void)state;
    static const char *const texts[] = {"",        "my",       "mzxq",      "mzxw6",
                                        "mzxw6yq", "mzxw6ytb", "mzxw6ytboi"};
    static const size_t chars[] = {0, 1, 3, 4, 6, 8, 9}; /* without left-over bits */
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        char text[16];
        base32_encode(words[i], strlen(words[i]), text, chars[i]);
        assert_int_equal(strlen(text), chars[i]);
        assert_memory_equal(text, texts[i], chars[i]);
    }
}

static void base32_gives_as_many_characters_as_asked(void **state)
{
    (void)state;
    unsigned char ones[32];
    char text[27];
    memset(ones, 0xff, sizeof(ones));
    base32_encode(ones, sizeof(ones), text, 26);
    assert_string_equal(text, "77777777777777777777777777");
}

static void base64url_goes_both_ways_without_padding(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t count = strlen(words[i]);
        char text[BASE64URL_SIZE(6)];
        char back[6];
        base64url_encode(words[i], count, text);
        assert_string_equal(text, texts[i]);
        assert_true(base64url_decode(str_from(text), back, count));
        assert_memory_equal(back, words[i], count);
    }
    char text[BASE64URL_SIZE(3)];
    base64url_encode("\xfb\xef\xff", 3, text);
    assert_string_equal(text, "--__");
}

static void base64url_has_one_spelling(void **state)
{
    (void)state;
    char back[8];
    assert_false(base64url_decode(STR("Zh"), back, 1)); /* left-over bits are not zero */
    assert_false(base64url_decode(STR("Zg=="), back, 1));
    assert_false(base64url_decode(STR("Z"), back, 1));
    assert_false(base64url_decode(STR("Zg"), back, 2));
    assert_false(base64url_decode(STR("Zm9v"), back, 2));
    assert_false(base64url_decode(STR("Zm+v"), back, 3));
    assert_false(base64url_decode(STR("Zm/v"), back, 3));
    assert_false(base64url_decode(STR("Zm v"), back, 3));
    assert_false(base64url_decode(STR("Zm\0v"), back, 3));
}

static void base64_is_read_with_its_padding(void **state)
{
    (void)state;
    static const char *const texts[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                        "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        char back[6];
        size_t count = 99;
        assert_true(base64_decode(str_from(texts[i]), back, sizeof(back), &count));
        assert_int_equal(count, strlen(words[i]));
        assert_memory_equal(back, words[i], count);
        char text[BASE64_SIZE(6)];
        base64_encode(words[i], strlen(words[i]), text);
        assert_string_equal(text, texts[i]);
    }
    char back[3];
    size_t count = 0;
    assert_true(base64_decode(STR("++//"), back, sizeof(back), &count));
    assert_memory_equal(back, "\xfb\xef\xff", 3);
    char text[BASE64_SIZE(3)];
    base64_encode(back, 3, text);
    assert_string_equal(text, "++//");
}

static void base64_has_one_spelling(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Zg",   "Zg=",  "Zg===",    "Zh==", "Zm9=", "Z===",
                                        "====", "=Zg=", "Zg==Zg==", "Zm-v", "Zm_v", "Zm9v\n"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char back[16];
        size_t count = 99;
        assert_false(base64_decode(str_from(wrong[i]), back, sizeof(back), &count));
        assert_int_equal(count, 99);
    }
}

static void base64_stops_at_the_end_of_the_buffer(void **state)
{
    (void)state;
    char back[3];
    size_t count = 0;
    assert_true(base64_decode(STR("Zm9v"), back, 3, &count));
    assert_false(base64_decode(STR("Zm9v"), back, 2, &count));
    assert_false(base64_decode(STR("Zm9vYg=="), back, 3, &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_goes_both_ways),
        cmocka_unit_test(hex_has_one_spelling),
        cmocka_unit_test(base32_is_that_of_the_rfc_in_lower_case),
        cmocka_unit_test(base32_gives_as_many_characters_as_asked),
        cmocka_unit_test(base64url_goes_both_ways_without_padding),
        cmocka_unit_test(base64url_has_one_spelling),
        cmocka_unit_test(base64_is_read_with_its_padding),
        cmocka_unit_test(base64_has_one_spelling),
        cmocka_unit_test(base64_stops_at_the_end_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
