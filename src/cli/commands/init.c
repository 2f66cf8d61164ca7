/*
 * inlay init: a commented inlay.yaml, the data folder, and the first API token.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "config/reference.h"
#include "model/setup.h"
#include "serve/datafolder.h"
#include "serve/preflight.h"

static enum exit_code write_settings(const char *path)
{
    struct buf text = buf_make(REFERENCE_MAX_BYTES);
    reference_write_file(&text);
    REQUIRE(buf_is_ok(&text));
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    enum exit_code code = EXIT_DONE;
    if (file < 0 && errno == EEXIST) {
        code = output_fail(EXIT_LOCAL, "%s exists already; nothing was changed.", path);
    } else if (file < 0 || write(file, text.ptr, text.len) != (ssize_t)text.len) {
        code = output_fail(EXIT_LOCAL, "%s cannot be written: %s.", path, strerror(errno));
    }
    if (file >= 0) {
        close(file);
    }
    buf_done(&text);
    return code;
}

/* The data folder and the token, as the file that was just written says. */
static enum err set_up(const char *config, struct loaded_settings *loaded,
                       struct setup_result *result, struct fault *fault)
{
    struct setting_flags flags = {.config = config};
    struct data_owner owner;
    int lock = -1;
    enum err err = settings_load(&flags, loaded, fault);
    if (!err) {
        err = preflight_token(fault);
    }
    if (!err) {
        err = datafolder_make(&loaded->settings, fault);
    }
    if (!err) {
        err = datafolder_owner_become(&loaded->settings, &owner, fault);
    }
    if (err) {
        return err;
    }
    err = datafolder_lock(&loaded->settings, &lock, fault);
    if (!err) {
        err = setup_instance(&loaded->settings, result, fault);
        close(lock);
    }
    datafolder_owner_leave(&owner);
    return err;
}

static enum exit_code init(const struct invocation *invocation)
{
    const char *folder = invocation->argument_count > 0 ? invocation->arguments[0] : ".";
    bool is_here = strcmp(folder, ".") == 0;
    char config[SETTINGS_PATH_MAX];
    struct loaded_settings loaded;
    struct setup_result result;
    struct fault fault;
    struct str path;
    if (!str_print_fits(config, sizeof(config), &path, "%s%s%s", is_here ? "" : folder,
                        is_here ? "" : "/", CONFIG_FILE_NAME)) {
        return output_fail(EXIT_USAGE, "The path of the folder is too long.");
    }
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        return output_fail(EXIT_LOCAL, "The folder %s cannot be made: %s.", folder,
                           strerror(errno));
    }
    enum exit_code code = write_settings(config);
    if (code) {
        return code;
    }
    if (set_up(config, &loaded, &result, &fault)) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    printf("Settings:   %s\n", config);
    printf("Data:       %s\n", loaded.settings.data);
    if (result.admin_token_path[0] != '\0') {
        printf("API token:  %s\n", result.admin_token_path);
    }
    printf("\nStart it with: inlay serve%s%s\n", is_here ? "" : " --config ",
           is_here ? "" : config);
    return EXIT_DONE;
}

static const struct command commands[] = {
    {.kind = COMMAND_PLAIN,
     .run = init,
     .arguments = "[DIR]",
     .arguments_min = 0,
     .arguments_max = 1,
     .summary = "Create a commented inlay.yaml and the data directory.",
     .notes = "DIR is made if it does not exist; without it everything goes here. An inlay.yaml "
              "that exists is left alone.",
     .examples = "inlay init\ninlay init /srv/inlay"},
};

const struct family init_family = {"init", "Create a commented inlay.yaml and the data directory.",
                                   commands, COUNT_OF(commands)};
