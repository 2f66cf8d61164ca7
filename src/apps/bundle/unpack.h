/*
 * Bundles as they are uploaded: a gzip-compressed tar or a zip of static files, read by libarchive.
 *
 * An archive is read twice from its file on disk. The first pass checks all of it and keeps only
 * paths, sizes and digests; the second hands out the files one by one. So nothing reaches a sink
 * before the whole archive is known to be good, and memory holds one file at a time. Everything in
 * an archive is hostile until then.
 *
 * Folders are ignored, and so are hidden files and those that systems add (base/leftout.h). If all
 * files are inside of one top-level folder that holds an index.html, that folder is dropped from
 * the paths.
 *
 * Any thread may call; the calls block.
 */
#ifndef INLAY_APPS_BUNDLE_UNPACK_H
#define INLAY_APPS_BUNDLE_UNPACK_H

#include "base/err.h"
#include "apps/bundle/file.h"

enum unpack_type { UNPACK_TAR_GZ, UNPACK_ZIP };

/* The lengths of paths and the depth of folders are limited in base/limits.h. */
struct unpack_limits {
    int64_t unpacked_bytes_max; /* all files, and in a tar its own headers too */
    int64_t files_max;
    int64_t ratio_max; /* unpacked to packed; not applied to the first UNPACK_RATIO_FLOOR_BYTES */
    int64_t file_bytes_max; /* one file: what is held in memory */
};

enum { UNPACK_RATIO_FLOOR_BYTES = 1024 * 1024 };

struct unpack_summary {
    struct digest digest; /* of the content: paths and bytes, not times, modes or compression */
    int64_t files;
    int64_t bytes; /* of the files, unpacked */
};

/* Gets each file, sorted as in the archive. Borrowed until it returns. An error ends the reading
 * and is returned as it is. */
struct unpack_sink {
    enum err (*on_file)(void *context, const struct bundle_file *file, struct fault *fault);
    void *context;
};

/*
 * The first pass alone. ERR_STORAGE if the file at path cannot be read; otherwise ERR_INVALID with
 * one of the codes
 *
 *     bundle_damaged         not an archive of that type, cut off, a wrong checksum
 *     bundle_encrypted       a zip with a password
 *     bundle_link            a symbolic or hard link
 *     bundle_device          a device, FIFO or socket
 *     bundle_unsafe_path     see apps/bundle/path.h; one path twice; a file and a folder of one
 * name bundle_too_large       fault->limit is unpacked_bytes_max or file_bytes_max
 *     bundle_too_many_files  fault->limit is files_max
 *     bundle_ratio           fault->limit is ratio_max
 *     bundle_empty           no file at all
 *     bundle_no_index        no index.html
 */
enum err unpack_scan(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     struct unpack_summary *out_summary, struct fault *fault) MUST_CHECK;

/* Both passes: scans, then gives every file with its compressed variants to the sink. */
enum err unpack_read(const char *path, enum unpack_type type, const struct unpack_limits *limits,
                     const struct unpack_sink *sink, struct unpack_summary *out_summary,
                     struct fault *fault) MUST_CHECK;

#endif
