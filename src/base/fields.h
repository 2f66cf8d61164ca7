/*
 * Reads a JSON object field by field.
 *
 *     struct fields in = fields_start(object, fault);
 *     struct str email = fields_str(&in, "email", FIELD_REQUIRED, LIMIT_EMAIL_BYTES);
 *     int64_t minutes = fields_int(&in, "minutes", 60, 1, 1440);
 *     err = fields_end(&in, FIELDS_REFUSE_UNKNOWN);
 *
 * The first thing that is wrong sticks and names its member; one check at the end is enough. Texts
 * are borrowed from the object.
 */
#ifndef INLAY_BASE_FIELDS_H
#define INLAY_BASE_FIELDS_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

enum field_presence { FIELD_OPTIONAL, FIELD_REQUIRED };
enum fields_unknown { FIELDS_IGNORE_UNKNOWN, FIELDS_REFUSE_UNKNOWN };

enum { FIELDS_MAX = 24 };

struct fields {
    json_t *object; /* borrowed */
    struct fault *fault;
    enum err err;
    const char *prefix; /* put before member names in errors: "userInfo." */
    const char *known[FIELDS_MAX];
    size_t known_count;
};

struct fields fields_start(json_t *object, struct fault *fault);
MUST_CHECK enum err fields_end(struct fields *in, enum fields_unknown unknown);

/* A member of any type; NULL when absent or null. */
json_t *fields_any(struct fields *in, const char *name, enum field_presence presence);
/* STR_NONE when absent or null. Required texts must not be empty. No control characters. */
struct str fields_str(struct fields *in, const char *name, enum field_presence presence,
                      size_t max_bytes);
/* fallback when absent or null. A whole number within [min, max]. */
int64_t fields_int(struct fields *in, const char *name, int64_t fallback, int64_t min, int64_t max);
/* The same. */
bool fields_bool(struct fields *in, const char *name, bool fallback);
json_t *fields_object(struct fields *in, const char *name, enum field_presence presence);
json_t *fields_array(struct fields *in, const char *name, enum field_presence presence,
                     size_t max_items);

/* Was the member there, even as null? */
bool fields_has(const struct fields *in, const char *name);

/* For checks that the reader does not know: the member is wrong, format says why. */
void fields_refuse(struct fields *in, const char *name, const char *format, ...) PRINTF_LIKE(3, 4);

/* The member is above a limit: "must be at most <limit> <unit>." */
void fields_refuse_above(struct fields *in, const char *name, int64_t limit, const char *unit);

#endif
