#include "crypto/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/encode.h"
#include "crypto/random.h"

enum {
    SALT_BYTES = 16,
    KEY_BYTES = 32,
    LOG_N = 15,
    LOG_N_MAX = 17,
    BLOCK_SIZE = 8,
    PARALLEL = 3,
    PARALLEL_MAX = 5,
};

/* What a kept text is made of: "scrypt$15$8$3$<salt>$<key>". */
struct kept {
    int64_t log_n;
    int64_t r;
    int64_t p;
    unsigned char salt[SALT_BYTES];
    unsigned char key[KEY_BYTES];
};

static size_t count_characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

enum err password_check(struct str password, const char *member, struct fault *fault)
{
    if (count_characters(password) < PASSWORD_MIN_CHARACTERS) {
        return fault_member(fault, ERR_INVALID, "password_too_short", member,
                            "The password must have at least %d characters. A few words that only "
                            "you put together are easy to keep in mind.",
                            PASSWORD_MIN_CHARACTERS);
    }
    if (password.len > PASSWORD_MAX_BYTES) {
        return fault_member(fault, ERR_INVALID, "member_invalid", member,
                            "The password must be at most %d bytes.", PASSWORD_MAX_BYTES);
    }
    return ERR_OK;
}

static void derive(struct str password, const struct kept *kept, unsigned char out_key[KEY_BYTES])
{
    uint64_t n = (uint64_t)1 << kept->log_n;
    uint64_t memory = 128 * (uint64_t)kept->r * (n + (uint64_t)kept->p + 2);
    REQUIRE(EVP_PBE_scrypt(password.ptr == NULL ? "" : password.ptr, password.len, kept->salt,
                           SALT_BYTES, n, (uint64_t)kept->r, (uint64_t)kept->p, memory + 4096,
                           out_key, KEY_BYTES) == 1);
}

static bool kept_parse(struct str text, struct kept *out_kept)
{
    struct str name = str_cut(&text, '$');
    struct str log_n = str_cut(&text, '$');
    struct str r = str_cut(&text, '$');
    struct str p = str_cut(&text, '$');
    struct str salt = str_cut(&text, '$');
    return str_equal(name, STR("scrypt")) && str_to_int64(log_n, 1, LOG_N_MAX, &out_kept->log_n) &&
           str_to_int64(r, BLOCK_SIZE, BLOCK_SIZE, &out_kept->r) &&
           str_to_int64(p, 1, PARALLEL_MAX, &out_kept->p) &&
           base64url_decode(salt, out_kept->salt, SALT_BYTES) &&
           base64url_decode(text, out_kept->key, KEY_BYTES);
}

void password_keep(struct str password, char out_text[PASSWORD_TEXT_SIZE])
{
    struct kept kept = {.log_n = LOG_N, .r = BLOCK_SIZE, .p = PARALLEL};
    char salt[BASE64URL_SIZE(SALT_BYTES)];
    char key[BASE64URL_SIZE(KEY_BYTES)];
    random_bytes(kept.salt, SALT_BYTES);
    derive(password, &kept, kept.key);
    base64url_encode(kept.salt, SALT_BYTES, salt);
    base64url_encode(kept.key, KEY_BYTES, key);
    snprintf(out_text, PASSWORD_TEXT_SIZE, "scrypt$%d$%d$%d$%s$%s", LOG_N, BLOCK_SIZE, PARALLEL,
             salt, key);
    OPENSSL_cleanse(&kept, sizeof(kept));
}

bool password_matches(struct str password, struct str kept)
{
    struct kept parts = {.log_n = LOG_N, .r = BLOCK_SIZE, .p = PARALLEL};
    unsigned char key[KEY_BYTES];
    bool is_kept = kept_parse(kept, &parts);
    if (!is_kept) {
        parts = (struct kept){.log_n = LOG_N, .r = BLOCK_SIZE, .p = PARALLEL};
    }
    derive(str_head(password, PASSWORD_MAX_BYTES), &parts, key);
    bool matches = CRYPTO_memcmp(key, parts.key, KEY_BYTES) == 0 && is_kept &&
                   password.len <= PASSWORD_MAX_BYTES;
    OPENSSL_cleanse(key, sizeof(key));
    return matches;
}
