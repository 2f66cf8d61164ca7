#include "cli/args.h"

#include <ctype.h>
#include <jansson.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/option.h"
#include "cli/output.h"
#include "config/nearest.h"

static const struct option help_option = {.name = "--help", .help = "Explain this command."};

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* ---- finding the command ---- */

static const struct family *find_family(const char *name)
{
    for (size_t i = 0; families[i] != NULL; i++) {
        if (strcmp(families[i]->name, name) == 0) {
            return families[i];
        }
    }
    return NULL;
}

static const struct command *find_command(const struct family *family, const char *verb)
{
    for (size_t i = 0; i < family->count; i++) {
        const char *own = family->commands[i].verb;
        if (own == NULL || strcmp(own, verb) == 0) {
            return &family->commands[i];
        }
    }
    return NULL;
}

static bool is_single(const struct family *family)
{
    return family->commands[0].verb == NULL;
}

static enum exit_code unknown_family(const char *word)
{
    struct nearest nearest = nearest_start(str_from(word));
    for (size_t i = 0; families[i] != NULL; i++) {
        if (!families[i]->commands[0].hidden) {
            nearest_offer(&nearest, families[i]->name);
        }
    }
    return output_fail(EXIT_USAGE, "There is no command \"%s\"%s%s%s \"inlay --help\" lists them.",
                       word, nearest.word ? "; did you mean " : "",
                       nearest.word ? nearest.word : "", nearest.word ? "?" : ".");
}

static enum exit_code unknown_verb(const struct family *family, const char *word)
{
    struct nearest nearest = nearest_start(str_from(word));
    for (size_t i = 0; i < family->count; i++) {
        nearest_offer(&nearest, family->commands[i].verb);
    }
    return output_fail(EXIT_USAGE,
                       "There is no command \"%s %s\"%s%s%s%s%s \"inlay %s --help\" lists them.",
                       family->name, word, nearest.word ? "; did you mean " : "",
                       nearest.word ? family->name : "", nearest.word ? " " : "",
                       nearest.word ? nearest.word : "", nearest.word ? "?" : ".", family->name);
}

/* ---- options ---- */

struct parser {
    struct invocation *invocation;
    int count;
    char **words;
    int next;
    bool only_arguments; /* after "--" */
};

