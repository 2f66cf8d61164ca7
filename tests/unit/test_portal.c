#include "unit.h"

#include "base/portal.h"
#include "base/suffix.h"

static struct origin origin_of(const char *text)
{
    struct origin origin;
    struct fault fault;
    assert_int_equal(origin_parse(str_from(text), &origin, &fault), ERR_OK);
    return origin;
}

static void assert_portal(const char *text, const char *expected)
{
    struct origin app_url = origin_of("https://*.apps.example.net");
    struct fault fault;
    char portal[ORIGIN_TEXT_SIZE];
    assert_int_equal(portal_parse(str_from(text), &app_url, portal, &fault), ERR_OK);
    assert_string_equal(portal, expected);
}

static void assert_refused(const char *app_url_text, const char *text, const char *words)
{
    struct origin app_url = origin_of(app_url_text);
    struct fault fault = {.message = ""};
    char portal[ORIGIN_TEXT_SIZE];
    assert_int_equal(portal_parse(str_from(text), &app_url, portal, &fault), ERR_INVALID);
    assert_string_equal(fault.code, "origin_invalid");
    assert_non_null(strstr(fault.message, words));
}

#define APPS "https://*.apps.example.net"

static void portals_are_https_or_on_this_machine(void **state)
{
    (void)state;
    assert_portal("https://Portal.example.com:443/", "https://portal.example.com");
    assert_portal("https://*.example.com", "https://*.example.com");
    assert_portal("https://*.customers.github.io", "https://*.customers.github.io");
    assert_portal("https://*.intranet", "https://*.intranet");
    assert_portal("http://localhost:5173", "http://localhost:5173");
    assert_portal("http://*.localhost:5173", "http://*.localhost:5173");
    assert_portal("http://127.0.0.1:80", "http://127.0.0.1");
    assert_refused(APPS, "http://portal.example.com", "use https://");
    assert_refused(APPS, "http://192.0.2.1", "use https://");
    assert_refused(APPS, "http://*.example.com", "use https://");
    static const char *const bad[] = {"*", "", "https://a.example/path", "'none'", "https://a b"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_refused(APPS, bad[i], "origin");
    }
}

static void portals_that_csp_cannot_name_are_refused(void **state)
{
    (void)state;
    assert_refused(APPS, "http://[::1]:5173", "IPv6");
    assert_refused(APPS, "https://[2001:db8::1]", "IPv6");
}

static void patterns_of_names_that_anybody_can_have_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"https://*.com", "https://*.co.uk", "https://*.github.io",
                                      "https://*.kawasaki.jp", "https://*.xn--p1ai"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_refused(APPS, bad[i], "anybody can have a name");
    }
}

static void patterns_that_cover_every_app_are_refused(void **state)
{
    (void)state;
    assert_refused(APPS, "https://*.apps.example.net", "every app could frame");
    assert_refused(APPS, "https://*.example.net", "every app could frame");
    assert_refused("http://*.localhost:3000", "http://*.localhost:3000", "every app could frame");
    assert_refused("https://*.localhost", "http://*.localhost", "every app could frame");
    assert_portal("https://*.x.apps.example.net", "https://*.x.apps.example.net");
    assert_portal("https://*.example.net:8443", "https://*.example.net:8443");
    assert_portal("https://*.le.net", "https://*.le.net");
}

static void portals_of_mobile_and_desktop_apps_have_a_scheme_and_a_host(void **state)
{
    (void)state;
    assert_portal("capacitor://localhost", "capacitor://localhost");
    assert_portal("Ionic://LocalHost/", "ionic://localhost");
    assert_portal("tauri://localhost", "tauri://localhost");
    assert_portal("app://my-desktop.app", "app://my-desktop.app");
    assert_portal("com.example.portal+x://main", "com.example.portal+x://main");
    assert_refused(APPS, "capacitor://localhost:80", "no port");
    assert_refused(APPS, "capacitor://*.example.com", "names its host");
    assert_refused(APPS, "capacitor://", "host");
    assert_refused(APPS, "capacitor://a/b", "nothing may follow");
    assert_refused(APPS, "capacitor:", "origin");
    assert_refused(APPS, "file://localhost", "no origin");
    assert_refused(APPS, "ftp://localhost", "no origin");
    assert_refused(APPS, "wss://portal.example.com", "no origin");
    assert_refused(APPS, "1app://localhost", "origin");
    assert_refused(APPS, "a b://localhost", "origin");
}

