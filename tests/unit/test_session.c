#include "scene.h"

#include "entry/link.h"
#include "crypto/random.h"

static struct session_view view;

static enum err check(struct scene *scene, struct str label, struct str cookie)
{
    scene->world.fault = (struct fault){.err = ERR_OK};
    return session_check(scene->work, label, cookie, &view);
}

static enum err check_opened(struct scene *scene, const struct scene_session *opened)
{
    return check(scene, opened->session.label, opened->cookie);
}

static void assert_over(struct scene *scene, const struct scene_session *opened, const char *reason)
{
    assert_int_equal(check_opened(scene, opened), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "session_ended");
    assert_true(view.must_end);
    assert_string_equal(view.end_reason, reason);
}

/* ---- a live session ---- */

static void the_cookie_of_a_live_session_is_good_on_its_origin(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
    assert_true(uuid_equal(&view.id, &opened.session.id));
    assert_true(uuid_equal(&view.app_id, &scene->app.id));
    assert_true(digest_equal(&view.content, &scene->content));
    assert_int_equal(view.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
    assert_str_equal(view.portals, "https://portal.example.com");
    assert_false(view.must_end);
}

static void a_session_remembers_who_opened_it(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct session session;
    assert_int_equal(session_find(scene->work, &opened.session.id, &session), ERR_OK);
    assert_str_equal(session.address, "192.0.2.1");
    assert_str_equal(session.user_agent, "test");
    assert_true(uuid_equal(&session.user_id, &scene->user.id));
    assert_true(uuid_equal(&session.app_id, &scene->app.id));
    assert_true(uuid_equal(&session.workspace_id, &scene->world.instance.workspace_id));
    assert_int_equal(session.created_at_ms, WORLD_START_MS);
    assert_int_equal(session.expires_at_ms, WORLD_START_MS + SCENE_SESSION_MS);
    assert_int_equal(session.ended_at_ms, 0);
    assert_null(session.end_reason.ptr);
    assert_false(session.link_revoked);
}

static void the_cookie_is_stored_nowhere(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_true(secret_has_form(SECRET_COOKIE, opened.cookie));
    assert_true(scene_stores(scene, opened.session.label));
    assert_false(scene_stores(scene, opened.cookie));
}

static void two_sessions_of_one_link_are_two(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_session first = scene_session(scene, &link.link);
    struct scene_session second = scene_session(scene, &link.link);
    assert_false(str_equal(first.cookie, second.cookie));
    assert_int_equal(session_end(scene->work, &first.session.id, "revoked"), ERR_OK);
    assert_int_equal(check_opened(scene, &second), ERR_OK);
}

static void a_session_follows_the_current_release(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct digest second = scene_release(scene, &scene->app, "2.0.0");
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
    assert_true(digest_equal(&view.content, &second));
}

static void checking_writes_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, SCENE_SESSION_MS);
    int64_t before = store_changes(scene->world.store);
    assert_over(scene, &opened, "expired");
    assert_int_equal(store_changes(scene->world.store), before);
}

/* ---- no session ---- */

static void assert_missing(struct scene *scene, struct str label, struct str cookie)
{
    assert_int_equal(check(scene, label, cookie), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "session_missing");
    assert_false(view.must_end);
    assert_true(uuid_is_none(&view.id));
}

static void a_cookie_of_another_origin_is_none(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct scene_link other = scene_embed(scene);
    assert_missing(scene, other.link.label, opened.cookie);
    assert_missing(scene, STR("aaaaaaaaaaaaaaaaaaaaaaaaaa"), opened.cookie);
    assert_missing(scene, STR(""), opened.cookie);
    assert_missing(scene, STR_NONE, opened.cookie);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
}

static void what_is_no_cookie_of_ours_is_none(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    static const char *const cookies[] = {
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAAAA",
        "' OR 1=1 --           ",
    };
    assert_missing(scene, opened.session.label, STR_NONE);
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        assert_missing(scene, opened.session.label, str_from(cookies[i]));
    }
}

static void the_id_of_a_session_is_no_cookie(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_missing(scene, opened.session.label, work_uuid_text(scene->work, &opened.session.id));
}

static void without_a_session_the_page_still_knows_its_portals(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    assert_missing(scene, link.link.label, STR_NONE);
    assert_str_equal(view.portals, "https://portal.example.com");
    assert_missing(scene, STR("aaaaaaaaaaaaaaaaaaaaaaaaaa"), STR_NONE);
    assert_str_equal(view.portals, "");
}

static void sessions_go_with_their_app_and_their_user(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(user_delete(scene->work, &scene->user), ERR_OK);
    assert_missing(scene, opened.session.label, opened.cookie);
}

/* ---- the end by time ---- */

static void a_session_ends_at_its_very_millisecond(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, SCENE_SESSION_MS - 1);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
    world_wait(&scene->world, 1);
    assert_over(scene, &opened, "expired");
    assert_non_null(strstr(scene->world.fault.message, "expired"));
}

