#include "scene.h"

#include "entry/redeem.h"

static struct redeem_result result;

/* ---- a browser ---- */

/* GET of a link on this origin. */
/* The next link is opened with renew=1. */
static bool renews;

static enum err open_at(struct scene *scene, const struct scene_link *link, struct str label,
                        struct str cookie)
{
    const struct redeem_request request = {
        .kind = link->link.is_reusable ? SECRET_PAT : SECRET_LINK,
        .secret = link->secret,
        .app = link->link.is_reusable ? work_uuid_text(scene->work, &link->link.app_id) : STR_NONE,
        .label = label,
        .cookie = cookie,
        .renews = renews,
    };
    scene->world.fault = (struct fault){.err = ERR_OK};
    return redeem_link(scene->work, &request, &result);
}

static enum err open_link(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    return open_at(scene, link, link->link.label, cookie);
}

/* Stands for the pending cookie in what a browser has, which otherwise is a session's cookie. */
static const struct str pending_cookie = {"pending", sizeof("pending") - 1};

static struct str proof_of(struct scene *scene, const struct scene_link *link)
{
    struct secret proof = link_proof(link->secret);
    return arena_str(&scene->world.arena, secret_str(&proof));
}

/* GET of /_inlay/enter. */
static enum err enter_at(struct scene *scene, struct str proof, struct str label, struct str cookie)
{
    bool has_pending = str_equal(cookie, pending_cookie);
    const struct enter_request request = {
        .proof = proof,
        .label = label,
        .cookie = has_pending ? STR_NONE : cookie,
        .has_pending = has_pending,
        .renews = renews,
    };
    scene->world.fault = (struct fault){.err = ERR_OK};
    return redeem_enter(scene->work, &request, &result);
}

static enum err enter(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    return enter_at(scene, proof_of(scene, link), link->link.label, cookie);
}

static struct str set_cookie(struct scene *scene)
{
    struct str cookie = arena_str(&scene->world.arena, secret_str(&result.cookie));
    secret_done(&result.cookie);
    return cookie;
}

