#include "model/audit.h"
#include "scene.h"

static size_t count_events(struct scene *scene, const struct audit_filter *filter)
{
    struct audit_event events[50];
    struct audit_filter limited = *filter;
    size_t count = 0;
    int64_t rest = 0;
    limited.limit = COUNT_OF(events);
    assert_int_equal(audit_list(scene->work, &limited, events, &count, &rest), ERR_OK);
    for (size_t i = 1; i < count; i++) {
        assert_true(events[i].id < events[i - 1].id);
    }
    return count;
}

static void events_are_filtered_by_every_part_together(void **state)
{
    struct scene *scene = *state;
    struct scene_session live = scene_live_session(scene);
    assert_int_equal(session_end(scene->work, &live.session.id, "logout"), ERR_OK);
    struct uuid user = scene->user.id;
    struct uuid app = scene->app.id;
    struct uuid session = live.session.id;
    assert_int_equal(count_events(scene, &(struct audit_filter){.type = STR("end")}), 1);
    assert_int_equal(count_events(scene, &(struct audit_filter){.session_id = session}), 1);
    assert_int_equal(count_events(scene, &(struct audit_filter){.user_id = user}), 4);
    assert_int_equal(count_events(scene, &(struct audit_filter){.app_id = app}), 4);
    assert_int_equal(count_events(scene, &(struct audit_filter){.app_id = app, .user_id = user}),
                     2);
    assert_int_equal(
        count_events(scene, &(struct audit_filter){.session_id = session, .user_id = app}), 0);
    assert_int_equal(
        count_events(scene, &(struct audit_filter){.user_id = user, .type = STR("mint")}), 1);
    assert_int_equal(count_events(scene, &(struct audit_filter){.type = STR("en")}), 0);
    scene->work->workspace_id = world_workspace(&scene->world, "other").id;
    assert_int_equal(count_events(scene, &(struct audit_filter){.user_id = user}), 0);
    assert_int_equal(count_events(scene, &(struct audit_filter){.session_id = session}), 0);
}

static void an_event_tells_who_did_what_from_where(void **state)
{
    struct scene *scene = *state;
    struct audit_event events[1];
    size_t count = 0;
    int64_t rest = 0;
    scene->work->actor =
        (struct actor){.kind = ACTOR_API_TOKEN, .id = STR("some-id"), .name = STR("portal")};
    struct scene_link link = scene_pat(scene);
    struct audit_filter filter = {.type = STR("mint"), .limit = 1};
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(events[0].actor_kind, "api_token");
    assert_str_equal(events[0].actor_id, "some-id");
    assert_str_equal(events[0].actor_name, "portal");
    assert_str_equal(events[0].address, "192.0.2.1");
    assert_int_equal(events[0].at_ms, WORLD_START_MS);
    assert_true(uuid_equal(&events[0].link_id, &link.link.id));
    assert_true(uuid_is_none(&events[0].session_id));
    assert_true(uuid_equal(&events[0].workspace_id, &scene->world.instance.workspace_id));
    filter.before = events[0].id;
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 0);
}

static void a_call_looks_at_a_bounded_number_of_events_and_says_where_to_go_on(void **state)
{
    struct scene *scene = *state;
    struct audit_event events[2];
    size_t count = 0;
    int64_t rest = 0;
    scene_sql(scene, "DELETE FROM events");
    scene_sql(scene,
              "INSERT INTO events (id, at, type, actor_kind, workspace_id)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
              " SELECT i, i * 1000, iif(i = 3, 'rare', 'mint'), 'system',"
              " (SELECT id FROM workspaces) FROM n",
              2 * AUDIT_SCAN);
    struct audit_filter filter = {.type = STR("rare"), .limit = 2};
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(rest, AUDIT_SCAN + 1);
    filter.before = rest;
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(events[0].id, 3);
    filter.before = rest == 0 ? 1 : rest;
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(rest, 0);
}

static void a_range_of_time_is_found_without_looking_at_the_events_after_it(void **state)
{
    struct scene *scene = *state;
    struct audit_event events[3];
    size_t count = 0;
    int64_t rest = 0;
    scene_sql(scene, "DELETE FROM events");
    scene_sql(scene,
              "INSERT INTO events (id, at, type, actor_kind, workspace_id)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
              " SELECT i * 3, i * 1000, 'mint', 'system', (SELECT id FROM workspaces) FROM n",
              2 * AUDIT_SCAN);
    struct audit_filter filter = {.from_ms = 5000, .until_ms = 7000, .limit = 3};
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(events[0].at_ms, 6000);
    assert_int_equal(events[1].at_ms, 5000);
    assert_int_equal(rest, 0);
    filter = (struct audit_filter){.from_ms = INT64_C(1) << 50, .limit = 3};
    assert_int_equal(audit_list(scene->work, &filter, events, &count, &rest), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(rest, 0);
}

static void whoever_follows_sees_each_event_once_in_order(void **state)
{
    struct scene *scene = *state;
    struct audit_event events[1];
    size_t count = 0;
    int64_t at = 0;
    struct audit_filter mints = {.type = STR("mint"), .limit = 1};
    assert_int_equal(audit_newest(scene->work, &at), ERR_OK);
    int64_t start = at;
    assert_int_equal(audit_since(scene->work, &mints, at, events, &count, &at), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(at, start);
    scene_pat(scene);
    scene_pat(scene);
    assert_int_equal(audit_since(scene->work, &mints, at, events, &count, &at), ERR_OK);
    assert_int_equal(count, 1);
    int64_t first = events[0].id;
    assert_int_equal(audit_since(scene->work, &mints, at, events, &count, &at), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(events[0].id > first);
    assert_int_equal(audit_since(scene->work, &mints, at, events, &count, &at), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(audit_since(scene->work, &mints, INT64_MAX, events, &count, &at), ERR_OK);
    assert_int_equal(count, 0);
    assert_true(at == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(events_are_filtered_by_every_part_together),
        scene_test(an_event_tells_who_did_what_from_where),
        scene_test(a_call_looks_at_a_bounded_number_of_events_and_says_where_to_go_on),
        scene_test(a_range_of_time_is_found_without_looking_at_the_events_after_it),
        scene_test(whoever_follows_sees_each_event_once_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
