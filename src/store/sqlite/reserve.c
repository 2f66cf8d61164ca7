#include "store/sqlite/reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

enum { PATH_BYTES = 4096, STEP_BYTES = 256 * 1024 };

int reserve_open(const char *database_path)
{
    char path[PATH_BYTES];
    struct str text;
    return str_print_fits(path, sizeof(path), &text, "%s.reserve", database_path)
               ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
               : -1;
}

static off_t size_of(int fd)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 ? status.st_size : 0;
}

bool reserve_use(int fd)
{
    return size_of(fd) > 0 && ftruncate(fd, 0) == 0;
}

void reserve_fill(int fd)
{
    off_t size = size_of(fd);
    while (fd >= 0 && size < RESERVE_BYTES && posix_fallocate(fd, size, STEP_BYTES) == 0) {
        size += STEP_BYTES;
    }
}
