#include "scene.h"

#include "model/batch.h"

/* ---- jobs ---- */

enum { JOBS = 5 };

struct job {
    struct batch_job batch; /* first */
    struct scene *scene;
    const char *group;                /* makes a group of this name, NULL: writes nothing */
    enum err err;                     /* and then returns this */
    bool is_rolled_back_by_the_store; /* as SQLite does when the disk fails under it */
    bool raises;
    int runs;
    int asked;
};

static struct job jobs[JOBS];

static enum err run(struct batch_job *batch, struct store *store)
{
    struct job *job = (struct job *)batch;
    struct group group;
    job->runs++;
    assert_ptr_equal(store, job->scene->world.store);
    if (job->is_rolled_back_by_the_store) {
        assert_int_equal(store_run(store, SQL_ROLLBACK, SQL_NO_ARGS, NULL), ERR_OK);
    }
    if (job->group != NULL) {
        enum err err = group_create(job->scene->work, str_from(job->group), &group);
        if (err) {
            return err;
        }
    }
    return job->err;
}

static bool raises_epoch(const struct batch_job *batch)
{
    struct job *job = (struct job *)(uintptr_t)batch;
    assert_int_equal(batch->result, ERR_OK);
    job->asked++;
    return job->raises;
}

/* Five jobs that each make a group of their own. */
static void make_jobs(struct scene *scene)
{
    static const char *const names[JOBS] = {"one", "two", "three", "four", "five"};
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){
            .batch = {.run = run,
                      .raises_epoch = raises_epoch,
                      .next = i + 1 < JOBS ? &jobs[i + 1].batch : NULL},
            .scene = scene,
            .group = names[i],
        };
    }
}

static int64_t run_batch(struct scene *scene)
{
    int64_t epoch = -1;
    batch_run(scene->world.store, &jobs[0].batch, &epoch);
    return epoch;
}

static int64_t groups_of(struct scene *scene, const char *name)
{
    return scene_number(scene, "SELECT count(*) FROM groups WHERE name = '%s'", name);
}

static int64_t stored_epoch(struct scene *scene)
{
    return scene_number(scene, "SELECT epoch FROM instance");
}

/* Every job but those of the bits in `failed` is on the disk, once. */
static void assert_done_but(struct scene *scene, unsigned failed)
{
    for (size_t i = 0; i < JOBS; i++) {
        bool has_failed = (failed >> i & 1) != 0;
        assert_int_equal(jobs[i].batch.result != ERR_OK, has_failed);
        if (jobs[i].group != NULL) {
            assert_int_equal(groups_of(scene, jobs[i].group), has_failed ? 0 : 1);
        }
    }
}

/* ---- together ---- */

static void all_jobs_of_a_batch_are_done_once(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    assert_int_equal(run_batch(scene), 0);
    assert_done_but(scene, 0);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].runs, 1);
    }
}

static void a_batch_of_one_works(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[0].batch.next = NULL;
    run_batch(scene);
    assert_int_equal(jobs[0].batch.result, ERR_OK);
    assert_int_equal(groups_of(scene, "one"), 1);
}

static void jobs_run_in_their_order_and_see_each_other(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[1].group = "one"; /* is taken by the job before it */
    run_batch(scene);
    assert_int_equal(jobs[0].batch.result, ERR_OK);
    assert_int_equal(jobs[1].batch.result, ERR_CONFLICT);
    assert_int_equal(groups_of(scene, "one"), 1);
}

/* ---- a job that fails ---- */

static void a_job_that_fails_before_it_wrote_bothers_nobody(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[2].group = NULL;
    jobs[2].err = ERR_CONFLICT;
    run_batch(scene);
    assert_done_but(scene, 1u << 2);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].runs, 1);
    }
    assert_int_equal(jobs[2].batch.result, ERR_CONFLICT);
}

static void a_job_that_fails_after_it_wrote_takes_only_its_own_with_it(void **state)
{
    struct scene *scene = *state;
    for (size_t failing = 0; failing < JOBS; failing++) {
        make_jobs(scene);
        jobs[failing].err = ERR_CONFLICT;
        run_batch(scene);
        assert_done_but(scene, 1u << failing);
        assert_int_equal(jobs[failing].batch.result, ERR_CONFLICT);
        scene_sql(scene, "DELETE FROM groups WHERE name <> 'buyers'");
    }
}

static void several_failing_jobs_take_only_their_own_with_them(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[1].err = ERR_BUSY;
    jobs[2].err = ERR_INTERNAL;
    jobs[4].err = ERR_STORAGE;
    run_batch(scene);
    assert_done_but(scene, 1u << 1 | 1u << 2 | 1u << 4);
    assert_int_equal(jobs[1].batch.result, ERR_BUSY);
    assert_int_equal(jobs[2].batch.result, ERR_INTERNAL);
    assert_int_equal(jobs[4].batch.result, ERR_STORAGE);
}

