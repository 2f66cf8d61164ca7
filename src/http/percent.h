/*
 * Percent-decoding (RFC 3986 2.1).
 */
#ifndef INLAY_HTTP_PERCENT_H
#define INLAY_HTTP_PERCENT_H

#include "base/arena.h"

enum percent_form {
    PERCENT_PATH, /* "+" is a plus */
    PERCENT_FORM, /* "+" is a space */
};

/* False for a "%" without two hex digits, and for %00. */
bool percent_decode(struct arena *arena, struct str text, enum percent_form form,
                    struct str *out_text);

/* The byte that the text has at this place, written as it is or as "%41"; *out_len is how many
 * bytes that takes. What only looks like an escape is one byte. */
unsigned char percent_byte_at(struct str text, size_t at, size_t *out_len);

#endif
