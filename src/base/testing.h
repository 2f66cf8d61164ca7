/*
 * What tests do to a running server. Only the sanitized build has it, which isn't shipped.
 *
 * INLAY_TEST_CONTROL names a file of three numbers (int64, as the machine stores them), which every
 * process and thread sees at once when a test writes them:
 *
 *   - by how many milliseconds our clock is ahead of the machine's. nginx's own timers keep to the
 *     machine's clock.
 *   - a mistake to make, so that a test can see what comes of it: 1 writes behind its memory and 2
 *     overflows a number, wherever the time is asked for; 3 doesn't come back while this is 3,
 * where a job writes an event.
 *   - the deadline of every lane in milliseconds; 0: as src/config/lanes.def says.
 */
#ifndef INLAY_BASE_TESTING_H
#define INLAY_BASE_TESTING_H

#include "base/base.h"

int64_t testing_clock_ahead_ms(void);
int64_t testing_deadline_ms(void);
void testing_write_event(void);

#endif
