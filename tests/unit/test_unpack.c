#include "unpacking.h"

#include <locale.h>
#include <zlib.h>

#include "base/encode.h"
#include "base/limits.h"

static void files_come_with_their_bytes_and_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "assets/", .kind = AE_IFDIR},
             {.path = "assets/app.js", .bytes = STR("1")}, {.path = "empty.txt"});
        assert_unpack_read(unpacking.types[i]);
        assert_int_equal(unpacking.summary.files, 3);
        assert_int_equal(unpacking.summary.bytes, 6);
        assert_str_equal(unpacking_file("index.html")->bytes, "hello");
        assert_str_equal(unpacking_file("assets/app.js")->bytes, "1");
        assert_str_equal(unpacking_file("empty.txt")->bytes, "");
        assert_non_null(unpacking_file("empty.txt")->bytes.ptr);
        struct digest expected = digest_of(STR("hello"));
        assert_true(digest_equal(&unpacking_file("index.html")->digest, &expected));
    }
}

/* Contents are known by it for ever. sha256(0x000a "index.html" sha256("hello")) */
static void the_digest_of_a_content_is_the_same_in_every_version(void **state)
{
    (void)state;
    char hex[HEX_SIZE(DIGEST_BYTES)];
    MAKE(UNPACK_ZIP, INDEX);
    assert_unpack_read(UNPACK_ZIP);
    hex_encode(unpacking.summary.digest.bytes, DIGEST_BYTES, hex);
    assert_string_equal(hex, "1429af82412c13931bc989e534da42b069723f2fc112341f21de957233ce3e98");
}

static struct digest content_digest(enum unpack_type type)
{
    assert_unpack_read(type);
    return unpacking.summary.digest;
}

static void equal_contents_have_equal_digests(void **state)
{
    (void)state;
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "a.js", .bytes = STR("1")});
    struct digest first = content_digest(UNPACK_TAR_GZ);
    MAKE(UNPACK_ZIP, {.path = "a.js", .bytes = STR("1")}, INDEX);
    struct digest other_order = content_digest(UNPACK_ZIP);
    MAKE(UNPACK_TAR_GZ, {.path = "./", .kind = AE_IFDIR}, {.path = "./a.js", .bytes = STR("1")},
         {.path = "./index.html", .bytes = STR("hello")});
    struct digest dotted = content_digest(UNPACK_TAR_GZ);
    MAKE(UNPACK_ZIP, {.path = "dist/a.js", .bytes = STR("1")},
         {.path = "dist/index.html", .bytes = STR("hello")});
    struct digest in_folder = content_digest(UNPACK_ZIP);
    assert_true(digest_equal(&first, &other_order));
    assert_true(digest_equal(&first, &dotted));
    assert_true(digest_equal(&first, &in_folder));
}

static void other_paths_or_bytes_give_another_digest(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, INDEX, {.path = "a.js", .bytes = STR("1")});
    struct digest first = content_digest(UNPACK_ZIP);
    MAKE(UNPACK_ZIP, INDEX, {.path = "b.js", .bytes = STR("1")});
    struct digest other_path = content_digest(UNPACK_ZIP);
    MAKE(UNPACK_ZIP, INDEX, {.path = "a.js", .bytes = STR("2")});
    struct digest other_bytes = content_digest(UNPACK_ZIP);
    MAKE(UNPACK_ZIP, INDEX);
    struct digest fewer = content_digest(UNPACK_ZIP);
    assert_false(digest_equal(&first, &other_path));
    assert_false(digest_equal(&first, &other_bytes));
    assert_false(digest_equal(&first, &fewer));
}

static void one_top_level_folder_is_dropped(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], {.path = "dist/", .kind = AE_IFDIR},
             {.path = "dist/index.html", .bytes = STR("hello")},
             {.path = "dist/a/index.html", .bytes = STR("a")},
             {.path = "__MACOSX/dist/._index.html", .bytes = STR("junk")});
        assert_unpack_read(unpacking.types[i]);
        assert_int_equal(unpacking.summary.files, 2);
        assert_str_equal(unpacking_file("index.html")->bytes, "hello");
        assert_str_equal(unpacking_file("a/index.html")->bytes, "a");
    }
}

