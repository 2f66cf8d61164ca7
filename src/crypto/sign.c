#include "crypto/sign.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

struct sign_key sign_key_make(void)
{
    struct sign_key key;
    size_t len = 0;
    BIGNUM *number = NULL;
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    REQUIRE(pkey != NULL);
    REQUIRE(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
    REQUIRE(BN_bn2binpad(number, key.private_bytes, SIGN_PRIVATE_BYTES) == SIGN_PRIVATE_BYTES);
    REQUIRE(EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, key.public_bytes,
                                            SIGN_PUBLIC_BYTES, &len) == 1);
    REQUIRE(len == SIGN_PUBLIC_BYTES && key.public_bytes[0] == 4);
    BN_clear_free(number);
    EVP_PKEY_free(pkey);
    return key;
}

void sign_key_done(struct sign_key *key)
{
    OPENSSL_cleanse(key, sizeof(*key));
}

static EVP_PKEY *pkey_of(const struct sign_key *key)
{
    EVP_PKEY *pkey = NULL;
    BIGNUM *number = BN_bin2bn(key->private_bytes, SIGN_PRIVATE_BYTES, BN_secure_new());
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    REQUIRE(number != NULL && builder != NULL && context != NULL);
    REQUIRE(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
    REQUIRE(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1);
    REQUIRE(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, key->public_bytes,
                                             SIGN_PUBLIC_BYTES) == 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    REQUIRE(params != NULL && EVP_PKEY_fromdata_init(context) == 1);
    if (EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, params) != 1) {
        pkey = NULL;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_clear_free(number);
    return pkey;
}

/* From DER, as libcrypto signs, to the two numbers side by side, as JOSE has it. */
static bool to_jose(const unsigned char *der, size_t len, unsigned char *out_signature)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool is_fine =
        signature != NULL &&
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), out_signature, SIGN_COORDINATE_BYTES) > 0 &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out_signature + SIGN_COORDINATE_BYTES,
                     SIGN_COORDINATE_BYTES) > 0;
    ECDSA_SIG_free(signature);
    return is_fine;
}

bool sign_es256(const struct sign_key *key, struct str message,
                unsigned char out_signature[SIGN_SIGNATURE_BYTES])
{
    unsigned char der[128];
    size_t len = sizeof(der);
    EVP_PKEY *pkey = pkey_of(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    REQUIRE(context != NULL);
    bool is_signed =
        pkey != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pkey) == 1 &&
        EVP_DigestSign(context, der, &len, (const unsigned char *)message.ptr, message.len) == 1 &&
        to_jose(der, len, out_signature);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return is_signed;
}