static void being_used_does_not_make_a_session_longer(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    for (int i = 0; i < 59; i++) {
        world_wait(&scene->world, MINUTE_MS);
        assert_int_equal(check_opened(scene, &opened), ERR_OK);
    }
    world_wait(&scene->world, MINUTE_MS);
    assert_over(scene, &opened, "expired");
}

/* ---- the end by losing access ---- */

static void a_session_is_over_when_its_user_is_archived(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct user archived = scene->user;
    archived.is_active = false;
    assert_int_equal(user_update(scene->work, &scene->user, &archived), ERR_OK);
    assert_over(scene, &opened, "user_archived");
    assert_str_equal(view.portals, "https://portal.example.com");
}

static void a_session_is_over_when_its_user_leaves_the_group(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_over(scene, &opened, "no_access");
}

static void a_session_is_over_when_its_app_moves_away(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct app moved = scene->app;
    moved.workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(app_update(scene->work, &scene->app, &moved), ERR_OK);
    assert_over(scene, &opened, "app_moved");
}

static void a_session_is_over_when_its_workspace_is_archived(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene_sql(scene, "UPDATE workspaces SET status = 'archived'");
    assert_over(scene, &opened, "workspace_archived");
}

static void a_session_is_over_when_what_it_shows_is_gone(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    claims.branch = STR("next");
    scene_branch(scene, &scene->app, "next");
    struct scene_link link = scene_embed_with(scene, &claims);
    struct scene_session opened = scene_session(scene, &link.link);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
    scene_sql(scene, "DELETE FROM branches");
    assert_over(scene, &opened, "branch_gone");
}

static void a_session_is_over_when_its_link_is_revoked(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene_sql(scene, "UPDATE links SET revoked_at = 1");
    assert_over(scene, &opened, "link_revoked");
}

static void neither_expiry_nor_use_nor_replacement_of_its_link_ends_a_session(void **state)
{
    struct scene *scene = *state;
    struct scene_session by_pat = scene_live_session(scene);
    struct scene_link embed = scene_embed(scene);
    struct scene_session by_link = scene_session(scene, &embed.link);
    scene_sql(scene, "UPDATE links SET used_at = 1, used_client = x'00' WHERE id = %s",
              scene_id(scene, &embed.link.id));
    scene_pat(scene);
    world_wait(&scene->world, SCENE_LINK_MS + 1);
    assert_int_equal(check_opened(scene, &by_pat), ERR_OK);
    assert_int_equal(check_opened(scene, &by_link), ERR_OK);
}

static void access_that_came_back_in_time_is_as_if_it_never_went(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_over(scene, &opened, "no_access");
    assert_int_equal(group_add_member(scene->work, &scene->group, &scene->user), ERR_OK);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
}

static void damaged_claims_do_not_let_anybody_in(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene_sql(scene, "UPDATE audiences SET claims = '{'");
    assert_int_equal(check_opened(scene, &opened), ERR_STORAGE);
    assert_false(view.must_end);
}

/* ---- ending ---- */

static void an_ended_session_says_why_and_stays_ended(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(session_end(scene->work, &opened.session.id, "revoked"), ERR_OK);
    assert_int_equal(check_opened(scene, &opened), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "session_ended");
    assert_non_null(strstr(scene->world.fault.message, "administrator"));
    assert_false(view.must_end); /* it is written down already */
    assert_str_equal(view.portals, "https://portal.example.com");
}

static void an_ending_is_told_once_to_the_audit_log_and_to_the_memory(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct session session;
    world_wait(&scene->world, WORLD_SECOND_MS);
    assert_int_equal(session_end(scene->work, &opened.session.id, "expired"), ERR_OK);
    assert_non_null(scene->work->ended);
    assert_true(uuid_equal(&scene->work->ended->id, &opened.session.id));
    assert_null(scene->work->ended->next);
    world_wait(&scene->world, WORLD_SECOND_MS);
    assert_int_equal(session_end(scene->work, &opened.session.id, "revoked"), ERR_OK);
    assert_null(scene->work->ended->next);
    assert_int_equal(world_events(&scene->world, "end"), 1);
    assert_str_equal(world_event_detail(&scene->world, "end"), "{\"reason\":\"expired\"}");
    assert_int_equal(session_find(scene->work, &opened.session.id, &session), ERR_OK);
    assert_int_equal(session.ended_at_ms, WORLD_START_MS + WORLD_SECOND_MS);
    assert_str_equal(session.end_reason, "expired");
}

