#include "base/str.h"

#include <stdarg.h>

char str_lower_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct str str_from(const char *text)
{
    return text == NULL ? STR_NONE : (struct str){text, strlen(text)};
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (str_lower_char(a.ptr[i]) != str_lower_char(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_equal((struct str){s.ptr, prefix.len}, prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_equal(str_skip(s, s.len - suffix.len), suffix);
}

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.ptr, b.ptr, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

struct str str_skip(struct str s, size_t count)
{
    REQUIRE(count <= s.len);
    /* NULL + 0 is undefined in C. */
    return count == 0 ? s : (struct str){s.ptr + count, s.len - count};
}

struct str str_head(struct str s, size_t max_bytes)
{
    if (s.len > max_bytes) {
        s.len = max_bytes;
        while (s.len > 0 && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80) {
            s.len--;
        }
    }
    return s;
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s = str_skip(s, 1);
    }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

size_t str_find(struct str s, char c)
{
    const char *found = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);
    return found == NULL ? s.len : (size_t)(found - s.ptr);
}

struct str str_cut(struct str *rest, char c)
{
    size_t at = str_find(*rest, c);
    struct str before = {rest->ptr, at};
    *rest = str_skip(*rest, at == rest->len ? at : at + 1);
    return before;
}

bool str_to_int64(struct str s, int64_t min, int64_t max, int64_t *out_value)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t value = 0;
    if (i == s.len || s.len > 20) {
        return false;
    }
    for (; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
        int64_t digit = s.ptr[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) {
            return false;
        }
    }
    /* Built up as a negative number, which has one more value than the positive ones. */
    if (!negative && __builtin_sub_overflow(0, value, &value)) {
        return false;
    }
    if (value < min || value > max) {
        return false;
    }
    *out_value = value;
    return true;
}

/* Length of the well-formed UTF-8 sequence at the start of s, 0 if there is none. RFC 3629 4. */
static size_t utf8_sequence(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t len = 0;
    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        len = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        len = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;
        high = p[0] == 0xed ? 0x9f : 0xbf;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        len = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;
        high = p[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (s.len < len || p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }
    }
    return len;
}

bool str_is_clean_utf8(struct str s)
{
    while (s.len > 0) {
        size_t len = utf8_sequence(s);
        unsigned char first = (unsigned char)s.ptr[0];
        if (len == 0 || first < 0x20 || first == 0x7f) {
            return false;
        }
        s = str_skip(s, len);
    }
    return true;
}

bool str_to_cstr(struct str s, char *buffer, size_t size)
{
    if (s.len >= size || (s.len > 0 && memchr(s.ptr, '\0', s.len) != NULL)) {
        return false;
    }
    if (s.len > 0) {
        memcpy(buffer, s.ptr, s.len);
    }
    buffer[s.len] = '\0';
    return true;
}

static bool str_print_args(char *buffer, size_t size, struct str *out_text, const char *format,
                           va_list args) PRINTF_LIKE(4, 0);

static bool str_print_args(char *buffer, size_t size, struct str *out_text, const char *format,
                           va_list args)
{
    int len = vsnprintf(buffer, size, format, args);
    bool fits = len >= 0 && (size_t)len < size;
    if (!fits && size > 0) {
        buffer[0] = '\0';
    }
    *out_text = (struct str){buffer, fits ? (size_t)len : 0};
    return fits;
}

struct str str_print(char *buffer, size_t size, const char *format, ...)
{
    struct str text;
    va_list args;
    va_start(args, format);
    bool fits = str_print_args(buffer, size, &text, format, args);
    va_end(args);
    REQUIRE(fits);
    return text;
}

bool str_print_fits(char *buffer, size_t size, struct str *out_text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool fits = str_print_args(buffer, size, out_text, format, args);
    va_end(args);
    return fits;
}
