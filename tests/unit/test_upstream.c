#include "unit.h"

#include "apps/upstream/upstream.h"
#include "base/limits.h"

static void assert_address(const char *text, const char *origin, const char *path)
{
    struct upstream_address address;
    struct fault fault;
    char formatted[ORIGIN_TEXT_SIZE];
    assert_int_equal(upstream_address_parse(str_from(text), &address, &fault), ERR_OK);
    origin_format(&address.origin, formatted);
    assert_string_equal(formatted, origin);
    assert_str_equal(address.path, path);
}

static void an_address_is_an_origin_and_a_plain_path(void **state)
{
    (void)state;
    assert_address("http://127.0.0.1:8888", "http://127.0.0.1:8888", "");
    assert_address("http://127.0.0.1:8888/", "http://127.0.0.1:8888", "");
    assert_address("https://Grafana.Intern/grafana/", "https://grafana.intern", "/grafana");
    assert_address("https://intern:443/a/b.c/d_e~f;g=1", "https://intern", "/a/b.c/d_e~f;g=1");
    assert_address("http://[::1]:80/...", "http://[::1]", "/...");
}

static void any_other_address_is_refused_with_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "intern",
                                      "//intern",
                                      "ftp://intern",
                                      "HTTP://intern",
                                      "http://",
                                      "http:///a",
                                      "http://user@intern",
                                      "http://intern:0",
                                      "http://intern:65536",
                                      "http://*.intern",
                                      "http://intern?x",
                                      "http://intern/a?x",
                                      "http://intern/a#x",
                                      "http://intern//a",
                                      "http://intern/a/../b",
                                      "http://intern/.",
                                      "http://intern/%2e%2e",
                                      "http://intern/a b",
                                      "http://intern/\xc3\xa4",
                                      "http://intern/a\\b",
                                      "http://169.254.169.254/latest",
                                      "http://0.0.0.0:80",
                                      "http://224.0.0.1",
                                      "http://[fe80::1]",
                                      "http://[::]",
                                      "http://[::ffff:169.254.169.254]",
                                      "http://[fd00:ec2::254]/"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct upstream_address address;
        struct fault fault = {.err = ERR_OK};
        assert_int_equal(upstream_address_parse(str_from(bad[i]), &address, &fault), ERR_INVALID);
        assert_true(fault.message[0] != '\0');
    }
    char endless[LIMIT_UPSTREAM_URL_BYTES + 2] = "http://intern/";
    memset(endless + 14, 'a', sizeof(endless) - 15);
    struct upstream_address address;
    assert_int_equal(upstream_address_parse(str_from(endless), &address, NULL), ERR_INVALID);
    endless[LIMIT_UPSTREAM_URL_BYTES] = '\0';
    assert_int_equal(upstream_address_parse(str_from(endless), &address, NULL), ERR_OK);
}

static bool reaches(const struct network_list *allowed, const char *text)
{
    struct network network;
    assert_true(network_parse(str_from(text), &network));
    return upstream_may_reach(allowed, network.bytes, network.is_ipv6);
}

static void without_a_list_every_address_is_reached_that_a_server_can_have(void **state)
{
    (void)state;
    static const struct network_list none = {.count = 0};
    static const char *const good[] = {
        "127.0.0.1", "10.0.0.1",    "192.168.1.1", "93.184.216.34",
        "::1",       "2001:db8::1", "fd00::1",     "::ffff:10.0.0.1"};
    static const char *const bad[] = {"0.0.0.0",
                                      "0.1.2.3",
                                      "169.254.169.254",
                                      "224.0.0.1",
                                      "255.255.255.255",
                                      "::",
                                      "fe80::1",
                                      "febf::1",
                                      "ff02::1",
                                      "::ffff:169.254.169.254",
                                      "64:ff9b::a9fe:a9fe",
                                      "fd00:ec2::254"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(reaches(&none, good[i]));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(reaches(&none, bad[i]));
    }
}

