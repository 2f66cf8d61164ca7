#include "http/percent.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

unsigned char percent_byte_at(struct str text, size_t at, size_t *out_len)
{
    int high = text.ptr[at] == '%' && at + 2 < text.len ? hex_value(text.ptr[at + 1]) : -1;
    int low = high < 0 ? -1 : hex_value(text.ptr[at + 2]);
    *out_len = low < 0 ? 1 : 3;
    return low < 0 ? (unsigned char)text.ptr[at] : (unsigned char)(high * 16 + low);
}

bool percent_decode(struct arena *arena, struct str text, enum percent_form form,
                    struct str *out_text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '+' && form == PERCENT_FORM) {
            c = ' ';
        } else if (c == '%') {
            bool has_digits = text.len - i > 2;
            int high = has_digits ? hex_value(text.ptr[i + 1]) : -1;
            int low = has_digits ? hex_value(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0') {
            return false;
        }
        out[len++] = c;
    }
    *out_text = (struct str){out, len};
    return true;
}
