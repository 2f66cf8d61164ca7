#include "crypto/totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/encode.h"

enum { SHA1_BYTES = 20, COUNTER_BYTES = 8 };

void totp_secret_format(const unsigned char secret[TOTP_SECRET_BYTES],
                        char out_text[TOTP_SECRET_TEXT_SIZE])
{
    base32_encode(secret, TOTP_SECRET_BYTES, out_text, TOTP_SECRET_TEXT_SIZE - 1);
    for (char *c = out_text; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
}

/* RFC 4226 5.3 */
void totp_code(const unsigned char secret[TOTP_SECRET_BYTES], int64_t step,
               char out_code[TOTP_DIGITS + 1])
{
    unsigned char counter[COUNTER_BYTES];
    unsigned char mac[SHA1_BYTES];
    unsigned len = 0;
    for (int i = 0; i < COUNTER_BYTES; i++) {
        counter[i] = (unsigned char)((uint64_t)step >> (8 * (COUNTER_BYTES - 1 - i)));
    }
    REQUIRE(HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, counter, COUNTER_BYTES, mac, &len) !=
                NULL &&
            len == SHA1_BYTES);
    unsigned offset = mac[SHA1_BYTES - 1] & 0xf;
    uint32_t number = ((uint32_t)mac[offset] & 0x7f) << 24 | (uint32_t)mac[offset + 1] << 16 |
                      (uint32_t)mac[offset + 2] << 8 | (uint32_t)mac[offset + 3];
    snprintf(out_code, TOTP_DIGITS + 1, "%06u", (unsigned)(number % 1000000));
}

bool totp_matches(const unsigned char secret[TOTP_SECRET_BYTES], struct str code, int64_t now_ms,
                  int64_t after_step, int64_t *out_step)
{
    int64_t now = now_ms / TOTP_STEP_MS;
    bool matches = false;
    if (code.len != TOTP_DIGITS) {
        return false;
    }
    for (int64_t step = now - 1; step <= now + 1; step++) {
        char right[TOTP_DIGITS + 1];
        totp_code(secret, step, right);
        if (CRYPTO_memcmp(right, code.ptr, TOTP_DIGITS) == 0 && step > after_step && !matches) {
            matches = true;
            *out_step = step;
        }
    }
    return matches;
}
