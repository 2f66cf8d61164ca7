/*
 * A progress bar on standard error, only where a person sees it: nothing is written unless it is a
 * terminal.
 */
#ifndef INLAY_CLI_PROGRESS_H
#define INLAY_CLI_PROGRESS_H

#include "base/base.h"

struct progress {
    const char *what; /* "Uploading" */
    bool is_bytes;    /* counts are written with units */
    bool is_shown;
    int last_percent;
};

/* is_wanted false keeps it silent, as with --json. */
struct progress progress_start(const char *what, bool is_bytes, bool is_wanted);
void progress_set(struct progress *progress, int64_t done, int64_t total);
void progress_end(struct progress *progress); /* clears the line */

#endif
