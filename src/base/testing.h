/*
 * What tests do to a running server. Only the sanitized build has it, which isn't shipped.
 *
 * INLAY_TEST_CONTROL names a file of two numbers (int64, as the machine stores them), which every
 * process and thread sees at once when a test writes them: by how many milliseconds our clock is
 * ahead of the machine's, and a mistake to make wherever the time is asked for, so that a test can
 * see the sanitizers find it: 1 writes behind its memory, 2 overflows a number. nginx's own timers
 * keep to the machine's clock.
 */
#ifndef INLAY_BASE_TESTING_H
#define INLAY_BASE_TESTING_H

#include "base/base.h"

int64_t testing_clock_ahead_ms(void);

#endif
