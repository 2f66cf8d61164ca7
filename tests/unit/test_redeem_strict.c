/*
 * Posted links: those of strict apps have to be, and only portals can.
 */
#include "browser.h"

#define PORTAL "https://portal.example.com"

static void make_strict(struct scene *scene)
{
    scene_sql(scene, "UPDATE apps SET is_strict = 1");
}

static void a_strict_app_takes_no_link_in_a_url(void **state)
{
    struct scene *scene = *state;
    struct scene_link embed = scene_embed(scene);
    struct scene_link pat = scene_pat(scene);
    struct str pending = browser_open_pending(scene, &embed);
    make_strict(scene);
    assert_link_error(scene, browser_open_link(scene, &embed, STR_NONE), ERR_DENIED,
                      "link_post_required");
    assert_str_equal(browser.result.portals, PORTAL);
    assert_link_error(scene, browser_enter(scene, &embed, pending), ERR_DENIED,
                      "link_post_required");
    assert_link_error(scene, browser_open_at(scene, &pat, STR_NONE, STR_NONE), ERR_DENIED,
                      "link_post_required");
    embed.secret = STR("post");
    assert_link_error(scene, browser_open_link(scene, &embed, STR_NONE), ERR_DENIED,
                      "link_post_required");
    assert_int_equal(browser_sessions(scene), 0);
}

static void only_a_portal_posts_a_link(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *origin;
        const char *code;
    } cases[] = {
        {"null", "portal_origin_hidden"},
        {"", "portal_not_allowed"},
        {"https://evil.example", "portal_not_allowed"},
        {PORTAL ":8443", "portal_not_allowed"},
    };
    struct scene_link link = scene_embed(scene);
    make_strict(scene);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        browser.poster = str_from(cases[i].origin);
        assert_link_error(scene, browser_open_link(scene, &link, STR_NONE), ERR_DENIED,
                          cases[i].code);
        assert_link_error(scene, browser_enter(scene, &link, browser_pending_cookie), ERR_DENIED,
                          cases[i].code);
    }
    browser.poster = STR(PORTAL);
    browser_redeem(scene, &link);
    assert_int_equal(browser_sessions(scene), 1);
    browser.poster = STR_NONE;
}

static void a_posted_link_is_for_its_own_origin(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    browser.poster = STR(PORTAL);
    assert_link_error(scene, browser_open_at(scene, &link, STR_NONE, STR_NONE), ERR_UNAUTHENTICATED,
                      "link_invalid");
    browser.poster = STR_NONE;
}

static void what_is_wrong_with_a_form_is_told_to_portals_only(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct fault why;
    fault_set(&why, ERR_INVALID, "bad_request", "This is no form.");
    assert_link_error(scene,
                      redeem_refuse_form(scene->work, link.link.label, STR("https://evil.example"),
                                         &why, &browser.result),
                      ERR_DENIED, "portal_not_allowed");
    assert_link_error(
        scene, redeem_refuse_form(scene->work, link.link.label, STR(PORTAL), &why, &browser.result),
        ERR_INVALID, "bad_request");
    assert_str_equal(browser.result.portals, PORTAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_strict_app_takes_no_link_in_a_url),
        scene_test(only_a_portal_posts_a_link),
        scene_test(a_posted_link_is_for_its_own_origin),
        scene_test(what_is_wrong_with_a_form_is_told_to_portals_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
