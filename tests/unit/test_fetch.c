#include "unit.h"

#include "http/fetch.h"

static struct fault fault;

/* ---- opening a link ---- */

static enum err open_link(const char *method, const char *dest, const char *purpose)
{
    struct fetch fetch = {
        .method = str_from(method),
        .sec_fetch_dest = str_from(dest),
        .sec_purpose = str_from(purpose),
    };
    fault = (struct fault){.err = ERR_OK};
    return fetch_check_link(&fetch, &fault);
}

static void a_link_is_opened_by_every_kind_of_frame(void **state)
{
    (void)state;
    static const char *const frames[] = {"iframe", "frame", "object", "embed"};
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        assert_int_equal(open_link("GET", frames[i], NULL), ERR_OK);
    }
}

static void a_link_is_opened_by_clients_that_do_not_say_what_they_are(void **state)
{
    (void)state;
    assert_int_equal(open_link("GET", NULL, NULL), ERR_OK);
}

static void a_link_opened_as_a_page_says_where_it_belongs(void **state)
{
    (void)state;
    assert_int_equal(open_link("GET", "document", NULL), ERR_DENIED);
    assert_string_equal(fault.code, "link_top_level");
}

static void scripts_and_resources_do_not_open_links(void **state)
{
    (void)state;
    static const char *const others[] = {"empty", "script", "image",   "worker", "IFRAME",
                                         "style", "video",  "iframe,", "font",   "serviceworker"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_int_equal(open_link("GET", others[i], NULL), ERR_DENIED);
        assert_string_equal(fault.code, "link_not_a_frame");
    }
}

static void only_get_and_a_form_open_a_link(void **state)
{
    (void)state;
    static const char *const methods[] = {"HEAD", "PUT", "OPTIONS", "get", "post", "DELETE"};
    assert_int_equal(open_link("GET", "iframe", NULL), ERR_OK);
    assert_int_equal(open_link("POST", "iframe", NULL), ERR_OK);
    assert_int_equal(open_link("POST", "empty", NULL), ERR_DENIED);
    assert_int_equal(open_link("POST", "document", NULL), ERR_DENIED);
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        assert_int_equal(open_link(methods[i], "iframe", NULL), ERR_DENIED);
        assert_string_equal(fault.code, "link_not_a_frame");
    }
}

static void nothing_opens_a_link_in_advance(void **state)
{
    (void)state;
    static const char *const purposes[] = {"prefetch", "prefetch;prerender", "prerender", "preview",
                                           "anything"};
    for (size_t i = 0; i < COUNT_OF(purposes); i++) {
        assert_int_equal(open_link("GET", "iframe", purposes[i]), ERR_DENIED);
        assert_string_equal(fault.code, "link_prefetch");
    }
}

/* ---- siblings ---- */

#define OWN "https://own.apps.example.com"
#define SIBLING "https://sibling.apps.example.com"

static enum err send(struct fetch fetch)
{
    fault = (struct fault){.err = ERR_OK};
    return fetch_check_sibling(&fetch, STR(OWN), &fault);
}

static void pages_of_the_app_may_do_everything(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET", "HEAD",  "OPTIONS", "POST",
                                          "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        assert_int_equal(send((struct fetch){.method = str_from(methods[i]),
                                             .origin = STR(OWN),
                                             .sec_fetch_site = STR("same-origin"),
                                             .sec_fetch_mode = STR("cors")}),
                         ERR_OK);
    }
}

static void unsafe_methods_need_the_apps_own_origin(void **state)
{
    (void)state;
    static const char *const origins[] = {
        NULL,
        "",
        "null",
        SIBLING,
        "http://own.apps.example.com",
        "https://own.apps.example.com:8443",
        "https://own.apps.example.com/",
        "https://own.apps.example.com.evil.example",
        "HTTPS://OWN.APPS.EXAMPLE.COM",
        "https://own.apps.example.co",
    };
    static const char *const methods[] = {"POST",    "PUT",  "PATCH", "DELETE",
                                          "CONNECT", "post", "get",   "BREW"};
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        for (size_t m = 0; m < COUNT_OF(methods); m++) {
            assert_int_equal(send((struct fetch){.method = str_from(methods[m]),
                                                 .origin = str_from(origins[i]),
                                                 .sec_fetch_site = STR("same-origin")}),
                             ERR_DENIED);
            assert_string_equal(fault.code, "sibling_refused");
        }
    }
}

