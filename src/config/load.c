#include "config/load.h"

#include <unistd.h>

#include "config/file.h"

struct load {
    struct loaded_settings *loaded;
    void (*on_problem)(void *arg, const struct fault *fault);
    void *arg;
    size_t problems;
};

static void with_capitals(const char *prefix, const char *name, char from, char to, bool capitals,
                          char out_name[SETTING_NAME_MAX])
{
    snprintf(out_name, SETTING_NAME_MAX, "%s%s", prefix, name);
    for (char *c = out_name + strlen(prefix); *c != '\0'; c++) {
        bool is_small = *c >= 'a' && *c <= 'z';
        *c = *c == from ? to : capitals && is_small ? (char)(*c - 'a' + 'A') : *c;
    }
}

void setting_flag_name(const struct setting *setting, char out_name[SETTING_NAME_MAX])
{
    with_capitals("--", setting->name, '_', '-', false, out_name);
}

void setting_variable_name(const struct setting *setting, char out_name[SETTING_NAME_MAX])
{
    with_capitals("INLAY_", setting->name, '_', '_', true, out_name);
}

static size_t index_of(const struct setting *setting)
{
    return (size_t)(setting - settings_table);
}

static void report(struct load *load, const struct fault *fault)
{
    load->problems++;
    load->on_problem(load->arg, fault);
}

/* Puts a place in front of what is wrong there. A place that is too long is cut, never the reason.
 */
static void report_at(struct load *load, const char *place, const struct fault *fault)
{
    struct fault placed;
    size_t reason = strlen(fault->message);
    (void)fault_member(&placed, fault->err, fault->code, fault->member, "%.*s%s%s",
                       (int)(sizeof(fault->message) - 3 - reason), place,
                       place[0] != '\0' ? ": " : "", fault->message);
    report(load, &placed);
}

static void report_line(struct load *load, int line, const struct fault *fault)
{
    char place[SETTINGS_PATH_MAX + 32];
    snprintf(place, sizeof(place), "%s:%d", load->loaded->file, line);
    report_at(load, place, fault);
}

static void report_value(struct load *load, const struct setting *setting,
                         struct setting_source source, const struct fault *fault)
{
    char name[SETTING_NAME_MAX] = "";
    switch (source.origin) {
    case SETTING_FROM_DEFAULT:
        break;
    case SETTING_FROM_FILE:
        report_line(load, source.line, fault);
        return;
    case SETTING_FROM_ENVIRONMENT:
        setting_variable_name(setting, name);
        break;
    case SETTING_FROM_FLAG:
        setting_flag_name(setting, name);
        break;
    }
    report_at(load, name, fault);
}

static void set(struct load *load, const struct setting *setting, struct str value,
                struct setting_source source)
{
    struct fault fault;
    if (settings_set(&load->loaded->settings, str_from(setting->name), value, &fault)) {
        report_value(load, setting, source, &fault);
        return;
    }
    load->loaded->sources[index_of(setting)] = source;
}

/* ---- inlay.yaml ---- */

static struct str folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? STR_NONE : (struct str){path, (size_t)(slash - path) + 1};
}

static bool takes_list(const struct setting *setting)
{
    return setting->type == SETTING_LISTEN || setting->type == SETTING_NETWORKS;
}

static void on_entry(void *arg, const struct config_entry *entry)
{
    struct load *load = arg;
    const struct setting *setting = settings_find(entry->name);
    struct setting_source source = {.origin = SETTING_FROM_FILE, .line = entry->line};
    struct buf value = buf_make(SETTINGS_VALUE_MAX);
    struct fault fault;
    if (setting == NULL) {
        if (settings_set(&load->loaded->settings, entry->name, entry->value, &fault)) {
            report_line(load, entry->line, &fault);
        }
        goto done;
    }
    if (entry->is_list && !takes_list(setting)) {
        (void)fault_member(&fault, ERR_INVALID, "setting_invalid", setting->name,
                           "%s is one value, not a list.", setting->name);
        report_line(load, entry->line, &fault);
        goto done;
    }
    if (setting->type == SETTING_PATH && entry->value.len > 0 && entry->value.ptr[0] != '/') {
        buf_add(&value, folder_of(load->loaded->file));
    }
    buf_add(&value, entry->value);
    if (!buf_is_ok(&value)) {
        (void)fault_member(&fault, ERR_INVALID, "setting_invalid", setting->name,
                           "%s is longer than %d bytes.", setting->name, SETTINGS_VALUE_MAX);
        report_line(load, entry->line, &fault);
        goto done;
    }
    set(load, setting, buf_str(&value), source);
done:
    buf_done(&value);
}

