#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/network.h"

static void listen_addresses_are_put_into_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *spelling;
        const char *host;
        int port;
    } cases[] = {
        {"127.0.0.1:3000", "127.0.0.1:3000", "127.0.0.1", 3000},
        {"localhost:3000", "127.0.0.1:3000", "127.0.0.1", 3000},
        {"*:80", "0.0.0.0:80", "0.0.0.0", 80},
        {"[::1]:65535", "[::1]:65535", "::1", 65535},
        {"[0:0::1]:443", "[::1]:443", "::1", 443},
        {"[::]:443", "[::]:443", "::", 443},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct listen_address address;
        assert_true(listen_address_parse(str_from(cases[i].text), &address));
        assert_string_equal(address.text, cases[i].spelling);
        assert_string_equal(address.host, cases[i].host);
        assert_int_equal(address.port, cases[i].port);
        assert_int_equal(address.is_ipv6, cases[i].text[0] == '[');
    }
}

static void what_is_no_listen_address_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",          "3000",        ":3000",           "127.0.0.1",       "127.0.0.1:",
        "1.2.3:80",  "1.2.3.4:0",   "1.2.3.4:65536",   "1.2.3.4:-1",      "1.2.3.4:80:81",
        "::1:3000",  "[::1]",       "[::1]3000",       "[::1:3000",       "[1.2.3.4]:80",
        "a.b.c:80",  "unix:/tmp/x", "127.0.0.1:3000;", "127.0.0.1 :3000", "[fe80::1%lo]:80",
        "[::1]:300x"};
    struct listen_address address;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (listen_address_parse(str_from(wrong[i]), &address)) {
            fail_msg("\"%s\" was accepted", wrong[i]);
        }
    }
    assert_false(listen_address_parse(STR("127.0.0.1\0:80"), &address));
}

static void networks_are_addresses_with_or_without_a_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *spelling;
        int prefix_bits;
        bool is_ipv6;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0/8", 8, false},
        {"10.1.2.3", "10.1.2.3", 32, false},
        {"10.1.2.3/32", "10.1.2.3", 32, false},
        {"0.0.0.0/0", "0.0.0.0/0", 0, false},
        {"fd00::/8", "fd00::/8", 8, true},
        {"::1", "::1", 128, true},
        {"2001:DB8::/33", "2001:db8::/33", 33, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct network network;
        assert_true(network_parse(str_from(cases[i].text), &network));
        assert_string_equal(network.text, cases[i].spelling);
        assert_int_equal(network.prefix_bits, cases[i].prefix_bits);
        assert_int_equal(network.is_ipv6, cases[i].is_ipv6);
    }
}

static void networks_with_bits_after_the_prefix_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",          "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.1.0.0/8",
        "fd00::1/8", "::/129",    "10.0.0/8",    "example.com", "10.0.0.0/8/8"};
    struct network network;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (network_parse(str_from(wrong[i]), &network)) {
            fail_msg("\"%s\" was accepted", wrong[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listen_addresses_are_put_into_one_spelling),
        cmocka_unit_test(what_is_no_listen_address_is_refused),
        cmocka_unit_test(networks_are_addresses_with_or_without_a_prefix),
        cmocka_unit_test(networks_with_bits_after_the_prefix_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
