/*
 * The table of codes that codes.def describes: status and texts of every error.
 */
#ifndef INLAY_BASE_CODES_H
#define INLAY_BASE_CODES_H

#include "base/err.h"

struct code {
    const char *name;
    enum err err;
    int status;
    const char *title; /* for the error page; NULL if no page may show the code */
    const char *hint;
};

extern const struct code codes[]; /* sorted by name */
extern const size_t codes_count;

/* NULL if there is no such code. */
const struct code *codes_find(const char *name);

/* The HTTP status of a fault. ERR_OK is none: no response to it may be called an error. */
int codes_status(const struct fault *fault);

/* What the error page says of a fault: never NULL, with title and hint. */
const struct code *codes_page(const struct fault *fault);

#endif
