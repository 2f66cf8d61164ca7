/*
 * Time comes from here and only from here, so that a test can set it: a unit test by
 * clock_set_ms(), a test of the running server as base/testing.h says.
 */
#ifndef INLAY_BASE_CLOCK_H
#define INLAY_BASE_CLOCK_H

#include "base/str.h"

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
};

enum { CLOCK_TEXT_SIZE = 25 }; /* "2026-01-02T03:04:05.678Z" and the NUL */

int64_t clock_now_ms(void);        /* milliseconds since 1970, UTC */
void clock_set_ms(int64_t now_ms); /* tests: stands still at now_ms; 0 goes back to the real time */
void clock_format(int64_t at_ms, char out_text[CLOCK_TEXT_SIZE]); /* RFC 3339, milliseconds, Z */

/* "2026-01-02", or "2026-01-02T03:04:05Z" with or without a part of a second. Not of the year 9999:
 * what is rounded up to a whole day must be one that clock_format() can write. */
bool clock_parse(struct str text, int64_t *out_at_ms);

#endif
