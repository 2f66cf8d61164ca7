#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config/settings.h"

static struct settings settings;
static struct fault fault;

static int start(void **state)
{
    (void)state;
    settings_init(&settings);
    fault = (struct fault){.err = ERR_OK};
    return 0;
}

static enum err set(const char *name, const char *value)
{
    return settings_set(&settings, str_from(name), str_from(value), &fault);
}

static void set_fine(const char *name, const char *value)
{
    assert_int_equal(set(name, value), ERR_OK);
}

static void assert_message_has(const char *part)
{
    if (strstr(fault.message, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fault.message, part);
    }
}

static void assert_finish_refuses(const char *member, const char *part)
{
    assert_int_equal(settings_finish(&settings, &fault), ERR_INVALID);
    assert_string_equal(fault.member, member);
    assert_message_has(part);
}

static void defaults_serve_on_localhost(void **state)
{
    (void)state;
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    assert_string_equal(settings.data, "./data");
    assert_int_equal(settings.listen.count, 1);
    assert_string_equal(settings.listen.items[0].text, "127.0.0.1:3000");
    assert_string_equal(settings.public_url.text, "http://localhost:3000");
    assert_string_equal(settings.app_url.text, "http://*.localhost:3000");
    assert_string_equal(settings.app_url.origin.host, "localhost");
    assert_true(settings.app_url.origin.is_pattern);
    assert_int_equal(settings.session_memory_bytes, 64 << 20);
    assert_int_equal(settings.app_cache_entries, 4096);
    assert_int_equal(settings.identity_cache_entries, 32768);
    assert_int_equal(settings.embed_link_seconds, 300);
    assert_true(settings.access_log);
    assert_int_equal(settings.metrics_allow.count, 2);
    assert_false(settings_has_tls(&settings));
}

static void urls_follow_the_first_listen_port(void **state)
{
    (void)state;
    set_fine("listen", "[::1]:80, 127.0.0.1:3000");
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    assert_string_equal(settings.public_url.text, "http://localhost");
    assert_string_equal(settings.app_url.text, "http://*.localhost");
}

static void app_url_follows_a_public_url_on_localhost(void **state)
{
    (void)state;
    set_fine("public_url", "http://127.0.0.1:8080/");
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    assert_string_equal(settings.public_url.text, "http://127.0.0.1:8080");
    assert_string_equal(settings.app_url.text, "http://*.localhost:8080");
}

static void tls_alone_makes_the_urls_https(void **state)
{
    (void)state;
    set_fine("listen", "127.0.0.1:8443");
    set_fine("tls_certificate", "cert.pem");
    set_fine("tls_key", "key.pem");
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    assert_string_equal(settings.public_url.text, "https://localhost:8443");
    assert_string_equal(settings.app_url.text, "https://*.localhost:8443");
}

static void every_default_survives_being_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        struct buf first = buf_make(SETTINGS_VALUE_MAX);
        struct buf again = buf_make(SETTINGS_VALUE_MAX);
        settings_format(&settings, setting, &first);
        assert_int_equal(settings_set(&settings, str_from(setting->name), buf_str(&first), &fault),
                         ERR_OK);
        settings_format(&settings, setting, &again);
        assert_true(str_equal(buf_str(&first), buf_str(&again)));
        buf_done(&first);
        buf_done(&again);
    }
}

static void finished_settings_survive_being_written_and_read(void **state)
{
    (void)state;
    struct settings copy;
    settings_init(&copy);
    set_fine("trusted_proxies", "10.0.0.0/8, fd00::/8");
    set_fine("public_url", "https://inlay.example.com");
    set_fine("app_url", "https://*.apps.example.com");
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    for (size_t i = 0; i < settings_count; i++) {
        struct buf value = buf_make(SETTINGS_VALUE_MAX);
        settings_format(&settings, &settings_table[i], &value);
        assert_int_equal(
            settings_set(&copy, str_from(settings_table[i].name), buf_str(&value), &fault), ERR_OK);
        buf_done(&value);
    }
    assert_int_equal(settings_finish(&copy, &fault), ERR_OK);
    for (size_t i = 0; i < settings_count; i++) {
        struct buf value = buf_make(SETTINGS_VALUE_MAX);
        struct buf copied = buf_make(SETTINGS_VALUE_MAX);
        settings_format(&settings, &settings_table[i], &value);
        settings_format(&copy, &settings_table[i], &copied);
        assert_true(str_equal(buf_str(&value), buf_str(&copied)));
        buf_done(&value);
        buf_done(&copied);
    }
}

static void unknown_setting_names_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(set("pubic_url", "x"), ERR_NOT_FOUND);
    assert_message_has("did you mean public_url?");
    assert_int_equal(set("embed-link-second", "x"), ERR_NOT_FOUND);
    assert_message_has("did you mean embed_link_seconds?");
    assert_int_equal(set("zzzzzzzzzzzz", "x"), ERR_NOT_FOUND);
    assert_string_equal(fault.message, "There is no setting \"zzzzzzzzzzzz\".");
}

