/*
 * Options that many commands take, and what was given for an option.
 */
#ifndef INLAY_CLI_OPTION_H
#define INLAY_CLI_OPTION_H

#include <jansson.h>

#include "cli/cli.h"

/* What the command takes besides its own options, by its kind; ends with a name of NULL. NULL for
 * none. */
const struct option *option_common(const struct command *command);

/* The value of an option, "" for a switch; NULL if it was not given. */
const char *option_value(const struct invocation *invocation, const char *name);
bool option_given(const struct invocation *invocation, const char *name);

/* The values of an option that repeats, in order; returns how many. */
size_t option_values(const struct invocation *invocation, const char *name,
                     const char *out_values[OPTIONS_MAX]);

/* Decimal digits within [min, max]; says what is wrong otherwise. *out_value keeps its value if the
 * option was not given. */
bool option_int64(const struct invocation *invocation, const char *name, int64_t min, int64_t max,
                  int64_t *out_value) MUST_CHECK;

/* The JSON object in an option, owned by the caller; *out_object keeps its value if the option was
 * not given. Says what is wrong otherwise, with an example. */
enum exit_code option_object(const struct invocation *invocation, const char *name,
                             const char *example, json_t **out_object);

#endif
