#include "entry/revoke.h"
#include "scene.h"

static size_t count_ended(const struct work *work)
{
    size_t count = 0;
    for (const struct changed_session *one = work->ended; one != NULL; one = one->next) {
        count++;
    }
    return count;
}

static struct session find(struct scene *scene, const struct scene_session *opened)
{
    struct session session;
    assert_int_equal(session_find(scene->work, &opened->session.id, &session), ERR_OK);
    return session;
}

static void a_revoked_link_ends_all_its_sessions_and_no_other(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_session one = scene_session(scene, &link.link);
    struct scene_session two = scene_session(scene, &link.link);
    struct scene_session other = scene_live_session(scene);
    struct link found;
    world_wait(&scene->world, WORLD_SECOND_MS);
    assert_int_equal(revoke_link(scene->work, &link.link), ERR_OK);
    assert_true(scene->work->raise_epoch);
    assert_int_equal(count_ended(scene->work), 2);
    assert_str_equal(find(scene, &one).end_reason, "link_revoked");
    assert_int_equal(find(scene, &two).ended_at_ms, WORLD_START_MS + WORLD_SECOND_MS);
    assert_int_equal(find(scene, &other).ended_at_ms, 0);
    found = scene_link(scene, &link);
    assert_int_equal(found.revoked_at_ms, WORLD_START_MS + WORLD_SECOND_MS);
    assert_int_equal(world_events(&scene->world, "link.revoke"), 1);
    assert_int_equal(world_events(&scene->world, "end"), 2);
}

static void revoking_twice_is_as_good_as_once(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct link found;
    assert_int_equal(revoke_link(scene->work, &link.link), ERR_OK);
    world_wait(&scene->world, WORLD_SECOND_MS);
    scene->work->raise_epoch = false;
    assert_int_equal(revoke_link(scene->work, &link.link), ERR_OK);
    assert_false(scene->work->raise_epoch);
    assert_int_equal(world_events(&scene->world, "link.revoke"), 1);
    found = scene_link(scene, &link);
    assert_int_equal(found.revoked_at_ms, WORLD_START_MS);
}

static void a_revoked_session_ends_alone(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct scene_session one = scene_session(scene, &link.link);
    struct scene_session two = scene_session(scene, &link.link);
    assert_int_equal(revoke_session(scene->work, &one.session), ERR_OK);
    assert_str_equal(find(scene, &one).end_reason, "revoked");
    assert_int_equal(find(scene, &two).ended_at_ms, 0);
    assert_int_equal(count_ended(scene->work), 1);
    assert_int_equal(world_events(&scene->world, "session.revoke"), 1);
    assert_int_equal(world_events(&scene->world, "end"), 1);
    struct session ended = find(scene, &one);
    assert_int_equal(revoke_session(scene->work, &ended), ERR_OK);
    assert_int_equal(world_events(&scene->world, "session.revoke"), 1);
}

static void an_expired_session_is_not_said_to_have_been_revoked(void **state)
{
    struct scene *scene = *state;
    struct scene_session live = scene_live_session(scene);
    int64_t ended = 7;
    world_wait(&scene->world, SCENE_SESSION_MS);
    assert_int_equal(revoke_session(scene->work, &live.session), ERR_OK);
    assert_int_equal(revoke_sessions(scene->work, &scene->user.id, &UUID_NONE, &ended), ERR_OK);
    assert_int_equal(ended, 0);
    assert_int_equal(world_events(&scene->world, "session.revoke"), 0);
    assert_int_equal(find(scene, &live).ended_at_ms, 0);
}

static void sessions_end_by_user_by_app_or_by_both(void **state)
{
    struct scene *scene = *state;
    struct user bob = world_user(&scene->world, "bob@acme.example");
    int64_t ended = 0;
    scene_live_session(scene);
    assert_int_equal(revoke_sessions(scene->work, &bob.id, &UUID_NONE, &ended), ERR_OK);
    assert_int_equal(ended, 0);
    assert_int_equal(revoke_sessions(scene->work, &bob.id, &scene->app.id, &ended), ERR_OK);
    assert_int_equal(ended, 0);
    assert_int_equal(world_events(&scene->world, "session.revoke"), 0);
    assert_int_equal(revoke_sessions(scene->work, &scene->user.id, &scene->app.id, &ended), ERR_OK);
    assert_int_equal(ended, 1);
    scene_live_session(scene);
    scene_live_session(scene);
    assert_int_equal(revoke_sessions(scene->work, &UUID_NONE, &scene->app.id, &ended), ERR_OK);
    assert_int_equal(ended, 2);
    assert_str_equal(world_event_detail(&scene->world, "session.revoke"), "{\"ended\":2}");
    scene_live_session(scene);
    assert_int_equal(revoke_sessions(scene->work, &scene->user.id, &UUID_NONE, &ended), ERR_OK);
    assert_int_equal(ended, 1);
    assert_int_equal(count_ended(scene->work), 4);
}

static void sessions_of_another_workspace_are_out_of_reach(void **state)
{
    struct scene *scene = *state;
    int64_t ended = 0;
    struct scene_session live = scene_live_session(scene);
    scene->work->workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(revoke_sessions(scene->work, &scene->user.id, &UUID_NONE, &ended), ERR_OK);
    assert_int_equal(ended, 0);
    assert_int_equal(find(scene, &live).ended_at_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_revoked_link_ends_all_its_sessions_and_no_other),
        scene_test(revoking_twice_is_as_good_as_once),
        scene_test(a_revoked_session_ends_alone),
        scene_test(an_expired_session_is_not_said_to_have_been_revoked),
        scene_test(sessions_end_by_user_by_app_or_by_both),
        scene_test(sessions_of_another_workspace_are_out_of_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
