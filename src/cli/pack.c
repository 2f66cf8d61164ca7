/*
 * Walks the folder in the order of names and writes it with libarchive. Owners, times and modes are
 * left out, so that an archive depends on the contents only.
 */
#include "cli/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/leftout.h"
#include "base/utf8locale.h"
#include "cli/output.h"

enum { FILE_MODE = 0644, DEPTH_MAX = 64 };

struct pack {
    struct archive *archive;
    char root[PATH_MAX]; /* real path of the folder */
    struct pack_result result;
};

static bool join(char out_path[PACK_PATH_MAX], const char *folder, const char *name)
{
    struct str path;
    return str_print_fits(out_path, PACK_PATH_MAX, &path, "%s%s%s", folder, folder[0] ? "/" : "",
                          name);
}

static enum exit_code cannot_read(const char *path)
{
    return output_fail(EXIT_LOCAL, "%s cannot be read: %s.", path, strerror(errno));
}

static enum exit_code cannot_write(const struct pack *pack)
{
    const char *reason = archive_error_string(pack->archive);
    return output_fail(EXIT_LOCAL, "The archive cannot be written to a temporary file: %s.",
                       reason ? reason : strerror(errno));
}

/* ---- one file ---- */

static enum exit_code write_content(struct pack *pack, int file, const char *path, int64_t size)
{
    char piece[64 * 1024];
    int64_t left = size;
    while (left > 0) {
        ssize_t count = read(file, piece, sizeof(piece));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return cannot_read(path);
        }
        if (count == 0 || count > left) {
            return output_fail(EXIT_LOCAL, "%s changed while it was read; try again.", path);
        }
        if (archive_write_data(pack->archive, piece, (size_t)count) != count) {
            return cannot_write(pack);
        }
        left -= count;
    }
    return EXIT_DONE;
}

static enum exit_code write_entry(struct pack *pack, int file, const char *path, const char *name,
                                  int64_t size)
{
    struct archive_entry *entry = archive_entry_new();
    REQUIRE(entry != NULL);
    archive_entry_set_pathname_utf8(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, FILE_MODE);
    archive_entry_set_size(entry, size);
    archive_entry_set_mtime(entry, 0, 0);
    locale_t previous = utf8locale_begin();
    int status = archive_write_header(pack->archive, entry);
    utf8locale_end(previous);
    archive_entry_free(entry);
    return status < ARCHIVE_WARN ? cannot_write(pack) : write_content(pack, file, path, size);
}

static enum exit_code pack_file(struct pack *pack, const char *path, const char *name)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return cannot_read(path);
    }
    enum exit_code code = EXIT_DONE;
    if (fstat(file, &status) != 0) {
        code = cannot_read(path);
    } else if (!S_ISREG(status.st_mode)) {
        code = output_fail(EXIT_LOCAL,
                           "%s is no regular file; only files and folders can be deployed.", path);
    } else if (!str_is_clean_utf8(str_from(name))) {
        code = output_fail(EXIT_LOCAL,
                           "The name of %s is not valid UTF-8, or has control characters.", path);
    } else {
        code = write_entry(pack, file, path, name, status.st_size);
    }
    close(file);
    pack->result.files += !code;
    return code;
}

/* ---- the folder ---- */

/* A link to a file inside of the folder is packed as that file; one that leads outside could
 * publish anything, and one to a folder could go round in circles. */
