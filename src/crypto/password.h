/*
 * Passwords: kept as scrypt (RFC 7914), by libcrypto, with N = 2^15, r = 8 and p = 3, one of the
 * settings that OWASP's Password Storage Cheat Sheet holds equal. Of these it takes little memory,
 * 32 MiB for each password that is looked at, and about a tenth of a second of one processor: never
 * in the event loop, never inside of a transaction.
 *
 * Lengths are counted in characters (NIST SP 800-63B-4 3.1.1.2: at least 15 where the password is
 * the only factor, at least 64 allowed, no rules about which characters).
 */
#ifndef INLAY_CRYPTO_PASSWORD_H
#define INLAY_CRYPTO_PASSWORD_H

#include "base/err.h"
#include "base/str.h"

enum {
    PASSWORD_MIN_CHARACTERS = 15,
    PASSWORD_MAX_BYTES = 512,
    PASSWORD_TEXT_SIZE = 128, /* of what is kept, with the NUL */
};

/* Is it long enough, and not too long? ERR_INVALID, member_invalid, with words about member. */
MUST_CHECK enum err password_check(struct str password, const char *member, struct fault *fault);

/* Under a salt of its own. */
void password_keep(struct str password, char out_text[PASSWORD_TEXT_SIZE]);

/* Takes as long for STR_NONE, which nothing matches, as for a kept one: so that nobody learns from
 * the time whether there is such an account. */
bool password_matches(struct str password, struct str kept);

#endif
