#include "unit.h"

#include "base/limits.h"
#include "http/deeplink.h"

static void assert_path(const char *text, const char *expected)
{
    struct fault fault = {.message = ""};
    struct buf out = buf_make(LIMIT_START_PATH_BYTES + 1);
    if (deeplink_parse(str_from(text), &out, &fault) != ERR_OK) {
        fail_msg("%s: %s", text, fault.message);
    }
    assert_str_equal(buf_str(&out), expected);
    buf_done(&out);
}

static void assert_refused(const char *text)
{
    struct fault fault = {.message = ""};
    struct buf out = buf_make(LIMIT_START_PATH_BYTES + 1);
    if (deeplink_parse(str_from(text), &out, &fault) != ERR_INVALID) {
        fail_msg("%s became " STR_FMT, text, STR_ARG(buf_str(&out)));
    }
    assert_string_equal(fault.code, "path_invalid");
    buf_done(&out);
}

static void a_path_is_read_as_browsers_do(void **state)
{
    (void)state;
    assert_path("/", "/");
    assert_path("/orders/5?tab=items#top", "/orders/5?tab=items#top");
    assert_path("/a/./b/../c", "/a/c");
    assert_path("/a/%2E/b/.%2e/c", "/a/c");
    assert_path("/a/..", "/");
    assert_path("/../../a", "/a");
    assert_path("/a/.", "/a/");
    assert_path("/a\\b", "/a/b");
    assert_path("/a//b", "/a//b");
    assert_path("/a b/\"c\"", "/a%20b/%22c%22");
    assert_path("/\xc3\xbc?q=\xc3\xbc'<", "/%C3%BC?q=%C3%BC%27%3C");
    assert_path("/a%zz%4", "/a%zz%4");
    assert_path("/x?to=http://evil.example", "/x?to=http://evil.example");
    assert_path("/...", "/...");
    assert_path("/_inlayer/x", "/_inlayer/x");
    assert_path("/x/_inlay/", "/x/_inlay/");
}

static void a_path_leads_to_no_other_origin(void **state)
{
    (void)state;
    const char *payloads[] = {
        "",
        "orders",
        "?a=b",
        "#top",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/.//evil.example",
        "/./\\evil.example",
        "/a/..//evil.example",
        "/%2e//evil.example",
        "/%2e%2e//evil.example",
        "http://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nSet-Cookie: x=1",
        "/\x7f",
        " /a",
        "@evil.example",
        ".evil.example",
        ":80/x",
    };
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        assert_refused(payloads[i]);
    }
}

static void a_path_leads_to_none_of_inlays_own_addresses(void **state)
{
    (void)state;
    const char *paths[] = {
        "/_inlay/logout",         "/embed-apps/x",        "/%5finlay/x",
        "/%5Finlay%2Flogout",     "/a/../_inlay/session", "/./_inlay/",
        "/embed%2dapps/x",        "/_inlay//x",           "/embed-apps%2f",
        "/a/%2e%2e/_inlay/enter",
    };
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_refused(paths[i]);
    }
}

static void a_path_has_a_longest_length(void **state)
{
    (void)state;
    static char text[LIMIT_START_PATH_BYTES + 2];
    memset(text, 'a', sizeof(text) - 1);
    text[0] = '/';
    assert_refused(text);
    text[LIMIT_START_PATH_BYTES] = '\0';
    assert_path(text, text);
    text[1] = ' '; /* escaped, it is too long */
    assert_refused(text);
}

static void assert_appended(const char *address, const char *expected)
{
    struct buf out = buf_make(1000);
    deeplink_appended(str_from(address), &out);
    assert_str_equal(buf_str(&out), expected);
    buf_done(&out);
}

static void what_a_portal_appends_is_found_behind_the_link(void **state)
{
    (void)state;
    assert_appended("/_inlay/embed/s3cret", "");
    assert_appended("/_inlay/embed/s3cret/", "");
    assert_appended("/_inlay/embed/s3cret?page=1", "?page=1");
    assert_appended("/_inlay/embed/s3cret?renew=1&page=1&&x", "?page=1&x");
    assert_appended("/_inlay/embed/s3cret/orders/5?page=1", "/orders/5?page=1");
    assert_appended("/embed-apps/id?personal-access-token=p&appSlug=a", "");
    assert_appended("/embed-apps/id/orders?personal-access-token=p&a=b&a=c", "/orders?a=b&a=c");
    assert_appended("/_inlay/enter?link=x&to=%2Forders%3Fa%3Db%26c%3Dd", "/orders?a=b&c=d");
    assert_appended("/_inlay/enter?link=x", "");
}

static void what_is_appended_survives_the_way(void **state)
{
    (void)state;
    struct buf escaped = buf_make(1000);
    buf_add(&escaped, STR("/_inlay/enter?link=x&to="));
    deeplink_escape(STR("/a%20b?c=d&e=%26+f#g"), &escaped);
    assert_appended(buf_str(&escaped).ptr, "/a%20b?c=d&e=%26+f#g");
    buf_done(&escaped);
}

static void assert_joined(const char *base, const char *appended, const char *expected)
{
    struct fault fault;
    struct buf out = buf_make(1000);
    assert_int_equal(deeplink_join(str_from(base), str_from(appended), &out, &fault), ERR_OK);
    assert_str_equal(buf_str(&out), expected);
    buf_done(&out);
}

static void a_query_is_added_and_a_path_takes_the_place(void **state)
{
    (void)state;
    assert_joined("/home", "", "/home");
    assert_joined("/home", "?a=b", "/home?a=b");
    assert_joined("/home?x=1#y", "?a=b", "/home?x=1&a=b#y");
    assert_joined("/home#y?", "?a=b", "/home?a=b#y?");
    assert_joined("/home", "/orders?a=b", "/orders?a=b");
    struct fault fault;
    struct buf out = buf_make(1000);
    assert_int_equal(deeplink_join(STR("/"), STR("//evil.example"), &out, &fault), ERR_INVALID);
    assert_int_equal(deeplink_join(STR("/"), STR("evil.example"), &out, &fault), ERR_INVALID);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_read_as_browsers_do),
        cmocka_unit_test(a_path_leads_to_no_other_origin),
        cmocka_unit_test(a_path_leads_to_none_of_inlays_own_addresses),
        cmocka_unit_test(a_path_has_a_longest_length),
        cmocka_unit_test(what_a_portal_appends_is_found_behind_the_link),
        cmocka_unit_test(what_is_appended_survives_the_way),
        cmocka_unit_test(a_query_is_added_and_a_path_takes_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
