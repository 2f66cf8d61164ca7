#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "config/load.h"

static char folder[64];
static char config[128];
static struct loaded_settings loaded;
static struct fault fault;
static struct setting_flags flags;

static int start(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/inlay-test-load-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(config, sizeof(config), "%s/inlay.yaml", folder);
    fault = (struct fault){.err = ERR_OK};
    flags = (struct setting_flags){.config = config};
    for (size_t i = 0; i < settings_count; i++) {
        char name[SETTING_NAME_MAX];
        setting_variable_name(&settings_table[i], name);
        unsetenv(name);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(config);
    rmdir(folder);
    return 0;
}

static void write_config(const char *text)
{
    FILE *file = fopen(config, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add_flag(const char *name, const char *value)
{
    flags.items[flags.count].setting = settings_find(str_from(name));
    flags.items[flags.count].value = value;
    flags.count++;
}

static struct setting_source source_of(const char *name)
{
    return loaded.sources[settings_find(str_from(name)) - settings_table];
}

static void assert_load_says(const char *message)
{
    assert_int_not_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_string_equal(fault.message, message);
}

static void flags_win_over_environment_over_file(void **state)
{
    (void)state;
    write_config("workers: 1\nmint_limit_per_minute: 1\nkeep_events_days: 1\n");
    setenv("INLAY_WORKERS", "2", 1);
    setenv("INLAY_MINT_LIMIT_PER_MINUTE", "2", 1);
    add_flag("workers", "3");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_int_equal(loaded.settings.workers, 3);
    assert_int_equal(loaded.settings.mint_limit_per_minute, 2);
    assert_int_equal(loaded.settings.keep_events_days, 1);
    assert_int_equal(source_of("workers").origin, SETTING_FROM_FLAG);
    assert_int_equal(source_of("mint_limit_per_minute").origin, SETTING_FROM_ENVIRONMENT);
    assert_int_equal(source_of("keep_events_days").origin, SETTING_FROM_FILE);
    assert_int_equal(source_of("keep_events_days").line, 3);
    assert_int_equal(source_of("data").origin, SETTING_FROM_DEFAULT);
    assert_string_equal(loaded.file, config);
}

static void empty_variables_count_as_not_set(void **state)
{
    (void)state;
    write_config("public_url: http://localhost:8080\n");
    setenv("INLAY_PUBLIC_URL", "", 1);
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_string_equal(loaded.settings.public_url.text, "http://localhost:8080");
}

static void paths_in_the_file_count_from_its_folder(void **state)
{
    (void)state;
    char wanted[SETTINGS_PATH_MAX];
    write_config("data: ./here\ntls_certificate: cert.pem\ntls_key: /abs/key.pem\n");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    snprintf(wanted, sizeof(wanted), "%s/./here", folder);
    assert_string_equal(loaded.settings.data, wanted);
    snprintf(wanted, sizeof(wanted), "%s/cert.pem", folder);
    assert_string_equal(loaded.settings.tls_certificate, wanted);
    assert_string_equal(loaded.settings.tls_key, "/abs/key.pem");
    add_flag("data", "./there");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_string_equal(loaded.settings.data, "./there");
}

static void lists_may_be_yaml_lists(void **state)
{
    (void)state;
    write_config("listen:\n  - 127.0.0.1:3000\n  - 127.0.0.1:3001\nmetrics_allow: []\n");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_int_equal(loaded.settings.listen.count, 2);
    assert_int_equal(loaded.settings.metrics_allow.count, 0);
}

static void messages_name_the_place_to_change(void **state)
{
    (void)state;
    char message[320];
    write_config("data: x\nworkers: many\n");
    snprintf(message, sizeof(message),
             "%s:2: workers must be a whole number from 0 to 512, not \"many\".", config);
    assert_load_says(message);
    write_config("data: x\npublic-url: y\n");
    snprintf(message, sizeof(message),
             "%s:2: There is no setting \"public-url\"; did you mean public_url?", config);
    assert_load_says(message);
    write_config("data: [x]\n");
    snprintf(message, sizeof(message), "%s:1: data is one value, not a list.", config);
    assert_load_says(message);
    write_config("");
    setenv("INLAY_LOG_LEVEL", "loud", 1);
    assert_load_says("INLAY_LOG_LEVEL: log_level must be notice, or warn, or "
                     "error, or crit, not \"loud\".");
    unsetenv("INLAY_LOG_LEVEL");
    add_flag("access_log", "perhaps");
    assert_load_says("--access-log: access_log must be on or off, not \"perhaps\".");
}

static void checks_across_settings_name_the_place_too(void **state)
{
    (void)state;
    write_config("session_default_minutes: 60\n");
    setenv("INLAY_PUBLIC_URL", "http://inlay.example.com", 1);
    setenv("INLAY_APP_URL", "https://*.apps.example.com", 1);
    assert_load_says("INLAY_PUBLIC_URL: public_url is http://inlay.example.com, but plain http "
                     "works on localhost only. Use https:// with tls_certificate and tls_key, or "
                     "behind a proxy that does TLS.");
}

static void count_problem(void *arg, const struct fault *problem)
{
    size_t *count = arg;
    assert_true(problem->err != ERR_OK);
    (*count)++;
}

static void every_wrong_value_is_reported(void **state)
{
    (void)state;
    size_t count = 0;
    write_config("workers: many\nbogus: 1\n");
    setenv("INLAY_BODY_MAX", "huge", 1);
    add_flag("listen", "nowhere");
    assert_int_equal(settings_load_all(&flags, &loaded, count_problem, &count), 4);
    assert_int_equal(count, 4);
}

static void a_config_that_is_named_must_exist(void **state)
{
    (void)state;
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_NOT_FOUND);
}

static void without_a_name_inlay_yaml_is_read_if_it_is_there(void **state)
{
    (void)state;
    char before[SETTINGS_PATH_MAX];
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(folder), 0);
    flags.config = NULL;
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_string_equal(loaded.file, "");
    write_config("workers: 7\ndata: ./d\n");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_string_equal(loaded.file, "inlay.yaml");
    assert_int_equal(loaded.settings.workers, 7);
    assert_string_equal(loaded.settings.data, "./d");
    assert_int_equal(chdir(before), 0);
}

static void a_reload_cannot_change_what_is_fixed(void **state)
{
    (void)state;
    struct settings running;
    write_config("");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    running = loaded.settings;
    write_config("workers: 3\nlog_level: notice\n");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_null(settings_reload_obstacle(&running, &loaded.settings));
    write_config("session_memory: 32m\n");
    assert_int_equal(settings_load(&flags, &loaded, &fault), ERR_OK);
    assert_string_equal(settings_reload_obstacle(&running, &loaded.settings)->name,
                        "session_memory");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flags_win_over_environment_over_file),
        TEST(empty_variables_count_as_not_set),
        TEST(paths_in_the_file_count_from_its_folder),
        TEST(lists_may_be_yaml_lists),
        TEST(messages_name_the_place_to_change),
        TEST(checks_across_settings_name_the_place_too),
        TEST(every_wrong_value_is_reported),
        TEST(a_config_that_is_named_must_exist),
        TEST(without_a_name_inlay_yaml_is_read_if_it_is_there),
        TEST(a_reload_cannot_change_what_is_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
