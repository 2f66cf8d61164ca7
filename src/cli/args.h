/*
 * Takes a command line apart by the table of commands.
 */
#ifndef INLAY_CLI_ARGS_H
#define INLAY_CLI_ARGS_H

#include "cli/cli.h"

/* Runs what words say; prints what is wrong with them. */
enum exit_code args_run(int count, char **words);

#endif
