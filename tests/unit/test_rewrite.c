#include "unit.h"

#include "http/rewrite.h"

static struct rewrite_site this_site(void)
{
    return (struct rewrite_site){
        .own = STR("https://label.apps.example"),
        .server = STR("http://127.0.0.1:8888"),
        .host = STR("intern.example"),
        .base = STR("/base"),
    };
}

/* What a header becomes; "-" if it is dropped, itself if it is kept. */
static void assert_becomes(const char *name, const char *value, const char *expected)
{
    struct str text = str_from(value);
    struct rewrite_site site = this_site();
    struct buf out = buf_make(rewrite_room(&site, text));
    switch (rewrite_header(&site, str_from(name), text, &out)) {
    case REWRITE_DROP:
        text = STR("-");
        break;
    case REWRITE_TO:
        text = buf_str(&out);
        break;
    case REWRITE_KEEP:
        break;
    }
    assert_true(buf_is_ok(&out));
    assert_str_equal(text, expected);
    buf_done(&out);
}

#define FRAMED "; Secure; SameSite=None; Partitioned"

static void a_cookie_becomes_one_of_a_frame(void **state)
{
    (void)state;
    assert_becomes("Set-Cookie", "a=1", "a=1" FRAMED);
    assert_becomes("set-cookie", "a=1; Domain=evil.example; Secure; SameSite=Strict", "a=1" FRAMED);
    assert_becomes("Set-Cookie", "a=1;Max-Age=5 ; httponly;Partitioned;Priority=High",
                   "a=1; Max-Age=5; httponly" FRAMED);
    assert_becomes("Set-Cookie", "a=\"b c\"; expires=Wed, 21 Oct 2026 07:28:00 GMT",
                   "a=\"b c\"; expires=Wed, 21 Oct 2026 07:28:00 GMT" FRAMED);
}

static void a_cookies_path_loses_the_base(void **state)
{
    (void)state;
    assert_becomes("Set-Cookie", "a=1; Path=/base", "a=1; Path=/" FRAMED);
    assert_becomes("Set-Cookie", "a=1; path=/base/", "a=1; Path=/" FRAMED);
    assert_becomes("Set-Cookie", "a=1; Path=/base/x", "a=1; Path=/x" FRAMED);
    assert_becomes("Set-Cookie", "a=1; Path=/baseball", "a=1; Path=/baseball" FRAMED);
    assert_becomes("Set-Cookie", "a=1; Path=; Path; Path=x", "a=1" FRAMED);
}

static void a_cookie_that_could_be_ours_is_dropped(void **state)
{
    (void)state;
    assert_becomes("Set-Cookie", "__Host-inlay=1", "-");
    assert_becomes("Set-Cookie", " __host-INLAY-pending = 1", "-");
    assert_becomes("Set-Cookie", "=__Host-inlay=1", "-");
    assert_becomes("Set-Cookie", "__Host-inlay", "-");
    assert_becomes("Set-Cookie", "", "-");
}

static void a_header_of_nothing_but_attributes_fits(void **state)
{
    (void)state;
    static char value[8001] = "a=1";
    for (size_t i = 3; i + 7 < sizeof(value); i += 7) {
        memcpy(value + i, ";Path=/", 7);
    }
    struct str text = str_from(value);
    struct rewrite_site site = this_site();
    struct buf out = buf_make(rewrite_room(&site, text));
    assert_int_equal(rewrite_header(&site, STR("Set-Cookie"), text, &out), REWRITE_TO);
    assert_true(buf_is_ok(&out));
    buf_done(&out);
}

