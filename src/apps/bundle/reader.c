/*
 * Reads archives by libarchive. Invariant: nothing is unpacked beyond the limits, not even what is
 * passed over, and an archive is at its end only if its checksums were right.
 *
 * The gzip around a tar is read by zlib, because libarchive does not compare gzip's checksum.
 */
#include "apps/bundle/reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "apps/bundle/cp437.h"
#include "apps/bundle/path.h"
#include "base/leftout.h"
#include "base/unicode.h"
#include "base/utf8locale.h"

enum {
    BLOCK_BYTES = 64 * 1024,
    /* Folders and junk count too, but in a bundle within its limit they never outnumber its files
     * like this. */
    ENTRIES_PER_FILE = 4,
    PATH_RAW_BYTES_MAX = 4096,
};

struct reader {
    const struct unpack_limits *limits; /* borrowed */
    enum unpack_type type;
    int fd;                  /* owned */
    gzFile gzip;             /* owned; NULL for a zip */
    struct archive *archive; /* owned */
    int64_t packed_bytes;
    int64_t unpacked_bytes;
    int64_t entries;
    int64_t left_out;
    struct arena arena; /* owned: the current path */
    enum err err;       /* of the callback, which can tell libarchive no more than "no" */
    struct fault fault;
    unsigned char block[BLOCK_BYTES];
};

static enum err damaged(struct fault *fault, const char *reason)
{
    struct str text = str_from(reason);
    if (text.len == 0 || !str_is_clean_utf8(text)) {
        text = STR("it is damaged, or of another type");
    }
    if (str_ends_with(text, STR("."))) {
        text.len--;
    }
    return fault_set(fault, ERR_INVALID, "bundle_damaged",
                     "The bundle cannot be read: " STR_FMT ".", STR_ARG(text));
}

static enum err unreadable(struct fault *fault)
{
    return fault_set(fault, ERR_STORAGE, "bundle_unreadable",
                     "The uploaded file cannot be read: %s.", strerror(errno));
}

static enum err count_unpacked(struct reader *reader, size_t count, struct fault *fault)
{
    const struct unpack_limits *limits = reader->limits;
    reader->unpacked_bytes += (int64_t)count;
    if (reader->unpacked_bytes > limits->unpacked_bytes_max) {
        return fault_limit(fault, ERR_INVALID, "bundle_too_large", limits->unpacked_bytes_max,
                           "The bundle unpacks to more than %lld bytes. Leave out what the app "
                           "doesn't need, or raise the setting bundle_max_bytes.",
                           (long long)limits->unpacked_bytes_max);
    }
    if (reader->unpacked_bytes > UNPACK_RATIO_FLOOR_BYTES &&
        reader->unpacked_bytes > reader->packed_bytes * limits->ratio_max) {
        return fault_limit(fault, ERR_INVALID, "bundle_ratio", limits->ratio_max,
                           "The bundle unpacks to more than %lld times its size. If that's how it "
                           "has to be, raise the setting bundle_max_ratio.",
                           (long long)limits->ratio_max);
    }
    return ERR_OK;
}

/* ---- the gzip around a tar ---- */

static enum err gzip_read(struct reader *reader, size_t *out_count, struct fault *fault)
{
    int code = Z_OK;
    errno = 0;
    int count = gzread(reader->gzip, reader->block, BLOCK_BYTES);
    gzerror(reader->gzip, &code);
    if (code == Z_ERRNO) {
        return unreadable(fault);
    }
    if (count < 0 || code != Z_OK) {
        return damaged(fault,
                       code == Z_BUF_ERROR ? "it ends too early" : "its compression is wrong");
    }
    if (gzdirect(reader->gzip)) {
        return damaged(fault, "it is not compressed by gzip");
    }
    *out_count = (size_t)count;
    return count_unpacked(reader, (size_t)count, fault);
}