static void with_a_list_only_its_networks_are_reached(void **state)
{
    (void)state;
    static struct network_list list = {.count = 2};
    assert_true(network_parse(STR("10.1.0.0/16"), &list.items[0]));
    assert_true(network_parse(STR("fd00::/8"), &list.items[1]));
    assert_true(reaches(&list, "10.1.2.3"));
    assert_true(reaches(&list, "::ffff:10.1.2.3"));
    assert_true(reaches(&list, "fd12::1"));
    assert_false(reaches(&list, "10.2.0.1"));
    assert_false(reaches(&list, "127.0.0.1"));
    assert_false(reaches(&list, "::1"));
    assert_false(reaches(&list, "169.254.169.254"));
}

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdTCCARugAwIBAgIUGlMxBM2PvQ27YDzAXo3LOpGnqxQwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExNzEyMDVaGA8yMTI2MTAyODE3MTIw\n"
    "NVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKVt\n"
    "+hI2sjhayjY8lhrYUXdolaoQ146mQ/LpLPpJFInbt+BPl8REM+j+oI4Z70IrEw+P\n"
    "szqai9Q018NFuCcsnFWjUzBRMB0GA1UdDgQWBBT5mVUAVjiYwkksn8G7id5Q7au1\n"
    "ojAfBgNVHSMEGDAWgBT5mVUAVjiYwkksn8G7id5Q7au1ojAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0gAMEUCIQD3ZiCO/yUyagwHYosnII01s++TxRf560O8\n"
    "5hYsOasy7QIgFinmWSG4+0qB+DmRABCxqw/bRx4VpFACOTHD27pd22k=\n"
    "-----END CERTIFICATE-----\n";

static bool ca_is_valid(const char *before, const char *after)
{
    char text[4096];
    snprintf(text, sizeof(text), "%s%s%s", before, certificate, after);
    return upstream_ca_is_valid(str_from(text));
}

static void authorities_are_whole_certificates(void **state)
{
    (void)state;
    assert_true(ca_is_valid("", ""));
    assert_true(ca_is_valid("# ours\n", "# that is all\n"));
    assert_true(ca_is_valid(certificate, ""));
    assert_false(upstream_ca_is_valid(STR("")));
    assert_false(upstream_ca_is_valid(STR("no certificate")));
    assert_false(ca_is_valid("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    assert_false(ca_is_valid("", "-----BEGIN CERTIFICATE-----\nMIIB"));
    assert_false(ca_is_valid("-----BEGIN CERTIFICATE-----\n", ""));
}

#define SETTINGS                                                                                   \
    "{\"bodyMaxBytes\":7,\"connectTimeoutSeconds\":5,\"hostHeader\":\"app\","                      \
    "\"readTimeoutSeconds\":60,"                                                                   \
    "\"tlsCa\":null,\"tlsVerify\":true,\"url\":\"%s\"}"

static void settings_are_read_back_with_the_address_of_an_environment(void **state)
{
    (void)state;
    struct arena arena = ARENA_NONE;
    struct work work = {.arena = &arena};
    struct upstream upstream;
    struct str own = arena_printf(&arena, SETTINGS, "http://127.0.0.1:1/a");
    struct str same = upstream_at(&work, own, STR_NONE);
    struct str other = upstream_at(&work, own, STR("https://intern/b"));
    struct digest digests[] = {upstream_digest(own), upstream_digest(same), upstream_digest(other)};
    assert_true(digest_equal(&digests[0], &digests[1]));
    assert_false(digest_equal(&digests[0], &digests[2]));
    assert_int_equal(upstream_parse(&arena, other, &upstream), ERR_OK);
    assert_string_equal(upstream.address.origin.host, "intern");
    assert_str_equal(upstream.address.path, "/b");
    assert_str_equal(upstream.host_header, "app");
    assert_int_equal(upstream.connect_timeout_ms, 5000);
    assert_int_equal(upstream.read_timeout_ms, 60000);
    assert_int_equal(upstream.body_max_bytes, 7);
    assert_true(upstream.tls_verify && upstream.tls_ca.ptr == NULL);
    arena_done(&arena);
}

static void damaged_settings_are_a_matter_for_the_operator(void **state)
{
    (void)state;
    struct arena arena = ARENA_NONE;
    struct upstream upstream;
    struct str nowhere = arena_printf(&arena, SETTINGS, "nowhere");
    assert_int_equal(upstream_parse(&arena, STR("{"), &upstream), ERR_STORAGE);
    assert_int_equal(upstream_parse(&arena, STR("{}"), &upstream), ERR_STORAGE);
    assert_int_equal(upstream_parse(&arena, nowhere, &upstream), ERR_STORAGE);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_an_origin_and_a_plain_path),
        cmocka_unit_test(any_other_address_is_refused_with_words),
        cmocka_unit_test(without_a_list_every_address_is_reached_that_a_server_can_have),
        cmocka_unit_test(with_a_list_only_its_networks_are_reached),
        cmocka_unit_test(authorities_are_whole_certificates),
        cmocka_unit_test(settings_are_read_back_with_the_address_of_an_environment),
        cmocka_unit_test(damaged_settings_are_a_matter_for_the_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
