#include <archive.h>
#include <archive_entry.h>

#include "scene.h"

#include "apps/bundle/content.h"
#include "entry/sweep.h"
#include "apps/bundle/cachefolder.h"
#include "crypto/random.h"

/* An archive of files of random bytes: they neither compress nor repeat. */
static const char *make_large_bundle(struct world *world, int files, size_t file_bytes)
{
    const char *path = arena_printf(&world->arena, "%s/large.tar.gz", world->folder).ptr;
    struct archive *archive = archive_write_new();
    char *bytes = arena_alloc(&world->arena, file_bytes);
    archive_write_add_filter_gzip(archive);
    archive_write_set_format_pax_restricted(archive);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (int i = 0; i < files; i++) {
        struct archive_entry *entry = archive_entry_new();
        char name[32] = "index.html";
        if (i > 0) {
            snprintf(name, sizeof(name), "file-%d.bin", i);
        }
        for (size_t at = 0; at + 1024 <= file_bytes; at += 1024) {
            random_bytes(bytes + at, 1024);
        }
        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)file_bytes);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, bytes, file_bytes), (la_ssize_t)file_bytes);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return path;
}

static void assert_restorable(struct world *world, const struct digest *content)
{
    const char *root = arena_printf(&world->arena, "%s/cache", world->folder).ptr;
    assert_int_equal(content_restore(world->store, root, content, &world->fault), ERR_OK);
    assert_true(cachefolder_has(root, content));
}

static void a_bundle_larger_than_a_batch_arrives_whole(void **state)
{
    (void)state;
    struct world world;
    struct release release;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct upload upload = {.app_id = app.id,
                            .version = STR("1.0.0"),
                            .path = make_large_bundle(&world, 6, 3 * 1024 * 1024),
                            .type = UNPACK_TAR_GZ};
    assert_int_equal(upload_run(&world.work, &upload), ERR_OK);
    assert_true(world.work.raise_epoch);
    assert_int_equal(release_find(&world.work, &app.id, STR("1.0.0"), &release), ERR_OK);
    assert_int_equal(release.files, 6);
    assert_int_equal(release.bytes, 6 * 3 * 1024 * 1024);
    assert_restorable(&world, &release.content);
    world_end(&world);
}

static void one_file_may_be_larger_than_a_batch(void **state)
{
    (void)state;
    struct world world;
    struct release release;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct upload upload = {.app_id = app.id,
                            .version = STR("1.0.0"),
                            .path = make_large_bundle(&world, 2, 9 * 1024 * 1024),
                            .type = UNPACK_TAR_GZ};
    assert_int_equal(upload_run(&world.work, &upload), ERR_OK);
    assert_int_equal(release_find(&world.work, &app.id, STR("1.0.0"), &release), ERR_OK);
    assert_restorable(&world, &release.content);
    world_end(&world);
}

static void an_upload_raises_the_epoch_and_is_told(void **state)
{
    (void)state;
    struct world world;
    int64_t before = 0;
    int64_t after = 0;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    assert_int_equal(instance_epoch(world.store, &before), ERR_OK);
    world_release(&world, &app, "1.0.0", "one");
    assert_int_equal(instance_epoch(world.store, &after), ERR_OK);
    assert_true(after > before);
    assert_int_equal(world_events(&world, "release.create"), 1);
    world_end(&world);
}

static void a_version_that_is_taken_is_refused_before_the_archive_is_read(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    world_release(&world, &app, "1.0.0", "one");
    struct upload again = {
        .app_id = app.id, .version = STR("1.0.0"), .path = "/nowhere", .type = UNPACK_TAR_GZ};
    assert_int_equal(upload_run(&world.work, &again), ERR_CONFLICT);
    assert_fault(&world, "release_exists");
    world_end(&world);
}

