/*
 * The shape of the inlay command: a table of families ("app") of commands ("app create"), each with
 * its options, help and examples. args.h takes a command line apart by it, help.h explains it.
 */
#ifndef INLAY_CLI_CLI_H
#define INLAY_CLI_CLI_H

#include "base/buf.h"
#include "config/load.h"

/* Scripts rely on these. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* the server said no, or something failed */
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,
    EXIT_NOT_ALLOWED = 4, /* the token is missing, wrong, or lacks a scope */
    EXIT_UNREACHABLE = 5,
    EXIT_LOCAL = 6, /* a file, folder, port or setting on this machine */
};

enum {
    ARGUMENTS_MAX = 256,
    OPTIONS_MAX = 256,
};

struct option {
    const char *name;  /* "--slug" */
    const char *value; /* "SLUG"; NULL for a switch */
    bool repeats;
    const char *help;
};

struct invocation;
struct client;

enum command_kind {
    COMMAND_PLAIN,
    COMMAND_SETTINGS, /* takes every setting as a flag, and --config */
    COMMAND_CLIENT,   /* talks to a server: takes --url, --token, --json, … */
};

struct command {
    const char *verb; /* "create"; NULL if the family is the command */
    enum command_kind kind;
    bool hidden;
    const char *setting;   /* COMMAND_SETTINGS: the only one that it takes; NULL for all */
    const char *arguments; /* "NAME", "GROUP USER…", "" */
    size_t arguments_min;
    size_t arguments_max;
    const char *summary;
    const char *notes;            /* more lines for --help, or NULL */
    const struct option *options; /* ends with a name of NULL; NULL for none */
    const char *examples;         /* one a line */
    enum exit_code (*run)(const struct invocation *invocation);
    enum exit_code (*call)(const struct invocation *invocation,
                           struct client *client); /* instead of run, for COMMAND_CLIENT */
};

struct family {
    const char *name;
    const char *summary;
    const struct command *commands;
    size_t count;
};

/* A command line that was understood. Texts are borrowed from it. */
struct invocation {
    const struct family *family;
    const struct command *command;
    size_t argument_count;
    const char *arguments[ARGUMENTS_MAX];
    size_t option_count;
    struct {
        const struct option *option;
        const char *value; /* "" for a switch */
    } options[OPTIONS_MAX];
    struct setting_flags settings;
};

#endif
