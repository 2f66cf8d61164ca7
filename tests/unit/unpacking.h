/*
 * A bundle's archive in a folder of its own: made item by item or byte by byte, and read again.
 */
#ifndef INLAY_UNIT_UNPACKING_H
#define INLAY_UNIT_UNPACKING_H

#include "unit.h"

#include <archive.h>
#include <archive_entry.h>

#include "base/arena.h"
#include "apps/bundle/unpack.h"

enum { UNPACKING_ARCHIVE_MAX = 8 * 1024 * 1024, UNPACKING_FILES_MAX = 16 };

extern struct unpacking {
    const enum unpack_type types[2];
    const struct unpack_limits limits;
    char folder[UNIT_FOLDER_SIZE];
    char path[UNIT_FOLDER_SIZE + 16]; /* of the archive */
    struct arena arena;
    struct fault fault;
    struct unpack_summary summary;
    struct bundle_file files[UNPACKING_FILES_MAX]; /* what the sink got */
    size_t file_count;
} unpacking;

struct item {
    const char *path;
    struct str bytes;
    unsigned kind;      /* AE_IFREG if 0 */
    const char *link;   /* target of a symbolic link */
    const char *linked; /* target of a hard link */
};

#define MAKE(type, ...)                                                                            \
    unpacking_write_items(unpacking_writer(type), (const struct item[]){__VA_ARGS__},              \
                          COUNT_OF(((const struct item[]){__VA_ARGS__})))

#define INDEX                                                                                      \
    {                                                                                              \
        .path = "index.html", .bytes = STR("hello")                                                \
    }

int unpacking_start(void **state);
int unpacking_end(void **state);

/* The archive's bytes, all of them. */
void unpacking_write(struct str bytes);
struct str unpacking_bytes(void);

/* The archive, of these items; MAKE is the short way. */
struct archive *unpacking_writer(enum unpack_type type);
void unpacking_write_items(struct archive *archive, const struct item *items, size_t count);

/* Bytes that compress best, and those that do not. */
struct str unpacking_zeros(size_t len);
struct str unpacking_noise(size_t len);

enum err unpacking_read(enum unpack_type type);
const struct bundle_file *unpacking_file(const char *name); /* of those that were read */

/* Both ways of reading accept it, or refuse it with no file getting through. */
void assert_unpack_read(enum unpack_type type);
void assert_unpack_refused(enum unpack_type type, const char *code);

#endif