static void a_page_is_compared_with_portals_as_browsers_do(void **state)
{
    (void)state;
    static const struct {
        const char *portals;
        const char *origin;
        bool is_listed;
    } cases[] = {
        {"https://a.example.com", "https://a.example.com", true},
        {"https://a.example.com", "https://A.example.com:443/", true},
        {"https://b.example.com https://a.example.com", "https://a.example.com", true},
        {"https://a.example.com", "https://a.example.com:8443", false},
        {"https://a.example.com", "http://a.example.com", false},
        {"https://a.example.com", "https://b.a.example.com", false},
        {"https://*.example.com", "https://a.example.com", true},
        {"https://*.example.com", "https://b.a.example.com", true},
        {"https://*.example.com", "https://example.com", false},
        {"https://*.example.com", "https://.example.com", false},
        {"https://*.example.com", "https://evilexample.com", false},
        {"https://*.example.com", "https://a.example.com.evil.net", false},
        {"https://*.example.com", "https://*.example.com", false},
        {"https://*.example.com:8443", "https://a.example.com", false},
        {"http://localhost:5173", "https://localhost:5173", true},
        {"http://localhost", "https://localhost", true},
        {"http://localhost:5173", "http://localhost:5174", false},
        {"capacitor://localhost", "capacitor://localhost", true},
        {"capacitor://localhost", "ionic://localhost", false},
        {"capacitor://localhost", "https://localhost", false},
        {"", "https://a.example.com", false},
        {"https://a.example.com", "", false},
        {"https://a.example.com", "null", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_listed = portal_is_listed(str_from(cases[i].portals), str_from(cases[i].origin));
        if (is_listed != cases[i].is_listed) {
            fail_msg("%s in \"%s\"", cases[i].origin, cases[i].portals);
        }
    }
}

static void cookies_are_shared_within_a_registrable_domain(void **state)
{
    (void)state;
    assert_true(suffix_share_domain("inlay.example.com", "apps.example.com"));
    assert_true(suffix_share_domain("example.co.uk", "apps.example.co.uk"));
    assert_false(suffix_share_domain("a.co.uk", "b.co.uk"));
    assert_false(suffix_share_domain("one.github.io", "two.github.io"));
    assert_false(suffix_share_domain("localhost", "localhost"));
    assert_false(suffix_share_domain("a.localhost", "b.a.localhost"));
    assert_false(suffix_share_domain("127.0.0.1", "127.0.0.1"));
    assert_false(suffix_share_domain("[::1]", "[::1]"));
}

static void a_list_of_portals_has_origins_and_what_its_wildcards_cover(void **state)
{
    (void)state;
    struct str list =
        STR("https://portal.example.com https://*.customers.example http://localhost:5173 "
            "capacitor://localhost");
    static const char *const has[] = {"https://portal.example.com", "https://a.customers.example",
                                      "https://a.b.customers.example", "http://localhost:5173",
                                      "capacitor://localhost"};
    static const char *const has_not[] = {
        "",
        "null",
        "https://",
        "http://portal.example.com",
        "https://portal.example.com:8443",
        "https://portal.example.com.evil.example",
        "https://customers.example",
        "https://.customers.example",
        "https://evilcustomers.example",
        "https://a.customers.example:8443",
        "http://a.customers.example",
        "http://localhost",
    };
    for (size_t i = 0; i < COUNT_OF(has); i++) {
        assert_true(portal_is_listed(list, str_from(has[i])));
        assert_false(portal_is_listed(STR(""), str_from(has[i])));
    }
    for (size_t i = 0; i < COUNT_OF(has_not); i++) {
        assert_false(portal_is_listed(list, str_from(has_not[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portals_are_https_or_on_this_machine),
        cmocka_unit_test(portals_that_csp_cannot_name_are_refused),
        cmocka_unit_test(patterns_of_names_that_anybody_can_have_are_refused),
        cmocka_unit_test(patterns_that_cover_every_app_are_refused),
        cmocka_unit_test(portals_of_mobile_and_desktop_apps_have_a_scheme_and_a_host),
        cmocka_unit_test(a_page_is_compared_with_portals_as_browsers_do),
        cmocka_unit_test(cookies_are_shared_within_a_registrable_domain),
        cmocka_unit_test(a_list_of_portals_has_origins_and_what_its_wildcards_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
