#include "base/buf.h"

#include <stdarg.h>

struct buf buf_make(size_t max_bytes)
{
    return (struct buf){.max = max_bytes};
}

void buf_done(struct buf *buf)
{
    free(buf->ptr);
    *buf = buf_make(buf->max);
}

/* Makes room for len more bytes and the NUL. */
static bool buf_reserve(struct buf *buf, size_t len)
{
    if (buf->overflowed || len > buf->max || buf->len > buf->max - len) {
        buf->overflowed = true;
        return false;
    }
    if (buf->size - buf->len <= len) {
        size_t size = buf->size * 2 > buf->len + len + 1 ? buf->size * 2 : buf->len + len + 1;
        size = size < 128 ? 128 : size;
        char *ptr = realloc(buf->ptr, size);
        REQUIRE(ptr != NULL);
        buf->ptr = ptr;
        buf->size = size;
    }
    return true;
}

void buf_add(struct buf *buf, struct str s)
{
    if (!buf_reserve(buf, s.len)) {
        return;
    }
    if (s.len > 0) {
        memcpy(buf->ptr + buf->len, s.ptr, s.len);
    }
    buf->len += s.len;
    buf->ptr[buf->len] = '\0';
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, (struct str){&c, 1});
}

/* Into the room that is there first: what is printed seldom needs more. */
void buf_printf(struct buf *buf, const char *format, ...)
{
    size_t room = buf->size - buf->len;
    char *end = room > 0 ? buf->ptr + buf->len : NULL;
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(end, room, format, args);
    va_end(args);
    REQUIRE(len >= 0);
    if (!buf_reserve(buf, (size_t)len)) {
        if (end != NULL) {
            *end = '\0';
        }
    } else {
        if ((size_t)len >= room) {
            vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        }
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_add_html(struct buf *buf, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.ptr[i]) {
        case '&':
            buf_add(buf, STR("&amp;"));
            break;
        case '<':
            buf_add(buf, STR("&lt;"));
            break;
        case '>':
            buf_add(buf, STR("&gt;"));
            break;
        case '"':
            buf_add(buf, STR("&quot;"));
            break;
        case '\'':
            buf_add(buf, STR("&#39;"));
            break;
        default:
            buf_add_char(buf, s.ptr[i]);
        }
    }
}

bool buf_is_ok(const struct buf *buf)
{
    return !buf->overflowed;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->ptr, buf->len};
}
