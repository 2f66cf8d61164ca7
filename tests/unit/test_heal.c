#include "unit.h"

#include "base/buf.h"
#include "base/suffix.h"
#include "http/heal.h"

/* What was expired: the values, one a line. */
static void add_line(void *arg, struct str value)
{
    struct buf *lines = arg;
    buf_add(lines, value);
    buf_add_char(lines, '\n');
}

static size_t heal(struct buf *lines, struct str cookies, const char *host, const char *path)
{
    struct heal what = {.cookies = cookies, .host = host, .path = str_from(path)};
    *lines = buf_make(1024 * 1024);
    size_t left = 0;
    size_t count = heal_cookies(&what, add_line, lines, &left);
    assert_true(left <= cookies.len + 2 && (count == 0 || left < cookies.len));
    assert_true(buf_is_ok(lines));
    return count;
}

static size_t count_of(const struct buf *lines, const char *text)
{
    size_t count = 0;
    const char *at = lines->len > 0 ? lines->ptr : "";
    for (at = strstr(at, text); at != NULL; at = strstr(at + 1, text)) {
        count++;
    }
    return count;
}

static void add_cookie(struct buf *cookies, const char *name, size_t bytes)
{
    buf_printf(cookies, "%s%s", cookies->len > 0 ? "; " : "", name);
    for (size_t i = 0; i < bytes; i++) {
        buf_add_char(cookies, 'x');
    }
}

#define END "; Secure; HttpOnly; SameSite=None; Max-Age=0"

static void the_largest_cookies_are_expired_wherever_they_may_belong(void **state)
{
    (void)state;
    struct buf lines;
    struct buf cookies = buf_make(100000);
    add_cookie(&cookies, "small=", 10);
    add_cookie(&cookies, "big=", 9000);
    assert_int_equal(heal(&lines, buf_str(&cookies), "v.apps.example.net", "/"), 1);
    assert_str_equal(buf_str(&lines),
                     "big=; Path=/" END "\n"
                     "big=; Path=/" END "; Partitioned\n"
                     "big=; Path=/; Domain=example.net" END "\n"
                     "big=; Path=/; Domain=example.net" END "; Partitioned\n"
                     "big=; Path=/; Domain=apps.example.net" END "\n"
                     "big=; Path=/; Domain=apps.example.net" END "; Partitioned\n"
                     "big=; Path=/; Domain=v.apps.example.net" END "\n"
                     "big=; Path=/; Domain=v.apps.example.net" END "; Partitioned\n");
    buf_done(&lines);
    buf_done(&cookies);
}

static void inlays_own_cookies_stay_however_large(void **state)
{
    (void)state;
    struct buf lines;
    struct buf cookies = buf_make(100000);
    add_cookie(&cookies, "__Host-inlay=", 9000);
    add_cookie(&cookies, "__host-inlay-pending=", 9000);
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 0);
    add_cookie(&cookies, "x=", 10);
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 1);
    assert_int_equal(count_of(&lines, "inlay"), 0);
    buf_done(&lines);
    buf_done(&cookies);
}

static void little_is_left_alone(void **state)
{
    (void)state;
    struct buf lines;
    struct buf cookies = buf_make(100000);
    add_cookie(&cookies, "a=", 4000);
    add_cookie(&cookies, "b=", 4000);
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 0);
    assert_int_equal(heal(&lines, STR(""), "a.localhost", "/"), 0);
    buf_done(&cookies);
}

