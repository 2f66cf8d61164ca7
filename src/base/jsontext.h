/*
 * JSON text in and out: strict parsing by jansson, and the canonical form that is stored and
 * hashed.
 */
#ifndef INLAY_BASE_JSONTEXT_H
#define INLAY_BASE_JSONTEXT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"

/* Refuses what RFC 8259 leaves open: duplicate members, NUL, lone surrogates, bytes that are not
 * UTF-8, numbers beyond 64 bits, more than LIMIT_JSON_DEPTH levels. The result is owned
 * (json_decref). */
MUST_CHECK enum err jsontext_parse(struct str text, json_t **out_json, struct fault *fault);
MUST_CHECK enum err jsontext_parse_object(struct str text, json_t **out_object,
                                          struct fault *fault);

/* Members sorted, no spaces: equal values give equal text. Copied into the arena. */
struct str jsontext_canonical(const json_t *json, struct arena *arena);

#endif
