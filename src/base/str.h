/*
 * Borrowed text: a pointer and a length, passed by value, not NUL-terminated.
 */
#ifndef INLAY_BASE_STR_H
#define INLAY_BASE_STR_H

#include "base/base.h"

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
#define STR_FMT "%.*s"
#define STR_ARG(s) ((int)(s).len), ((s).len ? (s).ptr : "")

char str_lower_char(char c); /* ASCII letters only */

struct str str_from(const char *text); /* NULL gives STR_NONE */
bool str_equal(struct str a, struct str b);
bool str_equal_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
int str_compare(struct str a, struct str b); /* bytewise, like strcmp */
struct str str_skip(struct str s, size_t count);
struct str str_head(struct str s, size_t max_bytes); /* of UTF-8: never ends inside a character */
struct str str_trim(struct str s);                   /* spaces and tabs at both ends */

/* Index of the first c, or s.len. */
size_t str_find(struct str s, char c);

/* Cuts *rest at the first c: returns what stood before it, *rest keeps what follows. Without c it
 * returns all and *rest becomes empty. */
struct str str_cut(struct str *rest, char c);

/* Decimal digits with an optional minus, nothing else, within [min, max]. */
bool str_to_int64(struct str s, int64_t min, int64_t max, int64_t *out_value);

/* Valid UTF-8 (RFC 3629: no overlong form, no surrogate) without control characters. */
bool str_is_clean_utf8(struct str s);

/* Copies into a NUL-terminated buffer; false if it does not fit or holds a NUL. */
bool str_to_cstr(struct str s, char *buffer, size_t size);

/* snprintf() whose length can be trusted. What str_print() prints always fits: else it ends the
 * process. str_print_fits() is for texts whose length others decide: false, and buffer is "", if it
 * does not fit. */
struct str str_print(char *buffer, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
MUST_CHECK bool str_print_fits(char *buffer, size_t size, struct str *out_text, const char *format,
                               ...) PRINTF_LIKE(4, 5);

#endif