static void one_folder_only_is_dropped(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, {.path = "a/b/index.html", .bytes = STR("hello")});
    assert_unpack_refused(UNPACK_ZIP, "bundle_no_index");
    MAKE(UNPACK_ZIP, {.path = "a/index.html"}, {.path = "b/index.html"});
    assert_unpack_refused(UNPACK_ZIP, "bundle_no_index");
    MAKE(UNPACK_ZIP, {.path = "a/index.html"}, {.path = "README"});
    assert_unpack_refused(UNPACK_ZIP, "bundle_no_index");
    MAKE(UNPACK_ZIP, {.path = "dist/index.html"}, {.path = "dist2/x"});
    assert_unpack_refused(UNPACK_ZIP, "bundle_no_index");
}

static void what_is_no_part_of_an_app_is_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = ".DS_Store", .bytes = STR("junk")},
             {.path = "._index.html", .bytes = STR("junk")},
             {.path = "__MACOSX/", .kind = AE_IFDIR},
             {.path = "__MACOSX/._index.html", .bytes = STR("junk")},
             {.path = ".env", .bytes = STR("SECRET=1")}, {.path = ".git/config"},
             {.path = ".git/link", .kind = AE_IFLNK, .link = "/etc/passwd"},
             {.path = "node_modules/a/b.js"});
        assert_unpack_read(unpacking.types[i]);
        assert_int_equal(unpacking.summary.files, 1);
        MAKE(unpacking.types[i], {.path = "dist/index.html", .bytes = STR("hello")},
             {.path = "Thumbs.db"}, {.path = "desktop.ini"});
        assert_unpack_read(unpacking.types[i]);
        unpacking_file("index.html");
        MAKE(unpacking.types[i], {.path = ".output/index.html", .bytes = STR("hello")});
        assert_unpack_refused(unpacking.types[i], "bundle_empty");
        assert_non_null(strstr(unpacking.fault.message, "hidden"));
    }
}

static void names_beyond_ascii_are_kept_in_any_locale(void **state)
{
    (void)state;
    static const char name[] = "\xe6\x97\xa5\xe6\x9c\xac.txt";
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
        struct archive *archive = unpacking_writer(unpacking.types[i]);
        if (unpacking.types[i] == UNPACK_TAR_GZ) {
            assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
        }
        unpacking_write_items(archive, (const struct item[]){INDEX, {.path = name}}, 2);
        assert_non_null(setlocale(LC_CTYPE, "C"));
        assert_unpack_read(unpacking.types[i]);
        unpacking_file(name);
    }
}

static void names_have_one_spelling_whatever_has_packed_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        for (int is_pax = 0; is_pax < 2; is_pax++) {
            assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
            struct archive *archive = unpacking_writer(unpacking.types[i]);
            if (unpacking.types[i] == UNPACK_TAR_GZ && is_pax) {
                assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
            }
            unpacking_write_items(archive,
                                  (const struct item[]){INDEX, {.path = "cafe\xcc\x81.html"}}, 2);
            assert_non_null(setlocale(LC_CTYPE, "C"));
            assert_unpack_read(unpacking.types[i]);
            unpacking_file("caf\xc3\xa9.html");
        }
        MAKE(unpacking.types[i], INDEX, {.path = "cafe\xcc\x81.html"},
             {.path = "caf\xc3\xa9.html"});
        assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
    }
}

/* As Windows Explorer writes them into a zip. A tar has no such charset. */
static void names_that_are_not_utf8_are_of_code_page_437_in_a_zip(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, INDEX,
         {.path = "\x9a"
                  "bersicht-\x81\xe1\x84.txt"});
    assert_unpack_read(UNPACK_ZIP);
    unpacking_file("\xc3\x9c"
                   "bersicht-\xc3\xbc\xc3\x9f\xc3\xa4.txt");
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "\xfc.txt"});
    assert_unpack_refused(UNPACK_TAR_GZ, "bundle_unsafe_path");
    assert_non_null(strstr(unpacking.fault.message, "\\xfc.txt"));
}

