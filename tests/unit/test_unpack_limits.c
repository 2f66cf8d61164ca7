#include "unpacking.h"

#include <zlib.h>

#include "base/limits.h"

static void files_are_counted(void **state)
{
    (void)state;
    struct item items[22] = {INDEX};
    for (size_t i = 1; i < COUNT_OF(items); i++) {
        items[i].path = arena_printf(&unpacking.arena, "%zu.txt", i).ptr;
    }
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        struct unpack_summary scanned;
        unpacking_write_items(unpacking_writer(unpacking.types[i]), items,
                              (size_t)unpacking.limits.files_max);
        assert_int_equal(unpack_scan(unpacking.path, unpacking.types[i], &unpacking.limits,
                                     &scanned, &unpacking.fault),
                         ERR_OK);
        assert_int_equal(scanned.files, unpacking.limits.files_max);
        unpacking_write_items(unpacking_writer(unpacking.types[i]), items,
                              (size_t)unpacking.limits.files_max + 1);
        assert_unpack_refused(unpacking.types[i], "bundle_too_many_files");
        assert_int_equal(unpacking.fault.limit, unpacking.limits.files_max);
    }
}

static void folders_are_counted_too_in_the_end(void **state)
{
    (void)state;
    struct item items[200] = {INDEX};
    for (size_t i = 1; i < COUNT_OF(items); i++) {
        items[i].path = arena_printf(&unpacking.arena, "%zu/", i).ptr;
        items[i].kind = AE_IFDIR;
    }
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        unpacking_write_items(unpacking_writer(unpacking.types[i]), items, 50);
        assert_unpack_read(unpacking.types[i]);
        unpacking_write_items(unpacking_writer(unpacking.types[i]), items, COUNT_OF(items));
        assert_unpack_refused(unpacking.types[i], "bundle_too_many_files");
    }
}

static void one_large_file_is_refused(void **state)
{
    (void)state;
    struct str largest = unpacking_noise((size_t)unpacking.limits.file_bytes_max);
    struct str too_large = unpacking_noise((size_t)unpacking.limits.file_bytes_max + 1);
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "large.bin", .bytes = largest});
        assert_unpack_read(unpacking.types[i]);
        MAKE(unpacking.types[i], INDEX, {.path = "large.bin", .bytes = too_large});
        assert_unpack_refused(unpacking.types[i], "bundle_too_large");
        assert_int_equal(unpacking.fault.limit, unpacking.limits.file_bytes_max);
    }
}

static void a_large_bundle_is_refused(void **state)
{
    (void)state;
    struct str part = unpacking_noise(1500 * 1024);
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "1", .bytes = part}, {.path = "2", .bytes = part});
        assert_unpack_read(unpacking.types[i]);
        MAKE(unpacking.types[i], INDEX, {.path = "1", .bytes = part}, {.path = "2", .bytes = part},
             {.path = "3", .bytes = part});
        assert_unpack_refused(unpacking.types[i], "bundle_too_large");
        assert_int_equal(unpacking.fault.limit, unpacking.limits.unpacked_bytes_max);
    }
}

static void a_bundle_that_expands_too_much_is_refused(void **state)
{
    (void)state;
    struct str bomb = unpacking_zeros((size_t)unpacking.limits.file_bytes_max);
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "bomb", .bytes = bomb});
        assert_unpack_refused(unpacking.types[i], "bundle_ratio");
        assert_int_equal(unpacking.fault.limit, unpacking.limits.ratio_max);
    }
}

static void a_small_bundle_may_expand_as_it_likes(void **state)
{
    (void)state;
    struct str text = unpacking_zeros(UNPACK_RATIO_FLOOR_BYTES - 20 * 1024);
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "zeros", .bytes = text});
        assert_unpack_read(unpacking.types[i]);
    }
}

static void what_is_passed_over_expands_too(void **state)
{
    (void)state;
    struct str bomb = unpacking_zeros(3 * 1024 * 1024);
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = ".DS_Store", .bytes = bomb});
    assert_unpack_refused(UNPACK_TAR_GZ, "bundle_ratio");
    MAKE(UNPACK_ZIP, INDEX, {.path = ".DS_Store", .bytes = bomb}); /* never unpacked */
    assert_unpack_read(UNPACK_ZIP);
}

static void bytes_behind_the_end_of_a_tar_expand_too(void **state)
{
    (void)state;
    gzFile gzip = gzopen(unpacking.path, "wb");
    struct str bomb = unpacking_zeros((size_t)unpacking.limits.unpacked_bytes_max);
    assert_int_equal(gzwrite(gzip, bomb.ptr, (unsigned)bomb.len), bomb.len);
    assert_int_equal(gzclose(gzip), Z_OK);
    assert_unpack_refused(UNPACK_TAR_GZ, "bundle_ratio");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_counted, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(folders_are_counted_too_in_the_end, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(one_large_file_is_refused, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(a_large_bundle_is_refused, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(a_bundle_that_expands_too_much_is_refused, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(a_small_bundle_may_expand_as_it_likes, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(what_is_passed_over_expands_too, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(bytes_behind_the_end_of_a_tar_expand_too, unpacking_start,
                                        unpacking_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
