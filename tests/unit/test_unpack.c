#include "unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/encode.h"
#include "base/limits.h"
#include "apps/bundle/unpack.h"

enum { ARCHIVE_BYTES_MAX = 8 * 1024 * 1024, READ_FILES_MAX = 16 };

static const struct unpack_limits limits = {
    .unpacked_bytes_max = 4 * 1024 * 1024,
    .files_max = 20,
    .ratio_max = 100,
    .file_bytes_max = 2 * 1024 * 1024,
};

static const enum unpack_type types[] = {UNPACK_TAR_GZ, UNPACK_ZIP};

static char folder[UNIT_FOLDER_SIZE];
static char path[UNIT_FOLDER_SIZE + 16];
static struct arena arena;
static struct fault fault;
static struct unpack_summary summary;

/* What the sink got. */
static struct bundle_file files[READ_FILES_MAX];
static size_t file_count;

static int start(void **state)
{
    (void)state;
    unit_folder_make(folder);
    snprintf(path, sizeof(path), "%s/bundle", folder);
    arena = ARENA_NONE;
    fault = (struct fault){.err = ERR_OK};
    file_count = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    unit_folder_remove(folder);
    return 0;
}

/* ---- making archives ---- */

struct item {
    const char *path;
    struct str bytes;
    unsigned kind;      /* AE_IFREG if 0 */
    const char *link;   /* target of a symbolic link */
    const char *linked; /* target of a hard link */
};

static void write_bytes(struct str bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.len > 0 ? bytes.ptr : "", 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static struct str read_bytes(void)
{
    char *bytes = arena_alloc(&arena, ARCHIVE_BYTES_MAX);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, ARCHIVE_BYTES_MAX, file);
    fclose(file);
    return (struct str){bytes, len};
}

static struct archive *writer_of(enum unpack_type type)
{
    struct archive *archive = archive_write_new();
    assert_non_null(archive);
    if (type == UNPACK_ZIP) {
        assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
    } else {
        assert_int_equal(archive_write_set_format_gnutar(archive), ARCHIVE_OK);
        assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    }
    return archive;
}

static void add_item(struct archive *archive, const struct item *item)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, item->path);
    archive_entry_set_filetype(entry, item->kind == 0 ? AE_IFREG : item->kind);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)item->bytes.len);
    if (item->link != NULL) {
        archive_entry_set_symlink(entry, item->link);
    }
    if (item->linked != NULL) {
        archive_entry_set_hardlink(entry, item->linked);
    }
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    if (item->bytes.len > 0) {
        assert_int_equal(archive_write_data(archive, item->bytes.ptr, item->bytes.len),
                         item->bytes.len);
    }
    archive_entry_free(entry);
}

