/*
 * The languages of our own pages. English is what the texts are written in, in codes.def and
 * events.def; each other language has a file that turns them into its own: languages/de.def.
 */
#ifndef INLAY_BASE_LANGUAGE_H
#define INLAY_BASE_LANGUAGE_H

#include "base/str.h"

enum language {
    LANGUAGE_EN,
    LANGUAGE_DE,
    LANGUAGE_ES,
    LANGUAGE_FR,
    LANGUAGE_JA,
    LANGUAGE_PT,
    LANGUAGE_COUNT,
    LANGUAGE_NONE = LANGUAGE_COUNT,
};

/* "de", for the attribute lang and Content-Language. */
const char *language_tag(enum language language);

/* By its first part: "pt-BR" is LANGUAGE_PT. LANGUAGE_NONE for others. */
enum language language_of_locale(struct str locale);

/* What a header Accept-Language (RFC 9110 12.5.4) likes best: English if it is absent, not to be
 * understood, or knows none of ours. */
enum language language_accepted(struct str header);

/* The text in that language; NULL if it has none. */
const char *language_say(enum language language, const char *english);

#endif
