#include "http/target.h"

#include "http/percent.h"

/* In place: takes one level of escapes away. False if there was none. */
static bool unescape(char *bytes, size_t *io_len)
{
    struct str text = {bytes, *io_len};
    size_t len = 1;
    *io_len = 0;
    for (size_t at = 0; at < text.len; at += len) {
        unsigned char byte = percent_byte_at(text, at, &len);
        bytes[(*io_len)++] = (char)byte;
    }
    return *io_len < text.len;
}

/* Most paths have nothing to look at: no escape, and no segment that begins with a dot. */
static bool has_no_dots_or_escapes(struct str path)
{
    return str_find(path, '%') == path.len && str_find(path, '\\') == path.len &&
           !str_starts_with(path, STR(".")) &&
           (path.len == 0 || memmem(path.ptr, path.len, "/.", 2) == NULL);
}

static bool has_dot_segment(struct str path)
{
    for (size_t at = 0; at <= path.len;) {
        size_t end = at;
        while (end < path.len && path.ptr[end] != '/' && path.ptr[end] != '\\') {
            end++;
        }
        struct str name = {path.ptr + at, end - at};
        name.len = str_find(name, ';');
        if (str_equal(name, STR(".")) || str_equal(name, STR(".."))) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

bool target_is_plain(struct str target)
{
    struct str path = {target.ptr, str_find(target, '?')};
    if (str_find(target, '#') < target.len) {
        return false;
    }
    if (has_no_dots_or_escapes(path)) {
        return true;
    }
    char *bytes = malloc(path.len + 1);
    REQUIRE(bytes != NULL);
    memcpy(bytes, path.ptr, path.len);
    size_t len = path.len;
    int levels = 0;
    bool is_plain = !has_dot_segment(path);
    while (is_plain && unescape(bytes, &len)) {
        is_plain = ++levels <= TARGET_ESCAPES_MAX && !has_dot_segment((struct str){bytes, len});
    }
    free(bytes);
    return is_plain;
}

bool target_has_base(struct str target, struct str base)
{
    return str_starts_with(target, base) &&
           (target.len == base.len || target.ptr[base.len] == '/' || target.ptr[base.len] == '?');
}