static enum exit_code check_link(const struct pack *pack, const char *path)
{
    char server[PATH_MAX];
    struct stat status;
    size_t root_len = strlen(pack->root);
    if (realpath(path, server) == NULL || stat(server, &status) != 0) {
        return output_fail(EXIT_LOCAL, "%s is a link to nothing.", path);
    }
    if (strncmp(server, pack->root, root_len) != 0 || server[root_len] != '/' ||
        !S_ISREG(status.st_mode) || leftout_path(str_from(server + root_len + 1))) {
        return output_fail(
            EXIT_LOCAL,
            "%s is a link to %s. Only links to files inside of the folder can be deployed; "
            "copy what it leads to.",
            path, server);
    }
    return EXIT_DONE;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum exit_code pack_folder_at(struct pack *pack, const char *path, const char *name,
                                     int depth);

static enum exit_code pack_any(struct pack *pack, const char *path, const char *name, int depth)
{
    struct stat status;
    if (lstat(path, &status) != 0) {
        return cannot_read(path);
    }
    if (S_ISDIR(status.st_mode)) {
        return pack_folder_at(pack, path, name, depth + 1);
    }
    enum exit_code code = S_ISLNK(status.st_mode) ? check_link(pack, path) : EXIT_DONE;
    return code ? code : pack_file(pack, path, name);
}

static enum exit_code pack_named(struct pack *pack, const char *folder, const char *prefix,
                                 const char *name, int depth)
{
    char path[PACK_PATH_MAX];
    char inside[PACK_PATH_MAX];
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return EXIT_DONE;
    }
    if (!join(path, folder, name) || !join(inside, prefix, name)) {
        return output_fail(EXIT_LOCAL, "A path in %s is too long.", folder);
    }
    if (leftout_name(str_from(name), prefix[0] == '\0')) {
        if (pack->result.skipped++ == 0) {
            snprintf(pack->result.skipped_first, sizeof(pack->result.skipped_first), "%s", name);
        }
        return EXIT_DONE;
    }
    return pack_any(pack, path, inside, depth);
}

static enum exit_code pack_folder_at(struct pack *pack, const char *path, const char *name,
                                     int depth)
{
    struct dirent **entries = NULL;
    enum exit_code code = EXIT_DONE;
    if (depth > DEPTH_MAX) {
        return output_fail(EXIT_LOCAL, "%s is more than %d folders deep.", path, DEPTH_MAX);
    }
    int count = scandir(path, &entries, NULL, by_name);
    if (count < 0) {
        return cannot_read(path);
    }
    for (int i = 0; i < count; i++) {
        if (!code) {
            code = pack_named(pack, path, name, entries[i]->d_name, depth);
        }
        free(entries[i]);
    }
    free((void *)entries);
    return code;
}

/* A folder without an index.html is mostly the project instead of what its build made. */
static enum exit_code check_index(const char *folder)
{
    static const char *const usual[] = {"dist", "build", "out", "public", "www", "_site"};
    char path[PACK_PATH_MAX];
    struct stat status;
    if (join(path, folder, "index.html") && stat(path, &status) == 0) {
        return EXIT_DONE;
    }
    for (size_t i = 0; i < COUNT_OF(usual); i++) {
        char below[PACK_PATH_MAX];
        if (join(below, folder, usual[i]) && join(path, below, "index.html") &&
            stat(path, &status) == 0) {
            return output_fail(EXIT_LOCAL, "%s has no index.html. Did you mean %s?", folder, below);
        }
    }
    return output_fail(
        EXIT_LOCAL,
        "%s has no index.html. Name the folder that the build of the app writes, like "
        "dist.",
        folder);
}

enum exit_code pack_folder(const char *folder, int file, struct pack_result *out_result)
{
    struct pack pack = {.result = {.files = 0}};
    enum exit_code code = check_index(folder);
    if (code) {
        return code;
    }
    if (realpath(folder, pack.root) == NULL) {
        return cannot_read(folder);
    }
    pack.archive = archive_write_new();
    REQUIRE(pack.archive != NULL);
    if (archive_write_add_filter_gzip(pack.archive) != ARCHIVE_OK ||
        archive_write_set_options(pack.archive, "gzip:!timestamp") != ARCHIVE_OK ||
        archive_write_set_format_pax_restricted(pack.archive) != ARCHIVE_OK ||
        archive_write_set_options(pack.archive, "hdrcharset=UTF-8") != ARCHIVE_OK ||
        archive_write_open_fd(pack.archive, file) != ARCHIVE_OK) {
        code = cannot_write(&pack);
    } else {
        code = pack_folder_at(&pack, folder, "", 0);
    }
    if (!code && archive_write_close(pack.archive) != ARCHIVE_OK) {
        code = cannot_write(&pack);
    }
    archive_write_free(pack.archive);
    if (!code) {
        *out_result = pack.result;
    }
    return code;
}
