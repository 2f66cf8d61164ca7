#include "entry/listing.h"
#include "entry/revoke.h"
#include "scene.h"

static struct str link_status(struct scene *scene, const struct link *link)
{
    struct listed_link report;
    assert_int_equal(listing_link(scene->work, &link->id, &report), ERR_OK);
    return report.status;
}

static void spend(struct scene *scene, const struct link *link)
{
    scene_sql(scene, "UPDATE links SET used_at = %lld WHERE id = %s",
              (long long)scene->work->now_ms, scene_id(scene, &link->id));
}

static void the_status_of_a_link_is_the_first_reason_against_it(void **state)
{
    struct scene *scene = *state;
    struct scene_link one = scene_embed(scene);
    struct scene_link pat = scene_pat(scene);
    assert_str_equal(link_status(scene, &one.link), "active");
    spend(scene, &one.link);
    spend(scene, &pat.link);
    assert_str_equal(link_status(scene, &one.link), "used");
    assert_str_equal(link_status(scene, &pat.link), "active");
    scene_pat(scene);
    assert_str_equal(link_status(scene, &pat.link), "replaced");
    struct scene_link late = scene_embed(scene);
    world_wait(&scene->world, SCENE_LINK_MS - 1);
    assert_str_equal(link_status(scene, &late.link), "active");
    world_wait(&scene->world, 1);
    assert_str_equal(link_status(scene, &late.link), "expired");
    assert_str_equal(link_status(scene, &one.link), "used");
    assert_int_equal(revoke_link(scene->work, &one.link), ERR_OK);
    assert_str_equal(link_status(scene, &one.link), "revoked");
}

static void a_link_names_its_app_and_user(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct listed_link report;
    assert_int_equal(listing_link(scene->work, &link.link.id, &report), ERR_OK);
    assert_str_equal(report.party.app_slug, "orders");
    assert_str_equal(report.party.user_email, "ann@example.com");
    assert_null(report.party.user_external_identifier.ptr);
    assert_str_equal(report.link.claims, link.link.claims.ptr);
    assert_int_equal(listing_link(scene->work, &scene->app.id, &report), ERR_NOT_FOUND);
}

static size_t count_links(struct scene *scene, const struct listing_filter *filter)
{
    struct listed_link links[8];
    struct listing_filter limited = *filter;
    size_t count = 0;
    limited.limit = COUNT_OF(links);
    assert_int_equal(listing_links(scene->work, &limited, links, &count), ERR_OK);
    return count;
}

static void links_are_filtered_by_every_part_together(void **state)
{
    struct scene *scene = *state;
    struct user other = world_user(&scene->world, "bob@acme.example");
    struct scene_link used = scene_embed(scene);
    scene_embed(scene);
    scene_pat(scene);
    spend(scene, &used.link);
    const struct {
        struct listing_filter filter;
        size_t count;
    } cases[] = {
        {{.limit = 0}, 3},
        {{.user_id = scene->user.id}, 3},
        {{.user_id = other.id}, 0},
        {{.app_id = scene->app.id}, 3},
        {{.app_id = scene->app.id, .user_id = scene->user.id}, 3},
        {{.app_id = other.id, .user_id = scene->user.id}, 0},
        {{.status = STR("used")}, 1},
        {{.status = STR("used"), .user_id = scene->user.id}, 1},
        {{.status = STR("active"), .app_id = scene->app.id}, 2},
        {{.status = STR("expired")}, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(count_links(scene, &cases[i].filter), cases[i].count);
    }
    scene->work->workspace_id = world_workspace(&scene->world, "other").id;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(count_links(scene, &cases[i].filter), 0);
    }
}

static void the_newest_come_first_and_pages_meet(void **state)
{
    struct scene *scene = *state;
    struct uuid made[3];
    struct listed_link links[2];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        made[i] = scene_embed(scene).link.id;
        world_wait(&scene->world, 1);
    }
    struct listing_filter filter = {.limit = 2};
    assert_int_equal(listing_links(scene->work, &filter, links, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_true(uuid_equal(&links[0].link.id, &made[2]));
    assert_true(uuid_equal(&links[1].link.id, &made[1]));
    filter.after = made[1];
    assert_int_equal(listing_links(scene->work, &filter, links, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(uuid_equal(&links[0].link.id, &made[0]));
    filter.app_id = scene->app.id;
    assert_int_equal(listing_links(scene->work, &filter, links, &count), ERR_OK);
    assert_int_equal(count, 1);
}

static void a_session_past_its_time_has_ended_before_anybody_wrote_it_down(void **state)
{
    struct scene *scene = *state;
    struct scene_session live = scene_live_session(scene);
    struct listed_session report;
    struct listed_session found[2];
    size_t count = 0;
    struct listing_filter active = {.status = STR("active"), .limit = 2};
    struct listing_filter ended = {.status = STR("ended"), .limit = 2};
    assert_int_equal(listing_session(scene->work, &live.session.id, &report), ERR_OK);
    assert_str_equal(report.status, "active");
    assert_int_equal(report.session.ended_at_ms, 0);
    assert_null(report.session.end_reason.ptr);
    assert_int_equal(listing_sessions(scene->work, &active, found, &count), ERR_OK);
    assert_int_equal(count, 1);
    world_wait(&scene->world, SCENE_SESSION_MS);
    assert_int_equal(listing_session(scene->work, &live.session.id, &report), ERR_OK);
    assert_str_equal(report.status, "ended");
    assert_int_equal(report.session.ended_at_ms, live.session.expires_at_ms);
    assert_str_equal(report.session.end_reason, "expired");
    assert_int_equal(listing_sessions(scene->work, &active, found, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(listing_sessions(scene->work, &ended, found, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_str_equal(found[0].party.app_slug, "orders");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(the_status_of_a_link_is_the_first_reason_against_it),
        scene_test(a_link_names_its_app_and_user),
        scene_test(links_are_filtered_by_every_part_together),
        scene_test(the_newest_come_first_and_pages_meet),
        scene_test(a_session_past_its_time_has_ended_before_anybody_wrote_it_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
