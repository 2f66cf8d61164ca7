/*
 * Time-based one-time passwords (RFC 6238): six digits, a new one every 30 seconds, HMAC-SHA-1, as
 * every authenticator app has them.
 */
#ifndef INLAY_CRYPTO_TOTP_H
#define INLAY_CRYPTO_TOTP_H

#include "base/str.h"

enum {
    TOTP_SECRET_BYTES = 20,     /* RFC 4226 4, R6: 160 bits */
    TOTP_SECRET_TEXT_SIZE = 33, /* base32 in capitals, and the NUL */
    TOTP_DIGITS = 6,
    TOTP_STEP_MS = 30 * 1000,
};

/* For the app of the person: what they scan or type. */
void totp_secret_format(const unsigned char secret[TOTP_SECRET_BYTES],
                        char out_text[TOTP_SECRET_TEXT_SIZE]);

/* The code of a step, which counts from 1970 on. */
void totp_code(const unsigned char secret[TOTP_SECRET_BYTES], int64_t step,
               char out_code[TOTP_DIGITS + 1]);

/* Is it the code of now, or of one step before or after (RFC 6238 5.2)? Codes up to after_step have
 * been used and do not count any more. */
bool totp_matches(const unsigned char secret[TOTP_SECRET_BYTES], struct str code, int64_t now_ms,
                  int64_t after_step, int64_t *out_step);

#endif
