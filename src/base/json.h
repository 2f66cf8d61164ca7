/*
 * JSON in: strict parsing by jansson, and a reader that takes an object apart member by member.
 *
 *     struct json_reader in = json_reader_start(object, fault);
 *     struct str email = json_read_str(&in, "email", JSON_REQUIRED, LIMIT_EMAIL_BYTES);
 *     int64_t minutes = json_read_int(&in, "minutes", 60, 1, 1440);
 *     err = json_reader_end(&in, JSON_UNKNOWN_REFUSED);
 *
 * The first thing that is wrong sticks and names its member; one check at the end is enough. Texts
 * are borrowed from the object.
 */
#ifndef INLAY_BASE_JSON_H
#define INLAY_BASE_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

/* Refuses what RFC 8259 leaves open: duplicate members, NUL, lone surrogates, bytes that are not
 * UTF-8, numbers beyond 64 bits, more than LIMIT_JSON_DEPTH levels. The result is owned
 * (json_decref). */
MUST_CHECK enum err json_parse(struct str text, json_t **out_json, struct fault *fault);
MUST_CHECK enum err json_parse_object(struct str text, json_t **out_object, struct fault *fault);

/* Members sorted, no spaces: equal values give equal text. Copied into the arena. */
struct str json_canonical(const json_t *json, struct arena *arena);

enum json_presence { JSON_OPTIONAL, JSON_REQUIRED };
enum json_unknown { JSON_UNKNOWN_IGNORED, JSON_UNKNOWN_REFUSED };

enum { JSON_READER_MEMBERS = 24 };

struct json_reader {
    json_t *object; /* borrowed */
    struct fault *fault;
    enum err err;
    const char *prefix; /* put before member names in errors: "userInfo." */
    const char *known[JSON_READER_MEMBERS];
    size_t known_count;
};

struct json_reader json_reader_start(json_t *object, struct fault *fault);
MUST_CHECK enum err json_reader_end(struct json_reader *in, enum json_unknown unknown);

/* A member of any type; NULL when absent or null. */
json_t *json_read_any(struct json_reader *in, const char *name, enum json_presence presence);
/* STR_NONE when absent or null. Required texts must not be empty. No control characters. */
struct str json_read_str(struct json_reader *in, const char *name, enum json_presence presence,
                         size_t max_bytes);
/* fallback when absent or null. A whole number within [min, max]. */
int64_t json_read_int(struct json_reader *in, const char *name, int64_t fallback, int64_t min,
                      int64_t max);
json_t *json_read_object(struct json_reader *in, const char *name, enum json_presence presence);
json_t *json_read_array(struct json_reader *in, const char *name, enum json_presence presence,
                        size_t max_items);

/* Was the member there, even as null? */
bool json_reader_has(const struct json_reader *in, const char *name);

/* For checks that the reader does not know: the member is wrong, format says why. */
void json_reader_refuse(struct json_reader *in, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The member is above a limit: "must be at most <limit> <unit>." */
void json_reader_refuse_above(struct json_reader *in, const char *name, int64_t limit,
                              const char *unit);

#endif
