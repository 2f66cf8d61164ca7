/*
 * What every fuzzer gives: one function, which libFuzzer calls with inputs that it makes up, and
 * replay.c with those in a folder. It returns 0, or does not return: a property that does not hold
 * ends the process by REQUIRE.
 */
#ifndef INLAY_FUZZ_H
#define INLAY_FUZZ_H

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
