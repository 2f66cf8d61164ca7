/*
 * Randomness comes from here and only from here (the kernel's, by libcrypto).
 */
#ifndef INLAY_CRYPTO_RANDOM_H
#define INLAY_CRYPTO_RANDOM_H

#include "base/uuid.h"

void random_bytes(void *out_bytes, size_t count); /* ends the process if there is none */
struct uuid random_uuid(void);                    /* version 7, for now */

#endif
