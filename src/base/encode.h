/*
 * Text forms of bytes: hex, base32 (RFC 4648 6, lower case, no padding), base64url (RFC 4648 5, no
 * padding), and base64 (RFC 4648 4).
 *
 * Every encoder writes a terminating NUL; the *_SIZE macros count it. Every decoder is strict: one
 * text for one value, so that a secret has exactly one spelling.
 */
#ifndef INLAY_BASE_ENCODE_H
#define INLAY_BASE_ENCODE_H

#include "base/str.h"

#define HEX_SIZE(bytes) ((bytes)*2 + 1)
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)
#define BASE64URL_SIZE(bytes) (((bytes)*4 + 2) / 3 + 1)

void hex_encode(const void *bytes, size_t count, char *out_text);
bool hex_decode(struct str text, void *out_bytes, size_t count);
void base32_encode(const void *bytes, size_t count, char *out_text, size_t chars);
void base64url_encode(const void *bytes, size_t count, char *out_text);
bool base64url_decode(struct str text, void *out_bytes, size_t count);

/* Standard alphabet with padding, as Basic credentials and data: URLs have it. */
void base64_encode(const void *bytes, size_t count, char *out_text);
bool base64_decode(struct str text, char *out_bytes, size_t size, size_t *out_count);

#endif
