/*
 * Sealed bytes: only who has the key can read them or make others. AES-256-GCM, by libcrypto, with
 * a random nonce: a key seals few of them.
 */
#ifndef INLAY_CRYPTO_SEAL_H
#define INLAY_CRYPTO_SEAL_H

#include "base/arena.h"
#include "crypto/digest.h"

struct str seal_close(struct arena *arena, const struct digest *key, struct str bytes);

/* False if they were sealed with another key, or changed since. */
MUST_CHECK bool seal_open(struct arena *arena, const struct digest *key, struct str sealed,
                          struct str *out_bytes);

#endif
