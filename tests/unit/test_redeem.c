#include "browser.h"

/* ---- the two steps ---- */

static void a_link_opens_a_session_in_two_steps(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    assert_int_equal(browser_open_link(scene, &link, STR_NONE), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
    assert_int_equal(browser.result.cookie.len, 0);
    assert_str_equal(browser.result.label, link.link.label.ptr);
    assert_str_equal(browser.result.portals, "https://portal.example.com");
    struct str proof = arena_str(&scene->world.arena, secret_str(&browser.result.proof));
    assert_int_equal(browser_enter_at(scene, proof, link.link.label, browser_pending_cookie),
                     ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_OPENED);
    assert_int_equal(browser.result.cookie_seconds, SCENE_SESSION_MS / 1000);
    assert_str_equal(browser.result.portals, "https://portal.example.com");
    struct str cookie = browser_set_cookie(scene);
    assert_int_equal(browser_check(scene, &link, cookie), ERR_OK);
    assert_int_equal(browser.view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
}

static void the_first_step_spends_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct link found;
    for (int i = 0; i < 3; i++) {
        browser_open_pending(scene, &link);
    }
    found = scene_link(scene, &link);
    assert_int_equal(found.used_at_ms, 0);
    assert_int_equal(browser_sessions(scene), 0);
}

static void each_step_leaves_its_events(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    assert_int_equal(world_events(&scene->world, "redeem"), 0);
    browser_enter_opened(scene, &link, pending);
    assert_int_equal(world_events(&scene->world, "redeem"), 1);
    assert_str_equal(scene_text(scene, "SELECT actor_kind FROM events WHERE type = 'redeem'"),
                     "user");
    assert_int_equal(scene_number(scene,
                                  "SELECT link_id = %s AND user_id = %s AND app_id = %s"
                                  " AND session_id = (SELECT id FROM sessions)"
                                  " FROM events WHERE type = 'redeem'",
                                  scene_id(scene, &link.link.id), scene_id(scene, &scene->user.id),
                                  scene_id(scene, &scene->app.id)),
                     1);
}

static void a_link_on_the_public_address_is_sent_to_its_origin(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    assert_int_equal(browser_open_at(scene, &pat, STR_NONE, STR_NONE), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_MOVE);
    assert_str_equal(browser.result.label, pat.link.label.ptr);
    assert_int_equal(browser_open_at(scene, &embed, STR_NONE, STR_NONE), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_MOVE);
    assert_int_equal(browser.result.cookie.len, 0);
    assert_int_equal(browser_sessions(scene), 0);
}

static void a_pat_opens_as_many_sessions_as_one_likes(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str first = browser_redeem(scene, &link);
    world_wait(&scene->world, MINUTE_MS);
    scene->work->address = STR("198.51.100.7");
    struct str second = browser_redeem(scene, &link);
    assert_int_equal(browser_check(scene, &link, first), ERR_OK);
    assert_int_equal(browser_check(scene, &link, second), ERR_OK);
    assert_int_equal(browser_sessions(scene), 2);
}

static void a_pat_may_name_its_app_by_id_slug_or_not_at_all(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct redeem_request request = {
        .kind = SECRET_PAT, .secret = link.secret, .label = link.link.label};
    assert_int_equal(redeem_link(scene->work, &request, &browser.result), ERR_OK);
    request.app = STR("orders");
    assert_int_equal(redeem_link(scene->work, &request, &browser.result), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
}

/* ---- links that are not valid ---- */

static void what_is_no_link_is_refused(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    const struct {
        enum secret_kind kind;
        struct str secret;
    } cases[] = {
        {SECRET_PAT, STR_NONE},
        {SECRET_PAT, STR("pat_")},
        {SECRET_PAT, embed.secret},
        {SECRET_LINK, pat.secret},
        {SECRET_LINK, STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")},
        {SECRET_LINK, {embed.secret.ptr, embed.secret.len - 1}},
        {SECRET_PAT, STR("pat_0000000000000000000000000000000000000000000000000000000000000000")},
        {SECRET_LINK, scene->world.token},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct redeem_request request = {.kind = cases[i].kind, .secret = cases[i].secret};
        enum err err = redeem_link(scene->work, &request, &browser.result);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED,
                          cases[i].secret.len == 0 ? "link_missing" : "link_invalid");
        assert_str_equal(browser.result.portals, "");
    }
}

static void a_bad_link_that_names_an_app_still_tells_its_portals(void **state)
{
    struct scene *scene = *state;
    const struct redeem_request request = {
        .kind = SECRET_PAT,
        .secret = STR("pat_nonsense"),
        .app = work_uuid_text(scene->work, &scene->app.id),
    };
    enum err err = redeem_link(scene->work, &request, &browser.result);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    assert_str_equal(browser.result.portals, "https://portal.example.com");
}

static void a_bad_link_on_a_known_origin_still_tells_its_portals(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    const struct str secrets[] = {STR("x"), STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        const struct redeem_request request = {
            .kind = SECRET_LINK, .secret = secrets[i], .label = pat.link.label};
        enum err err = redeem_link(scene->work, &request, &browser.result);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
        assert_str_equal(browser.result.portals, "https://portal.example.com");
        err = browser_enter_at(scene, secrets[i], pat.link.label, STR_NONE);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
        assert_str_equal(browser.result.portals, "https://portal.example.com");
    }
}

static void a_link_is_not_opened_on_the_origin_of_another_audience(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    enum err err = browser_open_at(scene, &embed, pat.link.label, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    err = browser_open_at(scene, &embed, STR("aaaaaaaaaaaaaaaaaaaaaaaaaa"), STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
}

static void a_pat_that_names_another_app_is_refused(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct app other = world_app(&scene->world, "other");
    const struct str named[] = {
        STR("other"),
        work_uuid_text(scene->work, &other.id),
        STR("no-such-app"),
        STR("01890a5d-ac96-774b-bcce-b302099a8057"),
    };
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        const struct redeem_request request = {
            .kind = SECRET_PAT, .secret = link.secret, .app = named[i], .label = link.link.label};
        enum err err = redeem_link(scene->work, &request, &browser.result);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    }
}

static void entering_without_a_link_is_refused(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct scene_link never_minted = {.secret = STR("pat_of somebody else")};
    const struct str proofs[] = {
        STR_NONE,
        STR("x"),
        link.secret,
        work_uuid_text(scene->work, &link.link.id),
        browser_proof_of(scene, &never_minted),
    };
    for (size_t i = 0; i < COUNT_OF(proofs); i++) {
        enum err err = browser_enter_at(scene, proofs[i], link.link.label, pending);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    }
}

static void entering_on_another_origin_is_refused(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_link other = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    enum err err =
        browser_enter_at(scene, browser_proof_of(scene, &link), other.link.label, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    assert_int_equal(browser_sessions(scene), 0);
}

/* ---- cookies ---- */

static void a_browser_that_sends_no_cookie_back_spends_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    enum err err = browser_enter(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_DENIED, "cookies_blocked");
    assert_int_equal(browser_sessions(scene), 0);
    browser_enter_opened(scene, &link, pending);
}

static void made_up_cookies_do_not_enter(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    browser_open_pending(scene, &link);
    const struct str cookies[] = {STR(""), STR("AAAAAAAAAAAAAAAAAAAAAA"),
                                  browser_proof_of(scene, &link),
                                  work_uuid_text(scene->work, &link.link.id)};
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        enum err err = browser_enter(scene, &link, cookies[i]);
        assert_link_error(scene, err, ERR_DENIED, "cookies_blocked");
    }
    assert_int_equal(browser_sessions(scene), 0);
}

static void the_session_of_another_origin_does_not_enter(void **state)
{
    struct scene *scene = *state;
    struct scene_link ours = scene_pat(scene);
    struct scene_link theirs = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &ours);
    enum err err = browser_enter(scene, &theirs, cookie);
    assert_link_error(scene, err, ERR_DENIED, "cookies_blocked");
}

static void the_session_of_another_origin_spends_no_link(void **state)
{
    struct scene *scene = *state;
    struct scene_link ours = scene_pat(scene);
    struct scene_link theirs = scene_embed(scene);
    struct str cookie = browser_redeem(scene, &ours);
    assert_int_equal(browser_open_link(scene, &theirs, cookie), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
}

/* ---- links that are over, and lost access ---- */

static void links_expire_at_their_very_millisecond(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &pat);
    world_wait(&scene->world, SCENE_LINK_MS - 1);
    browser_open_pending(scene, &pat);
    browser_open_pending(scene, &embed);
    world_wait(&scene->world, 1);
    enum err err = browser_open_link(scene, &pat, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_expired");
    err = browser_enter(scene, &pat, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_expired");
    err = browser_open_link(scene, &embed, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_expired");
}

static void a_replaced_pat_opens_nothing_new(void **state)
{
    struct scene *scene = *state;
    struct scene_link old = scene_pat(scene);
    struct str pending = browser_open_pending(scene, &old);
    struct scene_link new = scene_pat(scene);
    enum err err = browser_enter(scene, &old, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_replaced");
    err = browser_open_link(scene, &old, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_replaced");
    browser_redeem(scene, &new);
}

static void a_revoked_link_opens_nothing_and_resumes_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct str cookie = browser_enter_opened(scene, &link, pending);
    browser_revoke(scene, &link);
    enum err err = browser_open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
    err = browser_open_link(scene, &link, cookie);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
    err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
}

static void access_is_decided_again_between_the_two_steps(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct user archived = scene->user;
    archived.is_active = false;
    assert_int_equal(user_update(scene->work, &scene->user, &archived), ERR_OK);
    enum err err = browser_enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_DENIED, "access_denied");
    assert_int_equal(browser_sessions(scene), 0);
}

static void an_app_that_lost_its_release_says_so(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    scene_sql(scene, "UPDATE apps SET current_version = NULL");
    enum err err = browser_open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_DENIED, "app_not_released");
}

static void an_app_that_moved_or_is_gone_makes_links_invalid(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct app moved = scene->app;
    moved.workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(app_update(scene->work, &scene->app, &moved), ERR_OK);
    enum err err = browser_open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    assert_int_equal(app_delete(scene->work, &moved), ERR_OK);
    err = browser_open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
}

static void a_denial_is_about_the_links_user_and_app(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    browser_redeem(scene, &link);
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    assert_int_equal(browser_open_link(scene, &link, STR_NONE), ERR_GONE);
    assert_true(uuid_equal(&scene->work->subject.user_id, &scene->user.id));
    assert_true(uuid_equal(&scene->work->subject.app_id, &scene->app.id));
    assert_true(uuid_equal(&scene->work->subject.link_id, &link.link.id));
    assert_true(uuid_equal(&scene->work->workspace_id, &scene->world.instance.workspace_id));
}

static void no_secret_of_the_whole_way_is_stored(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    struct str cookie = browser_enter_opened(scene, &link, pending);
    assert_false(scene_stores(scene, link.secret));
    assert_false(scene_stores(scene, browser_proof_of(scene, &link)));
    assert_false(scene_stores(scene, cookie));
}

static void an_opening_that_the_audit_log_cannot_tell_fails(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = browser_open_pending(scene, &link);
    scene_sql(scene, "DROP TABLE events");
    assert_int_equal(browser_enter(scene, &link, pending), ERR_INTERNAL);
    assert_fault(&scene->world, "internal");
    secret_done(&browser.result.cookie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_link_opens_a_session_in_two_steps),
        scene_test(the_first_step_spends_nothing),
        scene_test(each_step_leaves_its_events),
        scene_test(a_link_on_the_public_address_is_sent_to_its_origin),
        scene_test(a_pat_opens_as_many_sessions_as_one_likes),
        scene_test(a_pat_may_name_its_app_by_id_slug_or_not_at_all),
        scene_test(what_is_no_link_is_refused),
        scene_test(a_bad_link_that_names_an_app_still_tells_its_portals),
        scene_test(a_bad_link_on_a_known_origin_still_tells_its_portals),
        scene_test(a_link_is_not_opened_on_the_origin_of_another_audience),
        scene_test(a_pat_that_names_another_app_is_refused),
        scene_test(entering_without_a_link_is_refused),
        scene_test(entering_on_another_origin_is_refused),
        scene_test(a_browser_that_sends_no_cookie_back_spends_nothing),
        scene_test(made_up_cookies_do_not_enter),
        scene_test(the_session_of_another_origin_does_not_enter),
        scene_test(the_session_of_another_origin_spends_no_link),
        scene_test(links_expire_at_their_very_millisecond),
        scene_test(a_replaced_pat_opens_nothing_new),
        scene_test(a_revoked_link_opens_nothing_and_resumes_nothing),
        scene_test(access_is_decided_again_between_the_two_steps),
        scene_test(an_app_that_lost_its_release_says_so),
        scene_test(an_app_that_moved_or_is_gone_makes_links_invalid),
        scene_test(a_denial_is_about_the_links_user_and_app),
        scene_test(no_secret_of_the_whole_way_is_stored),
        scene_test(an_opening_that_the_audit_log_cannot_tell_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
