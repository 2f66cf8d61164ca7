#include "browser.h"

static enum err renew(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    scene->work->renewed = NULL;
    browser.renews = true;
    enum err err = browser_open_link(scene, link, cookie);
    browser.renews = false;
    return err;
}

static void a_link_renews_the_session_that_is_there(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &first);
    assert_int_equal(browser_check(scene, &first, cookie), ERR_OK);
    struct uuid id = browser.view.id;
    world_wait(&scene->world, SCENE_SESSION_MS - MINUTE_MS);

    struct scene_link second = scene_embed(scene);
    assert_int_equal(renew(scene, &second, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RENEWED);
    assert_int_equal(browser.result.cookie_seconds, SCENE_SESSION_MS / 1000);
    assert_int_equal(browser.result.cookie.len, 0);
    assert_int_equal(browser_sessions(scene), 1);
    assert_true(uuid_equal(&scene->work->renewed->id, &id));
    assert_int_equal(browser_check(scene, &second, cookie), ERR_OK);
    assert_true(uuid_equal(&browser.view.id, &id));
    assert_int_equal(browser.view.expires_at_ms, scene->work->now_ms + SCENE_SESSION_MS);
    assert_int_equal(world_events(&scene->world, "renew"), 1);
    assert_int_equal(world_events(&scene->world, "redeem"), 1);

    /* The link is spent, and the session is its own from now on. */
    assert_link_error(scene, browser_open_link(scene, &second, STR_NONE), ERR_OK, "");
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    assert_link_error(scene, browser_open_link(scene, &second, STR_NONE), ERR_GONE, "link_used");
    browser_revoke(scene, &second);
    assert_int_equal(browser_check(scene, &second, cookie), ERR_UNAUTHENTICATED);
}

static void a_renewal_never_makes_a_session_shorter(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    scene_sql(scene, "UPDATE links SET session_ms = 60000 WHERE id = %s",
              scene_id(scene, &second.link.id));
    struct str cookie = browser_redeem(scene, &first);
    assert_int_equal(renew(scene, &second, cookie), ERR_OK);
    assert_int_equal(browser_check(scene, &second, cookie), ERR_OK);
    assert_int_equal(browser.view.expires_at_ms, scene->work->now_ms + SCENE_SESSION_MS);
}

static void a_single_use_link_does_not_renew_its_own_session_but_a_pat_does(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct scene_link pat = scene_pat(scene);
    struct str of_link = browser_redeem(scene, &link);
    struct str of_pat = browser_redeem(scene, &pat);
    world_wait(&scene->world, 1000);
    assert_int_equal(renew(scene, &link, of_link), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RESUMED);
    assert_null(scene->work->renewed);
    assert_int_equal(renew(scene, &pat, of_pat), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_RENEWED);
}

static void renewing_without_a_live_session_opens_one(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &first);
    world_wait(&scene->world, SCENE_SESSION_MS);
    scene_sql(scene, "UPDATE links SET expires_at = %lld",
              (long long)scene->work->now_ms + MINUTE_MS);
    assert_int_equal(renew(scene, &second, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
    struct str other = browser_enter_opened(scene, &second, browser_pending_cookie);
    assert_int_equal(browser_check(scene, &second, other), ERR_OK);
    assert_int_equal(browser_check(scene, &second, cookie), ERR_UNAUTHENTICATED);
}

static void of_two_who_use_a_link_at_once_the_second_gets_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    scene_others_are_faster(scene, "UPDATE", "links");
    assert_link_error(scene, browser_enter(scene, &link, pending), ERR_GONE, "link_used");
    assert_int_equal(browser_sessions(scene), 0);
    assert_int_equal(world_events(&scene->world, "redeem"), 0);
}

static void a_link_that_was_used_at_the_same_moment_renews_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &first);
    world_wait(&scene->world, 1000);
    scene_others_are_faster(scene, "UPDATE", "links");
    assert_link_error(scene, renew(scene, &second, cookie), ERR_GONE, "link_used");
    assert_null(scene->work->renewed);
    assert_int_equal(browser_check(scene, &first, cookie), ERR_OK);
    assert_int_equal(browser.view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
}

static void a_session_that_ended_at_the_same_moment_is_not_renewed(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &first);
    scene_others_are_faster(scene, "UPDATE", "sessions");
    assert_link_error(scene, renew(scene, &second, cookie), ERR_CONFLICT, "changed_meanwhile");
    assert_null(scene->work->renewed);
    assert_int_equal(world_events(&scene->world, "renew"), 0);
}

static void of_a_pat_only_the_first_use_is_noted(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    browser_redeem(scene, &pat);
    world_wait(&scene->world, MINUTE_MS);
    browser_redeem(scene, &pat);
    assert_int_equal(scene_link(scene, &pat).used_at_ms, WORLD_START_MS);
    assert_int_equal(browser_sessions(scene), 2);
}

static void a_bad_link_renews_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &first);
    browser_revoke(scene, &second);
    world_wait(&scene->world, 1000);
    assert_link_error(scene, renew(scene, &second, cookie), ERR_UNAUTHENTICATED, "link_revoked");
    assert_int_equal(browser_check(scene, &first, cookie), ERR_OK);
    assert_int_equal(browser.view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_link_renews_the_session_that_is_there),
        scene_test(a_renewal_never_makes_a_session_shorter),
        scene_test(a_single_use_link_does_not_renew_its_own_session_but_a_pat_does),
        scene_test(renewing_without_a_live_session_opens_one),
        scene_test(of_two_who_use_a_link_at_once_the_second_gets_nothing),
        scene_test(a_link_that_was_used_at_the_same_moment_renews_nothing),
        scene_test(a_session_that_ended_at_the_same_moment_is_not_renewed),
        scene_test(of_a_pat_only_the_first_use_is_noted),
        scene_test(a_bad_link_renews_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
