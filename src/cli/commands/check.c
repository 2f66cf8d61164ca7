/*
 * inlay check: everything that would keep a server from starting or working, all at once.
 */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/option.h"
#include "config/nearest.h"
#include "serve/datafolder.h"
#include "serve/nginx.h"
#include "serve/preflight.h"
#include "store/store.h"

struct check {
    bool prints_json;
    json_t *problems; /* owned */
    int64_t running;  /* the process of a server that runs with this data folder, 0 if none */
};

static void report(void *arg, const struct fault *fault)
{
    struct check *check = arg;
    json_t *problem = json_pack("{s:s*, s:s}", "setting", fault->member[0] ? fault->member : NULL,
                                "message", fault->message);
    REQUIRE(problem != NULL && json_array_append_new(check->problems, problem) == 0);
    if (!check->prints_json) {
        printf("- %s\n", fault->message);
    }
}

static void report_if(struct check *check, enum err err, const struct fault *fault)
{
    if (err) {
        report(check, fault);
    }
}

/* A mistyped variable would otherwise be ignored without a word. */
static void check_variables(struct check *check)
{
    static const char *const others[] = {"INLAY_API_TOKEN", "INLAY_TOKEN", "INLAY_URL"};
    static const char prefix[] = "INLAY_";
    for (char **entry = environ; *entry != NULL; entry++) {
        struct str rest = str_from(*entry);
        struct str name = str_cut(&rest, '=');
        struct nearest nearest = nearest_start(name);
        char names[SETTINGS_COUNT_MAX][SETTING_NAME_MAX];
        bool is_known = !str_starts_with(name, str_from(prefix));
        for (size_t i = 0; i < settings_count; i++) {
            setting_variable_name(&settings_table[i], names[i]);
            is_known = is_known || str_equal(name, str_from(names[i]));
            nearest_offer(&nearest, names[i]);
        }
        for (size_t i = 0; i < COUNT_OF(others); i++) {
            is_known = is_known || str_equal(name, str_from(others[i]));
            nearest_offer(&nearest, others[i]);
        }
        if (!is_known) {
            struct fault fault;
            (void)fault_set(&fault, ERR_INVALID, "variable_unknown",
                            "The variable %.*s means nothing to Inlay%s%s%s",
                            name.len > 60 ? 60 : (int)name.len, name.ptr,
                            nearest.word ? "; did you mean " : "", nearest.word ? nearest.word : "",
                            nearest.word ? "?" : ".");
            report(check, &fault);
        }
    }
}

static void check_listen(struct check *check, const struct settings *settings)
{
    struct fault fault;
    for (size_t i = 0; check->running == 0 && i < settings->listen.count; i++) {
        report_if(check, preflight_listen(&settings->listen.items[i], &fault), &fault);
    }
}

static void check_tls(struct check *check, const struct settings *settings)
{
    struct fault fault;
    enum err err = preflight_tls(settings, &fault);
    report_if(check, err, &fault);
    if (!err) {
        preflight_certificate(settings, report, check);
    }
}

static void check_database(struct check *check, const struct settings *settings)
{
    char database[SETTINGS_PATH_MAX];
    struct stat status;
    struct fault fault;
    if (settings_data_path(settings, "inlay.db", database) && stat(database, &status) == 0) {
        report_if(check, store_check(database, &fault), &fault);
    }
}

/* A path that nginx can't be given. Only where the data folder exists already. */
static void check_conf(struct check *check, struct settings settings,
                       const struct nginx_paths *paths)
{
    struct buf text = buf_make(NGINX_CONF_MAX_BYTES);
    struct fault fault;
    if (!datafolder_resolve(&settings, &fault)) {
        report_if(check, nginx_conf_render(&settings, paths, &text, &fault), &fault);
    }
    buf_done(&text);
}

static void check_machine(struct check *check, const struct settings *settings)
{
    struct nginx_paths paths;
    struct fault fault;
    report_if(check, preflight_token(&fault), &fault);
    enum err err = nginx_find(settings, &paths, &fault);
    report_if(check, err, &fault);
    if (!err) {
        check_conf(check, *settings, &paths);
    }
    err = datafolder_look(settings, &fault);
    report_if(check, err, &fault);
    check->running = err ? 0 : datafolder_user(settings);
    check_listen(check, settings);
    check_tls(check, settings);
    if (!err) {
        check_database(check, settings);
    }
}

static void say_result(const struct check *check, const struct loaded_settings *loaded)
{
    const struct settings *settings = &loaded->settings;
    size_t count = json_array_size(check->problems);
    if (check->prints_json) {
        (void)json_dumpf(check->problems, stdout, JSON_INDENT(2));
        putchar('\n');
        return;
    }
    if (count > 0) {
        printf("%zu problem%s. ", count, count == 1 ? "" : "s");
        printf("Settings were read from %s%sthe environment and the flags.\n", loaded->file,
               loaded->file[0] ? ", " : "");
        return;
    }
    printf("Everything is fine: %s, apps on %s, data in %s.\n", settings->public_url.text,
           settings->app_url.text, settings->data);
    if (check->running > 0) {
        printf("A server is running there, process %lld.\n", (long long)check->running);
    }
}

static enum exit_code run_check(const struct invocation *invocation)
{
    struct loaded_settings loaded;
    struct check check = {.prints_json = option_given(invocation, "--json"),
                          .problems = json_array()};
    REQUIRE(check.problems != NULL);
    size_t wrong = settings_load_all(&invocation->settings, &loaded, report, &check);
    check_variables(&check);
    if (wrong == 0) {
        check_machine(&check, &loaded.settings);
    }
    say_result(&check, &loaded);
    enum exit_code code = json_array_size(check.problems) == 0 ? EXIT_DONE : EXIT_LOCAL;
    json_decref(check.problems);
    return code;
}

static const struct option options[] = {
    {.name = "--json", .help = "Print the problems as a JSON array of {setting, message}."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.kind = COMMAND_SETTINGS,
     .run = run_check,
     .arguments = "",
     .summary = "Check the configuration and this machine for problems.",
     .notes = "Starts and changes nothing. Looks at the settings, the data folder, the database, "
              "the certificate, the ports and the programs, and exits with 0 or 6.",
     .options = options,
     .examples = "inlay check\ninlay check --config /etc/inlay/inlay.yaml --json"},
};

const struct family check_family = {"check",
                                    "Check the configuration and this machine for problems.",
                                    commands, COUNT_OF(commands)};
