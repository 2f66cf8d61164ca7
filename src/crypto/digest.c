#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>

/* Looked up once: by its name, libcrypto would search it among all algorithms at each call. */
static EVP_MD *sha256;
static EVP_MAC *hmac;
static pthread_once_t is_fetched = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    REQUIRE(sha256 != NULL && hmac != NULL);
}

static const EVP_MD *digest_algorithm(void)
{
    REQUIRE(pthread_once(&is_fetched, fetch) == 0);
    return sha256;
}

static EVP_MAC *hmac_algorithm(void)
{
    REQUIRE(pthread_once(&is_fetched, fetch) == 0);
    return hmac;
}

struct digest digest_of(struct str bytes)
{
    struct digest digest;
    unsigned len = 0;
    REQUIRE(EVP_Digest(bytes.ptr, bytes.len, digest.bytes, &len, digest_algorithm(), NULL) == 1);
    REQUIRE(len == DIGEST_BYTES);
    return digest;
}

static void hmac_add(EVP_MAC_CTX *context, struct str part)
{
    unsigned char len[8];
    for (size_t i = 0; i < sizeof(len); i++) {
        len[i] = (unsigned char)((uint64_t)part.len >> (56 - 8 * i));
    }
    REQUIRE(EVP_MAC_update(context, len, sizeof(len)) == 1);
    REQUIRE(part.len == 0 ||
            EVP_MAC_update(context, (const unsigned char *)part.ptr, part.len) == 1);
}

struct digest digest_hmac(const unsigned char key[DIGEST_BYTES], const struct str *parts,
                          size_t count)
{
    struct digest digest;
    size_t len = 0;
    char algorithm[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, algorithm, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac_algorithm());
    REQUIRE(context != NULL);
    REQUIRE(EVP_MAC_init(context, key, DIGEST_BYTES, params) == 1);
    for (size_t i = 0; i < count; i++) {
        hmac_add(context, parts[i]);
    }
    REQUIRE(EVP_MAC_final(context, digest.bytes, &len, sizeof(digest.bytes)) == 1);
    REQUIRE(len == DIGEST_BYTES);
    EVP_MAC_CTX_free(context);
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
    REQUIRE(EVP_DigestInit_ex(stream->context, digest_algorithm(), NULL) == 1);
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
