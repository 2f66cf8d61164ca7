#include "unit.h"

#include "base/clock.h"
#include "crypto/random.h"

static void every_byte_is_filled(void **state)
{
    (void)state;
    enum { COUNT = 1024, ROUNDS = 8 };
    unsigned char seen[COUNT] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char bytes[COUNT + 1] = {0};
        random_bytes(bytes, COUNT);
        assert_int_equal(bytes[COUNT], 0);
        for (size_t i = 0; i < COUNT; i++) {
            seen[i] |= bytes[i];
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_not_equal(seen[i], 0); /* by chance once in 2^54 */
    }
}

static void two_draws_differ(void **state)
{
    (void)state;
    unsigned char a[16];
    unsigned char b[16];
    random_bytes(a, sizeof(a));
    random_bytes(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

static void a_random_uuid_carries_the_time(void **state)
{
    (void)state;
    clock_set_ms(0x0123456789ab);
    struct uuid a = random_uuid();
    struct uuid b = random_uuid();
    clock_set_ms(0);
    assert_memory_equal(a.bytes, "\x01\x23\x45\x67\x89\xab", 6);
    assert_int_equal(a.bytes[6] >> 4, 7);
    assert_false(uuid_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_filled),
        cmocka_unit_test(two_draws_differ),
        cmocka_unit_test(a_random_uuid_carries_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
