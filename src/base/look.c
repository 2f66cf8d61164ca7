#include "base/look.h"

bool look_is_theme(struct str text)
{
    return str_equal(text, STR("light")) || str_equal(text, STR("dark")) ||
           str_equal(text, STR("system"));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    c = str_lower_char(c);
    return c >= 'a' && c <= 'z';
}

bool look_is_color(struct str text)
{
    if (text.len != 7 || text.ptr[0] != '#') {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        char c = str_lower_char(text.ptr[i]);
        if (!is_digit(c) && (c < 'a' || c > 'f')) {
            return false;
        }
    }
    return true;
}

/* ---- language tags ---- */

static bool all(struct str text, bool (*is)(char c))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_alphanumeric(char c)
{
    return is_letter(c) || is_digit(c);
}

/* The parts of a tag, in their order (UTS 35 3.2). */
enum part { LANGUAGE, SCRIPT, REGION, VARIANT, SINGLETON, EXTENSION, PRIVATE_START, PRIVATE };

static bool fits(struct str text, enum part part)
{
    switch (part) {
    case LANGUAGE:
        return all(text, is_letter) && text.len >= 2 && text.len != 4;
    case SCRIPT:
        return all(text, is_letter) && text.len == 4;
    case REGION:
        return (all(text, is_letter) && text.len == 2) || (all(text, is_digit) && text.len == 3);
    case VARIANT:
        return text.len >= 5 || (text.len == 4 && is_digit(text.ptr[0]));
    case SINGLETON:
        return text.len == 1 && !str_equal_nocase(text, STR("x"));
    case EXTENSION:
        return text.len >= 2;
    case PRIVATE_START:
        return str_equal_nocase(text, STR("x"));
    default:
        return true;
    }
}

/* What may come after a part: those from first on. */
static bool may_follow(enum part before, enum part part)
{
    switch (before) {
    case VARIANT:
        return part == VARIANT || part == SINGLETON || part == PRIVATE_START;
    case SINGLETON:
        return part == EXTENSION;
    case EXTENSION:
        return part == EXTENSION || part == SINGLETON || part == PRIVATE_START;
    case PRIVATE_START:
    case PRIVATE:
        return part == PRIVATE;
    default:
        return part > before && part != EXTENSION && part != PRIVATE;
    }
}

static bool next_part(enum part before, struct str text, enum part *out_part)
{
    for (enum part part = SCRIPT; part <= PRIVATE; part++) {
        if (may_follow(before, part) && fits(text, part)) {
            *out_part = part;
            return true;
        }
    }
    return false;
}

/* Browsers refuse a tag with the same variant or extension twice. */
static bool is_repeated(const enum part *parts, const struct str *texts, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (parts[i] == parts[at] && (parts[at] == VARIANT || parts[at] == SINGLETON) &&
            str_equal_nocase(texts[i], texts[at])) {
            return true;
        }
    }
    return false;
}

static char *write_part(char *out, struct str text, enum part part)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = str_lower_char(text.ptr[i]);
        bool is_capital = part == REGION || (part == SCRIPT && i == 0);
        *out++ = is_capital && is_letter(c) ? (char)(c - 'a' + 'A') : c;
    }
    return out;
}

bool look_locale(struct str text, char out_locale[LOOK_LOCALE_SIZE])
{
    enum part parts[LOOK_LOCALE_SIZE];
    struct str texts[LOOK_LOCALE_SIZE];
    size_t count = 0;
    char *out = out_locale;
    if (text.len == 0 || text.len > LIMIT_LOCALE_BYTES || text.ptr[text.len - 1] == '-') {
        return false;
    }
    for (struct str rest = text; rest.len > 0; count++) {
        struct str part = str_cut(&rest, '-');
        texts[count] = part;
        parts[count] = LANGUAGE;
        if (!all(part, is_alphanumeric) || part.len > 8 ||
            (count == 0 ? !fits(part, LANGUAGE)
                        : !next_part(parts[count - 1], part, &parts[count])) ||
            is_repeated(parts, texts, count)) {
            return false;
        }
        if (count > 0) {
            *out++ = '-';
        }
        out = write_part(out, part, parts[count]);
    }
    *out = '\0';
    REQUIRE(count > 0);
    return parts[count - 1] != SINGLETON && parts[count - 1] != PRIVATE_START;
}
