#include "scene.h"

#include "apps/bundle/content.h"
#include "entry/sweep.h"
#include "model/usage.h"
#include "apps/bundle/cachefolder.h"

static struct sweep sweep;
static char cache[SETTINGS_PATH_MAX];

static int start(void **state)
{
    scene_setup(state);
    struct scene *scene = *state;
    sweep = (struct sweep){0};
    assert_true(settings_data_path(&scene->world.settings, "cache", cache));
    return 0;
}

#define sweep_test(name) cmocka_unit_test_setup_teardown(name, start, scene_teardown)

static bool step(struct scene *scene)
{
    bool more = true;
    scene->work->ended = NULL;
    assert_int_equal(sweep_step(scene->work, &sweep, cache, &more), ERR_OK);
    return more;
}

/* Until there is nothing to do; returns the number of steps. */
static int sweep_all(struct scene *scene)
{
    int steps = 1;
    while (step(scene)) {
        steps++;
        assert_true(steps < 100);
    }
    return steps;
}

static size_t ended(const struct scene *scene)
{
    size_t count = 0;
    for (struct changed_session *one = scene->work->ended; one != NULL; one = one->next) {
        count++;
    }
    return count;
}

/* That many more sessions of the link. */
static void add_sessions(struct scene *scene, const struct link *link, int count,
                         int64_t expires_at_ms)
{
    scene_sql(scene,
              "INSERT INTO sessions (id, link_id, label, digest, created_at, expires_at)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
              " SELECT randomblob(16), %s, '" STR_FMT "', randomblob(32), 0, %lld FROM n",
              count, scene_id(scene, &link->id), STR_ARG(link->label), (long long)expires_at_ms);
}

/* That many more links of the audience, expired one after the other. */
static void add_links(struct scene *scene, struct str label, int count, int64_t expires_at_ms)
{
    scene_sql(scene,
              "INSERT INTO links (id, kind, label, digest, session_ms, created_at, expires_at)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
              " SELECT randomblob(16), 'single-use', '" STR_FMT "', randomblob(32), 1, 0, %lld + i"
              " FROM n",
              count, STR_ARG(label), (long long)expires_at_ms);
}

static int64_t live(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM sessions WHERE ended_at IS NULL");
}

static int64_t rows_of(struct scene *scene, const char *table)
{
    return scene_number(scene, "SELECT count(*) FROM %s", table);
}

static struct str end_reason(struct scene *scene, const struct scene_session *opened)
{
    return scene_text(scene, "SELECT end_reason FROM sessions WHERE id = %s",
                      scene_id(scene, &opened->session.id));
}

static void raise_epoch(struct scene *scene)
{
    int64_t epoch = 0;
    assert_int_equal(instance_raise_epoch(scene->world.store, &epoch), ERR_OK);
}

/* ---- sessions whose time is over ---- */

static void with_nothing_to_do_nothing_is_done(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    int64_t events = rows_of(scene, "events");
    assert_false(step(scene));
    assert_false(step(scene));
    assert_int_equal(rows_of(scene, "events"), events);
    assert_int_equal(live(scene), 1);
    assert_str_equal(end_reason(scene, &opened), "");
    assert_int_equal(ended(scene), 0);
}

static void an_expired_session_ends_with_an_event(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    world_wait(&scene->world, SCENE_SESSION_MS - 1);
    step(scene);
    assert_int_equal(live(scene), 1);
    world_wait(&scene->world, 1);
    step(scene);
    assert_str_equal(end_reason(scene, &opened), "expired");
    assert_int_equal(ended(scene), 1);
    assert_true(uuid_equal(&scene->work->ended->id, &opened.session.id));
    assert_str_equal(world_event_detail(&scene->world, "end"), "{\"reason\":\"expired\"}");
    step(scene);
    assert_int_equal(ended(scene), 0);
    assert_int_equal(world_events(&scene->world, "end"), 1);
}

static void many_expired_sessions_end_in_batches(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    add_sessions(scene, &link.link, 2 * SWEEP_BATCH + 50, WORLD_START_MS);
    add_sessions(scene, &link.link, 10, WORLD_START_MS + 1);
    assert_true(step(scene));
    assert_int_equal(ended(scene), SWEEP_BATCH);
    assert_int_equal(live(scene), SWEEP_BATCH + 60);
    assert_true(step(scene));
    assert_int_equal(ended(scene), SWEEP_BATCH);
    assert_false(step(scene));
    assert_int_equal(ended(scene), 50);
    assert_int_equal(live(scene), 10);
}