static void write_items(struct archive *archive, const struct item *items, size_t count)
{
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        add_item(archive, &items[i]);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

#define MAKE(type, ...)                                                                            \
    write_items(writer_of(type), (const struct item[]){__VA_ARGS__},                               \
                COUNT_OF(((const struct item[]){__VA_ARGS__})))

#define INDEX                                                                                      \
    {                                                                                              \
        .path = "index.html", .bytes = STR("hello")                                                \
    }

static struct str zeros(size_t len)
{
    return (struct str){arena_alloc(&arena, len), len};
}

/* ---- reading them ---- */

static enum err on_file(void *context, const struct bundle_file *file, struct fault *sink_fault)
{
    (void)context;
    (void)sink_fault;
    assert_true(file_count < READ_FILES_MAX);
    files[file_count++] = (struct bundle_file){
        .path = arena_str(&arena, file->path),
        .bytes = arena_str(&arena, file->bytes),
        .digest = file->digest,
        .gzip = file->gzip.ptr == NULL ? STR_NONE : arena_str(&arena, file->gzip),
        .brotli = file->brotli.ptr == NULL ? STR_NONE : arena_str(&arena, file->brotli),
    };
    return ERR_OK;
}

static enum err read_archive(enum unpack_type type)
{
    const struct unpack_sink sink = {.on_file = on_file};
    file_count = 0;
    return unpack_read(path, type, &limits, &sink, &summary, &fault);
}

static void assert_read(enum unpack_type type)
{
    struct unpack_summary scanned;
    if (unpack_scan(path, type, &limits, &scanned, &fault) != ERR_OK ||
        read_archive(type) != ERR_OK) {
        fail_msg("%s: %s", fault.code, fault.message);
    }
    assert_true(digest_equal(&scanned.digest, &summary.digest));
    assert_int_equal(scanned.files, summary.files);
    assert_int_equal(scanned.bytes, summary.bytes);
    assert_int_equal(file_count, summary.files);
}

/* Both ways of reading refuse it, and no file gets through. */
static void assert_refused(enum unpack_type type, const char *code)
{
    struct unpack_summary untouched = {.files = -1};
    summary = untouched;
    assert_int_equal(unpack_scan(path, type, &limits, &summary, &fault), ERR_INVALID);
    if (strcmp(fault.code, code) != 0) {
        fail_msg("%s instead of %s: %s", fault.code, code, fault.message);
    }
    fault = (struct fault){.err = ERR_OK};
    assert_int_equal(read_archive(type), ERR_INVALID);
    assert_string_equal(fault.code, code);
    assert_int_equal(file_count, 0);
    assert_int_equal(summary.files, untouched.files);
}

static const struct bundle_file *file_at(const char *name)
{
    for (size_t i = 0; i < file_count; i++) {
        if (str_equal(files[i].path, str_from(name))) {
            return &files[i];
        }
    }
    fail_msg("%s is not in the bundle", name);
    return NULL;
}

/* ---- tests ---- */

static void files_come_with_their_bytes_and_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "assets/", .kind = AE_IFDIR},
             {.path = "assets/app.js", .bytes = STR("1")}, {.path = "empty.txt"});
        assert_read(types[i]);
        assert_int_equal(summary.files, 3);
        assert_int_equal(summary.bytes, 6);
        assert_str_equal(file_at("index.html")->bytes, "hello");
        assert_str_equal(file_at("assets/app.js")->bytes, "1");
        assert_str_equal(file_at("empty.txt")->bytes, "");
        assert_non_null(file_at("empty.txt")->bytes.ptr);
        struct digest expected = digest_of(STR("hello"));
        assert_true(digest_equal(&file_at("index.html")->digest, &expected));
    }
}

/* Contents are known by it for ever. sha256(0x000a "index.html" sha256("hello")) */
static void the_digest_of_a_content_is_the_same_in_every_version(void **state)
{
    (void)state;
    char hex[HEX_SIZE(DIGEST_BYTES)];
    MAKE(UNPACK_ZIP, INDEX);
    assert_read(UNPACK_ZIP);
    hex_encode(summary.digest.bytes, DIGEST_BYTES, hex);
    assert_string_equal(hex, "1429af82412c13931bc989e534da42b069723f2fc112341f21de957233ce3e98");
}

static struct digest content_digest(enum unpack_type type)
{
    assert_read(type);
    return summary.digest;
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
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], {.path = "dist/", .kind = AE_IFDIR},
             {.path = "dist/index.html", .bytes = STR("hello")},
             {.path = "dist/a/index.html", .bytes = STR("a")},
             {.path = "__MACOSX/dist/._index.html", .bytes = STR("junk")});
        assert_read(types[i]);
        assert_int_equal(summary.files, 2);
        assert_str_equal(file_at("index.html")->bytes, "hello");
        assert_str_equal(file_at("a/index.html")->bytes, "a");
    }
}

static void one_folder_only_is_dropped(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, {.path = "a/b/index.html", .bytes = STR("hello")});
    assert_refused(UNPACK_ZIP, "bundle_no_index");
    MAKE(UNPACK_ZIP, {.path = "a/index.html"}, {.path = "b/index.html"});
    assert_refused(UNPACK_ZIP, "bundle_no_index");
    MAKE(UNPACK_ZIP, {.path = "a/index.html"}, {.path = "README"});
    assert_refused(UNPACK_ZIP, "bundle_no_index");
    MAKE(UNPACK_ZIP, {.path = "dist/index.html"}, {.path = "dist2/x"});
    assert_refused(UNPACK_ZIP, "bundle_no_index");
}

static void what_macos_adds_is_ignored(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = ".DS_Store", .bytes = STR("junk")},
             {.path = "._index.html", .bytes = STR("junk")},
             {.path = "__MACOSX/", .kind = AE_IFDIR},
             {.path = "__MACOSX/._index.html", .bytes = STR("junk")});
        assert_read(types[i]);
        assert_int_equal(summary.files, 1);
    }
}

static void names_beyond_ascii_are_kept_in_any_locale(void **state)
{
    (void)state;
    static const char name[] = "\xe6\x97\xa5\xe6\x9c\xac.txt";
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
        struct archive *archive = writer_of(types[i]);
        if (types[i] == UNPACK_TAR_GZ) {
            assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
        }
        write_items(archive, (const struct item[]){INDEX, {.path = name}}, 2);
        assert_non_null(setlocale(LC_CTYPE, "C"));
        assert_read(types[i]);
        file_at(name);
    }
}

