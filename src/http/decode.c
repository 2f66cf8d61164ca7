#include "http/decode.h"

#include <brotli/decode.h>
#include <zlib.h>

enum { CHUNK_BYTES = 16384 };

/* zlib's word for "a header of zlib or gzip, whichever comes". */
enum { WINDOW_ANY = 32 + MAX_WBITS };

static enum err inflate_body(struct str body, struct buf *out)
{
    unsigned char chunk[CHUNK_BYTES];
    z_stream stream = {
        .next_in = (unsigned char *)(uintptr_t)body.ptr,
        .avail_in = (unsigned)body.len,
    };
    if (inflateInit2(&stream, WINDOW_ANY) != Z_OK) {
        return ERR_INTERNAL;
    }
    int result = Z_OK;
    while (result == Z_OK && buf_is_ok(out)) {
        stream.next_out = chunk;
        stream.avail_out = sizeof(chunk);
        result = inflate(&stream, Z_NO_FLUSH);
        buf_add(out, (struct str){(char *)chunk, sizeof(chunk) - stream.avail_out});
    }
    (void)inflateEnd(&stream);
    return result == Z_STREAM_END || !buf_is_ok(out) ? ERR_OK : ERR_INVALID;
}

static enum err unbrotli_body(struct str body, struct buf *out)
{
    unsigned char chunk[CHUNK_BYTES];
    const unsigned char *in = (const unsigned char *)body.ptr;
    size_t in_bytes = body.len;
    BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (state == NULL) {
        return ERR_INTERNAL;
    }
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && buf_is_ok(out)) {
        unsigned char *next = chunk;
        size_t room = sizeof(chunk);
        result = BrotliDecoderDecompressStream(state, &in_bytes, &in, &room, &next, NULL);
        buf_add(out, (struct str){(char *)chunk, sizeof(chunk) - room});
    }
    BrotliDecoderDestroyInstance(state);
    return result == BROTLI_DECODER_RESULT_SUCCESS || !buf_is_ok(out) ? ERR_OK : ERR_INVALID;
}

enum err decode_content(struct str encoding, struct str body, struct buf *out)
{
    if (encoding.len == 0 || str_equal_nocase(encoding, STR("identity"))) {
        buf_add(out, body);
        return ERR_OK;
    }
    if (str_equal_nocase(encoding, STR("gzip")) || str_equal_nocase(encoding, STR("x-gzip")) ||
        str_equal_nocase(encoding, STR("deflate"))) {
        return inflate_body(body, out);
    }
    return str_equal_nocase(encoding, STR("br")) ? unbrotli_body(body, out) : ERR_UNSUPPORTED;
}
