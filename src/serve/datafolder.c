#include "serve/datafolder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FOLDER_MODE = 0700,
    FOLDER_ABOVE_MODE = 0755,
    PROBE_BYTES = 4096,
    LOCK_TRIES_PER_S = 20,
    LOCK_EXTRA_S = 2, /* beyond shutdown_seconds */
};

/* ---- is it usable ---- */

static enum err explain(const char *path, int error, struct fault *fault)
{
    switch (error) {
    case ENOTDIR:
        return fault_member(fault, ERR_STORAGE, "data_unusable", "data",
                            "The data folder cannot be %s: a part of that path is a file.", path);
    case EACCES:
    case EPERM:
        return fault_member(fault, ERR_STORAGE, "data_unusable", "data",
                            "The data folder %s cannot be written: permission denied. Give this "
                            "user the right, or choose another folder with --data.",
                            path);
    case EROFS:
        return fault_member(fault, ERR_STORAGE, "data_unusable", "data",
                            "The data folder %s is on a file system that is read-only; choose "
                            "another one with --data.",
                            path);
    case ENOSPC:
    case EDQUOT:
        return fault_member(fault, ERR_STORAGE, "data_unusable", "data",
                            "The disk of the data folder %s is full: make room.", path);
    default:
        return fault_member(fault, ERR_STORAGE, "data_unusable", "data",
                            "The data folder %s cannot be used: %s.", path, strerror(error));
    }
}

/* Like mkdir -p. */
static int make_folders(const char *path)
{
    char part[SETTINGS_PATH_MAX];
    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, FOLDER_ABOVE_MODE) != 0 && errno != EEXIST) {
            return errno;
        }
        *slash = '/';
    }
    return mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST ? errno : 0;
}

/* Writing is the only proof: rights, quotas and read-only mounts all show up here. */
static int probe(const char *path)
{
    static const char bytes[PROBE_BYTES];
    int file = open(path, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    int error = 0;
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        return access(path, W_OK | X_OK) == 0 ? 0 : errno; /* a file system without O_TMPFILE */
    }
    if (file < 0 || write(file, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes)) {
        error = errno;
    }
    if (file >= 0) {
        close(file);
    }
    return error;
}

enum err datafolder_make(const struct settings *settings, struct fault *fault)
{
    int error = make_folders(settings->data);
    if (!error) {
        error = probe(settings->data);
    }
    return error ? explain(settings->data, error, fault) : ERR_OK;
}

/* The folder itself, or the nearest one above it that exists. */
static void nearest_existing(const char *path, char out_path[SETTINGS_PATH_MAX])
{
    struct stat status;
    snprintf(out_path, SETTINGS_PATH_MAX, "%s", path);
    while (stat(out_path, &status) != 0 && errno == ENOENT) {
        char *slash = strrchr(out_path, '/');
        if (slash == NULL || slash == out_path) {
            snprintf(out_path, SETTINGS_PATH_MAX, "%s", slash == NULL ? "." : "/");
            return;
        }
        *slash = '\0';
    }
}

enum err datafolder_look(const struct settings *settings, struct fault *fault)
{
    char path[SETTINGS_PATH_MAX];
    nearest_existing(settings->data, path);
    int error = probe(path);
    return error ? explain(settings->data, error, fault) : ERR_OK;
}

/* ---- who uses it ---- */

static int64_t read_pid(int file)
{
    char text[24];
    int64_t pid = 0;
    ssize_t len = pread(file, text, sizeof(text), 0);
    struct str rest = {text, len < 0 ? 0 : (size_t)len};
    return str_to_int64(str_cut(&rest, '\n'), 1, INT_MAX, &pid) ? pid : 0;
}

static bool is_alive(int64_t pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static enum err in_use(const struct settings *settings, int64_t pid, struct fault *fault)
{
    return fault_member(fault, ERR_BUSY, "data_in_use", "data",
                        "The data folder %s is in use: another inlay serve is running there, "
                        "process %lld. Stop it, or choose another folder with --data.",
                        settings->data, (long long)pid);
}

/* A server whose main process is gone lets go as soon as its requests have ended. One that was
 * killed a moment ago may still look alive. */
static bool wait_for_lock(const struct settings *settings, int file)
{
    int64_t tries = (settings->shutdown_seconds + LOCK_EXTRA_S) * LOCK_TRIES_PER_S;
    for (int64_t i = 0; i < tries; i++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        if (i >= LOCK_TRIES_PER_S && is_alive(read_pid(file))) {
            return false;
        }
        usleep(1000000 / LOCK_TRIES_PER_S);
    }
    return false;
}

enum err datafolder_lock(const struct settings *settings, int *out_lock, struct fault *fault)
{
    char path[SETTINGS_PATH_MAX];
    if (!settings_data_path(settings, "lock", path)) {
        return explain(settings->data, ENAMETOOLONG, fault);
    }
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return explain(settings->data, errno, fault);
    }
    if (!wait_for_lock(settings, file)) {
        int64_t pid = read_pid(file);
        close(file);
        return in_use(settings, pid, fault);
    }
    char text[24];
    struct str line = str_print(text, sizeof(text), "%lld\n", (long long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, line.ptr, line.len, 0) != (ssize_t)line.len) {
        int error = errno;
        close(file);
        return explain(settings->data, error, fault);
    }
    *out_lock = file;
    return ERR_OK;
}

int64_t datafolder_user(const struct settings *settings)
{
    char path[SETTINGS_PATH_MAX];
    int64_t pid = 0;
    int file = settings_data_path(settings, "lock", path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) {
        return 0;
    }
    if (flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        pid = read_pid(file);
    }
    close(file);
    return pid;
}

/* ---- absolute paths ---- */

static bool make_absolute(char path[SETTINGS_PATH_MAX])
{
    char folder[PATH_MAX];
    char absolute[SETTINGS_PATH_MAX];
    struct str text;
    if (path[0] == '\0' || path[0] == '/') {
        return true;
    }
    return getcwd(folder, sizeof(folder)) != NULL &&
           str_print_fits(absolute, sizeof(absolute), &text, "%s/%s", folder, path) &&
           str_to_cstr(text, path, SETTINGS_PATH_MAX);
}

enum err datafolder_resolve(struct settings *settings, struct fault *fault)
{
    char data[PATH_MAX];
    if (realpath(settings->data, data) == NULL) {
        return explain(settings->data, errno, fault);
    }
    if (!str_to_cstr(str_from(data), settings->data, sizeof(settings->data)) ||
        !make_absolute(settings->tls_certificate) || !make_absolute(settings->tls_key)) {
        return fault_set(fault, ERR_INVALID, "path_too_long",
                         "The path of the working directory is too long.");
    }
    return ERR_OK;
}

/* ---- its owner ---- */

enum err datafolder_owner_become(const struct settings *settings, struct data_owner *out_owner,
                                 struct fault *fault)
{
    struct stat status;
    if (stat(settings->data, &status) != 0) {
        return explain(settings->data, errno, fault);
    }
    struct data_owner owner = {.is_other = geteuid() == 0 && status.st_uid != 0};
    if (owner.is_other && (setegid(status.st_gid) != 0 || seteuid(status.st_uid) != 0)) {
        int error = errno;
        datafolder_owner_leave(&owner);
        return explain(settings->data, error, fault);
    }
    *out_owner = owner;
    return ERR_OK;
}

void datafolder_owner_leave(const struct data_owner *owner)
{
    if (owner->is_other) {
        REQUIRE(seteuid(0) == 0 && setegid(0) == 0);
    }
}
