/*
 * The cache folder: unpacked bundles that nginx serves files from.
 *
 *     <root>/<digest of the content>.2/index.html, index.html.gz, index.html.br, assets/…
 *     <root>/<digest of the content>.2/.packed/backup.tar.gz
 *     <root>/tmp/<digest>.<random>/    being written, or about to be deleted
 *
 * A content appears and disappears by one rename, so whoever finds its folder finds all of it. The
 * folder may be deleted at any time, as a whole or content by content: it is filled again from the
 * store. Several processes may use it at once.
 *
 * nginx takes index.html.gz for the compressed form of index.html, so that only our own variants
 * may have such names: files and folders that a bundle itself calls .gz or .br are below .packed, a
 * name that no path of a bundle has. The 2 is the layout's; folders of another one are deleted.
 *
 * nginx makes its ETag from a file's modification time and size. So each file, the compressed
 * variants too, gets as its time the first 31 bits of the SHA-256 of its own bytes, in seconds: the
 * ETag then depends on the content alone and is the same on every node and after every unpacking.
 * (See docs/decisions/0003-etag-from-content.md.)
 *
 * Errors: ERR_STORAGE with code cache_unwritable (full, read-only, not ours: an operator has to
 * act) and ERR_BUSY with code cache_vanished (somebody deleted the folder under us: try again).
 */
#ifndef INLAY_APPS_BUNDLE_CACHEFOLDER_H
#define INLAY_APPS_BUNDLE_CACHEFOLDER_H

#include "base/err.h"
#include "apps/bundle/file.h"

enum { CACHEFOLDER_PATH_SIZE = 4096 };

/* "<root>/<digest in hex>.2" */
void cachefolder_path(const char *root, const struct digest *digest,
                      char out_path[CACHEFOLDER_PATH_SIZE]);

bool cachefolder_has(const char *root, const struct digest *digest);

/* ---- filling ---------------------------------------------------------------------------------
 *
 *     err = cachefolder_open(root, &digest, &writer, fault);
 *     … err = cachefolder_add(writer, &file, fault); …      any order
 *     err = cachefolder_commit(writer, fault);               frees the writer, whatever it returns
 *   or
 *     cachefolder_abort(writer);                             NULL is fine; leaves nothing behind
 *
 * A writer belongs to one thread at a time. */
struct cachefolder_writer;

/* Makes root if it is absent; the folder above it must be there. */
enum err cachefolder_open(const char *root, const struct digest *digest,
                          struct cachefolder_writer **out_writer, struct fault *fault) MUST_CHECK;

/* The folder in a content that the file at this path is below: "" or "/.packed". */
const char *cachefolder_part(struct str path);

/* Writes the file and its variants. */
enum err cachefolder_add(struct cachefolder_writer *writer, const struct bundle_file *file,
                         struct fault *fault) MUST_CHECK;

/* Puts the content in its place. If another process was faster, that is fine. */
enum err cachefolder_commit(struct cachefolder_writer *writer, struct fault *fault) MUST_CHECK;
void cachefolder_abort(struct cachefolder_writer *writer);

/* ---- tidying ---- */

enum { CACHEFOLDER_TMP_MAX_AGE_S = 3600 };

/* Deletes contents that is_wanted does not want, and what writers that died left behind more than
 * CACHEFOLDER_TMP_MAX_AGE_S ago. Other files in the folder are left alone. */
enum err cachefolder_sweep(const char *root,
                           bool (*is_wanted)(void *context, const struct digest *digest),
                           void *context, struct fault *fault) MUST_CHECK;

#endif
