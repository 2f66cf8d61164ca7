#include "unit.h"

#include "http/target.h"

static void targets_with_a_way_up_are_not_plain(void **state)
{
    (void)state;
    static const char *const up[] = {"/..",
                                     "/a/../b",
                                     "/a/.",
                                     "/./a",
                                     "/%2e%2E/a",
                                     "/a/.%2e",
                                     "/..%2fa",
                                     "/a%2f..",
                                     "/a/..\\b",
                                     "/a%5c..%5cb",
                                     "/a/..;/b",
                                     "/a/..;x=1/b",
                                     "/a/..%3b/b",
                                     "/%252e%252e",
                                     "/%25252e.%252fa",
                                     "/a#/../b",
                                     "/a#",
                                     "/a/%2e%2e?x",
                                     "/%25%32%65%25%32%65/admin",
                                     "/%2%35%32e./x",
                                     "/%25%32%35%32%65%2e",
                                     "/a%25%32%66..",
                                     "/a%255c..",
                                     "/..%25%33%62x",
                                     "/%2525252525252525252525252541"};
    static const char *const plain[] = {
        "/",  "/a/b?c=/../d", "/...",           "/a/..b/b..", "/a;b/c;d=..",   "/%2",
        "/%", "/a%2Fb%252Fc", "/.well-known/x", "/a/%25",     "/%25%32",       "?a",
        "",   "/a/%e2%80%a5", "/a/%zz..",       "//a",        "/%252525252541"};
    for (size_t i = 0; i < COUNT_OF(up); i++) {
        if (target_is_plain(str_from(up[i]))) {
            fail_msg("%s is plain", up[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        if (!target_is_plain(str_from(plain[i]))) {
            fail_msg("%s isn't plain", plain[i]);
        }
    }
}

static void a_base_is_known_as_a_whole(void **state)
{
    (void)state;
    assert_true(target_has_base(STR("/grafana"), STR("/grafana")));
    assert_true(target_has_base(STR("/grafana/public/x.js"), STR("/grafana")));
    assert_true(target_has_base(STR("/grafana?a"), STR("/grafana")));
    assert_true(target_has_base(STR("/x"), STR("")));
    assert_false(target_has_base(STR("/grafana2/x"), STR("/grafana")));
    assert_false(target_has_base(STR("/public"), STR("/grafana")));
    assert_false(target_has_base(STR(""), STR("/grafana")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_with_a_way_up_are_not_plain),
        cmocka_unit_test(a_base_is_known_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