/* ---- sessions that lost their access ---- */

static void after_a_new_epoch_sessions_that_lost_access_end(void **state)
{
    struct scene *scene = *state;
    struct scene_session loser = scene_live_session(scene);
    struct scene_link embed = scene_embed(scene);
    struct scene_session keeper = scene_session(scene, &embed.link); /* by the claims' groups */
    step(scene);
    assert_int_equal(group_remove_member(scene->work, &scene->group, &scene->user), ERR_OK);
    raise_epoch(scene);
    step(scene);
    assert_str_equal(end_reason(scene, &loser), "no_access");
    assert_str_equal(end_reason(scene, &keeper), "");
    assert_int_equal(ended(scene), 1);
    assert_str_equal(world_event_detail(&scene->world, "end"), "{\"reason\":\"no_access\"}");
}

static void sessions_of_a_revoked_link_end(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene_sql(scene, "UPDATE links SET revoked_at = 1");
    raise_epoch(scene);
    step(scene);
    assert_str_equal(end_reason(scene, &opened), "link_revoked");
}

static void without_a_new_epoch_nobody_is_decided_again(void **state)
{
    struct scene *scene = *state;
    scene_live_session(scene);
    step(scene);
    scene_sql(scene, "DELETE FROM group_members");
    step(scene);
    assert_int_equal(live(scene), 1);
    raise_epoch(scene);
    step(scene);
    assert_int_equal(live(scene), 0);
}

static void the_first_sweep_of_a_process_decides_everybody(void **state)
{
    struct scene *scene = *state;
    scene_live_session(scene);
    step(scene);
    scene_sql(scene, "DELETE FROM group_members");
    sweep = (struct sweep){0};
    step(scene);
    assert_int_equal(live(scene), 0);
}

static void many_sessions_are_decided_in_batches(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    add_sessions(scene, &pat.link, SWEEP_BATCH + 150, INT64_MAX);
    add_sessions(scene, &embed.link, SWEEP_BATCH + 150, INT64_MAX);
    scene_sql(scene, "DELETE FROM group_members");
    assert_true(step(scene));
    assert_true(live(scene) >= SWEEP_BATCH + 300); /* no more than a batch has ended */
    assert_int_equal(sweep_all(scene), 3);
    assert_int_equal(live(scene), SWEEP_BATCH + 150);
    assert_int_equal(scene_number(scene,
                                  "SELECT count(*) FROM sessions WHERE link_id = %s"
                                  " AND ended_at IS NULL",
                                  scene_id(scene, &pat.link.id)),
                     0);
}

static void a_new_epoch_in_the_middle_begins_a_new_round(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    add_sessions(scene, &link.link, SWEEP_BATCH + 50, INT64_MAX);
    assert_true(step(scene)); /* these may all stay */
    scene_sql(scene, "DELETE FROM group_members");
    raise_epoch(scene);
    sweep_all(scene);
    assert_int_equal(live(scene), 0);
}

static void a_sweep_that_could_not_be_written_is_done_again(void **state)
{
    struct scene *scene = *state;
    bool more = true;
    scene_live_session(scene);
    step(scene);
    scene_sql(scene, "DELETE FROM group_members");
    raise_epoch(scene);
    scene_disk_is_full(scene);
    assert_int_equal(sweep_step(scene->work, &sweep, cache, &more), ERR_STORAGE);
    assert_false(more);
    scene_disk_has_room();
    assert_int_equal(live(scene), 1);
    step(scene);
    assert_int_equal(live(scene), 0);
    assert_int_equal(world_events(&scene->world, "end"), 1);
}

/* ---- old rows ---- */

static void ended_sessions_go_after_their_days(void **state)
{
    struct scene *scene = *state;
    struct scene_session opened = scene_live_session(scene);
    scene_live_session(scene);
    scene_sql(scene, "UPDATE sessions SET expires_at = %lld", (long long)INT64_MAX);
    assert_int_equal(session_end(scene->work, &opened.session.id, "logout"), ERR_OK);
    world_wait(&scene->world, scene->world.settings.keep_sessions_days * DAY_MS);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "sessions"), 2);
    world_wait(&scene->world, 1);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "sessions"), 1);
    assert_int_equal(live(scene), 1);
}