static void unsafe_paths_are_refused(void **state)
{
    (void)state;
    static const char *const unsafe[] = {
        "../evil.html", "/etc/passwd", "a/../../evil", "a//b",     "a/./b", "a/b\\c",
        "C:evil",       "a\nb",        "././x",        "_inlay/x", "a/..",
    };
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        for (size_t j = 0; j < COUNT_OF(unsafe); j++) {
            MAKE(unpacking.types[i], INDEX, {.path = unsafe[j], .bytes = STR("evil")});
            assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
        }
    }
}

/* libarchive reads them as slashes, because old Windows tools write such zips. */
static void backslashes_alone_separate_folders_in_a_zip(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, INDEX, {.path = "assets\\app.js", .bytes = STR("1")});
    assert_unpack_read(UNPACK_ZIP);
    assert_str_equal(unpacking_file("assets/app.js")->bytes, "1");
    MAKE(UNPACK_ZIP, INDEX, {.path = "..\\evil.html"});
    assert_unpack_refused(UNPACK_ZIP, "bundle_unsafe_path");
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "assets\\app.js"});
    assert_unpack_refused(UNPACK_TAR_GZ, "bundle_unsafe_path");
}

static void an_unsafe_folder_is_refused_though_it_is_not_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "../evil/", .kind = AE_IFDIR});
        assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
    }
}

static void the_reserved_folder_is_found_below_a_dropped_one(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, {.path = "dist/index.html"}, {.path = "dist/_inlay/session"});
    assert_unpack_refused(UNPACK_ZIP, "bundle_unsafe_path");
    MAKE(UNPACK_ZIP, INDEX, {.path = "dist/_inlay/session"});
    assert_unpack_read(UNPACK_ZIP);
}

static void a_path_is_there_only_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "a.js", .bytes = STR("1")},
             {.path = "a.js", .bytes = STR("1")});
        assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
        MAKE(unpacking.types[i], INDEX, {.path = "./index.html", .bytes = STR("hello")});
        assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
        MAKE(unpacking.types[i], INDEX, {.path = "Index.html", .bytes = STR("other case")});
        assert_unpack_read(unpacking.types[i]);
    }
}

static void a_file_is_not_a_folder_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "a", .bytes = STR("1")}, {.path = "a-b"},
             {.path = "a/c"});
        assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
        MAKE(unpacking.types[i], INDEX, {.path = "a/b/c/d"}, {.path = "a/b"});
        assert_unpack_refused(unpacking.types[i], "bundle_unsafe_path");
    }
}

static void links_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "link", .kind = AE_IFLNK, .link = "/etc/passwd"});
        assert_unpack_refused(unpacking.types[i], "bundle_link");
        MAKE(unpacking.types[i], INDEX, {.path = "link", .kind = AE_IFLNK, .link = "index.html"});
        assert_unpack_refused(unpacking.types[i], "bundle_link");
    }
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "hard", .linked = "/etc/passwd"});
    assert_unpack_refused(UNPACK_TAR_GZ, "bundle_link");
}

static void devices_are_refused(void **state)
{
    (void)state;
    static const unsigned kinds[] = {AE_IFCHR, AE_IFBLK, AE_IFIFO};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        MAKE(UNPACK_TAR_GZ, INDEX, {.path = "device", .kind = kinds[i]});
        assert_unpack_refused(UNPACK_TAR_GZ, "bundle_device");
    }
}

static void encrypted_files_are_refused(void **state)
{
    (void)state;
    struct archive *archive = unpacking_writer(UNPACK_ZIP);
    assert_int_equal(archive_write_set_options(archive, "zip:encryption=traditional"), ARCHIVE_OK);
    assert_int_equal(archive_write_set_passphrase(archive, "secret"), ARCHIVE_OK);
    unpacking_write_items(archive, (const struct item[]){INDEX}, 1);
    assert_unpack_refused(UNPACK_ZIP, "bundle_encrypted");
}

static void a_bundle_without_files_is_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], {.path = "dist/", .kind = AE_IFDIR}, {.path = ".DS_Store"});
        assert_unpack_refused(unpacking.types[i], "bundle_empty");
    }
}

