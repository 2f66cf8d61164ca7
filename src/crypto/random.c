#include "crypto/random.h"

#include <openssl/rand.h>

#include "base/clock.h"

void random_bytes(void *out_bytes, size_t count)
{
    REQUIRE(count <= 1024 && RAND_bytes(out_bytes, (int)count) == 1);
}

struct uuid random_uuid(void)
{
    unsigned char random[10];
    random_bytes(random, sizeof(random));
    return uuid_make(clock_now_ms(), random);
}
