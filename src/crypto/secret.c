#include "crypto/secret.h"

#include <openssl/crypto.h>

#include "base/encode.h"
#include "crypto/random.h"

enum { COOKIE_BYTES = 16, TOKEN_BYTES = 32 };

static struct str secret_prefix(enum secret_kind kind)
{
    return kind == SECRET_API_TOKEN ? STR("inlay_") : kind == SECRET_PAT ? STR("pat_") : STR("");
}

struct secret secret_make(enum secret_kind kind)
{
    struct secret secret = {{0}, 0};
    unsigned char bytes[TOKEN_BYTES];
    size_t count = kind == SECRET_COOKIE ? COOKIE_BYTES : TOKEN_BYTES;
    struct str prefix = secret_prefix(kind);
    random_bytes(bytes, count);
    memcpy(secret.text, prefix.ptr, prefix.len);
    if (kind == SECRET_PAT) {
        hex_encode(bytes, count, secret.text + prefix.len);
    } else {
        base64url_encode(bytes, count, secret.text + prefix.len);
    }
    secret.len = strlen(secret.text);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return secret;
}

void secret_done(struct secret *secret)
{
    OPENSSL_cleanse(secret, sizeof(*secret));
}

struct str secret_str(const struct secret *secret)
{
    return (struct str){secret->text, secret->len};
}

struct digest secret_digest(struct str text)
{
    return digest_of(text);
}

bool secret_has_form(enum secret_kind kind, struct str text)
{
    unsigned char bytes[TOKEN_BYTES];
    struct str prefix = secret_prefix(kind);
    if (!str_starts_with(text, prefix)) {
        return false;
    }
    text = str_skip(text, prefix.len);
    bool has_form =
        kind == SECRET_PAT
            ? hex_decode(text, bytes, TOKEN_BYTES)
            : base64url_decode(text, bytes, kind == SECRET_COOKIE ? COOKIE_BYTES : TOKEN_BYTES);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return has_form;
}
