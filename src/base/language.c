#include "base/language.h"

#include "base/base.h"

struct saying {
    const char *english;
    const char *other;
};

#define SAY(english, other) {english, other},
static const struct saying sayings_de[] = {
#include "base/languages/de.def"
};
static const struct saying sayings_es[] = {
#include "base/languages/es.def"
};
static const struct saying sayings_fr[] = {
#include "base/languages/fr.def"
};
static const struct saying sayings_ja[] = {
#include "base/languages/ja.def"
};
static const struct saying sayings_pt[] = {
#include "base/languages/pt.def"
};
#undef SAY

static const struct {
    const char *tag;
    const struct saying *sayings;
    size_t count;
} languages[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = {"en", NULL, 0},
    [LANGUAGE_DE] = {"de", sayings_de, COUNT_OF(sayings_de)},
    [LANGUAGE_ES] = {"es", sayings_es, COUNT_OF(sayings_es)},
    [LANGUAGE_FR] = {"fr", sayings_fr, COUNT_OF(sayings_fr)},
    [LANGUAGE_JA] = {"ja", sayings_ja, COUNT_OF(sayings_ja)},
    [LANGUAGE_PT] = {"pt", sayings_pt, COUNT_OF(sayings_pt)},
};

const char *language_tag(enum language language)
{
    REQUIRE(language < LANGUAGE_COUNT);
    return languages[language].tag;
}

enum language language_of_locale(struct str locale)
{
    struct str rest = locale;
    struct str first = str_cut(&rest, '-');
    for (enum language i = 0; i < LANGUAGE_COUNT; i++) {
        if (str_equal_nocase(first, str_from(languages[i].tag))) {
            return i;
        }
    }
    return LANGUAGE_NONE;
}

/* "0.8" in thousandths (RFC 9110 12.4.2); 0, which is "not this one", also for nonsense. */
static int quality(struct str text)
{
    static const int scale[] = {100, 10, 1};
    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
        (text.len > 1 && text.ptr[1] != '.')) {
        return 0;
    }
    int value = (text.ptr[0] - '0') * 1000;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return 0;
        }
        value += (text.ptr[i] - '0') * scale[i - 2];
    }
    return value > 1000 ? 0 : value;
}

static int item_quality(struct str parameters)
{
    while (parameters.len > 0) {
        struct str parameter = str_trim(str_cut(&parameters, ';'));
        if (str_starts_with(parameter, STR("q=")) || str_starts_with(parameter, STR("Q="))) {
            return quality(str_skip(parameter, 2));
        }
    }
    return 1000;
}

enum language language_accepted(struct str header)
{
    enum language best = LANGUAGE_EN;
    int best_quality = 0;
    while (header.len > 0) {
        struct str parameters = str_cut(&header, ',');
        enum language language = language_of_locale(str_trim(str_cut(&parameters, ';')));
        int likes = item_quality(parameters);
        if (language != LANGUAGE_NONE && likes > best_quality) {
            best = language;
            best_quality = likes;
        }
    }
    return best;
}

const char *language_say(enum language language, const char *english)
{
    REQUIRE(language < LANGUAGE_COUNT);
    if (language == LANGUAGE_EN) {
        return english;
    }
    for (size_t i = 0; i < languages[language].count; i++) {
        if (strcmp(languages[language].sayings[i].english, english) == 0) {
            return languages[language].sayings[i].other;
        }
    }
    return NULL;
}
