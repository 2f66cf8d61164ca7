#include "base/unicode.h"

#include <unictype.h>
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

static bool is_invisible(ucs4_t c)
{
    return uc_is_property_white_space(c) || uc_is_property_default_ignorable_code_point(c) ||
           uc_is_general_category(c, UC_CONTROL);
}

uint32_t unicode_first_visible(struct str text)
{
    const uint8_t *at = (const uint8_t *)text.ptr;
    size_t left = text.len;
    while (left > 0) {
        ucs4_t c;
        ucs4_t wide[18]; /* the longest decomposition there is */
        size_t len = COUNT_OF(wide);
        int count = u8_mbtouc(&c, at, left);
        if (!is_invisible(c)) {
            return u32_normalize(UNINORM_NFKC, &c, 1, wide, &len) == wide && len > 0 ? wide[0] : c;
        }
        at += count;
        left -= (size_t)count;
    }
    return 0;
}