static void a_form_of_another_origin_is_refused_though_it_navigates(void **state)
{
    (void)state;
    assert_int_equal(send((struct fetch){.method = STR("POST"),
                                         .origin = STR(SIBLING),
                                         .sec_fetch_site = STR("same-site"),
                                         .sec_fetch_mode = STR("navigate")}),
                     ERR_DENIED);
}

static void a_form_of_the_app_may_hide_where_it_is_from(void **state)
{
    (void)state;
    const struct fetch form = {.method = STR("POST"),
                               .origin = STR("null"),
                               .sec_fetch_site = STR("same-origin"),
                               .sec_fetch_mode = STR("navigate")};
    assert_int_equal(send(form), ERR_OK);
    static const char *const others[] = {NULL, "same-site", "cross-site", "none"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct fetch foreign = form;
        foreign.sec_fetch_site = str_from(others[i]);
        assert_int_equal(send(foreign), ERR_DENIED);
    }
    struct fetch script = form;
    script.sec_fetch_mode = STR("cors");
    assert_int_equal(send(script), ERR_DENIED);
}

static void a_websocket_needs_the_apps_own_origin(void **state)
{
    (void)state;
    struct fetch fetch = {.method = STR("GET"), .origin = STR(OWN), .is_websocket = true};
    assert_int_equal(send(fetch), ERR_OK);
    fetch.origin = STR(SIBLING);
    assert_int_equal(send(fetch), ERR_DENIED);
    fetch.origin = STR_NONE;
    assert_int_equal(send(fetch), ERR_DENIED);
}

static void siblings_load_nothing(void **state)
{
    (void)state;
    static const char *const sites[] = {"same-site", "cross-site"};
    static const char *const modes[] = {NULL,          "no-cors",   "cors",
                                        "same-origin", "websocket", "Navigate"};
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS"};
    for (size_t s = 0; s < COUNT_OF(sites); s++) {
        for (size_t i = 0; i < COUNT_OF(modes); i++) {
            for (size_t m = 0; m < COUNT_OF(methods); m++) {
                assert_int_equal(send((struct fetch){.method = str_from(methods[m]),
                                                     .sec_fetch_site = str_from(sites[s]),
                                                     .sec_fetch_mode = str_from(modes[i])}),
                                 ERR_DENIED);
            }
        }
    }
}

static void a_portal_on_another_site_may_navigate_its_frame_to_the_app(void **state)
{
    (void)state;
    assert_int_equal(send((struct fetch){.method = STR("GET"),
                                         .sec_fetch_site = STR("cross-site"),
                                         .sec_fetch_mode = STR("navigate"),
                                         .sec_fetch_dest = STR("iframe")}),
                     ERR_OK);
}

static void browsers_without_fetch_metadata_may_read(void **state)
{
    (void)state;
    assert_int_equal(send((struct fetch){.method = STR("GET")}), ERR_OK);
    assert_int_equal(send((struct fetch){.method = STR("HEAD")}), ERR_OK);
}

/* ---- pages ---- */

static void frames_and_documents_get_pages_and_scripts_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *dest;
        const char *accept;
        bool wants_page;
    } cases[] = {
        {"iframe", NULL, true},
        {"document", "application/json", true},
        {"frame", NULL, true},
        {"empty", "text/html", false},
        {"script", "*/*", false},
        {NULL, "text/html,application/xhtml+xml", true},
        {NULL, "application/json, text/html", true},
        {NULL, "*/*", false},
        {NULL, "text/htm", false},
        {NULL, "", false},
        {NULL, NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetch fetch = {
            .method = STR("GET"),
            .sec_fetch_dest = str_from(cases[i].dest),
            .accept = str_from(cases[i].accept),
        };
        assert_int_equal(fetch_wants_page(&fetch), cases[i].wants_page);
    }
}

