#include "http/csv.h"

static const char formula_starts[] = "=+-@\t\r\n";

void csv_add_cell(struct buf *out, struct str text)
{
    if (text.len == 0) {
        return;
    }
    buf_add_char(out, '"');
    if (str_find(str_from(formula_starts), text.ptr[0]) < strlen(formula_starts)) {
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
