#include "http/lead.h"

#include "base/encode.h"
#include "crypto/digest.h"

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static unsigned hex_of(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

struct str lead_mark(struct str target, char out_mark[LEAD_MARK_SIZE])
{
    struct str rest = {target.ptr, str_find(target, '#')};
    struct digest_stream *stream = digest_stream_new();
    while (rest.len > 0) {
        unsigned char byte = (unsigned char)rest.ptr[0];
        bool is_escaped =
            byte == '%' && rest.len >= 3 && is_hex(rest.ptr[1]) && is_hex(rest.ptr[2]);
        if (is_escaped) {
            byte = (unsigned char)(hex_of(rest.ptr[1]) << 4 | hex_of(rest.ptr[2]));
        }
        digest_stream_add(stream, (struct str){(const char *)&byte, 1});
        rest = str_skip(rest, is_escaped ? 3 : 1);
    }
    struct digest digest = digest_stream_end(stream);
    hex_encode(digest.bytes, (LEAD_MARK_SIZE - 1) / 2, out_mark);
    return str_from(out_mark);
}

struct str lead_on(struct str location, struct str own_origin, char out_mark[LEAD_MARK_SIZE])
{
    if (own_origin.len > 0 && str_starts_with(location, own_origin)) {
        location = str_skip(location, own_origin.len);
    }
    bool is_path = str_starts_with(location, STR("/")) && !str_starts_with(location, STR("//"));
    return is_path ? lead_mark(location, out_mark) : LEAD_ANYWHERE;
}

bool lead_is_to(struct str mark, struct str target)
{
    char expected[LEAD_MARK_SIZE];
    return str_equal(mark, LEAD_ANYWHERE) || str_equal(mark, lead_mark(target, expected));
}