static void paths_of_a_single_page_app_are_answered_by_its_index(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *path;
        const char *dest;
        bool wants_index;
    } cases[] = {
        {"GET", "/", "iframe", true},
        {"GET", "/orders/17", "empty", false},
        {"GET", "/orders/17", "", true},
        {"HEAD", "/v1.2/orders", "", true},
        {"GET", "/missing.json", "", false},
        {"GET", "/v1.2/orders", "empty", false},
        {"HEAD", "/orders", "empty", false},
        {"GET", "/users/ann@example.com", "iframe", true},
        {"GET", "/app.js", "script", false},
        {"GET", "/assets/logo.png", "image", false},
        {"GET", "/missing.json", "empty", false},
        {"GET", "", "empty", false},
        {"POST", "/orders", "iframe", false},
        {"DELETE", "/", "empty", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetch fetch = {
            .method = str_from(cases[i].method),
            .sec_fetch_dest = str_from(cases[i].dest),
        };
        assert_int_equal(fetch_wants_index(&fetch, str_from(cases[i].path)), cases[i].wants_index);
    }
}

static void the_console_believes_only_what_says_that_it_is_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *site;
        const char *origin;
        bool passes;
    } cases[] = {
        {"POST", "same-origin", "https://inlay.example", true},
        {"POST", "same-origin", NULL, true},
        {"POST", NULL, "https://inlay.example", true},
        {"POST", NULL, NULL, false},
        {"POST", "none", NULL, false},
        {"POST", "same-site", "https://inlay.example", false},
        {"POST", "same-origin", "https://app.inlay.example", false},
        {"POST", NULL, "null", false},
        {"GET", NULL, NULL, true},
        {"GET", "none", NULL, true},
        {"GET", "same-site", NULL, false},
        {"GET", "cross-site", NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fetch fetch = {.method = str_from(cases[i].method),
                              .sec_fetch_site = str_from(cases[i].site),
                              .origin = str_from(cases[i].origin)};
        enum err err = fetch_check_console(&fetch, STR("https://inlay.example"), &fault);
        assert_int_equal(err, cases[i].passes ? ERR_OK : ERR_DENIED);
    }
}

static bool is_for_tabs;

static enum err navigation(const char *site, const char *dest, const char *referer, bool entered)
{
    struct fetch fetch = {
        .method = STR("GET"),
        .sec_fetch_mode = STR("navigate"),
        .sec_fetch_site = str_from(site),
        .sec_fetch_dest = str_from(dest),
        .referer = str_from(referer),
    };
    struct fetch_way way = {
        .portals = STR("https://portal.example.net https://*.customers.example"),
        .siblings = STR(".apps.example.net:3000"),
        .is_led = entered,
        .is_for_tabs = is_for_tabs,
    };
    fault = (struct fault){.message = ""};
    return fetch_check_navigation(&fetch, &way, &fault);
}

static void only_portals_and_links_lead_a_frame_to_an_app(void **state)
{
    (void)state;
    static const char *const hidden[] = {NULL,          "",          "about:blank",
                                         "null",        "https:/x",  "https://",
                                         "//a.example", "file:///x", "x.example.net"};
    static const char *const sites[] = {"same-site", "cross-site"};
    for (size_t s = 0; s < COUNT_OF(sites); s++) {
        const char *site = sites[s];
        assert_int_equal(navigation(site, "iframe", "https://portal.example.net/a", false), ERR_OK);
        assert_int_equal(navigation(site, "iframe", "https://a.customers.example", false), ERR_OK);
        assert_int_equal(navigation(site, "iframe", "https://stranger.example/", true), ERR_DENIED);
        assert_string_equal(fault.code, "app_sibling");
        assert_int_equal(navigation(site, "iframe", "https://evil.apps.example.net:3000/", false),
                         ERR_DENIED);
        assert_string_equal(fault.code, "app_sibling");
        assert_int_equal(navigation(site, "iframe", "https://evil.apps.example.net:3000", true),
                         ERR_DENIED);
        for (size_t i = 0; i < COUNT_OF(hidden); i++) {
            assert_int_equal(navigation(site, "object", hidden[i], false), ERR_DENIED);
            assert_int_equal(navigation(site, "object", hidden[i], true), ERR_OK);
        }
    }
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        assert_int_equal(navigation("same-origin", "iframe", hidden[i], false), ERR_OK);
        assert_int_equal(navigation(NULL, NULL, hidden[i], false), ERR_OK);
    }
}

static void only_its_own_pages_open_an_app_at_top_level(void **state)
{
    (void)state;
    static const char *const sites[] = {"none", "same-site", "cross-site"};
    for (size_t i = 0; i < COUNT_OF(sites); i++) {
        assert_int_equal(navigation(sites[i], "document", "https://portal.example.net/", true),
                         ERR_DENIED);
        assert_string_equal(fault.code, "app_top_level");
    }
    assert_int_equal(navigation("same-origin", "document", NULL, false), ERR_OK);
    assert_int_equal(navigation(NULL, NULL, NULL, false), ERR_OK);
}