static void numbers_outside_their_range_are_refused_with_the_range(void **state)
{
    (void)state;
    assert_int_equal(set("embed_link_seconds", "601"), ERR_INVALID);
    assert_string_equal(fault.member, "embed_link_seconds");
    assert_message_has("from 1 to 600 seconds, not \"601\"");
    assert_int_equal(set("embed_link_seconds", "0"), ERR_INVALID);
    assert_int_equal(set("embed_link_seconds", "5m"), ERR_INVALID);
    assert_int_equal(set("embed_link_seconds", ""), ERR_INVALID);
    assert_int_equal(set("embed_link_seconds", "99999999999999999999"), ERR_INVALID);
    assert_int_equal(settings.embed_link_seconds, 300);
    set_fine("embed_link_seconds", " 600 ");
    assert_int_equal(settings.embed_link_seconds, 600);
}

static void sizes_have_units_and_a_range(void **state)
{
    (void)state;
    set_fine("body_max", "65536");
    assert_int_equal(settings.body_max_bytes, 65536);
    set_fine("body_max", "64k");
    assert_int_equal(settings.body_max_bytes, 65536);
    set_fine("bundle_max_bytes", "1G");
    assert_int_equal(settings.bundle_max_bytes, 1073741824);
    static const char *const wrong[] = {"",     "m",   "1t",  "-1m",
                                        "1.5m", "15k", "65m", "9223372036854775807g"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(set("body_max", wrong[i]), ERR_INVALID);
    }
    assert_message_has("from 16k to 64m");
}

static void switches_are_on_or_off(void **state)
{
    (void)state;
    set_fine("access_log", "off");
    assert_false(settings.access_log);
    set_fine("access_log", "TRUE");
    assert_true(settings.access_log);
    assert_int_equal(set("access_log", "maybe"), ERR_INVALID);
    assert_message_has("on or off");
}

static void words_are_one_of_the_choices(void **state)
{
    (void)state;
    set_fine("log_level", "NOTICE");
    assert_string_equal(settings.log_level, "notice");
    assert_int_equal(set("database", "mysql"), ERR_INVALID);
    assert_message_has("sqlite");
}

static void paths_hold_no_control_characters(void **state)
{
    (void)state;
    char long_path[SETTINGS_PATH_MAX + 1];
    memset(long_path, 'x', sizeof(long_path));
    long_path[SETTINGS_PATH_MAX] = '\0';
    assert_int_equal(set("data", ""), ERR_INVALID);
    assert_int_equal(set("data", "a\nb"), ERR_INVALID);
    assert_int_equal(set("data", long_path), ERR_INVALID);
    assert_int_equal(settings_set(&settings, STR("data"), STR("a\0b"), &fault), ERR_INVALID);
    set_fine("data", long_path + 1);
    char path[SETTINGS_PATH_MAX];
    assert_false(settings_data_path(&settings, "inlay.db", path));
    set_fine("data", "/srv/inlay");
    assert_true(settings_data_path(&settings, "inlay.db", path));
    assert_string_equal(path, "/srv/inlay/inlay.db");
    assert_true(settings_data_path(&settings, "", path));
    assert_string_equal(path, "/srv/inlay");
}

static void listen_is_a_list_of_distinct_addresses(void **state)
{
    (void)state;
    set_fine("listen", "127.0.0.1:3000,[::1]:3000 , *:80");
    assert_int_equal(settings.listen.count, 3);
    assert_string_equal(settings.listen.items[2].text, "0.0.0.0:80");
    assert_int_equal(set("listen", "127.0.0.1:3000,localhost:3000"), ERR_INVALID);
    assert_message_has("each address once");
    assert_int_equal(set("listen", ""), ERR_INVALID);
    assert_int_equal(set("listen", "127.0.0.1:3000,"), ERR_OK);
    assert_int_equal(set("listen", "example.com:80"), ERR_INVALID);
    assert_message_has("not \"example.com:80\"");
    assert_int_equal(set("listen",
                         "1.1.1.1:1,1.1.1.1:2,1.1.1.1:3,1.1.1.1:4,1.1.1.1:5,1.1.1.1:6,1.1.1.1:7,"
                         "1.1.1.1:8,1.1.1.1:9"),
                     ERR_INVALID);
}

static void urls_are_origins(void **state)
{
    (void)state;
    assert_int_equal(set("public_url", "inlay.example.com"), ERR_INVALID);
    assert_message_has("https://");
    assert_int_equal(set("public_url", "https://inlay.example.com/path"), ERR_INVALID);
    set_fine("public_url", "");
}

