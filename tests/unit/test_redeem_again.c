#include "browser.h"

/* ---- two frames of one link ---- */

static void the_second_frame_enters_with_the_pending_cookie(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct str first = browser_enter_opened(scene, &link, pending);
    world_wait(&scene->world, REDEEM_GRACE_MS);
    struct str second = browser_enter_opened(scene, &link, pending);
    assert_int_equal(browser_check(scene, &link, first), ERR_OK);
    assert_int_equal(browser_check(scene, &link, second), ERR_OK);
}

static void the_second_frame_enters_with_the_session_cookie_of_the_first(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct str cookie = browser_enter_opened(scene, &link, pending);
    assert_int_equal(browser_enter(scene, &link, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
    assert_int_equal(browser.result.cookie.len, 0);
    assert_int_equal(browser_sessions(scene), 1);
}

static void the_second_frame_opens_the_link_when_the_first_has_entered_already(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    browser_enter_opened(scene, &link, pending);
    assert_int_equal(browser_open_link(scene, &link, pending), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
    browser_enter_opened(scene, &link, pending);
}

static void the_second_frame_may_be_overtaken_before_it_has_any_cookie(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str first = browser_redeem(scene, &link);
    struct str second = browser_redeem(scene, &link);
    assert_int_equal(browser_check(scene, &link, first), ERR_OK);
    assert_int_equal(browser_check(scene, &link, second), ERR_OK);
}

static void two_links_of_one_origin_open_in_two_frames_at_the_same_moment(void **state)
{
    struct scene *scene = *state;
    struct scene_link one = scene_embed(scene);
    struct scene_link other = scene_embed(scene);
    assert_str_equal(one.link.label, other.link.label.ptr);
    browser_open_pending(scene, &one);
    struct str pending = browser_open_pending(scene, &other);
    struct str first = browser_enter_opened(scene, &one, pending);
    struct str second = browser_enter_opened(scene, &other, first);
    assert_int_equal(browser_check(scene, &one, first), ERR_OK);
    assert_int_equal(browser_check(scene, &other, second), ERR_OK);
}

static void a_session_that_was_ended_does_not_come_back_in_the_grace(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct str cookie = browser_enter_opened(scene, &link, pending);
    assert_int_equal(browser_check(scene, &link, cookie), ERR_OK);
    assert_int_equal(session_end(scene->work, &browser.view.id, "revoked"), ERR_OK);
    const struct str cookies[] = {STR_NONE, pending, cookie};
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        enum err err = browser_open_link(scene, &link, cookies[i]);
        assert_link_error(scene, err, ERR_GONE, "link_used");
    }
    enum err err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void the_grace_is_over_after_five_seconds(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    browser_enter_opened(scene, &link, pending);
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    enum err err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    err = browser_open_link(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void entering_in_the_grace_does_not_make_it_longer(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    browser_enter_opened(scene, &link, pending);
    world_wait(&scene->world, REDEEM_GRACE_MS - 1);
    browser_enter_opened(scene, &link, pending);
    world_wait(&scene->world, 2);
    enum err err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void the_grace_is_for_the_same_address_and_browser_only(void **state)
{
    struct scene *scene = *state;
    static const struct {
        const char *address;
        const char *user_agent;
    } strangers[] = {
        {"192.0.2.2", "test"},
        {"192.0.2.1", "another"},
        {"192.0.2.1t", "est"}, /* together the same bytes */
        {"", ""},
    };
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    browser_enter_opened(scene, &link, pending);
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        scene->work->address = str_from(strangers[i].address);
        scene->work->user_agent = str_from(strangers[i].user_agent);
        enum err err = browser_enter(scene, &link, pending);
        assert_link_error(scene, err, ERR_GONE, "link_used");
        err = browser_open_link(scene, &link, pending);
        assert_link_error(scene, err, ERR_GONE, "link_used");
    }
    assert_int_equal(browser_sessions(scene), 1);
}

static void the_grace_is_not_for_another_decision(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    browser_enter_opened(scene, &link, pending);
    browser_revoke(scene, &link);
    enum err err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
}

/* ---- a link once more ---- */

static void a_copied_link_is_used_up_after_it_was_spent(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    browser_redeem(scene, &link);
    scene->work->address = STR("198.51.100.7");
    enum err err = browser_open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    assert_str_equal(browser.result.portals, "https://portal.example.com");
    scene->work->address = STR("192.0.2.1");
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    err = browser_open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    assert_int_equal(browser_sessions(scene), 1);
}

static void a_link_that_was_copied_before_it_was_spent_opens_once(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    scene->work->address = STR("198.51.100.7");
    struct str copied = browser_open_pending(scene, &link);
    browser_enter_opened(scene, &link, copied);
    scene->work->address = STR("192.0.2.1");
    enum err err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void reloading_the_portal_resumes_the_session_that_the_link_opened(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &link);
    world_wait(&scene->world, 30 * MINUTE_MS);
    assert_int_equal(browser_open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
    assert_int_equal(browser.result.cookie.len, 0);
    assert_str_equal(browser.result.portals, "https://portal.example.com");
    assert_int_equal(browser_sessions(scene), 1);
    assert_int_equal(world_events(&scene->world, "resume"), 1);
}

static void resuming_does_not_make_a_session_longer(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str cookie = browser_redeem(scene, &link);
    world_wait(&scene->world, SCENE_SESSION_MS - 1);
    assert_int_equal(browser_open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
    world_wait(&scene->world, 1);
    assert_int_equal(browser_check(scene, &link, cookie), ERR_UNAUTHENTICATED);
    enum err err = browser_open_link(scene, &link, cookie);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_expired");
}

static void a_pat_that_expired_or_was_replaced_still_resumes_its_session(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str cookie = browser_redeem(scene, &link);
    scene_pat(scene);
    assert_int_equal(browser_open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
    world_wait(&scene->world, SCENE_LINK_MS);
    assert_int_equal(browser_open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
}

static void a_session_that_ended_is_not_resumed(void **state)
{
    struct scene *scene = *state;
    struct scene_link embed = scene_embed(scene);
    struct scene_link pat = scene_pat(scene);
    struct str cookie = browser_redeem(scene, &embed);
    assert_int_equal(browser_check(scene, &embed, cookie), ERR_OK);
    assert_int_equal(session_end(scene->work, &browser.view.id, "revoked"), ERR_OK);
    enum err err = browser_open_link(scene, &embed, cookie);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    cookie = browser_redeem(scene, &pat);
    assert_int_equal(browser_check(scene, &pat, cookie), ERR_OK);
    assert_int_equal(session_logout(scene->work, &browser.view.id), ERR_OK);
    assert_int_equal(browser_open_link(scene, &pat, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
}

static void a_session_that_lost_its_access_is_not_resumed(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str cookie = browser_redeem(scene, &link);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    enum err err = browser_open_link(scene, &link, cookie);
    assert_link_error(scene, err, ERR_DENIED, "access_denied");
    err = browser_enter(scene, &link, cookie);
    assert_int_not_equal(err, ERR_OK);
}

/* ---- another session of the same origin ---- */

static void a_browser_with_a_session_of_the_origin_spends_a_new_link_at_once(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = browser_redeem(scene, &first);
    world_wait(&scene->world, MINUTE_MS);
    assert_int_equal(browser_open_link(scene, &second, old), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_OPENED);
    assert_int_equal(browser.result.cookie_seconds, SCENE_SESSION_MS / 1000);
    struct str cookie = browser_set_cookie(scene);
    assert_int_equal(browser_check(scene, &second, cookie), ERR_OK);
    assert_int_equal(browser_check(scene, &second, old),
                     ERR_OK); /* until the browser has the new one */
    assert_int_equal(browser_open_link(scene, &second, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
}

static void a_link_that_was_spent_at_once_is_used_up_for_others(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = browser_redeem(scene, &first);
    assert_int_equal(browser_open_link(scene, &second, old), ERR_OK);
    secret_done(&browser.result.cookie);
    scene->work->user_agent = STR("another");
    enum err err = browser_open_link(scene, &second, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    scene->work->user_agent = STR("test");
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    err = browser_open_link(scene, &second, old);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void two_frames_that_hold_an_older_session_both_open_the_new_link(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = browser_redeem(scene, &first);
    assert_int_equal(browser_open_link(scene, &second, old), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_OPENED);
    struct str one = browser_set_cookie(scene);
    assert_int_equal(browser_open_link(scene, &second, old), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_OPENED);
    struct str other = browser_set_cookie(scene);
    assert_int_equal(browser_check(scene, &second, one), ERR_OK);
    assert_int_equal(browser_check(scene, &second, other), ERR_OK);
}

static void a_stranger_with_a_session_of_the_origin_gets_no_grace(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = browser_redeem(scene, &first);
    browser_redeem(scene, &second);
    scene->work->address = STR("198.51.100.7");
    enum err err = browser_open_link(scene, &second, old);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void an_older_session_does_not_help_a_bad_link(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link revoked = scene_embed(scene);
    struct scene_link expired = scene_embed(scene);
    struct str old = browser_redeem(scene, &first);
    browser_revoke(scene, &revoked);
    enum err err = browser_open_link(scene, &revoked, old);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
    world_wait(&scene->world, SCENE_LINK_MS);
    err = browser_open_link(scene, &expired, old);
    assert_link_error(scene, err, ERR_GONE, "link_expired");
    assert_int_equal(browser_sessions(scene), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(the_second_frame_enters_with_the_pending_cookie),
        scene_test(the_second_frame_enters_with_the_session_cookie_of_the_first),
        scene_test(the_second_frame_opens_the_link_when_the_first_has_entered_already),
        scene_test(the_second_frame_may_be_overtaken_before_it_has_any_cookie),
        scene_test(two_links_of_one_origin_open_in_two_frames_at_the_same_moment),
        scene_test(a_session_that_was_ended_does_not_come_back_in_the_grace),
        scene_test(the_grace_is_over_after_five_seconds),
        scene_test(entering_in_the_grace_does_not_make_it_longer),
        scene_test(the_grace_is_for_the_same_address_and_browser_only),
        scene_test(the_grace_is_not_for_another_decision),
        scene_test(a_copied_link_is_used_up_after_it_was_spent),
        scene_test(a_link_that_was_copied_before_it_was_spent_opens_once),
        scene_test(reloading_the_portal_resumes_the_session_that_the_link_opened),
        scene_test(resuming_does_not_make_a_session_longer),
        scene_test(a_pat_that_expired_or_was_replaced_still_resumes_its_session),
        scene_test(a_session_that_ended_is_not_resumed),
        scene_test(a_session_that_lost_its_access_is_not_resumed),
        scene_test(a_browser_with_a_session_of_the_origin_spends_a_new_link_at_once),
        scene_test(a_link_that_was_spent_at_once_is_used_up_for_others),
        scene_test(two_frames_that_hold_an_older_session_both_open_the_new_link),
        scene_test(a_stranger_with_a_session_of_the_origin_gets_no_grace),
        scene_test(an_older_session_does_not_help_a_bad_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