static void names_that_are_not_utf8_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "\xfc.txt"});
        assert_refused(types[i], "bundle_unsafe_path");
    }
}

static void unsafe_paths_are_refused(void **state)
{
    (void)state;
    static const char *const unsafe[] = {
        "../evil.html", "/etc/passwd", "a/../../evil", "a//b",     "a/./b", "a/b\\c",
        "C:evil",       "a\nb",        "././x",        "_inlay/x", "a/..",
    };
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        for (size_t j = 0; j < COUNT_OF(unsafe); j++) {
            MAKE(types[i], INDEX, {.path = unsafe[j], .bytes = STR("evil")});
            assert_refused(types[i], "bundle_unsafe_path");
        }
    }
}

/* libarchive reads them as slashes, because old Windows tools write such zips. */
static void backslashes_alone_separate_folders_in_a_zip(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, INDEX, {.path = "assets\\app.js", .bytes = STR("1")});
    assert_read(UNPACK_ZIP);
    assert_str_equal(file_at("assets/app.js")->bytes, "1");
    MAKE(UNPACK_ZIP, INDEX, {.path = "..\\evil.html"});
    assert_refused(UNPACK_ZIP, "bundle_unsafe_path");
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "assets\\app.js"});
    assert_refused(UNPACK_TAR_GZ, "bundle_unsafe_path");
}

static void an_unsafe_folder_is_refused_though_it_is_not_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "../evil/", .kind = AE_IFDIR});
        assert_refused(types[i], "bundle_unsafe_path");
    }
}

static void the_reserved_folder_is_found_below_a_dropped_one(void **state)
{
    (void)state;
    MAKE(UNPACK_ZIP, {.path = "dist/index.html"}, {.path = "dist/_inlay/session"});
    assert_refused(UNPACK_ZIP, "bundle_unsafe_path");
    MAKE(UNPACK_ZIP, INDEX, {.path = "dist/_inlay/session"});
    assert_read(UNPACK_ZIP);
}

static void a_path_is_there_only_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "a.js", .bytes = STR("1")},
             {.path = "a.js", .bytes = STR("1")});
        assert_refused(types[i], "bundle_unsafe_path");
        MAKE(types[i], INDEX, {.path = "./index.html", .bytes = STR("hello")});
        assert_refused(types[i], "bundle_unsafe_path");
        MAKE(types[i], INDEX, {.path = "Index.html", .bytes = STR("other case")});
        assert_read(types[i]);
    }
}

static void a_file_is_not_a_folder_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "a", .bytes = STR("1")}, {.path = "a-b"}, {.path = "a/c"});
        assert_refused(types[i], "bundle_unsafe_path");
        MAKE(types[i], INDEX, {.path = "a/b/c/d"}, {.path = "a/b"});
        assert_refused(types[i], "bundle_unsafe_path");
    }
}

static void links_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "link", .kind = AE_IFLNK, .link = "/etc/passwd"});
        assert_refused(types[i], "bundle_link");
        MAKE(types[i], INDEX, {.path = "link", .kind = AE_IFLNK, .link = "index.html"});
        assert_refused(types[i], "bundle_link");
    }
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "hard", .linked = "/etc/passwd"});
    assert_refused(UNPACK_TAR_GZ, "bundle_link");
}

static void devices_are_refused(void **state)
{
    (void)state;
    static const unsigned kinds[] = {AE_IFCHR, AE_IFBLK, AE_IFIFO};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        MAKE(UNPACK_TAR_GZ, INDEX, {.path = "device", .kind = kinds[i]});
        assert_refused(UNPACK_TAR_GZ, "bundle_device");
    }
}

static void encrypted_files_are_refused(void **state)
{
    (void)state;
    struct archive *archive = writer_of(UNPACK_ZIP);
    assert_int_equal(archive_write_set_options(archive, "zip:encryption=traditional"), ARCHIVE_OK);
    assert_int_equal(archive_write_set_passphrase(archive, "secret"), ARCHIVE_OK);
    write_items(archive, (const struct item[]){INDEX}, 1);
    assert_refused(UNPACK_ZIP, "bundle_encrypted");
}

static void a_bundle_without_files_is_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], {.path = "dist/", .kind = AE_IFDIR}, {.path = ".DS_Store"});
        assert_refused(types[i], "bundle_empty");
    }
}

