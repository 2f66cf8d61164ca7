/*
 * Compressed variants of files, made once per upload, so that serving one costs nothing: gzip by
 * zlib (level 9) and Brotli by libbrotlienc (quality 9). The same bytes give the same variant.
 */
#ifndef INLAY_APPS_BUNDLE_COMPRESS_H
#define INLAY_APPS_BUNDLE_COMPRESS_H

#include "base/arena.h"

enum { COMPRESS_MIN_BYTES = 256 };

/* Is it a kind of file that compresses well (by its extension), and large enough to bother? */
bool compress_applies(struct str path, struct str bytes);

/* The compressed form, in the arena; STR_NONE if it would not be at least a tenth smaller. */
struct str compress_gzip(struct arena *arena, struct str bytes);
struct str compress_brotli(struct arena *arena, struct str bytes);

#endif
