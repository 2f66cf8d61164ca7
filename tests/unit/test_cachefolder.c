#include "unit.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "apps/bundle/cachefolder.h"

static char folder[UNIT_FOLDER_SIZE];
static char root[UNIT_FOLDER_SIZE + 8];
static struct arena arena;
static struct fault fault;

static int start(void **state)
{
    (void)state;
    unit_folder_make(folder);
    snprintf(root, sizeof(root), "%s/cache", folder);
    arena = ARENA_NONE;
    fault = (struct fault){.err = ERR_OK};
    return 0;
}

static int end(void **state)
{
    (void)state;
    clock_set_ms(0);
    arena_done(&arena);
    unit_folder_remove(folder);
    return 0;
}

static const char *path_in(const struct digest *digest, const char *name)
{
    char content[CACHEFOLDER_PATH_SIZE];
    cachefolder_path(root, digest, content);
    return arena_printf(&arena, "%s/%s", content, name).ptr;
}

static struct bundle_file make_file(const char *path, const char *bytes)
{
    struct bundle_file file = {.path = str_from(path), .bytes = str_from(bytes)};
    file.digest = digest_of(file.bytes);
    return file;
}

static struct cachefolder_writer *writer_of(const struct digest *digest)
{
    struct cachefolder_writer *writer = NULL;
    assert_int_equal(cachefolder_open(root, digest, &writer, &fault), ERR_OK);
    return writer;
}

static void add(struct cachefolder_writer *writer, struct bundle_file file)
{
    assert_int_equal(cachefolder_add(writer, &file, &fault), ERR_OK);
}

static void put(const struct digest *digest)
{
    struct cachefolder_writer *writer = writer_of(digest);
    add(writer, make_file("index.html", "hello"));
    assert_int_equal(cachefolder_commit(writer, &fault), ERR_OK);
}

static void assert_file(const struct digest *digest, const char *name, const char *bytes)
{
    char read_bytes[100] = "";
    FILE *file = fopen(path_in(digest, name), "rb");
    assert_non_null(file);
    fread(read_bytes, 1, sizeof(read_bytes) - 1, file);
    fclose(file);
    assert_string_equal(read_bytes, bytes);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static int count_entries(const char *path)
{
    int count = 0;
    DIR *entries = opendir(path);
    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        count += entry->d_name[0] != '.';
    }
    closedir(entries);
    return count;
}

static const char *tmp_path(void)
{
    return arena_printf(&arena, "%s/tmp", root).ptr;
}

static void a_content_is_there_once_it_is_committed(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    add(writer, make_file("index.html", "hello"));
    add(writer, make_file("assets/deep/app.js", "1"));
    add(writer, make_file("empty", ""));
    assert_false(cachefolder_has(root, &digest));
    assert_int_equal(cachefolder_commit(writer, &fault), ERR_OK);
    assert_true(cachefolder_has(root, &digest));
    assert_file(&digest, "index.html", "hello");
    assert_file(&digest, "assets/deep/app.js", "1");
    assert_file(&digest, "empty", "");
    assert_int_equal(count_entries(tmp_path()), 0);
}

static void the_path_of_a_content_is_its_digest(void **state)
{
    (void)state;
    char path[CACHEFOLDER_PATH_SIZE];
    struct digest digest = digest_of(STR("abc"));
    cachefolder_path("/data/cache", &digest, path);
    assert_string_equal(
        path, "/data/cache/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.2");
}

static int64_t time_of(const struct digest *digest, const char *name)
{
    struct stat status;
    assert_int_equal(stat(path_in(digest, name), &status), 0);
    assert_int_equal(status.st_mtim.tv_nsec, 0);
    return status.st_mtim.tv_sec;
}

static void a_files_time_is_the_start_of_its_digest(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    struct bundle_file file = make_file("app.js", "hello");
    file.gzip = STR("as gzip");
    file.brotli = STR("as brotli");
    add(writer, file);
    assert_int_equal(cachefolder_commit(writer, &fault), ERR_OK);
    assert_file(&digest, "app.js.gz", "as gzip");
    assert_file(&digest, "app.js.br", "as brotli");
    /* printf hello | sha256sum | cut -c1-8, without the last bit */
    assert_int_equal(time_of(&digest, "app.js"), 0x2cf24dba >> 1);
    assert_int_equal(time_of(&digest, "app.js.gz"), 0x31714b8a >> 1);
    assert_int_equal(time_of(&digest, "app.js.br"), 0xaf22ec88 >> 1);
}