static void a_bundle_needs_an_index(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], {.path = "app.js"}, {.path = "INDEX.HTML"}, {.path = "index.htm"});
        assert_unpack_refused(unpacking.types[i], "bundle_no_index");
    }
}

static void a_cut_off_archive_is_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "a.js", .bytes = unpacking_noise(100)});
        struct str whole = unpacking_bytes();
        for (size_t len = 0; len < whole.len; len++) {
            unpacking_write((struct str){whole.ptr, len});
            assert_unpack_refused(unpacking.types[i], "bundle_damaged");
        }
        unpacking_write(whole);
        assert_unpack_read(unpacking.types[i]);
    }
}

static void a_flipped_bit_is_noticed_or_changes_nothing(void **state)
{
    (void)state;
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "a.js", .bytes = unpacking_noise(100)});
    struct digest digest = content_digest(UNPACK_TAR_GZ);
    struct str whole = unpacking_bytes();
    char *flipped = arena_alloc(&unpacking.arena, whole.len);
    for (size_t bit = 0; bit < whole.len * 8; bit++) {
        memcpy(flipped, whole.ptr, whole.len);
        flipped[bit / 8] = (char)(flipped[bit / 8] ^ 1 << bit % 8);
        unpacking_write((struct str){flipped, whole.len});
        if (unpack_scan(unpacking.path, UNPACK_TAR_GZ, &unpacking.limits, &unpacking.summary,
                        &unpacking.fault) == ERR_OK) {
            assert_true(digest_equal(&unpacking.summary.digest, &digest));
        }
    }
}

static void another_kind_of_file_is_damaged(void **state)
{
    (void)state;
    static const enum unpack_type other[] = {
        [UNPACK_TAR_GZ] = UNPACK_ZIP, [UNPACK_ZIP] = UNPACK_TAR_GZ};
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        unpacking_write(STR("<!doctype html>"));
        assert_unpack_refused(unpacking.types[i], "bundle_damaged");
        unpacking_write(STR_NONE);
        assert_unpack_refused(unpacking.types[i], "bundle_damaged");
        MAKE(other[unpacking.types[i]], INDEX);
        assert_unpack_refused(unpacking.types[i], "bundle_damaged");
    }
}

static void a_tar_must_be_compressed(void **state)
{
    (void)state;
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_gnutar(archive), ARCHIVE_OK);
    unpacking_write_items(archive, (const struct item[]){INDEX}, 1);
    assert_unpack_refused(UNPACK_TAR_GZ, "bundle_damaged");
}

/* A zip's two bytes of method, in both of its lists of unpacking.files. */
static void a_zip_with_another_method_is_refused(void **state)
{
    (void)state;
    enum { LZMA = 14 };
    MAKE(UNPACK_ZIP, INDEX);
    struct str whole = unpacking_bytes();
    char *changed = arena_alloc(&unpacking.arena, whole.len);
    memcpy(changed, whole.ptr, whole.len);
    for (size_t i = 0; i + 12 < whole.len; i++) {
        if (memcmp(changed + i, "PK\3\4", 4) == 0) {
            changed[i + 8] = LZMA;
        }
        if (memcmp(changed + i, "PK\1\2", 4) == 0) {
            changed[i + 10] = LZMA;
        }
    }
    unpacking_write((struct str){changed, whole.len});
    assert_unpack_refused(UNPACK_ZIP, "bundle_damaged");
    assert_non_null(strstr(unpacking.fault.message, "deflate"));
}

static void an_absent_archive_is_a_matter_for_the_operator(void **state)
{
    (void)state;
    assert_int_equal(unpacking_read(UNPACK_ZIP), ERR_STORAGE);
    assert_int_equal(unpacking_read(UNPACK_TAR_GZ), ERR_STORAGE);
    assert_string_equal(unpacking.fault.code, "bundle_unreadable");
}

