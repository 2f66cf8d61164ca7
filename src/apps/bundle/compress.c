/*
 * Compressed variants. Invariant: a variant is at least a tenth smaller than its file, because the
 * compressors are given no more room than that.
 */
#include "apps/bundle/compress.h"

#include <brotli/encode.h>
#include <limits.h>
#define ZLIB_CONST /* next_in is not written to */
#include <zlib.h>

enum {
    GZIP_LEVEL = 9,
    GZIP_WINDOW_BITS = 15 + 16, /* 32 KiB window, gzip header without time and name */
    GZIP_MEMORY_LEVEL = 9,
    BROTLI_QUALITY = 9, /* 11 is 10 % smaller and takes 14 times as long */
};

static const char *const compressible_extensions[] = {
    "atom", "bmp",  "cjs", "css",  "csv", "eot",   "geojson", "htm",         "html", "ico",
    "js",   "json", "map", "md",   "mjs", "otf",   "rss",     "svg",         "ttf",  "txt",
    "vtt",  "wasm", "xml", "yaml", "yml", "xhtml", "jsonld",  "webmanifest",
};

static struct str extension_of(struct str path)
{
    struct str rest = path;
    bool has_dot = false;
    while (str_find(rest, '.') < rest.len) {
        str_cut(&rest, '.');
        has_dot = true;
    }
    return has_dot ? rest : STR_NONE;
}

bool compress_applies(struct str path, struct str bytes)
{
    struct str extension = extension_of(path);
    if (bytes.len < COMPRESS_MIN_BYTES) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(compressible_extensions); i++) {
        if (str_equal_nocase(extension, str_from(compressible_extensions[i]))) {
            return true;
        }
    }
    return false;
}

static size_t worthwhile_size(struct str bytes)
{
    return bytes.len - (bytes.len + 9) / 10;
}

struct str compress_gzip(struct arena *arena, struct str bytes)
{
    z_stream stream = {0};
    size_t size = worthwhile_size(bytes);
    char *out = arena_alloc(arena, size);
    REQUIRE(bytes.len <= UINT_MAX);
    REQUIRE(deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
                         Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = (const Bytef *)bytes.ptr;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)size;
    bool fits = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    size_t len = stream.total_out;
    deflateEnd(&stream);
    return fits ? (struct str){out, len} : STR_NONE;
}

struct str compress_brotli(struct arena *arena, struct str bytes)
{
    size_t len = worthwhile_size(bytes);
    char *out = arena_alloc(arena, len);
    bool fits =
        BrotliEncoderCompress(BROTLI_QUALITY, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, bytes.len,
                              (const uint8_t *)bytes.ptr, &len, (uint8_t *)out) == BROTLI_TRUE;
    return fits ? (struct str){out, len} : STR_NONE;
}
