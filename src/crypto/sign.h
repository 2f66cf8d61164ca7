/*
 * ES256 signatures (RFC 7518 3.4: ECDSA with P-256 and SHA-256), by libcrypto.
 */
#ifndef INLAY_CRYPTO_SIGN_H
#define INLAY_CRYPTO_SIGN_H

#include "base/str.h"

enum {
    SIGN_PRIVATE_BYTES = 32,
    SIGN_COORDINATE_BYTES = 32,
    SIGN_PUBLIC_BYTES = 1 + 2 * SIGN_COORDINATE_BYTES, /* 4, x, y (SEC 1 2.3.3) */
    SIGN_SIGNATURE_BYTES = 64,                         /* r, s */
};

struct sign_key {
    unsigned char private_bytes[SIGN_PRIVATE_BYTES];
    unsigned char public_bytes[SIGN_PUBLIC_BYTES];
};

struct sign_key sign_key_make(void);
void sign_key_done(struct sign_key *key); /* wipes it */

/* False if the key is none: it was damaged where it was kept. */
MUST_CHECK bool sign_es256(const struct sign_key *key, struct str message,
                           unsigned char out_signature[SIGN_SIGNATURE_BYTES]);

#endif