static void a_redirect_to_the_server_leads_to_the_apps_origin(void **state)
{
    (void)state;
    static const char *const names[] = {"http://127.0.0.1:8888",     "HTTPS://127.0.0.1:8888",
                                        "http://intern.example:80",  "https://Intern.Example",
                                        "http://label.apps.example", "//label.apps.example"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char value[100];
        snprintf(value, sizeof(value), "%s/base/x?y=/base/z", names[i]);
        assert_becomes("Location", value, "https://label.apps.example/x?y=/base/z");
        snprintf(value, sizeof(value), "%s/other", names[i]);
        assert_becomes("Location", value, "https://label.apps.example/other");
        snprintf(value, sizeof(value), "%s?x", names[i]);
        assert_becomes("Location", value, "https://label.apps.example/?x");
        assert_becomes("Location", names[i], "https://label.apps.example/");
    }
    assert_becomes("Location", "/base", "https://label.apps.example/");
    assert_becomes("Location", "/base?x", "https://label.apps.example/?x");
    assert_becomes("Location", "/base/x", "https://label.apps.example/x");
}

static void any_other_redirect_stays(void **state)
{
    (void)state;
    static const char *const values[] = {"/x",
                                         "x",
                                         "?x",
                                         "",
                                         "../x",
                                         "https://other.example/base/x",
                                         "http://127.0.0.1:8888@evil.example/",
                                         "http://127.0.0.1:8888.evil.example/",
                                         "http://127.0.0.1/",
                                         "http:x",
                                         "mailto:a@b.example",
                                         "/baseball"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        assert_becomes("Location", values[i], values[i]);
    }
}

static void a_rewritten_redirect_never_leads_to_another_host(void **state)
{
    (void)state;
    assert_becomes("Location", "http://127.0.0.1:8888//evil.example",
                   "https://label.apps.example//evil.example");
    assert_becomes("Location", "/base//evil.example", "https://label.apps.example//evil.example");
    assert_becomes("Location", "/base/\t/evil.example",
                   "https://label.apps.example/\t/evil.example");
    assert_becomes("Location", "http://127.0.0.1:8888\\evil.example",
                   "https://label.apps.example/\\evil.example");
}

static void a_refresh_is_a_redirect(void **state)
{
    (void)state;
    assert_becomes("Refresh", "5; url=http://127.0.0.1:8888/base/x",
                   "5; url=https://label.apps.example/x");
    assert_becomes("Refresh", "0;URL='/base/x'", "0; url=https://label.apps.example/x");
    assert_becomes("Refresh", "5", "5");
    assert_becomes("Refresh", "5; url=https://other.example/", "5; url=https://other.example/");
}

static void a_policy_loses_its_frame_ancestors_and_nothing_else(void **state)
{
    (void)state;
    const char *name = "Content-Security-Policy";
    assert_becomes(name, "default-src 'self'; frame-ancestors 'none'; img-src *",
                   "default-src 'self'; img-src *");
    assert_becomes(name, "Frame-Ancestors\t'none';script-src 'self' , frame-ancestors x,img-src *",
                   "script-src 'self', img-src *");
    assert_becomes(name, "frame-ancestors 'none'", "-");
    assert_becomes(name, "frame-ancestors-x y", "frame-ancestors-x y");
    assert_becomes("content-security-policy-report-only", "frame-ancestors *; sandbox", "sandbox");
}

static void what_speaks_for_more_than_the_app_is_dropped(void **state)
{
    (void)state;
    const char *names[] = {
        "X-Frame-Options",
        "ORIGIN-AGENT-CLUSTER",
        "Strict-Transport-Security",
        "Clear-Site-Data",
        "Alt-Svc",
        "Access-Control-Allow-Origin",
        "access-control-whatever-comes",
        "NEL",
        "report-to",
        "Reporting-Endpoints",
        "Expect-CT",
        "Secure-Session-Registration",
        "Sec-Session-Registration",
        "Timing-Allow-Origin",
        "Attribution-Reporting-Register-Source",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_becomes(names[i], "x", "-");
    }
    assert_becomes("X-Frame-Options-2", "x", "x");
    assert_becomes("Nel-2", "x", "x");
    assert_becomes("X-My-App", "x", "x");
    assert_becomes("Service-Worker-Allowed", "/", "/");
    assert_becomes("Referrer-Policy", "unsafe-url", "unsafe-url");
    assert_becomes("X-Content-Type-Options", "nosniff", "nosniff");
    assert_becomes("Cross-Origin-Opener-Policy", "same-origin", "same-origin");
}