static void many_ended_sessions_go_in_batches(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    add_sessions(scene, &link.link, SWEEP_BATCH + 50, 0);
    scene_sql(scene, "UPDATE sessions SET ended_at = 1, end_reason = 'expired'");
    assert_true(step(scene));
    assert_int_equal(rows_of(scene, "sessions"), 50);
    assert_false(step(scene));
    assert_int_equal(rows_of(scene, "sessions"), 0);
}

static void events_go_after_their_days(void **state)
{
    struct scene *scene = *state;
    int64_t before = rows_of(scene, "events");
    assert_true(before > 0);
    scene->world.settings.signing_key_days = 0; /* a new key would be an event */
    world_wait(&scene->world, scene->world.settings.keep_events_days * DAY_MS);
    scene_sql(scene, "INSERT INTO events (at, type, actor_kind) VALUES (%lld, 'new', 'system')",
              (long long)scene->work->now_ms);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "events"), before + 1);
    world_wait(&scene->world, 1);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "events"), 1);
    assert_int_equal(world_events(&scene->world, "new"), 1);
}

static void usage_is_kept_longer_than_its_events(void **state)
{
    struct scene *scene = *state;
    scene->world.settings.signing_key_days = 0; /* a new key would be an event */
    assert_int_equal(usage_count(scene->work, &scene->work->workspace_id, &scene->app.id,
                                 &scene->user.id, STR_NONE),
                     ERR_OK);
    assert_int_equal(rows_of(scene, "usage"), 1);
    world_wait(&scene->world, scene->world.settings.keep_events_days * DAY_MS + 1);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "usage"), 1);
    world_wait(&scene->world, scene->world.settings.keep_usage_days * DAY_MS);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "usage"), 0);
}

static void responses_of_idempotency_keys_go_after_a_day(void **state)
{
    struct scene *scene = *state;
    world_call_with(&scene->world, API_POST, "/api/v1/groups", "{\"name\":\"old\"}",
                    (struct world_headers){.idempotency_key = "old"});
    world_wait(&scene->world, HOUR_MS);
    world_call_with(&scene->world, API_POST, "/api/v1/groups", "{\"name\":\"new\"}",
                    (struct world_headers){.idempotency_key = "new"});
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "idempotency_keys"), 2);
    world_wait(&scene->world, 24 * HOUR_MS - 1000);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "idempotency_keys"), 1);
}

static void many_events_go_in_batches(void **state)
{
    struct scene *scene = *state;
    scene_sql(scene, "UPDATE events SET at = 1");
    int64_t before = rows_of(scene, "events");
    scene_sql(scene,
              "INSERT INTO events (at, type, actor_kind)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
              " SELECT i, 'old', 'system' FROM n",
              2 * SWEEP_BATCH);
    assert_true(step(scene));
    assert_int_equal(rows_of(scene, "events"), before + SWEEP_BATCH);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "events"), 0);
}

/* ---- links and audiences ---- */

static void expired_links_go_after_their_days_and_the_audience_with_the_last(void **state)
{
    struct scene *scene = *state;
    scene_embed(scene);
    world_wait(&scene->world, MINUTE_MS);
    scene_embed(scene);
    int64_t keep_ms = scene->world.settings.keep_links_days * DAY_MS;
    world_wait(&scene->world, SCENE_LINK_MS - MINUTE_MS + keep_ms);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "links"), 2);
    world_wait(&scene->world, 1);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "links"), 1);
    assert_int_equal(rows_of(scene, "audiences"), 1);
    world_wait(&scene->world, MINUTE_MS);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "links"), 0);
    assert_int_equal(rows_of(scene, "audiences"), 0);
}

static void a_link_stays_as_long_as_there_is_a_session_of_it(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    scene_embed(scene);
    struct scene_session opened = scene_session(scene, &link.link);
    world_wait(&scene->world, 10 * DAY_MS);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "links"), 1);
    assert_str_equal(end_reason(scene, &opened), "expired");
    assert_int_equal(rows_of(scene, "audiences"), 1);
    world_wait(&scene->world, 31 * (int64_t)DAY_MS);
    sweep_all(scene);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "sessions"), 0);
    assert_int_equal(rows_of(scene, "links"), 0);
    assert_int_equal(rows_of(scene, "audiences"), 0);
}

