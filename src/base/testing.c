#include "base/testing.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
    int64_t clock_ahead_ms;
    int64_t mistake;
};

static const struct control *control;

/* nginx clears its environment, so this looks at it first. Workers inherit the mapping. */
__attribute__((constructor)) static void testing_start(void)
{
    const char *path = getenv("INLAY_TEST_CONTROL");
    if (path == NULL) {
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    void *map = mmap(NULL, sizeof(*control), PROT_READ, MAP_SHARED, fd, 0);
    REQUIRE(map != MAP_FAILED);
    close(fd);
    control = map;
}

static void make_mistake(int64_t mistake)
{
    if (mistake == 1) {
        volatile size_t behind = 8;
        char *bytes = malloc(behind);
        REQUIRE(bytes != NULL);
        bytes[behind] = 1;
        free(bytes);
    } else if (mistake == 2) {
        volatile int most = INT_MAX;
        most = most + 1;
    }
}

int64_t testing_clock_ahead_ms(void)
{
    if (control == NULL) {
        return 0;
    }
    make_mistake(__atomic_load_n(&control->mistake, __ATOMIC_RELAXED));
    return __atomic_load_n(&control->clock_ahead_ms, __ATOMIC_RELAXED);
}