/* The server cannot know by which scheme and port browsers reach it. */
static void a_told_name_is_the_app_with_any_scheme_and_port(void **state)
{
    (void)state;
    const char *names[] = {
        "http://label.apps.example",
        "http://label.apps.example:8080",
        "https://label.apps.example:443",
        "http://LABEL.apps.example:80",
        "http://intern.example:8888",
        "https://intern.example",
        "//intern.example:1",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char value[128];
        snprintf(value, sizeof(value), "%s/docs/", names[i]);
        assert_becomes("Location", value, "https://label.apps.example/docs/");
        assert_becomes("Content-Location", value, "https://label.apps.example/docs/");
        assert_becomes("SourceMap", value, "https://label.apps.example/docs/");
    }
    assert_becomes("Location", "http://127.0.0.1:9999/", "http://127.0.0.1:9999/");
    assert_becomes("Location", "https://x.label.apps.example/", "https://x.label.apps.example/");
    assert_becomes("Location", "http://intern.example:8888.evil.example/",
                   "http://intern.example:8888.evil.example/");
    assert_becomes("Location", "http://intern.example@evil.example/",
                   "http://intern.example@evil.example/");
}

static void the_addresses_of_a_link_header_lead_to_the_app(void **state)
{
    (void)state;
    assert_becomes("Link", "<http://127.0.0.1:8888/base/p?2>; rel=\"next\", </base/p>; rel=prev",
                   "<https://label.apps.example/p?2>; rel=\"next\", "
                   "<https://label.apps.example/p>; rel=prev");
    assert_becomes("Link", "<https://cdn.example/a.css>; rel=preload",
                   "<https://cdn.example/a.css>; rel=preload");
    assert_becomes("Link", "</base/x>; title=\"</base/y> \\\" </base/z>\"",
                   "<https://label.apps.example/x>; title=\"</base/y> \\\" </base/z>\"");
    assert_becomes("Link", "</base", "<https://label.apps.example/");
    assert_becomes("Link", "<", "<");
    assert_becomes("Link", "", "");
}

static void a_link_header_of_nothing_but_addresses_fits_or_is_dropped(void **state)
{
    (void)state;
    static char value[8001];
    for (size_t i = 0; i + 8 < sizeof(value); i += 8) {
        memcpy(value + i, "</base>,", 8);
    }
    assert_becomes("Link", value, "-");
    value[800] = '\0';
    struct str text = str_from(value);
    struct rewrite_site site = this_site();
    struct buf out = buf_make(rewrite_room(&site, text));
    assert_int_equal(rewrite_header(&site, STR("Link"), text, &out), REWRITE_TO);
    assert_true(buf_is_ok(&out));
    buf_done(&out);
}

static void assert_cookies(const char *first, const char *second, const char *expected)
{
    struct buf out = buf_make(200);
    rewrite_cookies(str_from(first), STR(""), &out);
    rewrite_cookies(str_from(second), STR(""), &out);
    assert_str_equal(buf_str(&out), expected);
    buf_done(&out);
}

static void the_server_gets_all_cookies_but_ours(void **state)
{
    (void)state;
    assert_cookies("x=1; __Host-inlay=s; y=2", "__Host-inlay-pending=1; z=3", "x=1; y=2; z=3");
    assert_cookies("__host-inlay=s", "", "");
    assert_cookies(";;=__Host-inlay=s; = __HOST-INLAY=s;\t__Host-inlay=s", "", "");
    assert_cookies("x=\"1;__Host-inlay=s\"", "a;b=;=c", "x=\"1; a; b=; =c");
    assert_cookies("x=__Host-inlay", "", "x=__Host-inlay");
}