static void modes_do_not_depend_on_the_umask(void **state)
{
    (void)state;
    struct stat status;
    struct digest digest = digest_of(STR("content"));
    mode_t before = umask(077);
    struct cachefolder_writer *writer = writer_of(&digest);
    add(writer, make_file("assets/app.js", "1"));
    assert_int_equal(cachefolder_commit(writer, &fault), ERR_OK);
    umask(before);
    assert_int_equal(stat(path_in(&digest, "assets/app.js"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_int_equal(stat(path_in(&digest, "assets"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0755);
    assert_int_equal(stat(path_in(&digest, ""), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0755);
}

static void an_aborted_content_leaves_nothing_behind(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    add(writer, make_file("assets/deep/app.js", "1"));
    assert_int_equal(count_entries(tmp_path()), 1);
    cachefolder_abort(writer);
    cachefolder_abort(NULL);
    assert_false(cachefolder_has(root, &digest));
    assert_int_equal(count_entries(tmp_path()), 0);
}

static void the_slower_of_two_writers_is_content_too(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *slower = writer_of(&digest);
    add(slower, make_file("index.html", "hello"));
    put(&digest);
    assert_int_equal(cachefolder_commit(slower, &fault), ERR_OK);
    assert_true(cachefolder_has(root, &digest));
    assert_file(&digest, "index.html", "hello");
    assert_int_equal(count_entries(tmp_path()), 0);
}

static void a_bundles_own_compressed_files_are_apart_from_variants(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    struct bundle_file file = make_file("b.js", "b");
    file.gzip = STR("variant");
    file.brotli = STR("variant");
    add(writer, make_file("b.js.gz", "own file"));
    add(writer, make_file("b.js.br/x", "own folder"));
    add(writer, file);
    assert_int_equal(cachefolder_commit(writer, &fault), ERR_OK);
    assert_file(&digest, "b.js", "b");
    assert_file(&digest, "b.js.gz", "variant");
    assert_file(&digest, "b.js.br", "variant");
    assert_file(&digest, ".packed/b.js.gz", "own file");
    assert_file(&digest, ".packed/b.js.br/x", "own folder");
    assert_string_equal(cachefolder_part(STR("/a/b.js.br/x")), "/.packed");
    assert_string_equal(cachefolder_part(STR("/a.gz.txt/b.js")), "");
}

static void a_path_that_leads_elsewhere_is_not_written(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    struct bundle_file file = make_file("../../evil", "1");
    assert_int_equal(cachefolder_add(writer, &file, &fault), ERR_INVALID);
    file = make_file("/tmp/inlay-evil", "1");
    assert_int_equal(cachefolder_add(writer, &file, &fault), ERR_INVALID);
    cachefolder_abort(writer);
    assert_false(exists(arena_printf(&arena, "%s/evil", root).ptr));
}

static void links_in_the_cache_are_not_followed(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    put(&digest);
    const char *target = arena_printf(&arena, "%s/target", folder).ptr;
    assert_int_equal(rename(path_in(&digest, ""), target), 0);
    char path[CACHEFOLDER_PATH_SIZE];
    cachefolder_path(root, &digest, path);
    assert_int_equal(symlink(target, path), 0);
    assert_false(cachefolder_has(root, &digest));
}

static void a_deleted_cache_is_filled_again(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    put(&digest);
    unit_folder_remove(root);
    assert_false(cachefolder_has(root, &digest));
    put(&digest);
    assert_true(cachefolder_has(root, &digest));
}

static void a_cache_that_is_deleted_under_a_writer_asks_to_try_again(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct bundle_file file = make_file("index.html", "hello");
    struct cachefolder_writer *writer = writer_of(&digest);
    unit_folder_remove(root);
    assert_int_equal(cachefolder_add(writer, &file, &fault), ERR_BUSY);
    assert_string_equal(fault.code, "cache_vanished");
    cachefolder_abort(writer);
    writer = writer_of(&digest);
    add(writer, file);
    unit_folder_remove(root);
    assert_int_equal(cachefolder_commit(writer, &fault), ERR_BUSY);
    assert_false(cachefolder_has(root, &digest));
}

static void a_cache_that_cannot_be_written_says_why(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = NULL;
    const char *orphan = arena_printf(&arena, "%s/no/cache", folder).ptr;
    assert_int_equal(cachefolder_open(orphan, &digest, &writer, &fault), ERR_STORAGE);
    assert_string_equal(fault.code, "cache_unwritable");
    assert_non_null(strstr(fault.message, "No such file or directory"));
    assert_int_equal(cachefolder_open("/dev/null", &digest, &writer, &fault), ERR_STORAGE);
    assert_non_null(strstr(fault.message, "Not a directory"));
    assert_null(writer);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    /* A limit on the size of files fails like a full disk does: in the middle of a write. */
    struct rlimit before;
    struct bundle_file file = {.path = STR("large.bin"),
                               .bytes = {arena_alloc(&arena, 100000), 100000}};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 1000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum err err = cachefolder_add(writer, &file, &fault);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(err, ERR_STORAGE);
    assert_string_equal(fault.code, "cache_unwritable");
    cachefolder_abort(writer);
    assert_int_equal(count_entries(tmp_path()), 0);
}

static bool is_wanted(void *context, const struct digest *digest)
{
    return digest_equal(context, digest);
}

static void folders_of_another_layout_are_deleted(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    char path[CACHEFOLDER_PATH_SIZE];
    assert_int_equal(cachefolder_commit(writer_of(&digest), &fault), ERR_OK);
    cachefolder_path(root, &digest, path);
    path[strlen(path) - 2] = '\0';
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(cachefolder_sweep(root, is_wanted, &digest, &fault), ERR_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(cachefolder_has(root, &digest));
}

static void a_sweep_deletes_what_is_not_wanted(void **state)
{
    (void)state;
    struct digest wanted = digest_of(STR("wanted"));
    struct digest unwanted = digest_of(STR("unwanted"));
    const char *foreign = arena_printf(&arena, "%s/README", root).ptr;
    put(&wanted);
    put(&unwanted);
    assert_int_equal(mkdir(foreign, 0755), 0);
    assert_int_equal(cachefolder_sweep(root, is_wanted, &wanted, &fault), ERR_OK);
    assert_true(cachefolder_has(root, &wanted));
    assert_false(cachefolder_has(root, &unwanted));
    assert_true(exists(foreign));
    assert_int_equal(count_entries(tmp_path()), 0);
}

static void a_sweep_deletes_what_dead_writers_left(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct cachefolder_writer *writer = writer_of(&digest);
    add(writer, make_file("assets/app.js", "1"));
    assert_int_equal(cachefolder_sweep(root, is_wanted, &digest, &fault), ERR_OK);
    assert_int_equal(count_entries(tmp_path()), 1);
    clock_set_ms(clock_now_ms() + (CACHEFOLDER_TMP_MAX_AGE_S + 60) * 1000);
    assert_int_equal(cachefolder_sweep(root, is_wanted, &digest, &fault), ERR_OK);
    assert_int_equal(count_entries(tmp_path()), 0);
    cachefolder_abort(writer);
}

static void a_sweep_follows_no_links(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    struct digest other = digest_of(STR("other"));
    const char *outside = arena_printf(&arena, "%s/outside", folder).ptr;
    put(&digest);
    put(&other);
    assert_int_equal(mkdir(outside, 0755), 0);
    assert_int_equal(mkdir(arena_printf(&arena, "%s/kept", outside).ptr, 0755), 0);
    assert_int_equal(symlink(outside, path_in(&digest, "link")), 0);
    assert_int_equal(cachefolder_sweep(root, is_wanted, &other, &fault), ERR_OK);
    assert_false(cachefolder_has(root, &digest));
    assert_true(exists(arena_printf(&arena, "%s/kept", outside).ptr));
}

static void a_sweep_of_nothing_is_fine(void **state)
{
    (void)state;
    struct digest digest = digest_of(STR("content"));
    assert_int_equal(cachefolder_sweep(root, is_wanted, &digest, &fault), ERR_OK);
    assert_false(exists(root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_content_is_there_once_it_is_committed, start, end),
        cmocka_unit_test_setup_teardown(the_path_of_a_content_is_its_digest, start, end),
        cmocka_unit_test_setup_teardown(a_files_time_is_the_start_of_its_digest, start, end),
        cmocka_unit_test_setup_teardown(modes_do_not_depend_on_the_umask, start, end),
        cmocka_unit_test_setup_teardown(an_aborted_content_leaves_nothing_behind, start, end),
        cmocka_unit_test_setup_teardown(the_slower_of_two_writers_is_content_too, start, end),
        cmocka_unit_test_setup_teardown(folders_of_another_layout_are_deleted, start, end),
        cmocka_unit_test_setup_teardown(a_bundles_own_compressed_files_are_apart_from_variants,
                                        start, end),
        cmocka_unit_test_setup_teardown(a_path_that_leads_elsewhere_is_not_written, start, end),
        cmocka_unit_test_setup_teardown(links_in_the_cache_are_not_followed, start, end),
        cmocka_unit_test_setup_teardown(a_deleted_cache_is_filled_again, start, end),
        cmocka_unit_test_setup_teardown(a_cache_that_is_deleted_under_a_writer_asks_to_try_again,
                                        start, end),
        cmocka_unit_test_setup_teardown(a_cache_that_cannot_be_written_says_why, start, end),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_behind, start, end),
        cmocka_unit_test_setup_teardown(a_sweep_deletes_what_is_not_wanted, start, end),
        cmocka_unit_test_setup_teardown(a_sweep_deletes_what_dead_writers_left, start, end),
        cmocka_unit_test_setup_teardown(a_sweep_follows_no_links, start, end),
        cmocka_unit_test_setup_teardown(a_sweep_of_nothing_is_fine, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