/* The first of the two steps, which has to succeed: the pending cookie. */
static struct str open_pending(struct scene *scene, const struct scene_link *link)
{
    assert_int_equal(open_link(scene, link, STR_NONE), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
    assert_str_equal(secret_str(&result.proof), proof_of(scene, link).ptr);
    return pending_cookie;
}

/* The second: the session's cookie. */
static struct str enter_opened(struct scene *scene, const struct scene_link *link,
                               struct str pending)
{
    assert_int_equal(enter(scene, link, pending), ERR_OK);
    assert_int_equal(result.step, REDEEM_OPENED);
    return set_cookie(scene);
}

static struct str redeem(struct scene *scene, const struct scene_link *link)
{
    return enter_opened(scene, link, open_pending(scene, link));
}

static struct session_view view;

static enum err check(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    return session_check(scene->work, link->link.label, cookie, &view);
}

static int64_t sessions(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM sessions");
}

/* The error, and nothing that a browser could use. */
static void assert_link_error(struct scene *scene, enum err err, enum err expected,
                              const char *code)
{
    assert_string_equal(scene->world.fault.code, code);
    assert_int_equal(err, expected);
    assert_int_equal(result.cookie.len, 0);
}

static void revoke(struct scene *scene, const struct scene_link *link)
{
    scene_sql(scene, "UPDATE links SET revoked_at = 1 WHERE id = %s",
              scene_id(scene, &link->link.id));
}

/* ---- the two steps ---- */

static void a_link_opens_a_session_in_two_steps(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    assert_int_equal(open_link(scene, &link, STR_NONE), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
    assert_int_equal(result.cookie.len, 0);
    assert_str_equal(result.label, link.link.label.ptr);
    assert_str_equal(result.portals, "https://portal.example.com");
    struct str proof = arena_str(&scene->world.arena, secret_str(&result.proof));
    assert_int_equal(enter_at(scene, proof, link.link.label, pending_cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_OPENED);
    assert_int_equal(result.cookie_seconds, SCENE_SESSION_MS / 1000);
    assert_str_equal(result.portals, "https://portal.example.com");
    struct str cookie = set_cookie(scene);
    assert_int_equal(check(scene, &link, cookie), ERR_OK);
    assert_int_equal(view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
}

static void the_first_step_spends_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct link found;
    for (int i = 0; i < 3; i++) {
        open_pending(scene, &link);
    }
    found = scene_link(scene, &link);
    assert_int_equal(found.used_at_ms, 0);
    assert_int_equal(sessions(scene), 0);
}

static void each_step_leaves_its_events(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    assert_int_equal(world_events(&scene->world, "redeem"), 0);
    enter_opened(scene, &link, pending);
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
    assert_int_equal(open_at(scene, &pat, STR_NONE, STR_NONE), ERR_OK);
    assert_int_equal(result.step, REDEEM_MOVE);
    assert_str_equal(result.label, pat.link.label.ptr);
    assert_int_equal(open_at(scene, &embed, STR_NONE, STR_NONE), ERR_OK);
    assert_int_equal(result.step, REDEEM_MOVE);
    assert_int_equal(result.cookie.len, 0);
    assert_int_equal(sessions(scene), 0);
}

static void a_pat_opens_as_many_sessions_as_one_likes(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str first = redeem(scene, &link);
    world_wait(&scene->world, MINUTE_MS);
    scene->work->address = STR("198.51.100.7");
    struct str second = redeem(scene, &link);
    assert_int_equal(check(scene, &link, first), ERR_OK);
    assert_int_equal(check(scene, &link, second), ERR_OK);
    assert_int_equal(sessions(scene), 2);
}

static void a_pat_may_name_its_app_by_id_slug_or_not_at_all(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct redeem_request request = {
        .kind = SECRET_PAT, .secret = link.secret, .label = link.link.label};
    assert_int_equal(redeem_link(scene->work, &request, &result), ERR_OK);
    request.app = STR("orders");
    assert_int_equal(redeem_link(scene->work, &request, &result), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
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
        enum err err = redeem_link(scene->work, &request, &result);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
        assert_str_equal(result.portals, "");
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
    enum err err = redeem_link(scene->work, &request, &result);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    assert_str_equal(result.portals, "https://portal.example.com");
}

static void a_bad_link_on_a_known_origin_still_tells_its_portals(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    const struct str secrets[] = {STR("x"), STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        const struct redeem_request request = {
            .kind = SECRET_LINK, .secret = secrets[i], .label = pat.link.label};
        enum err err = redeem_link(scene->work, &request, &result);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
        assert_str_equal(result.portals, "https://portal.example.com");
        err = enter_at(scene, secrets[i], pat.link.label, STR_NONE);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
        assert_str_equal(result.portals, "https://portal.example.com");
    }
}

static void a_link_is_not_opened_on_the_origin_of_another_audience(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    enum err err = open_at(scene, &embed, pat.link.label, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    err = open_at(scene, &embed, STR("aaaaaaaaaaaaaaaaaaaaaaaaaa"), STR_NONE);
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
        enum err err = redeem_link(scene->work, &request, &result);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    }
}

static void entering_without_a_link_is_refused(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str pending = open_pending(scene, &link);
    struct scene_link never_minted = {.secret = STR("pat_of somebody else")};
    const struct str proofs[] = {
        STR_NONE,
        STR("x"),
        link.secret,
        work_uuid_text(scene->work, &link.link.id),
        proof_of(scene, &never_minted),
    };
    for (size_t i = 0; i < COUNT_OF(proofs); i++) {
        enum err err = enter_at(scene, proofs[i], link.link.label, pending);
        assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    }
}

static void entering_on_another_origin_is_refused(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_link other = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    enum err err = enter_at(scene, proof_of(scene, &link), other.link.label, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    assert_int_equal(sessions(scene), 0);
}

/* ---- cookies ---- */

static void a_browser_that_sends_no_cookie_back_spends_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    enum err err = enter(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_DENIED, "cookies_blocked");
    assert_int_equal(sessions(scene), 0);
    enter_opened(scene, &link, pending);
}

static void made_up_cookies_do_not_enter(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    open_pending(scene, &link);
    const struct str cookies[] = {STR(""), STR("AAAAAAAAAAAAAAAAAAAAAA"), proof_of(scene, &link),
                                  work_uuid_text(scene->work, &link.link.id)};
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        enum err err = enter(scene, &link, cookies[i]);
        assert_link_error(scene, err, ERR_DENIED, "cookies_blocked");
    }
    assert_int_equal(sessions(scene), 0);
}

static void the_session_of_another_origin_does_not_enter(void **state)
{
    struct scene *scene = *state;
    struct scene_link ours = scene_pat(scene);
    struct scene_link theirs = scene_embed(scene);
    struct str cookie = redeem(scene, &ours);
    enum err err = enter(scene, &theirs, cookie);
    assert_link_error(scene, err, ERR_DENIED, "cookies_blocked");
}

static void the_session_of_another_origin_spends_no_link(void **state)
{
    struct scene *scene = *state;
    struct scene_link ours = scene_pat(scene);
    struct scene_link theirs = scene_embed(scene);
    struct str cookie = redeem(scene, &ours);
    assert_int_equal(open_link(scene, &theirs, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
}

/* ---- two frames of one link ---- */

static void the_second_frame_enters_with_the_pending_cookie(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    struct str first = enter_opened(scene, &link, pending);
    world_wait(&scene->world, REDEEM_GRACE_MS);
    struct str second = enter_opened(scene, &link, pending);
    assert_int_equal(check(scene, &link, first), ERR_OK);
    assert_int_equal(check(scene, &link, second), ERR_OK);
}

static void the_second_frame_enters_with_the_session_cookie_of_the_first(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    struct str cookie = enter_opened(scene, &link, pending);
    assert_int_equal(enter(scene, &link, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
    assert_int_equal(result.cookie.len, 0);
    assert_int_equal(sessions(scene), 1);
}

static void the_second_frame_opens_the_link_when_the_first_has_entered_already(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    enter_opened(scene, &link, pending);
    assert_int_equal(open_link(scene, &link, pending), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
    enter_opened(scene, &link, pending);
}

static void the_second_frame_may_be_overtaken_before_it_has_any_cookie(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str first = redeem(scene, &link);
    struct str second = redeem(scene, &link);
    assert_int_equal(check(scene, &link, first), ERR_OK);
    assert_int_equal(check(scene, &link, second), ERR_OK);
}

static void two_links_of_one_origin_open_in_two_frames_at_the_same_moment(void **state)
{
    struct scene *scene = *state;
    struct scene_link one = scene_embed(scene);
    struct scene_link other = scene_embed(scene);
    assert_str_equal(one.link.label, other.link.label.ptr);
    open_pending(scene, &one);
    struct str pending = open_pending(scene, &other);
    struct str first = enter_opened(scene, &one, pending);
    struct str second = enter_opened(scene, &other, first);
    assert_int_equal(check(scene, &one, first), ERR_OK);
    assert_int_equal(check(scene, &other, second), ERR_OK);
}

static void a_session_that_was_ended_does_not_come_back_in_the_grace(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    struct str cookie = enter_opened(scene, &link, pending);
    assert_int_equal(check(scene, &link, cookie), ERR_OK);
    assert_int_equal(session_end(scene->work, &view.id, "revoked"), ERR_OK);
    const struct str cookies[] = {STR_NONE, pending, cookie};
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        enum err err = open_link(scene, &link, cookies[i]);
        assert_link_error(scene, err, ERR_GONE, "link_used");
    }
    enum err err = enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void the_grace_is_over_after_five_seconds(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    enter_opened(scene, &link, pending);
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    enum err err = enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    err = open_link(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void entering_in_the_grace_does_not_make_it_longer(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    enter_opened(scene, &link, pending);
    world_wait(&scene->world, REDEEM_GRACE_MS - 1);
    enter_opened(scene, &link, pending);
    world_wait(&scene->world, 2);
    enum err err = enter(scene, &link, pending);
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
    struct str pending = open_pending(scene, &link);
    enter_opened(scene, &link, pending);
    for (size_t i = 0; i < COUNT_OF(strangers); i++) {
        scene->work->address = str_from(strangers[i].address);
        scene->work->user_agent = str_from(strangers[i].user_agent);
        enum err err = enter(scene, &link, pending);
        assert_link_error(scene, err, ERR_GONE, "link_used");
        err = open_link(scene, &link, pending);
        assert_link_error(scene, err, ERR_GONE, "link_used");
    }
    assert_int_equal(sessions(scene), 1);
}

static void the_grace_is_not_for_another_decision(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    enter_opened(scene, &link, pending);
    revoke(scene, &link);
    enum err err = enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
}

/* ---- a link once more ---- */

static void a_copied_link_is_used_up_after_it_was_spent(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    redeem(scene, &link);
    scene->work->address = STR("198.51.100.7");
    enum err err = open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    assert_str_equal(result.portals, "https://portal.example.com");
    scene->work->address = STR("192.0.2.1");
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    err = open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    assert_int_equal(sessions(scene), 1);
}

static void a_link_that_was_copied_before_it_was_spent_opens_once(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    scene->work->address = STR("198.51.100.7");
    struct str copied = open_pending(scene, &link);
    enter_opened(scene, &link, copied);
    scene->work->address = STR("192.0.2.1");
    enum err err = enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void reloading_the_portal_resumes_the_session_that_the_link_opened(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str cookie = redeem(scene, &link);
    world_wait(&scene->world, 30 * MINUTE_MS);
    assert_int_equal(open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
    assert_int_equal(result.cookie.len, 0);
    assert_str_equal(result.portals, "https://portal.example.com");
    assert_int_equal(sessions(scene), 1);
    assert_int_equal(world_events(&scene->world, "resume"), 1);
}

static void resuming_does_not_make_a_session_longer(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str cookie = redeem(scene, &link);
    world_wait(&scene->world, SCENE_SESSION_MS - 1);
    assert_int_equal(open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
    world_wait(&scene->world, 1);
    assert_int_equal(check(scene, &link, cookie), ERR_UNAUTHENTICATED);
    enum err err = open_link(scene, &link, cookie);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_expired");
}

static void a_pat_that_expired_or_was_replaced_still_resumes_its_session(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str cookie = redeem(scene, &link);
    scene_pat(scene);
    assert_int_equal(open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
    world_wait(&scene->world, SCENE_LINK_MS);
    assert_int_equal(open_link(scene, &link, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
}

static void a_session_that_ended_is_not_resumed(void **state)
{
    struct scene *scene = *state;
    struct scene_link embed = scene_embed(scene);
    struct scene_link pat = scene_pat(scene);
    struct str cookie = redeem(scene, &embed);
    assert_int_equal(check(scene, &embed, cookie), ERR_OK);
    assert_int_equal(session_end(scene->work, &view.id, "revoked"), ERR_OK);
    enum err err = open_link(scene, &embed, cookie);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    cookie = redeem(scene, &pat);
    assert_int_equal(check(scene, &pat, cookie), ERR_OK);
    assert_int_equal(session_logout(scene->work, &view.id), ERR_OK);
    assert_int_equal(open_link(scene, &pat, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
}

static void a_session_that_lost_its_access_is_not_resumed(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str cookie = redeem(scene, &link);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    enum err err = open_link(scene, &link, cookie);
    assert_link_error(scene, err, ERR_DENIED, "access_denied");
    err = enter(scene, &link, cookie);
    assert_int_not_equal(err, ERR_OK);
}

/* ---- another session of the same origin ---- */

static void a_browser_with_a_session_of_the_origin_spends_a_new_link_at_once(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = redeem(scene, &first);
    world_wait(&scene->world, MINUTE_MS);
    assert_int_equal(open_link(scene, &second, old), ERR_OK);
    assert_int_equal(result.step, REDEEM_OPENED);
    assert_int_equal(result.cookie_seconds, SCENE_SESSION_MS / 1000);
    struct str cookie = set_cookie(scene);
    assert_int_equal(check(scene, &second, cookie), ERR_OK);
    assert_int_equal(check(scene, &second, old), ERR_OK); /* until the browser has the new one */
    assert_int_equal(open_link(scene, &second, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
}

static void a_link_that_was_spent_at_once_is_used_up_for_others(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = redeem(scene, &first);
    assert_int_equal(open_link(scene, &second, old), ERR_OK);
    secret_done(&result.cookie);
    scene->work->user_agent = STR("another");
    enum err err = open_link(scene, &second, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_used");
    scene->work->user_agent = STR("test");
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    err = open_link(scene, &second, old);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void two_frames_that_hold_an_older_session_both_open_the_new_link(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = redeem(scene, &first);
    assert_int_equal(open_link(scene, &second, old), ERR_OK);
    assert_int_equal(result.step, REDEEM_OPENED);
    struct str one = set_cookie(scene);
    assert_int_equal(open_link(scene, &second, old), ERR_OK);
    assert_int_equal(result.step, REDEEM_OPENED);
    struct str other = set_cookie(scene);
    assert_int_equal(check(scene, &second, one), ERR_OK);
    assert_int_equal(check(scene, &second, other), ERR_OK);
}

static void a_stranger_with_a_session_of_the_origin_gets_no_grace(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str old = redeem(scene, &first);
    redeem(scene, &second);
    scene->work->address = STR("198.51.100.7");
    enum err err = open_link(scene, &second, old);
    assert_link_error(scene, err, ERR_GONE, "link_used");
}

static void an_older_session_does_not_help_a_bad_link(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link revoked = scene_embed(scene);
    struct scene_link expired = scene_embed(scene);
    struct str old = redeem(scene, &first);
    revoke(scene, &revoked);
    enum err err = open_link(scene, &revoked, old);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
    world_wait(&scene->world, SCENE_LINK_MS);
    err = open_link(scene, &expired, old);
    assert_link_error(scene, err, ERR_GONE, "link_expired");
    assert_int_equal(sessions(scene), 1);
}

/* ---- links that are over, and lost access ---- */

static void links_expire_at_their_very_millisecond(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    struct str pending = open_pending(scene, &pat);
    world_wait(&scene->world, SCENE_LINK_MS - 1);
    open_pending(scene, &pat);
    open_pending(scene, &embed);
    world_wait(&scene->world, 1);
    enum err err = open_link(scene, &pat, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_expired");
    err = enter(scene, &pat, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_expired");
    err = open_link(scene, &embed, STR_NONE);
    assert_link_error(scene, err, ERR_GONE, "link_expired");
}

static void a_replaced_pat_opens_nothing_new(void **state)
{
    struct scene *scene = *state;
    struct scene_link old = scene_pat(scene);
    struct str pending = open_pending(scene, &old);
    struct scene_link new = scene_pat(scene);
    enum err err = enter(scene, &old, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_replaced");
    err = open_link(scene, &old, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_replaced");
    redeem(scene, &new);
}

static void a_revoked_link_opens_nothing_and_resumes_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str pending = open_pending(scene, &link);
    struct str cookie = enter_opened(scene, &link, pending);
    revoke(scene, &link);
    enum err err = open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
    err = open_link(scene, &link, cookie);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
    err = enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_revoked");
}

static void access_is_decided_again_between_the_two_steps(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct str pending = open_pending(scene, &link);
    struct user archived = scene->user;
    archived.is_active = false;
    assert_int_equal(user_update(scene->work, &scene->user, &archived), ERR_OK);
    enum err err = enter(scene, &link, pending);
    assert_link_error(scene, err, ERR_DENIED, "access_denied");
    assert_int_equal(sessions(scene), 0);
}

static void an_app_that_lost_its_release_says_so(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    scene_sql(scene, "UPDATE apps SET current_version = NULL");
    enum err err = open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_DENIED, "app_not_released");
}

static void an_app_that_moved_or_is_gone_makes_links_invalid(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct app moved = scene->app;
    moved.workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(app_update(scene->work, &scene->app, &moved), ERR_OK);
    enum err err = open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
    assert_int_equal(app_delete(scene->work, &moved), ERR_OK);
    err = open_link(scene, &link, STR_NONE);
    assert_link_error(scene, err, ERR_UNAUTHENTICATED, "link_invalid");
}

static void a_denial_is_about_the_links_user_and_app(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    redeem(scene, &link);
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    assert_int_equal(open_link(scene, &link, STR_NONE), ERR_GONE);
    assert_true(uuid_equal(&scene->work->subject.user_id, &scene->user.id));
    assert_true(uuid_equal(&scene->work->subject.app_id, &scene->app.id));
    assert_true(uuid_equal(&scene->work->subject.link_id, &link.link.id));
    assert_true(uuid_equal(&scene->work->workspace_id, &scene->world.instance.workspace_id));
}

/* ---- renewing ---- */

static enum err renew(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    scene->work->renewed = NULL;
    renews = true;
    enum err err = open_link(scene, link, cookie);
    renews = false;
    return err;
}

static void a_link_renews_the_session_that_is_there(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct str cookie = redeem(scene, &first);
    assert_int_equal(check(scene, &first, cookie), ERR_OK);
    struct uuid id = view.id;
    world_wait(&scene->world, SCENE_SESSION_MS - MINUTE_MS);

    struct scene_link second = scene_embed(scene);
    assert_int_equal(renew(scene, &second, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_RENEWED);
    assert_int_equal(result.cookie_seconds, SCENE_SESSION_MS / 1000);
    assert_int_equal(result.cookie.len, 0);
    assert_int_equal(sessions(scene), 1);
    assert_true(uuid_equal(&scene->work->renewed->id, &id));
    assert_int_equal(check(scene, &second, cookie), ERR_OK);
    assert_true(uuid_equal(&view.id, &id));
    assert_int_equal(view.expires_at_ms, scene->work->now_ms + SCENE_SESSION_MS);
    assert_int_equal(world_events(&scene->world, "renew"), 1);
    assert_int_equal(world_events(&scene->world, "redeem"), 1);

    /* The link is spent, and the session is its own from now on. */
    assert_link_error(scene, open_link(scene, &second, STR_NONE), ERR_OK, "");
    world_wait(&scene->world, REDEEM_GRACE_MS + 1);
    assert_link_error(scene, open_link(scene, &second, STR_NONE), ERR_GONE, "link_used");
    revoke(scene, &second);
    assert_int_equal(check(scene, &second, cookie), ERR_UNAUTHENTICATED);
}

static void a_renewal_never_makes_a_session_shorter(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    scene_sql(scene, "UPDATE links SET session_ms = 60000 WHERE id = %s",
              scene_id(scene, &second.link.id));
    struct str cookie = redeem(scene, &first);
    assert_int_equal(renew(scene, &second, cookie), ERR_OK);
    assert_int_equal(check(scene, &second, cookie), ERR_OK);
    assert_int_equal(view.expires_at_ms, scene->work->now_ms + SCENE_SESSION_MS);
}

static void a_single_use_link_does_not_renew_its_own_session_but_a_pat_does(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct scene_link pat = scene_pat(scene);
    struct str of_link = redeem(scene, &link);
    struct str of_pat = redeem(scene, &pat);
    world_wait(&scene->world, 1000);
    assert_int_equal(renew(scene, &link, of_link), ERR_OK);
    assert_int_equal(result.step, REDEEM_RESUMED);
    assert_null(scene->work->renewed);
    assert_int_equal(renew(scene, &pat, of_pat), ERR_OK);
    assert_int_equal(result.step, REDEEM_RENEWED);
}

static void renewing_without_a_live_session_opens_one(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = redeem(scene, &first);
    world_wait(&scene->world, SCENE_SESSION_MS);
    scene_sql(scene, "UPDATE links SET expires_at = %lld",
              (long long)scene->work->now_ms + MINUTE_MS);
    assert_int_equal(renew(scene, &second, cookie), ERR_OK);
    assert_int_equal(result.step, REDEEM_PENDING);
    struct str other = enter_opened(scene, &second, pending_cookie);
    assert_int_equal(check(scene, &second, other), ERR_OK);
    assert_int_equal(check(scene, &second, cookie), ERR_UNAUTHENTICATED);
}

static void of_two_who_use_a_link_at_once_the_second_gets_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    scene_others_are_faster(scene, "UPDATE", "links");
    assert_link_error(scene, enter(scene, &link, pending), ERR_GONE, "link_used");
    assert_int_equal(sessions(scene), 0);
    assert_int_equal(world_events(&scene->world, "redeem"), 0);
}

static void a_link_that_was_used_at_the_same_moment_renews_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = redeem(scene, &first);
    world_wait(&scene->world, 1000);
    scene_others_are_faster(scene, "UPDATE", "links");
    assert_link_error(scene, renew(scene, &second, cookie), ERR_GONE, "link_used");
    assert_null(scene->work->renewed);
    assert_int_equal(check(scene, &first, cookie), ERR_OK);
    assert_int_equal(view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
}

static void a_session_that_ended_at_the_same_moment_is_not_renewed(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = redeem(scene, &first);
    scene_others_are_faster(scene, "UPDATE", "sessions");
    assert_link_error(scene, renew(scene, &second, cookie), ERR_CONFLICT, "changed_meanwhile");
    assert_null(scene->work->renewed);
    assert_int_equal(world_events(&scene->world, "renew"), 0);
}

static void of_a_pat_only_the_first_use_is_noted(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    redeem(scene, &pat);
    world_wait(&scene->world, MINUTE_MS);
    redeem(scene, &pat);
    assert_int_equal(scene_link(scene, &pat).used_at_ms, WORLD_START_MS);
    assert_int_equal(sessions(scene), 2);
}

static void a_bad_link_renews_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    struct str cookie = redeem(scene, &first);
    revoke(scene, &second);
    world_wait(&scene->world, 1000);
    assert_link_error(scene, renew(scene, &second, cookie), ERR_UNAUTHENTICATED, "link_revoked");
    assert_int_equal(check(scene, &first, cookie), ERR_OK);
    assert_int_equal(view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
}

static void no_secret_of_the_whole_way_is_stored(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    struct str cookie = enter_opened(scene, &link, pending);
    assert_false(scene_stores(scene, link.secret));
    assert_false(scene_stores(scene, proof_of(scene, &link)));
    assert_false(scene_stores(scene, cookie));
}

static void an_opening_that_the_audit_log_cannot_tell_fails(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct str pending = open_pending(scene, &link);
    scene_sql(scene, "DROP TABLE events");
    assert_int_equal(enter(scene, &link, pending), ERR_INTERNAL);
    assert_fault(&scene->world, "internal");
    secret_done(&result.cookie);
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
        scene_test(links_expire_at_their_very_millisecond),
        scene_test(a_replaced_pat_opens_nothing_new),
        scene_test(a_revoked_link_opens_nothing_and_resumes_nothing),
        scene_test(access_is_decided_again_between_the_two_steps),
        scene_test(an_app_that_lost_its_release_says_so),
        scene_test(an_app_that_moved_or_is_gone_makes_links_invalid),
        scene_test(a_denial_is_about_the_links_user_and_app),
        scene_test(a_link_renews_the_session_that_is_there),
        scene_test(a_renewal_never_makes_a_session_shorter),
        scene_test(a_single_use_link_does_not_renew_its_own_session_but_a_pat_does),
        scene_test(renewing_without_a_live_session_opens_one),
        scene_test(of_two_who_use_a_link_at_once_the_second_gets_nothing),
        scene_test(a_link_that_was_used_at_the_same_moment_renews_nothing),
        scene_test(a_session_that_ended_at_the_same_moment_is_not_renewed),
        scene_test(of_a_pat_only_the_first_use_is_noted),
        scene_test(a_bad_link_renews_nothing),
        scene_test(no_secret_of_the_whole_way_is_stored),
        scene_test(an_opening_that_the_audit_log_cannot_tell_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
