/*
 * inlay backup: a consistent copy of the database while the server runs.
 */
#include <sys/stat.h>

#include "cli/commands.h"
#include "serve/datafolder.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "store/store.h"

static void on_progress(void *arg, int done, int total)
{
    progress_set(arg, done, total);
}

static enum exit_code backup(const struct invocation *invocation)
{
    const char *copy = invocation->arguments[0];
    struct loaded_settings loaded;
    struct stat status;
    struct fault fault;
    char database[SETTINGS_PATH_MAX];
    if (settings_load(&invocation->settings, &loaded, &fault)) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    if (!settings_data_path(&loaded.settings, "inlay.db", database)) {
        return output_fail(EXIT_LOCAL, "The path of the data folder is too long.");
    }
    if (stat(database, &status) != 0) {
        return output_fail(EXIT_LOCAL, "There is no database %s; name its folder with --data.",
                           database);
    }
    struct progress progress = progress_start("Copying", false, true);
    enum err err = store_backup(database, copy, on_progress, &progress, &fault);
    progress_end(&progress);
    if (err) {
        return output_fail_fault(EXIT_LOCAL, &fault);
    }
    char size[16];
    output_bytes(stat(copy, &status) == 0 ? status.st_size : 0, size);
    printf("Copied %s to %s (%s).\n", database, copy, size);
    printf("To restore it, stop the server and put it into a data folder as inlay.db, without the "
           "inlay.db-wal\nand inlay.db-shm of another one. Keep it as safe as the original.\n");
    return EXIT_DONE;
}

static const struct command commands[] = {
    {.kind = COMMAND_SETTINGS,
     .setting = "data",
     .run = backup,
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .summary = "Back up the database while the server is running.",
     .notes = "The copy is everything there is: apps, users, links, sessions and the audit log "
              "at one moment.",
     .examples = "inlay backup inlay-backup.db\n"
                 "inlay backup /backup/inlay.db --data /srv/inlay/data"},
};

const struct family backup_family = {"backup", "Back up the database while the server is running.",
                                     commands, COUNT_OF(commands)};
