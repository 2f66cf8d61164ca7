#include "scene.h"

#include "base/jsontext.h"
#include "model/event.h"

static void add(struct scene *scene, const struct event *event)
{
    assert_int_equal(event_add(scene->work, event), ERR_OK);
}

static struct str newest(struct scene *scene, const char *column)
{
    return scene_text(scene, "SELECT %s FROM events ORDER BY id DESC LIMIT 1", column);
}

static bool newest_is_null(struct scene *scene, const char *column)
{
    return scene_number(scene, "SELECT %s IS NULL FROM events ORDER BY id DESC LIMIT 1", column) !=
           0;
}

static void an_event_says_who_did_what_when_and_from_where(void **state)
{
    struct scene *scene = *state;
    const struct uuid *workspace_id = &scene->world.instance.workspace_id;
    scene->work->actor = (struct actor){ACTOR_API_TOKEN, STR("some-id"), STR("portal")};
    add(scene, &(struct event){.type = "mint",
                               .user_id = scene->user.id,
                               .app_id = scene->app.id,
                               .detail = STR("{\"a\":1}")});
    assert_str_equal(newest(scene, "type"), "mint");
    assert_str_equal(newest(scene, "at"), "1767322800000");
    assert_str_equal(newest(scene, "actor_kind"), "api_token");
    assert_str_equal(newest(scene, "actor_id"), "some-id");
    assert_str_equal(newest(scene, "actor_name"), "portal");
    assert_str_equal(newest(scene, "address"), "192.0.2.1");
    assert_str_equal(newest(scene, "detail"), "{\"a\":1}");
    assert_int_equal(scene_number(scene,
                                  "SELECT workspace_id = %s AND user_id = %s AND app_id = %s"
                                  " FROM events ORDER BY id DESC LIMIT 1",
                                  scene_id(scene, workspace_id), scene_id(scene, &scene->user.id),
                                  scene_id(scene, &scene->app.id)),
                     1);
}

static void what_an_event_does_not_know_is_null(void **state)
{
    struct scene *scene = *state;
    static const char *const columns[] = {"user_id", "app_id", "link_id", "session_id", "detail"};
    add(scene, &(struct event){.type = "test"});
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        assert_true(newest_is_null(scene, columns[i]));
    }
}

static void an_event_may_be_of_another_workspace_than_its_author(void **state)
{
    struct scene *scene = *state;
    struct workspace other = world_workspace(&scene->world, "other");
    add(scene, &(struct event){.type = "test", .workspace_id = other.id});
    assert_int_equal(scene_number(scene, "SELECT workspace_id = %s FROM events WHERE type = 'test'",
                                  scene_id(scene, &other.id)),
                     1);
}

static void every_kind_of_actor_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(event_actor_kind_name(ACTOR_SYSTEM), "system");
    assert_string_equal(event_actor_kind_name(ACTOR_API_TOKEN), "api_token");
    assert_string_equal(event_actor_kind_name(ACTOR_USER), "user");
    assert_string_equal(event_actor_kind_name(ACTOR_LOCAL), "local");
}

static void an_event_goes_with_the_transaction_that_it_tells_of(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(store_begin(scene->world.store), ERR_OK);
    add(scene, &(struct event){.type = "test"});
    store_rollback(scene->world.store);
    assert_int_equal(world_events(&scene->world, "test"), 0);
}

static void events_are_numbered_in_their_order_and_never_twice(void **state)
{
    struct scene *scene = *state;
    add(scene, &(struct event){.type = "test"});
    int64_t first = scene_number(scene, "SELECT max(id) FROM events");
    scene_sql(scene, "DELETE FROM events WHERE id = %lld", (long long)first);
    add(scene, &(struct event){.type = "test"});
    assert_int_equal(scene_number(scene, "SELECT max(id) FROM events"), first + 1);
}

static void a_detail_is_written_with_sorted_members(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(event_add_detail(scene->work, &(struct event){.type = "test"},
                                      json_pack("{s:s, s:i}", "b", "x\"y", "a", 1)),
                     ERR_OK);
    assert_str_equal(world_event_detail(&scene->world, "test"), "{\"a\":1,\"b\":\"x\\\"y\"}");
}

static void a_change_is_noted_only_if_there_is_one(void **state)
{
    struct scene *scene = *state;
    json_t *changes = json_object();
    event_note_change(changes, "same", STR("a"), STR("a"));
    event_note_change(changes, "still_none", STR_NONE, STR_NONE);
    event_note_change(changes, "other", STR("a"), STR("b"));
    event_note_change(changes, "gone", STR("a"), STR_NONE);
    assert_str_equal(jsontext_canonical(changes, &scene->world.arena),
                     "{\"gone\":null,\"other\":\"b\"}");
    json_decref(changes);
}

/* ---- denials ---- */

static void deny(struct scene *scene)
{
    assert_int_equal(event_deny(scene->work, "link_invalid"), ERR_OK);
}

static void a_denial_names_its_reason_and_what_it_is_about(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene->work->subject.user_id = scene->user.id;
    scene->work->subject.app_id = scene->app.id;
    scene->work->subject.link_id = opened.session.link_id;
    scene->work->subject.session_id = opened.session.id;
    deny(scene);
    assert_str_equal(world_event_detail(&scene->world, "deny"), "{\"reason\":\"link_invalid\"}");
    assert_int_equal(scene_number(scene,
                                  "SELECT user_id = %s AND app_id = %s AND link_id = %s"
                                  " AND session_id = %s FROM events WHERE type = 'deny'",
                                  scene_id(scene, &scene->user.id), scene_id(scene, &scene->app.id),
                                  scene_id(scene, &opened.session.link_id),
                                  scene_id(scene, &opened.session.id)),
                     1);
}

static void of_denials_that_name_nobody_sixty_in_a_minute_are_kept(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    for (int i = 0; i < 70; i++) {
        deny(scene);
    }
    assert_int_equal(world_events(&scene->world, "deny"), 60);
    world_wait(&scene->world, MINUTE_MS - 1);
    deny(scene);
    assert_int_equal(world_events(&scene->world, "deny"), 60);
    world_wait(&scene->world, 1);
    deny(scene);
    assert_int_equal(world_events(&scene->world, "deny"), 61);
}

static void a_flood_of_denials_does_not_hide_those_of_other_addresses(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    for (int i = 0; i < 61; i++) {
        deny(scene);
    }
    scene->work->address = STR("192.0.2.2");
    deny(scene);
    assert_int_equal(world_events(&scene->world, "deny"), 61);
}

static void denials_of_a_token_or_user_are_all_kept(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    scene->work->actor.kind = ACTOR_USER;
    for (int i = 0; i < 61; i++) {
        deny(scene);
    }
    assert_int_equal(world_events(&scene->world, "deny"), 61);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(an_event_says_who_did_what_when_and_from_where),
        scene_test(what_an_event_does_not_know_is_null),
        scene_test(an_event_may_be_of_another_workspace_than_its_author),
        scene_test(every_kind_of_actor_has_a_name),
        scene_test(an_event_goes_with_the_transaction_that_it_tells_of),
        scene_test(events_are_numbered_in_their_order_and_never_twice),
        scene_test(a_detail_is_written_with_sorted_members),
        scene_test(a_change_is_noted_only_if_there_is_one),
        scene_test(a_denial_names_its_reason_and_what_it_is_about),
        scene_test(of_denials_that_name_nobody_sixty_in_a_minute_are_kept),
        scene_test(a_flood_of_denials_does_not_hide_those_of_other_addresses),
        scene_test(denials_of_a_token_or_user_are_all_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