static void names_that_inlay_sets_are_known_in_any_spelling(void **state)
{
    (void)state;
    static const char *const yes[] = {"X-Inlay-User",
                                      "x_inlay_user",
                                      "X.Inlay.X",
                                      "X~Inlay!User",
                                      "X-Forwarded",
                                      "Forwarded",
                                      "x-forwarded-for",
                                      "X_FORWARDED_FOR",
                                      "X.Real.IP",
                                      "Inlay-Removed",
                                      "Content_Length",
                                      "transfer.encoding",
                                      "Sec_Fetch_Site",
                                      "Keep_Alive",
                                      "Proxy",
                                      "Proxy_Anything",
                                      "X-A\xc3\xa4",
                                      "X (a)",
                                      ""};
    static const char *const no[] = {"Authorization",
                                     "X-Inlay",
                                     "X-InlayX",
                                     "Cookie",
                                     "XForwardedFor",
                                     "X-Request-Id",
                                     "X-Original-Filename",
                                     "Remote-User",
                                     "api_key",
                                     "a.b",
                                     "Content-Length",
                                     "Sec-Fetch-Site",
                                     "Content_Type",
                                     "Sec"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        assert_true(rewrite_is_reserved(str_from(yes[i])));
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        assert_false(rewrite_is_reserved(str_from(no[i])));
    }
}

static void a_header_that_an_app_trusts_is_known_in_any_spelling(void **state)
{
    (void)state;
    assert_true(rewrite_is_spelling(STR("remote_USER"), STR("Remote-User")));
    assert_true(rewrite_is_spelling(STR("X-Hasura_Role"), STR("X-Hasura-*")));
    assert_true(rewrite_is_spelling(STR("api.key"), STR("api_key")));
    assert_false(rewrite_is_spelling(STR("Remote-Users"), STR("Remote-User")));
    assert_false(rewrite_is_spelling(STR("RemoteXUser"), STR("Remote-User")));
    assert_false(rewrite_is_spelling(STR("X-Hasura"), STR("X-Hasura-*")));
    assert_false(rewrite_is_spelling(STR(""), STR("X-Hasura-*")));
}

static void assert_passed(const char *header, const char *expected)
{
    struct buf out = buf_make(1000);
    rewrite_cookies(str_from(header), STR("m"), &out);
    assert_str_equal(buf_str(&out), expected);
    assert_true(buf_is_ok(&out));
    buf_done(&out);
}

static void the_server_gets_the_cookies_that_it_has_set(void **state)
{
    (void)state;
    char digest[64];
    struct rewrite_site site = this_site();
    struct buf out = buf_make(1000);
    site.mark = STR("m");
    assert_true(rewrite_cookie_digest(&site, STR("a=GOOD; Path=/base/x; Max-Age=5"), &out));
    struct str line = buf_str(&out);
    struct str pair = {line.ptr, str_find(line, ';')};
    assert_true(str_starts_with(line, STR("m.a=")) &&
                str_ends_with(line, STR("; HttpOnly; Path=/x; Max-Age=5" FRAMED)));
    assert_int_equal(pair.len, 4 + 16);
    char text[200];
    (void)str_print(digest, sizeof(digest), STR_FMT, STR_ARG(pair));
    (void)str_print(text, sizeof(text), "a=EVIL; a=GOOD; %s", digest);
    assert_passed(text, "a=GOOD");
    (void)str_print(text, sizeof(text), "a=GOOD; %s; a=EVIL; b=1; a=GOOD", digest);
    assert_passed(text, "a=GOOD; b=1");
    (void)str_print(text, sizeof(text), "a=EVIL; a=EVIL2; %s", digest);
    assert_passed(text, "");
    buf_done(&out);
}

static void a_cookie_that_is_alone_passes_as_it_is(void **state)
{
    (void)state;
    assert_passed("a=1; b=2", "a=1; b=2");
    assert_passed("a=1; a=2", "");
    assert_passed("m-sid=1; x=2; m.x=0", "sid=1; x=2");
    assert_passed("sid=EVIL; m-sid=GOOD; sid=EVIL", "sid=GOOD");
    assert_passed("m-=1; m.=2; m=3; mm=4", "m-=1; m.=2; m=3; mm=4");
    assert_passed("m-__Host-inlay=1; m.__host-inlay=2; __Host-inlay=3", "");
    assert_passed("m- __Host-inlay=1; m-\t__host-inlay=2; m- a=3", "a=3");
}