static const struct option *find_in(const struct option *options, const char *name, size_t len)
{
    for (size_t i = 0; options != NULL && options[i].name != NULL; i++) {
        if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static const struct option *find_option(const struct command *command, const char *name, size_t len)
{
    const struct option *option = find_in(command->options, name, len);
    return option != NULL ? option : find_in(option_common(command), name, len);
}

static bool takes_setting(const struct command *command, const struct setting *setting)
{
    return command->kind == COMMAND_SETTINGS &&
           (command->setting == NULL || strcmp(command->setting, setting->name) == 0);
}

static const struct setting *find_setting(const struct command *command, const char *flag,
                                          size_t len)
{
    for (size_t i = 0; i < settings_count; i++) {
        char name[SETTING_NAME_MAX];
        setting_flag_name(&settings_table[i], name);
        if (takes_setting(command, &settings_table[i]) && strlen(name) == len &&
            memcmp(name, flag, len) == 0) {
            return &settings_table[i];
        }
    }
    return NULL;
}

static void offer_options(struct nearest *nearest, const struct option *options)
{
    for (size_t i = 0; options != NULL && options[i].name != NULL; i++) {
        nearest_offer(nearest, options[i].name);
    }
}

/* The ID of a key is a digest in base64url, which may begin with a "-". */
static bool is_key_id(const char *word)
{
    enum { KEY_ID_LEN = 43 };
    size_t len = 0;
    while (isalnum((unsigned char)word[len]) || word[len] == '-' || word[len] == '_') {
        len++;
    }
    return word[len] == '\0' && len == KEY_ID_LEN;
}

static enum exit_code unknown_option(const struct invocation *invocation, const char *word,
                                     size_t len)
{
    const struct command *command = invocation->command;
    char flags[SETTINGS_COUNT_MAX][SETTING_NAME_MAX];
    struct nearest nearest = nearest_start((struct str){word, len});
    offer_options(&nearest, command->options);
    offer_options(&nearest, option_common(command));
    nearest_offer(&nearest, help_option.name);
    for (size_t i = 0; i < settings_count; i++) {
        if (takes_setting(command, &settings_table[i])) {
            setting_flag_name(&settings_table[i], flags[i]);
            nearest_offer(&nearest, flags[i]);
        }
    }
    return output_fail(
        EXIT_USAGE, "There is no option \"%.*s\" here%s%s%s \"inlay %s%s%s --help\" lists them.",
        (int)len, word, nearest.word ? "; did you mean " : "", nearest.word ? nearest.word : "",
        nearest.word ? "?" : ".", invocation->family->name, command->verb ? " " : "",
        command->verb ? command->verb : "");
}

/* The value of the option that the current word is: behind its "=", or the next word. */
static enum exit_code take_value(struct parser *parser, const char *word, size_t len,
                                 const char **out_value)
{
    if (word[len] == '=') {
        *out_value = word + len + 1;
        return EXIT_DONE;
    }
    if (parser->next == parser->count) {
        return output_fail(EXIT_USAGE, "%s needs a value.", word);
    }
    *out_value = parser->words[parser->next++];
    return EXIT_DONE;
}

static enum exit_code add_setting(struct parser *parser, const struct setting *setting,
                                  const char *word, size_t len)
{
    struct setting_flags *flags = &parser->invocation->settings;
    const char *value = NULL;
    enum exit_code code = take_value(parser, word, len, &value);
    if (code) {
        return code;
    }
    for (size_t i = 0; i < flags->count; i++) {
        if (flags->items[i].setting == setting) {
            return output_fail(EXIT_USAGE, "%.*s is given twice.", (int)len, word);
        }
    }
    flags->items[flags->count].setting = setting;
    flags->items[flags->count].value = value;
    flags->count++;
    return EXIT_DONE;
}

static enum exit_code add_option(struct parser *parser, const struct option *option,
                                 const char *word, size_t len)
{
    struct invocation *invocation = parser->invocation;
    const char *value = "";
    if (option->value == NULL && word[len] == '=') {
        return output_fail(EXIT_USAGE, "%s takes no value.", option->name);
    }
    if (option->value != NULL) {
        enum exit_code code = take_value(parser, word, len, &value);
        if (code) {
            return code;
        }
    }
    if (!option->repeats && option_given(invocation, option->name)) {
        return output_fail(EXIT_USAGE, "%s is given twice.", option->name);
    }
    if (invocation->option_count == OPTIONS_MAX) {
        return output_fail(EXIT_USAGE, "At most %d options can be given.", OPTIONS_MAX);
    }
    invocation->options[invocation->option_count].option = option;
    invocation->options[invocation->option_count].value = value;
    invocation->option_count++;
    return EXIT_DONE;
}

static enum exit_code parse_option(struct parser *parser, const char *word)
{
    const struct command *command = parser->invocation->command;
    size_t len = strcspn(word, "=");
    const struct option *option = find_option(command, word, len);
    if (option != NULL) {
        return add_option(parser, option, word, len);
    }
    const struct setting *setting = find_setting(command, word, len);
    if (setting != NULL) {
        return add_setting(parser, setting, word, len);
    }
    return unknown_option(parser->invocation, word, len);
}

/* ---- the whole line ---- */

static enum exit_code parse_word(struct parser *parser, const char *word)
{
    struct invocation *invocation = parser->invocation;
    if (!parser->only_arguments && strcmp(word, "--") == 0) {
        parser->only_arguments = true;
        return EXIT_DONE;
    }
    if (!parser->only_arguments && word[0] == '-' && word[1] != '\0' && !is_key_id(word)) {
        return parse_option(parser, word);
    }
    if (invocation->argument_count == ARGUMENTS_MAX) {
        return output_fail(EXIT_USAGE, "At most %d words can be given.", ARGUMENTS_MAX);
    }
    invocation->arguments[invocation->argument_count++] = word;
    return EXIT_DONE;
}

static enum exit_code check_arguments(const struct invocation *invocation)
{
    const struct command *command = invocation->command;
    if (invocation->argument_count < command->arguments_min) {
        fprintf(stderr, "inlay: Something is missing. ");
    } else if (invocation->argument_count > command->arguments_max) {
        fprintf(stderr, "inlay: \"%s\" is one word too many. ",
                invocation->arguments[command->arguments_max]);
    } else {
        return EXIT_DONE;
    }
    help_usage(stderr, invocation->family, command);
    return EXIT_USAGE;
}

/* Everything that is sent or printed later has to be UTF-8. */
static enum exit_code check_text(int count, char **words)
{
    for (int i = 0; i < count; i++) {
        json_t *text = json_string(words[i]);
        if (text == NULL) {
            return output_fail(EXIT_USAGE, "Word %d of the command line is not valid UTF-8.",
                               i + 1);
        }
        json_decref(text);
    }
    return EXIT_DONE;
}

static enum exit_code run_command(const struct family *family, const struct command *command,
                                  int count, char **words)
{
    struct invocation invocation = {.family = family, .command = command};
    struct parser parser = {.invocation = &invocation, .count = count, .words = words};
    while (parser.next < count) {
        const char *word = words[parser.next++];
        if (!parser.only_arguments && is_help(word)) {
            help_command(stdout, family, command);
            return EXIT_DONE;
        }
        enum exit_code code = parse_word(&parser, word);
        if (code) {
            return code;
        }
    }
    enum exit_code code = check_arguments(&invocation);
    if (code) {
        return code;
    }
    invocation.settings.config = option_value(&invocation, "--config");
    return command->kind == COMMAND_CLIENT ? client_run(&invocation) : command->run(&invocation);
}

static enum exit_code run_family(const struct family *family, int count, char **words)
{
    if (is_single(family)) {
        return run_command(family, &family->commands[0], count, words);
    }
    if (count == 0) {
        help_family(stderr, family);
        return EXIT_USAGE;
    }
    if (is_help(words[0])) {
        help_family(stdout, family);
        return EXIT_DONE;
    }
    const struct command *command = find_command(family, words[0]);
    return command == NULL ? unknown_verb(family, words[0])
                           : run_command(family, command, count - 1, words + 1);
}

/* "inlay help", "inlay help app", "inlay help app create" */
static enum exit_code run_help(int count, char **words)
{
    if (count == 0) {
        help_all(stdout);
        return EXIT_DONE;
    }
    const struct family *family = find_family(words[0]);
    if (family == NULL) {
        return unknown_family(words[0]);
    }
    if (count == 1 && !is_single(family)) {
        help_family(stdout, family);
        return EXIT_DONE;
    }
    const struct command *command = find_command(family, count == 1 ? "" : words[1]);
    if (command == NULL) {
        return unknown_verb(family, words[1]);
    }
    help_command(stdout, family, command);
    return EXIT_DONE;
}

enum exit_code args_run(int count, char **words)
{
    enum exit_code code = check_text(count, words);
    if (code) {
        return code;
    }
    if (count == 0) {
        help_all(stderr);
        return EXIT_USAGE;
    }
    if (is_help(words[0])) {
        help_all(stdout);
        return EXIT_DONE;
    }
    if (strcmp(words[0], "help") == 0) {
        return run_help(count - 1, words + 1);
    }
    const char *name = strcmp(words[0], "--version") == 0 ? "version" : words[0];
    const struct family *family = find_family(name);
    return family == NULL ? unknown_family(name) : run_family(family, count - 1, words + 1);
}