static void the_page_around_a_link_is_known_by_its_referer(void **state)
{
    (void)state;
    static const struct {
        const char *dest;
        const char *site;
        const char *referer;
        const char *portal; /* NULL: not known */
    } cases[] = {
        {"iframe", "cross-site", "https://Portal.example.com/", "https://portal.example.com"},
        {"frame", "same-site", "http://localhost:5173/page?a=b", "http://localhost:5173"},
        {"iframe", "cross-site", "https://portal.example.com", "https://portal.example.com"},
        {"iframe", "cross-site", NULL, NULL},
        {"iframe", "same-origin", "https://portal.example.com/", NULL},
        {"iframe", "none", "https://portal.example.com/", NULL},
        {"iframe", NULL, "https://portal.example.com/", NULL},
        {"document", "cross-site", "https://portal.example.com/", NULL},
        {NULL, "cross-site", "https://portal.example.com/", NULL},
        {"iframe", "same-site", "https://abc.apps.example.net/", NULL},
        {"iframe", "cross-site", "capacitor://localhost/", NULL},
        {"iframe", "cross-site", "https://a b/", NULL},
        {"iframe", "cross-site", "https://*.example.com/", NULL},
        {"iframe", "cross-site", "about:blank", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char portal[ORIGIN_TEXT_SIZE] = "";
        const struct fetch fetch = {.sec_fetch_dest = str_from(cases[i].dest),
                                    .sec_fetch_site = str_from(cases[i].site),
                                    .referer = str_from(cases[i].referer)};
        bool is_known = fetch_portal(&fetch, STR(".apps.example.net"), portal);
        assert_int_equal(is_known, cases[i].portal != NULL);
        assert_string_equal(portal, cases[i].portal == NULL ? "" : cases[i].portal);
    }
}

static void any_page_opens_an_app_that_is_for_tabs_but_no_sibling_frames_it(void **state)
{
    (void)state;
    is_for_tabs = true;
    assert_int_equal(navigation("none", "document", NULL, false), ERR_OK);
    assert_int_equal(navigation("same-site", "document", "https://x.example.net/", false), ERR_OK);
    assert_int_equal(navigation("cross-site", "document", NULL, false), ERR_OK);
    assert_int_equal(navigation("same-site", "iframe", NULL, false), ERR_DENIED);
    is_for_tabs = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_portals_and_links_lead_a_frame_to_an_app),
        cmocka_unit_test(the_page_around_a_link_is_known_by_its_referer),
        cmocka_unit_test(only_its_own_pages_open_an_app_at_top_level),
        cmocka_unit_test(any_page_opens_an_app_that_is_for_tabs_but_no_sibling_frames_it),
        cmocka_unit_test(a_link_is_opened_by_every_kind_of_frame),
        cmocka_unit_test(a_link_is_opened_by_clients_that_do_not_say_what_they_are),
        cmocka_unit_test(a_link_opened_as_a_page_says_where_it_belongs),
        cmocka_unit_test(scripts_and_resources_do_not_open_links),
        cmocka_unit_test(only_get_and_a_form_open_a_link),
        cmocka_unit_test(nothing_opens_a_link_in_advance),
        cmocka_unit_test(pages_of_the_app_may_do_everything),
        cmocka_unit_test(unsafe_methods_need_the_apps_own_origin),
        cmocka_unit_test(a_form_of_another_origin_is_refused_though_it_navigates),
        cmocka_unit_test(a_websocket_needs_the_apps_own_origin),
        cmocka_unit_test(a_form_of_the_app_may_hide_where_it_is_from),
        cmocka_unit_test(siblings_load_nothing),
        cmocka_unit_test(a_portal_on_another_site_may_navigate_its_frame_to_the_app),
        cmocka_unit_test(browsers_without_fetch_metadata_may_read),
        cmocka_unit_test(the_console_believes_only_what_says_that_it_is_its_own),
        cmocka_unit_test(frames_and_documents_get_pages_and_scripts_do_not),
        cmocka_unit_test(paths_of_a_single_page_app_are_answered_by_its_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
