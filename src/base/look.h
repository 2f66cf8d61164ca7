/*
 * How what a frame shows is to look: the theme and the language that the portal has asked for, and
 * the brand of the workspace for the pages of our own. None of it says who anybody is, or is part
 * of an origin.
 */
#ifndef INLAY_BASE_LOOK_H
#define INLAY_BASE_LOOK_H

#include "base/limits.h"
#include "base/str.h"

enum { LOOK_THEME_SIZE = sizeof("system"), LOOK_LOCALE_SIZE = LIMIT_LOCALE_BYTES + 1 };

/* Texts are borrowed; STR_NONE where nothing is known. */
struct look {
    struct str theme;   /* "light", "dark", or "system" */
    struct str locale;  /* as look_locale() writes it */
    struct str name;    /* this and the rest: the brand */
    struct str color;   /* "#rrggbb" */
    struct str support; /* a line of text: whom to ask */
    struct str logo;    /* its name, below /_inlay/logo/ */
};

bool look_is_theme(struct str text);

/*
 * A tag for a language, as BCP 47 and Unicode's UTS 35 have it, so that browsers take it, too:
 * "de", "pt-BR", "zh-Hant-TW", "de-u-co-phonebk". False if it is none or too long; out_locale has
 * it with the usual capitals.
 */
bool look_locale(struct str text, char out_locale[LOOK_LOCALE_SIZE]);

/* "#" and six hexadecimal digits. */
bool look_is_color(struct str text);

#endif