static void the_event_of_an_ending_names_all_that_it_is_about(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene->work->workspace_id = random_uuid();
    assert_int_equal(session_end(scene->work, &opened.session.id, "revoked"), ERR_OK);
    assert_int_equal(
        scene_number(scene,
                     "SELECT workspace_id = %s AND session_id = %s AND link_id = %s"
                     " AND user_id = %s AND app_id = %s FROM events"
                     " WHERE type = 'end'",
                     scene_id(scene, &scene->world.instance.workspace_id),
                     scene_id(scene, &opened.session.id), scene_id(scene, &opened.session.link_id),
                     scene_id(scene, &scene->user.id), scene_id(scene, &scene->app.id)),
        1);
}

static void several_endings_are_all_told_to_the_memory(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    size_t count = 0;
    for (int i = 0; i < 3; i++) {
        struct scene_session opened = scene_session(scene, &link.link);
        assert_int_equal(session_end(scene->work, &opened.session.id, "revoked"), ERR_OK);
    }
    for (struct changed_session *ended = scene->work->ended; ended != NULL; ended = ended->next) {
        count++;
    }
    assert_int_equal(count, 3);
}

static void ending_a_session_that_is_gone_is_fine(void **state)
{
    struct scene *scene = *state;
    struct uuid id = random_uuid();
    assert_int_equal(session_end(scene->work, &id, "revoked"), ERR_OK);
    assert_int_equal(session_logout(scene->work, &id), ERR_OK);
    assert_null(scene->work->ended);
    assert_int_equal(world_events(&scene->world, "end"), 0);
}

static void signing_out_is_an_ending_by_the_user(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    struct scene_session other = scene_live_session(scene);
    assert_int_equal(session_logout(scene->work, &opened.session.id), ERR_OK);
    assert_str_equal(world_event_detail(&scene->world, "end"), "{\"reason\":\"logout\"}");
    assert_str_equal(scene_text(scene, "SELECT actor_kind FROM events WHERE type = 'end'"), "user");
    assert_str_equal(scene_text(scene, "SELECT actor_id FROM events WHERE type = 'end'"),
                     work_uuid_text(scene->work, &scene->user.id).ptr);
    assert_int_equal(check_opened(scene, &opened), ERR_UNAUTHENTICATED);
    assert_non_null(strstr(scene->world.fault.message, "signed out"));
    assert_int_equal(check_opened(scene, &other), ERR_OK);
}

static void a_session_that_ended_is_over_even_if_its_time_is_not(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    assert_int_equal(session_end(scene->work, &opened.session.id, "logout"), ERR_OK);
    world_wait(&scene->world, SCENE_SESSION_MS);
    assert_int_equal(check_opened(scene, &opened), ERR_UNAUTHENTICATED);
    assert_false(view.must_end); /* still "logout", not "expired" */
    assert_non_null(strstr(scene->world.fault.message, "signed out"));
}

static void an_ending_that_the_audit_log_cannot_tell_fails(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene_sql(scene, "DROP TABLE events");
    assert_int_equal(session_end(scene->work, &opened.session.id, "revoked"), ERR_INTERNAL);
    assert_fault(&scene->world, "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(the_cookie_of_a_live_session_is_good_on_its_origin),
        scene_test(a_session_remembers_who_opened_it),
        scene_test(the_cookie_is_stored_nowhere),
        scene_test(two_sessions_of_one_link_are_two),
        scene_test(a_session_follows_the_current_release),
        scene_test(checking_writes_nothing),
        scene_test(a_cookie_of_another_origin_is_none),
        scene_test(what_is_no_cookie_of_ours_is_none),
        scene_test(the_id_of_a_session_is_no_cookie),
        scene_test(without_a_session_the_page_still_knows_its_portals),
        scene_test(sessions_go_with_their_app_and_their_user),
        scene_test(a_session_ends_at_its_very_millisecond),
        scene_test(being_used_does_not_make_a_session_longer),
        scene_test(a_session_is_over_when_its_user_is_archived),
        scene_test(a_session_is_over_when_its_user_leaves_the_group),
        scene_test(a_session_is_over_when_its_app_moves_away),
        scene_test(a_session_is_over_when_its_workspace_is_archived),
        scene_test(a_session_is_over_when_what_it_shows_is_gone),
        scene_test(a_session_is_over_when_its_link_is_revoked),
        scene_test(neither_expiry_nor_use_nor_replacement_of_its_link_ends_a_session),
        scene_test(access_that_came_back_in_time_is_as_if_it_never_went),
        scene_test(damaged_claims_do_not_let_anybody_in),
        scene_test(an_ended_session_says_why_and_stays_ended),
        scene_test(an_ending_is_told_once_to_the_audit_log_and_to_the_memory),
        scene_test(the_event_of_an_ending_names_all_that_it_is_about),
        scene_test(several_endings_are_all_told_to_the_memory),
        scene_test(ending_a_session_that_is_gone_is_fine),
        scene_test(signing_out_is_an_ending_by_the_user),
        scene_test(a_session_that_ended_is_over_even_if_its_time_is_not),
        scene_test(an_ending_that_the_audit_log_cannot_tell_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