static void links_in_use_do_not_hide_others_behind_them(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    add_links(scene, link.link.label, SWEEP_BATCH + 50, 0);
    scene_sql(scene, "INSERT INTO sessions (id, link_id, label, digest, created_at, expires_at)"
                     " SELECT randomblob(16), id, label, randomblob(32), 0, 9223372036854775807"
                     " FROM links WHERE expires_at <= 250");
    add_links(scene, link.link.label, SWEEP_BATCH + 50, 1000);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "links"), SWEEP_BATCH + 50 + 1);
    sweep_all(scene); /* and the next round begins at the front again */
    scene_sql(scene, "DELETE FROM sessions");
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "links"), 1);
}

static void many_links_go_in_batches(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    add_links(scene, link.link.label, SWEEP_BATCH + 50, 0);
    assert_true(step(scene));
    assert_int_equal(rows_of(scene, "links"), 50 + 1);
    assert_false(step(scene));
    assert_int_equal(rows_of(scene, "links"), 1);
    assert_int_equal(rows_of(scene, "audiences"), 1);
}

/* ---- contents ---- */

static void restore(struct scene *scene, const struct digest *content)
{
    assert_int_equal(content_restore(scene->world.store, cache, content, &scene->world.fault),
                     ERR_OK);
}

static bool is_stored(struct scene *scene, const struct digest *content)
{
    return scene_number(scene, "SELECT count(*) FROM contents WHERE digest = %s",
                        scene_hex(scene, content->bytes, DIGEST_BYTES)) != 0;
}

static void contents_that_nothing_names_go_after_an_hour(void **state)
{
    struct scene *scene = *state;
    struct digest orphan = scene_content(scene, "orphan");
    restore(scene, &orphan);
    restore(scene, &scene->content);
    world_wait(&scene->world, HOUR_MS);
    sweep_all(scene);
    assert_true(is_stored(scene, &orphan));
    assert_true(cachefolder_has(cache, &orphan));
    world_wait(&scene->world, HOUR_MS);
    sweep_all(scene);
    assert_false(is_stored(scene, &orphan));
    assert_false(cachefolder_has(cache, &orphan));
    assert_int_equal(rows_of(scene, "blobs"), 1);
    assert_int_equal(rows_of(scene, "content_files"), 1);
    assert_true(is_stored(scene, &scene->content));
    assert_true(cachefolder_has(cache, &scene->content));
}

static void contents_of_releases_and_branches_stay(void **state)
{
    struct scene *scene = *state;
    struct digest branch = scene_branch(scene, &scene->app, "next");
    scene_release(scene, &scene->app, "2.0.0");
    world_wait(&scene->world, 2 * DAY_MS);
    sweep_all(scene);
    assert_true(is_stored(scene, &scene->content)); /* 1.0.0 is not current any more */
    assert_true(is_stored(scene, &branch));
    assert_int_equal(rows_of(scene, "contents"), 3);
    assert_int_equal(rows_of(scene, "blobs"), 3);
}

static void a_file_that_another_content_shares_stays(void **state)
{
    struct scene *scene = *state;
    struct digest orphan = scene_content(scene, "orphan");
    const char *blob = "(SELECT blob_digest FROM content_files WHERE content_digest =";
    scene_sql(scene, "INSERT INTO content_files VALUES (%s, 'shared.html', %s %s))",
              scene_hex(scene, scene->content.bytes, DIGEST_BYTES), blob,
              scene_hex(scene, orphan.bytes, DIGEST_BYTES));
    world_wait(&scene->world, 2 * HOUR_MS);
    sweep_all(scene);
    assert_false(is_stored(scene, &orphan));
    assert_int_equal(rows_of(scene, "blobs"), 2);
}

static void files_of_an_upload_under_way_stay(void **state)
{
    struct scene *scene = *state;
    scene_sql(scene, "INSERT INTO blobs (digest, bytes, created_at) VALUES (x'01', x'01', %lld)",
              (long long)scene->work->now_ms);
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "blobs"), 2);
}

static void contents_are_looked_at_once_an_hour(void **state)
{
    struct scene *scene = *state;
    sweep_all(scene);
    struct digest orphan = scene_content(scene, "orphan");
    scene_sql(scene, "UPDATE contents SET created_at = 0");
    world_wait(&scene->world, HOUR_MS - 1);
    sweep_all(scene);
    assert_true(is_stored(scene, &orphan));
    world_wait(&scene->world, 1);
    sweep_all(scene);
    assert_false(is_stored(scene, &orphan));
}

