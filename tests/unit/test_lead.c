#include "unit.h"

#include "http/lead.h"

static const char origin[] = "https://label.apps.example.net:3000";

static bool leads(const char *location, const char *target)
{
    char mark[LEAD_MARK_SIZE];
    return lead_is_to(lead_on(str_from(location), str_from(origin), mark), str_from(target));
}

static void a_link_leads_to_one_address(void **state)
{
    (void)state;
    assert_true(leads("/", "/"));
    assert_true(leads("/orders/5?tab=items#top", "/orders/5?tab=items"));
    assert_true(leads("https://label.apps.example.net:3000/a?b", "/a?b"));
    assert_false(leads("/", "/danger?do=1"));
    assert_false(leads("/", "/?do=1"));
    assert_false(leads("/a", "/a/"));
    assert_false(leads("/a", ""));
}

static void escapes_are_the_browsers_affair(void **state)
{
    (void)state;
    assert_true(leads("/a?name='x'", "/a?name=%27x%27"));
    assert_true(leads("/caf%c3%a9", "/caf%C3%A9"));
    assert_true(leads("/100%", "/100%25"));
    assert_false(leads("/%61", "/b"));
}

static void what_leads_elsewhere_may_come_back_anywhere(void **state)
{
    (void)state;
    static const char *const elsewhere[] = {
        "https://sign-in.example/?back=1",    "//sign-in.example/", "tree?", "../tree", "",
        "https://label.apps.example.net:3000"};
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++) {
        assert_true(leads(elsewhere[i], "/callback?code=1"));
    }
    assert_false(lead_is_to(STR(""), STR("/")));
    assert_false(lead_is_to(STR("2"), STR("/")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_leads_to_one_address),
        cmocka_unit_test(escapes_are_the_browsers_affair),
        cmocka_unit_test(what_leads_elsewhere_may_come_back_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
