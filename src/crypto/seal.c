#include "crypto/seal.h"

#include <openssl/evp.h>

#include "crypto/random.h"

/* nonce, ciphertext, tag */
enum { NONCE_BYTES = 12, TAG_BYTES = 16 };

struct str seal_close(struct arena *arena, const struct digest *key, struct str bytes)
{
    REQUIRE(bytes.len <= INT_MAX);
    unsigned char *out = arena_alloc(arena, NONCE_BYTES + bytes.len + TAG_BYTES);
    unsigned char *text = out + NONCE_BYTES;
    int len = 0;
    int rest = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    REQUIRE(context != NULL);
    random_bytes(out, NONCE_BYTES);
    REQUIRE(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, out) == 1);
    REQUIRE(EVP_EncryptUpdate(context, text, &len, (const unsigned char *)bytes.ptr,
                              (int)bytes.len) == 1);
    REQUIRE(EVP_EncryptFinal_ex(context, text + len, &rest) == 1 && rest == 0);
    REQUIRE(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, text + bytes.len) == 1);
    EVP_CIPHER_CTX_free(context);
    return (struct str){(char *)out, NONCE_BYTES + bytes.len + TAG_BYTES};
}

bool seal_open(struct arena *arena, const struct digest *key, struct str sealed,
               struct str *out_bytes)
{
    if (sealed.len < NONCE_BYTES + TAG_BYTES || sealed.len > INT_MAX) {
        return false;
    }
    const unsigned char *nonce = (const unsigned char *)sealed.ptr;
    const unsigned char *text = nonce + NONCE_BYTES;
    size_t text_len = sealed.len - NONCE_BYTES - TAG_BYTES;
    unsigned char tag[TAG_BYTES];
    unsigned char *out = arena_alloc(arena, text_len + 1);
    int len = 0;
    int rest = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    REQUIRE(context != NULL);
    memcpy(tag, text + text_len, TAG_BYTES);
    REQUIRE(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, nonce) == 1);
    REQUIRE(EVP_DecryptUpdate(context, out, &len, text, (int)text_len) == 1);
    REQUIRE(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1);
    bool is_whole = EVP_DecryptFinal_ex(context, out + len, &rest) == 1;
    EVP_CIPHER_CTX_free(context);
    if (is_whole) {
        *out_bytes = (struct str){(char *)out, text_len};
    }
    return is_whole;
}
