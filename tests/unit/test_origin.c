#include "unit.h"

#include "base/origin.h"

#define LABEL "abcdefghijklmnopqrstuvwxyz"
#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static struct origin parsed(const char *text)
{
    struct origin origin;
    struct fault fault = {.err = ERR_OK};
    if (origin_parse(str_from(text), &origin, &fault) != ERR_OK) {
        fail_msg("%s: %s", text, fault.message);
    }
    return origin;
}

static void an_origin_is_put_into_its_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *spelling;
    } cases[] = {
        {"https://portal.example.com", "https://portal.example.com"},
        {"https://portal.example.com/", "https://portal.example.com"},
        {"HTTPS://Portal.EXAMPLE.com:443", "https://portal.example.com"},
        {"https://portal.example.com:80", "https://portal.example.com:80"},
        {"http://localhost:5173", "http://localhost:5173"},
        {"http://localhost:80/", "http://localhost"},
        {"http://127.0.0.1:65535", "http://127.0.0.1:65535"},
        {"http://[::1]:8080", "http://[::1]:8080"},
        {"https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]"},
        {"https://xn--bcher-kva.example", "https://xn--bcher-kva.example"},
        {"https://a-b.1x", "https://a-b.1x"},
        {"https://*.Example.com:8443", "https://*.example.com:8443"},
        {"http://*.localhost:3000", "http://*.localhost:3000"},
        {"https://" LABEL_63 ".example", "https://" LABEL_63 ".example"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[ORIGIN_TEXT_SIZE];
        struct origin origin = parsed(cases[i].text);
        origin_format(&origin, text);
        assert_string_equal(text, cases[i].spelling);
    }
}

static void the_parts_of_an_origin_are_told_apart(void **state)
{
    (void)state;
    struct origin origin = parsed("https://*.example.com");
    assert_true(origin.is_https);
    assert_true(origin.is_pattern);
    assert_string_equal(origin.host, "example.com");
    assert_int_equal(origin.port, 443);
    origin = parsed("http://[::1]");
    assert_false(origin.is_https);
    assert_false(origin.is_pattern);
    assert_string_equal(origin.host, "[::1]");
    assert_int_equal(origin.port, 80);
}

static void what_is_no_origin_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "portal.example.com",
        "//portal.example.com",
        "ftp://portal.example.com",
        "https:/portal.example.com",
        "https:portal.example.com",
        " https://portal.example.com",
        "https://portal.example.com ",
        "https://",
        "https:///",
        "https://:443",
        "https://portal.example.com//",
        "https://portal.example.com/app",
        "https://portal.example.com?x",
        "https://portal.example.com/?x",
        "https://portal.example.com#x",
        "https://user@portal.example.com",
        "https://user:password@portal.example.com",
        "https://portal.example.com\\@evil.example",
        "https://portal.example.com:",
        "https://portal.example.com:0",
        "https://portal.example.com:0443",
        "https://portal.example.com:65536",
        "https://portal.example.com:-1",
        "https://portal.example.com:+1",
        "https://portal.example.com:44 3",
        "https://portal.example.com:443:443",
        "https://portal.example.com.",
        "https://.example.com",
        "https://portal..example.com",
        "https://-portal.example.com",
        "https://portal-.example.com",
        "https://my_portal.example.com",
        "https://port%61l.example.com",
        "https://b\xc3\xbc"
        "cher.example",
        "https://" LABEL_63 "4.example",
        "https://1.2.3",
        "https://1.2.3.4.5",
        "https://1.2.3.256",
        "https://1.2.3.04",
        "https://0x7f.0.0.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://example.0x1",
        "https://[::1",
        "https://::1",
        "https://[::1]x",
        "https://[]",
        "https://[::g]",
        "https://[fe80::1%25eth0]",
        "https://[::ffff:127.0.0.1]",
        "https://[127.0.0.1]",
        "https://*",
        "https://*.",
        "https://*.*.example.com",
        "https://a.*.example.com",
        "https://x*.example.com",
        "https://*.127.0.0.1",
        "https://*.[::1]",
        "*",
        "null",
        "'self'",
        "https://a.example https://b.example",
        "https://a.example;script-src",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct origin origin;
        struct fault fault = {.err = ERR_OK};
        if (origin_parse(str_from(wrong[i]), &origin, &fault) != ERR_INVALID) {
            fail_msg("\"%s\" was taken for an origin", wrong[i]);
        }
        assert_string_equal(fault.code, "origin_invalid");
        assert_true(strlen(fault.message) > 0);
    }
    struct origin origin;
    assert_int_equal(origin_parse(STR("https://a\0.example"), &origin, NULL), ERR_INVALID);
    assert_int_equal(origin_parse(STR_NONE, &origin, NULL), ERR_INVALID);
}

