#include "http/csv.h"

#include "base/unicode.h"

/* Spreadsheets pass over spaces, and read wide forms as what they mean. */
static bool looks_like_formula(struct str text)
{
    uint32_t first = unicode_first_visible(text);
    bool is_control = (unsigned char)text.ptr[0] < 0x20;
    return is_control || first == '=' || first == '+' || first == '-' || first == '@' ||
           first == 0x2212; /* the minus of mathematics */
}

void csv_add_cell(struct buf *out, struct str text)
{
    if (text.len == 0) {
        return;
    }
    buf_add_char(out, '"');
    if (looks_like_formula(text)) {
        buf_add_char(out, '\'');
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            buf_add_char(out, '"');
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '"');
}
