/*
 * Finds one cookie. Invariant: the value that is returned is the only one of its name.
 */
#include "http/cookie.h"

/* RFC 6265 4.1.1: %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E */
static bool is_cookie_value(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c < 0x21 || c > 0x7e || c == '"' || c == ',' || c == '\\') {
            return false;
        }
    }
    return value.len > 0;
}

bool cookie_find(struct str header, struct str name, struct str *out_value)
{
    struct str found = STR_NONE;
    while (header.len > 0) {
        struct str value = str_cut(&header, ';');
        if (value.len > 0 && value.ptr[0] == ' ') {
            value = str_skip(value, 1);
        }
        if (value.len <= name.len || value.ptr[name.len] != '=' ||
            !str_equal((struct str){value.ptr, name.len}, name)) {
            continue;
        }
        value = str_skip(value, name.len + 1);
        if (!is_cookie_value(value) || (found.ptr != NULL && !str_equal(found, value))) {
            return false;
        }
        found = value;
    }
    if (found.ptr == NULL) {
        return false;
    }
    *out_value = found;
    return true;
}
