/*
 * A growing buffer that cannot be made without a maximum.
 *
 *     struct buf buf = buf_make(LIMIT);
 *     buf_add(&buf, STR("hello "));
 *     buf_printf(&buf, "%d", n);
 *     if (!buf_is_ok(&buf)) …           one check at the end: an overflow sticks
 *     … buf_str(&buf) …                 borrowed until the next add
 *     buf_done(&buf);
 */
#ifndef INLAY_BASE_BUF_H
#define INLAY_BASE_BUF_H

#include "base/str.h"

struct buf {
    char *ptr; /* owned; always NUL-terminated once anything was added */
    size_t len;
    size_t size;
    size_t max;
    bool overflowed;
};

struct buf buf_make(size_t max_bytes);
void buf_done(struct buf *buf);
void buf_add(struct buf *buf, struct str s);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_add_html(struct buf *buf, struct str s); /* escaped for text and quoted attributes */
bool buf_is_ok(const struct buf *buf);
struct str buf_str(const struct buf *buf);

#endif
