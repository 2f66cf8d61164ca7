/*
 * Checks and reads bundles. Invariant: the second pass gives out only files that the first pass has
 * seen, with the same bytes.
 */
#include "apps/bundle/unpack.h"

#include "base/arena.h"
#include "apps/bundle/compress.h"
#include "apps/bundle/path.h"
#include "apps/bundle/reader.h"

enum { SCAN_BLOCK_BYTES = 64 * 1024 };

struct index_file {
    struct str path;
    int64_t bytes;
    struct digest digest;
};

/* What the first pass keeps: all files, sorted by path once the pass is over. */
struct index {
    struct arena arena;       /* owned: the paths */
    struct index_file *files; /* owned */
    size_t count;
    size_t size;
    size_t dropped; /* length of the top-level folder that is dropped from the paths */
};

static void index_done(struct index *index)
{
    arena_done(&index->arena);
    free(index->files);
}

static struct index_file *index_add(struct index *index, struct str path)
{
    if (index->count == index->size) {
        index->size = index->size == 0 ? 64 : index->size * 2;
        index->files = realloc(index->files, index->size * sizeof(*index->files));
        REQUIRE(index->files != NULL);
    }
    struct index_file *file = &index->files[index->count++];
    *file = (struct index_file){.path = arena_str(&index->arena, path)};
    return file;
}

static int compare_paths(const void *a, const void *b)
{
    return str_compare(((const struct index_file *)a)->path, ((const struct index_file *)b)->path);
}

/* In a sorted index; NULL if absent. */
static const struct index_file *index_find(const struct index *index, struct str path)
{
    struct index_file wanted = {.path = path};
    return index->count == 0
               ? NULL
               : bsearch(&wanted, index->files, index->count, sizeof(wanted), compare_paths);
}

/* ---- the first pass ---- */

static enum err scan_file(struct reader *reader, const struct unpack_limits *limits, char *block,
                          struct index_file *file, struct fault *fault)
{
    char shown[PATH_SHOWN_SIZE];
    struct digest_stream *digest = digest_stream_new();
    enum err err = ERR_OK;
    for (size_t count = 1; count > 0;) {
        err = reader_data(reader, block, SCAN_BLOCK_BYTES, &count, fault);
        if (err) {
            goto done;
        }
        digest_stream_add(digest, (struct str){block, count});
        file->bytes += (int64_t)count;
        if (file->bytes > limits->file_bytes_max) {
            path_show(file->path, shown);
            err = fault_limit(fault, ERR_INVALID, "bundle_too_large", limits->file_bytes_max,
                              "The bundle's file %s is larger than %lld bytes. Leave it out, or "
                              "raise the setting bundle_file_max_bytes.",
                              shown, (long long)limits->file_bytes_max);
            goto done;
        }
    }
    file->digest = digest_stream_end(digest);
    digest = NULL; /* freed by its end */
done:
    digest_stream_free(digest);
    return err;
}

static enum err scan_files(struct reader *reader, const struct unpack_limits *limits,
                           struct index *index, struct fault *fault)
{
    struct str path = STR_NONE;
    char *block = malloc(SCAN_BLOCK_BYTES);
    REQUIRE(block != NULL);
    enum err err = reader_next(reader, &path, fault);
    while (!err && path.ptr != NULL) {
        if ((int64_t)index->count == limits->files_max) {
            err =
                fault_limit(fault, ERR_INVALID, "bundle_too_many_files", limits->files_max,
                            "The bundle holds more than %lld files. Leave out what the app doesn't "
                            "need, or raise the setting bundle_max_files.",
                            (long long)limits->files_max);
            break;
        }
        err = scan_file(reader, limits, block, index_add(index, path), fault);
        if (!err) {
            err = reader_next(reader, &path, fault);
        }
    }
    free(block);
    return err;
}

static enum err refuse_twice(struct str path, struct fault *fault)
{
    char shown[PATH_SHOWN_SIZE];
    path_show(path, shown);
    return fault_set(fault, ERR_INVALID, "bundle_unsafe_path", "The bundle holds %s twice.", shown);
}

/* No path is there twice, and none is both a file and a folder. */
static enum err check_unique(const struct index *index, struct fault *fault)
{
    for (size_t i = 0; i < index->count; i++) {
        struct str path = index->files[i].path;
        if (i > 0 && str_equal(path, index->files[i - 1].path)) {
            return refuse_twice(path, fault);
        }
        for (size_t end = 0; end < path.len; end++) {
            struct str folder = {path.ptr, end};
            if (path.ptr[end] == '/' && index_find(index, folder) != NULL) {
                return refuse_twice(folder, fault);
            }
        }
    }
    return ERR_OK;
}

/* Sets dropped if every path starts with one folder, and that holds an index.html. Sorted paths
 * that start alike at both ends start alike in between. */
static void drop_top_folder(struct index *index)
{
    struct str first = index->files[0].path;
    struct str last = index->files[index->count - 1].path;
    size_t slash = str_find(first, '/');
    struct str folder = {first.ptr, slash == first.len ? 0 : slash + 1};
    if (folder.len == 0 || !str_starts_with(last, folder)) {
        return;
    }
    struct str page = arena_printf(&index->arena, STR_FMT "index.html", STR_ARG(folder));
    if (index_find(index, page) == NULL) {
        return;
    }
    for (size_t i = 0; i < index->count; i++) {
        index->files[i].path = str_skip(index->files[i].path, folder.len);
    }
    index->dropped = folder.len;
}