static void a_host_may_have_253_characters_and_no_more(void **state)
{
    (void)state;
    /* Three labels of 63 with their dots are 192, so that 61 are left. */
    char text[300];
    struct origin origin;
    snprintf(text, sizeof(text), "https://%s.%s.%s.%.61s", LABEL_63, LABEL_63, LABEL_63, LABEL_63);
    origin = parsed(text);
    assert_int_equal(strlen(origin.host), 253);
    snprintf(text, sizeof(text), "https://*.%s.%s.%s.%.61s:65535", LABEL_63, LABEL_63, LABEL_63,
             LABEL_63);
    char formatted[ORIGIN_TEXT_SIZE];
    origin = parsed(text);
    origin_format(&origin, formatted);
    assert_string_equal(formatted, text);
    snprintf(text, sizeof(text), "https://%s.%s.%s.%.62s", LABEL_63, LABEL_63, LABEL_63, LABEL_63);
    assert_int_equal(origin_parse(str_from(text), &origin, NULL), ERR_INVALID);
}

static void loopback_names_and_addresses_are_known(void **state)
{
    (void)state;
    static const char *const loopback[] = {"http://localhost",     "http://a.b.localhost:3000",
                                           "http://*.localhost",   "http://127.0.0.1",
                                           "http://127.255.255.1", "http://[::1]:3000"};
    static const char *const elsewhere[] = {
        "http://localhost.example", "http://notlocalhost", "http://128.0.0.1",
        "http://127.example",       "http://[::2]",        "http://*.example.com"};
    for (size_t i = 0; i < COUNT_OF(loopback); i++) {
        struct origin origin = parsed(loopback[i]);
        assert_true(origin_is_loopback(&origin));
    }
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++) {
        struct origin origin = parsed(elsewhere[i]);
        assert_false(origin_is_loopback(&origin));
    }
}

static bool has_label(const char *app_url, const char *host)
{
    struct origin origin = parsed(app_url);
    struct str label = STR_NONE;
    bool found = origin_label(&origin, str_from(host), &label);
    if (found) {
        assert_str_equal(label, LABEL);
    }
    return found;
}

static void a_label_is_read_from_the_host(void **state)
{
    (void)state;
    static const char *const local = "http://*.localhost:3000";
    static const char *const apps = "https://*.apps.example.com";
    assert_true(has_label(local, LABEL ".localhost:3000"));
    assert_true(has_label(local, LABEL ".LocalHost:3000"));
    assert_true(has_label(apps, LABEL ".apps.example.com"));
    assert_true(has_label(apps, LABEL ".apps.example.com:443"));
    assert_true(has_label(apps, LABEL ".APPS.example.com"));
}

static void another_host_or_port_has_no_label(void **state)
{
    (void)state;
    static const char *const local = "http://*.localhost:3000";
    static const char *const apps = "https://*.apps.example.com";
    assert_false(has_label(local, LABEL ".localhost"));
    assert_false(has_label(local, LABEL ".localhost:80"));
    assert_false(has_label(local, LABEL ".localhost:03000"));
    assert_false(has_label(local, LABEL ".localhost:"));
    assert_false(has_label(local, LABEL ".localhost:3000:3000"));
    assert_false(has_label(local, LABEL ".localhost.:3000"));
    assert_false(has_label(local, "localhost:3000"));
    assert_false(has_label(local, ".localhost:3000"));
    assert_false(has_label(local, LABEL ":3000"));
    assert_false(has_label(local, ""));
    assert_false(has_label(apps, LABEL ".apps.example.com:80"));
    assert_false(has_label(apps, LABEL ".apps.example.com."));
    assert_false(has_label(apps, LABEL ".apps.example.com.evil.example"));
    assert_false(has_label(apps, LABEL ".example.com"));
    assert_false(has_label(apps, LABEL ".x.apps.example.com"));
    assert_false(has_label(apps, "x." LABEL ".apps.example.com"));
    assert_false(has_label(apps, LABEL "xapps.example.com"));
}

static void another_form_of_label_is_refused(void **state)
{
    (void)state;
    static const char *const local = "http://*.localhost:3000";
    assert_false(has_label(local, "Abcdefghijklmnopqrstuvwxyz.localhost:3000"));
    assert_false(has_label(local, "1bcdefghijklmnopqrstuvwxyz.localhost:3000"));
    assert_false(has_label(local, "8bcdefghijklmnopqrstuvwxyz.localhost:3000"));
    assert_false(has_label(local, "-bcdefghijklmnopqrstuvwxyz.localhost:3000"));
    assert_false(has_label(local, "bcdefghijklmnopqrstuvwxyz.localhost:3000"));
    assert_false(has_label(local, "aabcdefghijklmnopqrstuvwxyz.localhost:3000"));
}

static void an_app_url_that_is_no_pattern_has_no_labels(void **state)
{
    (void)state;
    assert_false(has_label("http://localhost:3000", LABEL ".localhost:3000"));
    assert_false(has_label("http://localhost:3000", "localhost:3000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_is_put_into_its_one_spelling),
        cmocka_unit_test(the_parts_of_an_origin_are_told_apart),
        cmocka_unit_test(what_is_no_origin_is_refused),
        cmocka_unit_test(a_host_may_have_253_characters_and_no_more),
        cmocka_unit_test(loopback_names_and_addresses_are_known),
        cmocka_unit_test(a_label_is_read_from_the_host),
        cmocka_unit_test(another_host_or_port_has_no_label),
        cmocka_unit_test(another_form_of_label_is_refused),
        cmocka_unit_test(an_app_url_that_is_no_pattern_has_no_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