static void variants_are_made_of_what_packs_well(void **state)
{
    (void)state;
    char *script = arena_alloc(&unpacking.arena, 1000);
    memset(script, 'x', 1000);
    struct str text = {script, 1000};
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "app.js", .bytes = text},
         {.path = "noise.js", .bytes = unpacking_noise(1000)}, {.path = "app.png", .bytes = text});
    assert_unpack_read(UNPACK_TAR_GZ);
    assert_true(unpacking_file("app.js")->gzip.len > 0);
    assert_true(unpacking_file("app.js")->brotli.len > 0);
    assert_null(unpacking_file("index.html")->gzip.ptr);
    assert_null(unpacking_file("noise.js")->gzip.ptr);
    assert_null(unpacking_file("noise.js")->brotli.ptr);
    assert_null(unpacking_file("app.png")->gzip.ptr);
}

static void variants_are_our_own_whatever_the_bundle_brings(void **state)
{
    (void)state;
    char *script = arena_alloc(&unpacking.arena, 1000);
    memset(script, 'x', 1000);
    MAKE(UNPACK_ZIP, INDEX, {.path = "a.js", .bytes = {script, 1000}},
         {.path = "a.js.gz", .bytes = STR("own")});
    assert_unpack_read(UNPACK_ZIP);
    assert_true(unpacking_file("a.js")->gzip.len > 3);
    assert_true(unpacking_file("a.js")->brotli.len > 0);
    assert_str_equal(unpacking_file("a.js.gz")->bytes, "own");
}

static enum err on_file_refuse(void *context, const struct bundle_file *file,
                               struct fault *sink_fault)
{
    (void)file;
    ++*(int *)context;
    return fault_set(sink_fault, ERR_BUSY, "sink_busy", "The sink is busy.");
}

static void an_error_of_the_sink_ends_the_reading(void **state)
{
    (void)state;
    int calls = 0;
    const struct unpack_sink sink = {.on_file = on_file_refuse, .context = &calls};
    MAKE(UNPACK_ZIP, INDEX, {.path = "a.js"});
    assert_int_equal(unpack_read(unpacking.path, UNPACK_ZIP, &unpacking.limits, &sink,
                                 &unpacking.summary, &unpacking.fault),
                     ERR_BUSY);
    assert_string_equal(unpacking.fault.code, "sink_busy");
    assert_int_equal(calls, 1);
}

static void nobody_has_to_ask_for_the_reason(void **state)
{
    (void)state;
    struct str bomb = unpacking_zeros((size_t)unpacking.limits.file_bytes_max);
    for (size_t i = 0; i < COUNT_OF(unpacking.types); i++) {
        MAKE(unpacking.types[i], INDEX, {.path = "bomb", .bytes = bomb});
        assert_int_equal(unpack_scan(unpacking.path, unpacking.types[i], &unpacking.limits,
                                     &unpacking.summary, NULL),
                         ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_come_with_their_bytes_and_digests, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(the_digest_of_a_content_is_the_same_in_every_version,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(equal_contents_have_equal_digests, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(other_paths_or_bytes_give_another_digest, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(one_top_level_folder_is_dropped, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(one_folder_only_is_dropped, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(what_is_no_part_of_an_app_is_left_out, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(names_beyond_ascii_are_kept_in_any_locale, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(names_have_one_spelling_whatever_has_packed_them,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(names_that_are_not_utf8_are_of_code_page_437_in_a_zip,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(unsafe_paths_are_refused, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(backslashes_alone_separate_folders_in_a_zip,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(an_unsafe_folder_is_refused_though_it_is_not_used,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(the_reserved_folder_is_found_below_a_dropped_one,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(a_path_is_there_only_once, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(a_file_is_not_a_folder_too, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(links_are_refused, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(devices_are_refused, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(encrypted_files_are_refused, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(a_bundle_without_files_is_empty, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(a_bundle_needs_an_index, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(a_cut_off_archive_is_damaged, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_noticed_or_changes_nothing,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(another_kind_of_file_is_damaged, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(a_tar_must_be_compressed, unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(a_zip_with_another_method_is_refused, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(an_absent_archive_is_a_matter_for_the_operator,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(variants_are_made_of_what_packs_well, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(variants_are_our_own_whatever_the_bundle_brings,
                                        unpacking_start, unpacking_end),
        cmocka_unit_test_setup_teardown(an_error_of_the_sink_ends_the_reading, unpacking_start,
                                        unpacking_end),
        cmocka_unit_test_setup_teardown(nobody_has_to_ask_for_the_reason, unpacking_start,
                                        unpacking_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