static void a_job_whose_transaction_the_store_gave_up_takes_nobody_with_it(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[2].group = NULL;
    jobs[2].err = ERR_STORAGE;
    jobs[2].is_rolled_back_by_the_store = true;
    run_batch(scene);
    assert_done_but(scene, 1u << 2);
    assert_int_equal(jobs[2].batch.result, ERR_STORAGE);
}

static void events_of_a_failed_job_go_with_it(void **state)
{
    struct scene *scene = *state;
    int before = world_events(&scene->world, "group.create");
    make_jobs(scene);
    jobs[3].err = ERR_CONFLICT;
    run_batch(scene);
    assert_int_equal(world_events(&scene->world, "group.create"), before + JOBS - 1);
}

/* ---- a commit that fails ---- */

static void a_commit_that_fails_fails_everybody(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[0].raises = true;
    scene_disk_is_full(scene);
    assert_int_equal(run_batch(scene), 0);
    scene_disk_has_room();
    assert_done_but(scene, (1u << JOBS) - 1);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].batch.result, ERR_STORAGE);
    }
    assert_int_equal(stored_epoch(scene), 1);
}

static void after_a_full_disk_got_room_again_everything_works(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    scene_disk_is_full(scene);
    run_batch(scene);
    scene_disk_has_room();
    make_jobs(scene);
    run_batch(scene);
    assert_done_but(scene, 0);
}

static void a_commit_that_fails_for_one_does_not_fail_its_neighbours(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[JOBS - 1].group = NULL;
    jobs[JOBS - 1].is_rolled_back_by_the_store = true; /* and it says that all is well */
    run_batch(scene);
    assert_done_but(scene, 1u << (JOBS - 1));
}

/* ---- the epoch ---- */

static void the_epoch_is_raised_once_for_all_jobs_of_a_batch(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[1].raises = true;
    jobs[3].raises = true;
    assert_int_equal(run_batch(scene), WORLD_START_MS);
    assert_int_equal(stored_epoch(scene), WORLD_START_MS);
}

static void a_batch_that_takes_nothing_away_leaves_the_epoch(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    assert_int_equal(run_batch(scene), 0);
    assert_int_equal(stored_epoch(scene), 1);
}

static void a_job_that_failed_is_not_asked_about_the_epoch(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[2].err = ERR_CONFLICT;
    jobs[2].raises = true;
    assert_int_equal(run_batch(scene), 0);
    assert_int_equal(jobs[2].asked, 0);
    assert_int_equal(stored_epoch(scene), 1);
}

static void the_epoch_is_raised_though_a_neighbour_failed(void **state)
{
    struct scene *scene = *state;
    make_jobs(scene);
    jobs[0].raises = true;
    jobs[2].err = ERR_CONFLICT;
    jobs[4].raises = true;
    int64_t epoch = run_batch(scene);
    assert_done_but(scene, 1u << 2);
    assert_true(epoch > 1);
    assert_int_equal(stored_epoch(scene), epoch);
}

static void a_batch_that_cannot_begin_runs_no_job_and_waits_once(void **state)
{
    struct scene *scene = *state;
    char path[SETTINGS_PATH_MAX];
    struct store *other = NULL;
    make_jobs(scene);
    assert_true(settings_data_path(&scene->world.settings, "inlay.db", path));
    assert_int_equal(store_open(path, STORE_WRITE, &other, NULL), ERR_OK);
    assert_int_equal(store_begin(other), ERR_OK);
    store_set_wait(scene->world.store, 100);
    int64_t started_ms = clock_now_ms();
    int64_t epoch = -1;
    assert_false(batch_run(scene->world.store, &jobs[0].batch, &epoch));
    assert_true(clock_now_ms() - started_ms < 100 * JOBS + 5000);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].batch.result, ERR_BUSY);
        assert_int_equal(jobs[i].runs, 0);
    }
    store_rollback(other);
    store_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(all_jobs_of_a_batch_are_done_once),
        scene_test(a_batch_of_one_works),
        scene_test(jobs_run_in_their_order_and_see_each_other),
        scene_test(a_job_that_fails_before_it_wrote_bothers_nobody),
        scene_test(a_job_that_fails_after_it_wrote_takes_only_its_own_with_it),
        scene_test(several_failing_jobs_take_only_their_own_with_them),
        scene_test(a_job_whose_transaction_the_store_gave_up_takes_nobody_with_it),
        scene_test(events_of_a_failed_job_go_with_it),
        scene_test(a_commit_that_fails_fails_everybody),
        scene_test(after_a_full_disk_got_room_again_everything_works),
        scene_test(a_commit_that_fails_for_one_does_not_fail_its_neighbours),
        scene_test(the_epoch_is_raised_once_for_all_jobs_of_a_batch),
        scene_test(a_batch_that_takes_nothing_away_leaves_the_epoch),
        scene_test(a_job_that_failed_is_not_asked_about_the_epoch),
        scene_test(the_epoch_is_raised_though_a_neighbour_failed),
        scene_test(a_batch_that_cannot_begin_runs_no_job_and_waits_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