static void a_bundle_needs_an_index(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], {.path = "app.js"}, {.path = "INDEX.HTML"}, {.path = "index.htm"});
        assert_refused(types[i], "bundle_no_index");
    }
}

static void files_are_counted(void **state)
{
    (void)state;
    struct item items[22] = {INDEX};
    for (size_t i = 1; i < COUNT_OF(items); i++) {
        items[i].path = arena_printf(&arena, "%zu.txt", i).ptr;
    }
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct unpack_summary scanned;
        write_items(writer_of(types[i]), items, (size_t)limits.files_max);
        assert_int_equal(unpack_scan(path, types[i], &limits, &scanned, &fault), ERR_OK);
        assert_int_equal(scanned.files, limits.files_max);
        write_items(writer_of(types[i]), items, (size_t)limits.files_max + 1);
        assert_refused(types[i], "bundle_too_many_files");
        assert_int_equal(fault.limit, limits.files_max);
    }
}

static void folders_are_counted_too_in_the_end(void **state)
{
    (void)state;
    struct item items[200] = {INDEX};
    for (size_t i = 1; i < COUNT_OF(items); i++) {
        items[i].path = arena_printf(&arena, "%zu/", i).ptr;
        items[i].kind = AE_IFDIR;
    }
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        write_items(writer_of(types[i]), items, 50);
        assert_read(types[i]);
        write_items(writer_of(types[i]), items, COUNT_OF(items));
        assert_refused(types[i], "bundle_too_many_files");
    }
}

/* Bytes that hardly pack, so that only the size counts. */
static struct str noise(size_t len)
{
    char *bytes = arena_alloc(&arena, len);
    uint32_t random = 1;
    for (size_t i = 0; i < len; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (char)(random >> 24);
    }
    return (struct str){bytes, len};
}

static void one_large_file_is_refused(void **state)
{
    (void)state;
    struct str largest = noise((size_t)limits.file_bytes_max);
    struct str too_large = noise((size_t)limits.file_bytes_max + 1);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "large.bin", .bytes = largest});
        assert_read(types[i]);
        MAKE(types[i], INDEX, {.path = "large.bin", .bytes = too_large});
        assert_refused(types[i], "bundle_too_large");
        assert_int_equal(fault.limit, limits.file_bytes_max);
    }
}

static void a_large_bundle_is_refused(void **state)
{
    (void)state;
    struct str part = noise(1500 * 1024);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "1", .bytes = part}, {.path = "2", .bytes = part});
        assert_read(types[i]);
        MAKE(types[i], INDEX, {.path = "1", .bytes = part}, {.path = "2", .bytes = part},
             {.path = "3", .bytes = part});
        assert_refused(types[i], "bundle_too_large");
        assert_int_equal(fault.limit, limits.unpacked_bytes_max);
    }
}

static void a_bundle_that_expands_too_much_is_refused(void **state)
{
    (void)state;
    struct str bomb = zeros((size_t)limits.file_bytes_max);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "bomb", .bytes = bomb});
        assert_refused(types[i], "bundle_ratio");
        assert_int_equal(fault.limit, limits.ratio_max);
    }
}

static void a_small_bundle_may_expand_as_it_likes(void **state)
{
    (void)state;
    struct str text = zeros(UNPACK_RATIO_FLOOR_BYTES - 20 * 1024);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "zeros", .bytes = text});
        assert_read(types[i]);
    }
}

static void what_is_passed_over_expands_too(void **state)
{
    (void)state;
    struct str bomb = zeros(3 * 1024 * 1024);
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = ".DS_Store", .bytes = bomb});
    assert_refused(UNPACK_TAR_GZ, "bundle_ratio");
    MAKE(UNPACK_ZIP, INDEX, {.path = ".DS_Store", .bytes = bomb}); /* never unpacked */
    assert_read(UNPACK_ZIP);
}

static void bytes_behind_the_end_of_a_tar_expand_too(void **state)
{
    (void)state;
    gzFile gzip = gzopen(path, "wb");
    struct str bomb = zeros((size_t)limits.unpacked_bytes_max);
    assert_int_equal(gzwrite(gzip, bomb.ptr, (unsigned)bomb.len), bomb.len);
    assert_int_equal(gzclose(gzip), Z_OK);
    assert_refused(UNPACK_TAR_GZ, "bundle_ratio");
}