static enum err check_content(struct index *index, int64_t left_out, struct fault *fault)
{
    enum err err = check_unique(index, fault);
    if (err) {
        return err;
    }
    if (index->count == 0) {
        return fault_set(fault, ERR_INVALID, "bundle_empty",
                         left_out == 0 ? "The bundle holds no file."
                                       : "The bundle holds only hidden files, which aren't "
                                         "published. Pack what is inside of the folder that the "
                                         "build has written.");
    }
    drop_top_folder(index);
    for (size_t i = 0; i < index->count && !err; i++) {
        err = path_check(index->files[i].path, fault); /* "dist/_inlay" may be "_inlay" now */
    }
    if (!err && index_find(index, STR("index.html")) == NULL) {
        err = fault_set(fault, ERR_INVALID, "bundle_no_index",
                        "The bundle has no index.html at its top, nor in the one folder that holds "
                        "all its files.");
    }
    return err;
}

static struct unpack_summary index_summary(const struct index *index)
{
    struct unpack_summary summary = {.files = (int64_t)index->count};
    struct digest_stream *digest = digest_stream_new();
    for (size_t i = 0; i < index->count; i++) {
        const struct index_file *file = &index->files[i];
        /* The length first, so that no two lists of files give the same input. */
        char length[2] = {(char)(file->path.len >> 8), (char)(file->path.len & 0xff)};
        digest_stream_add(digest, (struct str){length, sizeof(length)});
        digest_stream_add(digest, file->path);
        digest_stream_add(digest, (struct str){(const char *)file->digest.bytes, DIGEST_BYTES});
        summary.bytes += file->bytes;
    }
    summary.digest = digest_stream_end(digest);
    return summary;
}

static enum err scan(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     struct index *index, struct fault *fault)
{
    struct reader *reader = NULL;
    enum err err = reader_open(path, type, limits, &reader, fault);
    if (!err) {
        err = scan_files(reader, limits, index, fault);
    }
    if (!err && index->count > 1) {
        qsort(index->files, index->count, sizeof(*index->files), compare_paths);
    }
    if (!err) {
        err = check_content(index, reader_left_out(reader), fault);
    }
    reader_close(reader);
    return err;
}

enum err unpack_scan(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     struct unpack_summary *out_summary, struct fault *fault)
{
    struct index index = {0};
    enum err err = scan(path, type, limits, &index, fault);
    if (!err) {
        *out_summary = index_summary(&index);
    }
    index_done(&index);
    return err;
}

/* ---- the second pass ---- */

static enum err refuse_changed(struct fault *fault)
{
    return fault_set(fault, ERR_STORAGE, "bundle_unreadable",
                     "The uploaded file changed while it was read.");
}

/* Reads the current file, which must be as it was in the first pass. */
static enum err read_bytes(struct reader *reader, const struct index_file *known,
                           struct arena *arena, struct bundle_file *out_file, struct fault *fault)
{
    size_t size = (size_t)known->bytes + 1; /* one more, to see the end and its checksum */
    size_t len = 0;
    char *bytes = arena_alloc(arena, size);
    for (size_t count = 1; count > 0 && len < size; len += count) {
        enum err err = reader_data(reader, bytes + len, size - len, &count, fault);
        if (err) {
            return err;
        }
    }
    *out_file = (struct bundle_file){.path = known->path, .bytes = {bytes, len}};
    out_file->digest = digest_of(out_file->bytes);
    return digest_equal(&out_file->digest, &known->digest) ? ERR_OK : refuse_changed(fault);
}

static enum err read_file(struct reader *reader, const struct index *index, struct str path,
                          const struct unpack_sink *sink, struct fault *fault)
{
    struct arena arena = ARENA_NONE;
    struct bundle_file file;
    const struct index_file *known =
        path.len < index->dropped ? NULL : index_find(index, str_skip(path, index->dropped));
    if (known == NULL) {
        return refuse_changed(fault);
    }
    enum err err = read_bytes(reader, known, &arena, &file, fault);
    if (err) {
        goto done;
    }
    if (compress_applies(file.path, file.bytes)) {
        file.gzip = compress_gzip(&arena, file.bytes);
        file.brotli = compress_brotli(&arena, file.bytes);
    }
    err = sink->on_file(sink->context, &file, fault);
done:
    arena_done(&arena);
    return err;
}

static enum err read_files(const char *path, enum unpack_type type,
                           const struct unpack_limits *limits, const struct index *index,
                           const struct unpack_sink *sink, struct fault *fault)
{
    struct reader *reader = NULL;
    struct str file_path = STR_NONE;
    size_t count = 0;
    enum err err = reader_open(path, type, limits, &reader, fault);
    if (!err) {
        err = reader_next(reader, &file_path, fault);
    }
    while (!err && file_path.ptr != NULL) {
        err = read_file(reader, index, file_path, sink, fault);
        count++;
        if (!err) {
            err = reader_next(reader, &file_path, fault);
        }
    }
    if (!err && count != index->count) {
        err = refuse_changed(fault);
    }
    reader_close(reader);
    return err;
}

enum err unpack_read(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     const struct unpack_sink *sink, struct unpack_summary *out_summary,
                     struct fault *fault)
{
    struct index index = {0};
    enum err err = scan(path, type, limits, &index, fault);
    if (!err) {
        err = read_files(path, type, limits, &index, sink, fault);
    }
    if (!err) {
        *out_summary = index_summary(&index);
    }
    index_done(&index);
    return err;
}
