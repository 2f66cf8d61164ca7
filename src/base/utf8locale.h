/*
 * A thread's locale while it calls libarchive, which converts names to the charset of the locale,
 * and fails, or worse, on names that this charset doesn't have. Every call that reads or writes an
 * entry's header stands between these two.
 */
#ifndef INLAY_BASE_UTF8LOCALE_H
#define INLAY_BASE_UTF8LOCALE_H

#include "base/base.h"

#include <locale.h>

/* The thread's locale is UTF-8 until utf8locale_end() gets what this returned. */
MUST_CHECK locale_t utf8locale_begin(void);
void utf8locale_end(locale_t previous);

#endif
