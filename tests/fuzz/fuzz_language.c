/*
 * Language tags of mints, and headers Accept-Language. A tag that is accepted is plain ASCII, fits
 * where it is kept, and is the same when it is read again; a header always names a language.
 */
#include "fuzz.h"

#include "base/language.h"
#include "base/look.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    char locale[LOOK_LOCALE_SIZE];
    char again[LOOK_LOCALE_SIZE];
    REQUIRE(language_accepted(text) < LANGUAGE_COUNT);
    if (look_locale(text, locale)) {
        REQUIRE(strlen(locale) == size);
        for (const char *c = locale; *c != '\0'; c++) {
            REQUIRE((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                    (*c >= '0' && *c <= '9') || *c == '-');
        }
        REQUIRE(look_locale(str_from(locale), again) && strcmp(locale, again) == 0);
        REQUIRE(str_equal_nocase(text, str_from(locale)));
    }
    return 0;
}
