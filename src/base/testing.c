#include "base/testing.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
    int64_t clock_ahead_ms;
    int64_t mistake;
    int64_t deadline_ms;
};

enum mistake { NO_MISTAKE, WRITES_BEHIND_ITS_MEMORY, OVERFLOWS, IS_STUCK };

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

static int64_t number(const int64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void make_mistake(void)
{
    int64_t mistake = number(&control->mistake);
    if (mistake == WRITES_BEHIND_ITS_MEMORY) {
        volatile size_t behind = 8;
        char *bytes = malloc(behind);
        REQUIRE(bytes != NULL);
        bytes[behind] = 1;
        free(bytes);
    } else if (mistake == OVERFLOWS) {
        volatile int most = INT_MAX;
        most = most + 1;
    }
}

int64_t testing_clock_ahead_ms(void)
{
    if (control == NULL) {
        return 0;
    }
    make_mistake();
    return number(&control->clock_ahead_ms);
}

void testing_write_event(void)
{
    while (control != NULL && gettid() != getpid() && number(&control->mistake) == IS_STUCK) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

int64_t testing_deadline_ms(void)
{
    return control == NULL ? 0 : number(&control->deadline_ms);
}
