#include "unit.h"

#include "http/forward.h"

#define LABEL "abcdefghijklmnopqrstuvwxyz"
#define HOST LABEL ".apps.example.com"
#define OTHER "bcdefghijklmnopqrstuvwxyza.apps.example.com"
#define APP "0190c5a2-7f6e-7cc3-98c4-dc0c0c07398f"

static struct fault fault;
static struct forward found;

static enum err ask(struct forward_headers headers)
{
    struct origin app_url;
    assert_int_equal(origin_parse(STR("https://*.apps.example.com"), &app_url, &fault), ERR_OK);
    fault = (struct fault){.err = ERR_OK};
    found = (struct forward){.label = STR("untouched")};
    if (headers.method.ptr == NULL) {
        headers.method = STR("GET");
    }
    return forward_read(&headers, &app_url, &found, &fault);
}

#define asks(...) ask((struct forward_headers){__VA_ARGS__})

static void assert_found(enum err err, const char *method)
{
    assert_int_equal(err, ERR_OK);
    assert_true(str_equal(found.label, STR(LABEL)));
    assert_true(str_equal(found.method, str_from(method)));
}

static void assert_unclear(enum err err, const char *member)
{
    assert_int_equal(err, ERR_DENIED);
    assert_string_equal(fault.code, "forward_auth_unclear");
    assert_string_equal(fault.member, member);
    assert_true(str_equal(found.label, STR("untouched")));
}

static void every_proxy_s_way_to_ask_is_understood(void **state)
{
    (void)state;
    assert_found(asks(.host = STR("127.0.0.1:3000"), .original_url = STR("https://" HOST "/a?b"),
                      .original_method = STR("PUT")),
                 "PUT");
    assert_found(asks(.host = STR(HOST), .forwarded_host = STR(HOST),
                      .forwarded_proto = STR("https"), .forwarded_method = STR("POST")),
                 "POST");
    assert_found(asks(.host = STR("inlay.example.com"), .forwarded_host = STR(HOST),
                      .forwarded_proto = STR("wss"), .forwarded_method = STR("GET")),
                 "GET");
    assert_found(asks(.host = STR(HOST), .method = STR("DELETE"), .is_itself = true), "DELETE");
    assert_true(uuid_is_none(&found.app_id));
}

static void what_is_said_twice_is_said_alike(void **state)
{
    (void)state;
    struct str get = STR("GET");
    assert_unclear(asks(.host = STR(HOST), .forwarded_host = STR(OTHER), .forwarded_method = get),
                   "X-Forwarded-Host");
    assert_unclear(
        asks(.host = STR(HOST), .original_url = STR("https://" OTHER), .original_method = get),
        "X-Original-URL");
    assert_unclear(asks(.forwarded_host = STR(HOST), .original_url = STR("https://" OTHER "/"),
                        .original_method = get),
                   "X-Original-URL");
    assert_unclear(asks(.host = STR(HOST), .forwarded_method = STR("POST"), .original_method = get),
                   "X-Original-Method");
    assert_unclear(
        asks(.host = STR(HOST), .method = STR("POST"), .is_itself = true, .forwarded_method = get),
        "X-Forwarded-Method");
}

static void nothing_that_is_wrong_is_passed_over(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "/x",
        "https:",
        "https:/" HOST,
        "https://",
        "https:///x",
        "http://" HOST,
        "ftp://" HOST,
        "https://" HOST "@example.com/",
        "https://user@" HOST "/",
        "https://" HOST ":8443/",
        "https://" HOST "./",
        "https://" HOST "?/",
        "https://" HOST "\\@example.com/",
        " https://" HOST "/",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        assert_unclear(asks(.host = STR(HOST), .original_url = str_from(urls[i]),
                            .original_method = STR("GET")),
                       "X-Original-URL");
    }
    static const char *const hosts[] = {"",           "example.com",     HOST ", " HOST,
                                        HOST ":443x", HOST "/x",         "ABC" HOST,
                                        " " HOST,     "apps.example.com"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        assert_unclear(asks(.host = STR(HOST), .forwarded_host = str_from(hosts[i]),
                            .forwarded_method = STR("GET")),
                       "X-Forwarded-Host");
    }
    assert_unclear(
        asks(.host = STR(HOST), .forwarded_proto = STR("http"), .forwarded_method = STR("GET")),
        "X-Forwarded-Proto");
    assert_unclear(asks(.host = STR(HOST), .forwarded_method = STR("")), "X-Forwarded-Method");
    assert_unclear(asks(.host = STR(HOST), .forwarded_method = STR("GET"),
                        .repeated = STR("X-Forwarded-Host")),
                   "");
}

static void a_question_has_to_name_an_origin_and_a_method(void **state)
{
    (void)state;
    assert_unclear(asks(.host = STR(HOST)), "X-Original-Method");
    assert_unclear(asks(.host = STR("inlay.example.com"), .forwarded_method = STR("GET")), "Host");
    assert_unclear(asks(.forwarded_method = STR("GET")), "Host");
}

static void it_may_name_one_app(void **state)
{
    (void)state;
    struct uuid app;
    struct str method = STR("GET");
    assert_true(uuid_parse(STR(APP), &app));
    assert_found(asks(.host = STR(HOST), .forwarded_method = method, .app_param = STR(APP)), "GET");
    assert_true(uuid_equal(&found.app_id, &app));
    assert_found(asks(.host = STR(HOST), .forwarded_method = method, .app = STR(APP)), "GET");
    assert_true(uuid_equal(&found.app_id, &app));
    assert_unclear(asks(.host = STR(HOST), .forwarded_method = method, .app = STR("orders")),
                   "X-Inlay-App");
    assert_unclear(asks(.host = STR(HOST), .forwarded_method = method, .app_param = STR("")),
                   "app");
    assert_unclear(asks(.host = STR(HOST), .forwarded_method = method, .app_param = STR(APP),
                        .app = STR("0190c5a2-7f6e-7cc3-98c4-dc0c0c073990")),
                   "X-Inlay-App");
}

static void only_trusted_proxies_may_ask(void **state)
{
    (void)state;
    static const char *const yes[] = {"10.1.2.3", "127.0.0.1", "::1"};
    static const char *const no[] = {"10.2.0.0", "127.0.0.2", "::2",
                                     "",         "unix:",     "::ffff:127.0.0.1"};
    struct network_list trusted = {.count = 3};
    assert_true(network_parse(STR("10.1.0.0/16"), &trusted.items[0]));
    assert_true(network_parse(STR("127.0.0.1"), &trusted.items[1]));
    assert_true(network_parse(STR("::1"), &trusted.items[2]));
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        assert_int_equal(forward_check_proxy(&trusted, str_from(yes[i]), &fault), ERR_OK);
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        assert_int_equal(forward_check_proxy(&trusted, str_from(no[i]), &fault), ERR_DENIED);
        assert_string_equal(fault.code, "proxy_untrusted");
    }
    trusted.count = 0;
    assert_int_equal(forward_check_proxy(&trusted, STR("127.0.0.1"), &fault), ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_proxy_s_way_to_ask_is_understood),
        cmocka_unit_test(what_is_said_twice_is_said_alike),
        cmocka_unit_test(nothing_that_is_wrong_is_passed_over),
        cmocka_unit_test(a_question_has_to_name_an_origin_and_a_method),
        cmocka_unit_test(it_may_name_one_app),
        cmocka_unit_test(only_trusted_proxies_may_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