static void what_is_no_archive_leaves_nothing(void **state)
{
    (void)state;
    struct world world;
    struct release releases[1];
    size_t count = 0;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    const char *path = arena_printf(&world.arena, "%s/inlay.db", world.folder).ptr;
    struct upload upload = {
        .app_id = app.id, .version = STR("1.0.0"), .path = path, .type = UNPACK_TAR_GZ};
    assert_int_equal(upload_run(&world.work, &upload), ERR_INVALID);
    assert_fault(&world, "bundle_damaged");
    assert_false(world.work.raise_epoch);
    assert_int_equal(release_list(&world.work, &app, 0, 1, releases, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(app_find(&world.work, &app.id, &app), ERR_OK);
    assert_null(app.current_version.ptr);
    world_end(&world);
}

static void limits_come_from_the_settings(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct upload upload = {.app_id = app.id,
                            .version = STR("1.0.0"),
                            .path = world_bundle(&world, "text"),
                            .type = UNPACK_TAR_GZ};
    world.settings.bundle_max_files = 1;
    assert_int_equal(upload_run(&world.work, &upload), ERR_INVALID);
    assert_fault(&world, "bundle_too_many_files");
    assert_int_equal(world.fault.limit, 1);
    world.settings.bundle_max_files = 2;
    world.settings.bundle_max_bytes = 1;
    assert_int_equal(upload_run(&world.work, &upload), ERR_INVALID);
    assert_fault(&world, "bundle_too_large");
    world_end(&world);
}

static void an_app_that_moved_meanwhile_gets_nothing(void **state)
{
    (void)state;
    struct world world;
    struct release release;
    world_make(&world);
    struct app before = world_app(&world, "orders");
    struct app after = before;
    struct upload upload = {.app_id = before.id,
                            .version = STR("1.0.0"),
                            .path = world_bundle(&world, "text"),
                            .type = UNPACK_TAR_GZ};
    after.workspace_id = world_workspace(&world, "other").id;
    assert_int_equal(app_update(&world.work, &before, &after), ERR_OK);
    assert_int_equal(upload_run(&world.work, &upload), ERR_NOT_FOUND);
    assert_fault(&world, "not_found");
    assert_int_equal(app_delete(&world.work, &after), ERR_OK);
    assert_int_equal(upload_run(&world.work, &upload), ERR_NOT_FOUND);
    assert_int_equal(release_find(&world.work, &before.id, STR("1.0.0"), &release), ERR_NOT_FOUND);
    world_end(&world);
}

static void equal_content_is_stored_once(void **state)
{
    (void)state;
    struct world world;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    struct branch branch = world_branch(&world, &app, "main", "same");
    int64_t changes = store_changes(world.store);
    struct release release = world_release(&world, &app, "1.0.0", "same");
    assert_true(digest_equal(&branch.content, &release.content));
    /* the release, its app, the event and the epoch */
    assert_int_equal(store_changes(world.store) - changes, 4);
    world_end(&world);
}

static void the_sweep_takes_what_nothing_names_but_not_what_an_upload_takes_up_again(void **state)
{
    (void)state;
    struct world world;
    struct sweep sweep = {0};
    bool more = true;
    world_make(&world);
    struct app app = world_app(&world, "orders");
    const char *root = arena_printf(&world.arena, "%s/cache", world.folder).ptr;
    struct branch branch = world_branch(&world, &app, "main", "text");
    world_wait(&world, 2 * HOUR_MS);
    assert_int_equal(branch_delete(&world.work, &app, &branch), ERR_OK);
    /* The content is old and nothing names it, but it is still there. */
    struct upload upload = {.app_id = app.id,
                            .branch = STR("other"),
                            .path = world_bundle(&world, "text"),
                            .type = UNPACK_TAR_GZ};
    world.work.raise_epoch = false;
    assert_int_equal(upload_run(&world.work, &upload), ERR_OK);
    while (more) {
        assert_int_equal(sweep_step(&world.work, &sweep, root, &more), ERR_OK);
    }
    assert_int_equal(branch_find(&world.work, &app.id, STR("other"), &branch), ERR_OK);
    assert_restorable(&world, &branch.content);
    assert_int_equal(branch_delete(&world.work, &app, &branch), ERR_OK);
    world_wait(&world, 2 * HOUR_MS);
    more = true;
    while (more) {
        assert_int_equal(sweep_step(&world.work, &sweep, root, &more), ERR_OK);
    }
    assert_false(cachefolder_has(root, &branch.content));
    assert_int_equal(content_restore(world.store, root, &branch.content, &world.fault),
                     ERR_NOT_FOUND);
    world_end(&world);
}

static int64_t blob_time(struct scene *scene, int64_t now_ms)
{
    struct str bytes = STR("text");
    struct digest digest = digest_of(bytes);
    assert_int_equal(store_run(scene->work->store, SQL_BLOB_PUT,
                               SQL_ARGS(sql_digest(&digest), sql_blob(bytes), sql_null(),
                                        sql_null(), sql_int(now_ms)),
                               NULL),
                     ERR_OK);
    return scene_number(scene, "SELECT created_at FROM blobs WHERE digest = %s",
                        scene_hex(scene, digest.bytes, DIGEST_BYTES));
}

static void a_file_that_is_stored_again_counts_as_new_again(void **state)
{
    struct scene *scene = *state;
    int64_t start = scene->work->now_ms;
    int64_t later = start + 31 * MINUTE_MS;
    assert_int_equal(blob_time(scene, start), start);
    assert_int_equal(blob_time(scene, start + MINUTE_MS), start); /* it is not old yet */
    assert_int_equal(blob_time(scene, later), later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_larger_than_a_batch_arrives_whole),
        cmocka_unit_test(one_file_may_be_larger_than_a_batch),
        cmocka_unit_test(an_upload_raises_the_epoch_and_is_told),
        cmocka_unit_test(a_version_that_is_taken_is_refused_before_the_archive_is_read),
        cmocka_unit_test(what_is_no_archive_leaves_nothing),
        cmocka_unit_test(limits_come_from_the_settings),
        cmocka_unit_test(an_app_that_moved_meanwhile_gets_nothing),
        cmocka_unit_test(equal_content_is_stored_once),
        scene_test(a_file_that_is_stored_again_counts_as_new_again),
        cmocka_unit_test(the_sweep_takes_what_nothing_names_but_not_what_an_upload_takes_up_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
