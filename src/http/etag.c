#include "http/etag.h"

/* Cuts an entity tag off the front. False if there is none. */
static bool cut_tag(struct str *io_rest, struct str *out_tag, bool *out_is_weak)
{
    struct str rest = *io_rest;
    *out_is_weak = str_starts_with(rest, STR("W/"));
    if (*out_is_weak) {
        rest = (struct str){rest.ptr + 2, rest.len - 2};
    }
    if (rest.len == 0 || rest.ptr[0] != '"') {
        return false;
    }
    for (size_t i = 1; i < rest.len; i++) {
        unsigned char c = (unsigned char)rest.ptr[i];
        if (c == '"') {
            *out_tag = (struct str){rest.ptr, i + 1};
            *io_rest = str_trim((struct str){rest.ptr + i + 1, rest.len - i - 1});
            return true;
        }
        if (c <= ' ' || c == 0x7f) {
            return false;
        }
    }
    return false;
}

enum etag_match etag_if_match(struct str header, struct str tag)
{
    enum etag_match match = ETAG_DIFFERS;
    struct str rest = str_trim(header);
    if (str_equal(rest, STR("*"))) {
        return ETAG_MATCHES;
    }
    for (;;) {
        struct str one = STR_NONE;
        bool is_weak = false;
        if (!cut_tag(&rest, &one, &is_weak)) {
            return ETAG_MALFORMED;
        }
        if (!is_weak && str_equal(one, tag)) {
            match = ETAG_MATCHES;
        }
        if (rest.len == 0) {
            return match;
        }
        if (rest.ptr[0] != ',') {
            return ETAG_MALFORMED;
        }
        rest = str_trim((struct str){rest.ptr + 1, rest.len - 1});
    }
}