static la_ssize_t on_read(struct archive *archive, void *context, const void **out_block)
{
    struct reader *reader = context;
    size_t count = 0;
    reader->err = gzip_read(reader, &count, &reader->fault);
    if (reader->err) {
        archive_set_error(archive, EIO, "see the reader's fault");
        return ARCHIVE_FATAL;
    }
    *out_block = reader->block;
    return (la_ssize_t)count;
}

/* A tar ends before its gzip does: reads on, to have the checksum compared. */
static enum err gzip_finish(struct reader *reader, struct fault *fault)
{
    size_t count = 1;
    enum err err = ERR_OK;
    while (!err && count > 0) {
        err = gzip_read(reader, &count, fault);
    }
    return err;
}

/* ---- libarchive ---- */

/* Why libarchive stopped. */
static enum err stopped(const struct reader *reader, struct fault *fault)
{
    if (reader->err) {
        if (fault != NULL) {
            *fault = reader->fault;
        }
        return reader->err;
    }
    return damaged(fault, archive_error_string(reader->archive));
}

static int archive_start(struct reader *reader)
{
    struct archive *archive = reader->archive;
    if (reader->type == UNPACK_ZIP) {
        /* By its central directory, as every unpacker reads it; the other way misses links. */
        int result = archive_read_support_format_zip_seekable(archive);
        return result == ARCHIVE_OK ? archive_read_open_fd(archive, reader->fd, BLOCK_BYTES)
                                    : result;
    }
    int result = archive_read_support_format_tar(archive);
    return result == ARCHIVE_OK ? archive_read_open(archive, reader, NULL, on_read, NULL) : result;
}

enum err reader_open(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     struct reader **out_reader, struct fault *fault)
{
    struct stat status;
    enum err err = ERR_OK;
    struct reader *reader = calloc(1, sizeof(*reader));
    REQUIRE(reader != NULL && limits->ratio_max > 0);
    reader->limits = limits;
    reader->type = type;
    reader->archive = archive_read_new();
    REQUIRE(reader->archive != NULL);
    reader->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &status) != 0) {
        err = unreadable(fault);
        goto done;
    }
    reader->packed_bytes = status.st_size;
    if (type == UNPACK_TAR_GZ) {
        reader->gzip = gzdopen(reader->fd, "rb");
        REQUIRE(reader->gzip != NULL);
        gzbuffer(reader->gzip, BLOCK_BYTES);
    }
    if (archive_start(reader) != ARCHIVE_OK) {
        err = stopped(reader, fault);
        goto done;
    }
    *out_reader = reader;
    reader = NULL; /* moved to the caller */
done:
    reader_close(reader);
    return err;
}

int64_t reader_left_out(const struct reader *reader)
{
    return reader->left_out;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL) {
        return;
    }
    archive_read_free(reader->archive);
    if (reader->gzip != NULL) {
        gzclose_r(reader->gzip);
    } else if (reader->fd >= 0) {
        close(reader->fd);
    }
    arena_done(&reader->arena);
    free(reader);
}

/* zip allows methods whose decoders take gigabytes on an archive's word, and which no tool uses for
 * a web app. libarchive tells the method only in words. */
static bool has_plain_method(const struct reader *reader)
{
    const char *format = archive_format_name(reader->archive);
    return strstr(format, "(deflation)") != NULL || strstr(format, "(uncompressed)") != NULL;
}

static enum err entry_check_kind(const struct reader *reader, struct archive_entry *entry,
                                 const char *shown, struct fault *fault)
{
    mode_t kind = archive_entry_filetype(entry);
    /* A tar's hard link has no kind, and not always a target. */
    if (kind == AE_IFLNK || kind == 0 || archive_entry_hardlink(entry) != NULL) {
        return fault_set(fault, ERR_INVALID, "bundle_link",
                         "The bundle holds the link %s; only files are allowed.", shown);
    }
    if (kind != AE_IFREG && kind != AE_IFDIR) {
        return fault_set(fault, ERR_INVALID, "bundle_device",
                         "The bundle holds the special file %s; only files are allowed.", shown);
    }
    if (archive_entry_is_encrypted(entry)) {
        return fault_set(fault, ERR_INVALID, "bundle_encrypted",
                         "The bundle holds the encrypted file %s.", shown);
    }
    if (kind == AE_IFREG && reader->type == UNPACK_ZIP && !has_plain_method(reader)) {
        return fault_set(fault, ERR_INVALID, "bundle_damaged",
                         "The bundle holds %s in a compression other than deflate.", shown);
    }
    return ERR_OK;
}

