/*
 * Settings as a command sees them: flags over environment over inlay.yaml over defaults, with a
 * record of where each value came from, so that a message can point at the place to change.
 */
#ifndef INLAY_CONFIG_LOAD_H
#define INLAY_CONFIG_LOAD_H

#include "config/settings.h"

enum { SETTINGS_COUNT_MAX = 64 };

#define CONFIG_FILE_NAME "inlay.yaml"

/* What the command line says; texts are borrowed from it. */
struct setting_flags {
    const char *config; /* --config, or NULL: inlay.yaml here if there is one */
    size_t count;
    struct {
        const struct setting *setting;
        const char *value;
    } items[SETTINGS_COUNT_MAX];
};

enum setting_origin {
    SETTING_FROM_DEFAULT,
    SETTING_FROM_FILE,
    SETTING_FROM_ENVIRONMENT,
    SETTING_FROM_FLAG,
};

struct setting_source {
    enum setting_origin origin;
    int line; /* SETTING_FROM_FILE */
};

struct loaded_settings {
    struct settings settings;
    struct setting_source sources[SETTINGS_COUNT_MAX]; /* in table order */
    char file[SETTINGS_PATH_MAX];                      /* that was read, "" for none */
};

/* Reports every problem, in words that name the place ("inlay.yaml:3: …"), and returns how many. A
 * relative path in inlay.yaml counts from the folder that inlay.yaml is in, elsewhere from the
 * working directory. If a value is refused, checks across settings are left out. */
size_t settings_load_all(const struct setting_flags *flags, struct loaded_settings *out_loaded,
                         void (*on_problem)(void *arg, const struct fault *fault), void *arg);

/* The first problem only. */
enum err settings_load(const struct setting_flags *flags, struct loaded_settings *out_loaded,
                       struct fault *fault) MUST_CHECK;

/* "--public-url", "INLAY_PUBLIC_URL" */
enum { SETTING_NAME_MAX = 64 };
void setting_flag_name(const struct setting *setting, char out_name[SETTING_NAME_MAX]);
void setting_variable_name(const struct setting *setting, char out_name[SETTING_NAME_MAX]);

/* For the first setting that differs and that only a restart can change; NULL if a reload will do.
 */
const struct setting *settings_reload_obstacle(const struct settings *running,
                                               const struct settings *wanted);

#endif