static void plain_http_is_refused_elsewhere_than_on_localhost(void **state)
{
    (void)state;
    set_fine("public_url", "http://inlay.example.com");
    set_fine("app_url", "http://*.apps.example.com");
    assert_finish_refuses("public_url", "plain http works on localhost only");
    set_fine("public_url", "");
    assert_finish_refuses("app_url", "plain http works on localhost only");
}

static void https_needs_a_certificate_or_a_trusted_proxy(void **state)
{
    (void)state;
    set_fine("public_url", "https://inlay.example.com");
    set_fine("app_url", "https://*.apps.example.com");
    assert_finish_refuses("tls_certificate", "trusted_proxies");
    set_fine("trusted_proxies", "127.0.0.1");
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
}

static void https_with_a_certificate_is_fine(void **state)
{
    (void)state;
    set_fine("public_url", "https://inlay.example.com");
    set_fine("app_url", "https://*.apps.example.com");
    set_fine("tls_certificate", "cert.pem");
    set_fine("tls_key", "key.pem");
    assert_int_equal(settings_finish(&settings, &fault), ERR_OK);
    assert_true(settings_has_tls(&settings));
}

static void one_tls_file_without_the_other_is_refused(void **state)
{
    (void)state;
    set_fine("tls_key", "key.pem");
    assert_finish_refuses("tls_certificate", "TLS needs both files");
}

static void tls_with_a_plain_public_url_is_refused(void **state)
{
    (void)state;
    set_fine("tls_certificate", "cert.pem");
    set_fine("tls_key", "key.pem");
    set_fine("public_url", "http://localhost:3000");
    assert_finish_refuses("public_url", "every address speaks https");
}

static void app_url_is_needed_for_a_public_name(void **state)
{
    (void)state;
    set_fine("public_url", "https://inlay.example.com");
    set_fine("trusted_proxies", "10.0.0.1");
    assert_finish_refuses("app_url", "app_url is needed");
}

static void app_url_needs_its_star_and_public_url_must_have_none(void **state)
{
    (void)state;
    set_fine("app_url", "http://apps.localhost:3000");
    assert_finish_refuses("app_url", "* as the first label");
    set_fine("app_url", "");
    set_fine("public_url", "http://*.localhost:3000");
    assert_finish_refuses("public_url", "cannot begin with *");
}

static void schemes_of_both_urls_must_be_the_same(void **state)
{
    (void)state;
    set_fine("public_url", "https://inlay.example.com");
    set_fine("trusted_proxies", "10.0.0.1");
    set_fine("app_url", "http://*.localhost:3000");
    assert_finish_refuses("app_url", "must both be https");
}

static void a_default_above_its_maximum_is_refused(void **state)
{
    (void)state;
    set_fine("session_max_minutes", "30");
    assert_finish_refuses("session_default_minutes", "session_max_minutes (30)");
    set_fine("session_default_minutes", "30");
    set_fine("pat_max_seconds", "60");
    assert_finish_refuses("pat_default_seconds", "pat_max_seconds (60)");
}

static void count_problem(void *arg, const struct fault *problem)
{
    size_t *count = arg;
    assert_true(problem->err != ERR_OK);
    (*count)++;
}

static void all_problems_are_reported_at_once(void **state)
{
    (void)state;
    size_t count = 0;
    set_fine("tls_key", "key.pem");
    set_fine("public_url", "http://inlay.example.com");
    set_fine("session_max_minutes", "10");
    assert_int_equal(settings_finish_all(&settings, count_problem, &count), 4);
    assert_int_equal(count, 4);
}

#define TEST(function) cmocka_unit_test_setup(function, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_serve_on_localhost),
        TEST(urls_follow_the_first_listen_port),
        TEST(app_url_follows_a_public_url_on_localhost),
        TEST(tls_alone_makes_the_urls_https),
        TEST(every_default_survives_being_written_and_read),
        TEST(finished_settings_survive_being_written_and_read),
        TEST(unknown_setting_names_the_nearest),
        TEST(numbers_outside_their_range_are_refused_with_the_range),
        TEST(sizes_have_units_and_a_range),
        TEST(switches_are_on_or_off),
        TEST(words_are_one_of_the_choices),
        TEST(paths_hold_no_control_characters),
        TEST(listen_is_a_list_of_distinct_addresses),
        TEST(urls_are_origins),
        TEST(plain_http_is_refused_elsewhere_than_on_localhost),
        TEST(https_needs_a_certificate_or_a_trusted_proxy),
        TEST(https_with_a_certificate_is_fine),
        TEST(one_tls_file_without_the_other_is_refused),
        TEST(tls_with_a_plain_public_url_is_refused),
        TEST(app_url_is_needed_for_a_public_name),
        TEST(app_url_needs_its_star_and_public_url_must_have_none),
        TEST(schemes_of_both_urls_must_be_the_same),
        TEST(a_default_above_its_maximum_is_refused),
        TEST(all_problems_are_reported_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
