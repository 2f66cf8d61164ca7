/*
 * inlay check: everything that would keep a server from starting or working, all at once.
 */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/option.h"
#include "base/limits.h"
#include "base/suffix.h"
#include "config/nearest.h"
#include "serve/datafolder.h"
#include "serve/nginx.h"
#include "serve/preflight.h"
#include "store/store.h"

struct check {
    bool prints_json;
    json_t *findings; /* owned: problems and warnings */
    size_t problems;
    int64_t running; /* the process of a server that runs with this data folder, 0 if none */
};

static void add_finding(struct check *check, const char *severity, const struct fault *fault)
{
    json_t *finding = json_pack("{s:s, s:s*, s:s}", "severity", severity, "setting",
                                fault->member[0] ? fault->member : NULL, "message", fault->message);
    REQUIRE(finding != NULL && json_array_append_new(check->findings, finding) == 0);
}

static void report(void *arg, const struct fault *fault)
{
    struct check *check = arg;
    check->problems++;
    add_finding(check, "problem", fault);
    if (!check->prints_json) {
        printf("- %s\n", fault->message);
    }
}

static void warn(struct check *check, const struct fault *fault)
{
    add_finding(check, "warning", fault);
    if (!check->prints_json) {
        printf("Warning: %s\n", fault->message);
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

/* Apps can set cookies for the whole of their registrable domain. */
static void check_shared_domain(struct check *check, const struct settings *settings,
                                const char *whose, const char *url, const char *host)
{
    struct fault fault;
    if (suffix_share_domain(settings->app_url.origin.host, host)) {
        (void)fault_member(&fault, ERR_INVALID, "domain_shared", "app_url",
                           "Apps (app_url %s) and %s %s share a registrable domain, so an app can "
                           "set cookies that reach it. Give app_url a domain of its own, and put "
                           "that on the Public Suffix List: see docs/production.md, \"Names\".",
                           settings->app_url.text, whose, url);
        warn(check, &fault);
    }
}

static void check_portals(struct check *check, const struct settings *settings, struct store *store)
{
    struct rows rows = store_query(store, SQL_PORTALS_OF_APPS, SQL_NO_ARGS);
    while (rows_next(&rows)) {
        struct str portals = rows_text(&rows, 1);
        while (portals.len > 0) {
            char text[ORIGIN_TEXT_SIZE];
            char whose[LIMIT_SLUG_BYTES + 32];
            struct origin origin;
            struct fault fault;
            struct str slug = rows_text(&rows, 0);
            snprintf(whose, sizeof(whose), "the portal of %.*s,", (int)slug.len, slug.ptr);
            if (str_to_cstr(str_cut(&portals, ' '), text, sizeof(text)) &&
                origin_parse(str_from(text), &origin, &fault) == ERR_OK) {
                check_shared_domain(check, settings, whose, text, origin.host);
            }
        }
    }
    struct fault fault;
    (void)fault_set(&fault, ERR_STORAGE, "store_unavailable", "The apps could not be read.");
    report_if(check, rows_end(&rows), &fault);
}

static void check_domains(struct check *check, const struct settings *settings)
{
    char database[SETTINGS_PATH_MAX];
    struct stat status;
    struct store *store = NULL;
    struct fault fault;
    check_shared_domain(check, settings, "the API and the console (public_url)",
                        settings->public_url.text, settings->public_url.origin.host);
    if (settings_data_path(settings, "inlay.db", database) && stat(database, &status) == 0 &&
        store_open(database, STORE_READ, &store, &fault) == ERR_OK) {
        check_portals(check, settings, store);
        store_close(store);
    }
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
    check_domains(check, settings);
}

static void say_result(const struct check *check, const struct loaded_settings *loaded)
{
    const struct settings *settings = &loaded->settings;
    size_t count = check->problems;
    if (check->prints_json) {
        (void)json_dumpf(check->findings, stdout, JSON_INDENT(2));
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
                          .findings = json_array()};
    REQUIRE(check.findings != NULL);
    size_t wrong = settings_load_all(&invocation->settings, &loaded, report, &check);
    check_variables(&check);
    if (wrong == 0) {
        check_machine(&check, &loaded.settings);
    }
    say_result(&check, &loaded);
    enum exit_code code = check.problems == 0 ? EXIT_DONE : EXIT_LOCAL;
    json_decref(check.findings);
    return code;
}

static const struct option options[] = {
    {.name = "--json",
     .help = "Print a JSON array of {severity, setting, message}; severity is problem or warning."},
    {.name = NULL},
};

static const struct command commands[] = {
    {.kind = COMMAND_SETTINGS,
     .run = run_check,
     .arguments = "",
     .summary = "Check the configuration and this machine for problems.",
     .notes = "Starts and changes nothing. Looks at the settings, the data folder, the database, "
              "the certificate, the ports and the programs, and exits with 6 if it finds a "
              "problem; warnings don't count.",
     .options = options,
     .examples = "inlay check\ninlay check --config /etc/inlay/inlay.yaml --json"},
};

const struct family check_family = {"check",
                                    "Check the configuration and this machine for problems.",
                                    commands, COUNT_OF(commands)};
