#include "model/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "model/event.h"
#include "model/signingkey.h"
#include "model/token.h"
#include "model/workspace.h"
#include "crypto/random.h"
#include "crypto/secret.h"

static enum err make_instance(struct work *work)
{
    unsigned char key[DIGEST_BYTES];
    struct workspace workspace;
    random_bytes(key, sizeof(key));
    enum err err = store_run(
        work->store, SQL_INSTANCE_INSERT,
        SQL_ARGS(sql_blob((struct str){(const char *)key, sizeof(key)}), sql_int(work->now_ms)),
        NULL);
    return err ? work_store_fault(work, err) : workspace_create(work, STR("default"), &workspace);
}

/* The token file is written complete under another name, and renamed when the database has the
 * token: so that nobody reads half a token, or one that there is not. */
enum { PART_PATH_MAX = SETTINGS_PATH_MAX + 32 };

static void token_file_part(const char *path, char out_part[PART_PATH_MAX])
{
    snprintf(out_part, PART_PATH_MAX, "%s.%d.part", path, (int)getpid());
}

static enum err token_file_fail(const char *path, int reason, struct fault *fault)
{
    return fault_set(fault, ERR_STORAGE, "token_file", "Cannot write %.200s: %s.", path,
                     strerror(reason));
}

static enum err token_file_write(const char *path, struct str token, struct fault *fault)
{
    char part[PART_PATH_MAX];
    token_file_part(path, part);
    unlink(part);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, token.ptr, token.len) == (ssize_t)token.len &&
                   write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0) {
        close(fd);
    }
    return written ? ERR_OK : token_file_fail(path, reason, fault);
}

static enum err token_file_publish(const char *path, struct fault *fault)
{
    char part[PART_PATH_MAX];
    token_file_part(path, part);
    return rename(part, path) == 0 ? ERR_OK : token_file_fail(path, errno, fault);
}

static void token_file_discard(const char *path)
{
    char part[PART_PATH_MAX];
    token_file_part(path, part);
    unlink(part);
}

static enum err make_admin_token(struct work *work, const char *path)
{
    struct token_new new_token = {
        .workspace_id = work->instance->workspace_id,
        .name = STR("admin"),
        .description = STR("Made at the first start; kept in the data folder."),
        .scopes = STR("admin"),
    };
    struct token token;
    struct secret secret;
    enum err err = token_create(work, &new_token, &token, &secret);
    if (!err) {
        err = token_file_write(path, secret_str(&secret), work->fault);
        secret_done(&secret);
    }
    return err;
}

static enum err setup_in_transaction(struct work *work, struct instance *instance,
                                     struct setup_result *result)
{
    enum err err = work_store_fault(work, instance_load(instance, work->store));
    if (err == ERR_NOT_FOUND) {
        err = make_instance(work);
        if (!err) {
            err = work_store_fault(work, instance_load(instance, work->store));
        }
    }
    work->workspace_id = instance->workspace_id;
    if (!err) {
        err = signingkey_ensure(work);
    }
    if (!err && token_from_environment().len == 0 &&
        faccessat(AT_FDCWD, result->admin_token_path, F_OK, 0) != 0) {
        err = make_admin_token(work, result->admin_token_path);
        result->made_admin_token = err == ERR_OK;
    }
    bool is_missing = false;
    if (!err) {
        err = admin_is_missing(work, &is_missing);
    }
    return err || !is_missing ? err : admin_link_make(work, NULL, result->setup_url);
}

enum err setup_instance(const struct settings *settings, struct setup_result *out_result,
                        struct fault *fault)
{
    struct setup_result result = {0};
    struct instance instance = {.settings = settings};
    struct arena arena = ARENA_NONE;
    struct store *store = NULL;
    char database[SETTINGS_PATH_MAX];
    if (!settings_data_path(settings, "inlay.db", database) ||
        !settings_data_path(settings, "admin-token", result.admin_token_path)) {
        return fault_member(fault, ERR_INVALID, "path_too_long", "data",
                            "The path of the data folder is too long.");
    }
    enum err err = store_open(database, STORE_CREATE, &store, fault);
    if (err) {
        return err;
    }
    struct work work = {
        .store = store,
        .arena = &arena,
        .instance = &instance,
        .fault = fault,
        .now_ms = clock_now_ms(),
        .actor = {.kind = ACTOR_SYSTEM, .name = STR("setup")},
    };
    err = store_begin(store);
    if (err) {
        work_store_fault(&work, err);
        goto done;
    }
    err = setup_in_transaction(&work, &instance, &result);
    if (err) {
        store_rollback(store);
        goto done;
    }
    err = work_store_fault(&work, store_commit(store));
    if (!err && result.made_admin_token) {
        err = token_file_publish(result.admin_token_path, fault);
    }
done:
    if (err) {
        token_file_discard(result.admin_token_path);
    } else {
        if (token_from_environment().len > 0) {
            result.admin_token_path[0] = '\0';
        }
        *out_result = result;
    }
    arena_done(&arena);
    store_close(store);
    return err;
}
