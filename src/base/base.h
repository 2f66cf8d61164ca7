/*
 * What every file needs: attributes, REQUIRE, and the functions that do not compile here.
 */
#ifndef INLAY_BASE_BASE_H
#define INLAY_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_index)                                                     \
    __attribute__((format(printf, format_index, first_index)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* For our own bugs, never for input: stays on in release builds and ends the process. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            require_failed(#condition, __FILE__, __LINE__);                                        \
        }                                                                                          \
    } while (0)

_Noreturn void require_failed(const char *condition, const char *file, int line);

#include "base/banned.h"

#endif
