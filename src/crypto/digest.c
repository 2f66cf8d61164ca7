#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

struct digest digest_of(struct str bytes)
{
    struct digest digest;
    unsigned len = 0;
    REQUIRE(EVP_Digest(bytes.ptr, bytes.len, digest.bytes, &len, EVP_sha256(), NULL) == 1);
    REQUIRE(len == DIGEST_BYTES);
    return digest;
}

struct digest digest_hmac(const unsigned char key[DIGEST_BYTES], const struct str *parts,
                          size_t count)
{
    enum { INPUT_MAX = 64 * 1024 };
    struct digest digest;
    unsigned len = 0;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        REQUIRE(parts[i].len <= INPUT_MAX);
        total += 8 + parts[i].len;
    }
    REQUIRE(total <= INPUT_MAX);
    unsigned char *input = malloc(total + 1);
    REQUIRE(input != NULL);
    unsigned char *p = input;
    for (size_t i = 0; i < count; i++) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            *p++ = (unsigned char)((uint64_t)parts[i].len >> shift);
        }
        if (parts[i].len > 0) {
            memcpy(p, parts[i].ptr, parts[i].len);
            p += parts[i].len;
        }
    }
    REQUIRE(HMAC(EVP_sha256(), key, DIGEST_BYTES, input, total, digest.bytes, &len) != NULL);
    REQUIRE(len == DIGEST_BYTES);
    OPENSSL_cleanse(input, total);
    free(input);
    return digest;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return CRYPTO_memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}

struct digest_stream {
    EVP_MD_CTX *context;
};

struct digest_stream *digest_stream_new(void)
{
    struct digest_stream *stream = calloc(1, sizeof(*stream));
    REQUIRE(stream != NULL);
    stream->context = EVP_MD_CTX_new();
    REQUIRE(stream->context != NULL);
    REQUIRE(EVP_DigestInit_ex(stream->context, EVP_sha256(), NULL) == 1);
    return stream;
}

void digest_stream_add(struct digest_stream *stream, struct str bytes)
{
    REQUIRE(EVP_DigestUpdate(stream->context, bytes.ptr, bytes.len) == 1);
}

struct digest digest_stream_end(struct digest_stream *stream)
{
    struct digest digest;
    unsigned len = 0;
    REQUIRE(EVP_DigestFinal_ex(stream->context, digest.bytes, &len) == 1 && len == DIGEST_BYTES);
    digest_stream_free(stream);
    return digest;
}

void digest_stream_free(struct digest_stream *stream)
{
    if (stream != NULL) {
        EVP_MD_CTX_free(stream->context);
        free(stream);
    }
}
