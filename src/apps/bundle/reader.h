/*
 * The entries of an archive, one after the other: what libarchive and zlib are used for, and the
 * limits on how much they may unpack. Used by unpack.c only.
 */
#ifndef INLAY_APPS_BUNDLE_READER_H
#define INLAY_APPS_BUNDLE_READER_H

#include "apps/bundle/unpack.h"

struct reader;

/* limits is borrowed until reader_close(). */
enum err reader_open(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     struct reader **out_reader, struct fault *fault) MUST_CHECK;

/*
 * Goes to the next regular file. *out_path, borrowed until the next call, passes path_check();
 * STR_NONE at the end of a sound archive. Folders and what base/leftout.h names are passed over;
 * links, devices and encrypted files are refused. Names come as UTF-8 in Unicode's form C.
 * libarchive ends a name at a NUL: what follows never reaches us.
 */
enum err reader_next(struct reader *reader, struct str *out_path, struct fault *fault) MUST_CHECK;

/* The next bytes of the file, as many as fit unless it ends before; 0 at its end, when its checksum
 * was right. */
enum err reader_data(struct reader *reader, void *buffer, size_t size, size_t *out_count,
                     struct fault *fault) MUST_CHECK;

/* How many files were passed over so far (base/leftout.h). */
int64_t reader_left_out(const struct reader *reader);

void reader_close(struct reader *reader); /* NULL is fine */

#endif