/* In one spelling, whatever system and tool have written it; tar writes "./index.html" when it is
 * told to pack ".", and "assets/" for a folder. */
static struct str entry_path(struct reader *reader, struct archive_entry *entry)
{
    arena_done(&reader->arena);
    struct str path = str_from(archive_entry_pathname(entry));
    if (path.len > PATH_RAW_BYTES_MAX) {
        return path; /* too long to be allowed */
    }
    if (reader->type == UNPACK_ZIP && !str_is_clean_utf8(path)) {
        path = cp437_to_utf8(&reader->arena, path);
    }
    path = unicode_nfc(&reader->arena, path);
    if (str_starts_with(path, STR("./"))) {
        path = str_skip(path, 2);
    }
    if (archive_entry_filetype(entry) == AE_IFDIR && str_ends_with(path, STR("/"))) {
        path.len--;
    }
    return path;
}

/* *out_path is STR_NONE for what is passed over. */
static enum err entry_check(struct reader *reader, struct archive_entry *entry,
                            struct str *out_path, struct fault *fault)
{
    char shown[PATH_SHOWN_SIZE];
    int64_t entries_max = reader->limits->files_max * ENTRIES_PER_FILE;
    struct str path = entry_path(reader, entry);
    bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
    *out_path = STR_NONE;
    if (++reader->entries > entries_max) {
        return fault_limit(fault, ERR_INVALID, "bundle_too_many_files", reader->limits->files_max,
                           "The bundle holds more than %lld files and folders. Leave out what the "
                           "app doesn't need, or raise the setting bundle_max_files.",
                           (long long)entries_max);
    }
    if (is_folder && (path.len == 0 || str_equal(path, STR(".")))) {
        return ERR_OK;
    }
    if (leftout_path(path)) {
        reader->left_out += !is_folder;
        return ERR_OK;
    }
    enum err err = path_check(path, fault);
    if (!err) {
        path_show(path, shown);
        err = entry_check_kind(reader, entry, shown, fault);
    }
    if (!err && !is_folder) {
        *out_path = path;
    }
    return err;
}

/* Calls libarchive with a UTF-8 locale, whatever the thread's own is. */
static int next_header(struct reader *reader, struct archive_entry **out_entry)
{
    locale_t previous = utf8locale_begin();
    int result = archive_read_next_header(reader->archive, out_entry);
    utf8locale_end(previous);
    return result;
}

enum err reader_next(struct reader *reader, struct str *out_path, struct fault *fault)
{
    struct str path = STR_NONE;
    while (path.ptr == NULL) {
        struct archive_entry *entry;
        int result = next_header(reader, &entry);
        if (result == ARCHIVE_EOF) {
            *out_path = STR_NONE;
            return reader->type == UNPACK_TAR_GZ ? gzip_finish(reader, fault) : ERR_OK;
        }
        /* Also warnings: they say that two places of the archive contradict each other. */
        if (result != ARCHIVE_OK) {
            return stopped(reader, fault);
        }
        enum err err = entry_check(reader, entry, &path, fault);
        if (err) {
            return err;
        }
    }
    *out_path = path;
    return ERR_OK;
}

enum err reader_data(struct reader *reader, void *buffer, size_t size, size_t *out_count,
                     struct fault *fault)
{
    la_ssize_t count = archive_read_data(reader->archive, buffer, size);
    if (count < 0) {
        return stopped(reader, fault);
    }
    *out_count = (size_t)count;
    /* In a tar it was counted with everything else that came out of the gzip. */
    return reader->type == UNPACK_ZIP ? count_unpacked(reader, *out_count, fault) : ERR_OK;
}
