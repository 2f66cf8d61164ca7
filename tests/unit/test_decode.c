#include "unit.h"

#include "http/decode.h"

#include <brotli/encode.h>
#include <zlib.h>

static const char text[] = "self.addEventListener('fetch', () => {});";

static struct str gzip(unsigned char *room, size_t size, int window)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)text,
                       .avail_in = sizeof(text) - 1,
                       .next_out = room,
                       .avail_out = (unsigned)size};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct str encoded = {(char *)room, size - stream.avail_out};
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return encoded;
}

static struct str brotli(unsigned char *room, size_t size)
{
    assert_true(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, sizeof(text) - 1,
                                      (const unsigned char *)text, &size, room));
    return (struct str){(char *)room, size};
}

static void assert_decoded(const char *encoding, struct str body)
{
    struct buf out = buf_make(sizeof(text));
    assert_int_equal(decode_content(str_from(encoding), body, &out), ERR_OK);
    assert_true(buf_is_ok(&out));
    assert_str_equal(buf_str(&out), text);
    buf_done(&out);
}

static void assert_refused(const char *encoding, struct str body, enum err expected)
{
    struct buf out = buf_make(sizeof(text));
    assert_int_equal(decode_content(str_from(encoding), body, &out), expected);
    buf_done(&out);
}

static void what_servers_send_is_decoded(void **state)
{
    unsigned char room[256];
    (void)state;
    assert_decoded("", str_from(text));
    assert_decoded("identity", str_from(text));
    assert_decoded("gzip", gzip(room, sizeof(room), MAX_WBITS + 16));
    assert_decoded("X-GZIP", gzip(room, sizeof(room), MAX_WBITS + 16));
    assert_decoded("deflate", gzip(room, sizeof(room), MAX_WBITS));
    assert_decoded("br", brotli(room, sizeof(room)));
}

static void what_is_damaged_or_cut_off_is_refused(void **state)
{
    unsigned char room[256];
    struct str encoded = gzip(room, sizeof(room), MAX_WBITS + 16);
    (void)state;
    for (size_t len = 0; len < encoded.len; len++) {
        assert_refused("gzip", (struct str){encoded.ptr, len}, ERR_INVALID);
    }
    assert_refused("gzip", str_from(text), ERR_INVALID);
    encoded = brotli(room, sizeof(room));
    for (size_t len = 0; len < encoded.len; len++) {
        assert_refused("br", (struct str){encoded.ptr, len}, ERR_INVALID);
    }
}

static void other_codings_are_refused(void **state)
{
    (void)state;
    assert_refused("zstd", str_from(text), ERR_UNSUPPORTED);
    assert_refused("gzip, br", str_from(text), ERR_UNSUPPORTED);
}

static void a_body_stops_growing_at_the_limit(void **state)
{
    unsigned char room[256];
    (void)state;
    struct str bodies[] = {gzip(room, 128, MAX_WBITS + 16), brotli(room + 128, 128)};
    const char *const encodings[] = {"gzip", "br"};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct buf out = buf_make(sizeof(text) - 2);
        assert_int_equal(decode_content(str_from(encodings[i]), bodies[i], &out), ERR_OK);
        assert_false(buf_is_ok(&out));
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_servers_send_is_decoded),
        cmocka_unit_test(what_is_damaged_or_cut_off_is_refused),
        cmocka_unit_test(other_codings_are_refused),
        cmocka_unit_test(a_body_stops_growing_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