static void each_folder_of_the_path_may_have_its_own(void **state)
{
    (void)state;
    struct buf lines;
    struct buf cookies = buf_make(100000);
    add_cookie(&cookies, "a=", 9000);
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/_inlay/embed/"), 1);
    assert_int_equal(count_of(&lines, "Path=/;"), 2);
    assert_int_equal(count_of(&lines, "Path=/_inlay;"), 2);
    assert_int_equal(count_of(&lines, "Path=/_inlay/;"), 2);
    assert_int_equal(count_of(&lines, "Path=/_inlay/embed;"), 2);
    assert_int_equal(count_of(&lines, "Path=/_inlay/embed/;"), 2);
    assert_int_equal(count_of(&lines, "\n"), 10);
    buf_done(&lines);
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/a;b/c"), 1);
    assert_int_equal(count_of(&lines, "\n"), 4);
    buf_done(&lines);
    assert_int_equal(
        heal(&lines, buf_str(&cookies), "a.localhost", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15"), 1);
    assert_int_equal(count_of(&lines, "\n"), 2 * HEAL_PATHS);
    buf_done(&lines);
    buf_done(&cookies);
}

static void one_response_holds_only_so_much(void **state)
{
    (void)state;
    struct buf lines;
    struct buf cookies = buf_make(1000000);
    for (int i = 0; i < 180; i++) {
        char name[16];
        (void)str_print(name, sizeof(name), "w%d=", i);
        add_cookie(&cookies, name, 4000);
    }
    assert_in_range(heal(&lines, buf_str(&cookies), "v.apps.example.net", "/"), 8, 12);
    assert_in_range(count_of(&lines, "\n"), 64, HEAL_HEADERS);
    assert_in_range(lines.len, 4000, HEAL_BYTES);
    buf_done(&lines);
    cookies.len = 0;
    for (int i = 0; i < 600; i++) {
        char name[16];
        (void)str_print(name, sizeof(name), "w%d=", i);
        add_cookie(&cookies, name, 60);
    }
    assert_in_range(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 30, HEAL_HEADERS / 2);
    buf_done(&lines);
    buf_done(&cookies);
}

static void a_name_may_be_long_missing_or_there_twice(void **state)
{
    (void)state;
    struct buf lines;
    struct buf cookies = buf_make(100000);
    add_cookie(&cookies, "", 9000); /* a value without a name */
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 0);
    buf_add(&cookies, STR(";"));
    buf_add(&cookies, STR("a=1"));
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 1);
    assert_int_equal(count_of(&lines, "=0; Path=/"), 2);
    assert_true(lines.ptr[0] == '=');
    buf_done(&lines);
    cookies.len = 0;
    add_cookie(&cookies, "", 9000);
    buf_add(&cookies, STR("=; a=1"));
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 1);
    assert_int_equal(count_of(&lines, "x=; Path=/"), 2);
    buf_done(&lines);
    cookies.len = 0;
    add_cookie(&cookies, "a=", 5000);
    add_cookie(&cookies, "b=", 6000);
    add_cookie(&cookies, "a=", 5000);
    assert_int_equal(heal(&lines, buf_str(&cookies), "a.localhost", "/"), 1);
    assert_int_equal(count_of(&lines, "a=; Path=/"), 2);
    buf_done(&lines);
    buf_done(&cookies);
}

static void assert_domains(const char *host, const char *expected)
{
    struct str domains[SUFFIX_DOMAINS];
    struct buf text = buf_make(1000);
    size_t count = suffix_domains(host, domains);
    buf_add(&text, STR(""));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(domains[i]));
    }
    assert_str_equal(buf_str(&text), expected);
    buf_done(&text);
}

static void a_host_has_cookies_of_the_domains_above_it(void **state)
{
    (void)state;
    assert_domains("a.b.example.com", "example.com b.example.com a.b.example.com");
    assert_domains("example.co.uk", "example.co.uk");
    assert_domains("co.uk", "");
    assert_domains("x.y.github.io", "y.github.io x.y.github.io");
    assert_domains("localhost", "");
    assert_domains("a.localhost", "");
    assert_domains("intranet", "");
    assert_domains("127.0.0.1", "");
    assert_domains("[::1]", "");
    assert_domains("9.8.7.6.5.4.3.2.1.example.com",
                   "example.com 1.example.com 2.1.example.com 3.2.1.example.com "
                   "4.3.2.1.example.com 5.4.3.2.1.example.com 6.5.4.3.2.1.example.com "
                   "7.6.5.4.3.2.1.example.com");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_cookies_are_expired_wherever_they_may_belong),
        cmocka_unit_test(inlays_own_cookies_stay_however_large),
        cmocka_unit_test(little_is_left_alone),
        cmocka_unit_test(each_folder_of_the_path_may_have_its_own),
        cmocka_unit_test(one_response_holds_only_so_much),
        cmocka_unit_test(a_name_may_be_long_missing_or_there_twice),
        cmocka_unit_test(a_host_has_cookies_of_the_domains_above_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
