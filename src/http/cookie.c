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

size_t cookie_bytes(struct str header)
{
    size_t bytes = 0;
    while (header.len > 0) {
        bytes += str_trim(str_cut(&header, ';')).len;
    }
    return bytes;
}

int64_t cookie_bytes_change(struct str header, struct str set_cookie)
{
    struct str pair = str_trim(str_cut(&set_cookie, ';'));
    size_t name_len = str_find(pair, '=');
    struct str name = {pair.ptr, name_len};
    bool is_removed = name_len + 1 >= pair.len; /* by servers it is, and else it is small */
    int64_t change = is_removed ? 0 : (int64_t)pair.len;
    while (header.len > 0) {
        struct str kept = str_trim(str_cut(&header, ';'));
        struct str kept_name = {kept.ptr, str_find(kept, '=')};
        if (str_equal(kept_name, name)) {
            change -= (int64_t)kept.len;
        }
    }
    return change;
}
