#include "unit.h"

#include "base/encode.h"
#include "crypto/digest.h"

static void assert_digest(struct digest digest, const char *hex)
{
    char text[HEX_SIZE(DIGEST_BYTES)];
    hex_encode(digest.bytes, DIGEST_BYTES, text);
    assert_string_equal(text, hex);
}

/* FIPS 180-4's examples */
static const char empty_hex[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char abc_hex[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void digests_are_sha256(void **state)
{
    (void)state;
    assert_digest(digest_of(STR("")), empty_hex);
    assert_digest(digest_of(STR_NONE), empty_hex);
    assert_digest(digest_of(STR("abc")), abc_hex);
}

static void a_stream_gives_the_same_in_pieces(void **state)
{
    (void)state;
    struct digest_stream *stream = digest_stream_new();
    digest_stream_add(stream, STR("a"));
    digest_stream_add(stream, STR(""));
    digest_stream_add(stream, STR("bc"));
    assert_digest(digest_stream_end(stream), abc_hex);
    assert_digest(digest_stream_end(digest_stream_new()), empty_hex);
    digest_stream_free(digest_stream_new());
    digest_stream_free(NULL);
}

static const unsigned char key[DIGEST_BYTES] = {1, 2, 3};

static void parts_that_read_alike_together_differ(void **state)
{
    (void)state;
    const struct str ab_c[] = {STR("ab"), STR("c")};
    const struct str a_bc[] = {STR("a"), STR("bc")};
    const struct str abc_none[] = {STR("abc"), STR_NONE};
    struct digest digests[] = {
        digest_hmac(key, ab_c, 2),     digest_hmac(key, a_bc, 2),     digest_hmac(key, abc_none, 2),
        digest_hmac(key, abc_none, 1), digest_hmac(key, abc_none, 0),
    };
    for (size_t a = 0; a < COUNT_OF(digests); a++) {
        for (size_t b = 0; b < a; b++) {
            assert_false(digest_equal(&digests[a], &digests[b]));
        }
    }
}

static void an_hmac_depends_on_its_key(void **state)
{
    (void)state;
    static const unsigned char other_key[DIGEST_BYTES] = {1, 2, 4};
    const struct str parts[] = {STR("part")};
    struct digest a = digest_hmac(key, parts, 1);
    struct digest again = digest_hmac(key, parts, 1);
    struct digest b = digest_hmac(other_key, parts, 1);
    assert_true(digest_equal(&a, &again));
    assert_false(digest_equal(&a, &b));
}

/* Labels of app origins are made from it, so it must not change: computed by
 * printf '\0\0\0\0\0\0\0\4part' | openssl mac -digest SHA256 -macopt hexkey:0102030…0 HMAC */
static void an_hmac_is_the_same_in_every_version(void **state)
{
    (void)state;
    const struct str parts[] = {STR("part")};
    assert_digest(digest_hmac(key, parts, 1),
                  "bd959c19f61e83d3f6f6a1a15a4bb3299b0a034f596193e314189219f15de740");
}

static void a_difference_in_any_byte_counts(void **state)
{
    (void)state;
    struct digest a = digest_of(STR("a"));
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        struct digest b = a;
        b.bytes[i] ^= 1;
        assert_false(digest_equal(&a, &b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_sha256),
        cmocka_unit_test(a_stream_gives_the_same_in_pieces),
        cmocka_unit_test(parts_that_read_alike_together_differ),
        cmocka_unit_test(an_hmac_depends_on_its_key),
        cmocka_unit_test(an_hmac_is_the_same_in_every_version),
        cmocka_unit_test(a_difference_in_any_byte_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
