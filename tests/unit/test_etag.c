#include "unit.h"

#include "http/etag.h"

static void a_tag_matches_itself_alone_and_a_star_everything(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum etag_match match;
    } cases[] = {
        {"\"a\"", ETAG_MATCHES},
        {" \"a\" ", ETAG_MATCHES},
        {"\"b\", \"a\"", ETAG_MATCHES},
        {"\"a\",\"b\"", ETAG_MATCHES},
        {"W/\"b\" , \"a\"", ETAG_MATCHES},
        {"\",\", \"a\"", ETAG_MATCHES},
        {"*", ETAG_MATCHES},
        {" * ", ETAG_MATCHES},
        {"\"b\"", ETAG_DIFFERS},
        {"\"A\"", ETAG_DIFFERS},
        {"\"\"", ETAG_DIFFERS},
        {"W/\"a\"", ETAG_DIFFERS},
        {"\"\xe9\"", ETAG_DIFFERS},
        {"", ETAG_MALFORMED},
        {"a", ETAG_MALFORMED},
        {"\"a", ETAG_MALFORMED},
        {"a\"", ETAG_MALFORMED},
        {"\"", ETAG_MALFORMED},
        {"W/", ETAG_MALFORMED},
        {"w/\"a\"", ETAG_MALFORMED},
        {"\"a\",", ETAG_MALFORMED},
        {",\"a\"", ETAG_MALFORMED},
        {"\"a\" \"b\"", ETAG_MALFORMED},
        {"\"a\", *", ETAG_MALFORMED},
        {"*, \"a\"", ETAG_MALFORMED},
        {"\"a b\"", ETAG_MALFORMED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (etag_if_match(str_from(cases[i].header), STR("\"a\"")) != cases[i].match) {
            fail_msg("%s", cases[i].header);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_matches_itself_alone_and_a_star_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
