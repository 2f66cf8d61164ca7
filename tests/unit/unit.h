/*
 * What the unit tests share: cmocka with the headers that it needs, texts by value, and a folder of
 * one's own.
 */
#ifndef INLAY_UNIT_H
#define INLAY_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"

#define assert_str_equal(actual, expected)                                                         \
    unit_assert_str_equal((actual), (expected), __FILE__, __LINE__)

void unit_assert_str_equal(struct str actual, const char *expected, const char *file, int line);

enum { UNIT_FOLDER_SIZE = 64 };

/* A new folder below /tmp, and its end with all that is in it. */
void unit_folder_make(char out_path[UNIT_FOLDER_SIZE]);
void unit_folder_remove(const char *path);

#endif
