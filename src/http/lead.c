#include "http/lead.h"

#include "base/encode.h"
#include "crypto/digest.h"
#include "http/percent.h"

struct str lead_mark(struct str target, char out_mark[LEAD_MARK_SIZE])
{
    struct str rest = {target.ptr, str_find(target, '#')};
    struct digest_stream *stream = digest_stream_new();
    while (rest.len > 0) {
        size_t len;
        unsigned char byte = percent_byte_at(rest, 0, &len);
        digest_stream_add(stream, (struct str){(const char *)&byte, 1});
        rest = str_skip(rest, len);
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
