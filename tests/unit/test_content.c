#include "scene.h"

#include <sys/stat.h>
#include <unistd.h>

#include "apps/bundle/content.h"
#include "apps/bundle/cachefolder.h"

static char cache[SETTINGS_PATH_MAX];

static int start(void **state)
{
    scene_setup(state);
    struct scene *scene = *state;
    assert_true(settings_data_path(&scene->world.settings, "cache", cache));
    return 0;
}

#define content_test(name) cmocka_unit_test_setup_teardown(name, start, scene_teardown)

static enum err restore(struct scene *scene, const struct digest *content)
{
    scene->world.fault = (struct fault){.err = ERR_OK};
    return content_restore(scene->world.store, cache, content, &scene->world.fault);
}

static const char *file_path(struct scene *scene, const struct digest *content, const char *name)
{
    char folder[CACHEFOLDER_PATH_SIZE];
    cachefolder_path(cache, content, folder);
    return arena_printf(&scene->world.arena, "%s/%s", folder, name).ptr;
}

static struct str file_text(struct scene *scene, const struct digest *content, const char *name)
{
    char text[256];
    FILE *file = fopen(file_path(scene, content, name), "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text), file);
    fclose(file);
    return arena_str(&scene->world.arena, (struct str){text, len});
}

/* One more file of the content, with these compressed variants (SQL). */
static void add_file(struct scene *scene, const struct digest *content, const char *path,
                     const char *text, const char *gzip, const char *brotli)
{
    struct digest blob = digest_of(str_from(text));
    const char *blob_hex = scene_hex(scene, blob.bytes, DIGEST_BYTES);
    scene_sql(scene,
              "INSERT INTO blobs (digest, bytes, gzip, brotli, created_at)"
              " VALUES (%s, %s, %s, %s, 0)",
              blob_hex, scene_hex(scene, text, strlen(text)), gzip, brotli);
    scene_sql(scene, "INSERT INTO content_files VALUES (%s, '%s', %s)",
              scene_hex(scene, content->bytes, DIGEST_BYTES), path, blob_hex);
}

static void assert_nothing_is_left(const struct digest *content)
{
    char command[SETTINGS_PATH_MAX + 64];
    assert_false(cachefolder_has(cache, content));
    assert_int_equal(access(cache, F_OK), 0);
    snprintf(command, sizeof(command), "test -z \"$(find %s -type f)\"", cache);
    assert_int_equal(system(command), 0);
}

static void a_content_is_unpacked_into_the_cache_folder(void **state)
{
    struct scene *scene = *state;
    struct digest content = scene_content(scene, "<h1>Orders</h1>");
    add_file(scene, &content, "assets/app.js", "run()", "x'1f8b'", "x'0b'");
    assert_false(cachefolder_has(cache, &content));
    assert_int_equal(restore(scene, &content), ERR_OK);
    assert_true(cachefolder_has(cache, &content));
    assert_str_equal(file_text(scene, &content, "index.html"), "<h1>Orders</h1>");
    assert_str_equal(file_text(scene, &content, "assets/app.js"), "run()");
    assert_str_equal(file_text(scene, &content, "assets/app.js.gz"), "\x1f\x8b");
    assert_str_equal(file_text(scene, &content, "assets/app.js.br"), "\x0b");
    assert_int_not_equal(access(file_path(scene, &content, "index.html.gz"), F_OK), 0);
}

static void an_empty_file_is_a_file(void **state)
{
    struct scene *scene = *state;
    struct digest content = scene_content(scene, "page");
    add_file(scene, &content, "empty.txt", "", "NULL", "NULL");
    assert_int_equal(restore(scene, &content), ERR_OK);
    assert_str_equal(file_text(scene, &content, "empty.txt"), "");
}

static void what_is_unpacked_already_stays_as_it_is(void **state)
{
    struct scene *scene = *state;
    struct stat before;
    struct stat after;
    assert_int_equal(restore(scene, &scene->content), ERR_OK);
    assert_int_equal(stat(file_path(scene, &scene->content, "index.html"), &before), 0);
    scene_sql(scene, "UPDATE blobs SET bytes = x'00'"); /* is not even looked at */
    assert_int_equal(restore(scene, &scene->content), ERR_OK);
    assert_int_equal(stat(file_path(scene, &scene->content, "index.html"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void a_cache_folder_that_was_deleted_is_filled_again(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(restore(scene, &scene->content), ERR_OK);
    struct str before = file_text(scene, &scene->content, "index.html");
    unit_folder_remove(cache);
    assert_false(cachefolder_has(cache, &scene->content));
    assert_int_equal(restore(scene, &scene->content), ERR_OK);
    assert_str_equal(file_text(scene, &scene->content, "index.html"), before.ptr);
}

static void a_content_that_the_store_does_not_have_is_not_found(void **state)
{
    struct scene *scene = *state;
    struct digest unknown = digest_of(STR("unknown"));
    assert_int_equal(restore(scene, &unknown), ERR_NOT_FOUND);
    assert_fault(&scene->world, "content_unknown");
    assert_nothing_is_left(&unknown);
}

static void a_damaged_file_is_never_served(void **state)
{
    struct scene *scene = *state;
    struct digest content = scene_content(scene, "page");
    scene_sql(scene, "UPDATE blobs SET bytes = x'00' WHERE bytes = %s",
              scene_hex(scene, "page", 4));
    assert_int_equal(restore(scene, &content), ERR_STORAGE);
    assert_fault(&scene->world, "content_damaged");
    assert_nothing_is_left(&content);
    assert_int_equal(restore(scene, &scene->content), ERR_OK);
}

static void one_damaged_file_spoils_the_whole_content(void **state)
{
    struct scene *scene = *state;
    struct digest content = scene_content(scene, "page");
    add_file(scene, &content, "zz.js", "run()", "NULL", "NULL");
    scene_sql(scene, "UPDATE blobs SET bytes = x'00' WHERE bytes = %s",
              scene_hex(scene, "run()", 5));
    assert_int_equal(restore(scene, &content), ERR_STORAGE);
    assert_nothing_is_left(&content);
}

static void a_cache_folder_that_cannot_be_written_is_an_operators_matter(void **state)
{
    struct scene *scene = *state;
    FILE *file = fopen(cache, "w"); /* a file where the folder should be */
    assert_non_null(file);
    fclose(file);
    assert_int_equal(restore(scene, &scene->content), ERR_STORAGE);
    assert_fault(&scene->world, "cache_unwritable");
}

static void a_full_disk_leaves_no_half_content(void **state)
{
    struct scene *scene = *state;
    char *text = malloc(100001);
    assert_non_null(text);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    struct digest content = scene_content(scene, text);
    free(text);
    scene_disk_takes(50000);
    enum err err = restore(scene, &content);
    scene_disk_has_room();
    assert_int_equal(err, ERR_STORAGE);
    assert_nothing_is_left(&content);
    assert_int_equal(restore(scene, &content), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        content_test(a_content_is_unpacked_into_the_cache_folder),
        content_test(an_empty_file_is_a_file),
        content_test(what_is_unpacked_already_stays_as_it_is),
        content_test(a_cache_folder_that_was_deleted_is_filled_again),
        content_test(a_content_that_the_store_does_not_have_is_not_found),
        content_test(a_damaged_file_is_never_served),
        content_test(one_damaged_file_spoils_the_whole_content),
        content_test(a_cache_folder_that_cannot_be_written_is_an_operators_matter),
        content_test(a_full_disk_leaves_no_half_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
