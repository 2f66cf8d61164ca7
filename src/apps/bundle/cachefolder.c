/*
 * The cache folder. Invariant: a folder that is named by a digest is complete, because it gets that
 * name by a rename and loses it by a rename.
 */
#include "apps/bundle/cachefolder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encode.h"
#include "apps/bundle/path.h"
#include "crypto/random.h"

enum {
    FOLDER_MODE = 0755,
    FILE_MODE = 0644,
    RANDOM_BYTES = 8,
    TMP_NAME_SIZE = HEX_SIZE(DIGEST_BYTES) + HEX_SIZE(RANDOM_BYTES),
    FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
};

/* What the names of contents end in. */
#define LAYOUT ".2"
#define PACKED ".packed"

struct cachefolder_writer {
    struct digest digest;
    int root_fd;    /* owned */
    int tmp_fd;     /* owned: <root>/tmp */
    int content_fd; /* owned: <root>/tmp/<tmp_name> */
    char tmp_name[TMP_NAME_SIZE];
};

static enum err unwritable(struct fault *fault, const char *what)
{
    return fault_set(fault, ERR_STORAGE, "cache_unwritable", "The cache folder: cannot %s: %s.",
                     what, strerror(errno));
}

/* Below the root, a folder that was there a moment ago was deleted by somebody else. */
static enum err failed(struct fault *fault, const char *what)
{
    if (errno == ENOENT || errno == ESTALE) {
        return fault_set(fault, ERR_BUSY, "cache_vanished",
                         "The cache folder was deleted while it was written to.");
    }
    return unwritable(fault, what);
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void cachefolder_path(const char *root, const struct digest *digest,
                      char out_path[CACHEFOLDER_PATH_SIZE])
{
    char name[HEX_SIZE(DIGEST_BYTES)];
    hex_encode(digest->bytes, DIGEST_BYTES, name);
    str_print(out_path, CACHEFOLDER_PATH_SIZE, "%s/%s" LAYOUT, root, name);
}

bool cachefolder_has(const char *root, const struct digest *digest)
{
    char path[CACHEFOLDER_PATH_SIZE];
    struct stat status;
    cachefolder_path(root, digest, path);
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Deletes a file, or a folder with all that is in it; follows no link. */
static bool remove_tree(int parent_fd, const char *name)
{
    if (unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    int fd = openat(parent_fd, name, FOLDER_FLAGS);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL) {
        close_if_open(fd);
        return false;
    }
    bool is_empty = true;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            is_empty = remove_tree(fd, entry->d_name) && is_empty;
        }
    }
    closedir(folder);
    return is_empty && (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

/* ---- filling ---- */

static void tmp_name_make(const struct digest *digest, char out_name[TMP_NAME_SIZE])
{
    unsigned char random[RANDOM_BYTES];
    char digest_hex[HEX_SIZE(DIGEST_BYTES)];
    char random_hex[HEX_SIZE(RANDOM_BYTES)];
    random_bytes(random, sizeof(random));
    hex_encode(digest->bytes, DIGEST_BYTES, digest_hex);
    hex_encode(random, sizeof(random), random_hex);
    snprintf(out_name, TMP_NAME_SIZE, "%s.%s", digest_hex, random_hex);
}

/* Makes the folder unless it is there. umask does not count. -1 with errno on failure. */
static int folder_open(int parent_fd, const char *name)
{
    bool is_new = mkdirat(parent_fd, name, FOLDER_MODE) == 0;
    if (!is_new && errno != EEXIST) {
        return -1;
    }
    int fd = openat(parent_fd, name, FOLDER_FLAGS);
    if (fd >= 0 && is_new && fchmod(fd, FOLDER_MODE) != 0) {
        int fchmod_errno = errno;
        close(fd);
        errno = fchmod_errno;
        return -1;
    }
    return fd;
}

static void writer_free(struct cachefolder_writer *writer)
{
    close_if_open(writer->content_fd);
    close_if_open(writer->tmp_fd);
    close_if_open(writer->root_fd);
    free(writer);
}

enum err cachefolder_open(const char *root, const struct digest *digest,
                          struct cachefolder_writer **out_writer, struct fault *fault)
{
    struct cachefolder_writer *writer = malloc(sizeof(*writer));
    REQUIRE(writer != NULL);
    *writer = (struct cachefolder_writer){*digest, -1, -1, -1, ""};
    enum err err = ERR_OK;
    tmp_name_make(digest, writer->tmp_name);
    if (mkdir(root, FOLDER_MODE) != 0 && errno != EEXIST) {
        err = unwritable(fault, "make it");
        goto done;
    }
    writer->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (writer->root_fd < 0) {
        err = unwritable(fault, "open it");
        goto done;
    }
    writer->tmp_fd = folder_open(writer->root_fd, "tmp");
    if (writer->tmp_fd < 0) {
        err = failed(fault, "make the folder tmp in it");
        goto done;
    }
    writer->content_fd = folder_open(writer->tmp_fd, writer->tmp_name);
    if (writer->content_fd < 0) {
        err = failed(fault, "make a folder in it");
        goto done;
    }
    *out_writer = writer;
    writer = NULL; /* moved to the caller */
done:
    cachefolder_abort(writer);
    return err;
}

const char *cachefolder_part(struct str path)
{
    while (path.len > 0) {
        struct str name = str_cut(&path, '/');
        if (str_ends_with(name, STR(".gz")) || str_ends_with(name, STR(".br"))) {
            return "/" PACKED;
        }
    }
    return "";
}

/* Opens the folder of the file at path, making what is missing. out_name is the file's own name. */
static enum err parent_open(const struct cachefolder_writer *writer, struct str path, int *out_fd,
                            char out_name[PATH_NAME_BYTES_MAX + 1], struct fault *fault)
{
    int fd = cachefolder_part(path)[0] == '\0' ? fcntl(writer->content_fd, F_DUPFD_CLOEXEC, 0)
                                               : folder_open(writer->content_fd, PACKED);
    while (fd >= 0) {
        bool is_last = str_find(path, '/') == path.len;
        REQUIRE(str_to_cstr(str_cut(&path, '/'), out_name, PATH_NAME_BYTES_MAX + 1));
        if (is_last) {
            *out_fd = fd;
            return ERR_OK;
        }
        int child_fd = folder_open(fd, out_name);
        int open_errno = errno;
        close(fd);
        errno = open_errno;
        fd = child_fd;
    }
    return failed(fault, "make a folder in it");
}

static bool write_all(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t count = write(fd, bytes.ptr, bytes.len);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        bytes = str_skip(bytes, count < 0 ? 0 : (size_t)count);
    }
    return true;
}

static struct timespec content_time(const struct digest *digest)
{
    uint32_t seconds = 0;
    for (size_t i = 0; i < sizeof(seconds); i++) {
        seconds = seconds << 8 | digest->bytes[i];
    }
    return (struct timespec){.tv_sec = seconds >> 1};
}

/* Fills the open file and closes it. */
static bool file_fill(int fd, struct str bytes, const struct digest *digest)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, content_time(digest)};
    bool is_filled = write_all(fd, bytes) && fchmod(fd, FILE_MODE) == 0 && futimens(fd, times) == 0;
    int fill_errno = errno;
    bool is_closed = close(fd) == 0;
    errno = is_filled ? errno : fill_errno;
    return is_filled && is_closed;
}

