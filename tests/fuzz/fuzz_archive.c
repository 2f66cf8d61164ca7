/*
 * Bundles: a zip, a tar.gz, or a bare tar, which is compressed first so that a fuzzer can change
 * it.
 *
 * What gets through both passes must be safe to write, within the limits, and what the summary
 * says.
 */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "apps/bundle/unpack.h"
#include "apps/bundle/path.h"

static const struct unpack_limits limits = {
    .unpacked_bytes_max = 4 * 1024 * 1024,
    .files_max = 50,
    .ratio_max = 50,
    .file_bytes_max = 1024 * 1024,
};

struct seen {
    int64_t files;
    int64_t bytes;
    bool has_index;
};

static enum err on_file(void *context, const struct bundle_file *file, struct fault *fault)
{
    struct seen *seen = context;
    struct digest digest = digest_of(file->bytes);
    (void)fault;
    REQUIRE(path_check(file->path, NULL) == ERR_OK);
    REQUIRE(digest_equal(&digest, &file->digest));
    REQUIRE((int64_t)file->bytes.len <= limits.file_bytes_max);
    REQUIRE(file->gzip.len < file->bytes.len || file->gzip.len == 0);
    REQUIRE(file->brotli.len < file->bytes.len || file->brotli.len == 0);
    seen->files++;
    seen->bytes += (int64_t)file->bytes.len;
    seen->has_index = seen->has_index || str_equal(file->path, STR("index.html"));
    return ERR_OK;
}

static void check_archive(const char *path, enum unpack_type type)
{
    struct unpack_summary scanned;
    struct unpack_summary summary;
    struct fault fault = {.err = ERR_OK};
    struct seen seen = {0};
    const struct unpack_sink sink = {.on_file = on_file, .context = &seen};
    enum err err = unpack_scan(path, type, &limits, &scanned, &fault);
    REQUIRE(err == unpack_read(path, type, &limits, &sink, &summary, &fault));
    if (err) {
        REQUIRE(err == ERR_INVALID && fault.err == err && seen.files == 0);
        REQUIRE(strncmp(fault.code, "bundle_", strlen("bundle_")) == 0);
        REQUIRE(str_is_clean_utf8(str_from(fault.message)));
        return;
    }
    REQUIRE(digest_equal(&scanned.digest, &summary.digest));
    REQUIRE(seen.has_index && seen.files == summary.files && seen.bytes == summary.bytes);
    REQUIRE(seen.files <= limits.files_max && seen.bytes <= limits.unpacked_bytes_max);
}

/* Stores the input, or its compressed form, in memory that has a path. */
static void fill(int fd, struct str bytes, bool is_tar)
{
    if (!is_tar) {
        REQUIRE(bytes.len == 0 || write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
        return;
    }
    gzFile gzip = gzdopen(dup(fd), "wb1");
    REQUIRE(gzip != NULL && gzwrite(gzip, bytes.ptr, (unsigned)bytes.len) == (int)bytes.len);
    REQUIRE(gzclose(gzip) == Z_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    bool is_zip = str_starts_with(bytes, STR("PK"));
    bool is_gzip = str_starts_with(bytes, STR("\x1f\x8b"));
    char path[32];
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    REQUIRE(fd >= 0);
    fill(fd, bytes, size > 0 && !is_zip && !is_gzip);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    check_archive(path, is_zip ? UNPACK_ZIP : UNPACK_TAR_GZ);
    close(fd);
    return 0;
}
