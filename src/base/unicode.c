#include "base/unicode.h"

#include <uninorm.h>
#include <unistr.h>

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

struct str unicode_nfc(struct arena *arena, struct str text)
{
    size_t len = 0;
    const uint8_t *from = (const uint8_t *)text.ptr;
    if (is_ascii(text) || u8_check(from, text.len) != NULL) {
        return text;
    }
    uint8_t *bytes = u8_normalize(UNINORM_NFC, from, text.len, NULL, &len);
    REQUIRE(bytes != NULL);
    struct str composed = arena_str(arena, (struct str){(const char *)bytes, len});
    free(bytes);
    return composed;
}