static void a_script_cannot_read_what_it_must_not_and_is_not_renamed_either(void **state)
{
    (void)state;
    struct rewrite_site site = this_site();
    struct buf out = buf_make(1000);
    site.mark = STR("m");
    assert_int_equal(rewrite_header(&site, STR("Set-Cookie"), STR("s=1; Path=/; httponly"), &out),
                     REWRITE_TO);
    assert_str_equal(buf_str(&out), "m-s=1; Path=/; httponly" FRAMED);
    assert_false(rewrite_cookie_digest(&site, STR("s=1; HttpOnly"), &out));
    assert_false(rewrite_cookie_digest(&site, STR("__Host-inlay=1"), &out));
    out.len = 0;
    assert_int_equal(rewrite_header(&site, STR("Set-Cookie"), STR("s = 1; Path=/"), &out),
                     REWRITE_TO);
    assert_str_equal(buf_str(&out), "s = 1; Path=/" FRAMED);
    buf_done(&out);
}

static void what_is_expired_without_httponly_is_expired_with_it(void **state)
{
    (void)state;
    struct rewrite_site site = this_site();
    struct buf out = buf_make(1000);
    struct str expired = STR("s=; Path=/base/; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    site.mark = STR("m");
    assert_false(rewrite_cookie_replaced(&site, STR("s=1; m-t=1; m.s=1"), expired, &out));
    assert_true(rewrite_cookie_replaced(&site, STR("a=1;m-s=1"), expired, &out));
    assert_str_equal(buf_str(&out), "m-s=; HttpOnly; Path=/; Max-Age=0" FRAMED);
    assert_false(rewrite_cookie_replaced(&site, STR("m-s=1"), STR("s=2; HttpOnly"), &out));
    buf_done(&out);
}

static void of_many_cookies_so_many_are_looked_at(void **state)
{
    (void)state;
    struct buf header = buf_make(100000);
    struct buf out = buf_make(100000);
    for (int i = 0; i < 2 * REWRITE_COOKIES_MAX; i++) {
        buf_printf(&header, "c%d=1; ", i);
    }
    rewrite_cookies(buf_str(&header), STR("m"), &out);
    assert_non_null(strstr(out.ptr, "c399=1"));
    assert_null(strstr(out.ptr, "c400=1"));
    buf_done(&header);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_becomes_one_of_a_frame),
        cmocka_unit_test(the_server_gets_the_cookies_that_it_has_set),
        cmocka_unit_test(a_cookie_that_is_alone_passes_as_it_is),
        cmocka_unit_test(a_script_cannot_read_what_it_must_not_and_is_not_renamed_either),
        cmocka_unit_test(what_is_expired_without_httponly_is_expired_with_it),
        cmocka_unit_test(of_many_cookies_so_many_are_looked_at),
        cmocka_unit_test(a_cookies_path_loses_the_base),
        cmocka_unit_test(a_cookie_that_could_be_ours_is_dropped),
        cmocka_unit_test(a_header_of_nothing_but_attributes_fits),
        cmocka_unit_test(a_redirect_to_the_server_leads_to_the_apps_origin),
        cmocka_unit_test(any_other_redirect_stays),
        cmocka_unit_test(a_rewritten_redirect_never_leads_to_another_host),
        cmocka_unit_test(a_refresh_is_a_redirect),
        cmocka_unit_test(a_policy_loses_its_frame_ancestors_and_nothing_else),
        cmocka_unit_test(what_speaks_for_more_than_the_app_is_dropped),
        cmocka_unit_test(a_told_name_is_the_app_with_any_scheme_and_port),
        cmocka_unit_test(the_addresses_of_a_link_header_lead_to_the_app),
        cmocka_unit_test(a_link_header_of_nothing_but_addresses_fits_or_is_dropped),
        cmocka_unit_test(the_server_gets_all_cookies_but_ours),
        cmocka_unit_test(names_that_inlay_sets_are_known_in_any_spelling),
        cmocka_unit_test(a_header_that_an_app_trusts_is_known_in_any_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
