#include "cli/help.h"

#include "cli/commands.h"
#include "cli/option.h"
#include "config/reference.h"

enum { COLUMNS = 80, NAME_COLUMNS = 20 };

static void print_wrapped(FILE *out, const char *text, const char *prefix)
{
    struct buf buf = buf_make(REFERENCE_MAX_BYTES);
    reference_write_wrapped(&buf, str_from(text), prefix, COLUMNS);
    fputs(buf.ptr, out);
    buf_done(&buf);
}

void help_usage(FILE *out, const struct family *family, const struct command *command)
{
    bool has_options = command->options != NULL || command->kind != COMMAND_PLAIN;
    fprintf(out, "Usage: inlay %s%s%s%s%s%s\n", family->name, command->verb ? " " : "",
            command->verb ? command->verb : "", command->arguments[0] ? " " : "",
            command->arguments, has_options ? " [options]" : "");
}

static void print_options(FILE *out, const char *title, const struct option *options)
{
    if (options == NULL) {
        return;
    }
    fprintf(out, "\n%s\n", title);
    for (size_t i = 0; options[i].name != NULL; i++) {
        fprintf(out, "  %s%s%s%s\n", options[i].name, options[i].value ? " " : "",
                options[i].value ? options[i].value : "",
                options[i].repeats ? "  (may be repeated)" : "");
        print_wrapped(out, options[i].help, "        ");
    }
}

static void print_examples(FILE *out, const char *examples)
{
    struct str rest = str_from(examples);
    if (rest.len > 0) {
        fprintf(out, "\nExamples:\n");
    }
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        fprintf(out, "  " STR_FMT "\n", STR_ARG(line));
    }
}

void help_command(FILE *out, const struct family *family, const struct command *command)
{
    help_usage(out, family, command);
    fprintf(out, "\n%s\n", command->summary);
    if (command->notes != NULL) {
        fprintf(out, "\n");
        print_wrapped(out, command->notes, "");
    }
    print_options(out, "Options:", command->options);
    if (command->kind == COMMAND_CLIENT) {
        print_options(out,
                      "Options of every command that talks to a server:", option_common(command));
    }
    if (command->kind == COMMAND_SETTINGS) {
        struct buf flags = buf_make(REFERENCE_MAX_BYTES);
        print_options(out, "Where settings come from:", option_common(command));
        if (command->setting != NULL) {
            reference_write_flag(settings_find(str_from(command->setting)), &flags);
        } else {
            reference_write_flags(&flags);
        }
        fprintf(out,
                "\nSettings (also as INLAY_… variables and in inlay.yaml; flags win, then "
                "variables):\n%s",
                flags.ptr);
        buf_done(&flags);
    }
    print_examples(out, command->examples);
}

static void print_command_line(FILE *out, const char *family, const char *verb, const char *summary)
{
    char name[64];
    snprintf(name, sizeof(name), "%s%s%s", family, verb ? " " : "", verb ? verb : "");
    fprintf(out, "  %-*s  %s\n", NAME_COLUMNS, name, summary);
}

void help_family(FILE *out, const struct family *family)
{
    fprintf(out, "Usage: inlay %s COMMAND …\n\n%s\n\n", family->name, family->summary);
    for (size_t i = 0; i < family->count; i++) {
        print_command_line(out, family->name, family->commands[i].verb,
                           family->commands[i].summary);
    }
    fprintf(out, "\nRun \"inlay %s COMMAND --help\" for details.\n", family->name);
}

void help_all(FILE *out)
{
    fprintf(out, "Usage: inlay COMMAND …\n\n"
                 "Embed private web apps in your product.\n\n");
    for (size_t i = 0; families[i] != NULL; i++) {
        const struct family *family = families[i];
        if (!family->commands[0].hidden) {
            print_command_line(out, family->name, NULL, family->summary);
        }
    }
    fprintf(out,
            "\nRun \"inlay COMMAND --help\" for details.\n"
            "\n"
            "Exit codes: 0 done, 1 refused or failed, 2 usage error, 3 not found, 4 not allowed,\n"
            "5 server not reachable, 6 local error (file, directory, port, or setting).\n");
}
