#include "unit.h"

#include <brotli/decode.h>
#include <zlib.h>

#include "apps/bundle/compress.h"
#include "crypto/random.h"

static struct arena arena;

static int start(void **state)
{
    (void)state;
    arena = ARENA_NONE;
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str repeated(const char *line, size_t times)
{
    size_t len = strlen(line);
    char *text = arena_alloc(&arena, len * times);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * len, line, len);
    }
    return (struct str){text, len * times};
}

static struct str noise(size_t len)
{
    char *bytes = arena_alloc(&arena, len);
    for (size_t i = 0; i < len; i += 1000) {
        random_bytes(bytes + i, len - i < 1000 ? len - i : 1000);
    }
    return (struct str){bytes, len};
}

static void text_like_files_of_some_size_are_worth_it(void **state)
{
    (void)state;
    struct str bytes = repeated("x", COMPRESS_MIN_BYTES);
    static const char *const yes[] = {"index.html", "a.css",    "a/b.min.js",    "a.MJS",
                                      "x.wasm",     "a.js.map", "x.json",        "x.svg",
                                      "x.ico",      "x.xml",    "x.webmanifest", "x.txt"};
    static const char *const no[] = {"a.png",  "a.woff2", "a.jpg",   "a.zip",   "js",   "html/a",
                                     "a.js/b", "a.",      "a.js.gz", "a.js.br", "a.mp4"};
    for (size_t i = 0; i < COUNT_OF(yes); i++) {
        assert_true(compress_applies(str_from(yes[i]), bytes));
    }
    for (size_t i = 0; i < COUNT_OF(no); i++) {
        assert_false(compress_applies(str_from(no[i]), bytes));
    }
    assert_false(compress_applies(STR("a.js"), repeated("x", COMPRESS_MIN_BYTES - 1)));
}

static void gzip_unpacks_to_the_same_bytes(void **state)
{
    (void)state;
    struct str bytes = repeated("const answer = 42;\n", 500);
    struct str packed = compress_gzip(&arena, bytes);
    unsigned char *back = arena_alloc(&arena, bytes.len);
    z_stream stream = {
        .avail_in = (uInt)packed.len, .next_out = back, .avail_out = (uInt)bytes.len};
    assert_true(packed.len > 0 && packed.len < bytes.len);
    stream.next_in = arena_alloc(&arena, packed.len);
    memcpy(stream.next_in, packed.ptr, packed.len);
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, bytes.len);
    assert_memory_equal(back, bytes.ptr, bytes.len);
    inflateEnd(&stream);
}

static void brotli_unpacks_to_the_same_bytes(void **state)
{
    (void)state;
    struct str bytes = repeated("const answer = 42;\n", 500);
    struct str packed = compress_brotli(&arena, bytes);
    size_t len = bytes.len;
    unsigned char *back = arena_alloc(&arena, len);
    assert_true(packed.len > 0 && packed.len < bytes.len);
    assert_int_equal(BrotliDecoderDecompress(packed.len, (const uint8_t *)packed.ptr, &len, back),
                     BROTLI_DECODER_RESULT_SUCCESS);
    assert_int_equal(len, bytes.len);
    assert_memory_equal(back, bytes.ptr, bytes.len);
}

static void the_same_bytes_give_the_same_variant(void **state)
{
    (void)state;
    struct str bytes = repeated("body { color: red }\n", 100);
    assert_true(str_equal(compress_gzip(&arena, bytes), compress_gzip(&arena, bytes)));
    assert_true(str_equal(compress_brotli(&arena, bytes), compress_brotli(&arena, bytes)));
    /* RFC 1952 2.3: no flags, no time. */
    assert_memory_equal(compress_gzip(&arena, bytes).ptr, "\x1f\x8b\x08\0\0\0\0\0", 8);
}

static void a_variant_that_saves_less_than_a_tenth_is_not_made(void **state)
{
    (void)state;
    struct str bytes = noise(5000);
    assert_null(compress_gzip(&arena, bytes).ptr);
    assert_null(compress_brotli(&arena, bytes).ptr);
    for (size_t zeros = 100; zeros < 1500; zeros += 100) { /* noise with a little that packs */
        bytes = noise(5000);
        char *mixed = arena_alloc(&arena, bytes.len);
        memcpy(mixed, bytes.ptr, bytes.len - zeros);
        struct str packed = compress_gzip(&arena, (struct str){mixed, bytes.len});
        assert_true(packed.ptr == NULL || packed.len <= bytes.len * 9 / 10);
        assert_int_equal(packed.ptr == NULL, zeros < 600);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_like_files_of_some_size_are_worth_it),
        cmocka_unit_test(gzip_unpacks_to_the_same_bytes),
        cmocka_unit_test(brotli_unpacks_to_the_same_bytes),
        cmocka_unit_test(the_same_bytes_give_the_same_variant),
        cmocka_unit_test(a_variant_that_saves_less_than_a_tenth_is_not_made),
    };
    return cmocka_run_group_tests(tests, start, end);
}