enum { NEW_FILE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

static enum err file_write(int folder_fd, const char *name, struct str bytes,
                           const struct digest *digest, struct fault *fault)
{
    int fd = openat(folder_fd, name, NEW_FILE_FLAGS, FILE_MODE);
    if (fd < 0 || !file_fill(fd, bytes, digest)) {
        return failed(fault, "write a file in it");
    }
    return ERR_OK;
}

static enum err variant_write(int folder_fd, const char *name, const char *extension,
                              struct str bytes, struct fault *fault)
{
    char variant_name[PATH_NAME_BYTES_MAX + 8];
    if (bytes.ptr == NULL) {
        return ERR_OK;
    }
    snprintf(variant_name, sizeof(variant_name), "%s%s", name, extension);
    int fd = openat(folder_fd, variant_name, NEW_FILE_FLAGS, FILE_MODE);
    struct digest digest = digest_of(bytes);
    if (fd < 0 || !file_fill(fd, bytes, &digest)) {
        return failed(fault, "write a file in it");
    }
    return ERR_OK;
}

enum err cachefolder_add(struct cachefolder_writer *writer, const struct bundle_file *file,
                         struct fault *fault)
{
    char name[PATH_NAME_BYTES_MAX + 1];
    int folder_fd = -1;
    enum err err = path_check(file->path, fault);
    if (err) {
        return err;
    }
    err = parent_open(writer, file->path, &folder_fd, name, fault);
    if (err) {
        return err;
    }
    err = file_write(folder_fd, name, file->bytes, &file->digest, fault);
    /* Beside files that are called like a variant there is none. */
    bool has_variants = cachefolder_part(file->path)[0] == '\0';
    if (!err && has_variants) {
        err = variant_write(folder_fd, name, ".gz", file->gzip, fault);
    }
    if (!err && has_variants) {
        err = variant_write(folder_fd, name, ".br", file->brotli, fault);
    }
    close(folder_fd);
    return err;
}

enum err cachefolder_commit(struct cachefolder_writer *writer, struct fault *fault)
{
    char name[HEX_SIZE(DIGEST_BYTES) + sizeof(LAYOUT)];
    enum err err = ERR_OK;
    hex_encode(writer->digest.bytes, DIGEST_BYTES, name);
    memcpy(name + 2 * DIGEST_BYTES, LAYOUT, sizeof(LAYOUT));
    /* Without this, files may be empty under their final name after a loss of power. */
    if (syncfs(writer->content_fd) != 0) {
        err = unwritable(fault, "flush it");
        goto done;
    }
    if (renameat(writer->tmp_fd, writer->tmp_name, writer->root_fd, name) != 0) {
        bool was_slower = errno == EEXIST || errno == ENOTEMPTY;
        err = was_slower ? ERR_OK : failed(fault, "rename a folder in it");
        goto done;
    }
    writer_free(writer);
    writer = NULL;
done:
    cachefolder_abort(writer);
    return err;
}

void cachefolder_abort(struct cachefolder_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->content_fd >= 0) {
        remove_tree(writer->tmp_fd, writer->tmp_name); /* what stays is for cachefolder_sweep() */
    }
    writer_free(writer);
}

