/*
 * SHA-256 and HMAC-SHA-256, by libcrypto.
 */
#ifndef INLAY_CRYPTO_DIGEST_H
#define INLAY_CRYPTO_DIGEST_H

#include "base/str.h"

enum { DIGEST_BYTES = 32 };

struct digest {
    unsigned char bytes[DIGEST_BYTES];
};

struct digest digest_of(struct str bytes);

/* HMAC over parts; each part is preceded by its length (8 bytes, big endian), so that no two lists
 * of parts give the same input. key is DIGEST_BYTES long. */
struct digest digest_hmac(const unsigned char key[DIGEST_BYTES], const struct str *parts,
                          size_t count);

/* Takes the same time wherever they differ. */
bool digest_equal(const struct digest *a, const struct digest *b);

/* Piecewise, for files. */
struct digest_stream;
struct digest_stream *digest_stream_new(void);
void digest_stream_add(struct digest_stream *stream, struct str bytes);
struct digest digest_stream_end(struct digest_stream *stream); /* frees it */
void digest_stream_free(struct digest_stream *stream);         /* NULL is fine */

#endif