static void a_cut_off_archive_is_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "a.js", .bytes = noise(100)});
        struct str whole = read_bytes();
        for (size_t len = 0; len < whole.len; len++) {
            write_bytes((struct str){whole.ptr, len});
            assert_refused(types[i], "bundle_damaged");
        }
        write_bytes(whole);
        assert_read(types[i]);
    }
}

static void a_flipped_bit_is_noticed_or_changes_nothing(void **state)
{
    (void)state;
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "a.js", .bytes = noise(100)});
    struct digest digest = content_digest(UNPACK_TAR_GZ);
    struct str whole = read_bytes();
    char *flipped = arena_alloc(&arena, whole.len);
    for (size_t bit = 0; bit < whole.len * 8; bit++) {
        memcpy(flipped, whole.ptr, whole.len);
        flipped[bit / 8] = (char)(flipped[bit / 8] ^ 1 << bit % 8);
        write_bytes((struct str){flipped, whole.len});
        if (unpack_scan(path, UNPACK_TAR_GZ, &limits, &summary, &fault) == ERR_OK) {
            assert_true(digest_equal(&summary.digest, &digest));
        }
    }
}

static void another_kind_of_file_is_damaged(void **state)
{
    (void)state;
    static const enum unpack_type other[] = {
        [UNPACK_TAR_GZ] = UNPACK_ZIP, [UNPACK_ZIP] = UNPACK_TAR_GZ};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        write_bytes(STR("<!doctype html>"));
        assert_refused(types[i], "bundle_damaged");
        write_bytes(STR_NONE);
        assert_refused(types[i], "bundle_damaged");
        MAKE(other[types[i]], INDEX);
        assert_refused(types[i], "bundle_damaged");
    }
}

static void a_tar_must_be_compressed(void **state)
{
    (void)state;
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_gnutar(archive), ARCHIVE_OK);
    write_items(archive, (const struct item[]){INDEX}, 1);
    assert_refused(UNPACK_TAR_GZ, "bundle_damaged");
}

/* A zip's two bytes of method, in both of its lists of files. */
static void a_zip_with_another_method_is_refused(void **state)
{
    (void)state;
    enum { LZMA = 14 };
    MAKE(UNPACK_ZIP, INDEX);
    struct str whole = read_bytes();
    char *changed = arena_alloc(&arena, whole.len);
    memcpy(changed, whole.ptr, whole.len);
    for (size_t i = 0; i + 12 < whole.len; i++) {
        if (memcmp(changed + i, "PK\3\4", 4) == 0) {
            changed[i + 8] = LZMA;
        }
        if (memcmp(changed + i, "PK\1\2", 4) == 0) {
            changed[i + 10] = LZMA;
        }
    }
    write_bytes((struct str){changed, whole.len});
    assert_refused(UNPACK_ZIP, "bundle_damaged");
    assert_non_null(strstr(fault.message, "deflate"));
}

static void an_absent_archive_is_a_matter_for_the_operator(void **state)
{
    (void)state;
    assert_int_equal(read_archive(UNPACK_ZIP), ERR_STORAGE);
    assert_int_equal(read_archive(UNPACK_TAR_GZ), ERR_STORAGE);
    assert_string_equal(fault.code, "bundle_unreadable");
}

static void variants_are_made_of_what_packs_well(void **state)
{
    (void)state;
    char *script = arena_alloc(&arena, 1000);
    memset(script, 'x', 1000);
    struct str text = {script, 1000};
    MAKE(UNPACK_TAR_GZ, INDEX, {.path = "app.js", .bytes = text},
         {.path = "noise.js", .bytes = noise(1000)}, {.path = "app.png", .bytes = text});
    assert_read(UNPACK_TAR_GZ);
    assert_true(file_at("app.js")->gzip.len > 0);
    assert_true(file_at("app.js")->brotli.len > 0);
    assert_null(file_at("index.html")->gzip.ptr);
    assert_null(file_at("noise.js")->gzip.ptr);
    assert_null(file_at("noise.js")->brotli.ptr);
    assert_null(file_at("app.png")->gzip.ptr);
}