/* ---- tidying ---- */

static bool is_abandoned(int tmp_fd, const char *name)
{
    struct stat status;
    return fstatat(tmp_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           status.st_mtim.tv_sec + CACHEFOLDER_TMP_MAX_AGE_S < clock_now_ms() / 1000;
}

static bool sweep_tmp(int tmp_fd)
{
    bool is_swept = true;
    int fd = fcntl(tmp_fd, F_DUPFD_CLOEXEC, 0);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL) {
        close_if_open(fd);
        return false;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] != '.' && is_abandoned(tmp_fd, entry->d_name)) {
            is_swept = remove_tree(tmp_fd, entry->d_name) && is_swept;
        }
    }
    closedir(folder);
    return is_swept;
}

/* Takes the content's name away first: nobody finds half of it. */
static bool content_remove(int root_fd, int tmp_fd, const char *name, const struct digest *digest)
{
    char tmp_name[TMP_NAME_SIZE];
    tmp_name_make(digest, tmp_name);
    if (renameat(root_fd, name, tmp_fd, tmp_name) != 0) {
        return errno == ENOENT;
    }
    return remove_tree(tmp_fd, tmp_name);
}

enum err cachefolder_sweep(const char *root,
                           bool (*is_wanted)(void *context, const struct digest *digest),
                           void *context, struct fault *fault)
{
    enum err err = ERR_OK;
    int tmp_fd = -1;
    DIR *folder = opendir(root);
    if (folder == NULL) {
        return errno == ENOENT ? ERR_OK : unwritable(fault, "open it");
    }
    tmp_fd = folder_open(dirfd(folder), "tmp");
    if (tmp_fd < 0) {
        err = failed(fault, "make the folder tmp in it");
        goto done;
    }
    bool is_swept = sweep_tmp(tmp_fd);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct digest digest;
        struct str layout = str_from(entry->d_name);
        struct str hex = str_cut(&layout, '.');
        if (hex_decode(hex, digest.bytes, DIGEST_BYTES) &&
            (!str_equal(layout, STR("2")) || !is_wanted(context, &digest))) {
            is_swept = content_remove(dirfd(folder), tmp_fd, entry->d_name, &digest) && is_swept;
        }
    }
    if (!is_swept) {
        err = fault_set(fault, ERR_STORAGE, "cache_unwritable",
                        "The cache folder: something in it could not be deleted.");
    }
done:
    close_if_open(tmp_fd);
    closedir(folder);
    return err;
}