static void read_file(struct load *load, const char *config)
{
    struct fault fault;
    if (config == NULL && access(CONFIG_FILE_NAME, F_OK) != 0) {
        return;
    }
    const char *path = config == NULL ? CONFIG_FILE_NAME : config;
    if (!str_to_cstr(str_from(path), load->loaded->file, sizeof(load->loaded->file))) {
        (void)fault_set(&fault, ERR_INVALID, "file_invalid",
                        "The path after --config is too long.");
        report(load, &fault);
        return;
    }
    if (config_file_read(path, on_entry, load, &fault)) {
        report(load, &fault);
    }
}

/* ---- all of them ---- */

static void read_environment(struct load *load)
{
    for (size_t i = 0; i < settings_count; i++) {
        char name[SETTING_NAME_MAX];
        setting_variable_name(&settings_table[i], name);
        const char *value = getenv(name);
        /* Compose files and unit files pass variables that are not set as empty ones. */
        if (value != NULL && value[0] != '\0') {
            set(load, &settings_table[i], str_from(value),
                (struct setting_source){.origin = SETTING_FROM_ENVIRONMENT});
        }
    }
}

static void read_flags(struct load *load, const struct setting_flags *flags)
{
    for (size_t i = 0; i < flags->count; i++) {
        set(load, flags->items[i].setting, str_from(flags->items[i].value),
            (struct setting_source){.origin = SETTING_FROM_FLAG});
    }
}

static void on_finish_problem(void *arg, const struct fault *fault)
{
    struct load *load = arg;
    const struct setting *setting = settings_find(str_from(fault->member));
    if (setting == NULL) {
        report(load, fault);
        return;
    }
    report_value(load, setting, load->loaded->sources[index_of(setting)], fault);
}

size_t settings_load_all(const struct setting_flags *flags, struct loaded_settings *out_loaded,
                         void (*on_problem)(void *arg, const struct fault *fault), void *arg)
{
    struct load load = {.loaded = out_loaded, .on_problem = on_problem, .arg = arg};
    REQUIRE(settings_count <= SETTINGS_COUNT_MAX);
    *out_loaded = (struct loaded_settings){.file = ""};
    settings_init(&out_loaded->settings);
    read_file(&load, flags->config);
    read_environment(&load);
    read_flags(&load, flags);
    if (load.problems == 0) {
        (void)settings_finish_all(&out_loaded->settings, on_finish_problem, &load);
    }
    return load.problems;
}

enum err settings_load(const struct setting_flags *flags, struct loaded_settings *out_loaded,
                       struct fault *fault)
{
    struct fault first = {.err = ERR_OK};
    (void)settings_load_all(flags, out_loaded, settings_keep_first_problem, &first);
    if (first.err && fault != NULL) {
        *fault = first;
    }
    return first.err;
}

const struct setting *settings_reload_obstacle(const struct settings *running,
                                               const struct settings *wanted)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        struct buf before = buf_make(SETTINGS_VALUE_MAX);
        struct buf after = buf_make(SETTINGS_VALUE_MAX);
        settings_format(running, setting, &before);
        settings_format(wanted, setting, &after);
        bool differs = !str_equal(buf_str(&before), buf_str(&after));
        buf_done(&before);
        buf_done(&after);
        if (differs && setting->fixed) {
            return setting;
        }
    }
    return NULL;
}
