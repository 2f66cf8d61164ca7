#include "base/uuid.h"

#include "base/encode.h"

struct uuid uuid_make(int64_t now_ms, const unsigned char random[10])
{
    struct uuid uuid;
    for (int i = 0; i < 6; i++) {
        uuid.bytes[i] = (unsigned char)(now_ms >> (40 - 8 * i));
    }
    memcpy(uuid.bytes + 6, random, 10);
    uuid.bytes[6] = (unsigned char)(0x70 | (uuid.bytes[6] & 0x0f)); /* version 7 */
    uuid.bytes[8] = (unsigned char)(0x80 | (uuid.bytes[8] & 0x3f)); /* variant 10 */
    return uuid;
}

bool uuid_parse(struct str text, struct uuid *out_uuid)
{
    char digits[UUID_BYTES * 2];
    size_t count = 0;
    if (text.len != UUID_TEXT_SIZE - 1) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = text.ptr[i];
        if (is_dash != (c == '-')) {
            return false;
        }
        if (!is_dash) {
            digits[count++] = str_lower_char(c);
        }
    }
    return hex_decode((struct str){digits, count}, out_uuid->bytes, UUID_BYTES);
}

void uuid_format(const struct uuid *uuid, char out_text[UUID_TEXT_SIZE])
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    const unsigned char *bytes = uuid->bytes;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        hex_encode(bytes, groups[i], out_text);
        bytes += groups[i];
        out_text += groups[i] * 2;
        *out_text++ = i + 1 < COUNT_OF(groups) ? '-' : '\0';
    }
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->bytes, b->bytes, UUID_BYTES) == 0;
}

bool uuid_is_none(const struct uuid *uuid)
{
    return uuid_equal(uuid, &UUID_NONE);
}
