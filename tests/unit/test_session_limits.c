#include "scene.h"

#include "entry/sweep.h"

static struct session_view view;

static enum err check_opened(struct scene *scene, const struct scene_session *opened)
{
    scene->world.fault = (struct fault){.err = ERR_OK};
    return session_check(scene->work, opened->session.label, opened->cookie, &view);
}

static void set_app(struct scene *scene, const char *column, int number)
{
    scene_sql(scene, "UPDATE apps SET %s = %d", column, number);
}

static void use(struct scene *scene, const struct scene_session *opened)
{
    scene->work->subject.session_id = opened->session.id;
    assert_int_equal(session_note_use(scene->work, ""), ERR_OK);
}

static struct scene_session open_embed(struct scene *scene, const struct claims *claims)
{
    struct scene_link link = scene_embed_with(scene, claims);
    return scene_session(scene, &link.link);
}

static int64_t live(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM sessions WHERE ended_at IS NULL");
}

/* ---- idle ---- */

static void a_session_that_is_not_used_is_over_to_the_millisecond(void **state)
{
    struct scene *scene = *state;
    set_app(scene, "idle_minutes", 5);
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, 5 * MINUTE_MS - 1);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
    assert_int_equal(view.idle_ms, 5 * MINUTE_MS);
    use(scene, &opened);
    world_wait(&scene->world, 5 * MINUTE_MS - 1);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
    world_wait(&scene->world, 1);
    assert_int_equal(check_opened(scene, &opened), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "session_idle");
    assert_true(view.must_end);
    assert_string_equal(view.end_reason, "idle");
}

static void a_session_without_a_timeout_may_stay_unused(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, SCENE_SESSION_MS - 1);
    assert_int_equal(check_opened(scene, &opened), ERR_OK);
}

static void housekeeping_waits_for_uses_that_are_on_their_way(void **state)
{
    struct scene *scene = *state;
    struct sweep sweep = {0};
    bool more = true;
    set_app(scene, "idle_minutes", 5);
    scene_live_session(scene);
    world_wait(&scene->world, 7 * MINUTE_MS - 1);
    assert_int_equal(sweep_step(scene->work, &sweep, scene->world.folder, &more), ERR_OK);
    assert_int_equal(live(scene), 1);
    world_wait(&scene->world, 1);
    assert_int_equal(sweep_step(scene->work, &sweep, scene->world.folder, &more), ERR_OK);
    assert_int_equal(live(scene), 0);
    assert_str_equal(scene_text(scene, "SELECT end_reason FROM sessions"), "idle");
}

/* ---- at a time ---- */

static void the_oldest_session_gives_way(void **state)
{
    struct scene *scene = *state;
    set_app(scene, "sessions_per_user", 2);
    struct claims claims = scene_claims(scene);
    struct scene_session first = open_embed(scene, &claims);
    world_wait(&scene->world, 1);
    struct scene_session second = open_embed(scene, &claims);
    world_wait(&scene->world, 1);
    assert_int_equal(live(scene), 2);
    open_embed(scene, &claims);
    assert_int_equal(live(scene), 2);
    assert_int_equal(check_opened(scene, &first), ERR_UNAUTHENTICATED);
    assert_fault(&scene->world, "session_displaced");
    assert_int_equal(check_opened(scene, &second), ERR_OK);
    assert_str_equal(world_event_detail(&scene->world, "end"), "{\"reason\":\"displaced\"}");
}

static void a_preview_neither_counts_nor_ends_anything(void **state)
{
    struct scene *scene = *state;
    set_app(scene, "sessions_per_user", 1);
    struct claims claims = scene_claims(scene);
    struct claims preview = claims;
    preview.is_preview = true;
    struct scene_session first = open_embed(scene, &claims);
    struct scene_session shown = open_embed(scene, &preview);
    assert_int_equal(live(scene), 2);
    world_wait(&scene->world, 1);
    open_embed(scene, &claims);
    assert_int_equal(check_opened(scene, &shown), ERR_OK);
    assert_int_equal(check_opened(scene, &first), ERR_UNAUTHENTICATED);
}

static void without_a_limit_all_of_them_stay(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    for (int i = 0; i < 5; i++) {
        scene_session(scene, &pat.link);
    }
    assert_int_equal(live(scene), 5);
    set_app(scene, "sessions_per_user", 3);
    scene_session(scene, &pat.link);
    assert_int_equal(live(scene), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_session_that_is_not_used_is_over_to_the_millisecond),
        scene_test(a_session_without_a_timeout_may_stay_unused),
        scene_test(housekeeping_waits_for_uses_that_are_on_their_way),
        scene_test(the_oldest_session_gives_way),
        scene_test(a_preview_neither_counts_nor_ends_anything),
        scene_test(without_a_limit_all_of_them_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