static void a_variant_that_the_bundle_brings_is_not_made(void **state)
{
    (void)state;
    char *script = arena_alloc(&arena, 1000);
    memset(script, 'x', 1000);
    struct str text = {script, 1000};
    MAKE(UNPACK_ZIP, INDEX, {.path = "a.js", .bytes = text},
         {.path = "a.js.gz", .bytes = STR("own")}, {.path = "b.js", .bytes = text},
         {.path = "b.js.br", .bytes = STR("own")});
    assert_read(UNPACK_ZIP);
    assert_null(file_at("a.js")->gzip.ptr);
    assert_true(file_at("a.js")->brotli.len > 0);
    assert_true(file_at("b.js")->gzip.len > 0);
    assert_null(file_at("b.js")->brotli.ptr);
    assert_str_equal(file_at("a.js.gz")->bytes, "own");
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
    assert_int_equal(unpack_read(path, UNPACK_ZIP, &limits, &sink, &summary, &fault), ERR_BUSY);
    assert_string_equal(fault.code, "sink_busy");
    assert_int_equal(calls, 1);
}

static void nobody_has_to_ask_for_the_reason(void **state)
{
    (void)state;
    struct str bomb = zeros((size_t)limits.file_bytes_max);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        MAKE(types[i], INDEX, {.path = "bomb", .bytes = bomb});
        assert_int_equal(unpack_scan(path, types[i], &limits, &summary, NULL), ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_come_with_their_bytes_and_digests, start, end),
        cmocka_unit_test_setup_teardown(the_digest_of_a_content_is_the_same_in_every_version, start,
                                        end),
        cmocka_unit_test_setup_teardown(equal_contents_have_equal_digests, start, end),
        cmocka_unit_test_setup_teardown(other_paths_or_bytes_give_another_digest, start, end),
        cmocka_unit_test_setup_teardown(one_top_level_folder_is_dropped, start, end),
        cmocka_unit_test_setup_teardown(one_folder_only_is_dropped, start, end),
        cmocka_unit_test_setup_teardown(what_macos_adds_is_ignored, start, end),
        cmocka_unit_test_setup_teardown(names_beyond_ascii_are_kept_in_any_locale, start, end),
        cmocka_unit_test_setup_teardown(names_that_are_not_utf8_are_refused, start, end),
        cmocka_unit_test_setup_teardown(unsafe_paths_are_refused, start, end),
        cmocka_unit_test_setup_teardown(backslashes_alone_separate_folders_in_a_zip, start, end),
        cmocka_unit_test_setup_teardown(an_unsafe_folder_is_refused_though_it_is_not_used, start,
                                        end),
        cmocka_unit_test_setup_teardown(the_reserved_folder_is_found_below_a_dropped_one, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_path_is_there_only_once, start, end),
        cmocka_unit_test_setup_teardown(a_file_is_not_a_folder_too, start, end),
        cmocka_unit_test_setup_teardown(links_are_refused, start, end),
        cmocka_unit_test_setup_teardown(devices_are_refused, start, end),
        cmocka_unit_test_setup_teardown(encrypted_files_are_refused, start, end),
        cmocka_unit_test_setup_teardown(a_bundle_without_files_is_empty, start, end),
        cmocka_unit_test_setup_teardown(a_bundle_needs_an_index, start, end),
        cmocka_unit_test_setup_teardown(files_are_counted, start, end),
        cmocka_unit_test_setup_teardown(folders_are_counted_too_in_the_end, start, end),
        cmocka_unit_test_setup_teardown(one_large_file_is_refused, start, end),
        cmocka_unit_test_setup_teardown(a_large_bundle_is_refused, start, end),
        cmocka_unit_test_setup_teardown(a_bundle_that_expands_too_much_is_refused, start, end),
        cmocka_unit_test_setup_teardown(a_small_bundle_may_expand_as_it_likes, start, end),
        cmocka_unit_test_setup_teardown(what_is_passed_over_expands_too, start, end),
        cmocka_unit_test_setup_teardown(bytes_behind_the_end_of_a_tar_expand_too, start, end),
        cmocka_unit_test_setup_teardown(a_cut_off_archive_is_damaged, start, end),
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_noticed_or_changes_nothing, start, end),
        cmocka_unit_test_setup_teardown(another_kind_of_file_is_damaged, start, end),
        cmocka_unit_test_setup_teardown(a_tar_must_be_compressed, start, end),
        cmocka_unit_test_setup_teardown(a_zip_with_another_method_is_refused, start, end),
        cmocka_unit_test_setup_teardown(an_absent_archive_is_a_matter_for_the_operator, start, end),
        cmocka_unit_test_setup_teardown(variants_are_made_of_what_packs_well, start, end),
        cmocka_unit_test_setup_teardown(a_variant_that_the_bundle_brings_is_not_made, start, end),
        cmocka_unit_test_setup_teardown(an_error_of_the_sink_ends_the_reading, start, end),
        cmocka_unit_test_setup_teardown(nobody_has_to_ask_for_the_reason, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
