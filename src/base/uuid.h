/*
 * UUIDs (RFC 9562): version 7 for ids that we make, so that they sort by time.
 */
#ifndef INLAY_BASE_UUID_H
#define INLAY_BASE_UUID_H

#include "base/str.h"

enum { UUID_BYTES = 16, UUID_TEXT_SIZE = 37 };

struct uuid {
    unsigned char bytes[UUID_BYTES];
};

#define UUID_NONE ((struct uuid){{0}})

/* random must hold 10 random bytes. */
struct uuid uuid_make(int64_t now_ms, const unsigned char random[10]);
bool uuid_parse(struct str text, struct uuid *out_uuid); /* 8-4-4-4-12 hex digits, any case */
void uuid_format(const struct uuid *uuid, char out_text[UUID_TEXT_SIZE]);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
bool uuid_is_none(const struct uuid *uuid);

#endif
