/*
 * What --help prints.
 */
#ifndef INLAY_CLI_HELP_H
#define INLAY_CLI_HELP_H

#include <stdio.h>

#include "cli/cli.h"

void help_all(FILE *out);
void help_family(FILE *out, const struct family *family);
void help_command(FILE *out, const struct family *family, const struct command *command);

/* "inlay app create NAME [options]" */
void help_usage(FILE *out, const struct family *family, const struct command *command);

#endif
