/*
 * inlay app deploy
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/pack.h"
#include "cli/progress.h"
#include "cli/resolve.h"
#include "cli/url.h"

struct bundle {
    int file; /* owned; -1 for none */
    const char *name;
    const char *content_type;
};

/* ---- what to upload ---- */

/* Unlinked at once: nothing is left behind, however this ends. */
static int temporary_file(void)
{
    const char *place = getenv("TMPDIR");
    char path[PACK_PATH_MAX];
    struct str text;
    bool fits = str_print_fits(path, sizeof(path), &text, "%s/inlay-deploy-XXXXXX",
                               place != NULL && place[0] != '\0' ? place : "/tmp");
    int file = fits ? mkostemp(path, O_CLOEXEC) : -1;
    if (file >= 0) {
        unlink(path);
    }
    return file;
}

static enum exit_code pack(const char *folder, struct bundle *bundle)
{
    struct pack_result result;
    bundle->content_type = "application/gzip";
    bundle->file = temporary_file();
    if (bundle->file < 0) {
        return output_fail(EXIT_LOCAL,
                           "A temporary file cannot be made: %s. TMPDIR names the folder.",
                           strerror(errno));
    }
    enum exit_code code = pack_folder(folder, bundle->file, &result);
    if (!code && result.skipped > 0) {
        output_note("Left behind: %s%s.", result.skipped_first,
                    result.skipped > 1 ? " and others that are not for the web" : "");
    }
    return code;
}

/* By the first bytes, whatever the name: gzip (RFC 1952 2.3.1) or zip (APPNOTE 4.3.7). */
static enum exit_code open_archive(const char *path, struct bundle *bundle)
{
    unsigned char magic[2] = {0, 0};
    bundle->file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = bundle->file < 0 ? -1 : read(bundle->file, magic, sizeof(magic));
    if (count < 0) {
        return output_fail(EXIT_LOCAL, "%s cannot be read: %s.", path, strerror(errno));
    }
    if (magic[0] == 0x1f && magic[1] == 0x8b) {
        bundle->content_type = "application/gzip";
    } else if (magic[0] == 'P' && magic[1] == 'K') {
        bundle->content_type = "application/zip";
    } else {
        return output_fail(EXIT_LOCAL, "%s is neither a folder nor a .tar.gz or .zip archive.",
                           path);
    }
    return EXIT_DONE;
}

static enum exit_code open_bundle(const char *path, struct bundle *bundle)
{
    struct stat status;
    char folder[PACK_PATH_MAX];
    if (stat(path, &status) != 0) {
        return output_fail(EXIT_LOCAL, "%s cannot be deployed: %s.", path, strerror(errno));
    }
    if (!S_ISDIR(status.st_mode)) {
        return open_archive(path, bundle);
    }
    if (!str_to_cstr(str_from(path), folder, sizeof(folder))) {
        return output_fail(EXIT_USAGE, "The path of the folder is too long.");
    }
    for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/'; len--) {
        folder[len - 1] = '\0'; /* "dist/" reads better as "dist" in messages */
    }
    return pack(folder, bundle);
}

/* ---- sending it ---- */

static void on_progress(void *arg, int64_t done, int64_t total)
{
    progress_set(arg, done, total);
}

/* Before anything is said about the answer. */
static void on_upload_end(void *arg)
{
    progress_end(arg);
}

static void say_result(const struct client *client, const struct invocation *invocation,
                       const json_t *result)
{
    char bytes[16];
    const char *branch = option_value(invocation, "--branch");
    json_int_t files = json_integer_value(json_object_get(result, "files"));
    output_bytes(json_integer_value(json_object_get(result, "bytes")), bytes);
    output_say(client, "Deployed %s %s%s: %" JSON_INTEGER_FORMAT " file%s, %s. %s",
               invocation->arguments[0], branch ? "branch " : "",
               branch ? branch : option_value(invocation, "--version"), files,
               files == 1 ? "" : "s", bytes,
               branch ? "Links with this branch show it." : "It is current now.");
}

static enum exit_code upload(const struct invocation *invocation, struct client *client,
                             const struct bundle *bundle)
{
    char app[APP_WORD_SIZE];
    struct answer answer = ANSWER_NONE;
    enum exit_code code = resolve_app_word(client, invocation->arguments[0], app);
    if (code) {
        return code;
    }
    struct buf path = url_path("/api/v1/apps/{}/releases", app);
    url_add_query(&path, "version", option_value(invocation, "--version"));
    url_add_query(&path, "branch", option_value(invocation, "--branch"));
    struct progress progress = progress_start("Uploading", true, !client_prints_json(client));
    struct upload upload = {.file = bundle->file,
                            .name = bundle->name,
                            .content_type = bundle->content_type,
                            .on_progress = on_progress,
                            .arg = &progress,
                            .on_end = on_upload_end};
    code = client_upload(client, &path, &upload, &answer);
    if (!code && client_prints_json(client)) {
        output_answer(client, &answer, NULL, 0);
    } else if (!code) {
        say_result(client, invocation, answer.json);
    }
    client_answer_done(&answer);
    buf_done(&path);
    return code;
}

enum exit_code deploy_call(const struct invocation *invocation, struct client *client)
{
    struct bundle bundle = {.file = -1, .name = invocation->arguments[1]};
    if (option_given(invocation, "--version") == option_given(invocation, "--branch")) {
        return output_fail(EXIT_USAGE, "Say what to make of it: --version 1.0.0 for a release, or "
                                       "--branch NAME.");
    }
    enum exit_code code = open_bundle(invocation->arguments[1], &bundle);
    if (!code) {
        code = upload(invocation, client, &bundle);
    }
    if (bundle.file >= 0) {
        close(bundle.file);
    }
    return code;
}

const struct option deploy_options[] = {
    {.name = "--version",
     .value = "VERSION",
     .help = "Make a release of this semantic version, which becomes current."},
    {.name = "--branch", .value = "NAME", .help = "Make or move this branch."},
    {.name = NULL},
};