static void many_files_that_nothing_names_go_in_one_round(void **state)
{
    struct scene *scene = *state;
    scene_sql(scene,
              "INSERT INTO blobs (digest, bytes, created_at)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
              " SELECT randomblob(32), x'00', 0 FROM n",
              3 * SWEEP_BATCH + 50);
    assert_true(step(scene));
    assert_true(rows_of(scene, "blobs") >= 2 * SWEEP_BATCH); /* in small transactions, though */
    sweep_all(scene);
    assert_int_equal(rows_of(scene, "blobs"), 1);
}

static void a_sweep_that_the_audit_log_cannot_tell_changes_nothing(void **state)
{
    struct scene *scene = *state;
    bool more = true;
    scene_live_session(scene);
    scene_sql(scene, "DROP TABLE events");
    world_wait(&scene->world, SCENE_SESSION_MS);
    assert_int_equal(sweep_step(scene->work, &sweep, cache, &more), ERR_INTERNAL);
    assert_false(more);
    assert_int_equal(live(scene), 1);
}

static void what_a_sweep_took_back_is_not_told(void **state)
{
    struct scene *scene = *state;
    bool more = false;
    struct scene_session opened = scene_live_session(scene);
    struct changed_session before = {.id = opened.session.id};
    scene_sql(scene, "UPDATE sessions SET expires_at = 1");
    scene_sql(scene, "INSERT INTO sessions (id, link_id, label, digest, created_at, expires_at)"
                     " SELECT randomblob(16), link_id, label, randomblob(32), 0, 1 FROM sessions");
    scene_sql(scene, "CREATE TRIGGER only_one BEFORE UPDATE ON sessions"
                     " WHEN (SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL) > 0"
                     " BEGIN SELECT RAISE(ABORT, 'no'); END");
    scene->work->ended = &before;
    assert_int_not_equal(sweep_step(scene->work, &sweep, cache, &more), ERR_OK);
    assert_int_equal(live(scene), 2);
    assert_ptr_equal(scene->work->ended, &before); /* what was committed earlier stays */
    scene_sql(scene, "DROP TRIGGER only_one");
    assert_int_equal(sweep_step(scene->work, &sweep, cache, &more), ERR_OK);
    assert_int_equal(live(scene), 0);
    assert_int_equal(ended(scene), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sweep_test(with_nothing_to_do_nothing_is_done),
        sweep_test(an_expired_session_ends_with_an_event),
        sweep_test(many_expired_sessions_end_in_batches),
        sweep_test(after_a_new_epoch_sessions_that_lost_access_end),
        sweep_test(sessions_of_a_revoked_link_end),
        sweep_test(without_a_new_epoch_nobody_is_decided_again),
        sweep_test(the_first_sweep_of_a_process_decides_everybody),
        sweep_test(many_sessions_are_decided_in_batches),
        sweep_test(a_new_epoch_in_the_middle_begins_a_new_round),
        sweep_test(a_sweep_that_could_not_be_written_is_done_again),
        sweep_test(what_a_sweep_took_back_is_not_told),
        sweep_test(ended_sessions_go_after_their_days),
        sweep_test(many_ended_sessions_go_in_batches),
        sweep_test(events_go_after_their_days),
        sweep_test(usage_is_kept_longer_than_its_events),
        sweep_test(responses_of_idempotency_keys_go_after_a_day),
        sweep_test(many_events_go_in_batches),
        sweep_test(expired_links_go_after_their_days_and_the_audience_with_the_last),
        sweep_test(a_link_stays_as_long_as_there_is_a_session_of_it),
        sweep_test(links_in_use_do_not_hide_others_behind_them),
        sweep_test(many_links_go_in_batches),
        sweep_test(contents_that_nothing_names_go_after_an_hour),
        sweep_test(contents_of_releases_and_branches_stay),
        sweep_test(a_file_that_another_content_shares_stays),
        sweep_test(files_of_an_upload_under_way_stay),
        sweep_test(contents_are_looked_at_once_an_hour),
        sweep_test(many_files_that_nothing_names_go_in_one_round),
        sweep_test(a_sweep_that_the_audit_log_cannot_tell_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
