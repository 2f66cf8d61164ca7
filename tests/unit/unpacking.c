#include "unpacking.h"

struct unpacking unpacking = {
    .types = {UNPACK_TAR_GZ, UNPACK_ZIP},
    .limits =
        {
            .unpacked_bytes_max = 4 * 1024 * 1024,
            .files_max = 20,
            .ratio_max = 100,
            .file_bytes_max = 2 * 1024 * 1024,
        },
};

int unpacking_start(void **state)
{
    (void)state;
    unit_folder_make(unpacking.folder);
    snprintf(unpacking.path, sizeof(unpacking.path), "%s/bundle", unpacking.folder);
    unpacking.arena = ARENA_NONE;
    unpacking.fault = (struct fault){.err = ERR_OK};
    unpacking.file_count = 0;
    return 0;
}

int unpacking_end(void **state)
{
    (void)state;
    arena_done(&unpacking.arena);
    unit_folder_remove(unpacking.folder);
    return 0;
}

void unpacking_write(struct str bytes)
{
    FILE *file = fopen(unpacking.path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.len > 0 ? bytes.ptr : "", 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

struct str unpacking_bytes(void)
{
    char *bytes = arena_alloc(&unpacking.arena, UNPACKING_ARCHIVE_MAX);
    FILE *file = fopen(unpacking.path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, UNPACKING_ARCHIVE_MAX, file);
    fclose(file);
    return (struct str){bytes, len};
}

struct archive *unpacking_writer(enum unpack_type type)
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

void unpacking_write_items(struct archive *archive, const struct item *items, size_t count)
{
    assert_int_equal(archive_write_open_filename(archive, unpacking.path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        add_item(archive, &items[i]);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

struct str unpacking_zeros(size_t len)
{
    return (struct str){arena_alloc(&unpacking.arena, len), len};
}

static enum err on_file(void *context, const struct bundle_file *file, struct fault *sink_fault)
{
    (void)context;
    (void)sink_fault;
    assert_true(unpacking.file_count < UNPACKING_FILES_MAX);
    unpacking.files[unpacking.file_count++] = (struct bundle_file){
        .path = arena_str(&unpacking.arena, file->path),
        .bytes = arena_str(&unpacking.arena, file->bytes),
        .digest = file->digest,
        .gzip = file->gzip.ptr == NULL ? STR_NONE : arena_str(&unpacking.arena, file->gzip),
        .brotli = file->brotli.ptr == NULL ? STR_NONE : arena_str(&unpacking.arena, file->brotli),
    };
    return ERR_OK;
}

enum err unpacking_read(enum unpack_type type)
{
    const struct unpack_sink sink = {.on_file = on_file};
    unpacking.file_count = 0;
    return unpack_read(unpacking.path, type, &unpacking.limits, &sink, &unpacking.summary,
                       &unpacking.fault);
}

void assert_unpack_read(enum unpack_type type)
{
    struct unpack_summary scanned;
    if (unpack_scan(unpacking.path, type, &unpacking.limits, &scanned, &unpacking.fault) !=
            ERR_OK ||
        unpacking_read(type) != ERR_OK) {
        fail_msg("%s: %s", unpacking.fault.code, unpacking.fault.message);
    }
    assert_true(digest_equal(&scanned.digest, &unpacking.summary.digest));
    assert_int_equal(scanned.files, unpacking.summary.files);
    assert_int_equal(scanned.bytes, unpacking.summary.bytes);
    assert_int_equal(unpacking.file_count, unpacking.summary.files);
}

void assert_unpack_refused(enum unpack_type type, const char *code)
{
    struct unpack_summary untouched = {.files = -1};
    unpacking.summary = untouched;
    assert_int_equal(
        unpack_scan(unpacking.path, type, &unpacking.limits, &unpacking.summary, &unpacking.fault),
        ERR_INVALID);
    if (strcmp(unpacking.fault.code, code) != 0) {
        fail_msg("%s instead of %s: %s", unpacking.fault.code, code, unpacking.fault.message);
    }
    unpacking.fault = (struct fault){.err = ERR_OK};
    assert_int_equal(unpacking_read(type), ERR_INVALID);
    assert_string_equal(unpacking.fault.code, code);
    assert_int_equal(unpacking.file_count, 0);
    assert_int_equal(unpacking.summary.files, untouched.files);
}

const struct bundle_file *unpacking_file(const char *name)
{
    for (size_t i = 0; i < unpacking.file_count; i++) {
        if (str_equal(unpacking.files[i].path, str_from(name))) {
            return &unpacking.files[i];
        }
    }
    fail_msg("%s is not in the bundle", name);
    return NULL;
}

struct str unpacking_noise(size_t len)
{
    char *bytes = arena_alloc(&unpacking.arena, len);
    uint32_t random = 1;
    for (size_t i = 0; i < len; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (char)(random >> 24);
    }
    return (struct str){bytes, len};
}
